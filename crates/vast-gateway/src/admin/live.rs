//! `/api/live`: the numbers of the dashboard once a second, as server-sent events.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use tokio::time::Instant;

use super::answer::{self, AdminBody};
use super::watch::Watch;

/// The longest time of one answer. The browser then asks again. It is shorter than the default idle time of a connection (60 s), which begins with
/// the head of an answer.
const LONGEST: Duration = Duration::from_secs(30);
/// Asks the browser to come again after this time when an answer has ended.
const GREETING: &str = "retry: 500\n\n";

/// The answer. It ends when the gateway begins to end, so that it does not delay the end.
pub(super) fn live(watch: &Arc<Watch>) -> Response<AdminBody> {
    let Some((numbers, place)) = watch.follow() else {
        return answer::error(StatusCode::SERVICE_UNAVAILABLE, "too many dashboards are open");
    };
    let stop = watch.stop().clone();
    let idle = watch.idle_timeout();
    let until = Instant::now() + LONGEST.min(idle / 2);
    let events = stream::unfold((numbers, place, true), move |(mut numbers, place, is_first)| {
        let stop = stop.clone();
        async move {
            if is_first {
                let greeting = Frame::data(Bytes::from_static(GREETING.as_bytes()));
                return Some((Ok(greeting), (numbers, place, false)));
            }
            tokio::select! {
                biased;
                () = stop.draining() => None,
                () = tokio::time::sleep_until(until) => None,
                changed = numbers.changed() => {
                    changed.ok()?;
                    let event = Frame::data(numbers.borrow_and_update().clone());
                    Some((Ok(event), (numbers, place, false)))
                }
            }
        }
    });
    answer::streamed(StatusCode::OK, "text/event-stream", StreamBody::new(events).boxed_unsync())
}
