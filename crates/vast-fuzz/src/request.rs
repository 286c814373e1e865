//! One request in memory, on a paused clock, to servers whose documents are given.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use vast_client::http::{HeaderMap, StatusCode};
use vast_client::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use vast_client::{
    AdRequest, BoxFuture, Bytes, FetchConfig, FetchMode, FetchResult, RunOptions, SourceConfig, VastClient,
};

/// The limit of a request. Nothing in memory takes time, so only a request that hangs reaches it.
const LIMIT: Duration = Duration::from_secs(60);

/// The documents by path: what was requested, and whether the document could be read.
#[derive(Clone)]
pub(crate) struct Servers {
    document: Arc<dyn Fn(&str) -> Bytes + Send + Sync>,
    requested: Arc<Mutex<Vec<(String, Bytes)>>>,
}

impl Servers {
    pub(crate) fn new(document: impl Fn(&str) -> Bytes + Send + Sync + 'static) -> Self {
        Self { document: Arc::new(document), requested: Arc::default() }
    }

    /// Each request so far: its URL and the document that was sent.
    pub(crate) fn requested(&self) -> Vec<(String, Bytes)> {
        self.requested.lock().expect("no panic").clone()
    }
}

impl Transport for Servers {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let body = (self.document)(request.uri.path());
        self.requested.lock().expect("no panic").push((request.uri.to_string(), body.clone()));
        Box::pin(async { Ok(HttpResponse::whole(StatusCode::OK, HeaderMap::new(), body)) })
    }
}

/// Requests an ad of the sources with these paths.
///
/// # Panics
/// If the request hangs.
pub(crate) fn request(servers: &Servers, paths: &[&str]) -> FetchResult {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let sources = paths.iter().map(|path| SourceConfig::url(format!("https://ads.example{path}")).named(*path));
        let mut config = FetchConfig::new(sources).with_mode(FetchMode::Collect);
        config.keep_raw = true;
        let public = Arc::new(|_| -> BoxFuture<'static, _> { Box::pin(async { Ok(vec![[8, 8, 4, 4].into()]) }) });
        let client = VastClient::builder().transport(servers.clone()).lookup(public).build(config.clone());
        let client = client.expect("a configuration");
        let orchestrator = client.orchestrator();
        let plan = orchestrator.plan(&config).expect("a configuration");
        let asked = AdRequest::default();
        let run = orchestrator.run(&plan, &asked, RunOptions::NONE);
        tokio::time::timeout(LIMIT, run).await.expect("the request hangs")
    })
}
