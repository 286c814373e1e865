//! The outbox of a gateway: in memory, on disk, or shared with other gateways over NATS.

use vast_client::ClientBuilder;
#[cfg(feature = "nats")]
use vast_client::env::Env;
use vast_client::track::outbox::DiskOutbox;
#[cfg(feature = "nats")]
use vast_nats::{
    Credentials, NatsError, NatsOutbox, NatsServer, NatsSettings, NatsTls, NewsChannel, RecordSeal, SpillOutbox,
    SpillSettings, StreamNames,
};

#[cfg(feature = "nats")]
use crate::config::ClusterConfig;
use crate::config::GatewayConfig;

/// Why the gateways of a cluster cannot share their beacons. Each message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// This program cannot use NATS.
    #[error("this program is built without NATS: build it with `cargo build --release -p vast-cli --features nats`")]
    NotBuilt,
    /// The gateways have no secret with which they sign beacons for each other.
    #[error("beacons are signed with the first [[secret]]: add one, the same for all gateways")]
    NoSecret,
    /// The prefix of the streams is wrong.
    #[error("prefix: {0}")]
    Prefix(String),
    /// The NATS servers cannot be used.
    #[error("{0}")]
    Nats(String),
}

/// What the outbox that gateways share has counted since the start.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ClusterCounts {
    /// Claims that another gateway has taken over. The tracker may have been called twice.
    pub(crate) lost_claims: u64,
    /// Beacons that went to the outbox on disk although NATS may have them too.
    pub(crate) doubtful: u64,
    /// Beacons that went to the outbox on disk.
    pub(crate) spilled: u64,
    /// Beacons that went back into a stream because their host had no room.
    pub(crate) without_room: u64,
    /// Messages in the streams that were not signed or are damaged.
    pub(crate) unreadable: u64,
}

/// The outbox that a gateway has opened and has to close.
pub(crate) struct GatewayOutbox {
    disk: Option<DiskOutbox>,
    #[cfg(feature = "nats")]
    shared: Option<SharedOutbox>,
}

/// The outbox that gateways share.
#[cfg(feature = "nats")]
struct SharedOutbox {
    nats: NatsOutbox,
    /// With the outbox on disk that takes the beacons while NATS does not.
    spill: Option<SpillOutbox<NatsOutbox, DiskOutbox>>,
    news: NewsChannel,
}

impl GatewayOutbox {
    /// The outbox that the configuration names; `disk` is its file.
    pub(crate) async fn open(config: &GatewayConfig, disk: Option<DiskOutbox>) -> Result<Self, ClusterError> {
        #[cfg(not(feature = "nats"))]
        if config.cluster.is_some() {
            return Err(ClusterError::NotBuilt);
        }
        Ok(Self {
            #[cfg(feature = "nats")]
            shared: match &config.cluster {
                Some(cluster) => Some(SharedOutbox::open(cluster, config, disk.as_ref()).await?),
                None => None,
            },
            disk,
        })
    }

    /// Makes a client use this outbox.
    pub(crate) fn give_to(&self, builder: ClientBuilder) -> ClientBuilder {
        #[cfg(feature = "nats")]
        if let Some(SharedOutbox { nats, spill, .. }) = &self.shared {
            return match spill {
                Some(spill) => builder.outbox(spill.clone()),
                None => builder.outbox(nats.clone()),
            };
        }
        match &self.disk {
            Some(disk) => builder.outbox(disk.clone()),
            None => builder,
        }
    }

    /// Whether the beacons in it outlive the process.
    pub(crate) fn is_durable(&self) -> bool {
        #[cfg(feature = "nats")]
        if self.shared.is_some() {
            return true;
        }
        self.disk.is_some()
    }

    /// The channel on which gateways tell each other what they see; `None` without a cluster.
    #[cfg(feature = "nats")]
    pub(crate) fn news(&self) -> Option<&NewsChannel> {
        self.shared.as_ref().map(|shared| &shared.news)
    }

