//! The beacons that a sink received.

use std::sync::Arc;
use std::time::Duration;

use super::exchange::Exchange;

/// A request to a server that the script marks as `sink`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedBeacon {
    /// The sink's name.
    pub server: Arc<str>,
    /// The method, usually `GET`.
    pub method: String,
    /// The path as sent, without query.
    pub path: String,
    /// The pairs of the query in order, decoded as a form.
    pub query: Vec<(String, String)>,
    /// The headers, in order.
    pub headers: Vec<(String, String)>,
    /// The time from the start of the mock to the end of the request.
    pub at: Duration,
}

impl ReceivedBeacon {
    /// The first value of a query key.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.query.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

impl From<&Exchange> for ReceivedBeacon {
    fn from(exchange: &Exchange) -> Self {
        let request = &exchange.request;
        Self {
            server: exchange.server.clone(),
            method: request.method.clone(),
            path: request.path().to_owned(),
            query: request.query(),
            headers: request.headers.clone(),
            at: exchange.started,
        }
    }
}
