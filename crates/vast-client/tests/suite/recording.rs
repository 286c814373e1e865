//! Recordings: what they have of a request, their files, and that they have no personal values.

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

/// What a server does with a request.
struct Reply {
    wait: Duration,
    outcome: Result<(u16, Vec<(&'static str, String)>, Vec<Bytes>), TransportErrorKind>,
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

fn viewer() -> AdRequest {
    let device = Device {
        ip: Some([203, 0, 113, 77].into()),
        user_agent: Some("Mozilla/5.0 (TV; Box 7.1; X1) Player/12.34".into()),
        referer: Some("https://page.example/private?a=1".into()),
        accept_language: Some("de-DE,de;q=0.9".into()),
        ifa: Some("8d8ac610-566d-4ef0-9c22-186b2a5ed793".into()),
        ifa_type: Some("tifa".into()),
        headers: vec![("Account".into(), "account-4711-x".into())],
        ..Device::default()
    };
    let consent = Consent {
        gdpr: Some(true),
        gdpr_consent: Some("CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA".into()),
        gpp: Some("DBACNYA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN".into()),
        ..Consent::default()
    };
    let macros = vec![("USER_EMAIL".into(), "jo.doe@mail.example".into()), ("zone".into(), "pre roll".into())];
    AdRequest {
        device,
        consent,
        macros,
        split_key: Some("viewer-0815-abc".into()),
        seed: Some(7),
        ..AdRequest::default()
    }
}

/// The texts that must not be in a recording.
const SECRETS: [&str; 12] = [
    "203.0.113.77",
    "203.0.113.0",
    "Mozilla/5.0",
    "Box 7.1",
    "Player/12",
    "page.example/private",
    "8d8ac610-566d-4ef0-9c22-186b2a5ed793",
    "CPXxRfAPXxRfAAfKABENB",
    "account-4711",
    "jo.doe",
    "viewer-0815",
    "server-side-id-12345",
];

/// The text in each encoding that a server may echo.
fn encodings(text: &str) -> Vec<String> {
    let percent = |is_strict: bool, is_upper: bool| -> String {
        let encode = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' if !is_strict => char::from(byte).to_string(),
            b'-' | b'.' if !is_strict => char::from(byte).to_string(),
            _ if is_upper => format!("%{byte:02X}"),
            _ => format!("%{byte:02x}"),
        };
        text.bytes().map(encode).collect()
    };
    vec![
        text.to_owned(),
        text.to_uppercase(),
        text.to_lowercase(),
        percent(false, true),
        percent(false, false),
        percent(true, true),
        percent(false, true).replace('%', "%25"),
        text.replace('/', "\\/"),
        text.replace(' ', "+"),
        text.replace('/', "&#x2F;"),
    ]
}

fn find(content: &[u8], text: &str) -> bool {
    content.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
}

const MACROS: &str = "ip=[DEVICEIP]&ua=[DEVICEUA]&ifa=[IFA]&c=[GDPRCONSENT]&g=[GPPSTRING]&e=[USER_EMAIL]&z=[zone]&t=[TRANSACTIONID]&cb=[CACHEBUSTING]";

/// A server that echoes everything that it receives, in each encoding, in its headers and in its body.
fn echo(request: &HttpRequest) -> Reply {
    let device = viewer().device;
    let echoed = [
        "203.0.113.77".to_owned(),
        "203.0.113.0".to_owned(),
        device.user_agent.unwrap_or_default(),
        device.ifa.unwrap_or_default(),
        viewer().consent.gdpr_consent.unwrap_or_default(),
        "jo.doe@mail.example".to_owned(),
    ];
    let echoed: Vec<String> = echoed.iter().flat_map(|text| encodings(text)).collect();
    let (uri, headers) = (request.uri.to_string(), request.headers.clone());
    let headers: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}={}", value.to_str().unwrap_or(""))).collect();
    let comment = format!("<!-- {uri} {} {} -->", headers.join(" "), echoed.join(" "))
        .replace("--", "- -")
        .replace("<!- -", "<!--")
        .replace("- ->", "-->");
    let next = uri.split_once('?').map_or("", |(_, query)| query).to_owned();
    if request.uri.path() == "/tag" {
        let location = format!("https://east.example/moved?{next}&sid=server-side-id-12345");
        return Reply {
            wait: Duration::from_millis(1),
            outcome: Ok((
                302,
                vec![("location", location), ("set-cookie", "id=server-side-id-12345; Path=/".into())],
                vec![],
            )),
        };
    }
    body(inline(&format!("{MACROS}&uid=server-side-id-12345")).replace("</VAST>", &format!("{comment}</VAST>")))
}

fn privacies() -> [Privacy; 3] {
    let hashed = Privacy { ifa: IfaPolicy::Hash, ifa_salt: Some("secret-salt-1".into()), ..Privacy::default() };
    let truncated = Privacy { ip: IpPolicy::Truncate, user_agent: UserAgentPolicy::Generalise, ..Privacy::default() };
    [Privacy::default(), hashed, truncated]
}

fn tag(privacy: Privacy) -> FetchConfig {
    let url = format!("https://east.example/tag?{MACROS}&sid=server-side-id-12345");
    let config = FetchConfig::new([SourceConfig::url(url)
        .named("east")
        .with_privacy(privacy)
        .with_header("Authorization", "Bearer top-secret")]);
    config.with_header("Cookie", "id=top-secret")
}

#[tokio::test(start_paused = true)]
async fn a_recording_has_no_personal_value_in_any_encoding() {
    for privacy in privacies() {
        let (_, recording, recorder) = recorded(tag(privacy), &viewer(), echo, PersonalValues::Replaced).await;
        let content = content(&recording);
        for secret in SECRETS.iter().chain(&["top-secret", "secret-salt"]) {
            for text in encodings(secret) {
                assert!(!find(&content, &text), "{text} in {}", String::from_utf8_lossy(&content));
            }
        }
        assert!(find(&content, "[DEVICEIP]") && find(&content, "pre%20roll"), "bare macros and other values stay");
        let id = &recording.request.id;
        let replaced = recorder.replaced(id, "ip=203.0.113.77 zone=pre roll").expect("a recording");
        assert!(!replaced.contains("203.0.113.77") && replaced.ends_with(" zone=pre roll"), "{replaced}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_complete_recording_has_personal_values_and_says_so() {
    let (_, recording, _) = recorded(tag(Privacy::default()), &viewer(), echo, PersonalValues::Kept).await;
    assert_eq!(recording.personal_values, PersonalValues::Kept);
    assert!(find(&content(&recording), "8d8ac610-566d-4ef0-9c22-186b2a5ed793"));
    assert!(!recording.request.config.contains("top-secret"), "configured headers are never recorded");
}

#[tokio::test(start_paused = true)]
async fn placeholders_change_no_length() {
    let (result, recording, recorder) =
        recorded(tag(Privacy::default()), &viewer(), echo, PersonalValues::Replaced).await;
    let json = serde_json::to_string(&RequestResult::from(&result)).expect("JSON");
    let replaced = recorder.replaced(&recording.request.id, json.clone()).expect("a recording");
    assert_eq!(replaced.len(), json.len());
    assert_ne!(replaced, json);
    let response = recording.exchanges[1].response.as_ref().expect("a response");
    assert_eq!(response.wire_bytes, response.body.len() as u64);
    assert_eq!(response.wire_bytes, result.sources[0].bytes);
}

#[tokio::test(start_paused = true)]
async fn a_request_without_personal_values_is_recorded_as_it_is() {
    let text = inline("x=1&event=start&cb=[CACHEBUSTING]&size=640x360&ord=12345678");
    let answer = text.clone();
    let config = config(&[("east", "https://east.example/tag?zone=7&t=[TRANSACTIONID]&w=[TIMESTAMP]")]);
    let (result, recording, recorder) =
        recorded(config, &AdRequest::default(), move |_| body(answer.clone()), PersonalValues::Replaced).await;
    assert_eq!(recording.exchanges[0].response.as_ref().map(|response| &*response.body), Some(text.as_bytes()));
    let json = serde_json::to_string(&RequestResult::from(&result)).expect("JSON");
    assert_eq!(recorder.replaced(&recording.request.id, json.clone()), Some(json));
}

#[tokio::test(start_paused = true)]
async fn a_compressed_body_is_decoded_only_if_it_has_personal_values() {
    let gzip = |text: &str| {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("memory");
        encoder.finish().expect("memory")
    };
    for (query, is_decoded) in [("x=1", false), ("ifa=8d8ac610-566d-4ef0-9c22-186b2a5ed793", true)] {
        let sent = Bytes::from(gzip(&inline(query)));
        let answer = sent.clone();
        let servers = move |_: &HttpRequest| Reply {
            wait: Duration::from_millis(1),
            outcome: Ok((200, vec![("content-encoding", "gzip".into())], vec![answer.clone()])),
        };
        let config = config(&[("east", "https://east.example/tag")]);
        let (_, recording, _) = recorded(config, &viewer(), servers, PersonalValues::Replaced).await;
        let response = recording.exchanges[0].response.as_ref().expect("a response");
        assert_eq!(response.wire_bytes, sent.len() as u64);
        assert_eq!(response.headers.is_empty(), is_decoded);
        assert_eq!(response.body == sent, !is_decoded);
        assert_eq!(response.body.len() == inline(query).len(), is_decoded);
    }
}

async fn a_recording() -> Recording {
    let (_, recording, _) = recorded(tag(Privacy::default()), &viewer(), echo, PersonalValues::Replaced).await;
    recording
}

#[tokio::test(start_paused = true)]
async fn a_file_gives_back_the_recordings_that_were_written() {
    let recording = a_recording().await;
    let file = [to_bytes(&recording), to_bytes(&recording)].concat();
    let read: Vec<Recording> = RecordingReader::new(&file[..]).collect::<Result<_, _>>().expect("two recordings");
    assert_eq!(read, [recording.clone(), recording.clone()]);
    let config = ClientConfig::try_from(&*recording.request.config).expect("a configuration");
    assert_eq!(config.fetch.sources[0].name.as_deref(), Some("east"));
    assert!(config.request.device.ip.is_some_and(|ip| Some(ip) != viewer().device.ip));
}

#[tokio::test(start_paused = true)]
async fn a_damaged_file_gives_what_is_whole_and_an_error_with_a_position() {
    let one = to_bytes(&a_recording().await);
    let start = one.len() as u64;
    let two = [one.clone(), one.clone()].concat();
    let with = |at: usize, byte: u8| {
        let mut bytes = two.clone();
        bytes[one.len() + at] = byte;
        bytes
    };
    let newer = with(4, 2);
    let too_large = with(15, 0x7f);
    let flipped = with(24 + 50, two[one.len() + 24 + 50] ^ 1);
    let cases = [
        ("cut in the header", two[..one.len() + 10].to_vec()),
        ("cut in the content", two[..two.len() - 5].to_vec()),
        ("newer", newer),
        ("too large", too_large),
        ("flipped", flipped),
        ("foreign", [&one[..], b"<VAST/>"].concat()),
    ];
    for (what, bytes) in cases {
        let mut reader = RecordingReader::new(&bytes[..]);
        assert!(reader.next().is_some_and(|first| first.is_ok()), "{what}");
        let error = reader.next().expect("an error").expect_err(what);
        assert_eq!((error.number, error.position), (2, start), "{what}");
        let is_expected = match what {
            "cut in the header" => matches!(error.kind, RecordingErrorKind::Truncated { expected: 24, found: 10 }),
            "cut in the content" => {
                matches!(error.kind, RecordingErrorKind::Truncated { .. }) && error.partial.is_some()
            }
            "newer" => matches!(error.kind, RecordingErrorKind::Version(2)),
            "too large" => matches!(error.kind, RecordingErrorKind::TooLarge { part: "JSON", .. }),
            "flipped" => matches!(error.kind, RecordingErrorKind::Damaged),
            _ => matches!(error.kind, RecordingErrorKind::Foreign),
        };
        assert!(is_expected, "{what}: {error}");
        assert!(reader.next().is_none(), "{what}: nothing follows an error");
    }
}

#[tokio::test(start_paused = true)]
async fn no_byte_of_a_file_makes_the_reader_panic() {
    let one = to_bytes(&a_recording().await);
    for at in 0..one.len() {
        let mut bytes = one.clone();
        bytes[at] ^= 0x55;
        assert!(RecordingReader::new(&bytes[..]).all(|read| read.is_err()) || at == 6 || at == 7, "byte {at}");
        RecordingReader::new(&one[..at]).for_each(drop);
    }
}

/// Runs this number of requests of which every second one has no ad, and waits until their recordings are written.
async fn run(recorder: &Recorder, requests: usize) {
    let number = std::sync::atomic::AtomicUsize::new(0);
    let servers = move |_: &HttpRequest| {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if number % 2 == 0 { body(inline("x=1")) } else { body("<VAST version=\"3.0\"/>") }
    };
    let client = client(config(&[("east", "https://east.example/")]), servers, recorder);
    for _ in 0..requests {
        client.request_ad().await;
    }
    client.shutdown(LONG).await;
}

#[tokio::test(start_paused = true)]
async fn a_folder_keeps_the_newest_recordings_within_its_limits() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("other.txt"), "x").expect("a file");
    let limits = DirectoryLimits { max_files: 3, ..DirectoryLimits::default() };
    let recorder = Recorder::to_directory(folder.path(), limits, RecorderSettings::default()).expect("a folder");
    run(&recorder, 5).await;
    let mut names: Vec<_> =
        std::fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    names.sort();
    let recordings: Vec<_> = names.iter().filter(|path| path.extension().is_some_and(|one| one == EXTENSION)).collect();
    assert_eq!((recordings.len(), names.len()), (3, 4));
    let stats = recorder.stats();
    assert_eq!((stats.kept, stats.written, stats.failed, stats.overrun), (5, 5, 0, 0));
    for path in recordings {
        let read: Vec<_> = read_file(path).expect("a file").collect::<Result<_, _>>().expect("a recording");
        assert_eq!(read.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_recorder_keeps_its_sample_and_what_it_always_keeps() {
    for (sample, always, expected) in [
        (1.0, vec![], 8),
        (0.25, vec![], 2),
        (0.0, vec![RecordingReason::NoAd], 4),
        (0.0, vec![RecordingReason::Failed], 0),
        (0.25, vec![RecordingReason::NoAd], 4),
        (0.0, vec![], 0),
    ] {
        let settings = RecorderSettings::default().with_sample(sample).with_always(always.clone());
        let recorder = Recorder::in_memory(100, settings);
        run(&recorder, 8).await;
        assert_eq!(recorder.recordings().len(), expected, "{sample} {always:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_full_disk_is_counted_and_slows_no_answer() {
    let recorder = Recorder::to_file("/dev/full", RecorderSettings::default()).expect("a device that is full");
    run(&recorder, 3).await;
    let stats = recorder.stats();
    assert_eq!((stats.kept, stats.written, stats.failed), (3, 0, 3));
}
