//! The faults of an exchange: everything before the document.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use vast_client::ErrorType::{
    BlockedAddress, Connect, Dns, Encoding as BadEncoding, HttpStatus, NoAd, NotXml, Redirect, Reset, Timeout, Tls,
    TooLarge,
};
use vast_mock::{Answer, CutEnd, Encoding, Fault as MockFault};

use super::fault::SourceEnd::{Error, Filled};
use super::fault::{Fault, FaultServer, Group, SourceEnd};
use super::http2_frames::*;
use super::tls_server::Manner;
use crate::support::AD;

/// 16 MiB of spaces, compressed with brotli.
const BROTLI_BOMB: &[u8] = &[
    0xcb, 0xff, 0xff, 0x3f, 0xf8, 0x25, 0x40, 0xe2, 0xb1, 0x40, 0x20, 0xf7, 0xfe, 0x2f, 0xff, 0xff, 0xff, 0xf0, 0x4b,
    0x00, 0xc4, 0x61, 0x11, 0x80, 0xee, 0xfd, 0x1f,
];
const STATUSES: [(u16, &str); 14] = [
    (400, "status-400"),
    (401, "status-401"),
    (403, "status-403"),
    (404, "status-404"),
    (410, "status-410"),
    (418, "status-418"),
    (429, "status-429"),
    (500, "status-500"),
    (501, "status-501"),
    (502, "status-502"),
    (503, "status-503"),
    (504, "status-504"),
    (599, "status-599"),
    (304, "status-304"),
];

pub(crate) fn faults() -> Vec<Fault> {
    let groups = [connections(), tls(), heads(), lengths(), statuses(), redirects(), encodings(), http2()];
    groups.into_iter().flatten().collect()
}

type Row = (&'static str, &'static str, FaultServer, SourceEnd);

fn of_group<const N: usize>(group: Group, rows: [Row; N]) -> Vec<Fault> {
    rows.into_iter().map(|(name, what, server, outcome)| Fault { group, name, what, server, outcome }).collect()
}

fn script(answer: Answer) -> FaultServer {
    FaultServer::Script(vec![answer])
}

fn good() -> Answer {
    Answer::new().body(AD)
}

/// A response of exactly these bytes; the connection is closed after it.
fn wire(bytes: impl Into<Vec<u8>>) -> FaultServer {
    script(Answer::new().wire(bytes.into()))
}

/// A response of exactly these bytes, and then `end`.
fn wire_then(bytes: impl Into<Vec<u8>>, end: CutEnd) -> FaultServer {
    script(Answer::new().wire(bytes.into()).truncate(usize::MAX, end))
}

/// A response with these lines in its head, each with its end, and the good document.
fn with_head(lines: &str) -> FaultServer {
    wire(format!("HTTP/1.1 200 OK\r\n{lines}\r\n{AD}"))
}

const fn at_connect(is_tls: bool, bytes: &'static [u8], end: CutEnd) -> FaultServer {
    FaultServer::AtConnect { is_tls, bytes, end }
}

fn connections() -> Vec<Fault> {
    use CutEnd::{Close, Hang};
    let slow_body = good().pieces_of(1).piece_delay(Duration::from_millis(60));
    let slow_head = Answer::new().wire("HTTP/1.1 200 OK\r\n".repeat(99));
    let slow_head = slow_head.pieces_of(1).piece_delay(Duration::from_millis(60));
    of_group(
        Group::Connection,
        [
            ("refused", "No server listens on the port.", FaultServer::Refused, Error(Connect)),
            ("name-unknown", "The name does not exist.", FaultServer::Url("http://gone.example/v"), Error(Dns)),
            ("name-empty", "The name has no address.", FaultServer::Url("http://empty.example/v"), Error(Dns)),
            (
                "name-silent",
                "The name server does not answer.",
                FaultServer::Url("http://silent.example/v"),
                Error(Timeout),
            ),
            ("close-at-connect", "The connection is closed at once.", at_connect(false, b"", Close), Error(Reset)),
            ("silent-at-connect", "The server reads and sends nothing.", at_connect(false, b"", Hang), Error(Timeout)),
            ("ssh", "The server speaks SSH.", at_connect(false, b"SSH-2.0-x\r\n", Hang), Error(Reset)),
            ("smtp", "The server speaks SMTP.", at_connect(false, b"220 mail.example\r\n\r\n", Hang), Error(Reset)),
            (
                "reset",
                "The connection is reset after the request.",
                script(Answer::new().fault(MockFault::Reset)),
                Error(Reset),
            ),
            (
                "close",
                "The connection is closed after the request.",
                script(Answer::new().fault(MockFault::Close)),
                Error(Reset),
            ),
            ("hang", "The request is never answered.", script(Answer::new().fault(MockFault::Hang)), Error(Timeout)),
            ("slow-head", "The head comes a byte at a time.", script(slow_head), Error(Timeout)),
            ("slow-body", "The body comes a byte at a time.", script(slow_body), Error(Timeout)),
        ],
    )
}

