//! An HTTP proxy that opens the connections to ad servers and trackers.

use std::fmt;
#[cfg(feature = "http")]
use std::net::SocketAddr;
use std::str::FromStr;

#[cfg(feature = "http")]
use tokio::io::{AsyncReadExt, AsyncWriteExt};
#[cfg(feature = "http")]
use tokio::net::TcpStream;

use super::target::{Origin, Scheme, Target};
#[cfg(feature = "http")]
use super::{TransportError, TransportErrorKind};

/// The largest head of a proxy's answer, in bytes.
#[cfg(feature = "http")]
const MAX_HEAD: usize = 8 * 1024;

/// An HTTP proxy for all connections to ad servers and trackers, for networks that let only a proxy out.
///
/// Each connection is a tunnel (`CONNECT`, RFC 9110 section 9.3.6), for `http` and for `https`. The client resolves the names itself and
/// checks the addresses, and then names the checked address to the proxy. So the rules about addresses hold behind a proxy, too, and the
/// proxy cannot resolve a name to another address. A proxy that permits names only cannot be used.
///
/// ```
/// use vast_client::transport::EgressProxy;
///
/// let proxy: EgressProxy = "http://proxy.internal:3128".parse()?;
/// assert_eq!(proxy.to_string(), "http://proxy.internal:3128");
/// assert!("https://proxy.internal".parse::<EgressProxy>().is_err());
/// # Ok::<(), vast_client::transport::EgressProxyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(try_from = "String"))]
pub struct EgressProxy(Origin);

/// Why a text names no proxy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EgressProxyError {
    /// It is not a URL with the scheme `http`, a host, and nothing behind the port.
    #[error("`{0}` is not a proxy: write \"http://HOST:PORT\"")]
    Url(String),
    /// It has a user name or a password.
    #[error("a user name or a password for a proxy is not supported")]
    Credentials,
}

impl FromStr for EgressProxy {
    type Err = EgressProxyError;

    fn from_str(text: &str) -> Result<Self, EgressProxyError> {
        if text.contains('@') {
            return Err(EgressProxyError::Credentials);
        }
        let wrong = || EgressProxyError::Url(text.to_owned());
        let target = Target::parse(text, None).map_err(|_| wrong())?;
        let is_origin = target.uri().path_and_query().is_none_or(|path| path == "/");
        match target.origin() {
            origin if is_origin && origin.scheme == Scheme::Http => Ok(Self(origin.clone())),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for EgressProxy {
    type Error = EgressProxyError;

    fn try_from(text: String) -> Result<Self, EgressProxyError> {
        text.parse()
    }
}

impl fmt::Display for EgressProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(feature = "http")]
impl EgressProxy {
    /// The host: a name or an address.
    pub(super) fn host(&self) -> String {
        self.0.host.to_string()
    }

    /// The port.
    pub(super) fn port(&self) -> u16 {
        self.0.port
    }

    /// Makes `tcp`, a connection to the proxy, a tunnel to `address`.
    pub(super) async fn tunnel(&self, tcp: &mut TcpStream, address: SocketAddr) -> Result<(), TransportError> {
        let failed = |problem: String| {
            TransportError::new(
                TransportErrorKind::Connect,
                format!("no connection through the proxy {self}: {problem}"),
            )
        };
        let request = format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        tcp.write_all(request.as_bytes()).await.map_err(|error| failed(error.to_string()))?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() >= MAX_HEAD {
                return Err(failed(format!("its answer has more than {MAX_HEAD} bytes")));
            }
            // Bytes behind the head belong to the server, so no more than the head is read.
            head.push(tcp.read_u8().await.map_err(|error| failed(error.to_string()))?);
        }
        match status(&head) {
            Some(200..=299) => Ok(()),
            Some(status) => Err(failed(format!("it answered {address} with status {status}"))),
            None => Err(failed("its answer is not HTTP".to_owned())),
        }
    }
}

/// The status of a response by its first line.
#[cfg(feature = "http")]
fn status(head: &[u8]) -> Option<u16> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let rest = line.strip_prefix("HTTP/1.1 ").or_else(|| line.strip_prefix("HTTP/1.0 "))?;
    rest.get(..3)?.parse().ok()
}
