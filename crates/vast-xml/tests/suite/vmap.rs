//! Playlists of ad breaks.

use crate::read::{failure, fixture};
use std::num::NonZeroU32;
use std::time::Duration;
use vast_xml::model::Percent;
use vast_xml::vmap::{
    AdBreak, AdData, BreakEvent, BreakType, TemplateType, TimeOffset, VmapDocument, parse, with_error, write,
};
use vast_xml::{AnyDocument, Limits, ParseErrorKind, ParseOptions, WarningCode, parse_any};

fn playlist(xml: impl AsRef<[u8]>) -> VmapDocument {
    parse(xml.as_ref(), &ParseOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn fixture_playlist(name: &str) -> VmapDocument {
    playlist(fixture(name))
}

/// A playlist with one break that has `attributes` and `body`.
fn break_xml(attributes: &str, body: &str) -> String {
    format!(
        "<vmap:VMAP xmlns:vmap=\"http://www.iab.net/videosuite/vmap\" version=\"1.0\">\
         <vmap:AdBreak breakType=\"linear\" {attributes}>{body}</vmap:AdBreak></vmap:VMAP>"
    )
}

fn codes(document: &VmapDocument) -> Vec<&'static str> {
    document.warnings.iter().map(|warning| warning.code.as_str()).collect()
}

/// The ids of the ads inside a break.
fn ad_ids(one: &AdBreak) -> Vec<&str> {
    match one.ad_data() {
        Some(AdData::Vast(vast)) => vast.ads.iter().map(|ad| ad.id.as_deref().unwrap_or("-")).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_break_is_due_at_a_time_a_share_an_end_or_an_opportunity() {
    for (text, spelling, warnings) in [
        ("start", Some("start"), &[][..]),
        ("END", Some("end"), &["loose_value"]),
        ("00:10:23", Some("00:10:23"), &[]),
        ("00:10:23.125", Some("00:10:23.125"), &[]),
        ("90", Some("00:01:30"), &["loose_value"]),
        ("25%", Some("25%"), &[]),
        ("33.5%", Some("33.5%"), &[]),
        ("#1", Some("#1"), &[]),
        ("# 12", Some("#12"), &["loose_value"]),
        ("0%", Some("0%"), &[]),
        ("100%", Some("100%"), &[]),
        ("100.000001%", None, &["invalid_value"]),
        ("101%", None, &["invalid_value"]),
        ("4294%", None, &["invalid_value"]),
        ("#0", None, &["invalid_value"]),
        ("#+1", None, &["invalid_value"]),
        ("-00:01:00", None, &["invalid_value"]),
        ("middle", None, &["invalid_value"]),
    ] {
        let document = playlist(break_xml(&format!("timeOffset=\"{text}\""), ""));
        let one = &document.vmap.breaks[0];
        assert_eq!(one.time_offset.map(|offset| offset.to_string()).as_deref(), spelling, "{text}");
        assert_eq!(codes(&document), warnings, "{text}");
        assert_eq!(one.extra.attributes.is_empty(), spelling.is_some(), "{text}: kept when it makes no sense");
    }
}

#[test]
fn r030_a_playlist_is_known_with_any_prefix_and_namespace() {
    for name in ["VMAP", "vmap:VMAP", "v:VMAP", "vmap:vmap"] {
        let xml = format!("<{name} version=\"1.0\"><AdBreak timeOffset=\"start\" breakType=\"linear\"/></{name}>");
        assert_eq!(playlist(&xml).vmap.breaks[0].time_offset, Some(TimeOffset::Start), "{name}");
        assert!(matches!(parse_any(xml.as_bytes(), &ParseOptions::default()), Ok(AnyDocument::Vmap(_))), "{name}");
        assert_eq!(failure(&xml), ParseErrorKind::NotVast, "{name} is not VAST");
    }
    let vast = b"<VAST version=\"3.0\"/>";
    assert!(matches!(parse_any(vast, &ParseOptions::default()), Ok(AnyDocument::Vast(_))));
    let error = parse(vast, &ParseOptions::default()).expect_err("VAST is not VMAP");
    assert_eq!((error.kind, &*error.message), (ParseErrorKind::NotVast, "the root element is <VAST>, not <VMAP>"));
}

#[test]
fn the_reader_of_vast_reports_a_playlist() {
    let error = vast_xml::parse(&fixture("playlist"), &ParseOptions::default()).expect_err("VMAP");
    let said = "the root element is <vmap:VMAP>, not <VAST>: a playlist of ad breaks, not an ad response";
    assert_eq!(error.message, said);
}

#[test]
fn a_playlist_that_follows_the_standard_has_no_warnings() {
    let document = fixture_playlist("vmap-1.0");
    assert_eq!(codes(&document), [""; 0]);
    let [pre, mid, overlay, live, post] = &document.vmap.breaks[..] else { panic!("five breaks") };
    assert_eq!(pre.break_id.as_deref(), Some("preroll"));
    let events: Vec<&BreakEvent> = pre.tracking_events.iter().map(|tracking| &tracking.event).collect();
    assert_eq!(events, [&BreakEvent::BreakStart, &BreakEvent::BreakEnd, &BreakEvent::Error]);
    assert_eq!(mid.repeat_after, Some(Duration::from_secs(900)));
    assert_eq!(mid.source.as_ref().map(|source| source.follows_redirects()), Some(false));
    assert_eq!(ad_ids(mid), ["house"]);
    assert_eq!(overlay.break_types, [BreakType::NonLinear, BreakType::Display]);
    assert_eq!(overlay.extensions[0].element.elements().count(), 1);
    assert!(live.source.is_none());
    let Some(AdData::Tag(tag)) = post.ad_data() else { panic!("a tag") };
    assert_eq!((&*tag.uri, tag.is_vast()), ("https://pod.example/vast?slot=post", true));
    assert_eq!(document.vmap.extensions[0].extension_type.as_deref(), Some("https://cms.example/content"));
}

#[test]
fn several_ads_of_a_break_are_allowed_unless_forbidden() {
    let allowed = |attribute: &str| {
        let source = format!("<AdSource {attribute}><AdTagURI templateType=\"vast\">u</AdTagURI></AdSource>");
        let document = playlist(break_xml("timeOffset=\"start\"", &source));
        document.vmap.breaks[0].source.as_ref().map(|source| source.allows_multiple_ads())
    };
    assert_eq!(allowed(""), Some(true));
    assert_eq!(allowed("allowMultipleAds=\"true\""), Some(true));
    assert_eq!(allowed("allowMultipleAds=\"0\""), Some(false));
}

#[test]
fn r140_the_old_name_of_vast_ad_data_is_read_and_never_written() {
    for name in ["VASTAdData", "VASTData", "vmap:VASTData"] {
        let source =
            format!("<AdSource><{name}><VAST version=\"3.0\"><Ad id=\"a\"><InLine/></Ad></VAST></{name}></AdSource>");
        let document = playlist(break_xml("timeOffset=\"start\"", &source));
        assert_eq!(ad_ids(&document.vmap.breaks[0]), ["a"], "{name}");
        let written = write(&document.vmap);
        assert!(written.contains("<vmap:VASTAdData>") && !written.contains("VASTData>"), "{written}");
    }
}

#[test]
fn r033_comments_may_stand_anywhere_in_a_playlist() {
    let source =
        "<!--a--><AdSource><!--b--><AdTagURI templateType=\"vast\"><!--c-->u<!--d--></AdTagURI><!--e--></AdSource>";
    let document = playlist(format!("<!--0-->{}<!--9-->", break_xml("timeOffset=\"start\"", source)));
    let Some(AdData::Tag(tag)) = document.vmap.breaks[0].ad_data() else { panic!("a tag") };
    assert_eq!((&*tag.uri, codes(&document).len()), ("u", 0));
}

#[test]
fn vast_as_text_is_read_and_other_text_is_skipped() {
    let document = fixture_playlist("vmap-escaped-vast");
    let ads: Vec<Option<Vec<&str>>> =
        document.vmap.breaks.iter().map(|one| one.ad_data().map(|_| ad_ids(one))).collect();
    let [cdata, escaped, split, twice, broken, page, words] = &ads[..] else { panic!("{ads:?}") };
    assert_eq!(cdata.as_deref(), Some(&["in-cdata"][..]));
    assert_eq!(escaped.as_deref(), Some(&["escaped"][..]));
    assert_eq!((split.as_deref(), twice.as_deref()), (Some(&[][..]), Some(&[][..])));
    assert_eq!(broken.as_deref(), Some(&["whole"][..]));
    assert_eq!((page, words), (&None, &None));
    let kept = &document.vmap.breaks[6].source.as_ref().expect("a source").extra.elements[0];
    assert_eq!(kept.text(), "no fill");
    let Some(AdData::Vast(vast)) = document.vmap.breaks[1].ad_data() else { panic!("VAST") };
    assert_eq!(vast.ads[0].wrapper().expect("a wrapper").vast_ad_tag_uri, "https://e.example/?a=1&b=2");
}

#[test]
fn r071_places_inside_cdata_are_those_of_the_document() {
    let document = fixture_playlist("vmap-escaped-vast");
    let unknown = document.warnings.iter().find(|warning| warning.code == WarningCode::UnknownElement);
    let place = unknown.expect("a warning for <Surprise>").position;
    assert!(fixture("vmap-escaped-vast")[place.offset..].starts_with(b"<Surprise/>"));
    assert_eq!(place.line, 7);
}

#[test]
fn r071_deviations_in_escaped_vast_are_reported_at_its_position() {
    for (inside, last) in [("&lt;Nonsense/&gt;&lt;/VAST&gt;", "unknown_element"), ("&lt;Ad&gt;", "invalid_value")] {
        let source = format!("<AdSource><VASTAdData>&lt;VAST version=\"3.0\"&gt;{inside}</VASTAdData></AdSource>");
        let xml = break_xml("timeOffset=\"start\"", &source);
        let document = playlist(&xml);
        let place = xml.find("<VASTAdData").expect("it is there");
        let noted = document.warnings.iter().filter(|warning| warning.position.offset == place);
        let noted: Vec<&str> = noted.map(|warning| warning.code.as_str()).collect();
        assert_eq!(noted, ["escaped_vast", last], "{:?}", document.warnings);
    }
}

#[test]
fn complete_breaks_and_ads_before_the_damage_are_kept() {
    let document = fixture_playlist("vmap-truncated");
    let [first, second] = &document.vmap.breaks[..] else { panic!("{} breaks", document.vmap.breaks.len()) };
    assert!(matches!(first.ad_data(), Some(AdData::Tag(_))));
    assert_eq!(ad_ids(second), ["whole"]);
    assert_eq!(codes(&document), ["damaged"]);
    let nothing = parse(b"<VMAP version=\"1.0\"><AdBreak timeOffset=\"start\"><AdSou", &ParseOptions::default());
    assert_eq!(nothing.expect_err("nothing complete").kind, ParseErrorKind::NotXml);
}

#[test]
fn r072_strict_mode_reads_only_playlists_without_deviations() {
    let strict = ParseOptions { strict: true, ..ParseOptions::default() };
    for name in ["vmap-1.0", "vmap-no-breaks", "playlist"] {
        assert!(parse(&fixture(name), &strict).is_ok(), "{name}");
    }
    for name in ["vmap-loose", "vmap-escaped-vast", "vmap-truncated"] {
        let error = parse(&fixture(name), &strict).expect_err(name);
        assert!(matches!(error.kind, ParseErrorKind::Strict), "{name}: {error}");
    }
}

#[test]
fn r070_limits_hold_over_all_breaks_together() {
    type Limited = fn(usize) -> Limits;
    let read = |xml: &str, limits: Limits| parse(xml.as_bytes(), &ParseOptions { limits, ..ParseOptions::default() });
    let one = "<AdBreak timeOffset=\"start\" breakType=\"linear\"><AdSource><VASTAdData><![CDATA[<VAST version=\"3.0\"><Ad/><Ad/></VAST>]]>\
               </VASTAdData></AdSource><TrackingEvents><Tracking event=\"error\">u</Tracking></TrackingEvents></AdBreak>";
    let xml = format!("<VMAP version=\"1.0\">{}</VMAP>", one.repeat(3));
    let limited: [(&str, usize, Limited); 4] = [
        ("breaks", 3, |breaks| Limits { breaks, ..Limits::default() }),
        ("ads", 6, |ads| Limits { ads, ..Limits::default() }),
        ("trackers", 3, |trackers| Limits { trackers, ..Limits::default() }),
        ("elements", 25, |elements| Limits { elements, ..Limits::default() }),
    ];
    for (name, needed, limit) in limited {
        assert_eq!(read(&xml, limit(needed)).map(|read| read.vmap.breaks.len()), Ok(3), "{name}");
        let error = read(&xml, limit(needed - 1)).expect_err(name);
        assert_eq!(error.kind, ParseErrorKind::Limit, "{name}: {error}");
    }
}

#[test]
fn r193_vast_is_written_as_xml_in_the_right_namespaces() {
    let written = write(&fixture_playlist("vmap-escaped-vast").vmap);
    assert!(written.contains("<vmap:VASTAdData>\n        <VAST version=\"3.0\">"), "{written}");
    assert!(written.contains("xmlns:vmap=\"http://www.iab.net/videosuite/vmap\""), "{written}");
    let wrong = "<vmap:VMAP xmlns:vmap=\"http://www.iab.net/vmap-1.0\" version=\"1.0\"/>";
    let written = write(&playlist(wrong).vmap);
    assert!(!written.contains("vmap-1.0"), "{written}");
    assert_eq!(codes(&playlist(wrong)), ["loose_value"]);
}

#[test]
fn r195_reading_what_was_written_gives_the_same_playlist() {
    for name in ["vmap-1.0", "vmap-loose", "vmap-escaped-vast", "vmap-truncated", "vmap-no-breaks", "playlist"] {
        let read = fixture_playlist(name).vmap;
        let written = write(&read);
        let again = playlist(&written).vmap;
        assert_eq!(write(&again), written, "{name}");
        if read.version.is_some() {
            assert_eq!(again, read, "{name}\n{written}");
        }
    }
}

#[test]
fn vast_is_vast_of_any_version_and_case() {
    for (name, known, vast) in [
        ("vast3", TemplateType::Vast3, true),
        ("VAST", TemplateType::Vast, true),
        ("vast42", TemplateType::Other("vast42".into()), true),
        ("Proprietary", TemplateType::Proprietary, false),
        ("acme", TemplateType::Other("acme".into()), false),
        ("é", TemplateType::Other("é".into()), false),
    ] {
        let read = TemplateType::from_name(name);
        assert_eq!((read.is_vast(), read), (vast, known), "{name}");
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a_break_is_somewhere_in_the_content_or_nowhere() {
    let third = TimeOffset::Position(NonZeroU32::MIN.saturating_add(2));
    for (offset, spelling, known, unknown) in [
        (TimeOffset::Start, "start", Some(0), Some(0)),
        (TimeOffset::End, "end", Some(600), None),
        (TimeOffset::Time(MINUTE), "00:01:00", Some(60), Some(60)),
        (TimeOffset::Time(11 * MINUTE), "00:11:00", None, Some(660)),
        (TimeOffset::Percent(Percent::whole(50)), "50%", Some(300), None),
        (TimeOffset::Percent(Percent::whole(101)), "101%", None, None),
        (third, "#3", None, None),
    ] {
        assert_eq!(offset.to_string(), spelling);
        assert_eq!(offset.within(Some(10 * MINUTE)).map(|point| point.as_secs()), known, "{spelling}");
        assert_eq!(offset.within(None).map(|point| point.as_secs()), unknown, "{spelling}");
    }
}

#[test]
fn the_message_cannot_add_a_macro_or_a_parameter() {
    let url = "https://t/[ERROR_CODE]?m=[ERROR_MESSAGE]&v=[ERRORCODE]";
    assert_eq!(
        with_error(url, 1008, "status 500 & [CACHEBUSTING] [ERROR_CODE] é"),
        "https://t/1008?m=status%20500%20%26%20%5BCACHEBUSTING%5D%20%5BERROR_CODE%5D%20%C3%A9&v=[ERRORCODE]"
    );
    let long = with_error("[ERROR_MESSAGE]", 900, &"é".repeat(150));
    assert_eq!(long.len(), 100 * 6, "cut between two characters");
}
