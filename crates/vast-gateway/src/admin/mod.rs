//! The admin port: health, numbers, the state as JSON, and the pages of the dashboard. It has its own sockets, so it answers while the
//! public port is saturated.

mod action;
mod answer;
mod config_report;
mod dashboard;
mod description;
mod fields;
mod gateways_report;
mod guard;
mod live;
mod metrics;
mod outbox_report;
mod port;
mod requests;
mod route;
mod status;
mod tag_test;
mod watch;

pub use description::openapi;
pub(crate) use metrics::fill_metrics;
pub(crate) use port::AdminPort;
pub(crate) use route::AdminScope;
pub(crate) use watch::Watch;

/// Watches the sources, and gives the numbers to the open pages. It does not end.
pub(crate) async fn keep_watching(watch: std::sync::Arc<Watch>) {
    watch.run(dashboard::event).await;
}

/// What this gateway tells the others.
#[cfg(feature = "nats")]
pub(crate) fn own_news(state: &crate::state::GatewayState, watch: &Watch) -> crate::fleet::GatewayNews {
    gateways_report::own_news(state, &watch.past())
}
