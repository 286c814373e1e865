//! The client: a plan, the orchestrator that runs it, and the few calls that most programs need.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::cache::DocumentCache;
#[cfg(feature = "recording")]
use crate::config::RecordConfig;
use crate::config::{ClientConfig, FetchConfig, FetchMode, SourceConfig};
use crate::context::{LaneCache, LaneContext, LaneRules, SharedParts};
use crate::env::Env;
#[cfg(feature = "recording")]
use crate::error::ConfigPath;
use crate::error::{ConfigError, ConfigKey, Failure};
use crate::fetch::Fetched;
use crate::journal::LaneLog;
use crate::lane::Plan;
use crate::memory::SourceMemory;
use crate::orchestrator::{Orchestrator, Parts};
use crate::policy::{BytePool, later};
#[cfg(feature = "recording")]
use crate::recording::{DirectoryLimits, Recorder, RecorderSettings};
use crate::report::FetchResult;
use crate::request::{AdRequest, Privacy, RunOptions};
use crate::select::{DefaultSelector, Selector};
use crate::stats::ClientStats;
use crate::track::outbox::{MemoryOutbox, Outbox};
use crate::track::{DeliverySettings, DrainReport, Tracker, TrackerParts};
use crate::transport::{
    AddressRule, BackgroundTasks, ExchangeSettings, HttpClient, Lookup, Resolver, Transport, TransportFactory,
};

/// A VAST client. Cheap to clone. Clones can be used from several threads at the same time; they share the connections
/// and the measured latencies of the sources.
#[derive(Clone)]
pub struct VastClient {
    orchestrator: Orchestrator,
    plan: Plan,
    config: Arc<FetchConfig>,
    tracker: Tracker,
    background: BackgroundTasks,
    #[cfg(feature = "recording")]
    recorder: Option<Recorder>,
}

impl VastClient {
    /// A client for one source: a URL, a file's path, or a [`SourceConfig`].
    ///
    /// # Errors
    /// A [`ConfigError`] that names the wrong setting of the source.
    pub fn new(source: impl Into<SourceConfig>) -> Result<Self, ConfigError> {
        Self::from_config(FetchConfig::new([source]))
    }

    /// An alias of [`new`](Self::new), by the name that other VAST clients use.
    ///
    /// # Errors
    /// See [`new`](Self::new).
    pub fn from_uri(uri: impl Into<SourceConfig>) -> Result<Self, ConfigError> {
        Self::new(uri)
    }

    /// A client for a configuration: a [`FetchConfig`], or the text of a TOML file.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the key and what would be right.
    pub fn from_config<C>(config: C) -> Result<Self, ConfigError>
    where
        C: TryInto<ClientConfig>,
        ConfigError: From<C::Error>,
    {
        Self::builder().build(config)
    }

    /// A builder for a client with other parts than the default ones, for example another transport.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Requests an ad from the configured sources. No impression is called, because only the caller knows when the ad
    /// is played. The `<Error>` URLs of documents and ads that failed are called, unless
    /// [`report_errors`](FetchConfig::report_errors) is `false`.
    pub async fn request_ad(&self) -> FetchResult {
        let options = self.run_options().with_auto_track(false);
        self.orchestrator.run_default(&self.plan, options, None).await
    }

    /// [`request_ad`](Self::request_ad) for this device, slot and consent. What `request` leaves unset is taken from the
    /// request of the client's configuration ([`AdRequest::or`]).
    pub async fn request_ad_for(&self, request: &AdRequest) -> FetchResult {
        let options = self.run_options().with_auto_track(false);
        self.orchestrator.run(&self.plan, request, options).await
    }

