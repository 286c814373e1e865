//! Random trees of wrappers. Resolving must end within the limits, with the same ads and error reports as a simple
//! implementation of the standard.

use std::time::UNIX_EPOCH;

use crate::scenario::file::Names;
use crate::scenario::network::Network;
use proptest::prelude::*;
use vast_client::env::Env;
use vast_client::journal::Fact;
use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::{FetchConfig, FetchResult, VastClient};
use vast_mock::{Answer, Script};

const MOST_WRAPPERS: usize = 5;
const MOST_DOCUMENTS: usize = 20;

#[derive(Debug, Clone)]
enum Document {
    Ads(Vec<Ad>),
    NotXml,
    NotFound,
}

#[derive(Debug, Clone)]
struct Ad {
    sequence: Option<u32>,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Playable,
    Broken,
    Wrapper { follow: Option<bool>, multiple: Option<bool>, fallback: Option<bool>, next: Box<Document> },
}

fn flag() -> impl Strategy<Value = Option<bool>> {
    prop_oneof![3 => Just(None), 1 => Just(Some(true)), 1 => Just(Some(false))]
}

/// Trees with at most `ads` ads per document. They may be one wrapper deeper than the limit.
fn document(ads: usize) -> impl Strategy<Value = Document> {
    let leaf = prop_oneof![
        2 => Just(Document::Ads(Vec::new())),
        1 => Just(Document::NotXml),
        1 => Just(Document::NotFound),
    ];
    leaf.prop_recursive(7, 60, 3, move |next| {
        let wrapper = (flag(), flag(), flag(), next).prop_map(|(follow, multiple, fallback, next)| Kind::Wrapper {
            follow,
            multiple,
            fallback,
            next: Box::new(next),
        });
        let kind = prop_oneof![2 => Just(Kind::Playable), 2 => Just(Kind::Broken), 6 => wrapper];
        let sequence = prop_oneof![Just(None), (1..4_u32).prop_map(Some)];
        let ad = (sequence, kind).prop_map(|(sequence, kind)| Ad { sequence, kind });
        prop::collection::vec(ad, 1..=ads).prop_map(Document::Ads)
    })
}

/// The same trees below a chain of wrappers, so that many of them reach the limit.
fn tree(ads: usize) -> impl Strategy<Value = Document> {
    (prop::collection::vec((flag(), flag()), 0..6), document(ads)).prop_map(|(chain, document)| {
        chain.into_iter().fold(document, |next, (multiple, fallback)| {
            let kind = Kind::Wrapper { follow: None, multiple, fallback, next: Box::new(next) };
            Document::Ads(vec![Ad { sequence: None, kind }])
        })
    })
}

/// The documents at `/0`, `/1`, ... Every ad and every document has its own error URLs.
#[derive(Default)]
struct Site(Vec<(u16, String)>);

impl Site {
    /// Adds a document and all documents below it. Returns its number.
    fn serve(&mut self, document: &Document) -> usize {
        let number = self.0.len();
        self.0.push((200, String::new()));
        self.0[number] = match document {
            Document::NotFound => (404, String::new()),
            Document::NotXml => (200, "not xml".to_owned()),
            Document::Ads(ads) => {
                let ads: String = ads.iter().enumerate().map(|(place, ad)| self.ad(number, place, ad)).collect();
                let root = format!("<Error>https://e.test/{number}?[ERRORCODE]</Error>");
                (200, format!("<VAST version='4.2'>{root}{ads}</VAST>"))
            }
        };
        number
    }

