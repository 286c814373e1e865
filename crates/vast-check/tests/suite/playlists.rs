//! The findings in playlists (VMAP) and in the VAST inside them.

use crate::rules::{form, of_rule, report, words};
use vast_check::{DocumentKind, Rule};

#[test]
fn the_macros_of_a_playlist_are_its_own() {
    let with = |event: &str, inner: &str| {
        let tracking = format!(
            "<TrackingEvents><Tracking event='{event}'>https://e.example/[ERROR_CODE]</Tracking></TrackingEvents>"
        );
        let vmap = format!(
            "<VMAP version='1.0'><AdBreak timeOffset='start' breakType='linear'>{inner}{tracking}</AdBreak></VMAP>"
        );
        let found = report(&vmap);
        found.findings.iter().filter(|finding| finding.rule.contains("macro")).count()
    };
    assert_eq!(with("error", "<AdSource><AdTagURI templateType='vast3'>https://a.example</AdTagURI></AdSource>"), 0);
    let in_vast = report(&form("@head<Error>https://e.example/[ERROR_CODE]</Error>@tail", true));
    assert_eq!(of_rule(&in_vast, Rule::MacroMisspelt, words(Rule::MacroMisspelt)).len(), 1, "{in_vast:#?}");
}

#[test]
fn a_playlist_is_looked_into() {
    let ad = "<VAST version='3.0'><Ad><InLine><Error>https://e.example/[ERRORCOD]</Error></InLine></Ad></VAST>";
    let vmap = format!(
        "<vmap:VMAP xmlns:vmap='http://www.iab.net/videosuite/vmap' version='1.0'><vmap:AdBreak><vmap:AdSource><vmap:VASTAdData>{ad}</vmap:VASTAdData></vmap:AdSource></vmap:AdBreak></vmap:VMAP>"
    );
    let found = report(&vmap);
    assert_eq!((found.kind, found.version.as_deref()), (DocumentKind::Vmap, Some("1.0")));
    assert_eq!(of_rule(&found, Rule::MacroMisspelt, words(Rule::MacroMisspelt)).len(), 1, "{found:#?}");
    assert!(found.remarks.contains(&vast_check::Remark::Vmap));
}

/// Every deviation in a playlist with its line and its section of the standard: in the playlist, in VAST as XML, and in
/// VAST as text.
#[test]
fn warnings_of_the_parser_about_a_playlist_are_findings() {
    let ad = |title: &str| format!("<VAST version='3.0'><Ad><InLine><{title}>x</{title}></InLine></Ad></VAST>");
    let vmap = format!(
        "<VMAP version='1.0'><AdBreak breakType='linear' timeOffset='soon'>
<AdSource><VASTAdData>{}</VASTAdData></AdSource></AdBreak><AdBreak breakType='linear' timeOffset='end'>
<AdSource><VASTAdData><![CDATA[{}]]></VASTAdData></AdSource></AdBreak></VMAP>",
        ad("adtitle"),
        ad("ADTITLE"),
    );
    let found = report(&vmap);
    let of = |rule: Rule| {
        let found = of_rule(&found, rule, words(rule)).into_iter();
        found.map(|finding| (finding.span.map_or(0, |span| span.start.line), finding.section)).collect::<Vec<_>>()
    };
    // If vastlint runs, it finds both mistakes, too.
    let [(line, section)] = of(Rule::InvalidValue)[..] else { panic!("{found:#?}") };
    assert!(line == 1 && section.contains("VMAP 1.0.1"), "{found:#?}");
    let [(line, section)] = of(Rule::EscapedVast)[..] else { panic!("{found:#?}") };
    assert!(line == 3 && section.contains("VMAP 1.0.1"), "{found:#?}");
    // If vastlint runs, it also finds the mistake in VAST as XML. Both findings then become one, with our text as its
    // note.
    let is_case = |words: &str| words.ends_with("should be <AdTitle>");
    let cases = found.findings.iter().filter(|one| is_case(&one.message) || one.note.as_deref().is_some_and(is_case));
    let lines: Vec<_> = cases.map(|one| one.span.map_or(0, |span| span.start.line)).collect();
    assert_eq!(lines, [2, 3], "{found:#?}");
    assert_eq!(of(Rule::Oddity), [], "{found:#?}");
}

/// Findings about a playlist itself cite VMAP, those about the VAST in it cite VAST.
#[test]
fn findings_about_the_playlist_itself_cite_vmap() {
    let with = |content: &str| format!("<VMAP version='1.0'>{content}</VMAP>");
    let twice = "<Tracking event='breakStart'>https://e.example/1</Tracking>".repeat(2);
    let ad_break = |content: &str| with(&format!("<AdBreak timeOffset='start' breakType='linear'>{content}</AdBreak>"));
    let vast = |content: &str| ad_break(&format!("<AdSource><VASTAdData>{content}</VASTAdData></AdSource>"));
    let cases = [
        (with(&"<AdBreak/>".repeat(2)), Rule::Limit, "VMAP 1.0.1, 2.3"),
        (vast("<VAST version='3.0'><Ad/><Ad/><Ad/></VAST>"), Rule::Limit, "VAST 4.3, 2.3.6.3"),
        (with(""), Rule::NoAd, "VMAP 1.0.1, 2.3"),
        (vast("<VAST version='3.0'/>"), Rule::NoAd, "VAST 4.3, 2.3.6.3"),
        (ad_break(&format!("<TrackingEvents>{twice}</TrackingEvents>")), Rule::DuplicateTracker, "VMAP 1.0.1, 2.3"),
    ];
    for (vmap, rule, section) in cases {
        let options = vast_check::CheckOptions {
            limits: vast_xml::Limits { breaks: 1, ads: 2, ..vast_xml::Limits::default() },
            ..vast_check::CheckOptions::default()
        };
        let report = vast_check::check(vmap.as_bytes(), &options);
        let of_rule = report.findings.iter().filter(|one| one.rule == rule.id());
        assert_eq!(of_rule.map(|one| one.section).collect::<Vec<_>>(), [section], "{vmap}: {report:#?}");
    }
}

#[test]
fn a_prefix_that_is_not_declared_is_reported_once() {
    let found = report("<v:VAST version='4.2' w:a='1'><v:Ad><v:InLine w:b='2'/></v:Ad></v:VAST>");
    let prefixes = of_rule(&found, Rule::UndeclaredPrefix, "").into_iter().map(|finding| finding.message.as_str());
    assert_eq!(prefixes.collect::<Vec<_>>(), ["the prefix v: is not declared", "the prefix w: is not declared"]);
}
