//! The response: the only place that knows its statuses and headers.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL,
    CONTENT_TYPE, HeaderName, ORIGIN, RETRY_AFTER, VARY,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use vast_client::xml::model::Vast;
use vast_client::xml::vmap::{self, Vmap};
use vast_client::xml::{self, Text, Version};

use super::refusal::{Refusal, RefusalText};
use crate::config::NoAdAnswer;
use crate::generation::PermittedOrigins;
use crate::outcome::AnswerOutcome;
use crate::token::SessionId;

pub(super) const OUTCOME: HeaderName = HeaderName::from_static("x-vast-outcome");
const WARNING: HeaderName = HeaderName::from_static("x-vast-warning");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-vast-request-id");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
/// The headers that a page of another origin may read.
const EXPOSED: &str = "X-Vast-Outcome, X-Vast-Warning, X-Vast-Request-Id, Server-Timing, Retry-After";
/// The version of a document without an ad, where none was asked for: the newest version with a published schema.
const EMPTY_VERSION: Version = Version::V4_2;
/// The longest comment, in characters.
const LONGEST_COMMENT: usize = 200;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// VAST.
    Vast,
    /// VMAP.
    Vmap,
    /// JSON.
    Json,
}

/// A response that is not yet written.
#[derive(Debug, Clone)]
pub(crate) struct GatewayAnswer {
    pub(crate) outcome: AnswerOutcome,
    pub(crate) status: StatusCode,
    /// The source of the ad, and the id of the request, for the log.
    pub(crate) source: Option<Arc<str>>,
    pub(crate) request_id: Option<String>,
    /// The session of its sealed trackers.
    pub(crate) session: Option<SessionId>,
    form: Form,
    body: Bytes,
    headers: HeaderMap,
}

impl GatewayAnswer {
    /// An answer with a document.
    pub(crate) fn document(form: Form, outcome: AnswerOutcome, body: impl Into<Bytes>) -> Self {
        let (status, headers) = (StatusCode::OK, HeaderMap::new());
        Self { outcome, status, source: None, request_id: None, session: None, form, body: body.into(), headers }
    }

    /// A description of a document.
    pub(crate) fn json(body: Vec<u8>) -> Self {
        Self::document(Form::Json, AnswerOutcome::Filled, body)
    }

    /// An answer without an ad. `error` is the URL that the player calls for it.
    pub(crate) fn no_ad(
        form: Form,
        outcome: AnswerOutcome,
        version: Option<Version>,
        no_ad: NoAdAnswer,
        error: Option<Text>,
    ) -> Self {
        let reply = Self::document(form, outcome, empty(form, version, error));
        match no_ad {
            NoAdAnswer::Empty => reply,
            NoAdAnswer::NoContent => Self { status: StatusCode::NO_CONTENT, body: Bytes::new(), ..reply },
        }
    }

    /// The answer to a request that is refused: an empty document with the reason as a comment, or JSON with the outcome and the reason.
    pub(crate) fn refusal(form: Form, refusal: &Refusal) -> Self {
        let outcome = refusal.outcome();
        let body = match form {
            Form::Json => {
                let error = RefusalText { outcome: outcome.as_str(), message: refusal.to_string() };
                // Plain data, so writing it cannot fail.
                Bytes::from(serde_json::to_vec(&error).unwrap_or_default())
            }
            Form::Vast | Form::Vmap => {
                let document = empty(form, None, None);
                Bytes::from(format!("{}\n<!-- {} -->\n", document.trim_end(), comment(&refusal.to_string())))
            }
        };
        let mut reply = Self { status: refusal.status(), ..Self::document(form, outcome, body) };
        match refusal {
            Refusal::Shed(..) => reply.set(RETRY_AFTER, HeaderValue::from_static("1")),
            Refusal::Method(allowed) => reply.set(ALLOW, HeaderValue::from_static(allowed)),
            _ => {}
        }
        reply
    }

    /// The caller should ask again: the outbox refused a part.
    #[must_use]
    pub(super) fn with_refusal_of_outbox(mut self) -> Self {
        self.status = StatusCode::SERVICE_UNAVAILABLE;
        self.set(RETRY_AFTER, HeaderValue::from_static("1"));
        self
    }

    /// Says that a consent parameter could not be read.
    #[must_use]
    pub(crate) fn with_unreadable_consent(mut self, is_unreadable: bool) -> Self {
        if is_unreadable {
            self.set(WARNING, HeaderValue::from_static("consent_unreadable"));
        }
        self
    }

    /// Adds the headers for debugging: the id of the request, and each source with its outcome and its time.
    #[must_use]
    pub(crate) fn with_debug(mut self, request_id: &str, timing: &str) -> Self {
        for (name, text) in [(REQUEST_ID, request_id), (SERVER_TIMING, timing)] {
            HeaderValue::from_str(text).into_iter().for_each(|value| self.set(name.clone(), value));
        }
        self
    }

    fn set(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.insert(name, value);
    }

