//! The gateways of a cluster, for a program that is not one of them.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use vast_client::env::Env;
use vast_client::policy::BreakerState;
use vast_nats::{NatsError, NatsSettings, NewsChannel, RecordSeal};

use crate::fleet::{GatewayNews, Peers, millis};

/// A gateway, as its own messages describe it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SeenGateway {
    /// Its name: `[cluster] name`, or that of its machine.
    pub name: String,
    /// The version of its program.
    pub version: String,
    /// The number of the configuration in use.
    pub configuration: usize,
    /// Whether it is about to end.
    pub ends: bool,
    /// Its answers per second in the last minute.
    pub rate: f64,
    /// The requests that it answers now.
    pub in_flight: usize,
    /// The placements and names of the sources that are ejected there.
    pub ejected: Vec<(String, String)>,
}

/// Listens for `time`, and returns the gateways whose messages came, by name. Each gateway sends one message per second; a message that no
/// secret of `seal` has signed is not used.
///
/// # Errors
/// An address or the credentials cannot be used, or the connection has ended for good.
pub async fn seen_gateways(
    settings: NatsSettings,
    seal: &RecordSeal,
    time: Duration,
) -> Result<Vec<SeenGateway>, NatsError> {
    let (until, env) = (Instant::now() + time, Env::system());
    let channel = NewsChannel::open(settings, seal).await?;
    let mut listener = channel.listen().await?;
    let mut peers = Peers::default();
    while let Ok(Some(message)) = timeout_at(until, listener.next()).await {
        let news = listener.open(&message).ok().and_then(|bytes| GatewayNews::from_bytes(&bytes).ok());
        // What other gateways think of sources changes nothing here, and what is old or too much is left out.
        let _ = news.map(|news| peers.receive(news, Instant::now(), millis(env.wall()), |_, _| false));
    }
    let mut seen: Vec<_> = peers.present(Instant::now()).map(|(news, _)| SeenGateway::of(news)).collect();
    seen.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(seen)
}

impl SeenGateway {
    fn of(news: &GatewayNews) -> Self {
        let ejected = news.sources.iter().filter(|source| source.breaker != BreakerState::Closed);
        Self {
            name: news.name.clone(),
            version: news.version.clone(),
            configuration: news.generation,
            ends: news.ends,
            rate: news.rate,
            in_flight: news.in_flight,
            ejected: ejected.map(|source| (source.placement.clone(), source.source.clone())).collect(),
        }
    }
}
