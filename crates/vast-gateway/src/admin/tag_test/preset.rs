//! Devices whose values the tag tester can fill in.

/// A device.
pub(in crate::admin) struct DevicePreset {
    /// The name in a form.
    pub(in crate::admin) key: &'static str,
    pub(in crate::admin) title: &'static str,
    /// The parameters of the tag and their values.
    pub(in crate::admin) values: &'static [(&'static str, &'static str)],
}

impl DevicePreset {
    /// All devices.
    pub(in crate::admin) const ALL: [Self; 5] = [
        Self {
            key: "desktop",
            title: "Desktop, Chrome",
            values: &[
                (
                    "ua",
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                ),
                ("lang", "en-US,en;q=0.9"),
                ("w", "1280"),
                ("h", "720"),
            ],
        },
        Self {
            key: "iphone",
            title: "iPhone, Safari",
            values: &[
                (
                    "ua",
                    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
                ),
                ("w", "844"),
                ("h", "390"),
                ("ifa_type", "idfa"),
            ],
        },
        Self {
            key: "android",
            title: "Android phone, Chrome",
            values: &[
                (
                    "ua",
                    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                ),
                ("w", "800"),
                ("h", "360"),
                ("ifa_type", "aaid"),
            ],
        },
        Self {
            key: "roku",
            title: "Roku",
            values: &[("ua", "Roku/DVP-14.5 (14.5.0.4173-A7)"), ("w", "1920"), ("h", "1080"), ("ifa_type", "rida")],
        },
        Self {
            key: "samsung",
            title: "Samsung TV",
            values: &[
                (
                    "ua",
                    "Mozilla/5.0 (SMART-TV; LINUX; Tizen 8.0) AppleWebKit/537.36 (KHTML, like Gecko) Version/8.0 TV Safari/537.36",
                ),
                ("w", "3840"),
                ("h", "2160"),
                ("ifa_type", "tifa"),
            ],
        },
    ];

    /// The device with this name.
    pub(in crate::admin) fn of_key(key: &str) -> Option<&'static Self> {
        const ALL: &[DevicePreset] = &DevicePreset::ALL;
        ALL.iter().find(|preset| preset.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::row_of;

    #[test]
    fn every_value_of_a_device_is_one_of_a_parameter() {
        for DevicePreset { key, values, .. } in DevicePreset::ALL {
            assert!(DevicePreset::of_key(key).is_some());
            assert!(values.iter().all(|(name, value)| row_of(name).is_some() && !value.is_empty()), "{key}");
        }
        assert!(DevicePreset::of_key("").is_none());
    }
}
