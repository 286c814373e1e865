//! Exchanges over a transport in memory, on a paused clock: time limits are asserted to the millisecond.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use http::header::{HeaderName, LOCATION};

use super::super::{HttpResponse, Linger, Lookup};
use super::*;

const MILLISECOND: Duration = Duration::from_millis(1);
const HOME: &str = "http://127.0.0.1:8080/v";
const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::new(9, 9, 9, 9));

/// What the other side does with a request.
#[derive(Clone)]
struct Scene {
    wait: Duration,
    status: u16,
    headers: Vec<(HeaderName, String)>,
    /// Each piece after this wait.
    pieces: Vec<(Duration, Bytes)>,
    multiplexed: bool,
    error: Option<TransportError>,
}

fn scene(status: u16) -> Scene {
    let pieces = vec![];
    Scene { wait: Duration::ZERO, status, headers: vec![], pieces, multiplexed: false, error: None }
}

fn document(body: &str) -> Scene {
    Scene { pieces: vec![(Duration::ZERO, Bytes::copy_from_slice(body.as_bytes()))], ..scene(200) }
}

fn redirect_to(location: &str) -> Scene {
    Scene { headers: vec![(LOCATION, location.to_owned())], ..scene(302) }
}

/// Pieces of 1 KiB with this much time before each.
fn dripping(count: usize, wait: Duration) -> Scene {
    Scene { pieces: vec![(wait, Bytes::from(vec![b'x'; 1024])); count], ..scene(200) }
}

/// Plays a scene for every URL and remembers what it was asked and what was read of it.
#[derive(Clone)]
struct Theatre(Arc<Stage>);

struct Stage {
    play: Box<dyn Fn(&str) -> Scene + Send + Sync>,
    asked: Mutex<Vec<HttpRequest>>,
    pieces_read: AtomicUsize,
    bodies_ended: AtomicUsize,
}