fn tls() -> Vec<Fault> {
    let server = |manner, is_trusted| FaultServer::Tls { manner, is_trusted };
    let of_name = |name| Manner { name, ..Manner::default() };
    let expired = Manner { expired: true, ..Manner::default() };
    let asks = Manner { asks_for_certificate: true, ..Manner::default() };
    let other_protocol = Manner { protocols: &[b"h3"], ..Manner::default() };
    of_group(
        Group::Tls,
        [
            ("tls-expired", "The certificate has expired.", server(expired, true), Error(Tls)),
            ("tls-name", "The certificate is for another name.", server(of_name("other.example"), true), Error(Tls)),
            (
                "tls-authority",
                "The certificate is of an unknown authority.",
                server(Manner::default(), false),
                Error(Tls),
            ),
            ("tls-wants-certificate", "The server asks for a client certificate.", server(asks, true), Error(Tls)),
            ("tls-protocol", "The server offers HTTP/3 only.", server(other_protocol, true), Error(Tls)),
            (
                "tls-plain",
                "The server speaks HTTP without TLS.",
                at_connect(true, b"HTTP/1.1 200 OK\r\n\r\n", CutEnd::Hang),
                Error(Tls),
            ),
            (
                "tls-garbage",
                "The server sends random bytes.",
                at_connect(true, b"\x16\x03\x03\xff\xff\0\x01", CutEnd::Close),
                Error(Tls),
            ),
            (
                "tls-close",
                "The connection is closed in the handshake.",
                at_connect(true, b"", CutEnd::Close),
                Error(Connect),
            ),
            (
                "tls-reset",
                "The connection is reset in the handshake.",
                at_connect(true, b"", CutEnd::Reset),
                Error(Connect),
            ),
            ("tls-silent", "The handshake is never answered.", at_connect(true, b"", CutEnd::Hang), Error(Timeout)),
        ],
    )
}

fn heads() -> Vec<Fault> {
    use CutEnd::{Close, Hang};
    let large = format!("X-Large: {}\r\n", "x".repeat(200_000));
    let many: String = (0..200).map(|number| format!("X-{number}: x\r\n")).collect();
    let hints = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(20_000);
    of_group(
        Group::Head,
        [
            (
                "head-cut",
                "The connection is closed in the head.",
                wire_then("HTTP/1.1 200 OK\r\nContent-", Close),
                Error(Reset),
            ),
            (
                "head-reset",
                "The connection is reset in the head.",
                wire_then("HTTP/1.1 200", CutEnd::Reset),
                Error(Reset),
            ),
            ("head-hang", "The head never ends.", wire_then("HTTP/1.1 200 OK\r\nContent-", Hang), Error(Timeout)),
            ("head-large", "A header has 200,000 bytes.", with_head(&large), Error(TooLarge)),
            ("head-many", "There are 200 headers.", with_head(&many), Error(TooLarge)),
            ("head-space", "The name of a header has a space.", with_head("a b: c\r\n"), Error(Reset)),
            ("head-nul", "The value of a header has the byte 0.", with_head("a: \0\r\n"), Error(Reset)),
            ("head-version", "The version is HTTP/3.0.", wire("HTTP/3.0 200 OK\r\n\r\n<VAST/>"), Error(Reset)),
            ("head-status-text", "The status is not a number.", wire("HTTP/1.1 abc OK\r\n\r\n<VAST/>"), Error(Reset)),
            ("head-no-status", "The status line is `HTTP/1.1`.", wire("HTTP/1.1\r\n\r\n<VAST/>"), Error(Reset)),
            ("http-0-9", "The document comes without a head (HTTP/0.9).", wire(AD), Error(Reset)),
            ("hints-endless", "20,000 heads with the status 103.", wire_then(hints, Hang), Error(TooLarge)),
            (
                "hints-hang",
                "A head with the status 103, and nothing else.",
                wire_then("HTTP/1.1 103 x\r\n\r\n", Hang),
                Error(Timeout),
            ),
        ],
    )
}

