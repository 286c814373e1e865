//! Elements of the standard at wrong places: they are read as if they stood where the standard has them, with a warning.

use crate::read::{codes, document, fixture};
use std::collections::BTreeMap;
use vast_xml::model::Vast;
use vast_xml::{ParseOptions, SourceToken, parse, source_tokens, write};

/// An element at a wrong place, and the same element at the right place. `@head` and `@media` stand for elements of every ad.
struct Case {
    wrong: &'static str,
    right: &'static str,
}

const fn inline(wrong: &'static str, right: &'static str) -> Case {
    Case { wrong, right }
}

const HEAD: &str = "<AdSystem>s</AdSystem><AdTitle>t</AdTitle><Impression>https://x.example/i</Impression>";
const MEDIA: &str = "<MediaFiles><MediaFile type=\"video/mp4\" width=\"1\" height=\"1\">https://x.example/m.mp4</MediaFile></MediaFiles>";
const COMPANION: &str =
    "<Companion width=\"1\" height=\"1\"><IFrameResource>https://x.example/f</IFrameResource></Companion>";
const START: &str = "<Tracking event=\"start\">https://x.example/start</Tracking>";
const ICON: &str = "<Icon><IconViewTracking>https://x.example/icon</IconViewTracking></Icon>";
const VERIFICATION: &str =
    "<Verification vendor=\"v\"><JavaScriptResource>https://x.example/js</JavaScriptResource></Verification>";
const VIEWABLE: &str = "<Viewable>https://x.example/seen</Viewable>";

