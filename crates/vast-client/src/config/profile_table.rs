//! `[profile.NAME]` of a configuration file, and the choice of a profile by its name.

use serde::Deserialize;

use super::ClientConfig;
use super::mistake::nearest_name;
use super::value::{MimeTypeValue, WordValue};
use crate::error::{ConfigError, ConfigKey};
use crate::request::{Codec, DeliveryKind, DeviceProfile};

/// The profile of a device. A key that is not given restricts nothing.
#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ProfileTable {
    max_width: Option<u32>,
    max_height: Option<u32>,
    max_bitrate: Option<u32>,
    mime_types: Vec<MimeTypeValue>,
    codecs: Vec<Codec>,
    delivery: Vec<DeliveryKind>,
    api_frameworks: Vec<WordValue>,
    languages: Vec<WordValue>,
}

impl ProfileTable {
    pub(super) fn into_profile(self, name: String) -> DeviceProfile {
        DeviceProfile {
            name,
            max_width: self.max_width,
            max_height: self.max_height,
            max_bitrate: self.max_bitrate,
            mime_types: self.mime_types.into_iter().map(|one| one.0).collect(),
            codecs: self.codecs,
            delivery: self.delivery,
            api_frameworks: self.api_frameworks.into_iter().map(|word| word.0).collect(),
            languages: self.languages.into_iter().map(|word| word.0).collect(),
        }
    }
}

impl ClientConfig {
    /// Ranks the media files for the device of this profile: one of [`profiles`](Self::profiles), else a
    /// [built-in](DeviceProfile::built_in) one.
    ///
    /// # Errors
    /// A [`ConfigError`] if there is no profile with this name. It names the profile that was probably intended.
    pub fn choose_profile(&mut self, name: &str) -> Result<(), ConfigError> {
        let own = self.profiles.iter().find(|profile| profile.name == name).cloned();
        let Some(profile) = own.or_else(|| DeviceProfile::built_in(name)) else {
            let own = self.profiles.iter().map(|profile| profile.name.as_str());
            let known: Vec<&str> = DeviceProfile::BUILT_IN.into_iter().chain(own).collect();
            let remedy = nearest_name(name, &known).map(|meant| format!("did you mean `{meant}`?"));
            let remedy = remedy.unwrap_or_else(|| format!("the profiles are {}", known.join(", ")));
            return Err(ConfigError::new(ConfigKey::DeviceProfile, format!("`{name}` is not a profile: {remedy}")));
        };
        self.request.slot.profile = profile;
        Ok(())
    }
}
