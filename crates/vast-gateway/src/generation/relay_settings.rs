//! How the events of all answers are sealed.

use std::net::SocketAddr;
use std::time::Duration;

use vast_client::track::outbox::KEY_WINDOW;
use vast_client::transport::Target;

use crate::config::{GatewayConfig, GatewayConfigError, PlacementConfig, TrackedBy};
use crate::token::TokenSecrets;

/// How the events of all answers are sealed.
pub(crate) struct RelaySettings {
    pub(crate) secrets: TokenSecrets,
    /// The URL of the gateway as players see it, without a slash at its end.
    pub(crate) public_url: String,
    /// How long a token is valid.
    pub(crate) lifetime: Duration,
}

impl RelaySettings {
    /// `None` without a secret. Without `public_url` the gateway is reached at `address`.
    ///
    /// # Errors
    /// A placement needs a secret or a public URL that the configuration does not have.
    pub(super) fn compile(
        config: &GatewayConfig,
        address: Option<SocketAddr>,
    ) -> Result<Option<Self>, GatewayConfigError> {
        check(config)?;
        let needs = |(name, placement): (&String, &PlacementConfig)| {
            let key = if placement.track != TrackedBy::Player {
                Some("track")
            } else {
                placement.no_ad_url.as_ref().map(|_| "no_ad_url")
            };
            key.map(|key| (format!("placement.{name}"), key))
        };
        let needs = config.placements.iter().find_map(needs);
        let Some(secrets) = TokenSecrets::new(&config.secrets) else {
            let problem = "needs a secret that seals the trackers: add [[secret]] with `id` and `file` or `env`";
            return match needs {
                Some((table, key)) => Err(GatewayConfigError::of_key(&table, key, problem)),
                None => Ok(None),
            };
        };
        let scheme = if config.server.tls.is_some() { "https" } else { "http" };
        let own = address.map(|address| format!("{scheme}://{address}"));
        let is_reachable = address.is_some_and(|address| !address.ip().is_unspecified());
        if config.server.public_url.is_none() && !is_reachable && needs.is_some() {
            let problem = "is needed: players cannot reach the address that the gateway listens on";
            return Err(GatewayConfigError::of_key("server", "public_url", problem));
        }
        let public_url = config.server.public_url.clone().or(own).unwrap_or_default();
        let public_url = public_url.trim_end_matches('/').to_owned();
        Ok(Some(Self { secrets, public_url, lifetime: config.server.beacon_ttl }))
    }
}

/// Checks the settings of sealed trackers that can be wrong by themselves.
fn check(config: &GatewayConfig) -> Result<(), GatewayConfigError> {
    let server = &config.server;
    if server.beacon_ttl > KEY_WINDOW {
        let problem = "is above 24 hours, the time for which the outbox knows that an event was reported";
        return Err(GatewayConfigError::of_key("server", "beacon_ttl", problem));
    }
    if server.beacon_ttl < Duration::from_secs(60) {
        let problem = "is below a minute: players report the end of an ad later";
        return Err(GatewayConfigError::of_key("server", "beacon_ttl", problem));
    }
    let own = server.public_url.iter().map(|url| ("server".to_owned(), "public_url", url));
    let placements = config.placements.iter();
    let no_ad =
        placements.filter_map(|(name, one)| Some((format!("placement.{name}"), "no_ad_url", one.no_ad_url.as_ref()?)));
    for (table, key, url) in own.chain(no_ad) {
        if let Err(error) = Target::parse(url, None) {
            return Err(GatewayConfigError::of_key(&table, key, format!("`{url}`: {error}")));
        }
    }
    match server.public_url.as_deref().filter(|url| url.contains(['?', '#'])) {
        Some(url) => {
            let problem = format!("`{url}`: has a query or a fragment, but paths are added to it");
            Err(GatewayConfigError::of_key("server", "public_url", problem))
        }
        None => Ok(()),
    }
}
