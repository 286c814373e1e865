//! Every fixture and sample, truncated at every byte and with every byte changed. Each must give a model with warnings or
//! an error with a position, and everything that was complete before the damage must be in the model.

use crate::read::fixtures;
use crate::samples;
use vast_xml::model::{Ad, Vast};
use vast_xml::vmap::AdData;
use vast_xml::{AnyDocument, ParseErrorKind, ParseOptions, WarningCode, parse_any};

/// How many positions of a large document are tried. In a smaller document every position is tried.
const PLACES: usize = 1_200;
/// The changes of a byte: one wrong bit, all bits wrong, or a character with a meaning in XML.
const CHANGES: [fn(u8) -> u8; 8] =
    [|byte| byte ^ 1, |byte| byte ^ 0x20, |byte| byte ^ 0x80, |byte| !byte, |_| b'<', |_| b'>', |_| b'"', |_| 0];

/// A document and the ends of its ads.
struct Whole {
    name: String,
    bytes: Vec<u8>,
    ads: Vec<Ad>,
    /// The end of each ad; empty if it cannot be found in the bytes.
    ends: Vec<usize>,
}

impl Whole {
    fn new(name: String, bytes: Vec<u8>) -> Whole {
        let ads = parse_any(&bytes, &ParseOptions::default()).map(|document| ads(&document)).unwrap_or_default();
        let end = b"</Ad>";
        let ends: Vec<usize> =
            (0..bytes.len()).filter(|at| bytes[*at..].starts_with(end)).map(|at| at + end.len()).collect();
        let ends = if ends.len() == ads.len() { ends } else { Vec::new() };
        Whole { name, bytes, ads, ends }
    }

    fn places(&self) -> impl Iterator<Item = usize> {
        (0..self.bytes.len()).step_by(self.bytes.len().div_ceil(PLACES).max(1))
    }

    /// Reads the damaged document. It is unchanged before the position `damage`.
    fn check(&self, bytes: &[u8], damage: usize, what: &str) {
        let place = || format!("{}, {what} at byte {damage}", self.name);
        let complete = self.ends.iter().filter(|end| **end <= damage).count();
        match parse_any(bytes, &ParseOptions::default()) {
            Ok(document) => {
                let found = ads(&document);
                assert!(found.len() >= complete && found[..complete] == self.ads[..complete], "{}: lost ads", place());
                for warning in document.warnings() {
                    assert!(warning.position.line > 0 && is_inside(warning.position.offset, bytes), "{}", place());
                }
            }
            Err(error) => {
                assert_eq!(complete, 0, "{}: {error}", place());
                assert!(!error.message.is_empty() && error.position.line > 0, "{}", place());
                assert!(is_inside(error.position.offset, bytes), "{}: {error}", place());
            }
        }
    }
}

/// Whether an offset is inside the document. In UTF-16 and similar encodings, offsets count in the text after its
/// conversion to UTF-8, which has at most three bytes for each byte of the input.
fn is_inside(offset: usize, bytes: &[u8]) -> bool {
    let most = if std::str::from_utf8(bytes).is_ok() { bytes.len() } else { 3 * bytes.len() };
    offset <= most
}

fn ads(document: &AnyDocument) -> Vec<Ad> {
    let of = |vast: &Vast| vast.ads.clone();
    match document {
        AnyDocument::Vast(document) => of(&document.vast),
        AnyDocument::Vmap(document) => {
            let inside = document.vmap.breaks.iter().filter_map(|one| match one.ad_data() {
                Some(AdData::Vast(vast)) => Some(of(vast)),
                _ => None,
            });
            inside.flatten().collect()
        }
    }
}

/// Fixtures and samples.
fn documents() -> Vec<Whole> {
    let samples = samples::files().into_iter().map(|path| (path.display().to_string(), crate::read::content(&path)));
    fixtures().into_iter().chain(samples).map(|(name, bytes)| Whole::new(name, bytes)).collect()
}

#[test]
fn r070_cut_at_every_byte() {
    let mut with_ads = 0;
    for whole in documents() {
        whole.check(&whole.bytes, whole.bytes.len(), "whole");
        for end in whole.places() {
            whole.check(&whole.bytes[..end], end, "cut");
        }
        with_ads += usize::from(!whole.ends.is_empty());
    }
    assert!(with_ads > 15, "complete ads are looked for in {with_ads} documents only");
}

#[test]
fn r070_every_byte_changed() {
    for whole in documents() {
        let mut changed = whole.bytes.clone();
        for index in whole.places() {
            for change in CHANGES {
                changed[index] = change(whole.bytes[index]);
                whole.check(&changed, index, "changed");
            }
            changed[index] = whole.bytes[index];
        }
    }
}

/// If a document is truncated after its first ad, there is a warning or an error.
#[test]
fn r059_a_cut_behind_a_complete_ad_is_reported() {
    let mut checked = 0;
    for whole in documents() {
        let Some((first, last)) = whole.ends.first().zip(whole.bytes.iter().rposition(|byte| *byte == b'>')) else {
            continue;
        };
        // Nothing is lost after the end tag of the root.
        let root = whole.bytes[..last].iter().rposition(|byte| *byte == b'<').unwrap_or(0);
        let is_plain_end = whole.bytes[root..].starts_with(b"</VAST>");
        for end in (*first..root).step_by(7).filter(|_| is_plain_end) {
            let document = parse_any(&whole.bytes[..end], &ParseOptions::default());
            let document = document.unwrap_or_else(|error| panic!("{}, cut at {end}: {error}", whole.name));
            let said = document.warnings().iter().any(|warning| warning.code == WarningCode::Damaged);
            assert!(said, "{}, cut at {end}", whole.name);
            checked += 1;
        }
    }
    assert!(checked > 50, "{checked} cuts");
}

/// The same property with the number of ads: the model has every complete ad and no other.
#[test]
fn damage_loses_only_the_ads_after_it() {
    let ad = "<Ad id=\"ID\"><Wrapper><AdSystem>s</AdSystem><VASTAdTagURI>u</VASTAdTagURI><Impression>i</Impression></Wrapper></Ad>";
    for damage in
        ["", "<", "<Ad", "<Ad id=\"", "</Wrong>", "<![CDATA[", "<!--", "<Ad><InLine>", "<?", "<Ad><Wrapper><Error>&#"]
    {
        for complete in 0..3 {
            let xml = format!("<VAST version=\"3.0\">{}{damage}", ad.repeat(complete));
            match parse_any(xml.as_bytes(), &ParseOptions::default()) {
                Ok(document) => {
                    assert_eq!(ads(&document).len(), complete, "{damage:?} behind {complete}");
                    let last = document.warnings().last().map(|warning| warning.code);
                    assert_eq!(last, Some(WarningCode::Damaged), "{damage:?} behind {complete}");
                }
                Err(error) => assert_eq!((complete, error.kind), (0, ParseErrorKind::NotXml), "{damage:?}"),
            }
        }
    }
}
