//! Tests the round trip: a document that is read, written and read again gives the same model.

use crate::model::Vast;
use crate::{AnyDocument, ParseOptions, parse, parse_any, vmap, write};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

pub(super) fn read(input: &[u8]) -> Option<Vast> {
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

/// The XML files in a folder and its subfolders.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        match path.extension().is_some_and(|extension| extension == "xml") {
            true => found.push(path),
            false if path.is_dir() => found.extend(files(&path)),
            false => {}
        }
    }
    found.sort();
    found
}

#[expect(clippy::disallowed_methods, reason = "files of the repository have no hostile size")]
fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// Checks every document in a folder and returns their number.
fn check_folder(folder: &Path) -> usize {
    files(folder).iter().filter(|path| check(&path.display().to_string(), &bytes(path))).count()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/xml")
}

#[test]
fn r195_every_fixture_comes_back() {
    let checked = check_folder(&fixtures());
    assert!(checked >= 40, "{checked} documents");
}

/// Checks our samples, and the documents in the folder that `VAST_SAMPLES` names, if it is set.
#[test]
fn r195_every_sample_comes_back() {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/samples");
    for folder in std::iter::once(ours).chain(std::env::var_os("VAST_SAMPLES").map(PathBuf::from)) {
        assert!(check_folder(&folder) > 0, "no documents in {folder:?}");
    }
}

#[test]
fn r195_delicate_documents_are_read_back_unchanged() {
    for (name, document) in super::documents::DELICATE {
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