/// Contents of an `InLine` behind its head.
const INLINES: &[Case] = &[
    // Up to an element around it.
    inline(
        "<Creatives><Creative><Linear>@media<CompanionAds>@companion</CompanionAds></Linear></Creative></Creatives>",
        "<Creatives><Creative><Linear>@media</Linear><CompanionAds>@companion</CompanionAds></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Creative><Linear>@media</Linear><Impression>https://x.example/2</Impression></Creative></Creatives>",
        "<Impression>https://x.example/2</Impression><Creatives><Creative><Linear>@media</Linear></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Creative><Linear>@media</Linear><Error>https://x.example/e</Error></Creative></Creatives>",
        "<Error>https://x.example/e</Error><Creatives><Creative><Linear>@media</Linear></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Creative><Linear>@media<ViewableImpression id=\"v\">@viewable</ViewableImpression></Linear></Creative></Creatives>",
        "<ViewableImpression id=\"v\">@viewable</ViewableImpression><Creatives><Creative><Linear>@media</Linear></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Creative><Linear>@media</Linear><AdVerifications>@verification</AdVerifications></Creative></Creatives>",
        "<AdVerifications>@verification</AdVerifications><Creatives><Creative><Linear>@media</Linear></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Extensions><Extension type=\"e\"/></Extensions><Creative><Linear>@media</Linear></Creative></Creatives>",
        "<Creatives><Creative><Linear>@media</Linear></Creative></Creatives><Extensions><Extension type=\"e\"/></Extensions>",
    ),
    inline(
        "<Creatives><Creative><Linear>@media<Extensions><Extension type=\"e\"/></Extensions></Linear></Creative></Creatives>",
        "<Creatives><Creative><Linear>@media</Linear></Creative></Creatives><Extensions><Extension type=\"e\"/></Extensions>",
    ),
    inline(
        "<Creatives><Creative><Linear>@media<UniversalAdId idRegistry=\"r\">u</UniversalAdId></Linear></Creative></Creatives>",
        "<Creatives><Creative><Linear>@media</Linear><UniversalAdId idRegistry=\"r\">u</UniversalAdId></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Creative><Linear><Tracking event=\"x\"/>@media</Linear><Expires>60</Expires></Creative></Creatives>",
        "<Expires>60</Expires><Creatives><Creative><Linear>@media<TrackingEvents><Tracking event=\"x\"/></TrackingEvents></Linear></Creative></Creatives>",
    ),
    // Down to an element that is there.
    inline(
        "<Creatives><Creative><Linear>@media</Linear><TrackingEvents>@start</TrackingEvents></Creative></Creatives>",
        "<Creatives><Creative><Linear>@media<TrackingEvents>@start</TrackingEvents></Linear></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Creative><NonLinearAds><NonLinear/></NonLinearAds><TrackingEvents>@start</TrackingEvents></Creative></Creatives>",
        "<Creatives><Creative><NonLinearAds><NonLinear/><TrackingEvents>@start</TrackingEvents></NonLinearAds></Creative></Creatives>",
    ),
    inline(
        "<TrackingEvents>@start</TrackingEvents><Creatives><Creative><Linear>@media</Linear></Creative></Creatives>",
        "<Creatives><Creative><Linear>@media<TrackingEvents>@start</TrackingEvents></Linear></Creative></Creatives>",
    ),
    inline(
        "<Creatives>@start<Creative id=\"1\"><Linear>@media</Linear></Creative><Creative id=\"2\"><Linear/></Creative></Creatives>",
        "<Creatives><Creative id=\"1\"><Linear>@media<TrackingEvents>@start</TrackingEvents></Linear></Creative><Creative id=\"2\"><Linear/></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Creative><Linear>@media<ClickThrough>https://x.example/c</ClickThrough></Linear></Creative></Creatives>",
        "<Creatives><Creative><Linear>@media<VideoClicks><ClickThrough>https://x.example/c</ClickThrough></VideoClicks></Linear></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Creative><Linear/><ClickTracking>https://x.example/c</ClickTracking></Creative></Creatives>",
        "<Creatives><Creative><Linear><VideoClicks><ClickTracking>https://x.example/c</ClickTracking></VideoClicks></Linear></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Creative><Linear skipoffset=\"00:00:05\"/><Icons>@icon</Icons></Creative></Creatives>",
        "<Creatives><Creative><Linear skipoffset=\"00:00:05\"><Icons>@icon</Icons></Linear></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Creative><Linear>@icon@media</Linear></Creative></Creatives>",
        "<Creatives><Creative><Linear>@media<Icons>@icon</Icons></Linear></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Creative><Linear>@media</Linear>@companion</Creative></Creatives>",
        "<Creatives><Creative><Linear>@media</Linear><CompanionAds>@companion</CompanionAds></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Creative><CompanionAds>@companion<TrackingEvents><Tracking event=\"creativeView\">https://x.example/v</Tracking></TrackingEvents></CompanionAds></Creative></Creatives>",
        "<Creatives><Creative><CompanionAds><Companion width=\"1\" height=\"1\"><IFrameResource>https://x.example/f</IFrameResource><TrackingEvents><Tracking event=\"creativeView\">https://x.example/v</Tracking></TrackingEvents></Companion></CompanionAds></Creative></Creatives>",
    ),
    inline(
        "<Viewable>https://x.example/seen</Viewable><ViewableImpression id=\"v\"/>",
        "<ViewableImpression id=\"v\">@viewable</ViewableImpression>",
    ),
    inline("@verification", "<AdVerifications>@verification</AdVerifications>"),
    inline("<Extension type=\"e\"/>", "<Extensions><Extension type=\"e\"/></Extensions>"),
    // Down to elements that are added.
    inline(
        "@media<TrackingEvents>@start</TrackingEvents>",
        "<Creatives><Creative><Linear>@media<TrackingEvents>@start</TrackingEvents></Linear></Creative></Creatives>",
    ),
    inline(
        "<MediaFile type=\"video/mp4\" width=\"1\" height=\"1\">https://x.example/m.mp4</MediaFile><Duration>00:00:15</Duration>",
        "<Creatives><Creative><Linear>@media<Duration>00:00:15</Duration></Linear></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Creative id=\"c\">@media</Creative></Creatives>",
        "<Creatives><Creative id=\"c\"><Linear>@media</Linear></Creative></Creatives>",
    ),
    inline(
        "<Creative id=\"c\"><Linear>@media</Linear></Creative>",
        "<Creatives><Creative id=\"c\"><Linear>@media</Linear></Creative></Creatives>",
    ),
    inline("<Linear>@media</Linear>", "<Creatives><Creative><Linear>@media</Linear></Creative></Creatives>"),
    inline(
        "<Creatives><Linear>@media</Linear></Creatives>",
        "<Creatives><Creative><Linear>@media</Linear></Creative></Creatives>",
    ),
    inline(
        "<NonLinearAds><NonLinear/></NonLinearAds><CompanionAds>@companion</CompanionAds>",
        "<Creatives><Creative><NonLinearAds><NonLinear/></NonLinearAds></Creative><Creative><CompanionAds>@companion</CompanionAds></Creative></Creatives>",
    ),
    // One more of a kind gets a creative for itself.
    inline(
        "<Linear>@media</Linear><Linear><Duration>00:00:01</Duration></Linear><Linear/>",
        "<Creatives><Creative><Linear>@media</Linear></Creative><Creative><Linear><Duration>00:00:01</Duration></Linear></Creative><Creative><Linear/></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Creative><Linear>@media<CompanionAds>@companion</CompanionAds></Linear><CompanionAds/></Creative></Creatives>",
        "<Creatives><Creative><Linear>@media</Linear><CompanionAds/></Creative><Creative><CompanionAds>@companion</CompanionAds></Creative></Creatives>",
    ),
    inline(
        "<ViewableImpression id=\"v\">@viewable</ViewableImpression><Creatives><ViewableImpression><Viewable>https://x.example/2</Viewable></ViewableImpression><ViewableImpression><Viewable>https://x.example/3</Viewable></ViewableImpression></Creatives>",
        "<ViewableImpression id=\"v\">@viewable<Viewable>https://x.example/2</Viewable><Viewable>https://x.example/3</Viewable></ViewableImpression><Creatives/>",
    ),
    // In an element that was moved itself, and in an element that has only text.
    inline(
        "<Linear>@media<CompanionAds>@companion</CompanionAds>@start</Linear>",
        "<Creatives><Creative><Linear>@media<TrackingEvents>@start</TrackingEvents></Linear><CompanionAds>@companion</CompanionAds></Creative></Creatives>",
    ),
    inline(
        "<Creatives><Creative><Linear><TrackingEvents><Tracking event=\"start\">https://x.example/start<MediaFiles><MediaFile type=\"video/mp4\" width=\"1\" height=\"1\">https://x.example/m.mp4</MediaFile></MediaFiles></Tracking></TrackingEvents></Linear></Creative></Creatives>",
        "<Creatives><Creative><Linear>@media<TrackingEvents>@start</TrackingEvents></Linear></Creative></Creatives>",
    ),
    inline(
        "<Category authority=\"a\">c<Error>https://x.example/e</Error></Category>",
        "<Category authority=\"a\">c</Category><Error>https://x.example/e</Error>",
    ),
    // A part of VAST 1.0 in a document of another version.
    inline(
        "<Video><AdID>1</AdID>@media</Video><TrackingEvents>@start</TrackingEvents><Video/>",
        "<Creatives><Creative adId=\"1\"><Linear>@media<TrackingEvents>@start</TrackingEvents></Linear></Creative><Creative><Linear/></Creative></Creatives>",
    ),
];

