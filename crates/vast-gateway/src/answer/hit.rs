//! The answers to the report of an event and to a click.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;

use super::reply::{Form, GatewayAnswer, OUTCOME, PageAccess};
use crate::beacon::EventEnds;
use crate::generation::PermittedOrigins;
use crate::outcome::{AnswerOutcome, HitEnd};

/// A transparent picture of one pixel: what players and browsers expect of a tracker.
const PIXEL: &[u8; 43] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// The status of an end. What was not taken is never a success.
fn status_of(end: HitEnd) -> StatusCode {
    match end {
        HitEnd::Queued | HitEnd::Known | HitEnd::Prefetch | HitEnd::Robot => StatusCode::OK,
        HitEnd::Expired => StatusCode::GONE,
        HitEnd::Unknown => StatusCode::NOT_FOUND,
        HitEnd::Limited => StatusCode::TOO_MANY_REQUESTS,
        HitEnd::Refused => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The answer to the report of an event.
pub(crate) fn hit(
    end: HitEnd,
    method: &Method,
    request: &HeaderMap,
    origins: &PermittedOrigins,
) -> Response<Full<Bytes>> {
    let status = status_of(end);
    // A page that reports with `sendBeacon` reads no body.
    let is_post = *method == Method::POST;
    let mut response = Response::new(if is_post { Full::default() } else { Full::new(Bytes::from_static(PIXEL)) });
    *response.status_mut() = if is_post && status.is_success() { StatusCode::NO_CONTENT } else { status };
    if !is_post {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("image/gif"));
    }
    finish(response, end, request, origins)
}

/// The answer to a click: the page that was sealed. A viewer gets it also if the click does not count.
pub(crate) fn click(
    end: HitEnd,
    page: Option<&str>,
    request: &HeaderMap,
    origins: &PermittedOrigins,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    let location = page.and_then(|page| HeaderValue::from_str(page).ok());
    *response.status_mut() = match location {
        Some(location) => {
            response.headers_mut().insert(LOCATION, location);
            response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
            StatusCode::FOUND
        }
        None => StatusCode::NOT_FOUND,
    };
    finish(response, end, request, origins)
}

fn finish(
    mut response: Response<Full<Bytes>>,
    end: HitEnd,
    request: &HeaderMap,
    origins: &PermittedOrigins,
) -> Response<Full<Bytes>> {
    let headers = response.headers_mut();
    headers.insert(OUTCOME, HeaderValue::from_static(end.as_str()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if matches!(end, HitEnd::Limited | HitEnd::Refused) {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    PageAccess::of(request, origins).permit(headers);
    response
}

/// The answer to a report of a server: how each of its events ended. If the outbox refused one, the status is 503, and the server may
/// send the report again: what was taken is then known.
pub(crate) fn report(ends: &[HitEnd]) -> GatewayAnswer {
    // Plain data, so writing it cannot fail.
    let body = serde_json::to_vec(&EventEnds::new(ends)).unwrap_or_default();
    let answer = GatewayAnswer::document(Form::Json, AnswerOutcome::Reported, body);
    if ends.contains(&HitEnd::Refused) { answer.with_refusal_of_outbox() } else { answer }
}
