//! The outbox on real servers, which the tests start on loopback. Without the program `nats-server` the tests are skipped.

mod outbox;
mod server;
mod setup;
mod tls;
mod without_leader;
