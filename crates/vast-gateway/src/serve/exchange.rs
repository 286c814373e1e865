//! One request and its answer, and what happens if the handler panics or the client goes away.

use std::convert::Infallible;
use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::{Body, Incoming};

use super::activity::Activity;
use super::answer_body::AnswerBody;
use super::body::LimitedBody;
use super::counts::ServeCounts;
use super::handler::{AnswerFuture, Handler, Peer};
use super::host_header;
use super::open_request::OpenRequest;
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

/// A request that has begun. Dropping it before its answer is ready means that the client went away.
pub(super) struct BegunRequest<H: Handler> {
    service: Arc<RequestService<H>>,
    /// `None` when the answer is ready.
    request: Option<OpenRequest>,
    answer: AnswerFuture<H::Body>,
}

impl<H: Handler> Future for BegunRequest<H> {
    type Output = Result<Response<AnswerBody<H::Body>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let polled = catch_unwind(AssertUnwindSafe(|| this.answer.as_mut().poll(cx)));
        let mut response = match polled {
            Ok(polled) => ready!(polled),
            Err(_panic) => this.service.panicked(),
        };
        let Some(mut request) = this.request.take() else { return Poll::Pending };
        if request.is_head {
            leave_out_body(&mut response);
        }
        // In HTTP/2 the server announces the end of the connection with a frame instead.
        if !request.is_http2 && this.service.stop.is_draining() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        request.ready(response.body().size_hint().lower());
        Poll::Ready(Ok(response.map(|body| AnswerBody::new(body, request))))
    }
}

/// The answer to HEAD has the headers of that to GET, and no body (RFC 9110 section 9.3.2).
fn leave_out_body<B: Body + Default>(response: &mut Response<B>) {
    if let Some(length) = std::mem::take(response.body_mut()).size_hint().exact() {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert_with(|| length.into());
    }
}

impl<H: Handler> RequestService<H> {
    /// Begins a request at once and returns the future of its answer.
    pub(super) fn respond(
        self: &Arc<Self>,
        activity: &Arc<Activity>,
        request: Request<Incoming>,
        peer: Peer,
    ) -> BegunRequest<H> {
        let open = OpenRequest::begin(activity, request.version(), request.method());
        let (max_bytes, time) = (self.settings.max_body_bytes, self.settings.body_timeout);
        let request = request.map(|incoming| LimitedBody::new(incoming, open.is_http2, max_bytes, time));
        let answer = catch_unwind(AssertUnwindSafe(|| self.answer(request, peer)));
        let answer = answer.unwrap_or_else(|_panic| Box::pin(ready(self.panicked())));
        BegunRequest { service: Arc::clone(self), request: Some(open), answer }
    }

    fn answer(&self, request: Request<LimitedBody>, peer: Peer) -> AnswerFuture<H::Body> {
        let Some(problem) = host_header::problem(request.version(), request.uri().authority(), request.headers())
        else {
            return self.handler.answer(request, peer);
        };
        let mut response = self.handler.refuse_host(&request, problem);
        // Another server on the way may have read the connection in another way: nothing more of it is believed.
        if request.version() != Version::HTTP_2 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Box::pin(ready(response))
    }

    fn panicked(&self) -> Response<H::Body> {
        self.counts.panics.fetch_add(1, Ordering::Relaxed);
        let mut response = Response::new(H::Body::default());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    }
}
