//! Conversion of documents to other versions.

use crate::read::{document, fixture_document, inline_xml, linear_xml};
use vast_xml::convert::{Change, Conversion, to_version, write_version};
use vast_xml::model::{InLine, Linear, Place, Vast};
use vast_xml::{Version, write};

fn converted(xml: &str, version: Version) -> Conversion {
    to_version(&document(xml).vast, version)
}

fn inline(conversion: &Conversion) -> &InLine {
    conversion.vast.ads[0].inline().expect("an InLine")
}

fn linear(conversion: &Conversion) -> &Linear {
    inline(conversion).creatives[0].linear.as_ref().expect("a Linear")
}

/// The changes, without the change of the version.
fn changes(conversion: &Conversion) -> Vec<String> {
    conversion.changes.iter().map(Change::to_string).filter(|change| !change.starts_with("VAST@version")).collect()
}

/// Converts the document to the version `through`, writes it, reads it, and converts it to `to`.
fn by_way_of(xml: &str, through: Version, to: Version) -> Conversion {
    converted(&write(&converted(xml, through).vast), to)
}

const RICH: &str = r#"
  <AdServingId>serving</AdServingId><Category authority="https://iab.example">IAB1</Category><Advertiser id="a">shoes.example</Advertiser>
  <Pricing model="CPM" currency="EUR">2.50</Pricing><Expires>60</Expires>
  <ViewableImpression id="v"><Viewable>https://x.example/viewed</Viewable></ViewableImpression>
  <AdVerifications><Verification vendor="v"><JavaScriptResource apiFramework="omid">https://v.example/v.js</JavaScriptResource>
    <VerificationParameters><![CDATA[{"a": "<&>"}]]></VerificationParameters></Verification></AdVerifications>"#;

/// The names of the elements that begin on lines with this indentation. Equal names in a row are listed once.
fn names(written: &str, depth: usize) -> Vec<&str> {
    let indentation = "  ".repeat(depth);
    let lines = written.lines().filter_map(|line| line.strip_prefix(indentation.as_str())?.strip_prefix('<'));
    let mut names: Vec<&str> = lines
        .filter(|line| !line.starts_with('/'))
        .map(|line| line.split(['>', ' ', '/']).next().unwrap_or(line))
        .collect();
    names.dedup();
    names
}

#[test]
fn r181_elements_are_in_the_order_of_the_versions_schema() {
    let xml = inline_xml(&format!("<Error>https://x.example/e</Error><Description>d</Description>{RICH}"));
    let of = |version| write_version(&converted(&xml, version).vast, version);
    let two = of(Version::V2_0);
    assert_eq!(
        names(&two, 3),
        ["AdSystem", "AdTitle", "Description", "Error", "Impression", "Creatives", "Extensions"]
    );
    let three = [
        "AdSystem",
        "AdTitle",
        "Description",
        "Advertiser",
        "Pricing",
        "Error",
        "Impression",
        "Creatives",
        "Extensions",
    ];
    assert_eq!(names(&of(Version::V3_0), 3), three);
    let four = [
        "AdSystem",
        "Error",
        "Impression",
        "Pricing",
        "ViewableImpression",
        "AdServingId",
        "AdTitle",
        "AdVerifications",
        "Advertiser",
        "Category",
        "Creatives",
        "Description",
        "Expires",
    ];
    assert_eq!(names(&of(Version::V4_1), 3), four);
}

