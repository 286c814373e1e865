//! A prepared answer: placeholders for servers are filled in, and a body that no request changes is compressed once.

use std::time::Duration;

use bytes::Bytes;

use super::answer::{Answer, Cut, CutEnd, Fault};
use super::delay::Delay;
use super::encoding::Encoding;
use super::reply::{Action, BodyPart, End, Framing, Reply, Response, reason_phrase};
use super::request::Request;
use super::template::{BaseUrls, Template};

#[derive(Debug)]
pub(crate) struct PreparedAnswer {
    delay: Delay,
    outcome: PreparedAction,
}

#[derive(Debug)]
enum PreparedAction {
    Fault(Fault),
    Respond(Box<Recipe>),
}

#[derive(Debug)]
struct Recipe {
    status: u16,
    headers: Vec<(String, Template)>,
    body: PreparedBody,
    framing: Framing,
    cut: Option<Cut>,
    pace: Option<Pace>,
}

#[derive(Debug)]
enum PreparedBody {
    Constant(Bytes),
    PerRequest(Template, Option<Encoding>),
}

#[derive(Debug, Clone, Copy)]
struct Pace {
    piece: usize,
    delay: Delay,
}

impl PreparedAnswer {
    pub(crate) fn new(answer: &Answer, urls: &BaseUrls, own: &str) -> Self {
        let outcome = match answer.fault {
            Some(fault) => PreparedAction::Fault(fault),
            None => PreparedAction::Respond(Box::new(Recipe::new(answer, urls, own))),
        };
        Self { delay: answer.delay, outcome }
    }

    pub(crate) fn reply(&self, request: &Request, rng: &mut fastrand::Rng) -> Reply {
        let after = self.delay.draw(rng);
        let action = match &self.outcome {
            PreparedAction::Fault(Fault::Reset) => Action::Reset,
            PreparedAction::Fault(Fault::Hang) => Action::Hang,
            PreparedAction::Fault(Fault::Close) => Action::Close,
            PreparedAction::Respond(recipe) => Action::Respond(recipe.response(request, rng)),
        };
        Reply { after, action }
    }
}

impl Recipe {
    fn new(answer: &Answer, urls: &BaseUrls, own: &str) -> Self {
        let compile = |text: &Bytes| Template::compile(text, urls, own);
        let encoding = answer.encoding.filter(|_| !answer.raw);
        let headers = head_of(answer)
            .into_iter()
            .map(|(name, value)| (name, compile(&Bytes::from(value.into_bytes()))))
            .collect();
        // A body that is already compressed is not searched for placeholders.
        let body = if answer.raw {
            PreparedBody::Constant(answer.body.clone())
        } else {
            PreparedBody::new(compile(&answer.body), encoding)
        };
        let default_status = if answer.redirect.is_some() { 302 } else { 200 };
        Self {
            status: answer.status.unwrap_or(default_status),
            headers,
            body,
            framing: framing_of(answer),
            cut: answer.cut,
            pace: answer
                .is_paced()
                .then(|| Pace { piece: answer.piece.unwrap_or(usize::MAX).max(1), delay: answer.piece_delay }),
        }
    }

    fn response(&self, request: &Request, rng: &mut fastrand::Rng) -> Response {
        let body = self.body.render(request);
        let mut headers = self.render_headers(request);
        let has_body = status_has_body(self.status);
        if has_body {
            self.announce(&mut headers, body.len());
        }
        let (parts, end) =
            if has_body && request.method != "HEAD" { self.parts(&body, rng) } else { (Vec::new(), End::Complete) };
        let framing = if parts.is_empty() && end == End::Complete && !self.sends_chunks(request) {
            Framing::Length
        } else {
            self.framing
        };
        Response { status: self.status, reason: reason_phrase(self.status), headers, framing, parts, end }
    }

    /// An empty chunked body still has its closing chunk. A response to HEAD and a response without a body have none.
    fn sends_chunks(&self, request: &Request) -> bool {
        self.framing == Framing::Chunked && status_has_body(self.status) && request.method != "HEAD"
    }

    fn render_headers(&self, request: &Request) -> Vec<(String, String)> {
        let text = |template: &Template| String::from_utf8_lossy(&template.render(request)).into_owned();
        self.headers.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// Adds the header that delimits the body, unless the script has set one, even with a wrong value.
    fn announce(&self, headers: &mut Vec<(String, String)>, length: usize) {
        let (name, value) = match self.framing {
            Framing::Length => ("Content-Length", length.to_string()),
            Framing::Chunked => ("Transfer-Encoding", "chunked".to_owned()),
            Framing::Wire => return,
        };
        if !has(headers, name) {
            headers.push((name.to_owned(), value));
        }
    }

    fn parts(&self, body: &Bytes, rng: &mut fastrand::Rng) -> (Vec<BodyPart>, End) {
        let (length, end) = match self.cut {
            Some(cut) => (cut.after.min(body.len()), end_after(cut.then)),
            // Only the end of the connection ends bytes that have no framing.
            None if self.framing == Framing::Wire => (body.len(), End::Close),
            None => (body.len(), End::Complete),
        };
        let body = body.slice(..length);
        let pace = self.pace.unwrap_or(Pace { piece: usize::MAX, delay: Delay::Fixed(Duration::ZERO) });
        let parts = body
            .chunks(pace.piece)
            .map(|piece| BodyPart { after: pace.delay.draw(rng), bytes: body.slice_ref(piece) })
            .collect();
        (parts, end)
    }
}

impl PreparedBody {
    fn new(template: Template, encoding: Option<Encoding>) -> Self {
        match template.constant() {
            Some(bytes) => Self::Constant(encode(bytes.clone(), encoding)),
            None => Self::PerRequest(template, encoding),
        }
    }

    fn render(&self, request: &Request) -> Bytes {
        match self {
            Self::Constant(bytes) => bytes.clone(),
            Self::PerRequest(template, encoding) => encode(template.render(request), *encoding),
        }
    }
}

const fn framing_of(answer: &Answer) -> Framing {
    match (answer.wire, answer.chunked) {
        (true, _) => Framing::Wire,
        (false, true) => Framing::Chunked,
        (false, false) => Framing::Length,
    }
}

/// The headers of the script, and then those that follow from other keys and that the script does not set.
fn head_of(answer: &Answer) -> Vec<(String, String)> {
    let implied = [
        ("Content-Encoding", answer.encoding.map(|encoding| encoding.token().to_owned())),
        ("Location", answer.redirect.clone()),
        ("Connection", answer.connection_close.then(|| "close".to_owned())),
    ];
    let mut headers = answer.headers.clone();
    for (name, value) in implied {
        if let Some(value) = value.filter(|_| !has(&answer.headers, name)) {
            headers.push((name.to_owned(), value));
        }
    }
    headers
}

fn has(headers: &[(String, String)], name: &str) -> bool {
    headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name))
}

fn encode(body: Bytes, encoding: Option<Encoding>) -> Bytes {
    match encoding {
        Some(encoding) => encoding.encode(&body),
        None => body,
    }
}

const fn end_after(then: CutEnd) -> End {
    match then {
        CutEnd::Close => End::Close,
        CutEnd::Reset => End::Reset,
        CutEnd::Hang => End::Hang,
    }
}

/// Whether a response with this status has content (RFC 9110, 6.4.1).
const fn status_has_body(status: u16) -> bool {
    !matches!(status, 100..=199 | 204 | 304)
}