    fn ad(&mut self, document: usize, place: usize, ad: &Ad) -> String {
        let name = format!("{document}-{place}");
        let sequence = ad.sequence.map_or_else(String::new, |sequence| format!(" sequence='{sequence}'"));
        let error = format!("<Error>https://e.test/{name}?[ERRORCODE]</Error>");
        let content = match &ad.kind {
            Kind::Playable => format!(
                "<InLine>{error}<Creatives><Creative><Linear><Duration>00:00:10</Duration><MediaFiles>
                 <MediaFile type='video/mp4'>https://c.test/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine>"
            ),
            Kind::Broken => format!("<InLine>{error}<Creatives><Creative><Linear/></Creative></Creatives></InLine>"),
            Kind::Wrapper { follow, multiple, fallback, next } => {
                let attribute = |name: &str, value: &Option<bool>| {
                    value.map_or_else(String::new, |value| format!(" {name}='{value}'"))
                };
                let attributes = attribute("followAdditionalWrappers", follow)
                    + &attribute("allowMultipleAds", multiple)
                    + &attribute("fallbackOnNoAd", fallback);
                let next = self.serve(next);
                format!("<Wrapper{attributes}><VASTAdTagURI>/{next}</VASTAdTagURI>{error}</Wrapper>")
            }
        };
        format!("<Ad id='{name}'{sequence}>{content}</Ad>")
    }
}

/// The expected result of a tree: the ads in order of play, and the error codes that each URL receives.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    ads: Vec<String>,
    told: Vec<String>,
}

/// A simple implementation: it works sequentially and shares no code with the client.
#[derive(Default)]
struct Reading {
    /// Documents are numbered as on the site.
    documents: usize,
    outcome: Outcome,
}

impl Reading {
    fn tell(&mut self, path: &[String], code: u16) {
        self.outcome.told.extend(path.iter().map(|name| format!("{name} {code}")));
    }

    /// The number of documents in this tree.
    fn size(document: &Document) -> usize {
        let Document::Ads(ads) = document else { return 1 };
        let below = |ad: &Ad| match &ad.kind {
            Kind::Wrapper { next, .. } => Self::size(next),
            _ => 0,
        };
        1 + ads.iter().map(below).sum::<usize>()
    }

    fn document(
        &mut self,
        number: usize,
        document: &Document,
        path: &[String],
        follow: bool,
        multiple: bool,
    ) -> Vec<String> {
        let ads = match document {
            Document::NotFound => {
                self.tell(path, 301);
                return Vec::new();
            }
            Document::NotXml => {
                self.tell(path, 100);
                return Vec::new();
            }
            Document::Ads(ads) => ads,
        };
        // Names and sequence numbers of all ads, in document order.
        let mut numbered = Vec::new();
        let mut next = number + 1;
        for (place, ad) in ads.iter().enumerate() {
            numbered.push((format!("{number}-{place}"), next, ad));
            if let Kind::Wrapper { next: below, .. } = &ad.kind {
                next += Self::size(below);
            }
        }
        numbered.retain(|(_, _, ad)| follow || !matches!(ad.kind, Kind::Wrapper { .. }));
        if !multiple && numbered.len() > 1 {
            let first = numbered.iter().position(|(_, _, ad)| ad.sequence.is_none());
            numbered = first.map(|place| vec![numbered.swap_remove(place)]).unwrap_or_default();
        }
        if numbered.is_empty() {
            self.tell(path, 303);
            self.tell(&[number.to_string()], 303);
            return Vec::new();
        }
        let (mut pod, alone): (Vec<_>, Vec<_>) = numbered.into_iter().partition(|(_, _, ad)| ad.sequence.is_some());
        pod.sort_by_key(|(_, _, ad)| ad.sequence);
        let mut alone = alone.into_iter();
        let mut played = Vec::new();
        for (name, next, ad) in pod {
            let mut here = self.ad(name, next, ad, path);
            let never = matches!(ad.kind, Kind::Wrapper { fallback: Some(false), .. });
            while here.is_empty() && !never {
                let Some((name, next, spare)) = alone.next() else { break };
                here = self.ad(name, next, spare, path);
            }
            played.extend(here);
        }
        while played.is_empty() {
            let Some((name, next, ad)) = alone.next() else { break };
            played = self.ad(name, next, ad, path);
        }
        if played.is_empty() {
            self.tell(&[number.to_string()], 303);
        }
        played
    }

