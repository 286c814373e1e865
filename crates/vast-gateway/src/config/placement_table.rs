//! The keys of `[placement.NAME]` that are its own, and the message about a key that no placement has.

use std::str::FromStr;

use serde::Deserialize;
use serde::de::{self, Deserializer};
use vast_client::xml::Version;
use vast_client::{ConfigError, ConfigKey};

use super::{Access, BeaconIdentity, NoAdAnswer, TrackedBy};

/// The keys of `[placement.NAME]` that are not those of a client's configuration.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PlacementTable {
    pub(super) tenant: Option<String>,
    pub(super) access: Access,
    pub(super) signed: Vec<String>,
    pub(super) track: TrackedBy,
    pub(super) version: VersionValue,
    pub(super) accept: Vec<String>,
    pub(super) identity: BeaconIdentity,
    pub(super) no_ad: NoAdAnswer,
    pub(super) no_ad_url: Option<String>,
}

/// `as_read`, or a version that can be written.
#[derive(Debug, Default)]
pub(super) struct VersionValue(pub(super) Option<Version>);

impl<'de> Deserialize<'de> for VersionValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match &*String::deserialize(deserializer)? {
            "as_read" => Ok(Self(None)),
            text => {
                let known = || Version::ALL.map(Version::as_str).join(", ");
                let problem = |_| de::Error::custom(format!("`{text}` is not a version: as_read, {}", known()));
                Version::from_str(text).map(|version| Self(Some(version))).map_err(problem)
            }
        }
    }
}

/// The keys of a placement that are not those of a client's configuration.
pub(super) const OWN_KEYS: [&str; 9] =
    ["tenant", "access", "signed", "track", "identity", "version", "accept", "no_ad", "no_ad_url"];

/// The error of a client's configuration in a placement that has the keys `names`. If the error is about an unknown key, the result names
/// the own keys of a placement too.
pub(super) fn with_own_keys(mut error: ConfigError, names: &[String]) -> ConfigError {
    let unknown = names.iter().filter(|name| ConfigKey::from_name(name).is_none());
    let is_meant = |name: &&String| error.problem.starts_with(&format!("unknown key `{name}`"));
    let Some(name) = unknown.into_iter().find(is_meant) else { return error };
    let text = format!("{name:?} = 0");
    let Err(own) = toml::from_str::<PlacementTable>(&text) else { return error };
    let own = ConfigError::of_toml(&text, &own).problem;
    error.problem = match (own.split_once(KEYS_ARE), error.problem.split_once(KEYS_ARE)) {
        (Some(_), Some((_, of_client))) => {
            // `track` is a key of both.
            let others = of_client.split(", ").filter(|key| !OWN_KEYS.contains(key));
            [&*own].into_iter().chain(others).collect::<Vec<_>>().join(", ")
        }
        // The message of the client's reader has no list of keys, because it suggests a key with a similar name. It stays as it is.
        (Some(_), None) => return error,
        (None, _) => own,
    };
    error
}

/// What stands before the list of keys in the message about an unknown one.
const KEYS_ARE: &str = ": the keys here are ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_keys_are_the_fields_of_the_table() {
        let text = "no_such_key_at_all = 0";
        let error = toml::from_str::<PlacementTable>(text).expect_err("an unknown key");
        let problem = ConfigError::of_toml(text, &error).problem;
        let (_, listed) = problem.split_once(KEYS_ARE).expect("the keys");
        let mut own = OWN_KEYS;
        own.sort_unstable();
        let mut fields: Vec<&str> = listed.split(", ").collect();
        fields.sort_unstable();
        assert_eq!(own[..], fields);
    }
}
