//! Runs properties on mutations. The same seed gives the same inputs.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fastrand::Rng;

use crate::mutate::mutated;
use crate::{Body, Corpus};

/// Pieces of documents.
const MARKUP: &[&str] = &[
    "<!--",
    "-->",
    "--",
    "<![CDATA[",
    "]]>",
    "]]",
    "<?x?>",
    "<?xml version='1.0' encoding='utf-16'?>",
    "<!DOCTYPE x>",
    "&amp;",
    "&#0;",
    "&#x1F600;",
    "&#13;",
    "&lt;",
    "&",
    ";",
    "<",
    ">",
    "/>",
    "\"",
    "'",
    "=",
    "\0",
    "\r",
    "\n",
    "\t",
    "\u{feff}",
    "\u{fffe}",
    "\u{a0}",
    "é",
    "xmlns=\"\"",
    " xmlns:v=\"urn:v\"",
    " xmlns=\"urn:x\"",
    "v:",
    ":",
    "VAST",
    "vast",
    "<VAST version=\"4.2\">",
    "</VAST>",
    "<Ad>",
    "</Ad>",
    "<InLine>",
    "</InLine>",
    "<Wrapper>",
    "</Wrapper>",
    "<Creatives>",
    "<Creative>",
    "</Creative>",
    "<Linear>",
    "</Linear>",
    "<Video>",
    "<VideoClicks>",
    "<URL>",
    "</URL>",
    "<Error>",
    "<Error/>",
    "<Impression>",
    "<Extensions>",
    "<Extension type=\"",
    "type=\"AdVerifications\"",
    "type=\"Icon\"",
    "type=\"Mezzanine\"",
    "type=\"UniversalAdId\"",
    "<CompanionAds>",
    "<NonLinearAds>",
    "<MediaFiles>",
    "<MediaFile>",
    "<Icons>",
    "<Icon>",
    "<Mezzanine>",
    "<TrackingEvents>",
    "<Tracking event=\"progress\" offset=\"",
    "event=\"start\"",
    " id=\"1\"",
    " sequence=\"0\"",
    "00:00:15.1234",
    "100%",
    "-1",
    "1e9",
    "99999999999999999999",
    "NaN",
    "xmlEncoded=\"true\"",
    "<HTMLResource>",
    "<AdParameters>",
    "<Duration>",
    "<Survey>",
    "<Pricing>",
    "<AdSystem>",
    "<ViewableImpression>",
    "<Viewable>",
    "about:blank",
    "<vmap:VMAP version=\"1.0\">",
    "</vmap:VMAP>",
    "<AdBreak timeOffset=\"",
    "</AdBreak>",
    "timeOffset=\"start\"",
    "#1",
    "<AdSource>",
    "</AdSource>",
    "<VASTAdData>",
    "</VASTAdData>",
    "<AdTagURI>",
    "<CustomAdData>",
    "&lt;VAST&gt;",
];

/// Pieces of URLs.
const ADDRESS: &[&str] = &[
    "[",
    "]",
    "%%",
    "%5B",
    "%5D",
    "%5b",
    "%5d",
    "${",
    "}",
    "$",
    "%",
    "[ERRORCODE]",
    "[CACHEBUSTING]",
    "%%TIMESTAMP%%",
    "%5BPAGEURL%5D",
    "[REASON]",
    "[CLICKPOS]",
    "${random}",
    "[random]",
    "%%random%%",
    "ADTYPE",
    "PAGEURL",
    "IFA",
    "declared",
    ",",
    "http://",
    "https://",
    "HTTP:",
    "//",
    "/",
    "\\",
    "?",
    "#",
    "@",
    ":",
    ":80",
    ":443",
    ":0",
    ":99999",
    "&",
    "=",
    ";",
    "..",
    "/../",
    ".",
    "%2e",
    "%00",
    "%40",
    "%2f",
    "127.1",
    "0x7f.1",
    "2130706433",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::1%25lo]",
    "localhost",
    "xn--",
    "xn--a",
    "bücher",
    "１２７。０。０。１",
    "\u{ad}",
    "\u{200d}",
    "ß",
    "\n",
    "\t",
    "\r",
    "\0",
    " ",
    "\u{a0}",
    "\u{feff}",
    "user:secret@",
    "ads.example",
    "%ff",
    "|",
    "{",
    "^",
    "`",
    "\"",
    "<",
];

/// An input for which a property does not hold.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The property.
    pub body: Body,
    /// The number of the input in the run, from 0, including the corpus.
    pub number: usize,
    /// The input, reduced as far as it still fails.
    pub input: Vec<u8>,
    /// The message of the panic.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { body, number, input, message } = self;
        write!(formatter, "{}, input {number}: {message}\ninput: b\"{}\"", body.name(), input.escape_ascii())
    }
}

impl std::error::Error for Failure {}

/// Runs a property on the inputs of the corpus and on `mutations` mutations of them. Returns the number of inputs.
///
/// # Errors
/// The first [`Failure`].
pub fn drive(body: Body, corpus: &Corpus, mutations: usize, seed: u64) -> Result<usize, Failure> {
    let (inputs, tokens) = match body.reads_documents() {
        true => (corpus.documents().to_vec(), MARKUP),
        false => (corpus.urls(), ADDRESS),
    };
    let mut rng = Rng::with_seed(seed);
    for (number, input) in inputs.iter().enumerate() {
        check(body, number, input)?;
    }
    for number in 0..mutations {
        check(body, inputs.len() + number, &mutated(&mut rng, &inputs, tokens))?;
    }
    Ok(inputs.len() + mutations)
}

fn check(body: Body, number: usize, input: &[u8]) -> Result<(), Failure> {
    if complaint(body, input).is_none() {
        return Ok(());
    }
    let input = smaller(body, input.to_vec());
    let message = complaint(body, &input).unwrap_or_default();
    Err(Failure { body, number, input, message })
}

/// The message of the panic if the property does not hold for this input.
fn complaint(body: Body, input: &[u8]) -> Option<String> {
    // The properties keep no state between two runs.
    let panic = catch_unwind(AssertUnwindSafe(|| body.run(input))).err()?;
    let text = panic.downcast_ref::<String>().cloned();
    Some(text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default())
}

/// Removes pieces of the input, large ones first, as long as the rest still fails.
fn smaller(body: Body, mut input: Vec<u8>) -> Vec<u8> {
    let mut piece = input.len() / 2;
    while piece > 0 {
        let mut at = 0;
        while at < input.len() {
            let mut rest = input.clone();
            rest.drain(at..(at + piece).min(input.len()));
            if complaint(body, &rest).is_some() {
                input = rest;
            } else {
                at += piece;
            }
        }
        piece /= 2;
    }
    input
}
