//! The span of one exchange in logs, with the field names of the OpenTelemetry conventions for HTTP.

use tracing::Span;
use tracing::field::Empty;

use super::Target;
use crate::error::Failure;

/// The span of an exchange with the origin of `target`.
pub(super) fn start(target: &Target) -> Span {
    tracing::debug_span!(
        "exchange",
        http.request.method = "GET",
        server.address = %target.origin().host,
        http.response.status_code = Empty,
        error.type = Empty,
    )
}

/// Records how the exchange ended.
pub(super) fn end(span: &Span, status: Option<u16>, failure: Option<&Failure>) {
    if span.is_disabled() {
        return;
    }
    span.record("http.response.status_code", status);
    span.record("error.type", failure.map(|failure| failure.error_type.as_str()));
    span.in_scope(|| tracing::debug!(status, "exchange ended"));
}
