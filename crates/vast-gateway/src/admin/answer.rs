//! The answers of the admin port.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};

use super::guard::Denial;
use super::route::RouteKind;

/// A body that is whole, or that goes on as long as its reader wants.
pub(super) type AdminBody = UnsyncBoxBody<Bytes, Infallible>;

/// What a page may load: its script, its style, and the numbers that move. Other pages cannot show it in a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

pub(super) fn text(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<AdminBody> {
    streamed(status, kind, Full::new(body.into()).boxed_unsync())
}

pub(super) fn streamed(status: StatusCode, kind: &'static str, body: AdminBody) -> Response<AdminBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store"), (X_CONTENT_TYPE_OPTIONS, "nosniff")] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

pub(super) fn page(html: String) -> Response<AdminBody> {
    page_under(StatusCode::OK, html, HeaderValue::from_static(POLICY))
}

/// The page of something that is not there.
pub(super) fn missing_page(html: String) -> Response<AdminBody> {
    page_under(StatusCode::NOT_FOUND, html, HeaderValue::from_static(POLICY))
}

/// The page of a form that cannot be used.
pub(super) fn unusable_page(html: String) -> Response<AdminBody> {
    page_under(StatusCode::UNPROCESSABLE_ENTITY, html, HeaderValue::from_static(POLICY))
}

/// A page with the style of `vast explain`.
pub(super) fn story_page(html: String) -> Response<AdminBody> {
    let policy = format!("{}; frame-ancestors 'none'", vast_explain::html::page_policy());
    page_under(StatusCode::OK, html, HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static(POLICY)))
}

fn page_under(status: StatusCode, html: String, policy: HeaderValue) -> Response<AdminBody> {
    let mut response = text(status, "text/html; charset=utf-8", html);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    // With `no-referrer`, a browser would send `Origin: null` with the forms of the page.
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// A file that a browser saves. The name has no characters of a stranger.
pub(super) fn file(name: &str, content: impl Into<Bytes>) -> Response<AdminBody> {
    let mut response = text(StatusCode::OK, "application/octet-stream", content);
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    response
}

pub(super) fn json_of(value: &impl serde::Serialize) -> Response<AdminBody> {
    json_under(StatusCode::OK, value)
}

pub(super) fn json_under(status: StatusCode, value: &impl serde::Serialize) -> Response<AdminBody> {
    match serde_json::to_vec(value) {
        Ok(json) => text(status, "application/json", json),
        Err(problem) => error(StatusCode::INTERNAL_SERVER_ERROR, &problem.to_string()),
    }
}

pub(super) fn json_response(status: StatusCode, value: &Value) -> Response<AdminBody> {
    text(status, "application/json", value.to_string())
}

pub(super) fn error(status: StatusCode, message: &str) -> Response<AdminBody> {
    json_response(status, &json!({ "error": message }))
}

pub(super) fn wrong_method(allowed: &Method) -> Response<AdminBody> {
    let mut response = error(StatusCode::METHOD_NOT_ALLOWED, "the route has another method");
    let allowed = if *allowed == Method::POST { "POST" } else { "GET" };
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

pub(super) fn denied(denial: Denial, kind: RouteKind) -> Response<AdminBody> {
    if denial == Denial::NoKey && kind == RouteKind::Page {
        let mut response = error(StatusCode::UNAUTHORIZED, denial.as_str());
        let challenge = HeaderValue::from_static("Basic realm=\"vast gateway\", charset=\"UTF-8\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        return response;
    }
    error(StatusCode::FORBIDDEN, denial.as_str())
}