    /// Requests an ad from `primary`, and from `fallbacks` in order if `primary` has no usable ad for any reason. If a
    /// source is slow, the next one is asked before the slow one has ended ([`FetchMode::Staggered`]). The other
    /// settings and the request are those of the client's configuration.
    ///
    /// **By calling this method, the host states that the ad is played as soon as the method returns**: the impressions
    /// of the ad are called immediately, unless the client's configuration sets [`auto_track`](FetchConfig::auto_track)
    /// to `false`.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the wrong setting of a source. The request itself cannot fail.
    pub async fn request_ad_with_fallback<S: Into<SourceConfig>>(
        &self,
        primary: impl Into<SourceConfig>,
        fallbacks: impl IntoIterator<Item = S>,
    ) -> Result<FetchResult, ConfigError> {
        self.request_ad_with_fallback_for(primary, fallbacks, &AdRequest::default()).await
    }

    /// [`request_ad_with_fallback`](Self::request_ad_with_fallback) for this device, slot and consent. What `request` leaves
    /// unset is taken from the request of the client's configuration ([`AdRequest::or`]).
    ///
    /// # Errors
    /// See [`request_ad_with_fallback`](Self::request_ad_with_fallback).
    pub async fn request_ad_with_fallback_for<S: Into<SourceConfig>>(
        &self,
        primary: impl Into<SourceConfig>,
        fallbacks: impl IntoIterator<Item = S>,
        request: &AdRequest,
    ) -> Result<FetchResult, ConfigError> {
        let mut config = (*self.config).clone();
        config.sources = vec![primary.into()];
        config.fallbacks = fallbacks.into_iter().map(Into::into).collect();
        // Arms choose among the sources of the configuration, and this call has its own.
        config.arms.clear();
        config.strategy.fallback_mode = Some(FetchMode::Staggered);
        let plan = self.orchestrator.plan_after(&config, &self.plan)?;
        Ok(self.orchestrator.run(&plan, request, config.run_options()).await)
    }

    /// Gets the document at a URL that another document contains, for example in the `VASTAdTagURI` of a wrapper. The
    /// limits are those of the client's configuration (attempts, time, size, redirects). The document is not parsed, no
    /// wrapper is followed and no tracker is called. Macros of the IAB registry are filled in; headers of sources are
    /// not sent.
    ///
    /// `rule` decides which addresses the request and its redirects may connect to. [`AddressRule::default`] permits
    /// only public addresses and the ports 80 and 443. To permit the origin of the outermost document too, use
    /// [`AddressRule::of`]. The connection uses an address that was checked, so a name server that gives another
    /// address the second time (DNS rebinding) has no effect.
    ///
    /// # Errors
    /// The [`Failure`] of the last attempt: `blocked_address` when no address is permitted, `wrapper_uri` when the URL cannot
    /// be requested.
    pub async fn get(&self, url: &str, rule: &AddressRule) -> Result<Fetched, Failure> {
        self.orchestrator.get(&self.plan, url, rule).await
    }

    /// The orchestrator, which runs the requests of this client. Use it to run your own plan, for example with another
    /// filter, or to [`run`](Orchestrator::run) with [`RunOptions`].
    pub fn orchestrator(&self) -> &Orchestrator {
        &self.orchestrator
    }

    /// An alias of [`orchestrator`](Self::orchestrator), by the name that other VAST clients use.
    pub fn multi_source(&self) -> &Orchestrator {
        self.orchestrator()
    }

    /// The client's own plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The numbers so far: the requests of the client's own plan, its sources, and the beacons of the client. Requests of
    /// [`request_ad_with_fallback`](Self::request_ad_with_fallback) count with the requests of the plan; of their sources, only those with
    /// the name and location of a source of the plan are counted.
    ///
    /// ```
    /// use vast_client::{SourceConfig, VastClient};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), vast_client::ConfigError> {
    /// let client = VastClient::new(SourceConfig::inline("<VAST version=\"4.2\"/>").named("east"))?;
    /// let before = client.stats();
    /// client.request_ad().await;
    /// let since = client.stats().difference(&before);
    /// assert_eq!((since.plan.requests.unfilled, since.plan.sources[0].no_ad), (1, 1));
    /// assert!(since.to_prometheus().contains(r#"vast_source_requests_total{source="east",outcome="no_ad"} 1"#));
    /// # Ok(())
    /// # }
    /// ```
    pub fn stats(&self) -> ClientStats {
        ClientStats { plan: self.plan.stats(), beacons: self.tracker.stats() }
    }

