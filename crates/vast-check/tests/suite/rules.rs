//! For every rule of ours: a document that breaks it, with the marked text, and one that does not.

use std::collections::BTreeSet;

use vast_check::{CheckOptions, DocumentKind, Finding, Report, Rule, check};
use vast_xml::WarningCode;

/// A document in two forms: `{broken|sound}` is `broken` in the first form and `sound` in the second.
struct Case {
    rule: Rule,
    document: &'static str,
    /// The text that the finding marks; empty for a finding without a position.
    marked: &'static str,
}

const fn case(rule: Rule, document: &'static str, marked: &'static str) -> Case {
    Case { rule, document, marked }
}

const CASES: &[Case] = &[
    // Documents that the parser cannot read.
    case(Rule::Empty, "{ \n |<VAST version='4.2'/>}", ""),
    case(Rule::Html, "{<html><body/></html>|<VAST version='4.2'/>}", "<html>"),
    case(Rule::NotXml, "<VAST version='3.0'><Ad><InLine>{|</InLine></Ad></VAST>}", ""),
    case(Rule::NotVast, "{<rss/>|<VAST version='4.2'/>}", "<rss/>"),
    case(Rule::Limit, "{@deep|<VAST version='4.2'/>}", "<a>"),
    case(Rule::Doctype, "{<!DOCTYPE VAST SYSTEM 'v.dtd'>|}<VAST version='4.2'/>", "<!DOCTYPE VAST SYSTEM 'v.dtd'>"),
    // Deviations that the parser tolerates.
    case(Rule::HarmlessDoctype, "{<!DOCTYPE VAST>|}<VAST version='4.2'/>", "<!DOCTYPE VAST>"),
    case(Rule::HarmlessDoctype, "{<!doctype\n vast >|}\n<VAST version='4.2'/>", "<!doctype"),
    case(Rule::Daast, "<{DAAST version='1.0'|VAST version='4.2'}></{DAAST|VAST}>", "<DAAST version='1.0'>"),
    case(Rule::LooseQuotes, "<VAST version={4.2|'4.2'}></VAST>", "version=4.2"),
    case(Rule::LooseQuotes, "<VAST version={“4.2”|'4.2'}></VAST>", "version=“4.2”"),
    case(Rule::EscapedJson, "@json", ""),
    case(Rule::EscapedDocument, "{&lt;VAST version='4.2'/&gt;|<VAST version='4.2'/>}", ""),
    case(Rule::LeadingJunk, "{junk|}<VAST version='4.2'/>", "junk"),
    case(Rule::TrailingContent, "<VAST version='4.2'/>{ more|}", "more"),
    case(Rule::Damaged, "<VAST version='3.0'>@wrapper<Ad>{</oops>|</Ad>}</VAST>", "</oops>"),
    case(Rule::WrongCase, "<VAST version='3.0'><Ad><{Inline|InLine}></{Inline|InLine}></Ad></VAST>", "<Inline>"),
    case(Rule::UnknownElement, "<VAST version='3.0'>{<Deal/>|}</VAST>", "<Deal/>"),
    case(Rule::MisplacedElement, "@head{<MediaFiles></MediaFiles>|}@tail", "<MediaFiles>"),
    case(Rule::UnknownAttribute, "<VAST version='3.0'{ deal='1'|}/>", "deal='1'"),
    case(
        Rule::MissingElement,
        "<VAST version='3.0'><Ad><Wrapper>{|<AdSystem>a</AdSystem>}@wrapped</Wrapper></Ad></VAST>",
        "<Wrapper>",
    ),
    case(Rule::MissingAttribute, "<VAST{| version='4.2'}/>", "<VAST/>"),
    case(Rule::DuplicateElement, "@head<AdTitle>a</AdTitle>{<AdTitle>b</AdTitle>|}@tail", "<AdTitle>"),
    case(Rule::DuplicateAttribute, "<VAST version='4.2'{ version='4.1'|}/>", "version='4.1'"),
    case(Rule::BadAttribute, "<VAST version='4.2'{ x|}></VAST>", "x"),
    case(Rule::InvalidValue, "@head<Expires>{soon|60}</Expires>@tail", "<Expires>"),
    case(Rule::LooseValue, "@linear<Duration>{15|00:00:15}</Duration>@raenil", "<Duration>"),
    case(Rule::EmptyUrl, "@head<Error>{|https://e.example}</Error>@tail", "<Error>"),
    case(Rule::UnusableAd, "<VAST version='3.0'><Ad id='1'>{|@empty}</Ad></VAST>", "<Ad id='1'>"),
    case(Rule::AmbiguousAd, "<VAST version='3.0'><Ad><InLine></InLine>{<Wrapper/>|}</Ad></VAST>", "<Wrapper/>"),
    case(
        Rule::ProgressWithoutOffset,
        "@linear<TrackingEvents><Tracking event='progress'{| offset='50%'}>https://t.example</Tracking></TrackingEvents>@raenil",
        "<Tracking event='progress'>",
    ),
    case(Rule::DanglingAmpersand, "@head<Error>https://e.example/?a{&|&amp;}b</Error>@tail", "&"),
    case(Rule::UnknownEntity, "@head<Description>{&nbsp;|&amp;}</Description>@tail", "&nbsp;"),
    case(
        Rule::DuplicateSequence,
        "<VAST version='3.0'><Ad sequence='1'>@empty</Ad><Ad id='b' sequence='{1|2}'>@empty</Ad></VAST>",
        "<Ad id='b' sequence='1'>",
    ),
    case(
        Rule::EscapedVast,
        "@playlist{<![CDATA[<VAST version='4.2'/>]]>|<VAST version='4.2'/>}@tsilyalp",
        "<VASTAdData>",
    ),
    case(Rule::StrayText, "<VAST version='3.0'>{stray|}</VAST>", "stray"),
    // Rules about elements.
    case(Rule::BlankBeforeDeclaration, "{\n|}<?xml version='1.0'?><VAST version='4.2'/>", "<?xml version='1.0'?>"),
    case(Rule::MacroMisspelt, "@head<Error>https://e.example/[{ERRORCOD|ERRORCODE}]</Error>@tail", "[ERRORCOD]"),
    case(
        Rule::MacroMisspelt,
        "@head<Error>https://e.example/%5B{errorcode|ERRORCODE}%5D</Error>@tail",
        "%5Berrorcode%5D",
    ),
    case(
        Rule::MacroUnknown,
        "@head<Error><![CDATA[https://e.example/[{VENDOR_X|REASON}]]]></Error>@tail",
        "[VENDOR_X]",
    ),
    case(
        Rule::MacroContext,
        "@head<{Impression|Error}>https://e.example/[ERRORCODE]</{Impression|Error}>@tail",
        "[ERRORCODE]",
    ),
    case(
        Rule::MacroContext,
        "@head<Impression>https://i.example/[{CLICKPOS|TIMESTAMP}]</Impression>@tail",
        "[CLICKPOS]",
    ),
    case(
        Rule::MacroContext,
        "<VAST version='4.2'><Ad><Wrapper><VASTAdTagURI>https://a.example/[{ADPLAYHEAD|TIMESTAMP}]</VASTAdTagURI></Wrapper></Ad></VAST>",
        "[ADPLAYHEAD]",
    ),
    case(
        Rule::MacroDeprecated,
        "@head<Impression>https://i.example/[{CONTENT|MEDIA}PLAYHEAD]</Impression>@tail",
        "[CONTENTPLAYHEAD]",
    ),
    case(
        Rule::InsecureUrl,
        "@linear<MediaFiles><Mezzanine>{http|https}://m.example/a?b&amp;c</Mezzanine></MediaFiles>@raenil",
        "http://m.example/a?b&amp;c",
    ),
    case(
        Rule::MediaScheme,
        "@linear<MediaFiles><MediaFile>{rtmp|https}://m.example</MediaFile></MediaFiles>@raenil",
        "rtmp://m.example",
    ),
    case(
        Rule::PlaceholderUrl,
        "@linear<MediaFiles><MediaFile>{about:blank|https://m.example}</MediaFile></MediaFiles>@raenil",
        "about:blank",
    ),
    case(
        Rule::PlaceholderImpressions,
        "@head<Impression>about:blank</Impression>{|<Impression>https://i.example</Impression>}@tail",
        "about:blank",
    ),
    case(
        Rule::DuplicateTracker,
        "@head<Error>https://e.example</Error><Error>https://e.example{|/2}</Error>@tail",
        "https://e.example",
    ),
    case(
        Rule::DuplicateTracker,
        "@linear<TrackingEvents><Tracking event='start'>https://t.example</Tracking><Tracking event='{start|complete}'>https://t.example</Tracking></TrackingEvents>@raenil",
        "https://t.example",
    ),
    case(
        Rule::OffsetBeyondEnd,
        "<VAST version='3.0'><Ad><InLine><Creatives><Creative><Linear skipoffset='00:00:{16|15}'><Duration>00:00:15</Duration></Linear></Creative></Creatives></InLine></Ad></VAST>",
        "skipoffset='00:00:16'",
    ),
    case(
        Rule::OffsetBeyondEnd,
        "@linear<TrackingEvents><Tracking event='progress' offset='{101|100}%'>https://t.example</Tracking></TrackingEvents>@raenil",
        "offset='101%'",
    ),
    case(
        Rule::OffsetBeyondEnd,
        "@linear<Duration>00:00:15</Duration><Icons><Icon offset='00:{01|00}:00'/></Icons>@raenil",
        "offset='00:01:00'",
    ),
    case(
        Rule::NoFallbackAds,
        "<VAST version='3.0'><Ad sequence='1'><Wrapper fallbackOnNoAd='true'/></Ad>{|<Ad>@empty</Ad>}</VAST>",
        "fallbackOnNoAd='true'",
    ),
    case(
        Rule::ContradictingFlags,
        "<VAST version='3.0'><Ad><Wrapper followAdditionalWrappers='true' followAdditonalWrappers='{0|1}'/></Ad></VAST>",
        "followAdditonalWrappers='0'",
    ),
    case(
        Rule::UnknownAdId,
        "@creative<UniversalAdId idRegistry='{unknown|ad-id.org}'>A</UniversalAdId>@evitaerc",
        "<UniversalAdId idRegistry='unknown'>",
    ),
    case(
        Rule::UnknownAdId,
        "@creative<UniversalAdId idRegistry='x'>{Unknown|A}</UniversalAdId>@evitaerc",
        "<UniversalAdId idRegistry='x'>",
    ),
    case(
        Rule::Vpaid,
        "@linear<MediaFiles><MediaFile apiFramework='{vpaid|SIMID}'>https://m.example</MediaFile></MediaFiles>@raenil",
        "apiFramework='vpaid'",
    ),
    case(
        Rule::MimeContradictsEnding,
        "@linear<MediaFiles><MediaFile type='video/{webm|mp4}'>https://m.example/a.mp4</MediaFile></MediaFiles>@raenil",
        "type='video/webm'",
    ),
    case(
        Rule::MimeContradictsEnding,
        "@linear<MediaFiles><MediaFile type='Video/{WebM|MP4} ; codecs=a'>https://m.example/a.mp4</MediaFile></MediaFiles>@raenil",
        "type='Video/WebM ; codecs=a'",
    ),
    case(
        Rule::MimeContradictsEnding,
        "@linear<Icons><Icon><StaticResource creativeType='image/{gif|png}'>https://m.example/a.png</StaticResource></Icon></Icons>@raenil",
        "creativeType='image/gif'",
    ),
    case(Rule::LineBreakInUrl, "@head<Error>https://e.example/?a{\n|}b</Error>@tail", "https://e.example/?a\nb"),
    case(
        Rule::LineBreakInUrl,
        "@head<Error>\n <![CDATA[\nhttps://e.example/{\t|}b\n]]>\n</Error>@tail",
        "https://e.example/\tb",
    ),
    case(
        Rule::EscapedAmpersand,
        "@head<Error><![CDATA[https://e.example/?a=1{&amp;|&}b=2]]></Error>@tail",
        "https://e.example/?a=1&amp;b=2",
    ),
    case(
        Rule::EscapedAmpersand,
        "@head<Error>https://e.example/?a=1&amp;{amp;|}b=2</Error>@tail",
        "https://e.example/?a=1&amp;amp;b=2",
    ),
    case(
        Rule::EscapedAmpersand,
        "@head<Error><![CDATA[https://e.example/?a=1{&#38;|&}b=2]]></Error>@tail",
        "https://e.example/?a=1&#38;b=2",
    ),
    case(
        Rule::EscapedAmpersand,
        "@head<Error><![CDATA[https://e.example/?a=1{&#X26;|&}b=2]]></Error>@tail",
        "https://e.example/?a=1&#X26;b=2",
    ),
    case(
        Rule::MimeContradictsEnding,
        "@linear<Icons><Icon><StaticResource creativeType='image/{gif|svg+xml}'>https://m.example/a.SVG</StaticResource></Icon></Icons>@raenil",
        "creativeType='image/gif'",
    ),
    case(
        Rule::UndeclaredPrefix,
        "@head<Extensions><Extension{| xmlns:v='x'}><v:A/></Extension></Extensions>@tail",
        "<v:A/>",
    ),
    case(Rule::UndeclaredPrefix, "<VAST version='4.2' {xsi|xml}:a='1'/>", "<VAST version='4.2' xsi:a='1'/>"),
    case(Rule::Expired, "@head<Expires>{0|3600}</Expires>@tail", "0"),
    case(Rule::NoAd, "<VAST version='4.2'>{|<Ad>@empty</Ad>}</VAST>", "<VAST version='4.2'>"),
    case(Rule::NoAd, "<VMAP version='1.0'>{|<AdBreak/>}</VMAP>", "<VMAP version='1.0'>"),
    case(Rule::NoErrorUrl, "@head{|<Error>https://e.example</Error>}@tail", "<InLine>"),
];

