//! A VAST client: one pipeline from one or many ad servers to one usable ad.
//!
//! ```text
//! AdRequest ─> FETCH ─> PARSE ─> RESOLVE ─> SELECT ─> TRACK ─> FetchResult
//!              per source, in lanes          over all lanes
//! ```
//!
//! A source wins only with a usable ad: after an error, an empty response, a broken document or a rejected ad, the next
//! source is tried. A request to one source works in the same way. A request cannot fail: the [`FetchResult`] has the
//! outcome of each source.
//!
//! ```
//! use vast_client::{FetchConfig, FetchMode, SourceConfig, VastClient};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), vast_client::ConfigError> {
//! let vast = r#"<VAST version="3.0"><Ad><InLine><AdSystem>house</AdSystem><AdTitle>Shoes</AdTitle>
//!     <Impression>https://ads.example/seen</Impression><Creatives><Creative><Linear><Duration>00:00:15</Duration>
//!     <MediaFiles><MediaFile type="video/mp4" width="640" height="360">https://cdn.example/shoes.mp4</MediaFile></MediaFiles>
//!     </Linear></Creative></Creatives></InLine></Ad></VAST>"#;
//! let config = FetchConfig::new([
//!     SourceConfig::inline("<VAST version=\"3.0\"/>").named("empty"),
//!     SourceConfig::inline(vast).named("house"),
//! ])
//! .with_mode(FetchMode::Race);
//!
//! let result = VastClient::from_config(config)?.request_ad().await;
//! assert_eq!(result.source.as_deref(), Some("house"));
//! assert_eq!(result.selected_media().map(|file| &*file.url), Some("https://cdn.example/shoes.mp4"));
//! assert_eq!(result.source_report("empty").map(|source| source.outcome.as_str()), Some("no_ad"));
//! # Ok(())
//! # }
//! ```
//!
//! # Logs
//!
//! Install a subscriber of `tracing` to see the course of a request. Without one, the cost is a few instructions per event.
//!
//! | span | level | fields |
//! |---|---|---|
//! | `request` | INFO | `id`, `arm` |
//! | `lane`: one source | INFO | `source`: its name |
//! | `hop`: one document below a wrapper | INFO | `number` |
//! | `exchange`: one HTTP request | DEBUG | `http.request.method`, `server.address`, `http.response.status_code`, `error.type` |
//! | `beacon`: one attempt to call a tracker | INFO | `request`, `event` |
//!
//! A request has one event of level INFO, at its end. A change of the state of a source has one of level WARN, a beacon that is given
//! up one of level INFO, and each fact of the [`journal`] one of level DEBUG. Logs have no personal data: URLs are shown as
//! [`transport::logged_url`] does, and no event has the address, the advertising id or the consent of the viewer.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `http` | yes | requests by HTTP over TCP and TLS |
//! | `toml` | yes | configuration files: `ClientConfig::parse` |
//! | `disk` | no | the outbox on disk: `track::outbox::DiskOutbox` |
//! | `json` | no | results as JSON with a schema: `wire` |
//! | `serde` | no | `Serialize` and `Deserialize` for closed sets such as [`FetchMode`] |
//! | `metrics` | no | numbers for the recorder of the crate `metrics`: `stats::MetricsForwarder` |
//! | `recording` | no | recordings of requests: `recording` |
//! | `replay` | no | replays of recordings, offline: `replay` |
//! | `zstd` | no | decoding of `Content-Encoding: zstd` |
//! | `contract` | no | tests for your own implementations of the traits of this crate |
//!
//! # Stages
//!
//! The stages are the modules [`fetch`], [`parse`], `resolve`, [`select`] and [`track`]; [`orchestrator`] runs them.
//! Start reading there.

pub mod ad;
mod breaks;
pub mod cache;
mod client;
pub mod config;
mod context;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod env;
mod error;
pub mod fetch;
pub mod journal;
mod lane;
mod memory;
pub mod orchestrator;
pub mod parse;
pub mod policy;
#[cfg(feature = "recording")]
pub mod recording;
mod regular_file;
#[cfg(feature = "replay")]
pub mod replay;
pub mod report;
pub mod request;
mod resolve;
mod schedule;
pub mod select;
pub mod stats;
pub mod track;
pub mod transport;

#[cfg(feature = "json")]
pub mod wire;

pub use client::{ClientBuilder, VastClient};
pub use config::{ArmConfig, ClientConfig, FetchConfig, FetchMode, FetchStrategy, Location, SourceConfig};
pub use error::{ConfigError, ConfigKey, ConfigPath, ConfigTable, ErrorRow, ErrorType, Failure, FailureOrigin, Phase};
pub use journal::Outcome;
pub use lane::Plan;
pub use orchestrator::Orchestrator;
pub use policy::{SourceOrder, TierKind};
pub use regular_file::{MAX_CONFIG_BYTES, read_regular_file};
pub use report::FetchResult;
pub use request::{AdRequest, Consent, Device, ForeignMacros, RunOptions, Slot};
pub use select::{MediaType, ParseFilter};

/// What an own [`Source`](fetch::Source) or [`Transport`](transport::Transport) returns: `Box::pin(async move { ... })`.
pub use futures_util::future::BoxFuture;

/// The bytes of a document or of a piece of it.
pub use bytes::Bytes;

/// The URIs, headers and statuses of [`transport`].
pub use http;

/// The format: reading, editing, converting and writing VAST and VMAP. It is re-exported because its types are part of results.
pub use vast_xml as xml;

/// The examples of README.md and of the documentation are compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
#[doc = include_str!("../../../docs/quick-start/rust.md")]
#[doc = include_str!("../../../docs/tracking.md")]
pub struct Readme;
