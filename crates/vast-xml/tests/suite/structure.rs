//! The structure of the model for all versions, orders, namespaces and cases.

use crate::read::{
    codes, document, failure, fixture_document, inline, inline_xml, linear, linear_xml, only_ad, only_inline,
    only_linear, only_wrapper,
};
use vast_xml::model::{AdType, Event, InLine, Node, RenderingMode, Vast};
use vast_xml::{Document, Limits, ParseErrorKind, ParseOptions, Version, WarningCode, parse};

#[test]
fn r029_documents_with_any_declared_version_are_read() {
    for version in ["1.0", "2.0", "3.0", "4", "4.1.0", "9.9", "", "unknown"] {
        let xml = inline_xml("<AdServingId>new in 4.1</AdServingId>").replace("4.2", version);
        assert_eq!(only_inline(&document(&xml)).ad_serving_id.as_deref(), Some("new in 4.1"), "{version}");
    }
    let numbers = ["4.1.0", "3.0+", "4", " 2.0 ", "x", ""]
        .map(|version| document(&format!("<VAST version=\"{version}\"><Error>e</Error></VAST>")).vast.version_number());
    assert_eq!(numbers, [Some((4, 1)), Some((3, 0)), Some((4, 0)), Some((2, 0)), None, None]);
}

/// The writer adds the namespace of VAST 4, so the reader keeps its declaration only in documents of other versions, at its place.
#[test]
fn the_declaration_of_the_namespace_is_kept_where_the_writer_adds_none() {
    let kept = |attributes: &str| {
        let vast = document(&format!("<VAST {attributes}><Error>e</Error></VAST>")).vast;
        vast.extra.attributes.iter().map(|one| format!("{}={}", one.name, one.value)).collect::<Vec<_>>().join(" ")
    };
    let namespace = "xmlns='http://www.iab.com/VAST'";
    let declaration = "xmlns=http://www.iab.com/VAST";
    assert_eq!(kept(&format!("version='4.2' {namespace}")), "");
    assert_eq!(kept(&format!("{namespace} a='1' version='4.0'")), "a=1");
    assert_eq!(kept("version='4.2' xmlns='http&#58;//www.iab.com/VAST'"), "");
    assert_eq!(kept("version='4.2' xmlns='http://www.iab.com/VAST '"), "xmlns=http://www.iab.com/VAST ");
    assert_eq!(kept("version='4.2' xmlns='u'"), "xmlns=u");
    assert_eq!(kept(&format!("a='1' {namespace} b='2' version='3.0'")), format!("a=1 {declaration} b=2"));
    assert_eq!(kept(namespace), declaration);
}

/// The first child of an ad is only a hint at its kind.
#[test]
fn the_kind_of_an_ad_does_not_depend_on_what_stands_before_its_content() {
    let wrapper = "<Wrapper><VASTAdTagURI>u</VASTAdTagURI></Wrapper>";
    let inline = "<InLine><AdTitle>t</AdTitle></InLine>";
    let read = |content: &str| {
        let Document { vast, warnings, .. } =
            document(&format!("<VAST version='4.2'><Ad id='1'>{content}</Ad></VAST>"));
        let [ad] = vast.ads.as_slice() else { panic!("{content}: {vast:?}") };
        let title = ad.inline().and_then(|inline| inline.ad_title.as_deref());
        let url = ad.wrapper().map(|wrapper| wrapper.vast_ad_tag_uri.to_string());
        (title.map(str::to_owned), url, warnings.iter().any(|warning| warning.code == WarningCode::AmbiguousAd))
    };
    for before in ["", "\n  ", "<!-- -->", "text", "<Wrapped/>", "<Wrappers/>", "<InLiner/>"] {
        assert_eq!(read(&format!("{before}{wrapper}")), (None, Some("u".to_owned()), false), "{before}");
        assert_eq!(read(&format!("{before}{inline}")), (Some("t".to_owned()), None, false), "{before}");
        assert_eq!(read(&format!("{before}{wrapper}{inline}")), (Some("t".to_owned()), None, true), "{before}");
    }
}