    /// The bytes of the documents of all requests that run now, beyond 128 KiB of each: what is taken of
    /// [`max_document_bytes`](ClientBuilder::max_document_bytes).
    pub fn document_bytes(&self) -> u64 {
        self.orchestrator.document_bytes()
    }

    /// The options of a [`run`](Orchestrator::run) that calls the trackers which the client's configuration selects.
    pub fn run_options(&self) -> RunOptions {
        self.config.run_options()
    }

    /// The context that a source of this client gets in a lane of `request`. Use it to test your own
    /// [`Source`](crate::fetch::Source) without a request.
    ///
    /// ```
    /// use vast_client::fetch::{FetchContext, InlineSource, Source};
    /// use vast_client::{AdRequest, SourceConfig, VastClient};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let source = InlineSource::new("mine", "<VAST version=\"3.0\"/>"); // The source to test.
    ///
    /// let client = VastClient::new(SourceConfig::inline("<VAST/>"))?;
    /// let lane = client.lane_context(&AdRequest::default());
    /// let context = FetchContext::new(&lane);
    /// let prepared = source.prepare(&context)?;
    /// let fetched = source.fetch(&prepared, &context).await?;
    /// assert_eq!(&*fetched.body, b"<VAST version=\"3.0\"/>");
    /// # Ok(())
    /// # }
    /// ```
    pub fn lane_context(&self, request: &AdRequest) -> LaneContext {
        let request = self.orchestrator.context_of(&self.plan, request);
        let log = LaneLog::begin(&request.journal, 0);
        let (source, privacy, cache) = (Arc::from("test"), &Privacy::default(), LaneCache::default());
        let memory = Arc::new(SourceMemory::new(&source));
        let rules = LaneRules { source: &source, privacy, allow_private: false, cache, memory: &memory, is_tag: true };
        LaneContext::new(&request, &rules, log, request.deadline)
    }

    /// The recorder that keeps requests of this client.
    #[cfg(feature = "recording")]
    pub fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_ref()
    }

    /// The tracker of this client: it calls the trackers of ads and owns the outbox in which beacons wait.
    pub fn tracker(&self) -> &Tracker {
        &self.tracker
    }

    /// Starts to call the beacons that an earlier process left in the outbox, and to answer other processes that
    /// inspect the outbox. Without this call, both start with the first beacon. Needs a tokio runtime.
    /// [`shutdown`](Self::shutdown) ends both.
    pub fn start(&self) {
        self.tracker.start();
    }

    /// Waits at most `limit` until no beacon in the outbox is due within `limit`.
    pub async fn drain(&self, limit: Duration) -> DrainReport {
        self.tracker.drain(limit).await
    }

    /// Ends the client's background work. For at most `limit`, due beacons are called and open responses are read to
    /// their end; then the rest is dropped. An outbox on disk keeps the beacons that are left, an outbox in memory
    /// loses them. Later requests of this client call no trackers.
    pub async fn shutdown(&self, limit: Duration) -> DrainReport {
        let until = later(Instant::now(), limit);
        self.tracker.drain(limit).await;
        self.tracker.close();
        self.background.shutdown(until.saturating_duration_since(Instant::now())).await;
        #[cfg(feature = "recording")]
        if let Some(recorder) = &self.recorder {
            recorder.flush(until.saturating_duration_since(Instant::now())).await;
        }
        self.tracker.drained().await
    }
}

impl std::fmt::Debug for VastClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VastClient").field("plan", &self.plan).finish_non_exhaustive()
    }
}