/// Whole documents.
const DOCUMENTS: &[Case] = &[
    Case {
        wrong: "<VAST version=\"3.0\"><Ad id=\"a\"><Wrapper><AdSystem>s</AdSystem><VASTAdTagURI>https://x.example/</VASTAdTagURI><Impression>https://x.example/i</Impression><Creative><Linear><TrackingEvents>@start</TrackingEvents></Linear></Creative></Wrapper></Ad></VAST>",
        right: "<VAST version=\"3.0\"><Ad id=\"a\"><Wrapper><AdSystem>s</AdSystem><VASTAdTagURI>https://x.example/</VASTAdTagURI><Impression>https://x.example/i</Impression><Creatives><Creative><Linear><TrackingEvents>@start</TrackingEvents></Linear></Creative></Creatives></Wrapper></Ad></VAST>",
    },
    Case {
        wrong: "<VAST version=\"3.0\"><InLine>@head<Linear>@media</Linear></InLine><Wrapper><VASTAdTagURI>https://x.example/</VASTAdTagURI></Wrapper></VAST>",
        right: "<VAST version=\"3.0\"><Ad><InLine>@head<Creatives><Creative><Linear>@media</Linear></Creative></Creatives></InLine></Ad><Ad><Wrapper><VASTAdTagURI>https://x.example/</VASTAdTagURI></Wrapper></Ad></VAST>",
    },
    Case {
        wrong: "<VAST version=\"3.0\"><Ad id=\"a\">@head<Creatives><Creative><Linear>@media</Linear></Creative></Creatives></Ad></VAST>",
        right: "<VAST version=\"3.0\"><Ad id=\"a\"><InLine>@head<Creatives><Creative><Linear>@media</Linear></Creative></Creatives></InLine></Ad></VAST>",
    },
    Case {
        wrong: "<VAST version=\"3.0\"><Ad id=\"a\"><VASTAdTagURI>https://x.example/</VASTAdTagURI><AdSystem>s</AdSystem><Impression>https://x.example/i</Impression><TrackingEvents>@start</TrackingEvents></Ad></VAST>",
        right: "<VAST version=\"3.0\"><Ad id=\"a\"><Wrapper><AdSystem>s</AdSystem><VASTAdTagURI>https://x.example/</VASTAdTagURI><Impression>https://x.example/i</Impression><Creatives><Creative><Linear><TrackingEvents>@start</TrackingEvents></Linear></Creative></Creatives></Wrapper></Ad></VAST>",
    },
    Case {
        wrong: "<VAST version=\"3.0\"><Ad><InLine>@head</InLine><Error>https://x.example/e</Error>@viewable</Ad></VAST>",
        right: "<VAST version=\"3.0\"><Ad><InLine>@head<Error>https://x.example/e</Error><ViewableImpression>@viewable</ViewableImpression></InLine></Ad></VAST>",
    },
    // With a prefix and in wrong case.
    Case {
        wrong: "<v:VAST version=\"3.0\"><v:Ad><v:InLine>@head<v:LINEAR/><v:TrackingEvents>@start</v:TrackingEvents></v:InLine></v:Ad></v:VAST>",
        right: "<VAST version=\"3.0\"><Ad><InLine>@head<Creatives><Creative><Linear><TrackingEvents>@start</TrackingEvents></Linear></Creative></Creatives></InLine></Ad></VAST>",
    },
];

