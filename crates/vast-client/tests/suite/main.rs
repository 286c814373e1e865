//! All integration tests in one binary, because linking dominates the time to build them.

#[cfg(any(feature = "http", feature = "toml"))]
mod log_lines;
#[cfg(feature = "http")]
mod pipeline;
#[cfg(feature = "toml")]
mod scenario;
#[cfg(feature = "http")]
mod support;

mod additions;
#[cfg(feature = "toml")]
mod arms;
#[cfg(all(feature = "toml", feature = "disk"))]
mod beacon_limits;
#[cfg(feature = "toml")]
mod caching;
#[cfg(all(feature = "toml", feature = "http"))]
mod choice;
#[cfg(all(feature = "toml", feature = "http"))]
mod choice_codes;
#[cfg(feature = "toml")]
mod config_files;
mod config_keys;
#[cfg(feature = "toml")]
mod config_toml;
#[cfg(feature = "toml")]
mod costs;
#[cfg(feature = "toml")]
mod entry_points;
mod errors;
#[cfg(feature = "http")]
mod examples;
#[cfg(feature = "http")]
mod health;
#[cfg(feature = "http")]
mod hostile_floods;
#[cfg(feature = "http")]
mod hostile_http2;
#[cfg(feature = "http")]
mod hostile_names;
#[cfg(feature = "toml")]
mod lanes;
#[cfg(feature = "http")]
mod large_documents;
#[cfg(feature = "http")]
mod pipeline_connections;
#[cfg(feature = "http")]
mod pipeline_faults;
#[cfg(feature = "http")]
mod pipeline_losers;
#[cfg(feature = "http")]
mod pipeline_not_used;
#[cfg(feature = "http")]
mod pipeline_privacy;
#[cfg(feature = "http")]
mod pipeline_samples;
#[cfg(feature = "toml")]
mod playlists;
#[cfg(feature = "recording")]
mod recording;
#[cfg(all(feature = "replay", feature = "http"))]
mod replay;
#[cfg(feature = "toml")]
mod resolve;
#[cfg(feature = "toml")]
mod resolve_trees;
#[cfg(feature = "toml")]
mod scenarios;
mod settings;
#[cfg(feature = "toml")]
mod stats;
mod time;
#[cfg(feature = "toml")]
mod tracing_events;
#[cfg(feature = "toml")]
mod tracker_events;
#[cfg(feature = "http")]
mod transport_http;
#[cfg(feature = "http")]
mod transport_proxy;
#[cfg(feature = "http")]
mod transport_tls;
mod urls;
#[cfg(all(feature = "json", feature = "toml"))]
mod wire_schema;
