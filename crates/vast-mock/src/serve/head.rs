//! Parses the head of a request (RFC 9112). It is lenient, because the mock does not check the syntax of its clients.

use crate::script::Request;

/// A request line and headers longer than this are refused.
pub(super) const HEAD_LIMIT: usize = 32 << 10;
/// A longer body is refused. Bodies are read and discarded.
pub(super) const BODY_LIMIT: u64 = 1 << 20;
/// How many bytes of a request that is not HTTP are kept for the log.
const EXCERPT: usize = 80;

/// A request with a complete head.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) request: Request,
    pub(super) body_length: u64,
    pub(super) keep_alive: bool,
}

/// A request that is answered with an error and a closed connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadRequest {
    pub(super) status: u16,
    pub(super) request: Request,
}

impl BadRequest {
    pub(super) fn too_large(bytes: &[u8]) -> Self {
        Self::new(431, bytes)
    }

    fn new(status: u16, bytes: &[u8]) -> Self {
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let excerpt = String::from_utf8_lossy(&line[..line.len().min(EXCERPT)]).trim_end().to_owned();
        Self { status, request: Request { path_and_query: excerpt, ..Request::default() } }
    }
}

/// The length of a complete head with its empty line. The first `seen` bytes were searched before.
pub(super) fn length(bytes: &[u8], seen: usize) -> Option<usize> {
    let from = seen.saturating_sub(3);
    let mut lines = bytes[from..].iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + from);
    lines.find(|at| bytes[..*at].ends_with(b"\n") || bytes[..*at].ends_with(b"\n\r")).map(|at| at + 1)
}

/// Reads a whole head.
pub(super) fn parse(bytes: &[u8]) -> Result<Head, BadRequest> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let (method, target, version) = lines.next().and_then(request_line).ok_or_else(|| BadRequest::new(400, bytes))?;
    let headers = lines
        .take_while(|line| !line.is_empty())
        .map(header)
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| BadRequest::new(400, bytes))?;
    let request = Request { method: method.to_owned(), path_and_query: origin_form(target).to_owned(), headers };
    let body_length = body_length(&request).map_err(|status| BadRequest::new(status, bytes))?;
    let keep_alive = keeps_alive(&request, version);
    Ok(Head { request, body_length, keep_alive })
}

fn request_line(line: &str) -> Option<(&str, &str, &str)> {
    let mut words = line.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let whole = words.next().is_none() && !method.is_empty() && version.starts_with("HTTP/1.");
    let clean = !target.is_empty() && !target.contains(char::is_control);
    (whole && clean).then_some((method, target, version))
}

fn header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let clean = !name.is_empty() && !name.contains(char::is_whitespace);
    clean.then(|| (name.to_owned(), value.trim().to_owned()))
}

/// Also accepts the form that clients send to proxies: `http://host/path` becomes `/path`.
fn origin_form(target: &str) -> &str {
    let Some(rest) = target.strip_prefix("http://") else { return target };
    rest.find('/').map_or("/", |slash| &rest[slash..])
}

/// The length of the body, or the status that refuses the request.
fn body_length(request: &Request) -> Result<u64, u16> {
    if request.header("transfer-encoding").is_some() {
        return Err(411);
    }
    match request.header("content-length").map(str::parse::<u64>) {
        None => Ok(0),
        Some(Ok(length)) if length <= BODY_LIMIT => Ok(length),
        Some(Ok(_)) => Err(413),
        Some(Err(_)) => Err(400),
    }
}

fn keeps_alive(request: &Request, version: &str) -> bool {
    let says = |word: &str| request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case(word));
    if version == "HTTP/1.0" { says("keep-alive") } else { !says("close") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(head: &str) -> Result<(String, bool), u16> {
        let head = parse(head.as_bytes()).map_err(|bad| bad.status)?;
        Ok((head.request.path_and_query, head.keep_alive))
    }

    #[test]
    fn the_end_of_a_head_is_found_however_it_is_cut() {
        let bytes = b"GET / HTTP/1.1\r\nA: b\r\n\r\nrest";
        for seen in 0..bytes.len() - 4 {
            let found = length(bytes, seen.min(21));
            assert_eq!(found, Some(24), "{seen}");
        }
        assert_eq!(length(&bytes[..23], 0), None);
        assert_eq!(length(b"GET / HTTP/1.0\n\nrest", 0), Some(16));
    }

    #[test]
    fn heads_are_read_or_refused() {
        let cases = [
            ("GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n", Ok(("/a?b", true))),
            ("GET /a HTTP/1.1\r\nconnection: Close\r\n\r\n", Ok(("/a", false))),
            ("GET /a HTTP/1.0\r\n\r\n", Ok(("/a", false))),
            ("GET /a HTTP/1.0\nConnection: keep-alive\n\n", Ok(("/a", true))),
            ("GET http://east.test:80/a?b HTTP/1.1\r\n\r\n", Ok(("/a?b", true))),
            ("GET http://east.test HTTP/1.1\r\n\r\n", Ok(("/", true))),
            ("", Err(400)),
            ("\r\n\r\n", Err(400)),
            ("GET\r\n\r\n", Err(400)),
            ("GET /a b HTTP/1.1\r\n\r\n", Err(400)),
            ("GET /a\u{7} HTTP/1.1\r\n\r\n", Err(400)),
            ("PRI * HTTP/2.0\r\n\r\n", Err(400)),
            ("\u{16}\u{3}\u{1}tls", Err(400)),
            ("GET /a HTTP/1.1\r\nno colon\r\n\r\n", Err(400)),
            ("GET /a HTTP/1.1\r\na b: c\r\n\r\n", Err(400)),
            ("POST /a HTTP/1.1\r\nContent-Length: x\r\n\r\n", Err(400)),
            ("POST /a HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", Err(413)),
            ("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", Err(411)),
        ];
        for (head, expected) in cases {
            assert_eq!(target(head), expected.map(|(target, alive)| (target.to_owned(), alive)), "{head:?}");
        }
    }

    #[test]
    fn input_that_is_not_http_is_logged_in_short() {
        let bad = parse(&[0xff; 4000]).expect_err("not HTTP");
        assert!(bad.request.method.is_empty() && bad.request.path_and_query.chars().count() == EXCERPT);
    }
}