/// Contents of an `InLine` where the meaning is not clear. The element at the wrong place is kept as it is.
const UNCLEAR: &[&str] = &[
    "<AdVerifications><VerificationParameters>p</VerificationParameters></AdVerifications>",
    "<AdVerifications><JavaScriptResource>https://x.example/1</JavaScriptResource><ExecutableResource>https://x.example/2</ExecutableResource></AdVerifications>",
    "<AdVerifications><JavaScriptResource>https://x.example/1</JavaScriptResource></AdVerifications><AdVerifications><JavaScriptResource>https://x.example/2</JavaScriptResource></AdVerifications>",
    "<Odd><Impression>https://x.example/2</Impression></Odd>",
    "<Creatives><Creative><CompanionAds><AltText>a</AltText>@companion@companion</CompanionAds></Creative></Creatives>",
    "<Creatives><Creative><CompanionAds>@companion</CompanionAds><Duration>00:00:15</Duration></Creative></Creatives>",
    "<Creatives><Creative><CompanionAds>@companion@companion</CompanionAds><TrackingEvents>@start</TrackingEvents></Creative></Creatives>",
    "<Creatives><Creative><Linear>@media</Linear><StaticResource>https://x.example/a</StaticResource></Creative></Creatives>",
    "<Creatives><Creative><Linear/></Creative><Creative><Linear/></Creative></Creatives>@media",
    "<Creatives><Creative id=\"1\"/><Creative id=\"2\"/></Creatives><UniversalAdId idRegistry=\"r\">u</UniversalAdId>",
    "<AdVerifications>@verification@verification<VerificationParameters>p</VerificationParameters></AdVerifications>",
    "<JavaScriptResource>https://x.example/js</JavaScriptResource>",
    "<VASTAdTagURI>https://x.example/</VASTAdTagURI>",
    "<BlockedAdCategories>b</BlockedAdCategories>",
    "<Unknown><Linear>@media</Linear></Unknown>",
    "<AdVerifications><Verification><ViewableImpression>@viewable</ViewableImpression></Verification></AdVerifications>",
    "<Creatives><Ad><InLine/></Ad></Creatives>",
];