fn lengths() -> Vec<Fault> {
    let length = |text: &str| with_head(&format!("Content-Length: {text}\r\n"));
    let chunks = |text: &str| wire(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{text}"));
    let cut = |end| script(good().truncate(200, end));
    let cut_chunks = good().chunked().pieces_of(100).truncate(300, CutEnd::Close);
    let hung_chunks = good().chunked().pieces_of(100).truncate(300, CutEnd::Hang);
    let exact = AD.len();
    of_group(
        Group::Length,
        [
            ("body-cut", "The connection is closed in the body.", cut(CutEnd::Close), Error(Reset)),
            ("body-reset", "The connection is reset in the body.", cut(CutEnd::Reset), Error(Reset)),
            ("body-hang", "The body never ends.", cut(CutEnd::Hang), Error(Timeout)),
            (
                "body-missing",
                "The head is complete, and no body comes.",
                script(good().truncate(0, CutEnd::Hang)),
                Error(Timeout),
            ),
            ("length-too-long", "`Content-Length` is larger than the body.", length("9999"), Error(Reset)),
            (
                "length-too-short",
                "`Content-Length` is 60 bytes smaller than the body.",
                length(&(exact - 60).to_string()),
                Error(NotXml),
            ),
            ("length-zero", "`Content-Length` is 0 before a body.", length("0"), Error(NoAd)),
            ("length-text", "`Content-Length` is not a number.", length("many"), Error(Reset)),
            ("length-negative", "`Content-Length` is negative.", length("-5"), Error(Reset)),
            (
                "length-two",
                "Two values of `Content-Length`.",
                length(&format!("5\r\nContent-Length: {exact}")),
                Error(Reset),
            ),
            ("length-huge", "`Content-Length` is 99,999,999,999.", length("99999999999"), Error(TooLarge)),
            (
                "length-overflow",
                "`Content-Length` is larger than 64 bits.",
                length("99999999999999999999999"),
                Error(Reset),
            ),
            ("body-large", "A body of 5 MiB.", script(Answer::new().body(vec![b' '; 5 << 20])), Error(TooLarge)),
            ("chunks-cut", "The connection is closed between two chunks.", script(cut_chunks), Error(Reset)),
            ("chunks-hang", "The last chunk never comes.", script(hung_chunks), Error(Timeout)),
            (
                "chunk-size-text",
                "The size of a chunk is not a number.",
                chunks("zz\r\n<VAST/>\r\n0\r\n\r\n"),
                Error(Reset),
            ),
            (
                "chunk-size-overflow",
                "The size of a chunk is larger than 64 bits.",
                chunks("fffffffffffffffff\r\n<VAST/>"),
                Error(Reset),
            ),
            ("chunk-end", "A chunk is longer than its size.", chunks("3\r\n<VAST/>\r\n0\r\n\r\n"), Error(Reset)),
            (
                "chunk-extensions",
                "A chunk has 500,000 bytes of extensions.",
                chunks(&format!("7;{}\r\n", "x".repeat(500_000))),
                Error(Reset),
            ),
            (
                "length-and-chunks",
                "`Content-Length` and chunks in one response.",
                wire(format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n{exact:x}\r\n{AD}\r\n0\r\n\r\n"
                )),
                Filled,
            ),
            ("no-length", "Only the end of the connection ends the body.", with_head(""), Filled),
        ],
    )
}

