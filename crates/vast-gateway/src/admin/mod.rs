//! The admin port: health, numbers and the state as JSON. It has its own sockets, so it answers while the public port is saturated.

mod metrics;
mod port;
mod status;

pub(crate) use port::{AdminPort, AdminScope};
