//! The gateway from its configuration to its end.

use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use vast_client::env::Env;
use vast_client::track::DrainReport;
use vast_client::track::outbox::{DiskOutbox, OutboxError};
use vast_client::{ClientBuilder, ClientConfig, ConfigError, FetchConfig, SourceConfig, VastClient};

use crate::admin::{self, AdminPort, AdminScope, Watch, keep_watching};
use crate::cluster::{ClusterError, GatewayOutbox};
use crate::config::{GatewayConfig, GatewayConfigError, ListenAddress, LoadedFile, ServerConfig};
use crate::counters::AnswerSum;
use crate::exchange::PublicPort;
use crate::generation::Generation;
#[cfg(feature = "nats")]
use crate::news_exchange::exchange_news;
use crate::reload::{Reload, Reloader};
use crate::serve::{self, BindError, DrainTimes, HttpServer, ListenSettings, StopSignal, TlsError};
use crate::state::GatewayState;
use crate::telemetry::{LogBuffer, Telemetry};

/// Why a gateway cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// The configuration is wrong.
    #[error("{0}")]
    Config(#[from] GatewayConfigError),
    /// An address cannot be listened on.
    #[error("{address}: {source}")]
    Listen {
        /// The address.
        address: ListenAddress,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The file of the outbox cannot be opened.
    #[error("{0}")]
    Outbox(#[from] OutboxError),
    /// The gateways of the cluster cannot share their beacons.
    #[error("[cluster]: {0}")]
    Cluster(#[from] ClusterError),
}

/// A change of a configuration that was read from a file.
type ConfigChange = Arc<dyn Fn(&mut GatewayConfig) + Send + Sync>;

/// The parts of a gateway. Each has a default.
#[derive(Default)]
pub struct GatewayBuilder {
    client: Option<ClientBuilder>,
    env: Option<Env>,
    file: Option<PathBuf>,
    change: Option<ConfigChange>,
    logs: LogBuffer,
}

impl GatewayBuilder {
    /// Sets the builder of the client that asks the ad servers, for example one with an outbox on disk.
    #[must_use]
    pub fn client(mut self, client: ClientBuilder) -> Self {
        self.client = Some(client);
        self
    }

    /// Sets the source of the time against which signatures are checked. Default: [`Env::system`].
    #[must_use]
    pub fn env(mut self, env: Env) -> Self {
        self.env = Some(env);
        self
    }

    /// Sets the lines of the log that the collector of `[telemetry]` gets: a layer of the program's subscriber of `tracing`. Default: the
    /// collector gets no lines.
    #[must_use]
    pub fn logs(mut self, logs: LogBuffer) -> Self {
        self.logs = logs;
        self
    }

    /// Overrides settings of a file, now and each time that it is read again.
    #[must_use]
    pub fn change(mut self, change: impl Fn(&mut GatewayConfig) + Send + Sync + 'static) -> Self {
        self.change = Some(Arc::new(change));
        self
    }

    /// Reads the configuration from a file, and opens the sockets. The file is read again every two seconds and used if it has changed.
    ///
    /// # Errors
    /// The configuration is wrong, or an address is in use.
    pub async fn bind_file(mut self, path: &Path) -> Result<Gateway, GatewayError> {
        let loaded = GatewayConfig::load(path)?;
        let mut config = loaded.config.clone();
        let change = self.change.take().unwrap_or_else(|| Arc::new(|_: &mut GatewayConfig| {}));
        change(&mut config);
        self.file = Some(path.to_owned());
        self.bind_with(config, Some((loaded, change))).await
    }

    /// Opens the sockets.
    ///
    /// # Errors
    /// The configuration is wrong, or an address is in use.
    pub async fn bind(self, config: GatewayConfig) -> Result<Gateway, GatewayError> {
        self.bind_with(config, None).await
    }

    async fn bind_with(
        self,
        config: GatewayConfig,
        loaded: Option<(LoadedFile, ConfigChange)>,
    ) -> Result<Gateway, GatewayError> {
        check_config(&config)?;
        let outbox =
            Arc::new(GatewayOutbox::open(&config, config.outbox.as_ref().map(DiskOutbox::open).transpose()?).await?);
        let builder = outbox.give_to(self.client.unwrap_or_default());
        let counts = Arc::default();
        let public = HttpServer::bind(ListenSettings::from(&config.server), Arc::clone(&counts))?;
        let client = client(builder, &config.server)?;
        let address = public.tcp_addresses().next();
        let generation = Generation::compile(&config, client.orchestrator(), None, address)?;
        let env = self.env.unwrap_or_else(Env::system);
        let telemetry = config
            .telemetry
            .clone()
            .map(|telemetry| Telemetry::new(telemetry, config.server.ca_file.as_deref(), env.clone(), self.logs));
        let state = GatewayState::new(client, env, counts, generation, telemetry.transpose()?);
        let reloader = self.file.zip(loaded).map(|(path, (file, change))| Reloader::new(&state, path, file, change));
        let admin = HttpServer::bind(inner_port(&config.server, config.server.admin), Arc::default())?;
        let probes =
            config.server.probes.map(|address| HttpServer::bind(inner_port(&config.server, address), Arc::default()));
        let probes = probes.transpose()?;
        state.use_outbox(Arc::clone(&outbox));
        let gateway = Gateway { state, reloader, public, admin, probes, outbox };
        if gateway.loses_beacons_at_a_crash() {
            tracing::warn!("the outbox is in memory, so a crash loses the beacons that wait: set `path` in [outbox]");
        }
        Ok(gateway)
    }
}

/// Checks a configuration as [`GatewayBuilder::bind`] does, and reads the files of TLS, but opens no socket.
///
/// # Errors
/// The first setting that is wrong.
pub fn check_config(config: &GatewayConfig) -> Result<(), GatewayConfigError> {
    let client = client(ClientBuilder::default(), &config.server)?;
    Generation::compile(config, client.orchestrator(), None, None)?;
    config.server.tls.as_ref().map_or(Ok(()), serve::check_tls).map_err(|error| wrong_tls(&error))
}

fn wrong_tls(error: &TlsError) -> GatewayConfigError {
    GatewayConfigError::of_key("server", "tls", error.with_cause())
}

/// The client whose parts all placements share. Its own plan has the limits of `/v1/unwrap` and `/v1/check`.
fn client(builder: ClientBuilder, server: &ServerConfig) -> Result<VastClient, GatewayConfigError> {
    let mut fetch = FetchConfig::new([SourceConfig::inline("<VAST version=\"4.2\"/>")]);
    fetch.ca_file.clone_from(&server.ca_file);
    fetch.proxy.clone_from(&server.proxy);
    let wrong = |error: ConfigError| GatewayConfigError::of_table("server", error);
    builder.max_document_bytes(server.max_document_bytes).build(ClientConfig::from(fetch)).map_err(wrong)
}

/// The settings of the admin port and the port for probes. They take no PROXY header, have no TLS, and answer until the end.
fn inner_port(server: &ServerConfig, address: SocketAddr) -> ListenSettings {
    ListenSettings {
        addresses: vec![address.into()],
        proxy_protocol_from: Arc::new([]),
        tls: None,
        drain: DrainTimes { announce: Duration::ZERO, requests: Duration::ZERO },
        ..ListenSettings::from(server)
    }
}

impl From<BindError> for GatewayError {
    fn from(error: BindError) -> Self {
        match error {
            BindError::Listen { address, source } => Self::Listen { address, source },
            BindError::NoAddress => {
                Self::Config(GatewayConfigError::of_key("server", "listen", "has no address".to_owned()))
            }
            BindError::Tls(error) => Self::Config(wrong_tls(&error)),
        }
    }
}

/// A gateway whose sockets are open. It answers when it [runs](Self::run).
pub struct Gateway {
    state: Arc<GatewayState>,
    reloader: Option<Reloader>,
    public: HttpServer,
    admin: HttpServer,
    probes: Option<HttpServer>,
    outbox: Arc<GatewayOutbox>,
}

/// Controls a gateway that runs. Cheap to clone.
#[derive(Clone)]
pub struct GatewayHandle {
    state: Arc<GatewayState>,
    reloader: Option<Reloader>,
}

impl GatewayHandle {
    /// Reads the configuration file again. Without a file nothing changes.
    ///
    /// # Errors
    /// The first mistake. The configuration that was in use stays in use.
    pub async fn reload(&self) -> Result<Reload, GatewayConfigError> {
        match &self.reloader {
            Some(reloader) => reloader.reload_in_background().await,
            None => Ok(Reload::Unchanged),
        }
    }

    /// Uses `config` for the requests that come from now on. What needs a restart has no effect: sockets, limits of connections, the file of
    /// the outbox, the collector and the cluster.
    ///
    /// # Errors
    /// The first setting that is wrong; then nothing has changed.
    pub fn replace(&self, config: &GatewayConfig) -> Result<(), GatewayConfigError> {
        self.state.replace(config).map(drop)
    }
}

/// What a gateway has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct GatewayReport {
    /// The answers with an ad.
    pub filled: u64,
    /// All answers of all placements, also of those that a reload has removed.
    pub answers: u64,
    /// The requests whose callers did not have the whole answer when the time was over.
    pub cut: usize,
    /// The beacons that were delivered in the end, and those that are left.
    pub beacons: DrainReport,
}

impl Gateway {
    /// A builder for a gateway.
    pub fn builder() -> GatewayBuilder {
        GatewayBuilder::default()
    }

    /// The IP addresses of the public port with their real ports, in the order of the configuration.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.public.tcp_addresses().collect()
    }

    /// All addresses of the public port, also sockets in the file system, in the order of the configuration.
    pub fn listens_on(&self) -> &[ListenAddress] {
        self.public.addresses()
    }

    /// Whether the public port speaks TLS.
    pub fn is_tls(&self) -> bool {
        self.public.is_tls()
    }

    /// The address of the admin port.
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.tcp_addresses().next().unwrap_or(self.state.generation().server.admin)
    }

    /// The address of the port for probes; `None` if the configuration has none.
    pub fn probes_address(&self) -> Option<SocketAddr> {
        self.probes.as_ref().and_then(|probes| probes.tcp_addresses().next())
    }

    /// Whether a crash of the gateway would lose beacons that it has accepted: the gateway calls the trackers of a placement, and the
    /// outbox is in memory.
    pub fn loses_beacons_at_a_crash(&self) -> bool {
        let generation = self.state.generation();
        !self.outbox.is_durable() && generation.placements().any(|placement| placement.track.needs_outbox())
    }

    /// The names of the placements.
    pub fn placements(&self) -> Vec<String> {
        self.state.generation().placements().map(|placement| placement.name.clone()).collect()
    }

    /// Controls the gateway while it runs.
    pub fn handle(&self) -> GatewayHandle {
        GatewayHandle { state: Arc::clone(&self.state), reloader: self.reloader.clone() }
    }

    /// Answers requests until `stop`, then ends in order: it says that it is not ready, closes its sockets, answers the requests in
    /// flight, and delivers the beacons that are due. Each step has its limit ([`DrainLimits`](crate::config::DrainLimits)).
    pub async fn run(self, stop: impl Future<Output = ()>) -> GatewayReport {
        let Self { state, reloader, public, admin, probes, outbox } = self;
        if outbox.is_durable() {
            // Beacons of an earlier process wait in the file, or those of other gateways in the shared streams.
            state.client.start();
        }
        // The tasks of a set end when it is dropped.
        let mut background = JoinSet::new();
        // The admin port answers until the end.
        let admin_stop = StopSignal::default();
        let watch = Watch::new(&state);
        background.spawn(keep_watching(Arc::clone(&watch)));
        let ports = [(Some(admin), AdminScope::All), (probes, AdminScope::Probes)];
        for (server, scope) in ports.into_iter().filter_map(|(server, scope)| Some((server?, scope))) {
            let (state, watch) = (Arc::clone(&state), Arc::clone(&watch));
            let port = Arc::new(AdminPort { state, watch, reloader: reloader.clone(), scope });
            let stop = admin_stop.clone();
            background.spawn(async move {
                server.run(port, stop).await;
            });
        }
        #[cfg(feature = "nats")]
        if outbox.news().is_some() {
            let (outbox, state, watch) = (Arc::clone(&outbox), Arc::clone(&state), Arc::clone(&watch));
            background.spawn(async move {
                if let Some(channel) = outbox.news() {
                    exchange_news(channel, &state, || admin::own_news(&state, &watch)).await;
                }
            });
        }
        let export_stop = StopSignal::default();
        let exporting =
            state.telemetry.is_some().then(|| tokio::spawn(export(Arc::clone(&state), export_stop.clone())));
        let measured = Arc::clone(&state);
        background.spawn(async move {
            measured.admission.measure_lag(|| measured.generation().server.max_lag).await;
        });
        if let Some(reloader) = reloader {
            background.spawn(reloader.poll());
        }
        let stopping = async {
            // An operator can end the gateway too, on the admin port.
            tokio::select! {
                () = stop => {}
                () = state.stop.draining() => {}
            }
            state.stop.drain();
        };
        let (drained, ()) = tokio::join!(public.run(PublicPort::new(&state), state.stop.clone()), stopping);
        outbox.stop_receiving();
        let report = report(&state, drained.aborted).await;
        outbox.close().await;
        export_stop.abort();
        if let Some(exporting) = exporting {
            // It has a time limit of its own.
            exporting.await.ok();
        }
        admin_stop.abort();
        drop(background);
        report
    }
}

/// Sends telemetry to the collector until `stop`, and then what is left.
async fn export(state: Arc<GatewayState>, stop: StopSignal) {
    if let Some(telemetry) = &state.telemetry {
        telemetry.run(|points| admin::fill_metrics(points, &state), stop).await;
    }
}

/// Delivers the beacons that are due, and counts what the gateway has done. `cut` requests had no whole answer at the end.
async fn report(state: &GatewayState, cut: usize) -> GatewayReport {
    let beacons = state.client.shutdown(state.generation().server.drain.beacons).await;
    let AnswerSum { answers, filled } = state.generation().answers();
    GatewayReport { filled, answers, cut, beacons }
}
