//! The order of the steps: when a request lets go of its head, how much room it takes while it waits, and what a panic becomes.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::UNIX_EPOCH;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf};
use vast_client::env::Env;
use vast_client::{ClientConfig, FetchConfig, SourceConfig, VastClient};

use super::*;
use crate::config::{Access, AccessKey, GatewayConfig, SecretText, TenantConfig};

/// The size of the future that a function returns. The function is not called.
fn room<A, F>(_: impl Fn(A) -> F) -> usize {
    size_of::<F>()
}

#[test]
fn a_request_that_waits_for_its_sources_takes_little_room() {
    let asked = |(course, placed): (AnswerCourse, PlacedRequest)| course.asked(placed);
    // Up to here, the allocator takes a smaller block.
    assert!(room(asked) <= 1_536, "an answer: {}", room(asked));
    assert!(size_of::<PlacedRequest>() <= 80, "its request: {}", size_of::<PlacedRequest>());
    assert!(size_of::<AnswerCourse>() <= 104, "its course: {}", size_of::<AnswerCourse>());
}

/// A stream that notes the addresses to which it reads.
struct Addresses {
    inner: DuplexStream,
    seen: Arc<Mutex<Vec<usize>>>,
}

impl AsyncRead for Addresses {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if read.is_ready() {
            self.seen.lock().expect("no panic").push(buffer.filled().as_ptr().addr());
        }
        read
    }
}

impl AsyncWrite for Addresses {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

fn port(env: Env, change: impl FnOnce(&mut GatewayConfig)) -> Arc<PublicPort> {
    let source = || SourceConfig::inline("<VAST version='4.2'/>");
    let client = VastClient::from_config(ClientConfig::from(FetchConfig::new([source()]))).expect("a client");
    let mut config = GatewayConfig::of_sources([source()]);
    change(&mut config);
    let generation = Generation::compile(&config, client.orchestrator(), None, None).expect("a configuration");
    PublicPort::new(&GatewayState::new(client, env, Arc::default(), generation, None))
}

/// The addresses to which a connection has read ten requests with this head, each sent after the answer to the one before, and
/// the last answer.
async fn served(port: Arc<PublicPort>, head: &str) -> (Vec<usize>, String) {
    let (mut client, inner) = tokio::io::duplex(64 << 10);
    let seen = Arc::<Mutex<Vec<usize>>>::default();
    let stream = Addresses { inner, seen: Arc::clone(&seen) };
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let request = request.map(|body| LimitedBody::new(body, false, 1 << 10, Duration::from_secs(1)));
        let answer = port.answer(request, Peer { address: ([127, 0, 0, 1], 1).into(), is_tls: false });
        async { Ok::<_, Infallible>(answer.await) }
    });
    let serving = tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    let mut answer = [0; 4096];
    let mut length = 0;
    for _ in 0..10 {
        client.write_all(head.as_bytes()).await.expect("a connection");
        length = client.read(&mut answer).await.expect("an answer");
        assert_ne!(length, 0);
    }
    serving.abort();
    let seen = seen.lock().expect("no panic").clone();
    assert!(seen.len() >= 10, "{seen:?}");
    (seen, String::from_utf8_lossy(&answer[..length]).into_owned())
}

#[tokio::test]
async fn hyper_reads_each_request_into_the_same_buffer() {
    let port = port(Env::system(), |_| {});
    for line in [
        "GET /v1/default/vast?w=1280&sid=7&gdpr_consent=CP&cb=81",
        "GET /v1/default/vast?w=none",
        "GET /v1/default/ads.json",
        "GET /v1/unknown/vast",
        "GET /b/token?e=402",
        "HEAD /c/token",
        "OPTIONS /v1/default/vmap",
        "GET /v2",
    ] {
        let head = format!("{line} HTTP/1.1\r\nHost: a\r\nUser-Agent: TV/1\r\nOrigin: https://player.example\r\n\r\n");
        let (mut addresses, _) = served(Arc::clone(&port), &head).await;
        addresses.dedup();
        assert_eq!(addresses.len(), 1, "{line}: {addresses:x?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_before_the_sources_are_asked_is_an_empty_document() {
    // The last time there is: a look at this clock panics as soon as it moves. The check of a signature looks.
    let last = UNIX_EPOCH + Duration::new(i64::MAX.unsigned_abs(), 999_999_999);
    let port = port(Env::fixed(last, 1), |config| {
        let key = SecretText::new("a key of sixteen bytes or more").expect("long enough");
        let tenant = TenantConfig { keys: vec![AccessKey::new("player", key)], ..TenantConfig::default() };
        config.tenants.insert("acme".to_owned(), tenant);
        let placement = config.placements.get_mut("default").expect("a placement");
        (placement.access, placement.tenant) = (Access::Signed, Some("acme".to_owned()));
    });
    tokio::time::advance(Duration::from_secs(1)).await;
    let (_, answer) = served(Arc::clone(&port), "GET /v1/default/vast HTTP/1.1\r\nHost: a\r\n\r\n").await;
    for part in ["HTTP/1.1 200", "x-vast-outcome: internal", "<VAST version="] {
        assert!(answer.contains(part), "{part}: {answer}");
    }
    let placement = Arc::clone(port.state.generation().placement("default").expect("a placement"));
    assert!(placement.counters.outcomes().any(|counted| counted == (AnswerOutcome::Internal, 10)));
}