pub(crate) fn filled(text: &str) -> String {
    let parts = [
        ("@head", HEAD),
        ("@media", MEDIA),
        ("@companion", COMPANION),
        ("@start", START),
        ("@icon", ICON),
        ("@verification", VERIFICATION),
        ("@viewable", VIEWABLE),
    ];
    parts.iter().fold(text.to_owned(), |text, (name, part)| text.replace(name, part))
}

pub(crate) fn in_inline(body: &str) -> String {
    filled(&format!("<VAST version=\"4.2\"><Ad id=\"a\"><InLine>@head{body}</InLine></Ad></VAST>"))
}

/// What is wrong. The models must be equal, and the warnings too, except that the wrong document has `misplaced_element`.
pub(crate) fn mistake(wrong: &str, right: &str) -> Option<String> {
    let (found, expected) = (document(wrong), document(right));
    if found.vast != expected.vast {
        return Some(format!("{wrong} is read as\n{}", write(&found.vast)));
    }
    let (mut all, mut others) = (codes(&found), codes(&expected));
    let is_said = all.contains(&"misplaced_element");
    all.retain(|code| *code != "misplaced_element" && *code != "wrong_case");
    all.sort_unstable();
    others.sort_unstable();
    (!is_said || all != others).then(|| format!("{wrong}: {:?}, not {others:?}", codes(&found)))
}

