//! Values of the file that have another form in the configuration.

use std::net::IpAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::de::{self, Deserialize, Deserializer};

use super::listen_address::ListenAddress;

/// One address or a list of them.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(untagged, expecting = "is neither an address in quotes nor a list of them: write for example `0.0.0.0:8080`")]
pub(super) enum AddressList {
    One(String),
    Many(Vec<String>),
}

/// The addresses in an [`AddressList`].
#[derive(Debug)]
pub(super) struct ListenList(pub(super) Vec<ListenAddress>);

impl<'de> Deserialize<'de> for ListenList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = match AddressList::deserialize(deserializer)? {
            AddressList::One(text) => vec![text],
            AddressList::Many(texts) => texts,
        };
        let addresses: Result<_, String> = texts.iter().map(|text| text.parse()).collect();
        addresses.map(Self).map_err(de::Error::custom)
    }
}

/// A network: `10.0.0.0/8`, or one address. IPv4 in the form of IPv6 becomes IPv4, the form in which clients are compared.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(try_from = "String")]
pub(super) struct NetworkValue(pub(super) IpNet);

impl TryFrom<String> for NetworkValue {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let form = || format!("`{text}` is not a network: write for example `10.0.0.0/8` or `10.0.0.1`");
        let read = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        let network: IpNet = read.map_err(|_| form())?;
        let mapped = match network {
            IpNet::V6(wide) => wide.addr().to_ipv4_mapped().zip(wide.prefix_len().checked_sub(96)),
            IpNet::V4(_) => None,
        };
        let narrow = mapped.and_then(|(address, length)| IpNet::new(address.into(), length).ok());
        Ok(Self(narrow.unwrap_or(network)))
    }
}

/// A key: its name, and the variable or the file with its value.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "key")]
pub(super) struct KeyTable {
    /// The name. Logs show the name of a key, and a signed tag names it as `kid`. In `headers` of `[telemetry]` it is the name of the header.
    pub(super) name: String,
    /// The environment variable with the value. The value has at least 16 bytes. `env` or `file` is needed.
    pub(super) env: Option<String>,
    /// The file with the value, instead of `env`. Spaces and line ends around the value do not count.
    pub(super) file: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_a_range_or_one_address() {
        for (text, expected) in [
            ("10.0.0.0/8", Some("10.0.0.0/8")),
            ("10.0.0.1", Some("10.0.0.1/32")),
            ("2001:db8::/32", Some("2001:db8::/32")),
            ("::1", Some("::1/128")),
            ("::ffff:10.0.0.0/104", Some("10.0.0.0/8")),
            ("::ffff:10.0.0.1", Some("10.0.0.1/32")),
            ("::/0", Some("::/0")),
            ("10.0.0.0/33", None),
            ("proxy.local", None),
            ("", None),
        ] {
            let read = NetworkValue::try_from(text.to_owned()).map(|network| network.0.to_string());
            assert_eq!(read.ok().as_deref(), expected, "{text}");
        }
    }
}