    /// The response. `page` is the page that may read it; routes that are not for players have none.
    pub(crate) fn into_response(self, page: Option<PageAccess>) -> Response<Full<Bytes>> {
        let Self { outcome, status, form, body, headers: own, .. } = self;
        let mut headers = usual_headers(form, outcome);
        if status == StatusCode::NO_CONTENT {
            headers.remove(CONTENT_TYPE);
        }
        match page {
            Some(page) => page.permit_origin(&mut headers),
            None => _ = headers.remove(VARY),
        }
        headers.extend(own);
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

/// The headers of most answers of this kind. They are made once, because a copy of a map costs a third of filling one.
fn usual_headers(form: Form, outcome: AnswerOutcome) -> HeaderMap {
    static ALL: LazyLock<Vec<HeaderMap>> = LazyLock::new(|| {
        let forms = [Form::Vast, Form::Vmap, Form::Json].into_iter();
        forms.flat_map(|form| AnswerOutcome::ALL.iter().map(move |outcome| filled_headers(form, *outcome))).collect()
    });
    let place = form as usize * AnswerOutcome::ALL.len() + outcome as usize;
    ALL.get(place).cloned().unwrap_or_else(|| filled_headers(form, outcome))
}

fn filled_headers(form: Form, outcome: AnswerOutcome) -> HeaderMap {
    let rows = [
        (OUTCOME, outcome.as_str()),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_TYPE, form.content_type()),
        (VARY, PageAccess::VARIES),
    ];
    rows.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
}

impl Form {
    fn content_type(self) -> &'static str {
        match self {
            Self::Vast | Self::Vmap => "application/xml; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

/// The answer to OPTIONS: the methods of the route, also for the preflight request of a page (CORS) where a page may read its answers.
pub(crate) fn options(page: Option<PageAccess>, methods: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static(methods));
    if let Some(page) = page {
        page.permit(headers);
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Authorization, Content-Type"));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    }
    response
}

/// Whether the page that asks may read the answer, also with its credentials (VAST 3.0 section 2.1.5.2). The routes read and set no
/// cookies, so the credentials of a viewer give a page nothing.
#[derive(Debug)]
pub(crate) struct PageAccess {
    /// The origin of the page, if it may.
    origin: Option<HeaderValue>,
}

impl PageAccess {
    /// The value of `Vary` in every answer that a page may read.
    const VARIES: &str = "Origin";

    /// The access of the page that sent a request with these headers.
    pub(crate) fn of(request: &HeaderMap, origins: &PermittedOrigins) -> Self {
        // A copy, because the value is a part of the buffer of the connection.
        let origin =
            origins.echo(request.get(ORIGIN)).and_then(|origin| HeaderValue::from_bytes(origin.as_bytes()).ok());
        Self { origin }
    }

    /// Adds the headers that tell the browser.
    pub(super) fn permit(self, headers: &mut HeaderMap) {
        headers.insert(VARY, HeaderValue::from_static(Self::VARIES));
        self.permit_origin(headers);
    }

    /// [`permit`](Self::permit) without `Vary`.
    fn permit_origin(self, headers: &mut HeaderMap) {
        if let Some(origin) = self.origin {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        }
    }
}

/// A document without an ad.
fn empty(form: Form, version: Option<Version>, error: Option<Text>) -> String {
    match form {
        Form::Vast => {
            let mut document = Vast::default();
            document.version = Some(version.unwrap_or(EMPTY_VERSION).as_str().into());
            document.errors = error.into_iter().collect();
            xml::write(&document)
        }
        Form::Vmap => vmap::write(&Vmap::new()),
        Form::Json => "{}".to_owned(),
    }
}

/// The text as it may stand in an XML comment, which has no characters that XML does not have, and no two hyphens side by side.
fn comment(text: &str) -> String {
    let mut safe = String::new();
    for char in text.chars().take(LONGEST_COMMENT) {
        let is_unsafe = char.is_control()
            || matches!(char, '\u{fffe}' | '\u{ffff}')
            || (char == '-' && (safe.is_empty() || safe.ends_with('-')));
        safe.push(if is_unsafe { ' ' } else { char });
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::BadParameter;

    #[test]
    fn each_answer_has_the_headers_of_its_form_and_its_outcome() {
        let origins = PermittedOrigins::default();
        for form in [Form::Vast, Form::Vmap, Form::Json] {
            for outcome in AnswerOutcome::ALL {
                let page = PageAccess::of(&HeaderMap::new(), &origins);
                let answer = GatewayAnswer::document(form, *outcome, Bytes::new());
                let mut expected = filled_headers(form, *outcome);
                assert_eq!(answer.clone().into_response(Some(page)).headers(), &expected, "{form:?} {outcome:?}");
                expected.remove(VARY);
                assert_eq!(answer.into_response(None).headers(), &expected, "{form:?} {outcome:?}");
            }
        }
    }

    #[test]
    fn a_comment_cannot_end_early() {
        let refusal = Refusal::BadParameter(BadParameter::new("--><x>", "a\u{1}--\n->\u{ffff}---"));
        let reply = GatewayAnswer::refusal(Form::Vast, &refusal);
        let text = String::from_utf8(reply.body.to_vec()).expect("text");
        assert!(text.ends_with("/>\n<!--  -><x>: a -  -> - - -->\n"), "{text}");
    }

    #[test]
    fn a_comment_keeps_names_with_hyphens() {
        let refusal = Refusal::UnknownPlacement("pre-roll".to_owned());
        let reply = GatewayAnswer::refusal(Form::Vast, &refusal);
        let text = String::from_utf8(reply.body.to_vec()).expect("text");
        assert!(text.ends_with("<!-- there is no placement `pre-roll` -->\n"), "{text}");
    }
}