/// One document of each version, with the elements that only this version has.
#[test]
fn r029_each_version_has_its_own_parts() {
    let read = |name: &str| {
        let document = fixture_document(name);
        (document.vast.version_number(), only_inline(&document).clone())
    };
    let linear = |inline: &InLine| inline.creatives[0].linear.clone().expect("a linear ad");
    let (version, own) = read("template-1.0-inline");
    assert_eq!((version, &*own.impressions[1].url), (Some((1, 0)), "http://ancient.example/impression-2"));
    let (version, own) = read("inline-2.0");
    assert_eq!((version, linear(&own).media_files[0].api_framework.as_deref()), (Some((2, 0)), Some("VPAID")));
    let (version, own) = read("inline-3.0");
    assert_eq!((version, linear(&own).icons[0].program.as_deref()), (Some((3, 0)), Some("AdChoices")));
    let (version, own) = read("inline-4.0");
    assert_eq!((version, &*own.creatives[0].universal_ad_ids[0].value), (Some((4, 0)), "1234"));
    let (version, own) = read("companions");
    assert_eq!((version, own.ad_serving_id.as_deref()), (Some((4, 1)), Some("c")));
    let (version, own) = read("inline-4.2");
    assert_eq!((version, own.creatives[0].universal_ad_ids.len()), (Some((4, 2)), 2));
    let (version, own) = read("audio-4.3");
    assert_eq!((version, linear(&own).closed_caption_files[1].language.as_deref()), (Some((4, 3)), Some("fr-CA")));
    let (version, own) = read("non-linear-4.4");
    let overlay = own.creatives[0].non_linear_ads.as_ref().expect("an overlay");
    assert_eq!((version, overlay.non_linears[0].duration.is_some()), (Some((4, 4)), true));
}

#[test]
fn r030_roots_are_known_with_any_prefix() {
    let vast = |name: &str| document(&format!("<{name} xmlns:p=\"u\" version=\"3.0\"><p:Error>e</p:Error></{name}>"));
    assert_eq!(vast("VAST").vast.errors, ["e"]);
    assert_eq!(vast("p:VAST").vast.errors, ["e"]);
    assert_eq!(vast("p:VideoAdServingTemplate").vast.errors, ["e"]);
    for root in ["VMAP", "vmap:VMAP"] {
        let error = parse(format!("<{root}/>").as_bytes(), &ParseOptions::default()).expect_err("VMAP is not VAST");
        assert_eq!(error.kind, ParseErrorKind::NotVast);
        assert!(error.message.contains(root), "{error}");
    }
}

#[test]
fn r031_elements_are_matched_by_local_name() {
    let document = fixture_document("unknown-parts");
    let inline = only_inline(&document);
    assert_eq!(inline.impressions[0].url, "https://u.example/i");
    assert_eq!(inline.creatives[0].linear.as_ref().expect("linear").tracking_events[0].url, "https://u.example/start");
}

#[test]
fn r032_order_means_nothing() {
    let forward = inline("<Error>e</Error><Description>d</Description><Expires>5</Expires>");
    let backward = inline("<Expires>5</Expires><Description>d</Description><Error>e</Error>");
    assert_eq!(forward, backward);
    assert_eq!(forward.expires, Some(5));
}

#[test]
fn r033_comments_may_stand_anywhere() {
    let xml = inline_xml("<!--a--><Error><!--b-->https://e<!--c-->.example<!--d--></Error><!--e-->");
    let document = document(&format!("<!--0-->{xml}<!--9-->"));
    assert_eq!(only_inline(&document).errors, ["https://e.example"]);
    assert!(codes(&document).is_empty());
}