#[test]
fn r181_a_linear_ad_is_ordered_too() {
    let xml = linear_xml(
        "<MediaFiles><MediaFile>https://x.example/m</MediaFile></MediaFiles><VideoClicks><ClickThrough>https://x.example/p</ClickThrough>
         <CustomClick>https://x.example/c</CustomClick><ClickTracking>https://x.example/t</ClickTracking></VideoClicks><Duration>00:00:10</Duration>
         <TrackingEvents><Tracking event='start'>https://x.example/s</Tracking></TrackingEvents><AdParameters>p</AdParameters>",
    );
    let of = |version| write_version(&converted(&xml, version).vast, version);
    let clicks = |version| {
        names(&of(version), 7).into_iter().filter(|name| name.contains("Click")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        names(&of(Version::V2_0), 6),
        ["Duration", "TrackingEvents", "AdParameters", "VideoClicks", "MediaFiles"]
    );
    assert_eq!(
        names(&of(Version::V4_0), 6),
        ["TrackingEvents", "AdParameters", "Duration", "MediaFiles", "VideoClicks"]
    );
    assert_eq!(clicks(Version::V2_0), ["ClickThrough", "ClickTracking", "CustomClick"]);
    assert_eq!(clicks(Version::V4_0), ["ClickTracking", "CustomClick", "ClickThrough"]);
    assert_eq!(clicks(Version::V4_2), ["ClickTracking", "ClickThrough", "CustomClick"]);
}

#[test]
fn r181_names_are_those_of_the_version() {
    let creative = r#"<Creative id="c" adId="own"><CompanionAds><Companion adSlotId="s"/></CompanionAds><Linear/>
        <CreativeExtensions><CreativeExtension type="x"><y/></CreativeExtension></CreativeExtensions></Creative>"#;
    let xml = inline_xml("").replace("<Creative/>", creative);
    let of = |version| write_version(&converted(&xml, version).vast, version);
    let spelled = |name: &str| Version::ALL.map(|version| of(version).contains(name));
    assert_eq!(spelled(" AdID=\"own\""), [true, true, false, false, false, false]);
    assert_eq!(spelled(" adId=\"own\""), [false, false, true, true, true, true]);
    assert_eq!(spelled(" adSlotID=\"s\""), [false, false, true, false, false, false]);
    assert_eq!(spelled(" adSlotId=\"s\""), [false, true, false, true, true, true]);
    assert_eq!(spelled(" idValue="), [false, false, true, false, false, false]);
    let extension = |version| {
        let written = of(version);
        let lines = written.lines().filter(|line| line.contains("<CreativeExtensions>"));
        lines.map(|line| line.len() - line.trim_start().len()).collect::<Vec<_>>()
    };
    // One level deeper: in `Linear`.
    assert_eq!(
        [extension(Version::V2_0), extension(Version::V3_0), extension(Version::V4_0)],
        [vec![], vec![12], vec![10]]
    );
    for version in Version::ALL {
        assert_eq!(document(&of(version)).vast, document(&write(&converted(&xml, version).vast)).vast, "{version}");
    }
}

#[test]
fn r180_the_namespace_is_declared_since_4_0() {
    let written = |version| write_version(&converted(&inline_xml(""), version).vast, version);
    for version in Version::ALL {
        let is_declared = written(version).contains(r#" xmlns="http://www.iab.com/VAST""#);
        assert_eq!(is_declared, version >= Version::V4_0, "{version}");
        assert!(written(version).contains(&format!("<VAST version=\"{version}\"")));
    }
    let declared = inline_xml("").replace("<VAST ", r#"<VAST xmlns="http://www.iab.com/VAST" "#);
    assert!(!write_version(&converted(&declared, Version::V3_0).vast, Version::V3_0).contains("xmlns"));
}

#[test]
fn r178_uris_are_in_cdata_in_every_version() {
    let url = "https://x.example/?a=1&b=]]>&c=<d>";
    let xml = inline_xml("<Error><![CDATA[https://x.example/?a=1&b=]]]]><![CDATA[>&c=<d>]]></Error>");
    for version in Version::ALL {
        let written = write_version(&converted(&xml, version).vast, version);
        assert!(
            written.contains("<Error><![CDATA[https://x.example/?a=1&b=]]]]><![CDATA[>&c=<d>]]></Error>"),
            "{written}"
        );
        assert_eq!(document(&written).vast.ads[0].errors(), [url]);
    }
}

#[test]
fn r182_parts_that_2_0_does_not_have_are_moved_to_extensions_and_back() {
    let xml = inline_xml(RICH);
    let direct = converted(&xml, Version::V4_2);
    let older = converted(&xml, Version::V2_0);
    let types: Vec<&str> = inline(&older).extensions.iter().filter_map(|one| one.extension_type.as_deref()).collect();
    let expected =
        ["AdServingId", "Category", "Advertiser", "Pricing", "Expires", "ViewableImpression", "AdVerifications"];
    assert_eq!(types, expected);
    assert_eq!(older.losses().count(), 0, "{:?}", changes(&older));
    let written = write(&older.vast);
    for name in expected {
        let native = format!("\n      <{name}");
        assert!(!written.contains(&native), "{name} stands in a 2.0 document");
    }
    let back = by_way_of(&xml, Version::V2_0, Version::V4_2);
    let without_creatives = |conversion: &Conversion| {
        let mut inline = inline(conversion).clone();
        inline.creatives.clear();
        inline
    };
    assert_eq!(without_creatives(&back), without_creatives(&direct));
}

#[test]
fn r182_the_addendums_parts_have_the_addendums_form() {
    let xml = linear_xml(
        r#"<Icons><Icon program="AdChoices"><StaticResource creativeType="image/png">https://x.example/c.png</StaticResource>
             <IconViewTracking>https://x.example/icon</IconViewTracking></Icon></Icons><Duration>00:00:10</Duration>
           <MediaFiles><MediaFile id="m" delivery="progressive" type="video/mp4" width="1" height="1">https://x.example/m</MediaFile>
             <Mezzanine delivery="progressive" type="video/mp4" width="1" height="1">https://x.example/raw</Mezzanine>
             <InteractiveCreativeFile type="text/html" apiFramework="SIMID">https://x.example/simid</InteractiveCreativeFile></MediaFiles>"#,
    );
    let carried = |version| {
        let older = converted(&xml, version);
        let of_ad = inline(&older).extensions.iter().map(|one| ("ad", one));
        let of_creative = inline(&older).creatives[0].creative_extensions.iter().map(|one| ("creative", one));
        let shown = of_ad.chain(of_creative).map(|(place, one)| {
            let part = one.element.elements().next().expect("a part");
            let link = part.attribute("mediaFileId").map_or(String::new(), |id| format!(" mediaFileId={id}"));
            format!("{place} {} {}{link}", one.element.name, part.name)
        });
        shown.collect::<Vec<_>>()
    };
    assert_eq!(
        carried(Version::V2_0),
        [
            "ad Extension Mezzanine mediaFileId=m",
            "ad Extension InteractiveCreativeFile mediaFileId=m",
            "ad Extension Icon mediaFileId=m",
        ]
    );
    let in_creative = ["creative CreativeExtension Mezzanine", "creative CreativeExtension InteractiveCreativeFile"];
    assert_eq!(carried(Version::V3_0), in_creative);
    assert_eq!(carried(Version::V4_1), [""; 0]);
    let back = by_way_of(&xml, Version::V2_0, Version::V4_2);
    assert_eq!(linear(&back), linear(&converted(&xml, Version::V4_2)));
    assert_eq!(linear(&back).icons[0].place, Place::Native);
}

#[test]
fn r182_parts_that_cannot_be_moved_are_dropped_and_reported() {
    let xml = linear_xml(
        r#"<Duration>00:00:10</Duration><MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="1" height="1"
           codec="avc1" fileSize="7" future="1">https://x.example/m</MediaFile></MediaFiles>"#,
    )
    .replace("<Linear>", r#"<Linear skipoffset="00:00:05">"#)
    .replace("<Ad>", r#"<Ad id="1" adType="hybrid">"#);
    let file = "VAST/Ad[1]/InLine/Creatives/Creative[1]/Linear/MediaFiles/MediaFile[1]";
    let expected = [
        "VAST/Ad[1]@adType: dropped".to_owned(),
        "VAST/Ad[1]/InLine/Creatives/Creative[1]/Linear@skipoffset: dropped".to_owned(),
        format!("{file}@codec: dropped"),
        format!("{file}@fileSize: dropped"),
        format!("{file}@future: dropped"),
    ];
    let older = converted(&xml, Version::V2_0);
    assert_eq!(changes(&older), expected);
    assert_eq!(older.losses().count(), expected.len());
}

#[test]
fn r182_a_creative_of_several_kinds_is_split_for_versions_with_one_kind_in_each() {
    let xml = inline_xml("").replace(
        "<Creative/>",
        r#"<Creative id="c" sequence="1"><CompanionAds><Companion width="1" height="1"/></CompanionAds><Linear/></Creative>"#,
    );
    let older = converted(&xml, Version::V3_0);
    let shown = inline(&older)
        .creatives
        .iter()
        .map(|one| (one.id.as_deref(), one.linear.is_some(), one.companion_ads.is_some()));
    assert_eq!(shown.collect::<Vec<_>>(), [(Some("c"), true, false), (Some("c"), false, true)]);
    assert_eq!(inline(&converted(&xml, Version::V4_0)).creatives.len(), 1);
}

#[test]
fn r182_a_wrapper_keeps_its_trackers_and_loses_parts_that_its_version_does_not_have() {
    let xml = r#"<VAST version="4.2"><Ad id="1"><Wrapper followAdditionalWrappers="0"><AdSystem>s</AdSystem>
        <VASTAdTagURI>https://x.example/next</VASTAdTagURI><Impression id="i">https://x.example/i</Impression>
        <BlockedAdCategories authority="https://iab.example">IAB1,IAB2</BlockedAdCategories>
        <Creatives><Creative><Linear><TrackingEvents><Tracking event="skip">https://x.example/skip</Tracking></TrackingEvents>
          <VideoClicks><ClickThrough>https://x.example/page</ClickThrough><ClickTracking>https://x.example/click</ClickTracking></VideoClicks>
        </Linear></Creative></Creatives></Wrapper></Ad></VAST>"#;
    let older = converted(xml, Version::V2_0);
    assert_eq!(
        changes(&older),
        [
            "VAST/Ad[1]/Wrapper/BlockedAdCategories: moved to the extension `BlockedAdCategories`",
            "VAST/Ad[1]/Wrapper/Creatives/Creative[1]/Linear/TrackingEvents: moved to the extension `TrackingEvents`",
            "VAST/Ad[1]/Wrapper@followAdditionalWrappers: dropped",
            "VAST/Ad[1]/Wrapper/Impression[1]@id: dropped",
            "VAST/Ad[1]/Wrapper/Creatives/Creative[1]/Linear/VideoClicks/ClickThrough: dropped",
        ]
    );
    let back = by_way_of(xml, Version::V2_0, Version::V4_3);
    let wrapper = back.vast.ads[0].wrapper().expect("a Wrapper");
    let linear = wrapper.creatives[0].linear.as_ref().expect("a Linear");
    assert_eq!(linear.tracking_events[0].url, "https://x.example/skip");
    assert_eq!(wrapper.blocked_ad_categories[0].categories, ["IAB1", "IAB2"]);
}

#[test]
fn r183_parts_that_the_version_requires_are_filled_in() {
    let bare = "<VAST><Ad><InLine><Creatives><Creative><Linear/></Creative></Creatives></InLine></Ad></VAST>";
    let newer = converted(bare, Version::V4_2);
    let inline = inline(&newer);
    let id = &inline.creatives[0].universal_ad_ids[0];
    assert_eq!(inline.ad_system.as_ref().map(|system| system.name.as_str()), Some("unknown"));
    assert_eq!(inline.ad_title.as_deref(), Some("unknown"));
    assert!(inline.impressions[0].is_placeholder());
    assert_eq!((id.registry.as_deref(), id.value.as_str()), (Some("unknown"), "unknown"));
    assert_eq!(inline.ad_serving_id.as_ref().map(|id| id.len()), Some(16));
    let filled = changes(&newer).iter().filter(|change| change.contains("filled in with")).count();
    assert_eq!(filled, 5);

    let older = converted(bare, Version::V2_0);
    assert_eq!(older.vast.ads[0].id.as_deref(), Some("1"));
    assert_eq!(older.vast.ads[0].inline().expect("an InLine").ad_serving_id, None);
}

#[test]
fn r183_the_serving_id_is_the_same_for_the_same_ad_only() {
    let id = |impression: &str| {
        let xml = inline_xml(&format!("<Impression>https://x.example/{impression}</Impression>"));
        inline(&converted(&xml, Version::V4_1)).ad_serving_id.clone().expect("filled in")
    };
    assert_eq!(id("1"), id("1"));
    assert_ne!(id("1"), id("2"));
}

#[test]
fn r184_both_names_of_a_creative_are_written_where_one_is_known() {
    let with = |attributes: &str, id: &str, version| {
        let creative = format!("<Creative {attributes}>{id}</Creative>");
        let newer = converted(&inline_xml("").replace("<Creative/>", &creative), version);
        let creative = &inline(&newer).creatives[0];
        let id = creative.universal_ad_ids.first();
        (creative.ad_id.clone(), id.map(|id| (id.registry.clone().expect("one"), id.value.clone())))
    };
    let text = |text: &str| vast_xml::Text::from(text);
    let known = Some((text("ad-id.org"), text("SHOE0001000H")));
    let universal = r#"<UniversalAdId idRegistry="ad-id.org">SHOE0001000H</UniversalAdId>"#;
    assert_eq!(with("", universal, Version::V4_2), (Some(text("SHOE0001000H")), known.clone()));
    assert_eq!(with("adId='own'", universal, Version::V4_2), (Some(text("own")), known));
    assert_eq!(with("adId='own'", "", Version::V4_2), (Some(text("own")), Some((text("unknown"), text("own")))));
    // Version 2.0 has the older name only; it is read there, too.
    assert_eq!(with("", universal, Version::V2_0).0, Some(text("SHOE0001000H")));
}

#[test]
fn r187_root_errors_stand_alone() {
    let mixed = inline_xml("").replace("<Ad>", "<Error>https://x.example/none</Error><Ad>");
    let newer = converted(&mixed, Version::V4_2);
    assert_eq!((newer.vast.errors.len(), newer.vast.ads.len()), (0, 1));
    assert!(changes(&newer).contains(&"VAST/Error[1]: dropped".to_owned()));
    let empty = converted("<VAST version='3.0'><Error>https://x.example/none</Error></VAST>", Version::V4_2);
    assert_eq!(empty.vast.errors, ["https://x.example/none"]);
}

#[test]
fn r189_macros_stay_as_they_are() {
    let url = "https://x.example/?e=[ERRORCODE]&t=[TIMESTAMP]&x=%%PATTERN%%&y=${Z}";
    for version in Version::ALL {
        let written = write(&converted(&inline_xml(&format!("<Error><![CDATA[{url}]]></Error>")), version).vast);
        assert!(written.contains(&format!("<Error><![CDATA[{url}]]></Error>")), "{version}: {written}");
    }
}

#[test]
fn r190_positions_in_a_pod_are_unique_and_begin_with_1() {
    let pod = |sequences: &[&str]| {
        let ads = sequences.iter().map(|one| {
            inline_xml("").split_once("<Ad>").expect("an ad").1.replace("</VAST>", "").replacen(
                "<InLine>",
                &format!("<Ad {one}><InLine>"),
                1,
            )
        });
        let newer = converted(&format!("<VAST version='4.2'>{}</VAST>", ads.collect::<String>()), Version::V4_2);
        newer.vast.ads.iter().map(|ad| ad.sequence).collect::<Vec<_>>()
    };
    assert_eq!(pod(&["sequence='3'", "", "sequence='3'", "sequence='2'"]), [Some(2), None, Some(3), Some(1)]);
    assert_eq!(pod(&["sequence='2'", "sequence='1'"]), [Some(2), Some(1)]);
    assert_eq!(pod(&["", "sequence='0'"]), [None, None]);
    let older = to_version(&fixture_document("pod-3.0").vast, Version::V2_0);
    assert!(older.vast.ads.iter().all(|ad| ad.sequence.is_none()), "2.0 has no pods");
}

#[test]
fn r191_a_media_file_has_one_bitrate_or_a_range() {
    let with = |attributes: &str| {
        let file = format!("<MediaFiles><MediaFile {attributes}>https://x.example/m</MediaFile></MediaFiles>");
        let newer = converted(&linear_xml(&file), Version::V4_2);
        let file = &linear(&newer).media_files[0];
        (file.bitrate, file.min_bitrate, file.max_bitrate)
    };
    let all = "bitrate='500' minBitrate='300' maxBitrate='900'";
    assert_eq!(with(&format!("delivery='progressive' {all}")), (Some(500), None, None));
    assert_eq!(with(&format!("delivery='streaming' {all}")), (None, Some(300), Some(900)));
    assert_eq!(with("maxBitrate='900'"), (None, Some(900), Some(900)));
    assert_eq!(with("bitrate='500' maxBitrate='900'"), (Some(500), None, None));
}

#[test]
fn r192_extensions_go_through_every_version_unchanged() {
    let extension =
        r#"<Extension type="vendor" v:a="1" xmlns:v="urn:v"> <v:x>&lt;<![CDATA[{"a": 1}]]></v:x><!--c--></Extension>"#;
    let xml = inline_xml(&format!("<Extensions>{extension}</Extensions>"));
    let before = document(&xml).vast.ads[0].inline().expect("an InLine").extensions.clone();
    for version in Version::ALL {
        let conversion = converted(&xml, version);
        let after = &inline(&conversion).extensions;
        assert_eq!(after[0], before[0], "{version}");
    }
}

/// The name of the event `raw` in a `Linear` of each version; empty if the event was moved to an extension.
fn renamed(raw: &str) -> Vec<String> {
    let events = format!("<TrackingEvents><Tracking event='{raw}'>https://x.example/e</Tracking></TrackingEvents>");
    let of = |version| {
        let conversion = converted(&linear_xml(&events), version);
        linear(&conversion).tracking_events.first().map_or(String::new(), |one| one.event.raw().to_owned())
    };
    Version::ALL.map(of).into()
}

#[test]
fn r196_events_have_the_names_of_one_version() {
    let cases = [
        ("fullscreen", ["fullscreen", "fullscreen", "playerExpand", "playerExpand", "playerExpand", "playerExpand"]),
        (
            "playerCollapse",
            ["collapse", "exitFullscreen", "playerCollapse", "playerCollapse", "playerCollapse", "playerCollapse"],
        ),
        ("expand", ["expand", "fullscreen", "playerExpand", "playerExpand", "playerExpand", "playerExpand"]),
        ("closeLinear", ["close", "closeLinear", "close", "closeLinear", "closeLinear", "closeLinear"]),
        (
            "acceptInvitationLinear",
            [
                "acceptInvitation",
                "acceptInvitationLinear",
                "acceptInvitationLinear",
                "acceptInvitation",
                "acceptInvitation",
                "acceptInvitation",
            ],
        ),
        ("stop", ["close", "closeLinear", "close", "closeLinear", "closeLinear", "closeLinear"]),
        ("replay", ["rewind"; 6]),
        ("loaded", ["", "", "", "loaded", "loaded", "loaded"]),
        ("interactiveStart", ["", "", "", "", "interactiveStart", "interactiveStart"]),
        ("timeSpentViewing", ["", "", "timeSpentViewing", "", "", ""]),
        ("skip", ["", "skip", "skip", "skip", "skip", "skip"]),
        ("vendorThing", [""; 6]),
    ];
    for (raw, names) in cases {
        assert_eq!(renamed(raw), names, "{raw}");
    }
}

#[test]
fn r196_trackers_without_a_name_travel_and_come_back() {
    let events = "<TrackingEvents><Tracking event='skip'>https://x.example/skip</Tracking>\
                  <Tracking event='vendorThing'>https://x.example/thing</Tracking></TrackingEvents>";
    let shown = |conversion: &Conversion| -> Vec<String> {
        linear(conversion).tracking_events.iter().map(|one| one.event.raw().to_owned()).collect()
    };
    let older = converted(&linear_xml(events), Version::V2_0);
    assert_eq!(shown(&older), [""; 0]);
    assert!(write(&older.vast).contains("https://x.example/thing"));
    let back = by_way_of(&linear_xml(events), Version::V2_0, Version::V4_2);
    assert_eq!(shown(&back), ["skip"]);
    assert!(write(&back.vast).contains("https://x.example/thing"));
}

#[test]
fn r182_xml_encoded_parameters_are_decoded_where_nothing_says_that_they_are_encoded() {
    let xml = linear_xml("<AdParameters xmlEncoded='true'>&amp;lt;a/&amp;gt;</AdParameters>");
    let parameters = |version| linear(&converted(&xml, version)).ad_parameters.clone().expect("parameters");
    assert_eq!((parameters(Version::V2_0).raw.as_str(), parameters(Version::V2_0).xml_encoded), ("<a/>", None));
    assert_eq!(
        (parameters(Version::V3_0).raw.as_str(), parameters(Version::V3_0).xml_encoded),
        ("&lt;a/&gt;", Some(true))
    );
}

#[test]
fn the_version_attribute_is_that_of_the_conversion() {
    let empty = Vast::default();
    let conversion = to_version(&empty, Version::V3_0);
    assert_eq!(conversion.vast.version.as_deref(), Some("3.0"));
    assert_eq!(conversion.changes.iter().map(Change::to_string).collect::<Vec<_>>(), ["VAST@version: `` became `3.0`"]);
}
