//! Exchanges over a transport in memory, on a paused clock: time limits are asserted to the millisecond.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};

use super::super::decode::ACCEPTED_ENCODINGS;
use super::super::{HttpResponse, Linger, Lookup};
use super::*;

const MILLISECOND: Duration = Duration::from_millis(1);
const HOME: &str = "http://127.0.0.1:8080/v";
const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::new(9, 9, 9, 9));

/// A budget without limits.
struct NoObserver;

impl ExchangeObserver for NoObserver {
    fn take_exchange(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn take_bytes(&self, _: u64) -> Result<(), Failure> {
        Ok(())
    }
}

/// What the server does with a request.
#[derive(Clone)]
struct FakeReply {
    wait: Duration,
    status: u16,
    headers: Vec<(HeaderName, String)>,
    /// The pieces of the body, and the wait before each.
    pieces: Vec<(Duration, Bytes)>,
    multiplexed: bool,
    error: Option<TransportError>,
}

fn reply(status: u16) -> FakeReply {
    let pieces = vec![];
    FakeReply { wait: Duration::ZERO, status, headers: vec![], pieces, multiplexed: false, error: None }
}

fn document(body: &str) -> FakeReply {
    FakeReply { pieces: vec![(Duration::ZERO, Bytes::copy_from_slice(body.as_bytes()))], ..reply(200) }
}

fn redirect_to(location: &str) -> FakeReply {
    FakeReply { headers: vec![(LOCATION, location.to_owned())], ..reply(302) }
}

/// A body of pieces of 1 KiB, with this wait before each.
fn dripping(count: usize, wait: Duration) -> FakeReply {
    FakeReply { pieces: vec![(wait, Bytes::from(vec![b'x'; 1024])); count], ..reply(200) }
}

/// Sends a reply for every URL. Keeps the requests, and how much of the replies was read.
#[derive(Clone)]
struct FakeNetwork(Arc<FakeServers>);

struct FakeServers {
    reply: Box<dyn Fn(&str) -> FakeReply + Send + Sync>,
    asked: Mutex<Vec<HttpRequest>>,
    pieces_read: AtomicUsize,
    bodies_ended: AtomicUsize,
}

fn network(reply: impl Fn(&str) -> FakeReply + Send + Sync + 'static) -> FakeNetwork {
    let (pieces_read, bodies_ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
    FakeNetwork(Arc::new(FakeServers { reply: Box::new(reply), asked: Mutex::default(), pieces_read, bodies_ended }))
}

impl FakeNetwork {
    fn urls(&self) -> Vec<String> {
        self.0.asked.lock().expect("no panic").iter().map(|request| request.uri.to_string()).collect()
    }

    fn header(&self, index: usize, name: &str) -> Option<String> {
        let asked = self.0.asked.lock().expect("no panic");
        asked[index].headers.get(name).map(|value| value.to_str().expect("text").to_owned())
    }

    fn pieces_read(&self) -> usize {
        self.0.pieces_read.load(Ordering::Relaxed)
    }

    fn bodies_ended(&self) -> usize {
        self.0.bodies_ended.load(Ordering::Relaxed)
    }
}

impl Transport for FakeNetwork {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let this = self.clone();
        let reply = (this.0.reply)(&request.uri.to_string());
        this.0.asked.lock().expect("no panic").push(request);
        async move {
            tokio::time::sleep(reply.wait).await;
            if let Some(error) = reply.error {
                return Err(error);
            }
            let headers = reply.headers.iter().map(|(name, value)| (name.clone(), value.parse().expect("a value")));
            let pieces = stream::iter(reply.pieces).then({
                let this = this.clone();
                move |(wait, piece)| {
                    let this = this.clone();
                    async move {
                        tokio::time::sleep(wait).await;
                        this.0.pieces_read.fetch_add(1, Ordering::Relaxed);
                        Ok(piece)
                    }
                }
            });
            let end = stream::once(async move { this.0.bodies_ended.fetch_add(1, Ordering::Relaxed) });
            let body = pieces.chain(end.filter_map(|_| async { None })).boxed();
            let status = StatusCode::from_u16(reply.status).expect("a status");
            Ok(HttpResponse::new(status, headers.collect(), body).with_multiplexed(reply.multiplexed))
        }
        .boxed()
    }
}

fn nowhere() -> Resolver {
    Resolver::with_lookup(Arc::new(|_| async { Err(io::Error::other("no names here")) }.boxed()))
}

fn everywhere_public() -> Resolver {
    Resolver::with_lookup(Arc::new(|_| async { Ok(vec![PUBLIC]) }.boxed()))
}

fn client(network: &FakeNetwork, resolver: Resolver, linger: Linger) -> (HttpClient, BackgroundTasks) {
    let background = BackgroundTasks::default();
    let settings = ExchangeSettings { linger, ..ExchangeSettings::default() };
    (HttpClient::new(Arc::new(network.clone()), resolver, settings, background.clone()), background)
}

/// Gets `url`, whose origin the operator named, with the usual limits and 2 s for the attempt.
async fn get_with(client: &HttpClient, url: &str, origin_headers: &HeaderMap) -> Result<GetResponse, Failure> {
    let target = Target::parse(url, None).expect("a URL");
    let request = GetRequest {
        target: &target,
        rule: &AddressRule::of(&target),
        origin_headers,
        headers: &HeaderMap::from_iter([(http::header::USER_AGENT, HeaderValue::from_static("test"))]),
        deadline: Deadline::after(Instant::now(), 2000 * MILLISECOND, TimeLimit::Attempt),
        is_ended_by_caller: false,
        connect_timeout: 500 * MILLISECOND,
        idle_timeout: 500 * MILLISECOND,
        max_redirects: 5,
        observer: &NoObserver,
        transport: None,
    };
    client.get(&request).await
}

async fn get(network: &FakeNetwork, resolver: Resolver, url: &str) -> Result<GetResponse, Failure> {
    get_with(&client(network, resolver, Linger::OFF).0, url, &HeaderMap::new()).await
}

/// The failure, and after how long it came.
async fn failed_after(network: &FakeNetwork, resolver: Resolver, url: &str) -> (Failure, Duration) {
    let begun = Instant::now();
    let failure = get(network, resolver, url).await.expect_err("a failure");
    (failure, begun.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_document_has_its_status_size_charset_and_url() {
    let network = network(|_| FakeReply {
        headers: vec![(CONTENT_TYPE, "text/xml; a=b; Charset=\"ISO-8859-1\"".into())],
        ..document("<VAST/>")
    });
    let answer = get(&network, nowhere(), HOME).await.expect("a document");
    assert_eq!((answer.status, &answer.body[..], answer.wire_bytes), (200, &b"<VAST/>"[..], 7));
    assert_eq!((answer.charset.as_deref(), answer.target.as_str()), (Some("ISO-8859-1"), HOME));
    assert_eq!(network.header(0, "accept-encoding").as_deref(), Some(ACCEPTED_ENCODINGS));
}

#[tokio::test(start_paused = true)]
async fn r009_redirects_are_followed_and_are_not_wrappers() {
    for status in [301, 302, 303, 307, 308] {
        let network = network(move |url| match url {
            HOME => FakeReply { status, ..redirect_to("w?x={1}") },
            "http://127.0.0.1:8080/w?x={1}" => FakeReply { status, ..redirect_to("//ads.example/z") },
            _ => document("<VAST/>"),
        });
        let answer = get(&network, everywhere_public(), HOME).await.expect("a document");
        assert_eq!((network.urls().len(), answer.target.as_str()), (3, "http://ads.example/z"));
    }
}

#[tokio::test(start_paused = true)]
async fn origin_headers_are_sent_to_their_origin_only() {
    let network = network(|url| match url {
        HOME => redirect_to("/same"),
        "http://127.0.0.1:8080/same" => redirect_to("http://ads.example/"),
        "http://ads.example/" => redirect_to("http://127.0.0.1:8080/back"),
        _ => document("<VAST/>"),
    });
    let own = HeaderMap::from_iter([(HeaderName::from_static("x-key"), HeaderValue::from_static("secret"))]);
    let (client, _) = client(&network, everywhere_public(), Linger::OFF);
    get_with(&client, HOME, &own).await.expect("a document");
    let keys = [0, 1, 2, 3].map(|index| network.header(index, "x-key").is_some());
    assert_eq!(keys, [true, true, false, true]);
    let agents = [0, 1, 2, 3].map(|index| network.header(index, "user-agent").is_some());
    assert_eq!(agents, [true; 4]);
}

#[tokio::test(start_paused = true)]
async fn the_sixth_redirect_is_not_followed() {
    let last = Arc::new(AtomicUsize::new(5));
    let ends_at = last.clone();
    let network = network(move |url| {
        let number: usize = url.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        if number == ends_at.load(Ordering::Relaxed) { document("x") } else { redirect_to(&format!("/{}", number + 1)) }
    });
    assert!(get(&network, nowhere(), HOME).await.is_ok());
    assert_eq!(network.urls().len(), 6);
    last.store(6, Ordering::Relaxed);
    let (failure, _) = failed_after(&network, nowhere(), HOME).await;
    assert_eq!((failure.error_type, failure.answered), (ErrorType::Redirect, true));
    assert_eq!(network.urls().len(), 6 + 6);
}

#[tokio::test(start_paused = true)]
async fn a_redirect_loop_ends_at_once() {
    let network = network(|url| redirect_to(if url == HOME { "/w" } else { "/v" }));
    let (failure, _) = failed_after(&network, nowhere(), HOME).await;
    assert_eq!(failure.error_type, ErrorType::Redirect);
    assert_eq!(network.urls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn redirects_without_a_usable_location_fail() {
    for location in ["", "ftp://ads.example/", "http://", "http://h:0/"] {
        let network = network(move |_| redirect_to(location));
        let (failure, _) = failed_after(&network, nowhere(), HOME).await;
        assert_eq!((failure.error_type, failure.answered), (ErrorType::Redirect, true), "{location}");
    }
    for status in [300, 302, 304] {
        let network = network(move |_| reply(status));
        let (failure, _) = failed_after(&network, nowhere(), HOME).await;
        let wanted = if status == 302 { ErrorType::Redirect } else { ErrorType::HttpStatus };
        assert_eq!(failure.error_type, wanted, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn r025_a_redirect_to_a_private_address_is_not_requested() {
    for location in [
        "http://127.0.0.1:8081/",
        "http://localhost/",
        "http://169.254.169.254/latest",
        "http://2130706433/",
        "http://[::ffff:10.0.0.1]/",
        "http://ads.example:22/",
    ] {
        let network = network(move |url| if url == HOME { redirect_to(location) } else { document("secret") });
        let resolver = Resolver::with_lookup(Arc::new(|_| async { Ok(vec![Ipv4Addr::LOCALHOST.into()]) }.boxed()));
        let (failure, _) = failed_after(&network, resolver, HOME).await;
        assert_eq!((failure.error_type, failure.answered), (ErrorType::BlockedAddress, true), "{location}");
        assert_eq!(network.urls(), [HOME], "{location}");
    }
}

#[tokio::test(start_paused = true)]
async fn r025_a_name_whose_address_becomes_private_is_refused() {
    let asked = AtomicUsize::new(0);
    let lookup: Lookup = Arc::new(move |_| {
        let first = asked.fetch_add(1, Ordering::Relaxed) == 0;
        async move { Ok(vec![if first { PUBLIC } else { Ipv4Addr::LOCALHOST.into() }]) }.boxed()
    });
    let resolver = Resolver::with_lookup(lookup);
    let network = network(|url| if url == HOME { redirect_to("http://rebinding.example/") } else { document("x") });
    assert!(get(&network, resolver.clone(), HOME).await.is_ok());
    tokio::time::advance(31_000 * MILLISECOND).await;
    let (failure, _) = failed_after(&network, resolver, HOME).await;
    assert_eq!(failure.error_type, ErrorType::BlockedAddress);
}

#[tokio::test(start_paused = true)]
async fn statuses_and_their_retry_after() {
    for (value, wanted) in [("7", Some(7)), (" 7 ", Some(7)), ("Fri, 31 Dec 1999 23:59:59 GMT", None), ("-1", None)] {
        let network = network(move |_| FakeReply { headers: vec![(RETRY_AFTER, value.into())], ..reply(503) });
        let (failure, _) = failed_after(&network, nowhere(), HOME).await;
        assert_eq!((failure.status, failure.error_type), (Some(503), ErrorType::HttpStatus));
        assert_eq!(failure.retry_after, wanted.map(Duration::from_secs), "{value}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_content_is_an_empty_document() {
    for status in [204, 205] {
        let network = network(move |_| FakeReply { status, ..document("not to be there") });
        let answer = get(&network, nowhere(), HOME).await.expect("an answer");
        assert_eq!((answer.status, answer.body.len()), (status, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn every_time_limit_fires_exactly_and_has_its_name() {
    let slow_head = |wait| move |_: &str| FakeReply { wait, ..document("x") };
    let cases: [(FakeNetwork, Resolver, &str, TimeLimit, u32); 5] = [
        (network(slow_head(2001 * MILLISECOND)), nowhere(), HOME, TimeLimit::Attempt, 2000),
        (network(|_| dripping(9, 499 * MILLISECOND)), nowhere(), HOME, TimeLimit::Attempt, 2000),
        (network(|_| dripping(1, 501 * MILLISECOND)), nowhere(), HOME, TimeLimit::Idle, 500),
        (
            network(|_| FakeReply {
                pieces: vec![(100 * MILLISECOND, Bytes::from("x")), (600 * MILLISECOND, Bytes::new())],
                ..reply(200)
            }),
            nowhere(),
            HOME,
            TimeLimit::Idle,
            600,
        ),
        (
            network(|_| redirect_to("http://silent.example/")),
            Resolver::with_lookup(Arc::new(|_| std::future::pending().boxed())),
            HOME,
            TimeLimit::Connect,
            500,
        ),
    ];
    for (network, resolver, url, limit, millis) in cases {
        let (failure, after) = failed_after(&network, resolver, url).await;
        assert_eq!((failure.limit, after), (Some(limit), millis * MILLISECOND));
        assert_eq!(failure.error_type, ErrorType::Timeout);
    }
    let in_time = network(slow_head(1999 * MILLISECOND));
    assert!(get(&in_time, nowhere(), HOME).await.is_ok());
}

/// 1 s is permitted for any body, and 1 ms more for each byte.
#[tokio::test(start_paused = true)]
async fn a_body_that_comes_too_slowly_is_not_read_on() {
    let pieces = |size: usize, wait: u32, count: usize| FakeReply {
        pieces: vec![(wait * MILLISECOND, Bytes::from(vec![b' '; size])); count],
        ..reply(200)
    };
    // The size of a piece in bytes, the wait before each piece in milliseconds, and when the body is given up.
    for (size, wait, given_up) in [(1, 100, 1010), (1, 499, 1002), (50, 200, 1300), (150, 300, 1750)] {
        let (failure, after) = failed_after(&network(move |_| pieces(size, wait, 500)), nowhere(), HOME).await;
        assert_eq!(
            (failure.limit, after),
            (Some(TimeLimit::BodyRate), given_up * MILLISECOND),
            "{size} bytes, {wait} ms"
        );
        assert_eq!((failure.error_type, failure.is_retried()), (ErrorType::Timeout, false));
    }
    for (size, wait, count) in [(1, 400, 2), (400, 400, 4), (1, 99, 10), (0, 100, 4)] {
        let got = get(&network(move |_| pieces(size, wait, count)), nowhere(), HOME).await;
        assert!(got.is_ok(), "{size} bytes, {wait} ms, {count} times: {got:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_after_the_deadline() {
    let network = network(|_| FakeReply { wait: 2000 * MILLISECOND, ..redirect_to("/w") });
    let (failure, after) = failed_after(&network, nowhere(), HOME).await;
    assert_eq!((failure.limit, after), (Some(TimeLimit::Attempt), 2000 * MILLISECOND));
    assert_eq!(network.urls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn bodies_beyond_the_limits_are_not_read_on() {
    let network = network(|_| dripping(5000, Duration::ZERO));
    let (failure, _) = failed_after(&network, nowhere(), HOME).await;
    assert_eq!((failure.error_type, failure.answered), (ErrorType::TooLarge, true));
    assert_eq!(network.pieces_read(), 4 * 1024 + 1);
    let (client, background) = client(&network, nowhere(), Linger::default());
    get_with(&client, HOME, &HeaderMap::new()).await.expect_err("too large");
    assert_eq!(background.running(), 0, "it does not linger");
}

#[tokio::test(start_paused = true)]
async fn a_transports_errors_become_failures() {
    use TransportErrorKind as Kind;
    for (kind, wanted) in [
        (Kind::Dns, ErrorType::Dns),
        (Kind::Connect, ErrorType::Connect),
        (Kind::Tls, ErrorType::Tls),
        (Kind::BlockedAddress, ErrorType::BlockedAddress),
        (Kind::Reset, ErrorType::Reset),
        (Kind::TooLarge, ErrorType::TooLarge),
        (Kind::Timeout(TimeLimit::Connect), ErrorType::Timeout),
    ] {
        let error = TransportError::new(kind, "reason");
        let network = network(move |_| FakeReply { error: Some(error.clone()), ..reply(200) });
        let (failure, _) = failed_after(&network, nowhere(), HOME).await;
        assert_eq!((failure.error_type, failure.answered), (wanted, false));
    }
}

#[tokio::test(start_paused = true)]
async fn the_transport_of_a_request_is_used_for_its_origin_only() {
    let own = network(|_| redirect_to("http://ads.example/"));
    let shared = network(|_| document("x"));
    let (client, _) = client(&shared, everywhere_public(), Linger::OFF);
    let target = Target::parse(HOME, None).expect("a URL");
    let transport: Arc<dyn Transport> = Arc::new(own.clone());
    let request = GetRequest {
        target: &target,
        rule: &AddressRule::of(&target),
        origin_headers: &HeaderMap::new(),
        headers: &HeaderMap::new(),
        deadline: Deadline::after(Instant::now(), 2000 * MILLISECOND, TimeLimit::Hop),
        is_ended_by_caller: false,
        connect_timeout: 500 * MILLISECOND,
        idle_timeout: 500 * MILLISECOND,
        max_redirects: 5,
        observer: &NoObserver,
        transport: Some(&transport),
    };
    client.get(&request).await.expect("a document");
    assert_eq!((own.urls().len(), shared.urls()), (1, vec!["http://ads.example/".to_owned()]));
}

/// Starts an exchange and drops it after `wait`. Returns what was read of it 10 s later.
async fn dropped_after(wait: Duration, linger: Linger, reply: FakeReply) -> (FakeNetwork, BackgroundTasks) {
    let network = network(move |_| reply.clone());
    let (client, background) = client(&network, nowhere(), linger);
    let result = tokio::time::timeout(wait, get_with(&client, HOME, &HeaderMap::new())).await;
    assert!(result.is_err(), "the exchange has not ended");
    assert_eq!(network.bodies_ended(), 0);
    tokio::time::sleep(10_000 * MILLISECOND).await;
    (network, background)
}

#[tokio::test(start_paused = true)]
async fn a_dropped_exchange_is_read_to_its_end() {
    let before_the_head = FakeReply { wait: 300 * MILLISECOND, ..dripping(4, 100 * MILLISECOND) };
    for (wait, scene) in [(100, before_the_head), (250, dripping(4, 100 * MILLISECOND))] {
        let (network, background) = dropped_after(wait * MILLISECOND, Linger::default(), scene).await;
        assert_eq!((network.pieces_read(), network.bodies_ended(), background.running()), (4, 1, 0));
        assert!(network.0.asked.lock().expect("no panic")[0].cancellation.is_cancelled());
    }
}

#[tokio::test(start_paused = true)]
async fn lingering_is_bounded() {
    let usual = Linger::default();
    let cases = [
        ("off", Linger::OFF, dripping(4, 100 * MILLISECOND), 2),
        ("multiplexed", usual, FakeReply { multiplexed: true, ..dripping(4, 100 * MILLISECOND) }, 2),
        ("no room", Linger { exchanges: 0, ..usual }, dripping(4, 100 * MILLISECOND), 2),
        ("bytes", Linger { bytes: 2048, ..usual }, dripping(9, 100 * MILLISECOND), 2 + 3),
        ("time", Linger { time: 320 * MILLISECOND, ..usual }, dripping(9, 100 * MILLISECOND), 2 + 3),
    ];
    for (case, linger, scene, pieces_read) in cases {
        let (network, background) = dropped_after(250 * MILLISECOND, linger, scene).await;
        assert_eq!((network.pieces_read(), network.bodies_ended()), (pieces_read, 0), "{case}");
        assert_eq!(background.running(), 0, "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_page_is_read_if_that_takes_little_time() {
    let short = network(|_| FakeReply { status: 404, ..dripping(3, MILLISECOND) });
    assert_eq!(failed_after(&short, nowhere(), HOME).await.1, 3 * MILLISECOND);
    assert_eq!(short.bodies_ended(), 1);
    let slow = network(|_| FakeReply { status: 404, ..dripping(3, 100 * MILLISECOND) });
    assert_eq!(failed_after(&slow, nowhere(), HOME).await.1, DISCARDED_WITHIN);
    let long = network(|_| FakeReply { status: 404, ..dripping(30, Duration::ZERO) });
    failed_after(&long, nowhere(), HOME).await;
    assert_eq!((long.pieces_read(), long.bodies_ended()), (17, 0));
}

#[tokio::test(start_paused = true)]
async fn the_number_of_large_bodies_in_memory_is_limited() {
    // 64 servers send 1 MiB of 4 MiB and then stop. Each exchange waits for its idle timeout.
    let pieces = || (0..1024).map(|_| (Duration::ZERO, Bytes::from(vec![b'x'; 1024])));
    let stalled = (5000 * MILLISECOND, Bytes::new());
    let network = network(move |_| FakeReply { pieces: pieces().chain([stalled.clone()]).collect(), ..reply(200) });
    let (client, _) = client(&network, nowhere(), Linger::OFF);
    let headers = HeaderMap::new();
    let all = (0..64).map(|_| get_with(&client, HOME, &headers));
    let read = async {
        tokio::time::sleep(400 * MILLISECOND).await;
        network.pieces_read()
    };
    let (_, read) = futures_util::future::join(futures_util::future::join_all(all), read).await;
    let large = LARGE_BODIES * 1024;
    let small = (64 - LARGE_BODIES) * (256 + 1);
    assert_eq!(read, large + small, "KiB");
}