#[test]
fn r037_elements_without_a_url_are_dropped() {
    let inline = inline("<Error/><Error> \n </Error><Error><![CDATA[ ]]></Error><Error>https://e.example</Error>");
    assert_eq!(inline.errors, ["https://e.example"]);
    let linear = linear(
        "<TrackingEvents><Tracking event=\"start\"/></TrackingEvents><VideoClicks><ClickThrough/></VideoClicks>",
    );
    assert_eq!((linear.tracking_events.len(), linear.click_through), (0, None));
}

#[test]
fn r038_about_blank_is_a_placeholder() {
    let inline = inline("<Impression> about:blank </Impression><Impression>ABOUT:BLANK</Impression>");
    let placeholders: Vec<bool> = inline.impressions.iter().map(|impression| impression.is_placeholder()).collect();
    assert_eq!(placeholders, [false, true, true]);
}

#[test]
fn r039_wrong_case_is_put_right_with_a_warning() {
    let document = fixture_document("wrong-case");
    let ad = only_ad(&document);
    let linear = only_inline(&document).creatives[0].linear.as_ref().expect("linear");
    assert_eq!((ad.id.as_deref(), ad.sequence), (Some("1"), Some(3)));
    assert_eq!(linear.tracking_events[0].event, Event::FirstQuartile);
    assert_eq!(linear.media_files[0].width, Some(640));
    assert!(linear.skip_offset.is_some());
    assert!(document.warnings.iter().all(|warning| warning.code == WarningCode::WrongCase));
    let first = &document.warnings[0];
    assert_eq!((first.position.line, first.position.column, first.position.offset), (1, 1, 0));
    assert_eq!(document.warnings.len(), 25);
}

#[test]
fn r040_ad_id_is_one_field() {
    for spelling in ["AdID", "adId", "adID"] {
        let creative = format!(
            "<VAST version=\"2.0\"><Ad><Wrapper><Creatives><Creative {spelling}=\"7\"/></Creatives></Wrapper></Ad></VAST>"
        );
        assert_eq!(only_wrapper(&document(&creative)).creatives[0].ad_id.as_deref(), Some("7"));
    }
    let silent = document(&inline_xml("<Creatives><Creative AdID=\"7\"/></Creatives>"));
    assert!(codes(&silent).is_empty(), "2.0 spells it so");
}

#[test]
fn r046_extensions_are_kept_whole() {
    let extension = "<Extension type=\"geo\" xmlns:x=\"urn:x\"><x:Country code=\"FR\">fr<!--c--><![CDATA[<&>]]></x:Country> tail</Extension>";
    let inline = inline(&format!("<Extensions>{extension}</Extensions>"));
    let [kept] = &inline.extensions[..] else { panic!("one extension") };
    assert!(kept.is("GEO"));
    assert_eq!(kept.element.attribute("xmlns:x").map(|value| &**value), Some("urn:x"));
    let country = kept.element.element("Country").expect("the country");
    assert_eq!((&*country.name, country.attribute("code").map(|code| &**code)), ("x:Country", Some("FR")));
    let expected = [Node::Text("fr".into()), Node::Comment("c".into()), Node::CData("<&>".into())];
    assert_eq!(country.children, expected);
    assert_eq!(kept.element.children[1], Node::Text(" tail".into()));
}

#[test]
fn r047_unknown_parts_are_kept_where_they_were() {
    let document = fixture_document("unknown-parts");
    let ad = only_ad(&document);
    let inline = only_inline(&document);
    let linear = inline.creatives[0].linear.as_ref().expect("linear");
    assert_eq!(ad.extra.attributes[0].name, "priority");
    assert_eq!(linear.media_files[0].extra.attributes[0].name, "xsi:type");
    assert_eq!(linear.media_files[0].extra.attributes[1].value, "300MB");
    let names: Vec<&str> = inline.extra.elements.iter().map(|element| &*element.name).collect();
    assert_eq!(names, ["vendor:Deal", "v:AdSystem"]);
    let children: Vec<(&str, usize)> = inline.extra.children.iter().map(|child| (&*child.name, child.index)).collect();
    assert_eq!(children, [("AdTitle", 0), ("Creatives", 0)]);
    let deal = &inline.extra.elements[0];
    assert_eq!(deal.element("Floor").expect("floor").text(), "1.20");
    let group = linear.extra.of_child("TrackingEvents", 0).expect("an unknown part of the group");
    assert_eq!(group.elements.len(), 1);
}