#[test]
fn elements_at_wrong_places_are_read_as_if_they_stood_at_the_right_ones() {
    let inlines = INLINES.iter().map(|case| (in_inline(case.wrong), in_inline(case.right)));
    let documents = DOCUMENTS.iter().map(|case| (filled(case.wrong), filled(case.right)));
    let mistakes: Vec<String> = inlines.chain(documents).filter_map(|(wrong, right)| mistake(&wrong, &right)).collect();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[test]
fn elements_with_an_unclear_meaning_stay_where_they_are() {
    for body in UNCLEAR {
        let document = document(&in_inline(body));
        let codes = codes(&document);
        assert!(codes.contains(&"unknown_element") && !codes.contains(&"misplaced_element"), "{body}: {codes:?}");
        assert_eq!(self::document(&write(&document.vast)).vast, document.vast, "{body}");
    }
}

#[test]
fn warnings_have_the_positions_of_the_document() {
    let xml = in_inline(
        "\n<Linear><Odd/>\n<Duration>soon</Duration>\n@media</Linear>\n<Creatives>\n<Error/><Creative odd=\"1\"/></Creatives>",
    );
    let document = document(&xml);
    let shown: Vec<String> = document
        .warnings
        .iter()
        .map(|warning| {
            let at = warning.position.offset;
            let length = xml[at..].find(['>', ' ']).map_or(0, |end| end + 1);
            format!("{} {}", warning.code, xml[at..at + length].trim_end())
        })
        .collect();
    assert_eq!(
        shown,
        [
            "misplaced_element <Linear>",
            "unknown_element <Odd/>",
            "invalid_value <Duration>",
            "misplaced_element <Error/>",
            "empty_url <Error/>",
            "unknown_attribute odd=\"1\"/>",
        ]
    );
    let [first, ..] = &document.warnings[..] else { panic!("no warning") };
    assert_eq!(first.message, "<Linear> is at a wrong place: it is read as a part of <Creative>");
}

#[test]
fn nothing_leaves_its_ad() {
    let ad = |body: &str| filled(&format!("<Ad><InLine>@head{body}</InLine></Ad>"));
    let [one, two] = [ad("<Linear>@media</Linear>"), ad("<Creatives><Creative/></Creatives>")];
    let document =
        document(&format!("<VAST version=\"4.2\">{two}{one}{two}<Impression>https://x.example/o</Impression></VAST>"));
    let creatives: Vec<usize> = document.vast.ads.iter().map(|ad| ad.creatives().len()).collect();
    assert_eq!(creatives, [1, 1, 1]);
    assert!(document.vast.ads.iter().all(|ad| ad.inline().expect("an InLine").impressions.len() == 1));
    assert_eq!(codes(&document), ["misplaced_element", "unknown_element"]);
}

#[test]
fn strict_reading_refuses_an_element_at_a_wrong_place() {
    let strict = ParseOptions { strict: true, ..ParseOptions::default() };
    for Case { wrong, right } in INLINES.iter().take(3) {
        assert!(parse(in_inline(wrong).as_bytes(), &strict).is_err(), "{wrong}");
        assert!(parse(in_inline(right).as_bytes(), &strict).is_ok(), "{right}");
    }
}

/// An element of a document.
struct Part {
    name: String,
    whole: std::ops::Range<usize>,
    /// The start of its end tag; the end of the element if it has none.
    content_end: usize,
    parent: Option<usize>,
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut open = Vec::new();
    // The end of the last token. No blanks and no comments stand before an end tag in these documents.
    let mut at = 0;
    for token in source_tokens(text) {
        match token {
            SourceToken::Start(tag) => {
                at = tag.range.end;
                let name = tag.name.rsplit(':').next().unwrap_or_default().to_owned();
                parts.push(Part { name, content_end: at, whole: tag.range, parent: open.last().copied() });
                if !tag.is_empty {
                    open.push(parts.len() - 1);
                }
            }
            SourceToken::End(_) => {
                let start = at + text[at..].find("</").expect("an end tag");
                at = start + text[start..].find('>').expect("its end") + 1;
                let part = &mut parts[open.pop().expect("an open element")];
                (part.content_end, part.whole.end) = (start, at);
            }
            SourceToken::Text(range) | SourceToken::Reference(range, _) => at = range.end,
            _ => {}
        }
    }
    parts
}

/// The lines of the model that have a URL, without the elements that are kept as unknown.
fn urls(vast: &Vast) -> BTreeMap<String, usize> {
    let mut urls = BTreeMap::new();
    let shown = format!("{vast:#?}");
    let mut lines = shown.lines();
    while let Some(line) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        if line.trim_start().starts_with("extra: Extra {") {
            let is_end = |line: &&str| line.len() - line.trim_start().len() == indent;
            lines.by_ref().find(is_end);
        } else if line.contains("://") {
            *urls.entry(line.trim().to_owned()).or_default() += 1;
        }
    }
    urls
}

/// The document with one element at another place.
fn moved(text: &str, part: &Part, to: usize) -> String {
    let (whole, piece) = (part.whole.clone(), &text[part.whole.clone()]);
    if to <= whole.start {
        [&text[..to], piece, &text[to..whole.start], &text[whole.end..]].concat()
    } else {
        [&text[..whole.start], &text[whole.end..to], piece, &text[to..]].concat()
    }
}

const FIXTURES: &[&str] = &[
    "inline-2.0",
    "inline-3.0",
    "inline-4.0",
    "inline-4.2",
    "audio-4.3",
    "wrapper-4.2",
    "non-linear-4.4",
    "pod-3.0",
    "media-files",
    "companions",
];

/// Elements with any content, and one that the model does not have.
const ANY_CONTENT: [&str; 6] =
    ["Extensions", "CreativeExtensions", "AdParameters", "HTMLResource", "VerificationParameters", "FlashResource"];