fn statuses() -> Vec<Fault> {
    let errors = STATUSES.iter().map(|(status, name)| Fault {
        group: Group::Status,
        name,
        what: "This status, and a page instead of a document.",
        server: script(Answer::new().status(*status).body("<html>an error</html>")),
        outcome: Error(HttpStatus),
    });
    let others = of_group(
        Group::Status,
        [
            (
                "status-101",
                "101: the server changes the protocol.",
                wire("HTTP/1.1 101 x\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
                Error(HttpStatus),
            ),
            ("status-204", "204: no content.", script(Answer::new().status(204)), Error(NoAd)),
            ("status-206", "206 with a whole document.", script(good().status(206)), Filled),
        ],
    );
    errors.chain(others).collect()
}

fn redirects() -> Vec<Fault> {
    let to = |location: &str| script(Answer::new().redirect(location));
    let path = |path: &str, next: &str| Answer::new().path(path).redirect(next);
    let two = vec![path("/v", "{{self}}/b"), path("/b", "{{self}}/v")];
    let chain = ["/v", "/1", "/2", "/3", "/4", "/5", "/6"];
    let chain = chain.windows(2).map(|step| path(step[0], step[1])).collect();
    let long = format!("/{}", "x".repeat(70_000));
    of_group(
        Group::Redirect,
        [
            ("redirect-self", "A redirect to the same URL.", to("{{self}}/v"), Error(Redirect)),
            ("redirect-two", "Two URLs redirect to each other.", FaultServer::Script(two), Error(Redirect)),
            ("redirect-six", "Six redirects.", FaultServer::Script(chain), Error(Redirect)),
            ("redirect-nowhere", "302 without `Location`.", script(Answer::new().status(302)), Error(Redirect)),
            ("redirect-file", "A redirect to a `file:` URL.", to("file:///etc/passwd"), Error(Redirect)),
            (
                "redirect-long",
                "A redirect to a URL of 70,000 bytes.",
                wire(format!("HTTP/1.1 302 x\r\nLocation: {long}\r\n\r\n")),
                Error(Redirect),
            ),
            (
                "redirect-loopback",
                "A redirect to another port of this machine.",
                to("http://127.0.0.1:1/"),
                Error(BlockedAddress),
            ),
            (
                "redirect-metadata",
                "A redirect to the metadata service of a cloud.",
                to("http://169.254.169.254/latest/"),
                Error(BlockedAddress),
            ),
            ("redirect-private", "A redirect to a private address.", to("http://10.0.0.1/"), Error(BlockedAddress)),
            (
                "redirect-decimal",
                "A redirect to 127.0.0.1 as one decimal number.",
                to("http://2130706433/"),
                Error(BlockedAddress),
            ),
            (
                "redirect-mapped",
                "A redirect to 127.0.0.1 as an IPv6 address.",
                to("http://[::ffff:127.0.0.1]/"),
                Error(BlockedAddress),
            ),
            (
                "redirect-name",
                "A redirect to a name with a private address.",
                to("http://metadata.example/"),
                Error(BlockedAddress),
            ),
            ("redirect-port", "A redirect to port 22.", to("http://ads.example:22/"), Error(BlockedAddress)),
        ],
    )
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).and_then(|()| encoder.finish()).expect("memory")
}

/// Blocks of one repeated byte, 128 KiB each (RFC 8878 section 3.1.1.2).
fn zstd_bomb() -> Vec<u8> {
    let block = ((128 * 1024_u32) << 3 | 1 << 1).to_le_bytes();
    let blocks = (0..100).flat_map(|_| [block[0], block[1], block[2], b' ']);
    [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38].into_iter().chain(blocks).collect()
}

