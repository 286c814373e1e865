//! `[cluster]`: the NATS servers over which several gateways share their beacons.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use super::secret::SecretText;
use super::value::AddressList;

/// The NATS servers over which several gateways share the beacons that wait. The program must be built with the feature `nats`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClusterConfig {
    /// The addresses of one or more servers of one cluster.
    pub nats: Vec<String>,
    /// The prefix of the streams.
    pub prefix: String,
    /// The name of this gateway, as the others show it. Default: the name of the machine.
    pub name: Option<String>,
    /// The user, for servers that ask for a password.
    pub user: Option<String>,
    /// The password of the user, or the seed of an nkey if there is no user.
    pub login: Option<SecretText>,
    /// The certificates of the authority that has signed those of the servers, in PEM. Default: those of the system.
    pub authority: Option<PathBuf>,
    /// The certificate of this gateway and its key. Default: none.
    pub client: Option<(PathBuf, PathBuf)>,
}

/// The longest name of a gateway in bytes.
const LONGEST_NAME: usize = 64;

/// The NATS servers that several gateways share.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "cluster")]
pub(super) struct ClusterTable {
    /// The address of a server, or a list of the servers of one cluster: `nats://HOST:4222`.
    nats: AddressList,
    /// The prefix of the streams, for several installations on one server. Default: `vast`.
    prefix: Option<String>,
    /// The name of this gateway, as the dashboards of all gateways show it: at most 64 bytes. Default: the name of the machine.
    name: Option<String>,
    /// The user. Its password is in the variable or file that `login_env` or `login_file` names.
    user: Option<String>,
    /// The environment variable with the password of `user`; without `user`, with the seed of an nkey. The value has at least 16 bytes.
    login_env: Option<String>,
    /// The file with that value, instead of `login_env`.
    login_file: Option<PathBuf>,
    /// The file with the certificates of the authority that has signed those of the servers. Default: those of the system.
    ca_file: Option<PathBuf>,
    /// The certificate of this gateway, for servers that ask for one.
    certificate: Option<PathBuf>,
    /// The key of `certificate`.
    key: Option<PathBuf>,
}

impl ClusterTable {
    /// The configuration; relative paths start at `base`.
    ///
    /// # Errors
    /// The key that is wrong, and what would be right.
    pub(super) fn read(self, base: &Path) -> Result<ClusterConfig, (&'static str, String)> {
        let nats = match self.nats {
            AddressList::One(address) => vec![address],
            AddressList::Many(addresses) => addresses,
        };
        if nats.is_empty() {
            return Err(("nats", "has no address".to_owned()));
        }
        let login = match (self.login_env, self.login_file) {
            (Some(variable), None) => {
                Some(SecretText::of_variable(&variable).map_err(|problem| ("login_env", problem))?)
            }
            (None, Some(path)) => {
                Some(SecretText::of_file(&base.join(path)).map_err(|problem| ("login_file", problem))?)
            }
            (None, None) if self.user.is_some() => {
                return Err(("user", "needs `login_env` or `login_file` with the password".to_owned()));
            }
            (None, None) => None,
            _ => return Err(("login_env", "and `login_file` are two places for one value".to_owned())),
        };
        let client = match (self.certificate, self.key) {
            (Some(certificate), Some(key)) => Some((base.join(certificate), base.join(key))),
            (None, None) => None,
            _ => return Err(("certificate", "needs `key`, and the other way round".to_owned())),
        };
        if let Some(name) = &self.name
            && (name.is_empty() || name.len() > LONGEST_NAME)
        {
            return Err(("name", format!("has {} bytes: write 1 to {LONGEST_NAME}", name.len())));
        }
        Ok(ClusterConfig {
            nats,
            name: self.name,
            prefix: self.prefix.unwrap_or_else(|| "vast".to_owned()),
            user: self.user,
            login,
            authority: self.ca_file.map(|path| base.join(path)),
            client,
        })
    }
}
