//! `vast serve --demo`: the ad servers of `vast demo` behind a gateway, and a player that asks it.

use std::net::SocketAddr;
use std::time::Duration;

use vast_client::{FetchConfig, FetchMode, SourceConfig, VastClient};
use vast_gateway::config::{GatewayConfig, PlacementConfig, SecretText, TokenSecret, TrackedBy};
use vast_mock::Mock;

use crate::commands::demo;
use crate::error::CommandError;
use crate::exit::Exit;

/// The placement whose trackers the gateway calls.
const RELAYED: &str = "wrapped";

/// The placements, each with its mode, its sources and its fallbacks.
const PLACEMENTS: [(&str, FetchMode, &[&str], &[&str]); 3] = [
    ("default", FetchMode::Staggered, &["empty", "fast", "slow"], &["house"]),
    ("race", FetchMode::Race, &["slow", "fast", "broken"], &[]),
    ("wrapped", FetchMode::Parallel, &["exchange", "low"], &["house"]),
];

/// The pause between two requests of the player.
const PAUSE: Duration = Duration::from_millis(500);

/// The ad servers of the demo.
pub(super) struct Demo {
    mock: Mock,
}

impl Demo {
    pub(super) async fn start() -> Result<Self, CommandError> {
        let failed = |error: String| CommandError::new(Exit::Failed, format!("the demo cannot start: {error}"));
        let script = demo::script().map_err(|error| failed(error.to_string()))?;
        let mock = Mock::builder(script).log_limit(0).start().await;
        mock.map(|mock| Self { mock }).map_err(|error| failed(error.to_string()))
    }

    /// The configuration. Its secret lasts as long as the process.
    pub(super) fn config(&self) -> Result<GatewayConfig, CommandError> {
        let source = |name: &&str| {
            let url = format!("{}/vast?cb=[CACHEBUSTING]", self.mock.url(name).trim_end_matches('/'));
            // The wrappers of the demo lead to other ports of this machine.
            SourceConfig::url(url).named(*name).with_allow_private(true)
        };
        let mut config = GatewayConfig::default();
        for (name, mode, sources, fallbacks) in PLACEMENTS {
            let fetch = FetchConfig::new(sources.iter().map(source)).with_fallbacks(fallbacks.iter().map(source));
            let mut placement = PlacementConfig::from(vast_client::ClientConfig::from(fetch.with_mode(mode)));
            if name == RELAYED {
                placement.track = TrackedBy::Relay;
            }
            config.placements.insert(name.to_owned(), placement);
        }
        let secret = SecretText::random().and_then(|secret| TokenSecret::new('d', secret));
        config.secrets = vec![secret.map_err(|problem| CommandError::new(Exit::Failed, problem))?];
        Ok(config)
    }

    /// Asks the placements of the gateway at `address` one after the other, without end.
    pub(super) fn traffic(&self, address: SocketAddr) -> impl Future<Output = ()> + Send + use<> {
        let tag = move |(name, ..): &(&str, FetchMode, &[&str], &[&str])| {
            VastClient::new(format!("http://{address}/v1/{name}/vast?w=1280&h=720&pos=pre&sid=demo"))
        };
        let players: Vec<_> = PLACEMENTS.iter().filter_map(|placement| tag(placement).ok()).collect();
        async move {
            for player in players.iter().cycle() {
                player.request_ad().await;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    pub(super) async fn stop(self) {
        self.mock.shutdown().await;
    }
}