const SHORT: [(&str, &str); 13] = [
    ("@playlist", "<VMAP version='1.0'><AdBreak timeOffset='start' breakType='linear'><AdSource><VASTAdData>"),
    ("@tsilyalp", "</VASTAdData></AdSource></AdBreak></VMAP>"),
    ("@wrapper", "<Ad><Wrapper><AdSystem>a</AdSystem>@wrapped</Wrapper></Ad>"),
    ("@wrapped", "<VASTAdTagURI>https://a.example</VASTAdTagURI><Impression>https://i.example</Impression>"),
    ("@creative", "@head<Creatives><Creative>"),
    ("@evitaerc", "</Creative></Creatives>@tail"),
    ("@linear", "@head<Creatives><Creative><Linear>"),
    ("@raenil", "</Linear></Creative></Creatives>@tail"),
    ("@empty", "<InLine></InLine>"),
    ("@head", "<VAST version='4.2'><Ad><InLine>"),
    ("@tail", "</InLine></Ad></VAST>"),
    ("@deep", "<VAST version='4.2'>@many"),
    ("@many", ""),
];

/// The broken or the sound form of a document.
pub(crate) fn form(document: &str, broken: bool) -> String {
    if document == "@json" {
        let form = if broken { r#"{"vast": "<VAST version=\"4.2\"/>"}"# } else { "<VAST version='4.2'/>" };
        return form.to_owned();
    }
    let mut text = String::new();
    let mut rest = document;
    while let Some((before, inner)) = rest.split_once('{') {
        let (choice, after) = inner.split_once('}').expect("a form is closed");
        let (wrong, right) = choice.split_once('|').expect("a form has two sides");
        text += before;
        text += if broken { wrong } else { right };
        rest = after;
    }
    text += rest;
    let text = SHORT.iter().fold(text, |text, (short, long)| text.replace(short, long));
    if document.contains("@deep") && broken { text + &"<a>".repeat(100) } else { text }
}

/// The findings of our rules, without vastlint-core: where both find a mistake, the finding would have the id of
/// vastlint-core and our text only as its note.
pub(crate) fn report(document: &str) -> Report {
    check(document.as_bytes(), &CheckOptions::default())
}

/// The findings of a rule. If vastlint-core finds the same mistake, the finding has its id, and our text is in the
/// note.
pub(crate) fn of_rule<'a>(report: &'a Report, rule: Rule, words: &str) -> Vec<&'a Finding> {
    let is_it = |finding: &&Finding| {
        finding.rule == rule.id()
            || (!words.is_empty() && finding.note.as_deref().is_some_and(|note| note.contains(words)))
    };
    report.findings.iter().filter(is_it).collect()
}