/// Elements that belong to one of the creatives.
const OF_CREATIVE: [&str; 2] = ["UniversalAdId", "CreativeExtensions"];

/// Elements of which there may be several, each with its own parts.
const REPEATED: [&str; 3] = ["Companion", "NonLinear", "Icon"];

/// Places that an older or newer version has, or that are read without a warning.
const TOLERATED: [(&str, &str); 4] = [
    ("ClosedCaptionFile", "MediaFiles"),
    ("InteractiveCreativeFile", "Linear"),
    ("CreativeExtensions", "Linear"),
    ("TrackingEvents", "NonLinear"),
];

/// Whether the meaning of a part is clear when it stands in `to`.
fn is_clear(parts: &[Part], part: &Part, to: usize) -> bool {
    let around = |index: usize| std::iter::successors(Some(index), |index| parts[*index].parent);
    let parent = part.parent.expect("not the root");
    let is_several = |index: usize| {
        let same = parts.iter().filter(|other| other.parent == parts[index].parent && other.name == parts[index].name);
        let is_one_of = parts[index].name == "Creative" && OF_CREATIVE.contains(&&*part.name);
        (is_one_of || REPEATED.contains(&&*parts[index].name)) && same.count() > 1
    };
    // VAST 4.0 has a `ViewableImpression` in `Verification`, which the model does not have.
    let is_of_four = |index: usize| {
        parts[index].name == "ViewableImpression"
            && parts[index].parent.is_some_and(|parent| parts[parent].name == "Verification")
    };
    let is_any = around(to).chain(around(parent)).any(|index| ANY_CONTENT.contains(&&*parts[index].name));
    let has_no_place = part.name == "Ad"
        || part.name == "FlashResource"
        || (part.name == "ViewableImpression" && parts[parent].name == "Verification");
    let is_in_ad = !has_no_place && around(to).any(|index| parts[index].name == "Ad");
    let is_ad = part.name == "InLine" || part.name == "Wrapper";
    !is_any && !is_of_four(to) && !is_several(parent) && (is_in_ad || is_ad)
}

#[test]
fn no_url_is_lost_when_an_element_is_one_level_too_high_or_too_low() {
    let mut count = 0;
    let mut mistakes = Vec::new();
    for name in FIXTURES {
        // As it is written, so that it has no oddities.
        let text = write(&parse(&fixture(name), &ParseOptions::default()).expect("VAST").vast);
        let before = urls(&document(&text).vast);
        let parts = parts(&text);
        for (index, part) in parts.iter().enumerate() {
            let Some(parent) = part.parent else { continue };
            let up = parts[parent].parent.map(|outer| (outer, parts[parent].whole.end));
            let is_sibling = |(other, sibling): &(usize, &Part)| sibling.parent == Some(parent) && *other != index;
            let siblings = parts.iter().enumerate().filter(is_sibling);
            let has_content = |part: &Part| part.content_end < part.whole.end;
            let down = siblings.filter(|(_, one)| has_content(one)).map(|(index, one)| (index, one.content_end));
            for (into, to) in down.chain(up).filter(|(into, _)| is_clear(&parts, part, *into)) {
                let (from, into) = (&parts[parent].name, &parts[into].name);
                let what = format!("{name}: <{}> of <{from}> in <{into}>", part.name);
                let found = document(&moved(&text, part, to));
                let after = urls(&found.vast);
                let lost = before.iter().filter(|(url, count)| after.get(*url).is_none_or(|found| found < count));
                mistakes.extend(lost.map(|(url, _)| format!("{what}: {url} is lost")));
                let is_tolerated = from == into || TOLERATED.contains(&(&part.name, into));
                if !is_tolerated && !codes(&found).contains(&"misplaced_element") {
                    mistakes.push(format!("{what}: {:?}", codes(&found)));
                }
                count += 1;
            }
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
    assert!(count > 1_000, "{count}");
}
