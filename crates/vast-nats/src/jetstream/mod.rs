//! The broker on NATS JetStream: the connection, its errors, and the streams.

mod api;
mod connection;
mod news;
mod setup;

pub use connection::{Credentials, NatsError, NatsServer, NatsSettings, NatsTls};
pub use news::{NewsChannel, NewsError, NewsListener};
pub use setup::{SetupChange, SetupStep, StreamSizes, StreamStatus};