#[test]
fn r048_several_universal_ad_ids_and_text_beats_id_value() {
    let inline = inline(
        "<Creatives><Creative><UniversalAdId idRegistry=\"a\" idValue=\"old\">new</UniversalAdId>\
         <UniversalAdId idRegistry=\"b\" idValue=\"only\"/><UniversalAdId idRegistry=\"unknown\">unknown</UniversalAdId></Creative></Creatives>",
    );
    let ids = &inline.creatives[1].universal_ad_ids;
    let values: Vec<(&str, bool)> = ids.iter().map(|id| (&*id.value, id.is_unknown())).collect();
    assert_eq!(values, [("new", false), ("only", false), ("unknown", true)]);
    assert_eq!(ids[0].extra.attributes[0].value, "old", "kept, not used");
}

#[test]
fn r049_trackers_are_lists_at_every_level() {
    let inline = inline("<Impression>https://x.example/i</Impression><Error>a</Error><Error>a</Error>");
    assert_eq!((inline.impressions.len(), inline.errors.len()), (2, 2));
    let tracker = "<Tracking event=\"start\">u</Tracking>";
    let linear = linear(&format!(
        "<TrackingEvents>{tracker}{tracker}</TrackingEvents><TrackingEvents>{tracker}</TrackingEvents>\
         <VideoClicks><ClickTracking>c</ClickTracking><ClickTracking>c</ClickTracking></VideoClicks>"
    ));
    assert_eq!((linear.tracking_events.len(), linear.click_tracking.len()), (3, 2));
}

#[test]
fn r052_an_inline_without_impression_is_used_with_a_warning() {
    let xml = inline_xml("").replace("<Impression>https://x.example/i</Impression>", "");
    let document = document(&xml);
    assert!(only_inline(&document).impressions.is_empty());
    assert_eq!(document.warnings[0].message, "<InLine> without <Impression>");
}

#[test]
fn r053_non_linear_trackers_are_read_at_both_levels() {
    let document = fixture_document("non-linear-4.4");
    let ads = only_inline(&document).creatives[0].non_linear_ads.as_ref().expect("non-linear ads");
    assert_eq!(ads.tracking_events[0].url, "https://screen.example/first");
    assert_eq!(ads.non_linears[0].tracking_events[0].url, "https://screen.example/misplaced-close");
    assert_eq!(ads.non_linears[0].tracking_events[0].event.name(), "close");
}

#[test]
fn r056_the_non_linear_parts_of_4_4_are_read() {
    let document = fixture_document("non-linear-4.4");
    let ads = only_inline(&document).creatives[0].non_linear_ads.as_ref().expect("non-linear ads");
    let moving = &ads.non_linears[0];
    assert_eq!(moving.media_files[0].url, "https://cdn.example/pause.webm");
    assert_eq!(moving.interactive_creative_files[0].api_framework.as_deref(), Some("SIMID"));
    assert_eq!(moving.duration.map(|duration| duration.as_secs()), Some(20));
    assert_eq!(moving.custom_clicks[0].id.as_deref(), Some("more"));
    assert_eq!(ads.icons[0].program.as_deref(), Some("AdChoices"));
}

#[test]
fn r060_an_ad_without_content_is_left_out_and_the_others_survive() {
    let document = fixture_document("unusable-ads");
    let ids: Vec<Option<&str>> = document.vast.ads.iter().map(|ad| ad.id.as_deref()).collect();
    assert_eq!(ids, [Some("both"), Some("bare"), Some("good")]);
    assert!(document.vast.ads[0].inline().is_some(), "the InLine is preferred");
    assert_eq!(codes(&document)[..3], ["unusable_ad", "unknown_element", "ambiguous_ad"]);
    assert_eq!(failure("<Ad/>"), ParseErrorKind::NotVast);
    assert_eq!(ParseErrorKind::NotVast.vast_error_code(), 101);
}

