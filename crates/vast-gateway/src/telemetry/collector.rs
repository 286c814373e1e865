//! Requests to the collector.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderName, USER_AGENT};
use http::{HeaderMap, HeaderValue, Uri};
use vast_client::ConfigError;
use vast_client::transport::{HttpRequest, HttpTransport, Resolver, TlsSettings, Transport as _};

use crate::config::{GatewayConfigError, TELEMETRY, TelemetryConfig, TelemetrySignal};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(1);
/// How long a request may take as a whole.
const WITHIN: Duration = Duration::from_secs(5);
/// How many bytes of an answer are read, so that its connection can be used again.
const READ: usize = 64 * 1024;

/// A collector that takes OTLP over HTTP. It has connections of its own, so it takes none from the ad servers.
pub(super) struct Collector {
    transport: HttpTransport,
    /// The URL of each kind of telemetry.
    urls: Vec<(TelemetrySignal, Uri)>,
    headers: HeaderMap,
}

impl Collector {
    /// # Errors
    /// The setting that is wrong.
    pub(super) fn new(config: &TelemetryConfig, ca_file: Option<&Path>) -> Result<Self, GatewayConfigError> {
        let wrong = |key: &str, problem: String| GatewayConfigError::of_key(TELEMETRY, key, problem);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("vast-gateway/", env!("CARGO_PKG_VERSION"))));
        for header in &config.headers {
            let key = format!("headers.{}", header.name);
            let name = header.name.parse::<HeaderName>().map_err(|error| wrong(&key, error.to_string()))?;
            let mut value = HeaderValue::from_str(header.secret.reveal())
                .map_err(|_| wrong(&key, "has a character that a header cannot have".to_owned()))?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let base = config.otlp.trim_end_matches('/');
        let url = |signal: &TelemetrySignal| {
            let url = format!("{base}/v1/{}", signal.as_str()).parse::<Uri>();
            url.map(|url| (*signal, url)).map_err(|error| wrong("otlp", error.to_string()))
        };
        let urls = config.signals.iter().map(url).collect::<Result<_, _>>()?;
        let tls = TlsSettings { ca_file: ca_file.map(Path::to_owned), ..TlsSettings::default() };
        let of_server = |error: ConfigError| GatewayConfigError::of_table("server", error);
        let transport = HttpTransport::new(Resolver::system(), &tls).map_err(of_server)?;
        Ok(Self { transport, urls, headers })
    }

    /// Sends a body.
    ///
    /// # Errors
    /// Why the collector has not taken it, as text.
    pub(super) async fn send(&self, signal: TelemetrySignal, body: Vec<u8>) -> Result<(), String> {
        let exchange = tokio::time::timeout(WITHIN, self.exchange(signal, body));
        exchange.await.unwrap_or_else(|_| Err(format!("no answer within {} s", WITHIN.as_secs())))
    }

    async fn exchange(&self, signal: TelemetrySignal, body: Vec<u8>) -> Result<(), String> {
        let Some((_, url)) = self.urls.iter().find(|(one, _)| *one == signal) else { return Ok(()) };
        let mut request = HttpRequest::new(url.clone());
        request.headers = self.headers.clone();
        request.connect_timeout = CONNECT;
        request.body = Some(Bytes::from(body));
        let mut response = self.transport.send(request).await.map_err(|error| error.to_string())?;
        let mut read = 0;
        while let Some(Ok(piece)) = response.body.next().await {
            read += piece.len();
            if read > READ {
                break;
            }
        }
        if response.status.is_success() { Ok(()) } else { Err(format!("status {}", response.status.as_u16())) }
    }
}
