//! An address of the public port.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The beginning of an address in the file system.
const UNIX: &str = "unix:";

/// An address of the public port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenAddress {
    /// An IP address and a port. With the port 0 the operating system chooses one.
    Tcp(SocketAddr),
    /// `unix:PATH`: a socket in the file system, for a proxy on the same machine. Its clients count as 127.0.0.1.
    Unix(PathBuf),
}

impl ListenAddress {
    /// The address with a port; `None` for a socket in the file system.
    pub fn tcp(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(address) => Some(*address),
            Self::Unix(_) => None,
        }
    }

    /// The same address; a relative path begins at `base`.
    pub(super) fn within(self, base: &Path) -> Self {
        match self {
            Self::Tcp(address) => Self::Tcp(address),
            Self::Unix(path) => Self::Unix(base.join(path)),
        }
    }
}

impl From<SocketAddr> for ListenAddress {
    fn from(address: SocketAddr) -> Self {
        Self::Tcp(address)
    }
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix(UNIX).filter(|path| !path.is_empty()) {
            return Ok(Self::Unix(path.into()));
        }
        let form = |_| {
            format!(
                "`{text}` is not an address: write for example `0.0.0.0:8080`, `[::]:8080` or `unix:/run/vast.sock`"
            )
        };
        text.parse().map(Self::Tcp).map_err(form)
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "{UNIX}{}", path.display()),
        }
    }
}