/// The parts of a client. Each has a default; nothing is started before the first request.
#[derive(Default)]
pub struct ClientBuilder {
    transport: Option<Arc<dyn Transport>>,
    lookup: Option<Lookup>,
    selector: Option<Arc<dyn Selector>>,
    env: Option<Env>,
    exchange: ExchangeSettings,
    outbox: Option<Arc<dyn Outbox>>,
    dispatcher: DeliverySettings,
    cache_bytes: Option<u64>,
    max_document_bytes: Option<u64>,
    insecure: bool,
    older: Option<Plan>,
    #[cfg(feature = "recording")]
    recorder: Option<Recorder>,
}

impl ClientBuilder {
    /// The size of the cache where none is set: 64 MiB, which is about 20,000 usual documents.
    pub const DEFAULT_CACHE_BYTES: u64 = 64 << 20;
    /// The limit of [`max_document_bytes`](Self::max_document_bytes) where none is set: 256 MiB.
    pub const DEFAULT_MAX_DOCUMENT_BYTES: u64 = 256 << 20;

    /// Sets the transport that sends requests. Default: HTTP/1.1 and HTTP/2 over TCP and TLS.
    #[must_use]
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Sets the function that resolves host names. Default: the operating system's resolver.
    #[must_use]
    pub fn lookup(mut self, lookup: Lookup) -> Self {
        self.lookup = Some(lookup);
        self
    }

    /// Sets the selector, which chooses among usable ads. Default: [`DefaultSelector`].
    #[must_use]
    pub fn selector(mut self, selector: impl Selector) -> Self {
        self.selector = Some(Arc::new(selector));
        self
    }

    /// Sets the source of time and randomness. Default: [`Env::system`].
    #[must_use]
    pub fn env(mut self, env: Env) -> Self {
        self.env = Some(env);
        self
    }

    /// Sets the limits of HTTP exchanges. Default: [`ExchangeSettings::default`].
    #[must_use]
    pub fn exchange(mut self, settings: ExchangeSettings) -> Self {
        self.exchange = settings;
        self
    }

    /// Sets the outbox in which beacons wait until they are settled. Default: a [`MemoryOutbox`], which loses waiting
    /// beacons when the process ends.
    #[must_use]
    pub fn outbox(mut self, outbox: impl Outbox) -> Self {
        self.outbox = Some(Arc::new(outbox));
        self
    }

    /// Sets how trackers are called. Default: [`DeliverySettings::default`].
    #[must_use]
    pub fn dispatcher(mut self, settings: DeliverySettings) -> Self {
        self.dispatcher = settings;
        self
    }

    /// Sets the size in bytes of all documents that are cached for the sources that permit it ([`SourceConfig::cache`]). Default:
    /// [`DEFAULT_CACHE_BYTES`](Self::DEFAULT_CACHE_BYTES).
    #[must_use]
    pub fn cache_bytes(mut self, bytes: u64) -> Self {
        self.cache_bytes = Some(bytes);
        self
    }

    /// Sets the limit in bytes of the documents of all requests of the client that run at the same time, as text and as a model. Each
    /// request has 128 KiB beside it, so that only requests with large documents can be refused. A document over the limit fails with
    /// [`ErrorType::Overloaded`](crate::ErrorType::Overloaded), which is no failure of its source. It is there because the other limits are
    /// for one request each: 16 MiB (`max_request_bytes`) for each of a thousand requests is more than most machines have. Default:
    /// [`DEFAULT_MAX_DOCUMENT_BYTES`](Self::DEFAULT_MAX_DOCUMENT_BYTES).
    #[must_use]
    pub fn max_document_bytes(mut self, bytes: u64) -> Self {
        self.max_document_bytes = Some(bytes);
        self
    }

    /// **If true, accepts any server certificate.** For test servers only, because an attacker on the network can read
    /// and change everything. Default `false`.
    #[must_use]
    pub fn insecure(mut self, insecure: bool) -> Self {
        self.insecure = insecure;
        self
    }

    /// Sets the recorder that keeps requests of this client. Default: that of `record` in the configuration, or none.
    #[cfg(feature = "recording")]
    #[must_use]
    pub fn recorder(mut self, recorder: Recorder) -> Self {
        self.recorder = Some(recorder);
        self
    }

