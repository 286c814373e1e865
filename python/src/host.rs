//! Code of Python inside a request: a source that is an object with `fetch`, and an HTTP client that sends the requests.

use std::sync::Arc;

use futures_util::FutureExt;
use pyo3::prelude::*;
use vast_client::fetch::{FetchContext, Fetched, Prepared, Source};
use vast_client::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use vast_client::transport::{HttpRequest, HttpResponse, Transport, TransportError, TransportErrorKind};
use vast_client::{BoxFuture, Bytes, ErrorType, Failure};

use crate::call::{Called, HostCall};
use crate::port::Mailbox;

/// A source that is an object of Python.
pub(crate) struct HostSource {
    pub(crate) name: String,
    pub(crate) callable: Arc<Py<PyAny>>,
    pub(crate) mailbox: Arc<Mailbox>,
}

impl Source for HostSource {
    fn url(&self) -> &str {
        &self.name
    }

    fn fetch<'a>(&'a self, _: &'a Prepared, _: &'a FetchContext<'a>) -> BoxFuture<'a, Result<Fetched, Failure>> {
        let call = HostCall::new(&self.callable, None);
        async move {
            match self.mailbox.call(call).await {
                Called::Answered { body, .. } => Ok(Fetched::local(body)),
                Called::Failed { kind, message, status } => Err(failure(&kind, message, status)),
            }
        }
        .boxed()
    }
}

fn failure(kind: &str, message: String, status: Option<u16>) -> Failure {
    match (kind, status) {
        ("status", Some(status)) => Failure::http_status(status, None),
        ("timeout", _) => Failure::new(ErrorType::Timeout, message),
        ("connect", _) => Failure::new(ErrorType::Connect, message),
        _ => Failure::new(ErrorType::Internal, message),
    }
}

/// The transport of a client that was replaced by an object of Python.
#[derive(Clone)]
pub(crate) struct HostTransport {
    pub(crate) callable: Arc<Py<PyAny>>,
    pub(crate) mailbox: Arc<Mailbox>,
}

impl Transport for HostTransport {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        // The client of Python decodes bodies itself and says so to the server.
        let sent = request.headers.iter().filter(|(name, _)| *name != "accept-encoding");
        let headers = sent.map(|(name, value)| (name.to_string(), text(value))).collect();
        let call = HostCall::new(&self.callable, Some((request.uri.to_string(), headers)));
        let mailbox = Arc::clone(&self.mailbox);
        async move { response(mailbox.call(call).await) }.boxed()
    }
}

fn response(called: Called) -> Result<HttpResponse, TransportError> {
    match called {
        Called::Answered { body, status, headers } => {
            let status = StatusCode::from_u16(status)
                .map_err(|_| TransportError::new(TransportErrorKind::Reset, format!("{status} is no HTTP status")))?;
            let header = |(name, value): (String, String)| {
                Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
            };
            let headers: HeaderMap = headers.into_iter().filter_map(header).collect();
            Ok(HttpResponse::whole(status, headers, body))
        }
        Called::Failed { status: Some(status), .. } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Ok(HttpResponse::whole(status, HeaderMap::new(), Bytes::new()))
        }
        Called::Failed { kind, message, .. } => {
            let kind = match kind.as_str() {
                "timeout" => TransportErrorKind::Timeout(vast_client::policy::TimeLimit::Attempt),
                _ => TransportErrorKind::Connect,
            };
            Err(TransportError::new(kind, message))
        }
    }
}

/// The last document of a source's own request.
#[derive(Clone, Default)]
pub(crate) struct Captured {
    pub(crate) body: Bytes,
    pub(crate) status: Option<u16>,
}

tokio::task_local! {
    /// Where `request_ad` finds the document of an answer without a usable ad. All lanes of a request run in its task.
    pub(crate) static CAPTURED: std::cell::RefCell<Option<Captured>>;
}

fn capture(captured: &Captured) {
    // A request that does not want the document has no place for it.
    let _ = CAPTURED.try_with(|place| *place.borrow_mut() = Some(captured.clone()));
}

/// A source whose document is kept, also if it has no usable ad.
pub(crate) struct CapturingSource(pub(crate) Box<dyn Source>);

impl Source for CapturingSource {
    fn url(&self) -> &str {
        self.0.url()
    }

    fn default_name(&self) -> String {
        self.0.default_name()
    }

    fn prepare(&self, context: &FetchContext<'_>) -> Result<Prepared, Failure> {
        self.0.prepare(context)
    }

    fn fetch<'a>(
        &'a self,
        prepared: &'a Prepared,
        context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>> {
        let fetched = self.0.fetch(prepared, context);
        async move {
            let fetched = fetched.await?;
            capture(&Captured { body: fetched.body.clone(), status: fetched.status });
            Ok(fetched)
        }
        .boxed()
    }
}
