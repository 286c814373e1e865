//! The answers to the report of an event and to a click.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;

use super::reply::{Form, GatewayAnswer, OUTCOME, PageAccess};
use crate::beacon::EventEnds;
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

/// What the answer to a report contains.
#[derive(Debug, Clone)]
pub(crate) enum HitForm {
    /// A picture.
    Pixel,
    /// Nothing.
    Empty,
    /// The page of a click, if its token has one. A viewer gets it also if the click does not count.
    Click(Option<String>),
}

/// The answer to the report of an event or to a click. `page` is the page that may read it.
pub(crate) fn hit(end: HitEnd, form: HitForm, page: PageAccess) -> Response<Full<Bytes>> {
    let mut response = match form {
        HitForm::Pixel => pixel(end),
        HitForm::Empty => empty(end),
        HitForm::Click(location) => click(location.as_deref()),
    };
    let headers = response.headers_mut();
    headers.insert(OUTCOME, HeaderValue::from_static(end.as_str()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if matches!(end, HitEnd::Limited | HitEnd::Refused) {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    page.permit(headers);
    response
}

fn pixel(end: HitEnd) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(PIXEL)));
    *response.status_mut() = status_of(end);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("image/gif"));
    response
}

fn empty(end: HitEnd) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    let status = status_of(end);
    *response.status_mut() = if status.is_success() { StatusCode::NO_CONTENT } else { status };
    response
}

fn click(page: Option<&str>) -> Response<Full<Bytes>> {
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