#[test]
fn r061_one_bad_part_never_invalidates_the_ad() {
    let linear = linear(
        "<Icons><Icon width=\"?\" duration=\"??\"/></Icons><Duration>???</Duration><MediaFiles><MediaFile/>\
         <MediaFile width=\"x\" delivery=\"?\">https://m.example</MediaFile></MediaFiles>",
    );
    assert_eq!((linear.icons.len(), linear.media_files.len(), linear.duration), (1, 1, None));
    assert_eq!(linear.media_files[0].width, None);
}

#[test]
fn r062_root_errors_are_apart_from_those_of_ads() {
    let xml =
        inline_xml("<Error>https://ad.example</Error>").replace("<Ad>", "<Error>https://root.example</Error><Ad>");
    let document = document(&xml);
    assert_eq!(document.vast.errors, ["https://root.example"]);
    assert_eq!(only_ad(&document).errors(), ["https://ad.example"]);
}

#[test]
fn r063_only_a_positive_sequence_is_a_pod_position() {
    let document = fixture_document("pod-3.0");
    let sequences: Vec<Option<u32>> = document.vast.ads.iter().map(|ad| ad.sequence).collect();
    assert_eq!(sequences, [Some(2), Some(1), None, None]);
    assert_eq!(document.vast.ads[3].extra.attributes[0].value, "first");
}

#[test]
fn r063_an_ad_at_a_taken_pod_position_is_kept_in_its_order_with_a_warning() {
    let document = fixture_document("sequences");
    let ads: Vec<(&str, Option<u32>)> =
        document.vast.ads.iter().map(|ad| (ad.id.as_deref().unwrap_or("-"), ad.sequence)).collect();
    let pod = [("third", Some(5)), ("buffet", None), ("first", Some(1)), ("first again", Some(1))];
    assert_eq!(ads[..4], pod);
    assert_eq!(ads[4..], [("none", None), ("negative", None)]);
    assert_eq!(codes(&document), ["duplicate_sequence", "invalid_value"]);
}

#[test]
fn r064_defaults() {
    let document = document("<VAST version=\"3.0\"><Ad><Wrapper/></Ad></VAST>");
    let wrapper = only_wrapper(&document);
    assert!(wrapper.follows_additional_wrappers());
    assert!(!wrapper.allows_multiple_ads(Some((3, 0))));
    assert!(!wrapper.allows_multiple_ads(None));
    assert!(wrapper.allows_multiple_ads(Some((2, 0))), "2.0 had no such attribute");
    assert_eq!(only_ad(&document).ad_type.clone().unwrap_or_default(), AdType::Video);
    let linear = linear("<Icons><Icon/></Icons><MediaFiles><MediaFile>u</MediaFile></MediaFiles>");
    assert_eq!((linear.icons[0].px_ratio(), linear.media_files[0].media_type()), (1.0, "2D"));
    let given = inline(
        "<Creatives><Creative><CompanionAds><Companion/><Companion pxratio=\"2\"/></CompanionAds></Creative></Creatives>",
    );
    let companions = &given.creatives[1].companion_ads.as_ref().expect("companions").companions;
    assert_eq!((companions[0].px_ratio(), companions[1].px_ratio()), (1.0, 2.0));
}

#[test]
fn r065_a_bitrate_may_stand_beside_its_bounds() {
    let (own, least, most) = ("bitrate=\"5000\"", "minBitrate=\"4500\"", "maxBitrate=\"5500\"");
    for order in [[own, least, most], [least, own, most], [least, most, own], [most, least, own]] {
        let file = format!("<MediaFiles><MediaFile {}>u</MediaFile></MediaFiles>", order.join(" "));
        let document = document(&linear_xml(&file));
        let file = &only_linear(&document).media_files[0];
        assert_eq!((file.bitrate, file.min_bitrate, file.max_bitrate), (Some(5000), Some(4500), Some(5500)));
        assert!(!codes(&document).contains(&"invalid_value"), "{:?}", document.warnings);
    }
    assert!(codes(&fixture_document("inline-4.2")).is_empty(), "it has all three");
}