/// A text in our finding of a rule that vastlint-core may find, too.
pub(crate) fn words(rule: Rule) -> &'static str {
    match rule {
        Rule::WrongCase => "should be",
        Rule::UnknownElement | Rule::UnknownAttribute => "unknown",
        Rule::MisplacedElement => "wrong place",
        Rule::MissingElement | Rule::MissingAttribute => "without",
        Rule::DuplicateElement => "again",
        Rule::InvalidValue => "makes no sense",
        Rule::LooseValue => "Duration",
        Rule::EmptyUrl => "no URL",
        Rule::UnusableAd => "neither",
        Rule::AmbiguousAd => "both",
        Rule::EscapedVast => "VAST as text",
        Rule::ProgressWithoutOffset => "progress",
        Rule::MacroMisspelt => "did you mean",
        Rule::MacroUnknown => "is not in the registry",
        Rule::MacroContext => "means nothing here",
        Rule::MacroDeprecated => "is deprecated",
        Rule::InsecureUrl => "is http, not https",
        Rule::DuplicateTracker => "given before",
        Rule::Vpaid => "VPAID",
        _ => "",
    }
}

/// The problems with the findings of a case.
fn mistakes(Case { rule, document, marked }: &Case) -> Vec<String> {
    let (broken, sound) = (form(document, true), form(document, false));
    let (found, silent) = (report(&broken), report(&sound));
    let mut mistakes = Vec::new();
    match of_rule(&found, *rule, words(*rule)).first() {
        None => mistakes.push(format!("{rule:?} is not found in {broken}: {:#?}", found.findings)),
        Some(finding) => {
            let place = finding.span.map_or("", |span| &broken[span.start.offset..span.end.offset]);
            if place != *marked {
                mistakes.push(format!("{rule:?} marks {place}, not {marked}, in {broken}"));
            }
        }
    }
    if !of_rule(&silent, *rule, words(*rule)).is_empty() {
        mistakes.push(format!("{rule:?} is found in {sound}: {:#?}", silent.findings));
    }
    mistakes
}

