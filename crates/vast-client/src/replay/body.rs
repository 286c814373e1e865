//! Makes responses, documents and failures from their recorded forms.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::error::{ErrorType, Failure};
use crate::recording::{RecordedContent, RecordedDocument, RecordedError, RecordedFailure, RecordedResponse};
use crate::transport::{Body, Fetched, HttpResponse, RedirectStep, Target, TransportError, TransportErrorKind};

/// The response with this recorded head, and with `body`.
pub(super) fn response(recorded: &RecordedResponse, body: Body) -> HttpResponse {
    let mut headers = HeaderMap::new();
    for (name, value) in &recorded.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    let status = StatusCode::from_u16(recorded.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let response = HttpResponse::new(status, headers, body).with_multiplexed(recorded.multiplexed);
    // It is set only if the body was recorded decoded. Otherwise the response counts its bytes, also those that nothing has read yet.
    let sent: usize = recorded.pieces.iter().map(|piece| piece.bytes).sum();
    if recorded.wire_bytes == sent as u64 { response } else { response.with_wire_bytes(recorded.wire_bytes) }
}

/// The piece of the body with this number.
pub(super) fn piece(recorded: &RecordedResponse, number: usize) -> Option<Bytes> {
    let length = recorded.pieces.get(number)?.bytes;
    let begin: usize = recorded.pieces.iter().take(number).map(|piece| piece.bytes).sum();
    let end = begin.saturating_add(length).min(recorded.body.len());
    Some(recorded.body.slice(begin.min(end)..end))
}

pub(super) fn transport_error(recorded: &RecordedError) -> TransportError {
    let error = TransportError::new(recorded.kind, recorded.message.clone());
    if recorded.answered { error.after_answer() } else { error }
}

/// The error for an answer that the recording does not have.
pub(super) fn not_recorded(message: &str) -> TransportError {
    TransportError::new(TransportErrorKind::NotRecorded, message)
}

/// The document, or why there was none.
pub(super) fn document(recorded: &RecordedDocument) -> Result<Fetched, Failure> {
    match &recorded.content {
        Some(Ok(content)) => Ok(Fetched { age: recorded.age, ..fetched(content) }),
        Some(Err(recorded)) => Err(failure(recorded)),
        None => Err(Failure::new(ErrorType::NotRecorded, "the request did not wait for the document")),
    }
}

fn fetched(content: &RecordedContent) -> Fetched {
    let RecordedContent { status, charset, wire_bytes, base, redirects, encoding_warning, body, .. } = content;
    let step = |(status, url, location): &(u16, String, String)| RedirectStep {
        status: *status,
        url: url.as_str().into(),
        location: location.as_str().into(),
    };
    Fetched {
        status: *status,
        charset: charset.clone().map(Cow::Owned),
        wire_bytes: *wire_bytes,
        base: base.as_ref().and_then(|base| Target::parse(base, None).ok()),
        redirects: redirects.iter().map(step).collect(),
        encoding_warning: encoding_warning.clone(),
        ..Fetched::local(body.clone())
    }
}

pub(super) fn failure(recorded: &RecordedFailure) -> Failure {
    let RecordedFailure { error_type, message, vast_error_code, limit, status, retry_after, answered } =
        recorded.clone();
    Failure { vast_error_code, limit, status, retry_after, answered, ..Failure::new(error_type, message) }
}