    /// Stops taking beacons of other gateways, because this one ends.
    pub(crate) fn stop_receiving(&self) {
        #[cfg(feature = "nats")]
        if let Some(shared) = &self.shared {
            shared.nats.stop_receiving();
        }
    }

    /// Gives back what is not delivered, and closes the file.
    pub(crate) async fn close(&self) {
        #[cfg(feature = "nats")]
        if let Some(shared) = &self.shared {
            shared.nats.close().await;
        }
        if let Some(disk) = &self.disk {
            disk.close();
        }
    }

    /// What was counted since the start; nothing without a cluster.
    pub(crate) fn counts(&self) -> ClusterCounts {
        #[cfg(feature = "nats")]
        if let Some(shared) = &self.shared {
            let (nats, spill) =
                (shared.nats.counts(), shared.spill.as_ref().map(SpillOutbox::counts).unwrap_or_default());
            return ClusterCounts {
                lost_claims: nats.lost_claims,
                doubtful: spill.doubtful,
                spilled: spill.spilled,
                without_room: nats.without_room,
                unreadable: nats.unreadable,
            };
        }
        ClusterCounts::default()
    }

    /// What works worse than it should although the gateway is ready; `None` if nothing does.
    pub(crate) fn degraded(&self) -> Option<String> {
        #[cfg(feature = "nats")]
        if let Some(spill) = self.shared.as_ref().and_then(|shared| shared.spill.as_ref())
            && spill.is_spilling()
        {
            let counts = spill.counts();
            return Some(format!("NATS is slow or away: {} beacons went to the outbox on disk", counts.spilled));
        }
        None
    }
}

#[cfg(feature = "nats")]
impl SharedOutbox {
    async fn open(
        cluster: &ClusterConfig,
        config: &GatewayConfig,
        disk: Option<&DiskOutbox>,
    ) -> Result<Self, ClusterError> {
        let seal = RecordSeal::new(config.secrets.iter().map(|secret| (secret.id, secret.secret.reveal().as_bytes())));
        if !seal.can_sign() {
            return Err(ClusterError::NoSecret);
        }
        let mut settings = nats_settings(cluster)?;
        // With an outbox on disk a gateway works without NATS, so it need not wait for it at its start.
        settings.connects_later = disk.is_some();
        let server = Box::pin(NatsServer::connect(settings.clone())).await?;
        let news = Box::pin(NewsChannel::open(settings, &seal)).await?;
        let nats = server.outbox(seal, Env::system()).await?;
        let spill = disk.map(|disk| SpillOutbox::new(nats.clone(), disk.clone(), SpillSettings::default()));
        if spill.is_none() {
            tracing::warn!("while NATS is away, events are refused with status 503: set `path` in [outbox]");
        }
        Ok(Self { nats, spill, news })
    }
}

/// The settings of the connection that the table `[cluster]` describes.
///
/// # Errors
/// The prefix is wrong.
#[cfg(feature = "nats")]
pub fn nats_settings(cluster: &ClusterConfig) -> Result<NatsSettings, ClusterError> {
    let names = StreamNames::new(&*cluster.prefix).map_err(ClusterError::Prefix)?;
    let mut settings = NatsSettings::new(&cluster.nats, names);
    let login = cluster.login.as_ref().map(|login| login.reveal().to_owned());
    settings.credentials = match (cluster.user.clone(), login) {
        (Some(user), Some(password)) => Credentials::Password { user, password },
        (None, Some(seed)) => Credentials::Nkey(seed),
        _ => Credentials::None,
    };
    let mut tls = NatsTls::default();
    tls.authority.clone_from(&cluster.authority);
    tls.client.clone_from(&cluster.client);
    settings.tls = tls;
    Ok(settings)
}

#[cfg(feature = "nats")]
impl From<NatsError> for ClusterError {
    fn from(error: NatsError) -> Self {
        Self::Nats(error.to_string())
    }
}