fn encodings() -> Vec<Fault> {
    let spaces = || Answer::new().body(vec![b' '; 16 << 20]);
    let named = |encoding: &str, body: Vec<u8>| script(Answer::new().header("Content-Encoding", encoding).body(body));
    let packed = gzip(AD.as_bytes());
    let half = packed[..packed.len() / 2].to_vec();
    of_group(
        Group::Encoding,
        [
            (
                "bomb-gzip",
                "16 MiB of spaces, compressed with gzip.",
                script(spaces().encoding(Encoding::Gzip)),
                Error(TooLarge),
            ),
            ("bomb-deflate", "The same with deflate.", script(spaces().encoding(Encoding::Deflate)), Error(TooLarge)),
            ("bomb-br", "The same with brotli, 27 bytes.", named("br", BROTLI_BOMB.to_vec()), Error(TooLarge)),
            ("bomb-zstd", "12 MiB of spaces, compressed with zstd.", named("zstd", zstd_bomb()), Error(TooLarge)),
            (
                "bomb-undeclared",
                "A gzip bomb without `Content-Encoding`.",
                script(Answer::new().body(gzip(&vec![b' '; 16 << 20]))),
                Error(TooLarge),
            ),
            ("gzip-twice", "The document is compressed twice.", named("gzip, gzip", gzip(&packed)), Error(BadEncoding)),
            (
                "gzip-false",
                "`Content-Encoding: gzip` with plain text.",
                script(good().raw(Encoding::Gzip)),
                Error(BadEncoding),
            ),
            (
                "br-false",
                "`Content-Encoding: br` with plain text.",
                script(good().raw(Encoding::Br)),
                Error(BadEncoding),
            ),
            ("gzip-cut", "Half of a gzip body.", named("gzip", half), Error(BadEncoding)),
            (
                "encoding-unknown",
                "An unknown encoding with bytes that are no text.",
                named("compress", vec![0x1f, 0x9d, 0x90, 0, 1]),
                Error(BadEncoding),
            ),
            ("encoding-label", "`Content-Encoding: utf-8` with plain text.", named("utf-8", AD.into()), Filled),
            ("gzip-undeclared", "A gzip body without `Content-Encoding`.", script(Answer::new().body(packed)), Filled),
        ],
    )
}

fn http2() -> Vec<Fault> {
    let head = |headers: &[&[u8]]| frame(HEADERS, END_HEADERS, 1, &headers.concat());
    let reset = |code: u8| frame(RST_STREAM, 0, 1, &[0, 0, 0, code]);
    let short = [head(&[STATUS_200, &header("content-length", "9")]), frame(DATA, END_STREAM, 1, b"<VAST/>")].concat();
    let server = FaultServer::Http2;
    of_group(
        Group::Http2,
        [
            ("h2-goaway", "GOAWAY instead of a response.", server(frame(GOAWAY, 0, 0, &[0; 8])), Error(Reset)),
            (
                "h2-goaway-error",
                "GOAWAY with an error.",
                server(frame(GOAWAY, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 2])),
                Error(Reset),
            ),
            ("h2-reset", "RST_STREAM instead of a response.", server(reset(2)), Error(Reset)),
            ("h2-refused", "RST_STREAM: the stream is refused.", server(reset(7)), Error(Reset)),
            (
                "h2-reset-late",
                "RST_STREAM after the head.",
                server([head(&[STATUS_200]), reset(2)].concat()),
                Error(Reset),
            ),
            ("h2-no-status", "A head without a status.", server(head(&[&header("server", "x")])), Error(Reset)),
            (
                "h2-compression",
                "A head that cannot be decompressed.",
                server(frame(HEADERS, END_HEADERS, 1, &[0xff; 20])),
                Error(Reset),
            ),
            ("h2-data-first", "A body before the head.", server(frame(DATA, END_STREAM, 1, b"<VAST/>")), Error(Reset)),
            (
                "h2-large-frame",
                "A frame beyond the permitted size.",
                server(frame(DATA, 0, 1, &vec![0; 70_000])),
                Error(Reset),
            ),
            (
                "h2-push",
                "A response that was not asked for.",
                server(frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2, 0x88])),
                Error(Reset),
            ),
            ("h2-length", "A body that is shorter than its length.", server(short), Error(Reset)),
            ("h2-hang", "A head, and no body.", server(head(&[STATUS_200])), Error(Timeout)),
            ("h2-silent", "No frame for the request.", server(Vec::new()), Error(Timeout)),
        ],
    )
}
