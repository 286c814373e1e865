//! Serves HTTP/1.1 and HTTP/2 over TCP and TLS, and protects the gateway against load and hostile clients.
//!
//! ```text
//! HttpServer::run ─> accept ─> connection ─> PROXY header ─> TLS ─> HTTP version ─> hyper
//!                              every read and write through GuardedStream, which has the time limits
//!                    per request: RequestService::respond ─> Handler::answer ─> AnswerBody, until the client has taken it
//! ```
//!
//! What a request means is not known here: a [`Handler`] answers it. `admit` decides which requests it may begin.

mod activity;
mod admit;
mod answer_body;
mod begun_stream;
mod body;
mod connection;
mod counts;
mod end_moment;
mod exchange;
mod guarded_stream;
mod handler;
mod host_header;
mod listener;
mod open_request;
mod proxy_header;
mod server;
mod settings;
mod stop;
mod tls;

#[cfg(test)]
mod tests;

pub(crate) use admit::{AdmissionControl, AdmissionLimits, AdmissionPermit};
pub(crate) use body::LimitedBody;
pub(crate) use counts::{ConnectionEnd, ServeCounts};
pub(crate) use handler::{AnswerFuture, Handler, Peer};
pub(crate) use server::{BindError, HttpServer};
pub(crate) use settings::{DrainTimes, ListenSettings};
pub(crate) use stop::StopSignal;
pub(crate) use tls::{TlsError, check_tls};