    fn ad(&mut self, name: String, next: usize, ad: &Ad, path: &[String]) -> Vec<String> {
        let mut path = path.to_vec();
        path.push(name.clone());
        match &ad.kind {
            Kind::Playable => vec![name],
            Kind::Broken => {
                self.tell(&path, 403);
                Vec::new()
            }
            Kind::Wrapper { .. } if path.len() > MOST_WRAPPERS => {
                self.tell(&path, 302);
                Vec::new()
            }
            Kind::Wrapper { follow, multiple, next: below, .. } => {
                self.documents += 1;
                self.document(next, below, &path, follow.unwrap_or(true), multiple.unwrap_or(false))
            }
        }
    }
}

fn read(document: &Document) -> (Outcome, usize) {
    let mut reading = Reading::default();
    reading.outcome.ads = reading.document(0, document, &[], true, true);
    reading.outcome.told.sort();
    (reading.outcome, reading.documents)
}

/// The client's result for the tree, and how many documents it requested besides the first one.
fn resolve(document: &Document) -> (FetchResult, Outcome, usize) {
    let mut site = Site::default();
    site.serve(document);
    let mut script = Script::builder().server("east");
    for (number, (status, body)) in site.0.into_iter().enumerate() {
        script = script.answer(Answer::new().path(format!("/{number}")).status(status).body(body));
    }
    let script = script.build().expect("a script");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let (result, asked) = runtime.expect("a runtime").block_on(async {
        let network = Network::new(&script, Names::default(), 1);
        let client = VastClient::builder()
            .transport(network.clone())
            .lookup(network.lookup())
            .env(Env::fixed(UNIX_EPOCH, 1))
            .exchange(ExchangeSettings { linger: Linger::OFF, ..ExchangeSettings::default() })
            .build(FetchConfig::new(["http://east.test/0"]).with_report_errors(false))
            .expect("a configuration");
        let result = client.request_ad().await;
        (result, network.log().len() - 1)
    });
    let mut told: Vec<String> = result.journal.iter().filter_map(|entry| told(&entry.fact)).collect();
    told.sort();
    let ads = result.ads.iter().map(|ad| ad.ad.id.as_deref().unwrap_or("?").to_owned()).collect();
    (result, Outcome { ads, told }, asked)
}

fn told(fact: &Fact) -> Option<String> {
    let Fact::ReportDue { url, code, .. } = fact else { return None };
    let name = url.strip_prefix("https://e.test/")?.strip_suffix("?[ERRORCODE]")?;
    Some(format!("{name} {code}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r073_r078_r085_r086_r111_a_tree_has_the_result_of_a_simple_implementation(document in tree(3)) {
        let (expected, documents) = read(&document);
        prop_assume!(documents <= MOST_DOCUMENTS && expected.told.len() <= 500);
        let (_, seen, asked) = resolve(&document);
        prop_assert_eq!(seen, expected);
        prop_assert_eq!(asked, documents);
    }

    #[test]
    fn r012_r105_any_tree_ends_within_the_limits_and_every_failure_is_reported(document in tree(8)) {
        let (result, seen, asked) = resolve(&document);
        prop_assert!(asked <= MOST_DOCUMENTS, "{asked} documents were asked for");
        prop_assert!(seen.told.len() <= 500 && result.ads.len() <= 100);
        prop_assert!(result.ads.iter().all(|ad| ad.ad.wrappers.len() <= MOST_WRAPPERS));
        // All ads here have error URLs, so every failure below a wrapper and every rejection must be reported.
        let failed = result.errors.iter().filter(|error| error.hop > 0).count();
        prop_assert!(failed == 0 || !seen.told.is_empty(), "{:?}", result.errors);
        prop_assert_eq!(result.success, !result.ads.is_empty());
    }
}
