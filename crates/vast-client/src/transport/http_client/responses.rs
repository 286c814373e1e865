//! What a response means: a document, a redirect, or a failure.

use std::borrow::Cow;

use bytes::Bytes;
use http::StatusCode;
use http::header::{HeaderMap, LOCATION};

use crate::error::{ErrorType, Failure};
use crate::transport::Target;
use crate::transport::decode::{DecodedBody, EncodingWarning};
use crate::transport::observer::RedirectStep;
use crate::transport::response_headers::{charset, retry_after};

/// A successful response.
#[derive(Debug, Clone)]
pub(crate) struct GetResponse {
    /// The status, 200 to 299.
    pub status: u16,
    /// The URL after all redirects. Relative URLs in the document are relative to it.
    pub target: Target,
    /// The `charset` of the `Content-Type`, as written there.
    pub charset: Option<Cow<'static, str>>,
    /// The decoded body. Empty with 204 and 205.
    pub body: Bytes,
    /// How many bytes of the body arrived, before decoding.
    pub wire_bytes: u64,
    /// The encoding of the body, if the headers do not name it.
    pub encoding_warning: Option<EncodingWarning>,
    /// The redirects that led to `target`, in order.
    pub redirects: Vec<RedirectStep>,
}

/// The result of one exchange.
pub(super) enum ExchangeResult {
    Arrived(GetResponse),
    Redirected(u16, Target),
}

pub(super) fn response(status: StatusCode, target: &Target, body: DecodedBody) -> GetResponse {
    let (status, target) = (status.as_u16(), target.clone());
    let DecodedBody { body, wire_bytes, warning, charset } = body;
    let redirects = Vec::new();
    GetResponse { status, target, charset, body, wire_bytes, encoding_warning: warning, redirects }
}

/// The result of an exchange whose body is not needed.
pub(super) fn without_document(
    status: StatusCode,
    headers: &HeaderMap,
    target: &Target,
) -> Result<ExchangeResult, Failure> {
    match status.as_u16() {
        200..=299 => {
            let body = DecodedBody { charset: charset(headers), ..DecodedBody::default() };
            Ok(ExchangeResult::Arrived(response(status, target, body)))
        }
        code @ (301 | 302 | 303 | 307 | 308) => {
            follow(status, headers, target).map(|next| ExchangeResult::Redirected(code, next))
        }
        code => Err(Failure::http_status(code, retry_after(headers))),
    }
}

fn follow(status: StatusCode, headers: &HeaderMap, target: &Target) -> Result<Target, Failure> {
    let Some(location) = headers.get(LOCATION) else {
        return Err(redirect(format!("the status is {} and there is no Location", status.as_u16())));
    };
    let location = String::from_utf8_lossy(location.as_bytes());
    Target::parse(&location, Some(target))
        .map_err(|error| redirect(format!("the Location cannot be requested: {error}")))
}

pub(super) fn redirect(message: impl Into<Cow<'static, str>>) -> Failure {
    Failure::new(ErrorType::Redirect, message).after_answer()
}