fn theatre(play: impl Fn(&str) -> Scene + Send + Sync + 'static) -> Theatre {
    let (pieces_read, bodies_ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
    Theatre(Arc::new(Stage { play: Box::new(play), asked: Mutex::default(), pieces_read, bodies_ended }))
}

impl Theatre {
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

impl Transport for Theatre {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let this = self.clone();
        let scene = (this.0.play)(&request.uri.to_string());
        this.0.asked.lock().expect("no panic").push(request);
        async move {
            tokio::time::sleep(scene.wait).await;
            if let Some(error) = scene.error {
                return Err(error);
            }
            let headers = scene.headers.iter().map(|(name, value)| (name.clone(), value.parse().expect("a value")));
            let pieces = stream::iter(scene.pieces).then({
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
            let status = StatusCode::from_u16(scene.status).expect("a status");
            Ok(HttpResponse { status, headers: headers.collect(), body, multiplexed: scene.multiplexed })
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

fn exchange(theatre: &Theatre, resolver: Resolver, linger: Linger) -> (Exchange, Background) {
    let background = Background::default();
    let settings = ExchangeSettings { linger, ..ExchangeSettings::default() };
    (Exchange::new(Arc::new(theatre.clone()), resolver, settings, background.clone()), background)
}

/// Gets `url`, whose origin the operator named, with the usual limits and 2 s for the attempt.
async fn get_with(exchange: &Exchange, url: &str, own_headers: &HeaderMap) -> Result<Answer, Failure> {
    let target = Target::parse(url, None).expect("a URL");
    let ask = Ask {
        target: &target,
        rule: &AddressRule::of(&target),
        own_headers,
        everywhere: &HeaderMap::from_iter([(http::header::USER_AGENT, HeaderValue::from_static("test"))]),
        deadline: Deadline::after(Instant::now(), 2000 * MILLISECOND, TimeLimit::Attempt),
        connect_timeout: 500 * MILLISECOND,
        idle_timeout: 500 * MILLISECOND,
        transport: None,
    };
    exchange.get(ask).await
}

async fn get(theatre: &Theatre, resolver: Resolver, url: &str) -> Result<Answer, Failure> {
    get_with(&exchange(theatre, resolver, Linger::OFF).0, url, &HeaderMap::new()).await
}

/// The failure, and after how long it came.
async fn failed_after(theatre: &Theatre, resolver: Resolver, url: &str) -> (Failure, Duration) {
    let begun = Instant::now();
    let failure = get(theatre, resolver, url).await.expect_err("a failure");
    (failure, begun.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_document_arrives_with_what_is_known_of_it() {
    let theatre = theatre(|_| Scene {
        headers: vec![(CONTENT_TYPE, "text/xml; a=b; Charset=\"ISO-8859-1\"".into())],
        ..document("<VAST/>")
    });
    let answer = get(&theatre, nowhere(), HOME).await.expect("a document");
    assert_eq!((answer.status, &answer.body[..], answer.wire_bytes, answer.redirects), (200, &b"<VAST/>"[..], 7, 0));
    assert_eq!((answer.charset.as_deref(), answer.target.as_str()), (Some("ISO-8859-1"), HOME));
    assert_eq!(theatre.header(0, "accept-encoding").as_deref(), Some(decode::ACCEPTED));
}

#[tokio::test(start_paused = true)]
async fn r009_redirects_are_followed_and_counted_apart() {
    for status in [301, 302, 303, 307, 308] {
        let theatre = theatre(move |url| match url {
            HOME => Scene { status, ..redirect_to("w?x={1}") },
            "http://127.0.0.1:8080/w?x={1}" => Scene { status, ..redirect_to("//ads.example/z") },
            _ => document("<VAST/>"),
        });
        let answer = get(&theatre, everywhere_public(), HOME).await.expect("a document");
        assert_eq!((answer.redirects, answer.target.as_str()), (2, "http://ads.example/z"));
    }
}

#[tokio::test(start_paused = true)]
async fn own_headers_stay_with_their_origin() {
    let theatre = theatre(|url| match url {
        HOME => redirect_to("/same"),
        "http://127.0.0.1:8080/same" => redirect_to("http://ads.example/"),
        "http://ads.example/" => redirect_to("http://127.0.0.1:8080/back"),
        _ => document("<VAST/>"),
    });
    let own = HeaderMap::from_iter([(HeaderName::from_static("x-key"), HeaderValue::from_static("secret"))]);
    let (exchange, _) = exchange(&theatre, everywhere_public(), Linger::OFF);
    get_with(&exchange, HOME, &own).await.expect("a document");
    let keys = [0, 1, 2, 3].map(|index| theatre.header(index, "x-key").is_some());
    assert_eq!(keys, [true, true, false, true]);
    let agents = [0, 1, 2, 3].map(|index| theatre.header(index, "user-agent").is_some());
    assert_eq!(agents, [true; 4]);
}

#[tokio::test(start_paused = true)]
async fn five_redirects_are_followed_and_no_sixth() {
    let last = Arc::new(AtomicUsize::new(5));
    let ends_at = last.clone();
    let theatre = theatre(move |url| {
        let number: usize = url.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        if number == ends_at.load(Ordering::Relaxed) { document("x") } else { redirect_to(&format!("/{}", number + 1)) }
    });
    assert_eq!(get(&theatre, nowhere(), HOME).await.expect("a document").redirects, 5);
    last.store(6, Ordering::Relaxed);
    let (failure, _) = failed_after(&theatre, nowhere(), HOME).await;
    assert_eq!((failure.error_type, failure.answered), (ErrorType::Redirect, true));
    assert_eq!(theatre.urls().len(), 6 + 6);
}

#[tokio::test(start_paused = true)]
async fn a_circle_of_redirects_ends_at_once() {
    let theatre = theatre(|url| redirect_to(if url == HOME { "/w" } else { "/v" }));
    let (failure, _) = failed_after(&theatre, nowhere(), HOME).await;
    assert_eq!(failure.error_type, ErrorType::Redirect);
    assert_eq!(theatre.urls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn redirects_that_lead_nowhere_fail() {
    for location in ["", "ftp://ads.example/", "http://", "http://h:0/"] {
        let theatre = theatre(move |_| redirect_to(location));
        let (failure, _) = failed_after(&theatre, nowhere(), HOME).await;
        assert_eq!((failure.error_type, failure.answered), (ErrorType::Redirect, true), "{location}");
    }
    for status in [300, 302, 304] {
        let theatre = theatre(move |_| scene(status));
        let (failure, _) = failed_after(&theatre, nowhere(), HOME).await;
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
        let theatre = theatre(move |url| if url == HOME { redirect_to(location) } else { document("secret") });
        let resolver = Resolver::with_lookup(Arc::new(|_| async { Ok(vec![Ipv4Addr::LOCALHOST.into()]) }.boxed()));
        let (failure, _) = failed_after(&theatre, resolver, HOME).await;
        assert_eq!((failure.error_type, failure.answered), (ErrorType::BlockedAddress, true), "{location}");
        assert_eq!(theatre.urls(), [HOME], "{location}");
    }
}

#[tokio::test(start_paused = true)]
async fn r025_a_name_that_turns_private_is_refused() {
    let asked = AtomicUsize::new(0);
    let lookup: Lookup = Arc::new(move |_| {
        let first = asked.fetch_add(1, Ordering::Relaxed) == 0;
        async move { Ok(vec![if first { PUBLIC } else { Ipv4Addr::LOCALHOST.into() }]) }.boxed()
    });
    let resolver = Resolver::with_lookup(lookup);
    let theatre = theatre(|url| if url == HOME { redirect_to("http://rebinding.example/") } else { document("x") });
    assert!(get(&theatre, resolver.clone(), HOME).await.is_ok());
    tokio::time::advance(31_000 * MILLISECOND).await;
    let (failure, _) = failed_after(&theatre, resolver, HOME).await;
    assert_eq!(failure.error_type, ErrorType::BlockedAddress);
}

#[tokio::test(start_paused = true)]
async fn statuses_and_their_retry_after() {
    for (value, wanted) in [("7", Some(7)), (" 7 ", Some(7)), ("Fri, 31 Dec 1999 23:59:59 GMT", None), ("-1", None)] {
        let theatre = theatre(move |_| Scene { headers: vec![(RETRY_AFTER, value.into())], ..scene(503) });
        let (failure, _) = failed_after(&theatre, nowhere(), HOME).await;
        assert_eq!((failure.status, failure.error_type), (Some(503), ErrorType::HttpStatus));
        assert_eq!(failure.retry_after, wanted.map(Duration::from_secs), "{value}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_content_is_an_empty_document() {
    for status in [204, 205] {
        let theatre = theatre(move |_| Scene { status, ..document("not to be there") });
        let answer = get(&theatre, nowhere(), HOME).await.expect("an answer");
        assert_eq!((answer.status, answer.body.len()), (status, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn every_time_limit_fires_exactly_and_is_named() {
    let slow_head = |wait| move |_: &str| Scene { wait, ..document("x") };
    let cases: [(Theatre, Resolver, &str, TimeLimit, u32); 5] = [
        (theatre(slow_head(2001 * MILLISECOND)), nowhere(), HOME, TimeLimit::Attempt, 2000),
        (theatre(|_| dripping(9, 499 * MILLISECOND)), nowhere(), HOME, TimeLimit::Attempt, 2000),
        (theatre(|_| dripping(1, 501 * MILLISECOND)), nowhere(), HOME, TimeLimit::Idle, 500),
        (
            theatre(|_| Scene {
                pieces: vec![(100 * MILLISECOND, Bytes::from("x")), (600 * MILLISECOND, Bytes::new())],
                ..scene(200)
            }),
            nowhere(),
            HOME,
            TimeLimit::Idle,
            600,
        ),
        (
            theatre(|_| redirect_to("http://silent.example/")),
            Resolver::with_lookup(Arc::new(|_| std::future::pending().boxed())),
            HOME,
            TimeLimit::Connect,
            500,
        ),
    ];
    for (theatre, resolver, url, limit, millis) in cases {
        let (failure, after) = failed_after(&theatre, resolver, url).await;
        assert_eq!((failure.limit, after), (Some(limit), millis * MILLISECOND));
        assert_eq!(failure.error_type, ErrorType::Timeout);
    }
    let in_time = theatre(slow_head(1999 * MILLISECOND));
    assert!(get(&in_time, nowhere(), HOME).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_when_time_is_over() {
    let theatre = theatre(|_| Scene { wait: 2000 * MILLISECOND, ..redirect_to("/w") });
    let (failure, after) = failed_after(&theatre, nowhere(), HOME).await;
    assert_eq!((failure.limit, after), (Some(TimeLimit::Attempt), 2000 * MILLISECOND));
    assert_eq!(theatre.urls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn bodies_beyond_the_limits_are_not_read_on() {
    let theatre = theatre(|_| dripping(5000, Duration::ZERO));
    let (failure, _) = failed_after(&theatre, nowhere(), HOME).await;
    assert_eq!((failure.error_type, failure.answered), (ErrorType::TooLarge, true));
    assert_eq!(theatre.pieces_read(), 4 * 1024 + 1);
    let (exchange, background) = exchange(&theatre, nowhere(), Linger::default());
    get_with(&exchange, HOME, &HeaderMap::new()).await.expect_err("too large");
    assert_eq!(background.running(), 0, "not even for the connection's sake");
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
        (Kind::Timeout(TimeLimit::Connect), ErrorType::Timeout),
    ] {
        let error = TransportError::new(kind, "reason");
        let theatre = theatre(move |_| Scene { error: Some(error.clone()), ..scene(200) });
        let (failure, _) = failed_after(&theatre, nowhere(), HOME).await;
        assert_eq!((failure.error_type, failure.answered), (wanted, false));
    }
}

#[tokio::test(start_paused = true)]
async fn a_sources_own_transport_serves_its_origin_only() {
    let own = theatre(|_| redirect_to("http://ads.example/"));
    let shared = theatre(|_| document("x"));
    let (exchange, _) = exchange(&shared, everywhere_public(), Linger::OFF);
    let target = Target::parse(HOME, None).expect("a URL");
    let transport: Arc<dyn Transport> = Arc::new(own.clone());
    let ask = Ask {
        target: &target,
        rule: &AddressRule::of(&target),
        own_headers: &HeaderMap::new(),
        everywhere: &HeaderMap::new(),
        deadline: Deadline::after(Instant::now(), 2000 * MILLISECOND, TimeLimit::Hop),
        connect_timeout: 500 * MILLISECOND,
        idle_timeout: 500 * MILLISECOND,
        transport: Some(&transport),
    };
    exchange.get(ask).await.expect("a document");
    assert_eq!((own.urls().len(), shared.urls()), (1, vec!["http://ads.example/".to_owned()]));
}

/// Begins an exchange, goes away after `wait`, and gives what was read of it 10 s later.
async fn left_after(wait: Duration, linger: Linger, scene: Scene) -> (Theatre, Background) {
    let theatre = theatre(move |_| scene.clone());
    let (exchange, background) = exchange(&theatre, nowhere(), linger);
    let gone = tokio::time::timeout(wait, get_with(&exchange, HOME, &HeaderMap::new())).await;
    assert!(gone.is_err(), "it is still under way");
    assert_eq!(theatre.bodies_ended(), 0);
    tokio::time::sleep(10_000 * MILLISECOND).await;
    (theatre, background)
}

#[tokio::test(start_paused = true)]
async fn an_exchange_left_early_is_read_to_its_end() {
    let before_its_head = Scene { wait: 300 * MILLISECOND, ..dripping(4, 100 * MILLISECOND) };
    for (wait, scene) in [(100, before_its_head), (250, dripping(4, 100 * MILLISECOND))] {
        let (theatre, background) = left_after(wait * MILLISECOND, Linger::default(), scene).await;
        assert_eq!((theatre.pieces_read(), theatre.bodies_ended(), background.running()), (4, 1, 0));
        assert!(theatre.0.asked.lock().expect("no panic")[0].interest.is_lost());
    }
}

#[tokio::test(start_paused = true)]
async fn lingering_is_bounded() {
    let usual = Linger::default();
    let cases = [
        ("off", Linger::OFF, dripping(4, 100 * MILLISECOND), 2),
        ("multiplexed", usual, Scene { multiplexed: true, ..dripping(4, 100 * MILLISECOND) }, 2),
        ("no room", Linger { exchanges: 0, ..usual }, dripping(4, 100 * MILLISECOND), 2),
        ("bytes", Linger { bytes: 2048, ..usual }, dripping(9, 100 * MILLISECOND), 2 + 3),
        ("time", Linger { time: 320 * MILLISECOND, ..usual }, dripping(9, 100 * MILLISECOND), 2 + 3),
    ];
    for (case, linger, scene, pieces_read) in cases {
        let (theatre, background) = left_after(250 * MILLISECOND, linger, scene).await;
        assert_eq!((theatre.pieces_read(), theatre.bodies_ended()), (pieces_read, 0), "{case}");
        assert_eq!(background.running(), 0, "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_page_is_read_when_that_is_quickly_done() {
    let short = theatre(|_| Scene { status: 404, ..dripping(3, MILLISECOND) });
    assert_eq!(failed_after(&short, nowhere(), HOME).await.1, 3 * MILLISECOND);
    assert_eq!(short.bodies_ended(), 1);
    let slow = theatre(|_| Scene { status: 404, ..dripping(3, 100 * MILLISECOND) });
    assert_eq!(failed_after(&slow, nowhere(), HOME).await.1, SETTLED_WITHIN);
    let long = theatre(|_| Scene { status: 404, ..dripping(30, Duration::ZERO) });
    failed_after(&long, nowhere(), HOME).await;
    assert_eq!((long.pieces_read(), long.bodies_ended()), (17, 0));
}
