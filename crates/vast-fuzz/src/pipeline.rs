//! A request whose documents are hostile.

use vast_client::request::Slot;
use vast_client::select::{self, ParseFilter, Verdict};
use vast_client::{Bytes, FetchResult, Outcome};
use vast_xml::{ParseOptions, parse_any, write};

use crate::request::{Servers, request};

/// An ad that can be used.
pub(crate) const GOOD: &str = "<VAST version='4.2'><Ad id='good'><InLine><AdSystem>a</AdSystem><AdTitle>a</AdTitle>\
    <Impression>https://t.example/good</Impression><Creatives><Creative><Linear><Duration>00:00:15</Duration><MediaFiles>\
    <MediaFile delivery='progressive' type='video/mp4' width='640' height='360'>https://c.example/a.mp4</MediaFile></MediaFiles></Linear>\
    </Creative></Creatives></InLine></Ad></VAST>";
/// A wrapper that leads to a document whose path is its own path and an `x`.
const WRAPPER: &str = "<VAST version='4.2'><Ad id='w'><Wrapper><AdSystem>a</AdSystem><VASTAdTagURI>https://w.example/more</VASTAdTagURI>\
    <Impression>https://t.example/w</Impression></Wrapper></Ad></VAST>";
/// The largest number of requests of two sources: 20 documents each.
const MOST_REQUESTS: usize = 40;

/// Two sources: the document of the first is the input, and each URL that it names leads to the input again, to a wrapper, to an ad or to
/// nothing. The second source has an ad. The request always ends and always has an ad; each ad of the answer passes the rules again
/// and is of a document that can be read; the answer can be written and read.
///
/// # Panics
/// If that does not hold.
pub fn pipeline(data: &[u8]) {
    let input = Bytes::copy_from_slice(data);
    let servers = Servers::new(move |path| match path {
        "/own" => input.clone(),
        "/good" => GOOD.into(),
        _ => match path.bytes().fold(0_u8, u8::wrapping_add) % 4 {
            0 => input.clone(),
            1 => WRAPPER.into(),
            2 => Bytes::new(),
            _ => GOOD.into(),
        },
    });
    let result = request(&servers, &["/own", "/good"]);
    assert!(result.success, "there is no ad: {:?}", result.errors);
    assert_eq!(result.source_report("/good").map(|source| source.outcome), Some(Outcome::Filled));
    assert!(servers.requested().len() <= MOST_REQUESTS, "{} requests", servers.requested().len());
    // The answer to a playlist is an answer for each of its breaks.
    let breaks = result.schedule.iter().flat_map(|schedule| schedule.answers()).filter(|answer| answer.success);
    let answers: Vec<_> = breaks.chain(Some(&result).filter(|result| result.schedule.is_none())).collect();
    assert!(!answers.is_empty());
    for answer in answers {
        assert!(!answer.ads.is_empty(), "an answer without an ad");
        check_ads(answer);
        check_documents(answer, &servers);
        check_answer(answer);
    }
}

fn check_ads(result: &FetchResult) {
    for ad in &result.ads {
        let verdict = select::verdict(&ad.ad, &Slot::default(), &ParseFilter::default());
        assert!(matches!(verdict, Verdict::Usable(_)), "{verdict:?} of an ad of the answer");
    }
}

fn check_documents(result: &FetchResult, servers: &Servers) {
    for (url, body) in servers.requested() {
        if parse_any(&body, &ParseOptions::default()).is_err() {
            let is_of_it = |hop: &str| hop == url;
            assert!(!result.ads.iter().any(|ad| is_of_it(&ad.ad.document.url)), "an ad of {url}, which cannot be read");
        }
    }
}

fn check_answer(result: &FetchResult) {
    let answer = result.flatten();
    let text = write(&answer);
    let read = vast_xml::parse(text.as_bytes(), &ParseOptions::default());
    let read = read.unwrap_or_else(|error| panic!("{text:?} cannot be read: {error}"));
    assert_eq!(read.vast.ads.len(), result.ads.len(), "{text:?}");
}
