//! Servers that send as fast as they can and never send a document. The request must keep its deadline, serve the other
//! sources, and give up the connection.

use std::time::Duration;

use tokio::time::Instant;

use crate::pipeline::{LONG, ads, client_with, end_of, inline, one_server, source, within};
use crate::support::fetching::loopback;
use crate::support::flooder::{Flood, Flooder};
use crate::support::http2_frames::{
    CONTINUATION, DATA, END_HEADERS, HEADERS, PADDED, PING, PRIORITY, SETTINGS, STATUS_103, STATUS_200, WINDOW_UPDATE,
    frame,
};
use crate::support::tls_server::Authority;
use vast_client::{FetchConfig, FetchMode, SourceConfig};

/// The time limit of a flood that may end with it. Each other flood ends by itself.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Far above the time that a loaded machine needs, and below the time limit of the request.
const AT_THE_LATEST: Duration = Duration::from_secs(30);

const OK: &str = "HTTP/1.1 200 OK\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Floods over HTTP/1.1, and the error type of the source. Where it depends on the machine's speed, there are two.
fn http1_floods() -> Vec<(&'static str, Flood, &'static str)> {
    vec![
        ("zeros in a chunk size", Flood::new(CHUNKED, "0"), "too_large"),
        ("blanks after a chunk size", Flood::new(format!("{CHUNKED}5"), " "), "too_large"),
        ("tabs after a chunk size", Flood::new(format!("{CHUNKED}5"), "\t"), "too_large"),
        ("a chunk extension", Flood::new(format!("{CHUNKED}5;"), "x"), "reset"),
        ("trailers", Flood::new(format!("{CHUNKED}0\r\n"), "X-A: b\r\n"), "reset"),
        ("100 Continue", Flood::new("", "HTTP/1.1 100 Continue\r\n\r\n"), "too_large"),
        ("103 Early Hints", Flood::new("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), "too_large"),
        ("one endless header", Flood::new(format!("{OK}X-A: "), "a"), "too_large"),
        ("many headers", Flood::new(OK, "X-A: b\r\n"), "too_large"),
        ("an endless reason", Flood::new("HTTP/1.1 200 ", "OK"), "too_large"),
        ("empty lines before the status", Flood::new("", "\r\n"), "too_large"),
        ("zeros instead of HTTP", Flood::new("", [0]), "reset"),
        ("a body without end", Flood::new(format!("{OK}\r\n"), "x"), "too_large"),
        ("chunks of one byte", Flood::new(CHUNKED, "1\r\nx\r\n"), "timeout or too_large"),
        ("the body of a redirect", Flood::new("HTTP/1.1 302 Found\r\nLocation: /w\r\n\r\n", "x"), "redirect"),
        ("the body of an error page", Flood::new("HTTP/1.1 404 Not Found\r\n\r\n", "x"), "http_status"),
    ]
}

/// Floods of HTTP/2 frames, and the error type of the source.
fn http2_floods() -> Vec<(&'static str, Flood, &'static str)> {
    let hello = frame(SETTINGS, 0, 0, &[]);
    let head = [hello.clone(), frame(HEADERS, END_HEADERS, 1, STATUS_200)].concat();
    let after = |first: &[u8], again: Vec<u8>| Flood::new(first, again);
    let open_head = [hello.clone(), frame(HEADERS, 0, 1, STATUS_200)].concat();
    vec![
        ("PING", after(&hello, frame(PING, 0, 0, &[0; 8])), "too_large"),
        ("SETTINGS", after(&hello, frame(SETTINGS, 0, 0, &[])), "too_large"),
        ("WINDOW_UPDATE", after(&hello, frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1])), "too_large"),
        ("PRIORITY", after(&hello, frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 1])), "too_large"),
        ("unknown frames", after(&hello, frame(0xbe, 0, 0, &[0; 1000])), "too_large"),
        ("CONTINUATION", after(&open_head, frame(CONTINUATION, 0, 1, &[])), "reset"),
        ("103 Early Hints", after(&hello, frame(HEADERS, END_HEADERS, 1, STATUS_103)), "too_large"),
        ("empty DATA", after(&head, frame(DATA, 0, 1, &[])), "reset"),
        ("DATA of padding", after(&head, frame(DATA, PADDED, 1, &[9, 0, 0, 0, 0, 0, 0, 0, 0, 0])), "reset"),
        ("DATA beyond the window", after(&head, frame(DATA, 0, 1, &[b'x'; 1000])), "reset or too_large"),
        ("PING after the head", after(&head, frame(PING, 0, 0, &[0; 8])), "too_large"),
    ]
}

/// Requests an ad from `flood` and then from a good source, in every mode. Returns the problems: the ad of the good source
/// is missing or late, or the flood has another error type.
async fn problems(name: &str, flood: &SourceConfig, authority: Option<&Authority>, error_type: &str) -> Vec<String> {
    let good = one_server([inline()]).await;
    let mut problems = Vec::new();
    for &mode in FetchMode::ALL {
        let limit = if error_type.contains("timeout") { TIMEOUT } else { LONG };
        let flood = flood.clone().named("flood").with_source_timeout(limit);
        let mut config = FetchConfig::new([flood, source(&good, "east", "/v?ad=shoes")]).with_mode(mode);
        config.ca_file = authority.map(Authority::ca_file);
        let client = client_with(config, |builder| builder.lookup(loopback()));
        let begun = Instant::now();
        let result = within(client.request_ad()).await;
        let took = begun.elapsed();
        if took >= AT_THE_LATEST || ads(&result) != ["shoes"] {
            problems.push(format!("{name}, {mode}: after {took:?}: {:?}", result.sources));
        }
        if mode == FetchMode::Collect && !error_type.split(" or ").any(|allowed| allowed == end_of(&result, "flood")) {
            problems.push(format!("{name}: not {error_type}: {:?}", result.source_report("flood")));
        }
    }
    problems
}

#[tokio::test]
async fn a_flood_over_http_1_keeps_neither_the_deadline_nor_other_sources_waiting() {
    let mut found = Vec::new();
    for (name, flood, error_type) in http1_floods() {
        let flooder = Flooder::http(flood);
        let source = SourceConfig::url(format!("http://{}/v", flooder.address));
        found.extend(problems(name, &source, None, error_type).await);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn a_flood_of_http_2_frames_keeps_neither_the_deadline_nor_other_sources_waiting() {
    let authority = Authority::new();
    let mut found = Vec::new();
    for (name, flood, error_type) in http2_floods() {
        let flooder = Flooder::http2(&authority, flood);
        let source = SourceConfig::url(format!("https://ads.example:{}/v", flooder.address.port()));
        found.extend(problems(name, &source, Some(&authority), error_type).await);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
