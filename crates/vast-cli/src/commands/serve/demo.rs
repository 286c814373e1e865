//! `vast serve --demo`: the ad servers of `vast demo` behind a gateway, one that becomes ill and recovers, and a player that asks them.

use std::net::SocketAddr;
use std::time::Duration;

use vast_client::policy::BreakerSettings;
use vast_client::{FetchConfig, FetchMode, SourceConfig, VastClient};
use vast_gateway::config::{GatewayConfig, PlacementConfig, SecretText, TokenSecret, TrackedBy};
use vast_mock::{Mock, Script, ScriptError};

use crate::commands::demo::{self, RECOVERING};
use crate::error::CommandError;
use crate::exit::Exit;

/// The placement whose trackers the gateway calls.
const RELAYED: &str = "wrapped";

/// The placements, each with its mode, its sources and its fallbacks.
const PLACEMENTS: [(&str, FetchMode, &[&str], &[&str]); 4] = [
    ("default", FetchMode::Staggered, &["empty", "fast", "slow"], &["house"]),
    ("race", FetchMode::Race, &["slow", "fast", "broken"], &[]),
    ("wrapped", FetchMode::Parallel, &["exchange", "low"], &["house"]),
    ("recovering", FetchMode::Sequential, &[RECOVERING], &["house"]),
];

/// The pause between two requests of the player.
const PAUSE: Duration = Duration::from_millis(500);

/// The shortest and the longest ejection of the source that recovers, so that nobody has to wait for it.
const EJECTIONS: [Duration; 2] = [Duration::from_secs(4), Duration::from_secs(8)];

/// The ad servers of the demo.
pub(super) struct Demo {
    mock: Mock,
    recovering: Mock,
}

impl Demo {
    pub(super) async fn start() -> Result<Self, CommandError> {
        let failed = |error: String| CommandError::new(Exit::Failed, format!("the demo cannot start: {error}"));
        let start = async |script: Result<Script, ScriptError>| {
            let script = script.map_err(|error| failed(error.to_string()))?;
            Mock::builder(script).log_limit(0).start().await.map_err(|error| failed(error.to_string()))
        };
        Ok(Self { mock: start(demo::script()).await?, recovering: start(demo::recovering()).await? })
    }

    /// The configuration. Its secret lasts as long as the process.
    pub(super) fn config(&self) -> Result<GatewayConfig, CommandError> {
        let source = |name: &&str| {
            let mock = if *name == RECOVERING { &self.recovering } else { &self.mock };
            let url = format!("{}/vast?cb=[CACHEBUSTING]", mock.url(name).trim_end_matches('/'));
            // The wrappers of the demo lead to other ports of this machine.
            let source = SourceConfig::url(url).named(*name).with_allow_private(true);
            source.with_breaker((*name == RECOVERING).then(|| {
                let mut breaker = BreakerSettings::default();
                [breaker.eject, breaker.eject_max] = EJECTIONS;
                breaker
            }))
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
        self.recovering.shutdown().await;
    }
}
