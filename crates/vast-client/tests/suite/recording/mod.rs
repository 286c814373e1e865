//! Recordings: what they have of a request, their files, and that they have no personal values.

mod files;
#[cfg(all(feature = "replay", feature = "http"))]
mod host_code;
mod privacy;
mod receiver;
#[cfg(all(feature = "replay", feature = "http"))]
mod replayed;
#[cfg(all(feature = "replay", feature = "http"))]
mod version_1;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, stream};
use vast_client::fetch::{FetchContext, Fetched, Prepared, Source};
use vast_client::http::{HeaderMap, StatusCode};
use vast_client::recording::{
    DirectoryLimits, EXTENSION, ExchangeEnd, PersonalValues, PolicyFact, Recorder, RecorderSettings, Recording,
    RecordingErrorKind, RecordingReader, RecordingReason, read_file, to_bytes,
};
use vast_client::request::{IfaPolicy, IpPolicy, Privacy, UserAgentPolicy};
use vast_client::transport::{HttpRequest, HttpResponse, Transport, TransportError, TransportErrorKind};
use vast_client::wire::RequestResult;
use vast_client::{
    AdRequest, BoxFuture, Bytes, ClientConfig, Consent, Device, Failure, FetchConfig, FetchMode, FetchResult,
    RunOptions, SourceConfig, VastClient,
};

/// A minute is more than any request of these tests takes.
const LONG: Duration = Duration::from_secs(60);

/// An ad whose tracker has this query.
fn inline(query: &str) -> String {
    format!(
        "<VAST version=\"3.0\"><Ad id=\"a\"><InLine><AdSystem>s</AdSystem><AdTitle>t</AdTitle>\
         <Impression><![CDATA[https://t.example/seen?{query}]]></Impression><Creatives><Creative><Linear>\
         <Duration>00:00:15</Duration><MediaFiles><MediaFile delivery=\"progressive\" type=\"video/mp4\" width=\"1\" height=\"1\">\
         https://cdn.example/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"
    )
}

fn wrapper(url: &str) -> String {
    format!("<VAST version=\"3.0\"><Ad><Wrapper><VASTAdTagURI><![CDATA[{url}]]></VASTAdTagURI></Wrapper></Ad></VAST>")
}