#[test]
fn every_rule_finds_what_breaks_it_and_nothing_else() {
    let mistakes: Vec<_> = CASES.iter().flat_map(mistakes).collect();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[test]
fn every_rule_has_a_case() {
    let tested: BTreeSet<Rule> = CASES.iter().map(|case| case.rule).collect();
    // Rules that need other bytes or many warnings, or for warnings that do not exist yet.
    let elsewhere = [Rule::Encoding, Rule::TooManyWarnings, Rule::Oddity];
    let missing: Vec<_> = Rule::ALL.iter().filter(|rule| !tested.contains(rule) && !elsewhere.contains(rule)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// `parse`, `request` and `check` use one table of severities, and `check` has a rule for each warning of the reader.
#[test]
fn every_warning_of_the_reader_is_a_rule_with_its_severity() {
    let mut rules = BTreeSet::new();
    for code in WarningCode::ALL {
        let rule = Rule::of_warning(*code);
        assert_eq!(rule.severity(), code.severity(), "{code}");
        assert!(rules.insert(rule), "{code} shares {rule:?} with another warning");
    }
    assert!(!rules.contains(&Rule::Oddity), "a warning has no rule");
}

/// A document that is in JSON or escaped as a text has the same findings as the plain document.
#[test]
fn a_document_in_another_text_has_the_same_findings_at_the_same_places() {
    let plain = include_str!("../../../../fixtures/xml/loose-values.xml");
    let escaped = plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let json = serde_json::to_string(plain).expect("a string is JSON");
    let cases = [
        (json.clone(), Rule::EscapedJson),
        (format!("{{\"ad\": {json}}}"), Rule::EscapedJson),
        (escaped, Rule::EscapedDocument),
    ];
    let expected = report(plain);
    for (document, rule) in cases {
        let mut found = report(&document);
        let envelope = found.findings.iter().position(|finding| finding.rule == rule.id()).expect("it is reported");
        assert_eq!(found.findings.remove(envelope).span, None);
        assert_eq!(found.findings, expected.findings, "{document}");
        assert!(found.remarks.contains(&vast_check::Remark::Opened));
        let text = vast_check::checked_text(document.as_bytes(), None);
        assert_eq!(text.decoded.text, plain);
    }
}

/// The events of two trackers are written in typographic quotes. The rules read them as two events, so the second
/// tracker is not a duplicate.
#[test]
fn rules_read_values_in_other_quotes() {
    let tracking = |event: &str| format!("<Tracking event=“{event}”>https://t.example</Tracking>");
    let both = format!("@linear<TrackingEvents>{}{}</TrackingEvents>@raenil", tracking("start"), tracking("complete"));
    assert!(of_rule(&report(&form(&both, true)), Rule::DuplicateTracker, "given before").is_empty());
}

#[test]
fn bytes_that_fit_no_character_are_shown_where_they_are() {
    let found = check(b"<VAST version='4.2'><!--ab\xff--></VAST>", &CheckOptions::default());
    let findings = of_rule(&found, Rule::Encoding, "");
    assert_eq!(findings[0].span.map(|span| span.start.column), Some(27));
    let latin = CheckOptions { charset: Some("latin1"), ..CheckOptions::default() };
    assert!(of_rule(&check(b"<VAST version='4.2'><!--ab\xff--></VAST>", &latin), Rule::Encoding, "").is_empty());
}

#[test]
fn places_count_the_byte_order_mark_as_the_parser_does() {
    let found = check("\u{feff}<VAST version='4.2'><x/></VAST>".as_bytes(), &CheckOptions::default());
    let span = of_rule(&found, Rule::UnknownElement, "")[0].span.expect("a place");
    assert_eq!((span.start.offset, span.start.column, span.end.offset), (23, 21, 27));
}

#[test]
fn vendors_may_write_what_they_like_in_their_extensions() {
    let inner = "<MediaFile apiFramework='VPAID'>http://x.example/[NOBODYS]</MediaFile>";
    let found = report(&form(
        &format!("@head<Error>https://e.example</Error><Extensions><Extension>{inner}</Extension></Extensions>@tail"),
        true,
    ));
    for rule in [Rule::Vpaid, Rule::MacroUnknown] {
        assert!(of_rule(&found, rule, words(rule)).is_empty(), "{found:#?}");
    }
}

#[test]
fn sources_that_were_not_asked_are_neither_reported_nor_counted() {
    let document = form("@head<Error>rtmp://e.example/[ERRORCOD]</Error>@tail", true);
    let count = |options: &CheckOptions<'_>| check(document.as_bytes(), options).findings.len();
    let all = report(&document);
    let worst = all.findings.iter().filter(|finding| finding.severity == vast_check::Severity::Error).count();
    assert!(worst > 0 && worst < all.findings.len());
    let least = CheckOptions { least: vast_check::Severity::Error, ..CheckOptions::default() };
    assert_eq!(count(&least), worst);
    let ignored: Vec<&str> = all.findings.iter().map(|finding| finding.rule).collect();
    let none = check(document.as_bytes(), &CheckOptions { ignored, ..CheckOptions::default() });
    assert_eq!((none.findings.len(), none.has_errors(), none.kind), (0, false, DocumentKind::Vast));
}

#[test]
fn findings_are_sorted_by_severity_and_then_by_position() {
    let found = report(include_str!("../../../../fixtures/xml/loose-values.xml"));
    let is_noise = |finding: &&Finding| finding.rule == "VAST-2.0-adsystem-no-version";
    let keys: Vec<_> = (found.findings.iter().filter(|finding| !is_noise(finding)))
        .map(|finding| (std::cmp::Reverse(finding.severity), finding.span.map(|span| span.start.offset)))
        .collect();
    assert!(keys.len() > 10 && keys.is_sorted(), "{keys:?}");
    assert!(keys.first().map(|key| key.0) < keys.last().map(|key| key.0), "more than one severity: {keys:?}");
    let noise = found.findings.iter().position(|finding| is_noise(&finding));
    assert!(noise.is_none_or(|first| found.findings[first..].iter().all(|finding| is_noise(&finding))), "{found:#?}");
}

#[test]
fn unknown_and_correct_types_are_not_reported() {
    let types = ["video/mp4", "VIDEO/MP4; codecs=\"avc1\"", "audio/mp4", "video/x-something", ""];
    for mime_type in types {
        let file = format!("<MediaFile type='{mime_type}'>https://m.example/a.mp4?b.webm</MediaFile>");
        let found = report(&form(&format!("@linear<MediaFiles>{file}</MediaFiles>@raenil"), true));
        assert!(of_rule(&found, Rule::MimeContradictsEnding, "").is_empty(), "{mime_type}: {found:#?}");
    }
}

/// What one version of the standard has and others do not have.
#[test]
fn names_of_one_version_are_no_mistakes_in_it() {
    let companion =
        "<Companion width='1' height='1' adSlotID='s'><IFrameResource>https://c.example</IFrameResource></Companion>";
    let companion = format!("<Creatives><Creative><CompanionAds>{companion}</CompanionAds></Creative></Creatives>");
    let verification = |name: &str| {
        let child = format!("<{name}>https://v.example</{name}>");
        format!("<AdVerifications><Verification vendor='v'>{child}</Verification></AdVerifications>")
    };
    for (body, rule, right, wrong) in [
        (companion, Rule::WrongCase, &["3.0", "4.0", "4.4"][..], &["2.0", "4.1", "4.2", "4.3"][..]),
        (verification("FlashResource"), Rule::UnknownElement, &["4.0"], &["3.0", "4.1", "4.2"]),
        (verification("ViewableImpression"), Rule::UnknownElement, &["4.0"], &["4.1", "4.2", "4.3"]),
    ] {
        for (versions, count) in [(right, 0), (wrong, 1)] {
            for version in versions {
                let head = "<AdSystem>a</AdSystem><AdTitle>b</AdTitle><Impression>https://i.example</Impression>";
                let found = report(&format!("<VAST version='{version}'><Ad><InLine>{head}{body}</InLine></Ad></VAST>"));
                assert_eq!(of_rule(&found, rule, words(rule)).len(), count, "{version}: {body}: {found:#?}");
            }
        }
    }
}
