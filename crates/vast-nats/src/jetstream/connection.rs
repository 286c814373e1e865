//! The connection to a NATS server.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, ServerAddr};

use crate::names::StreamNames;

/// The time limit of connecting.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// How to reach a NATS server, and which streams of it to use.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NatsSettings {
    /// The addresses of one or more servers of one cluster: `nats://10.0.0.1:4222`, or `tls://` for TLS.
    pub servers: Vec<String>,
    /// The names of the streams. Default: those with the prefix `vast`.
    pub names: StreamNames,
    /// How to log in. Default: not at all.
    pub credentials: Credentials,
    /// Certificates for TLS. Default: those of the system.
    pub tls: NatsTls,
    /// The length of the shortest delay in which beacons wait; the others are 10, 60 and 300 times as long. It is 1 s. Tests shorten it.
    pub second: Duration,
    /// The time limit of a request to the server. A put waits at most this long. It is 1 s. Tests lengthen it.
    pub request_limit: Duration,
    /// Whether connecting goes on in the background if no server answers at first. Then beacons need another outbox meanwhile.
    pub connects_later: bool,
}

impl NatsSettings {
    /// The settings for these servers.
    pub fn new(servers: impl IntoIterator<Item = impl Into<String>>, names: StreamNames) -> Self {
        Self {
            servers: servers.into_iter().map(Into::into).collect(),
            names,
            credentials: Credentials::None,
            tls: NatsTls::default(),
            second: Duration::from_secs(1),
            request_limit: Duration::from_secs(1),
            connects_later: false,
        }
    }
}

/// How to log in at a NATS server.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// No login, or the user and password in the address.
    #[default]
    None,
    /// A user and a password.
    Password {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// The seed of an nkey. It stays in this process and signs a number that the server sends.
    Nkey(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Password { .. } => "Password",
            Self::Nkey(_) => "Nkey",
        })
    }
}

/// Certificates for TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NatsTls {
    /// The file with the certificates of the authority that has signed the server's certificate. Default: those of the system.
    pub authority: Option<PathBuf>,
    /// The files with the certificate and the key of this client. Default: none.
    pub client: Option<(PathBuf, PathBuf)>,
}

/// Why a NATS server cannot be used. Each message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NatsError {
    /// The address is wrong.
    #[error("`{0}` is no address of a NATS server: write nats://HOST:4222")]
    Address(String),
    /// No server answers.
    #[error("{server}: no NATS server answers: {reason}")]
    Unreachable {
        /// The addresses.
        server: String,
        /// The reason.
        reason: String,
    },
    /// The server does not accept the credentials.
    #[error("{server}: the NATS server does not accept the credentials: {reason}")]
    Credentials {
        /// The addresses.
        server: String,
        /// The reason.
        reason: String,
    },
    /// TLS does not work.
    #[error("{server}: TLS with the NATS server fails: {reason}")]
    Tls {
        /// The addresses.
        server: String,
        /// The reason.
        reason: String,
    },
    /// JetStream is off.
    #[error("{server}: JetStream is off: start nats-server with -js, or enable it for this account")]
    NoJetStream {
        /// The addresses.
        server: String,
    },
    /// Streams or consumers do not exist or have other settings.
    #[error("{server}: {problem}: run `vast nats init` to see what differs, and with --apply to change it")]
    Streams {
        /// The addresses.
        server: String,
        /// What is wrong.
        problem: String,
    },
    /// A request to the server failed.
    #[error("{server}: {reason}")]
    Request {
        /// The addresses.
        server: String,
        /// The reason.
        reason: String,
    },
}

/// A connection to a NATS server.
#[derive(Clone)]
pub struct NatsServer {
    pub(super) context: Context,
    pub(super) client: Client,
    pub(super) settings: NatsSettings,
}

