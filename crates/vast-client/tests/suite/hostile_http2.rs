//! HTTP/2 servers that break the protocol. Each attempt must end immediately with its error type, not at the time limit. It
//! must be repeated only if no byte of the response had arrived.

use std::time::Duration;

use tokio::time::Instant;

use crate::pipeline::{client_with, end_of, within};
use crate::support::fetching::loopback;
use crate::support::flooder::{Flood, Flooder};
use crate::support::http2_frames::*;
use crate::support::tls_server::Authority;
use vast_client::{FetchConfig, FetchResult, SourceConfig};

/// The time limit of the request. A test that reaches it fails.
const TIMEOUT: Duration = Duration::from_secs(90);
/// A loaded machine needs less, and a wait for the time limit takes longer.
const AT_ONCE: Duration = Duration::from_secs(60);

/// What the server sends for each request, the error type, and the number of attempts.
fn broken_responses() -> Vec<(&'static str, Vec<u8>, &'static str, u32)> {
    let head = |headers: &[&[u8]]| frame(HEADERS, END_HEADERS, 1, &headers.concat());
    let reset = |code: u8| frame(RST_STREAM, 0, 1, &[0, 0, 0, code]);
    let not_found = header(":status", "404");
    vec![
        ("RST_STREAM, no error", reset(0), "reset", 2),
        ("RST_STREAM, protocol error", reset(1), "reset", 2),
        ("RST_STREAM, internal error", reset(2), "reset", 2),
        ("RST_STREAM, refused", reset(7), "reset", 2),
        ("RST_STREAM, cancelled", reset(8), "reset", 2),
        ("RST_STREAM, enhance your calm", reset(11), "reset", 2),
        ("RST_STREAM, HTTP/1.1 required", reset(13), "reset", 2),
        ("RST_STREAM after the head", [head(&[STATUS_200]), reset(2)].concat(), "reset", 1),
        ("RST_STREAM after a 103", [head(&[STATUS_103]), reset(2)].concat(), "reset", 2),
        ("no :status", head(&[&header("server", "x")]), "reset", 2),
        ("an empty head", head(&[]), "reset", 2),
        ("two :status", head(&[STATUS_200, STATUS_200]), "reset", 2),
        ("two different :status", head(&[STATUS_200, &not_found]), "reset", 2),
        (":status after a header", head(&[&header("server", "x"), STATUS_200]), "reset", 2),
        (":status that is no number", head(&[&header(":status", "abc")]), "reset", 2),
        (":status of four digits", head(&[&header(":status", "2000")]), "reset", 2),
        ("a name in capitals", head(&[STATUS_200, &header("Server", "x")]), "reset", 2),
        ("a header of the connection", head(&[STATUS_200, &header("connection", "close")]), "reset", 2),
        ("compression that is broken", frame(HEADERS, END_HEADERS, 1, &[0xff; 20]), "reset", 2),
        ("103 that ends the stream", frame(HEADERS, END_HEADERS | END_STREAM, 1, STATUS_103), "reset", 2),
        ("DATA before the head", frame(DATA, END_STREAM, 1, b"<VAST/>"), "reset", 2),
        ("HEADERS for stream 0", frame(HEADERS, END_HEADERS, 0, STATUS_200), "reset", 2),
        ("HEADERS for a stream that is not open", frame(HEADERS, END_HEADERS, 3, STATUS_200), "reset", 2),
        ("PUSH_PROMISE", frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2, 0x88]), "reset", 2),
        ("GOAWAY", frame(GOAWAY, 0, 0, &[0; 8]), "reset", 2),
        ("GOAWAY with an error", frame(GOAWAY, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 2]), "reset", 2),
        ("a frame beyond the allowed size", frame(DATA, 0, 1, &vec![0; 70_000]), "reset", 2),
        ("WINDOW_UPDATE by 0", frame(WINDOW_UPDATE, 0, 0, &[0; 4]), "reset", 2),
        ("WINDOW_UPDATE beyond the limit", frame(WINDOW_UPDATE, 0, 0, &[0x7f, 0xff, 0xff, 0xff]), "reset", 2),
        ("a PING of seven bytes", frame(PING, 0, 0, &[0; 7]), "reset", 2),
        (
            "a body that is shorter than its length",
            [head(&[STATUS_200, &header("content-length", "9")]), frame(DATA, END_STREAM, 1, b"<VAST/>")].concat(),
            "reset",
            1,
        ),
        (
            "a body that is longer than its length",
            [head(&[STATUS_200, &header("content-length", "3")]), frame(DATA, END_STREAM, 1, b"<VAST/>")].concat(),
            "reset",
            1,
        ),
    ]
}

#[tokio::test]
async fn a_response_that_breaks_http_2_ends_the_attempt_at_once() {
    let authority = Authority::new();
    let mut found = Vec::new();
    for (name, frames, error_type, attempts) in broken_responses() {
        // The first server answers every request with the frames. The second sends them once per connection, before it has
        // read the request.
        let server = Http2Server::start(&authority, frames.clone()).await;
        let once = Flooder::http2(&authority, Flood::new([frame(SETTINGS, 0, 0, &[]), frames].concat(), []));
        for (manner, address) in [("each", server.address), ("once", once.address)] {
            let (took, result) = request(&authority, address.port()).await;
            let report = &result.sources[0];
            let attempts_fit = report.attempts == attempts || (manner == "once" && report.attempts == 2);
            if took > AT_ONCE || end_of(&result, "broken") != error_type || !attempts_fit {
                found.push(format!("{name}, {manner}: after {took:?}: {report:?}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Requests the document, and returns the result and the time it took.
async fn request(authority: &Authority, port: u16) -> (Duration, FetchResult) {
    let url = format!("https://ads.example:{port}/v");
    let mut config = FetchConfig::new([SourceConfig::url(url).named("broken")]);
    let limits = &mut config.strategy.limits;
    (limits.timeout, limits.source_timeout) = (TIMEOUT, Some(TIMEOUT));
    (limits.connect_timeout, limits.idle_timeout) = (TIMEOUT, TIMEOUT);
    config.ca_file = Some(authority.ca_file());
    let client = client_with(config, |builder| builder.lookup(loopback()));
    let begun = Instant::now();
    let result = within(client.request_ad()).await;
    (begun.elapsed(), result)
}

/// How many bytes a server may send that the client has not read: 128 KiB of one body, 2 MiB of a connection.
#[tokio::test]
async fn a_server_is_told_how_much_it_may_send_ahead() {
    const INITIAL_WINDOW_SIZE: u8 = 4;
    let authority = Authority::new();
    let server = Http2Server::start(&authority, frame(RST_STREAM, 0, 1, &[0; 4])).await;
    request(&authority, server.address.port()).await;
    let frames = server.received();
    let of_kind = |kind: u8| frames.iter().find(move |frame| frame.kind == kind && frame.stream == 0);
    let number = |bytes: &[u8]| bytes.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let settings = of_kind(SETTINGS).expect("SETTINGS").payload.chunks(6).map(|one| (one[1], number(&one[2..])));
    assert_eq!(
        settings.filter(|(id, _)| *id == INITIAL_WINDOW_SIZE).map(|(_, size)| size).next_back(),
        Some(128 << 10)
    );
    // The window of a connection has 65,535 bytes at first.
    let more = of_kind(WINDOW_UPDATE).map(|frame| number(&frame.payload));
    assert_eq!(more, Some((2 << 20) - 65_535));
}