    /// Sets the plan of the client that this client replaces. The sources with the same name and location keep the memory of that
    /// plan: see [`Orchestrator::plan_after`]. Default: none, and nothing is known of any source.
    #[must_use]
    pub fn after(mut self, older: &Plan) -> Self {
        self.older = Some(older.clone());
        self
    }

    /// The client.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the key and what would be right.
    pub fn build<C>(self, config: C) -> Result<VastClient, ConfigError>
    where
        C: TryInto<ClientConfig>,
        ConfigError: From<C::Error>,
    {
        let ClientConfig { fetch: config, request, record, .. } = config.try_into()?;
        request.check()?;
        #[cfg(feature = "recording")]
        let recorder = match (self.recorder, record) {
            (None, Some(record)) => Some(recorder_of(&record)?),
            (recorder, _) => recorder,
        };
        #[cfg(not(feature = "recording"))]
        if record.is_some() {
            return Err(ConfigError::new(
                ConfigKey::Record,
                "this build cannot record: it lacks the feature `recording`",
            ));
        }
        let resolver = self.lookup.map_or_else(Resolver::system, Resolver::with_lookup);
        let background = BackgroundTasks::default();
        let transports =
            TransportFactory::new(&resolver, config.ca_file.as_deref(), self.insecure, config.proxy.as_ref());
        let transport = match self.transport {
            Some(transport) => transport,
            None => transports.shared()?,
        };
        let http = HttpClient::new(transport, resolver, self.exchange, background.clone());
        let env = self.env.unwrap_or_else(Env::system);
        let tracker = Tracker::new(TrackerParts {
            http: http.clone(),
            background: background.clone(),
            outbox: self.outbox.unwrap_or_else(|| Arc::new(MemoryOutbox::default())),
            env: env.clone(),
            settings: self.dispatcher,
        });
        let orchestrator = Orchestrator::new(Parts {
            #[cfg(feature = "recording")]
            has_own_selector: self.selector.is_some(),
            shared: SharedParts {
                http,
                cache: Arc::new(DocumentCache::new(self.cache_bytes.unwrap_or(Self::DEFAULT_CACHE_BYTES))),
                documents: BytePool::new(
                    self.max_document_bytes.unwrap_or(Self::DEFAULT_MAX_DOCUMENT_BYTES),
                    "documents of all requests (`max_document_bytes`)",
                ),
                env,
                selector: self.selector.unwrap_or_else(|| Arc::new(DefaultSelector)),
            },
            tracker: tracker.clone(),
            identified: Box::new(move |source, table| {
                transports.with_certificate(source.client_certificate.as_deref(), source.client_key.as_deref(), table)
            }),
            has_default_values: request != AdRequest::default(),
            request: Arc::new(request),
            #[cfg(feature = "recording")]
            recorder: recorder.clone(),
        });
        let plan = match &self.older {
            Some(older) => orchestrator.plan_after(&config, older)?,
            None => orchestrator.plan(&config)?,
        };
        Ok(VastClient {
            orchestrator,
            plan,
            config: Arc::new(config),
            tracker,
            background,
            #[cfg(feature = "recording")]
            recorder,
        })
    }
}

/// The recorder that a configuration file describes.
#[cfg(feature = "recording")]
fn recorder_of(record: &RecordConfig) -> Result<Recorder, ConfigError> {
    record.check()?;
    let limits = DirectoryLimits { max_bytes: record.max_bytes, max_files: record.max_files };
    let recorder = Recorder::to_directory(&record.dir, limits, RecorderSettings::from(record));
    recorder.map_err(|error| {
        let path = ConfigPath::from(ConfigKey::Record).entry(ConfigKey::Dir.as_str());
        ConfigError::new(path, format!("`{}`: {error}", record.dir.display()))
    })
}

// Without the feature `http`, a client needs a transport from its builder.
#[cfg(all(test, feature = "http"))]
mod tests;