/// A status, headers, and a body in pieces.
type Response = (u16, Vec<(&'static str, String)>, Vec<Bytes>);

/// What a server does with a request.
struct Reply {
    wait: Duration,
    outcome: Result<Response, TransportErrorKind>,
}

fn body(text: impl Into<Bytes>) -> Reply {
    Reply { wait: Duration::from_millis(10), outcome: Ok((200, Vec::new(), vec![text.into()])) }
}

fn after(millis: u64, reply: Reply) -> Reply {
    Reply { wait: Duration::from_millis(millis), ..reply }
}

/// Servers in memory.
struct Servers(Box<dyn Fn(&HttpRequest) -> Reply + Send + Sync>);

impl Transport for Servers {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let Reply { wait, outcome } = self.0(&request);
        async move {
            tokio::time::sleep(wait).await;
            let (status, headers, pieces) = outcome.map_err(|kind| TransportError::new(kind, "refused"))?;
            let map: HeaderMap = headers
                .into_iter()
                .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
                .collect::<Vec<(vast_client::http::HeaderName, vast_client::http::HeaderValue)>>()
                .into_iter()
                .collect();
            let body = stream::iter(pieces).map(Ok).boxed();
            Ok(HttpResponse::new(StatusCode::from_u16(status).expect("a status"), map, body))
        }
        .boxed()
    }
}

/// Runs a request and returns its result, its recording and its recorder.
async fn recorded(
    config: FetchConfig,
    request: &AdRequest,
    servers: impl Fn(&HttpRequest) -> Reply + Send + Sync + 'static,
    personal_values: PersonalValues,
) -> (FetchResult, Recording, Recorder) {
    let recorder = Recorder::in_memory(1, RecorderSettings::default().with_personal_values(personal_values));
    let client = client(config, servers, &recorder);
    let result = client.orchestrator().run(client.plan(), request, RunOptions::NONE).await;
    client.shutdown(LONG).await;
    let recording = recorder.recording_of(&result).expect("it is kept");
    (result, recording, recorder)
}

fn client(
    config: FetchConfig,
    servers: impl Fn(&HttpRequest) -> Reply + Send + Sync + 'static,
    recorder: &Recorder,
) -> VastClient {
    let lookup = Arc::new(|_| async { Ok(vec![[9, 9, 9, 9].into()]) }.boxed());
    let builder = VastClient::builder().transport(Servers(Box::new(servers))).lookup(lookup);
    builder.recorder(recorder.clone()).build(config).expect("a configuration")
}

fn config(sources: &[(&str, &str)]) -> FetchConfig {
    FetchConfig::new(sources.iter().map(|(name, url)| SourceConfig::url(*url).named(*name)))
}

/// The bytes of a recording as a reader of its file sees them: the JSON and the bodies.
fn content(recording: &Recording) -> Vec<u8> {
    let mut content = serde_json::to_vec(recording).expect("JSON");
    for response in recording.exchanges.iter().filter_map(|exchange| exchange.response.as_ref()) {
        content.extend_from_slice(&response.body);
    }
    for document in &recording.documents {
        if let Some(Ok(document)) = &document.content {
            content.extend_from_slice(&document.body);
        }
    }
    content
}

#[tokio::test(start_paused = true)]
async fn a_recording_has_every_answer_with_its_place_and_time() {
    let config = config(&[("east", "https://east.example/tag"), ("west", "https://west.example/tag")]);
    let servers = |request: &HttpRequest| match (request.uri.host(), request.uri.path()) {
        (Some("east.example"), "/tag") => after(
            20,
            Reply {
                wait: Duration::ZERO,
                outcome: Ok((302, vec![("location", "https://east.example/moved".to_owned())], Vec::new())),
            },
        ),
        (Some("east.example"), _) => after(20, body(wrapper("https://hop.example/ad"))),
        (Some("hop.example"), _) => after(30, body(inline("x=1"))),
        _ => after(300, body(inline("x=2"))),
    };
    let config = config.with_mode(FetchMode::Race);
    let (result, recording, _) = recorded(config, &AdRequest::default(), servers, PersonalValues::Replaced).await;
    assert_eq!(result.source.as_deref(), Some("east"));
    let found: Vec<_> = recording
        .exchanges
        .iter()
        .map(|exchange| {
            let place = &exchange.place;
            let head = exchange.response.as_ref().map(|response| (response.status, response.head.at.as_millis()));
            let cut = exchange.cut.map(|cut| cut.at.as_millis());
            (&*place.source, place.hop, place.path.clone(), place.redirect, head, cut)
        })
        .collect();
    let expected = [
        ("east", 0, vec![], 0, Some((302, 20)), None),
        ("west", 0, vec![], 0, Some((200, 300)), Some(70)),
        ("east", 0, vec![], 1, Some((200, 40)), None),
        ("east", 1, vec![0], 0, Some((200, 70)), None),
    ];
    assert_eq!(found, expected);
    let west = &recording.exchanges[1];
    assert_eq!(west.end, ExchangeEnd::Complete, "the loser is read to its end");
    assert_eq!(west.response.as_ref().map(|response| &*response.body), Some(inline("x=2").as_bytes()));
    let ranks: BTreeSet<u32> = recording.exchanges.iter().map(|exchange| exchange.began.rank).collect();
    assert_eq!(ranks.len(), 4, "ranks differ");
    assert_eq!(recording.journal.facts.len(), result.journal.len());
    assert_eq!(recording.journal.elapsed, Duration::from_millis(70));
    let asked = recording.policy.iter().filter(|fact| matches!(fact, PolicyFact::Turn { skipped: None, .. })).count();
    assert_eq!(asked, 2);
    let outcomes: Vec<_> = recording
        .answer
        .iter()
        .flat_map(|answer| &answer.outcomes)
        .map(|(name, outcome)| (&**name, outcome.as_str()))
        .collect();
    assert_eq!(outcomes, [("east", "filled"), ("west", "cancelled")]);
}

#[tokio::test(start_paused = true)]
async fn failures_are_recorded_too() {
    let mut config = config(&[
        ("gone", "https://moved.example/"),
        ("reset", "https://reset.example/"),
        ("slow", "https://slow.example/"),
    ]);
    config.strategy.mode = FetchMode::Collect;
    config.strategy.retry.max_retries = 1;
    config.strategy.limits.timeout = Duration::from_secs(1);
    let servers = |request: &HttpRequest| match request.uri.host() {
        Some("reset.example") => Reply { wait: Duration::from_millis(5), outcome: Err(TransportErrorKind::Reset) },
        // The address of the first URL is not checked, because the operator named it.
        Some("moved.example") => {
            let location = ("location", "https://gone.example/".to_owned());
            Reply { wait: Duration::ZERO, outcome: Ok((302, vec![location], Vec::new())) }
        }
        _ => after(5000, body("")),
    };
    let recorder = Recorder::in_memory(1, RecorderSettings::default());
    let lookup = |name: String| {
        let is_known = name != "gone.example";
        async move { if is_known { Ok(vec![[9, 9, 9, 9].into()]) } else { Err(std::io::Error::other("no such name")) } }
            .boxed()
    };
    let builder = VastClient::builder().transport(Servers(Box::new(servers))).lookup(Arc::new(lookup));
    let client = builder.recorder(recorder.clone()).build(config).expect("a configuration");
    let result = client.request_ad().await;
    client.shutdown(LONG).await;
    let recording = recorder.recording(&result.metadata.request_id).expect("it is kept");
    let found: Vec<_> = recording
        .exchanges
        .iter()
        .map(|exchange| {
            let end = match &exchange.end {
                ExchangeEnd::Failed(error) => format!("{:?}", error.kind),
                other => format!("{other:?}"),
            };
            (&*exchange.place.source, exchange.place.attempt, end, exchange.sent.is_some(), exchange.cut.is_some())
        })
        .collect();
    let count = |name: &str| found.iter().filter(|(source, ..)| *source == name).count();
    assert_eq!([count("gone"), count("reset"), count("slow")], [2, 2, 1], "{found:?}");
    assert!(found.contains(&("gone", 1, "Dns".to_owned(), false, false)), "{found:?}");
    assert!(found.contains(&("reset", 2, "Reset".to_owned(), true, false)), "{found:?}");
    assert!(found.contains(&("slow", 1, "Abandoned".to_owned(), true, true)), "{found:?}");
    let extra =
        recording.policy.iter().filter(|fact| matches!(fact, PolicyFact::ExtraRequest { is_permitted: true, .. }));
    assert_eq!(extra.count(), 1, "only a reset is repeated");
}

/// A source of the host.
struct Own;

impl Source for Own {
    fn url(&self) -> &str {
        "own"
    }

    fn fetch<'a>(&'a self, _: &'a Prepared, _: &'a FetchContext<'a>) -> BoxFuture<'a, Result<Fetched, Failure>> {
        async { Ok(Fetched::local("<VAST version=\"4.2\"/>")) }.boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn documents_without_an_exchange_are_recorded_as_a_whole() {
    let config = FetchConfig::new([
        SourceConfig::custom(Own).named("own"),
        SourceConfig::inline("<VAST version=\"4.1\"/>").named("text"),
    ]);
    let (_, recording, _) = recorded(config, &AdRequest::default(), |_| body(""), PersonalValues::Replaced).await;
    let bodies: Vec<_> = recording
        .documents
        .iter()
        .map(|document| {
            (
                &*document.place.source,
                document.content.as_ref().and_then(|content| content.as_ref().ok()).map(|content| &*content.body),
            )
        })
        .collect();
    assert_eq!(
        bodies,
        [("own", Some(&b"<VAST version=\"4.2\"/>"[..])), ("text", Some(&b"<VAST version=\"4.1\"/>"[..]))]
    );
    let local: Vec<_> = recording.request.local_sources.iter().map(|source| (&*source.name, &*source.label)).collect();
    assert_eq!(local, [("own", "own"), ("text", "inline")]);
}

#[tokio::test(start_paused = true)]
async fn documents_of_the_cache_are_recorded_with_their_age() {
    let mut config = config(&[("east", "https://east.example/")]);
    config.sources[0].cache.ttl = Some(LONG);
    let recorder = Recorder::in_memory(2, RecorderSettings::default());
    let client = client(config, |_| body(inline("x=1")), &recorder);
    client.request_ad().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    client.request_ad().await;
    client.shutdown(LONG).await;
    let [first, second] = &recorder.recordings()[..] else { panic!("two recordings") };
    assert_eq!((first.exchanges.len(), first.documents.len()), (1, 0));
    assert_eq!((second.exchanges.len(), second.documents.len()), (0, 1));
    assert_eq!(second.documents[0].age.map(|age| age.as_millis()), Some(3000));
}
