//! The broker on NATS JetStream: the connection, its errors, and the streams.

mod api;
mod connection;
mod setup;

pub use connection::{Credentials, NatsError, NatsServer, NatsSettings, NatsTls};
pub use setup::{SetupChange, SetupStep, StreamSizes, StreamStatus};
