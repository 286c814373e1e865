//! `[telemetry]`: what a collector gets of a request, and that a collector that does not answer delays nothing.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use vast_mock::Mock;

use crate::support::{PATIENCE, Running, ad_servers};

/// A collector that keeps the bodies that it gets, each with its path.
#[derive(Clone)]
struct Collector {
    address: SocketAddr,
    bodies: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Collector {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let collector = Self { address: listener.local_addr().expect("an address"), bodies: Arc::default() };
        let server = collector.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(server.clone().serve(stream));
            }
        });
        collector
    }

    /// Answers the requests of one connection.
    async fn serve(self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        while stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
            let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
            let length: usize = length.unwrap_or_else(|| panic!("{head}"));
            if bytes.len() < end + 4 + length {
                continue;
            }
            let body = serde_json::from_slice(&bytes[end + 4..end + 4 + length]).expect("JSON");
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            self.bodies.lock().unwrap_or_else(PoisonError::into_inner).push((path, body));
            bytes.drain(..end + 4 + length);
            if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.is_err() {
                return;
            }
        }
    }

    /// The spans that came so far.
    fn spans(&self) -> Vec<Value> {
        let bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        let traces = bodies.iter().filter(|(path, _)| path == "/v1/traces");
        let spans =
            |(_, body): &(String, Value)| body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().cloned();
        traces.flat_map(|body| spans(body).expect("spans")).collect()
    }

    fn text(&self) -> String {
        format!("{:?}", self.bodies.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn start(mock: &Mock, collector: SocketAddr, server: &str, telemetry: &str) -> Running {
    let text = format!(
        "[server]\n{server}\n[telemetry]\notlp = \"http://{collector}\"\n{telemetry}\n\
         [placement.wrapped]\nsource = [{{ name = \"east\", url = \"ADS/wrapper\", allow_private = true }}]\n\
         [placement.broken]\nsource = [{{ name = \"west\", url = \"ADS/broken\", allow_private = true }}]\n\
         [placement.playlist]\nsource = [{{ name = \"list\", url = \"ADS/playlist\", allow_private = true }}]\n"
    );
    Running::start(mock, &text).await
}

/// The value of an attribute as text.
fn attribute(span: &Value, key: &str) -> Option<String> {
    let found = span["attributes"].as_array()?.iter().find(|one| one["key"] == key)?;
    let value = found["value"].as_object()?.values().next()?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn nanos(span: &Value, key: &str) -> u64 {
    span[key].as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{span}"))
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_a_tree_of_spans_without_personal_values() {
    let (mock, collector) = (ad_servers().await, Collector::start().await);
    let gateway =
        start(&mock, collector.address, "trusted_callers = [\"127.0.0.1/32\"]", "sample = 1.0\npropagate = true").await;
    let query = "?ip=203.0.113.9&ifa=8d8a3c1e-77aa&gdpr_consent=CPxyz&ua=Player-77";
    let headers = format!("User-Agent: Player-77\r\ntraceparent: 00-{TRACE}-00f067aa0ba902b7-01\r\n");
    assert_eq!(gateway.get_with(&format!("/v1/wrapped/vast{query}"), &headers).await.outcome(), "filled");
    drop(gateway.stop().await);
    let spans = collector.spans();
    let shown: Vec<_> =
        spans.iter().map(|span| (span["name"].as_str().unwrap_or_default(), span["kind"].as_u64())).collect();
    assert_eq!(shown, [("vast.request", Some(2)), ("exchange", Some(3)), ("exchange", Some(3)), ("source", Some(1))]);
    let (root, source) = (&spans[0], &spans[3]);
    assert!(spans.iter().all(|span| span["traceId"] == TRACE));
    assert_eq!((&root["parentSpanId"], &source["parentSpanId"]), (&"00f067aa0ba902b7".into(), &root["spanId"]));
    assert!(spans[1..3].iter().all(|span| span["parentSpanId"] == source["spanId"]));
    for (span, parent) in [(source, root), (&spans[1], source), (&spans[2], source)] {
        assert!(nanos(parent, "startTimeUnixNano") <= nanos(span, "startTimeUnixNano"), "{spans:#?}");
        assert!(nanos(span, "startTimeUnixNano") <= nanos(span, "endTimeUnixNano"), "{spans:#?}");
        assert!(nanos(span, "endTimeUnixNano") <= nanos(parent, "endTimeUnixNano"), "{spans:#?}");
    }
    for (span, key, value) in [
        (root, "http.route", "/v1/{placement}/vast"),
        (root, "vast.placement", "wrapped"),
        (root, "vast.outcome", "filled"),
        (root, "http.response.status_code", "200"),
        (source, "vast.source", "east"),
        (source, "vast.outcome", "filled"),
        (&spans[1], "server.address", "127.0.0.1"),
        (&spans[1], "http.response.status_code", "200"),
        (&spans[2], "vast.document", "1"),
    ] {
        assert_eq!(attribute(span, key).as_deref(), Some(value), "{key}: {span}");
    }
    let text = collector.text();
    for value in ["203.0.113.9", "8d8a3c1e", "CPxyz", "Player-77", "/wrapper", "shoes"] {
        assert!(!text.contains(value), "{value}: {text}");
    }
    let expected = format!("00-{TRACE}-{}-01", root["spanId"].as_str().expect("an id"));
    let sent = mock
        .log()
        .iter()
        .map(|seen| seen.request.headers.iter().any(|(name, value)| name == "traceparent" && *value == *expected))
        .collect::<Vec<_>>();
    assert_eq!(sent, [true, true], "the ad servers of all levels continue the trace");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_kept_and_what_a_stranger_says_of_its_trace_is_not_believed() {
    let (mock, collector) = (ad_servers().await, Collector::start().await);
    let gateway = start(&mock, collector.address, "", "sample = 0.0").await;
    let headers = format!("traceparent: 00-{TRACE}-00f067aa0ba902b7-01\r\n");
    for placement in ["wrapped", "broken", "nothing"] {
        gateway.get_with(&format!("/v1/{placement}/vast"), &headers).await;
    }
    drop(gateway.stop().await);
    let spans = collector.spans();
    let names: Vec<_> = spans.iter().map(|span| span["name"].as_str().unwrap_or_default()).collect();
    assert_eq!(names, ["vast.request", "exchange", "exchange", "source"], "{spans:#?}");
    assert!(spans.iter().all(|span| span["traceId"] != TRACE), "{spans:#?}");
    assert!(spans.iter().all(|span| span["status"]["code"] == 2), "{spans:#?}");
    assert!(spans[0]["parentSpanId"].is_null());
    assert_eq!(attribute(&spans[0], "error.type").as_deref(), Some("failed"));
    assert_eq!(attribute(&spans[1], "error.type").as_deref(), Some("http_status"));
    assert_eq!(attribute(&spans[2], "http.request.resend_count").as_deref(), Some("1"));
    assert!(mock.log().iter().all(|seen| seen.request.headers.iter().all(|(name, _)| name != "traceparent")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_breaks_of_a_playlist_lie_in_the_span_of_its_source() {
    let (mock, collector) = (ad_servers().await, Collector::start().await);
    let gateway = start(&mock, collector.address, "", "sample = 1.0").await;
    assert_eq!(gateway.get("/v1/playlist/vmap").await.outcome(), "filled");
    drop(gateway.stop().await);
    let spans = collector.spans();
    let root = &spans[0];
    let playlist = spans.iter().find(|span| {
        attribute(span, "vast.source").as_deref() == Some("list") && span["parentSpanId"] == root["spanId"]
    });
    let playlist = playlist.unwrap_or_else(|| panic!("{spans:#?}"));
    let breaks: Vec<_> = spans.iter().filter(|span| attribute(span, "vast.break").is_some()).collect();
    assert_eq!(breaks.len(), 2, "{spans:#?}");
    for one in breaks {
        assert_eq!(one["parentSpanId"], playlist["spanId"]);
        assert!(nanos(one, "startTimeUnixNano") >= nanos(playlist, "startTimeUnixNano"), "{spans:#?}");
        assert!(nanos(one, "endTimeUnixNano") <= nanos(playlist, "endTimeUnixNano"), "{spans:#?}");
    }
    let ids: BTreeSet<_> = spans.iter().map(|span| span["spanId"].as_str().unwrap_or_default()).collect();
    assert_eq!(ids.len(), spans.len(), "every span has another id");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_never_answers_delays_neither_an_answer_nor_the_end() {
    let (mock, silent) = (ad_servers().await, TcpListener::bind("127.0.0.1:0").await.expect("loopback"));
    let gateway = start(&mock, silent.local_addr().expect("an address"), "", "sample = 1.0").await;
    for _ in 0..20 {
        assert_eq!(gateway.get("/v1/wrapped/vast").await.outcome(), "filled");
    }
    tokio::time::timeout(PATIENCE, gateway.stop()).await.expect("it ends").expect("no panic");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_those_of_the_admin_port_and_dropped_records_are_counted() {
    let (mock, collector) = (ad_servers().await, Collector::start().await);
    let gateway = start(&mock, collector.address, "", "signals = [\"metrics\"]").await;
    gateway.get("/v1/wrapped/vast").await;
    let text = gateway.admin("/metrics").await.body;
    drop(gateway.stop().await);
    let bodies = collector.bodies.lock().expect("no panic");
    let [(path, body)] = &**bodies else { panic!("{bodies:#?}") };
    assert_eq!(path, "/v1/metrics");
    let metrics = body["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().expect("a list");
    let names: BTreeSet<_> = metrics.iter().map(|metric| metric["name"].as_str().unwrap_or_default()).collect();
    let shown: BTreeSet<_> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert_eq!(names, shown);
    let answers = metrics.iter().find(|metric| metric["name"] == "vast_gateway_answers_total").expect("answers");
    let filled = answers["sum"]["dataPoints"].as_array().expect("points").iter().find(|point| {
        attribute(point, "placement").as_deref() == Some("wrapped")
            && attribute(point, "outcome").as_deref() == Some("filled")
    });
    assert_eq!(filled.map(|point| &point["asInt"]), Some(&"1".into()));
    assert!(text.contains("vast_gateway_telemetry_total{signal=\"traces\",end=\"dropped\"} 0"), "{text}");
}
