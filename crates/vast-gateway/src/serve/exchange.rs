//! One request and its answer, and what happens if the handler panics or the client goes away.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::FutureExt as _;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::{Body as _, Incoming};

use super::body::LimitedBody;
use super::counts::ServeCounts;
use super::guarded_stream::Activity;
use super::handler::{Handler, Peer};
use super::host_header;
use super::settings::ListenSettings;
use super::stop::StopSignal;

/// What all requests of a server share.
#[derive(Debug)]
pub(super) struct RequestService<H> {
    pub(super) handler: Arc<H>,
    pub(super) settings: Arc<ListenSettings>,
    pub(super) counts: Arc<ServeCounts>,
    pub(super) stop: StopSignal,
}

/// A request that has begun. Dropping it before [`answered`](Self::answered) means that the client went away.
struct BegunRequest {
    counts: Arc<ServeCounts>,
    activity: Arc<Activity>,
    is_answered: bool,
}

impl BegunRequest {
    fn new(counts: &Arc<ServeCounts>, activity: &Arc<Activity>) -> Self {
        activity.begin();
        counts.answering.fetch_add(1, Ordering::Relaxed);
        Self { counts: Arc::clone(counts), activity: Arc::clone(activity), is_answered: false }
    }

    fn answered(mut self) {
        self.is_answered = true;
    }
}

impl Drop for BegunRequest {
    fn drop(&mut self) {
        let ended = if self.is_answered { &self.counts.answered } else { &self.counts.cancelled };
        ended.fetch_add(1, Ordering::Relaxed);
        self.counts.answering.fetch_sub(1, Ordering::Relaxed);
        self.activity.end(!self.is_answered);
    }
}

impl<H: Handler> RequestService<H> {
    /// Begins a request at once and returns the future of its answer.
    pub(super) fn respond(
        self: &Arc<Self>,
        activity: &Arc<Activity>,
        request: Request<Incoming>,
        peer: Peer,
    ) -> impl Future<Output = Response<H::Body>> + Send + use<H> {
        let begun = BegunRequest::new(&self.counts, activity);
        let (service, activity, version) = (Arc::clone(self), Arc::clone(activity), request.version());
        let (max_bytes, time) = (self.settings.max_body_bytes, self.settings.body_timeout);
        let request = request.map(|incoming| LimitedBody::new(incoming, max_bytes, time));
        // In a box from the beginning: hyper keeps room for the future of an answer in every connection, also in idle ones.
        let answer = Box::pin(Arc::clone(self).answer(request, peer));
        async move {
            let answer = AssertUnwindSafe(answer).catch_unwind().await;
            let mut response = answer.unwrap_or_else(|_panic| service.panicked());
            // In HTTP/2 the server announces the end of the connection with a frame instead.
            if version == Version::HTTP_2 {
                activity.owe(response.body().size_hint().lower());
            } else if service.stop.is_draining() {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            begun.answered();
            response
        }
    }

    async fn answer(self: Arc<Self>, request: Request<LimitedBody>, peer: Peer) -> Response<H::Body> {
        match host_header::problem(request.version(), request.headers()) {
            None => self.handler.answer(request, peer).await,
            Some(problem) => {
                let mut response = self.handler.refuse_host(&request, problem);
                // Another server on the way may have read the connection in another way: nothing more of it is believed.
                if request.version() != Version::HTTP_2 {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                response
            }
        }
    }

    fn panicked(&self) -> Response<H::Body> {
        self.counts.panics.fetch_add(1, Ordering::Relaxed);
        let mut response = Response::new(H::Body::default());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    }
}
