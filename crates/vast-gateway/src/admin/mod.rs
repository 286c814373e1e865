//! The admin port: health, numbers, the state as JSON, and the pages of the dashboard. It has its own sockets, so it answers while the
//! public port is saturated.

mod answer;
mod dashboard;
mod guard;
mod live;
mod metrics;
mod port;
mod route;
mod status;
mod watch;

pub(crate) use port::AdminPort;
pub(crate) use route::AdminScope;
pub(crate) use watch::Watch;
