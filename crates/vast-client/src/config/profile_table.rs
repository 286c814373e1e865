//! `[profile.NAME]` of a configuration file, and the choice of a profile by its name.

use serde::Deserialize;

use super::ClientConfig;
use super::mistake::nearest;
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
            let remedy = nearest(name, &known).map(|meant| format!("did you mean `{meant}`?"));
            let remedy = remedy.unwrap_or_else(|| format!("the profiles are {}", known.join(", ")));
            return Err(ConfigError::new(ConfigKey::DeviceProfile, format!("`{name}` is not a profile: {remedy}")));
        };
        self.request.slot.profile = profile;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(text: &str) -> Result<DeviceProfile, String> {
        let file = ClientConfig::try_from(text).map_err(|error| error.to_string())?;
        Ok(file.request.slot.profile)
    }

    #[test]
    fn a_profile_is_chosen_by_its_name_and_an_own_one_replaces_a_built_in_one() {
        let own = r#"
            device_profile = "set-top"
            [profile.set-top]
            max_width = 1280
            max_height = 720
            max_bitrate = 4000
            mime_types = ["application/x-mpegURL", "video/mp4"]
            codecs = ["h264", "aac"]
            delivery = ["progressive"]
            api_frameworks = ["SIMID"]
            languages = ["pt-BR"]
        "#;
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let set_top = DeviceProfile {
            name: "set-top".to_owned(),
            max_width: Some(1280),
            max_height: Some(720),
            max_bitrate: Some(4000),
            mime_types: list(&["application/x-mpegURL", "video/mp4"]),
            codecs: vec![Codec::H264, Codec::Aac],
            delivery: vec![DeliveryKind::Progressive],
            api_frameworks: list(&["SIMID"]),
            languages: list(&["pt-BR"]),
        };
        assert_eq!(profile(own), Ok(set_top));
        let built_in = DeviceProfile::built_in("ctv-4k").expect("a profile");
        assert_eq!(profile("device_profile = \"ctv-4k\"\n[profile.web]"), Ok(built_in));
        let replaced = DeviceProfile { name: "web".to_owned(), max_bitrate: Some(1), ..DeviceProfile::default() };
        assert_eq!(profile("device_profile = \"web\"\n[profile.web]\nmax_bitrate = 1"), Ok(replaced));
        assert_eq!(profile("[profile.web]"), Ok(DeviceProfile::default()), "a profile that nothing chooses");
    }

    #[test]
    fn a_wrong_profile_names_the_key_and_the_accepted_values() {
        let cases = [
            ("device_profile = \"ctv-4K\"", "device_profile: `ctv-4K` is not a profile: did you mean `ctv-4k`?"),
            (
                "device_profile = \"set-tob\"\n[profile.set-top]",
                "device_profile: `set-tob` is not a profile: did you mean `set-top`?",
            ),
            (
                "device_profile = \"toaster\"\n[profile.own]",
                "device_profile: `toaster` is not a profile: the profiles are web, ctv-1080p, ctv-4k, mobile, audio, own",
            ),
            ("[profile.own]\nmax_with = 1", "line 2: unknown key `max_with`: did you mean `max_width`?"),
            (
                "[profile.own]\nmime_types = [\"mp4\"]",
                "line 2, `mime_types`: `mp4` is not a MIME type: write for example `video/mp4`",
            ),
            (
                "[profile.own]\ndelivery = [\"download\"]",
                "line 2, `delivery`: `download` is not one of progressive, streaming",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(profile(text), Err(expected.to_owned()), "{text}");
        }
        let codec = profile("[profile.own]\ncodecs = [\"h266\"]").expect_err("an unknown codec");
        assert!(codec.starts_with("line 2, `codecs`: `h266` is not one of h264, h265, "), "{codec}");
    }
}
