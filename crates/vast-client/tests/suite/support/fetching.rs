//! Requests for one document with a whole client, with limits that suit most tests.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use vast_client::fetch::{FetchContext, Fetched, HttpTag, Prepared, Source};
use vast_client::transport::{ExchangeSettings, HttpTransport, Linger, Lookup, Resolver, TlsSettings};
use vast_client::{AdRequest, Failure, FetchConfig, RunOptions, SourceConfig, VastClient};

/// A time limit that is long enough for a loaded machine and short enough for a test that waits for it.
pub const SHORT: Duration = Duration::from_millis(200);
pub const LONG: Duration = Duration::from_secs(60);

/// A client that makes one attempt for each document.
pub struct Fetching {
    pub client: VastClient,
    pub attempt: Duration,
    pub connect: Duration,
}

/// A lookup that gives every name the address of this machine.
pub fn loopback() -> Lookup {
    Arc::new(|_| async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) }.boxed())
}

impl Fetching {
    pub fn new(linger: Linger) -> Self {
        Self::with(loopback(), &TlsSettings::default(), linger)
    }

    pub fn with(lookup: Lookup, tls: &TlsSettings, linger: Linger) -> Self {
        let transport = HttpTransport::new(Resolver::with_lookup(lookup.clone()), tls).expect("TLS settings");
        Self::over(transport, lookup, linger)
    }

    pub fn over(transport: HttpTransport, lookup: Lookup, linger: Linger) -> Self {
        let settings = ExchangeSettings { linger, ..ExchangeSettings::default() };
        let builder = VastClient::builder().transport(transport).lookup(lookup).exchange(settings);
        let client = builder.build(FetchConfig::new([SourceConfig::inline("<VAST/>")])).expect("a configuration");
        Self { client, attempt: LONG, connect: LONG }
    }

    /// Gets a URL that the operator named.
    pub async fn get(&self, url: &str) -> Result<Fetched, Failure> {
        self.get_from(url, false).await
    }

    /// Gets a URL whose redirects may lead to any address.
    pub async fn get_anywhere(&self, url: &str) -> Result<Fetched, Failure> {
        self.get_from(url, true).await
    }

    async fn get_from(&self, url: &str, allow_private: bool) -> Result<Fetched, Failure> {
        let fetched = Arc::new(Mutex::new(None));
        let source = SourceConfig::custom(Recorded { tag: HttpTag::new(url, &[], &[]), fetched: fetched.clone() });
        let mut config = FetchConfig::new([source.with_allow_private(allow_private)]);
        config.strategy.retry.max_retries = 0;
        let limits = &mut config.strategy.limits;
        (limits.timeout, limits.source_timeout) = (2 * LONG, Some(LONG));
        (limits.attempt_timeout, limits.connect_timeout, limits.idle_timeout) =
            (Some(self.attempt), self.connect, LONG);
        let orchestrator = self.client.orchestrator();
        let plan = orchestrator.plan(&config).expect("a configuration");
        orchestrator.run(&plan, &AdRequest::default(), RunOptions::default()).await;
        let fetched = fetched.lock().expect("no panic").take();
        fetched.expect("the source was asked")
    }
}

/// A source that requests an ad tag and keeps the result.
struct Recorded {
    tag: HttpTag,
    fetched: Arc<Mutex<Option<Result<Fetched, Failure>>>>,
}

impl Source for Recorded {
    fn url(&self) -> &str {
        self.tag.url()
    }

    fn prepare(&self, context: &FetchContext<'_>) -> Result<Prepared, Failure> {
        self.tag.prepare(context)
    }

    fn fetch<'a>(
        &'a self,
        prepared: &'a Prepared,
        context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>> {
        async move {
            let fetched = self.tag.fetch(prepared, context).await;
            *self.fetched.lock().expect("no panic") = Some(fetched.clone());
            fetched
        }
        .boxed()
    }
}

/// Lets the client's tasks read what has arrived at their sockets: this runtime polls the sockets between two yields.
pub async fn let_background_tasks_run() {
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
}