impl NatsServer {
    /// Connects to a server.
    ///
    /// # Errors
    /// An address is wrong, no server answers within 2 s, it does not accept the credentials, or TLS fails.
    pub async fn connect(settings: NatsSettings) -> Result<Self, NatsError> {
        let client = connected(&settings, options(&settings)).await?;
        let mut context = jetstream::new(client.clone());
        context.set_timeout(settings.request_limit.saturating_mul(5));
        Ok(Self { context, client, settings })
    }

    /// Whether the connection works now.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }

    /// The version of the server.
    pub fn version(&self) -> String {
        self.client.server_info().version
    }

    /// The error of streams that the outbox cannot use.
    pub(super) fn streams(&self, problem: String) -> NatsError {
        NatsError::Streams { server: shown(&self.settings), problem }
    }

    /// The error of a request that failed for this reason.
    pub(super) fn failed(&self, reason: impl Into<async_nats::Error>) -> NatsError {
        let (server, reason) = (shown(&self.settings), reason.into().to_string());
        // The client writes this if nobody answers requests to JetStream.
        if reason.contains("no responders")
            || reason.contains("JetStream resource does not exist")
            || reason.contains("10076")
            || reason.contains("10039")
        {
            return NatsError::NoJetStream { server };
        }
        NatsError::Request { server, reason }
    }
}

/// A connection to one of the servers.
pub(super) async fn connected(settings: &NatsSettings, options: ConnectOptions) -> Result<Client, NatsError> {
    let mut addresses = Vec::new();
    for server in &settings.servers {
        let has_scheme = server.starts_with("nats://") || server.starts_with("tls://");
        let address = server.parse::<ServerAddr>().ok().filter(|address| has_scheme && !address.host().is_empty());
        addresses.push(address.ok_or_else(|| NatsError::Address(without_password(server)))?);
    }
    if addresses.is_empty() {
        return Err(NatsError::Address(String::new()));
    }
    let connecting = options.connect(addresses);
    // The client itself has a limit for each address, but not for their sum.
    let limit = CONNECT_LIMIT * u32::try_from(settings.servers.len()).unwrap_or(1).max(1) * 2;
    let shown = shown(settings);
    let connected = tokio::time::timeout(limit, connecting).await.map_err(|_| NatsError::Unreachable {
        server: shown.clone(),
        reason: format!("after {} s", limit.as_secs()),
    })?;
    connected.map_err(|error| {
        let (server, reason) = (shown, error.to_string());
        match error.kind() {
            ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
                NatsError::Credentials { server, reason }
            }
            ConnectErrorKind::Tls => NatsError::Tls { server, reason },
            // A handshake that fails is an error of the connection for the client.
            _ if ["certificate", "fatal alert"].iter().any(|part| reason.contains(part)) => {
                NatsError::Tls { server, reason }
            }
            _ => NatsError::Unreachable { server, reason },
        }
    })
}

pub(super) fn options(settings: &NatsSettings) -> ConnectOptions {
    let mut options = ConnectOptions::new().name("vast").connection_timeout(CONNECT_LIMIT);
    options = match settings.credentials.clone() {
        Credentials::None => options,
        Credentials::Password { user, password } => options.user_and_password(user, password),
        Credentials::Nkey(seed) => options.nkey(seed),
    };
    if let Some(authority) = &settings.tls.authority {
        options = options.add_root_certificates(authority.clone()).require_tls(true);
    }
    if let Some((certificate, key)) = &settings.tls.client {
        options = options.add_client_certificate(certificate.clone(), key.clone()).require_tls(true);
    }
    if settings.connects_later { options.retry_on_initial_connect() } else { options }
}

/// The addresses without passwords.
fn shown(settings: &NatsSettings) -> String {
    settings.servers.iter().map(|server| without_password(server)).collect::<Vec<_>>().join(",")
}

fn without_password(server: &str) -> String {
    match (server.find("://"), server.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}{}", &server[..scheme + 3], &server[at + 1..]),
        (None, Some(at)) => server[at + 1..].to_owned(),
        _ => server.to_owned(),
    }
}
