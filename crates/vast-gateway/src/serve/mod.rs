//! Serves HTTP/1.1 and HTTP/2 over TCP and TLS, and protects the gateway against load and hostile clients.
//!
//! ```text
//! HttpServer::run ─> accept ─> connection::run ─> PROXY header ─> TLS ─> HTTP version ─> hyper
//!                                                   every read and write through GuardedStream (time limits)
//!                    per request: exchange::respond ─> LoadShedder::enter ─> Handler::answer
//! ```
//!
//! This folder does not know what a request means. It knows the rest of the gateway through the trait [`Handler`].

mod body;
mod connection;
mod counts;
mod exchange;
mod guarded_stream;
mod handler;
mod load;
mod proxy_header;
mod rate;
mod server;
mod settings;
mod stop;
mod tls;

#[cfg(test)]
mod tests;

pub(crate) use body::{BodyReadError, LimitedBody};
pub(crate) use counts::{ConnectionEnd, ServeCounts};
pub(crate) use handler::{Asked, Handler, Peer, Refusal};
pub(crate) use load::{LoadShedder, Shed};
pub(crate) use rate::{ClientRates, RateLimit, TenantLimits, TenantLoad};
pub(crate) use server::{BindError, Drained, HttpServer};
pub(crate) use settings::{DrainTimes, ListenSettings, TlsFiles};
pub(crate) use stop::StopSignal;
