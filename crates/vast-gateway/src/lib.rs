//! A VAST gateway: players, stitchers and ad-ops people get the pipeline of [`vast_client`] behind one URL. One ad tag in, many ad
//! servers behind it, one resolved document out, always valid and within the deadline.
//!
//! ```text
//! serve/      connections, their limits, admission        a request may be asked
//!   │
//! exchange/   START READING HERE: one request from its head to its answer
//!   │
//! intake/     caller, parameters, access, AdRequest       what is asked, and by whom
//!   │
//! vast_client the plan of the placement                   FETCH ─> PARSE ─> RESOLVE ─> SELECT ─> TRACK
//!   │
//! answer/     document, status, headers                   the answer
//!   │
//! telemetry/  traces, metrics and logs for a collector    what operators see
//! ```
//!
//! A [`GatewayConfig`](config::GatewayConfig) has tenants and placements. A placement is a configuration of a client with a name, and
//! with what its callers may say. All placements share the connections, the cache and the outbox of one client.
//!
//! ```
//! use std::time::Duration;
//! use vast_client::SourceConfig;
//! use vast_gateway::Gateway;
//! use vast_gateway::config::{DrainLimits, GatewayConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), vast_gateway::GatewayError> {
//! let mut config = GatewayConfig::of_sources([SourceConfig::inline("<VAST version=\"4.2\"/>").named("house")]);
//! config.server.listen = vec!["127.0.0.1:0".parse().expect("an address")];
//! config.server.admin = "127.0.0.1:0".parse().expect("an address");
//! config.server.drain = DrainLimits::new(Duration::ZERO, Duration::from_secs(1), Duration::from_secs(1));
//! let gateway = Gateway::builder().bind(config).await?;
//! let tag = format!("http://{}/v1/default/vast", gateway.addresses()[0]);
//! # let stop = async {};
//! let report = gateway.run(stop).await;
//! assert_eq!(report.answers, 0, "nobody has asked {tag}");
//! # Ok(())
//! # }
//! ```

mod admin;
mod answer;
mod beacon;
mod cluster;
pub mod config;
mod counters;
mod exchange;
mod fleet;
mod gateway;
mod generation;
mod inspect;
mod intake;
#[cfg(feature = "nats")]
mod news_exchange;
mod outcome;
mod parameter;
#[cfg(feature = "properties")]
pub mod properties;
mod rate;
mod recent;
mod reload;
mod route;
#[cfg(feature = "nats")]
mod seen_gateways;
mod serve;
mod state;
pub mod telemetry;
mod token;

pub use admin::openapi;
pub use cluster::ClusterError;
#[cfg(feature = "nats")]
pub use cluster::nats_settings;
pub use gateway::{Gateway, GatewayBuilder, GatewayError, GatewayHandle, GatewayReport, check_config};
pub use outcome::{AnswerOutcome, ShedReason};
pub use reload::Reload;
#[cfg(feature = "nats")]
pub use seen_gateways::{SeenGateway, seen_gateways};