#[test]
fn r066_an_interactive_file_may_be_a_data_url() {
    let url = "data:text/html;base64,PGI+aGk8L2I+";
    let xml =
        format!("<MediaFiles><InteractiveCreativeFile type=\"text/html\">{url}</InteractiveCreativeFile></MediaFiles>");
    assert_eq!(linear(&xml).interactive_creative_files[0].url, url);
}

#[test]
fn r067_blocked_categories_are_split_at_commas() {
    let document = fixture_document("wrapper-4.2");
    let [blocked] = &only_wrapper(&document).blocked_ad_categories[..] else { panic!("one list") };
    assert_eq!(blocked.categories, ["IAB1-1", "IAB2", "IAB3"]);
    assert_eq!(blocked.authority.as_deref(), Some("https://taxonomy.example"));
}

#[test]
fn r068_an_empty_rendering_mode_is_the_default() {
    let document = fixture_document("companions");
    let ads = only_inline(&document).creatives[0].companion_ads.as_ref().expect("companions");
    let modes: Vec<Option<RenderingMode>> =
        ads.companions.iter().map(|companion| companion.rendering_mode.clone()).collect();
    let theirs = RenderingMode::Other("theirs".into());
    assert_eq!(modes, [Some(RenderingMode::EndCard), Some(RenderingMode::Default), Some(theirs), None]);
}

#[test]
fn r071_every_leniency_is_reported_with_its_place() {
    let document = document("<VAST version=\"3.0\">\n  <Ad><Wrapper>\n    <Nonsense/></Wrapper></Ad></VAST>");
    let found: Vec<(&str, u32, u32)> = document
        .warnings
        .iter()
        .map(|warning| (warning.code.as_str(), warning.position.line, warning.position.column))
        .collect();
    let missing = ("missing_element", 2, 7);
    assert_eq!(found, [missing, missing, missing, ("unknown_element", 3, 5)]);
}

#[test]
fn r072_strict_mode_refuses_deviations_and_nothing_else() {
    let strict = ParseOptions { strict: true, limits: Limits::default(), ..ParseOptions::default() };
    let read = |xml: &str| parse(xml.as_bytes(), &strict).map_err(|error| (error.kind, error.position.column));
    assert!(read(&inline_xml("<Error/>")).is_ok(), "an empty URL is legal");
    let deviating = inline_xml("<Nonsense/>");
    let column = u32::try_from(deviating.find("<Nonsense").expect("it is there")).expect("short") + 1;
    assert_eq!(read(&deviating).expect_err("unknown"), (ParseErrorKind::Strict, column));
    assert!(read("<VAST version=\"3.0\"><ad/></VAST>").is_err());
    assert_eq!(ParseErrorKind::Strict.vast_error_code(), 101);
    let whole = String::from_utf8(crate::read::fixture("inline-4.2")).expect("UTF-8");
    assert!(read(&whole).is_ok());
}

#[test]
fn every_version_is_read_as_it_is_written() {
    for version in Version::ALL {
        assert_eq!(version.to_string().parse(), Ok(version));
    }
    let error = "4.4".parse::<Version>().expect_err("not yet");
    assert_eq!(error.to_string(), "`4.4` is not a version that can be written: 2.0, 3.0, 4.0, 4.1, 4.2, 4.3");
}

#[test]
fn a_document_is_of_the_version_that_it_begins_with() {
    let of = |version: &str| Version::of(&Vast::new(version));
    assert_eq!([of("2.0.1"), of("3"), of(" 4.2 ")], [Version::V2_0, Version::V3_0, Version::V4_2].map(Some));
    assert_eq!([of("1.0"), of("4.4"), of("next"), Version::of(&Vast::default())], [None; 4]);
}
