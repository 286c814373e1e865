//! Tests the round trip: a document that is read, written and read again gives the same model.

use crate::read::fixtures;
use crate::samples::contents;
use proptest::prelude::*;
use vast_xml::model::Vast;
use vast_xml::{AnyDocument, ParseOptions, parse, parse_any, vmap, write};

/// Documents with content that a writer can easily lose or write twice. The elements are in the order of the schema, so the
/// writer must not move them.
const DELICATE: &[(&str, &str)] = &[
    ("an answer without ads", r#"<VAST version="3.0"><Error>https://a.example/e</Error></VAST>"#),
    ("nothing at all", "<VAST/>"),
    ("a version that is none", r#"<VAST version="next"/>"#),
    (
        "unknown parts of elements that are only text",
        r#"<VAST version="3.0"><Ad><InLine>
             <AdSystem version="1" q="1">S<b>old</b></AdSystem>
             <Error id="e" class="x"><i/>https://a.example/e</Error><Error>https://a.example/f</Error>
             <Impression>https://a.example/i</Impression>
             <Pricing model="CPM" currency="EUR" unit="m">1</Pricing>
             <ViewableImpression><Viewable late="1">https://a.example/v</Viewable></ViewableImpression>
             <AdTitle lang="en">T</AdTitle><Expires unit="s">5</Expires>
             <Survey type="t" once="1">https://a.example/s</Survey>
             <Description lang="en"/>
           </InLine></Ad></VAST>"#,
    ),
    (
        "second elements of a kind",
        r#"<VAST version="3.0"><Ad><InLine><AdSystem>1</AdSystem><AdTitle>1</AdTitle>
             <Creatives><Creative><Linear><Duration>00:00:01</Duration><Duration>00:00:02</Duration>
               <AdParameters>1</AdParameters><AdParameters>2</AdParameters></Linear><Linear skipoffset="5%"/></Creative></Creatives>
             <AdSystem version="2"/><AdSystem/><AdTitle>2</AdTitle>
           </InLine></Ad></VAST>"#,
    ),
    (
        "unknown parts of groups, and a namespace declared there",
        r#"<VAST version="4.1" xmlns="http://www.iab.com/VAST"><Ad><InLine><Creatives xmlns:p="urn:p" p:a="1"><Creative>
             <Linear>
               <Icons p:a="1"><Icon><IconClicks p:a="2"><IconClickFallbackImages p:a="3"><IconClickFallbackImage/><p:x/>
                 </IconClickFallbackImages><IconClickThrough>https://a.example</IconClickThrough></IconClicks></Icon><p:x/></Icons>
               <TrackingEvents><Tracking event="start">https://a.example/s</Tracking>
                 <Tracking event="progress" offset="soon" id="7"><![CDATA[https://a.example/p]]></Tracking></TrackingEvents>
               <MediaFiles p:a="1"><ClosedCaptionFiles p:b="1"><ClosedCaptionFile>https://a.example/c</ClosedCaptionFile><p:x/></ClosedCaptionFiles>
                 <MediaFile width="wide">https://a.example/m<p:x/></MediaFile><p:y> <![CDATA[]]> </p:y></MediaFiles>
               <VideoClicks><p:x/></VideoClicks>
               <TrackingEvents p:second="yes"><Tracking>https://a.example/nameless</Tracking></TrackingEvents>
             </Linear>
           </Creative></Creatives></InLine></Ad></VAST>"#,
    ),
    (
        "an element of the standard in a URL that is kept unchanged",
        r#"<VAST version="2.0"><Ad><InLine><MediaFile><URL>https://a.example/u</URL><URL><AdSystem/></URL></MediaFile></InLine></Ad></VAST>"#,
    ),
    (
        "an element of the standard in a second URL",
        r#"<VAST version="2.0"><Ad><InLine><MediaFile>https://a.example/u<URL>https://a.example/v<AdSystem>a</AdSystem></URL></MediaFile></InLine></Ad></VAST>"#,
    ),
    (
        "an element of the standard in an impression of a non-linear ad",
        r#"<VAST version="1.0"><Ad><Wrapper><NonLinearAds><NonLinearImpression>https://a.example/u<TrackingEvents/></NonLinearImpression></NonLinearAds></Wrapper></Ad></VAST>"#,
    ),
    (
        "elements of the standard with values in impressions",
        r#"<VAST version="1.0"><Ad><Wrapper><NonLinearAds><NonLinearImpression><URL>https://a.example/u<TrackingEvents><Tracking
             event="start">https://a.example/t</Tracking></TrackingEvents></URL><URL/></NonLinearImpression></NonLinearAds><CompanionAds>
             <CompanionImpression>https://a.example/u<Companion width="1" height="2"/></CompanionImpression></CompanionAds></Wrapper></Ad></VAST>"#,
    ),
    (
        "an element of the standard in the id of a video",
        r#"<VAST version="1.0"><Ad><InLine><Video><AdID>1<Duration>00:00:05</Duration><TrackingEvents/></AdID></Video></InLine></Ad></VAST>"#,
    ),
    (
        "a landing page of the ad beside that of its video",
        r#"<VAST version="1.0"><Ad><InLine><Video><VideoClicks><ClickThrough>https://a.example/1</ClickThrough></VideoClicks></Video>
             <VideoClicks><ClickThrough>https://a.example/2</ClickThrough><New/></VideoClicks></InLine></Ad></VAST>"#,
    ),
    (
        "landing pages of the ad before its video",
        r#"<VAST version="1.0"><Ad><InLine><VideoClicks><ClickThrough>https://a.example/1</ClickThrough><ClickThrough>https://a.example/2</ClickThrough>
             </VideoClicks><Video><Duration>00:00:05</Duration></Video><Video/></InLine></Ad></VAST>"#,
    ),
    (
        "unknown parts of events and clicks without a video",
        r#"<VAST version="1.0"><Ad><InLine><VideoClicks><New/></VideoClicks><TrackingEvents><New/></TrackingEvents><NonLinearAds><NonLinear
             width="1" height="1"/></NonLinearAds></InLine></Ad></VAST>"#,
    ),
    (
        "extensions as they are",
        "<VAST version='3.0' xmlns:p='urn:p'><Ad><Wrapper><Extensions p:all='1'><Extension type=' A&#10;b ' p:c=' '>\n\n <p:x a='&quot;&#9;'/> &amp;<!-- c\n --><![CDATA[<]]>\n</Extension><extension/><Bare/></Extensions></Wrapper></Ad></VAST>",
    ),
    (
        "an extension that holds what belongs elsewhere",
        r#"<VAST version="2.0"><Ad><InLine><Extensions>
             <Extension type=" adverifications "><AdVerifications><Verification vendor="v"/></AdVerifications></Extension>
             <Extension type="UniversalAdId"><UniversalAdId idRegistry="r" creativeId="2">u</UniversalAdId></Extension>
             <Extension type="Icon"><Icon program="i"/></Extension>
           </Extensions><Creatives><Creative id="1"><Linear/></Creative><Creative id="2"/></Creatives></InLine></Ad></VAST>"#,
    ),
];

fn read(input: &[u8]) -> Option<Vast> {
    parse(input, &ParseOptions::default()).ok().map(|document| document.vast)
}

/// Checks the round trip of a document. Returns false if it is neither VAST nor VMAP.
fn check(name: &str, input: &[u8]) -> bool {
    let Ok(first) = parse_any(input, &ParseOptions::default()) else { return false };
    let (written, again) = match &first {
        AnyDocument::Vast(first) => {
            let written = write(&first.vast);
            let second = read(written.as_bytes()).unwrap_or_else(|| panic!("{name} is not read again:\n{written}"));
            assert_eq!(second, first.vast, "{name} became\n{written}");
            (written, write(&second))
        }
        AnyDocument::Vmap(first) => {
            let written = vmap::write(&first.vmap);
            let second = vmap::parse(written.as_bytes(), &ParseOptions::default())
                .unwrap_or_else(|error| panic!("{name} is not read again: {error}\n{written}"));
            assert_eq!(second.vmap, first.vmap, "{name} became\n{written}");
            (written, vmap::write(&second.vmap))
        }
    };
    assert_eq!(again, written, "{name} changes when it is written once more");
    true
}

/// Checks every document and returns the number of those that are VAST or VMAP.
fn check_all(documents: &[(String, Vec<u8>)]) -> usize {
    documents.iter().filter(|(name, input)| check(name, input)).count()
}

#[test]
fn r195_every_fixture_comes_back() {
    let checked = check_all(&fixtures());
    assert!(checked >= 40, "{checked} documents");
}

#[test]
fn r195_every_sample_comes_back() {
    assert!(check_all(&contents()) > 0, "no documents");
}

#[test]
fn r195_delicate_documents_are_read_back_unchanged() {
    for (name, document) in DELICATE {
        assert!(check(name, document.as_bytes()), "{name} is not VAST");
    }
}

/// Unknown parts of an element that contains only a text must be written at this element, not at another with its name.
#[test]
fn r195_unknown_parts_stay_with_their_own_child() {
    let document = r#"<VAST version="3.0"><Error>https://a.example/1</Error>
        <Error p:x="2" xmlns:p="urn:p">https://a.example/2<p:y/></Error></VAST>"#;
    let written = write(&read(document.as_bytes()).expect("a document"));
    let second = r#"<Error p:x="2" xmlns:p="urn:p"><![CDATA[https://a.example/2]]><p:y/></Error>"#;
    assert!(written.contains(second), "{written}");
}

/// A generated element.
#[derive(Clone, Debug)]
struct Tree {
    name: &'static str,
    attributes: Vec<(&'static str, &'static str)>,
    text: &'static str,
    children: Vec<Tree>,
}

impl Tree {
    fn push(&self, out: &mut String) {
        out.push_str(&format!("<{}", self.name));
        let mut seen = Vec::new();
        for (name, value) in &self.attributes {
            if !seen.contains(name) {
                out.push_str(&format!(" {name}='{value}'"));
                seen.push(*name);
            }
        }
        out.push('>');
        out.push_str(self.text);
        self.children.iter().for_each(|child| child.push(out));
        out.push_str(&format!("</{}>", self.name));
    }
}

const NAMES: &[&str] = &[
    "AdSystem",
    "AdTitle",
    "adtitle",
    "Error",
    "Impression",
    "Extensions",
    "Extension",
    "Category",
    "Pricing",
    "Expires",
    "Survey",
    "ViewableImpression",
    "Viewable",
    "AdVerifications",
    "Verification",
    "JavaScriptResource",
    "ExecutableResource",
    "VerificationParameters",
    "Creatives",
    "Creative",
    "CreativeExtensions",
    "CreativeExtension",
    "UniversalAdId",
    "Linear",
    "Duration",
    "AdParameters",
    "MediaFiles",
    "MediaFile",
    "Mezzanine",
    "InteractiveCreativeFile",
    "ClosedCaptionFiles",
    "ClosedCaptionFile",
    "VideoClicks",
    "ClickThrough",
    "ClickTracking",
    "TrackingEvents",
    "Tracking",
    "Icons",
    "Icon",
    "IconClicks",
    "IconClickFallbackImages",
    "IconClickFallbackImage",
    "IconViewTracking",
    "StaticResource",
    "IFrameResource",
    "HTMLResource",
    "NonLinearAds",
    "NonLinear",
    "NonLinearClickTracking",
    "CompanionAds",
    "Companion",
    "CompanionClickThrough",
    "AltText",
    "URL",
    "Code",
    "Video",
    "AdID",
    "NonLinearImpression",
    "CompanionImpression",
    "VASTAdTagURI",
    "VASTAdTagURL",
    "p:Other",
    "Other",
    "p:Linear",
];

const ATTRIBUTES: &[(&str, &str)] = &[
    ("id", "1"),
    ("ID", "2"),
    ("id", " 3 "),
    ("event", "start"),
    ("event", "close"),
    ("event", "progress"),
    ("offset", "00:00:01.5"),
    ("offset", "10 %"),
    ("offset", "x"),
    ("type", "Mezzanine"),
    ("type", "AdVerifications"),
    ("type", "Icon"),
    ("width", "640px"),
    ("Width", "5"),
    ("width", ""),
    ("apiFramework", "a"),
    ("apiFramwork", "b"),
    ("resourceType", "iframe"),
    ("resourceType", "other"),
    ("creativeType", "image/png"),
    ("idValue", "v"),
    ("idRegistry", "r"),
    ("sequence", "0"),
    ("skipoffset", "5"),
    ("xmlEncoded", "1"),
    ("p:x", "y"),
    ("other", "z"),
    ("xmlns", "urn:d"),
    ("authority", "a"),
    ("version", "7"),
    ("required", "ALL"),
    ("renderingMode", ""),
];

const TEXTS: &[&str] = &[
    "",
    " ",
    "https://a.example/u",
    "<![CDATA[ https://a.example/u ]]>",
    "<![CDATA[https://a.example/]]> <![CDATA[u]]>",
    "00:00:05",
    "7",
    "a &amp; b",
    "<!-- c -->",
    "a<!-- c -->b",
    "30.1234567",
    "x,y",
];

fn tree() -> impl Strategy<Value = Tree> {
    let attributes = || prop::collection::vec(prop::sample::select(ATTRIBUTES), 0..4);
    let of = move |children| {
        (prop::sample::select(NAMES), attributes(), prop::sample::select(TEXTS), children)
            .prop_map(|(name, attributes, text, children)| Tree { name, attributes, text, children })
    };
    of(Just(Vec::new()).boxed()).prop_recursive(6, 40, 6, move |inner| {
        (prop::sample::select(NAMES), attributes(), prop::sample::select(TEXTS), prop::collection::vec(inner, 0..6))
            .prop_map(|(name, attributes, text, children)| Tree { name, attributes, text, children })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Generates elements of the standard at any place, with any attributes and texts.
    #[test]
    fn r195_any_elements_at_any_place_come_back(
        kind in prop::sample::select(&["InLine", "Wrapper"][..]),
        version in prop::sample::select(&["1.0", "2.0", "3.0", "4.2"][..]),
        children in prop::collection::vec(tree(), 0..8),
    ) {
        let mut document = format!("<VAST version='{version}' xmlns:p='urn:p'><Ad><{kind}>");
        children.iter().for_each(|child| child.push(&mut document));
        document.push_str(&format!("</{kind}></Ad></VAST>"));
        check(&document, document.as_bytes());
    }
}
