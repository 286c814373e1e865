//! What the host can play.

use std::time::Duration;

/// The slot that an ad has to fit. By default it is linear and takes all ads that the winning source offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The `apiFramework`s that the player can run, compared without regard to case. Default: none, so that VPAID files
    /// cannot be played.
    pub api_frameworks: Vec<String>,
    /// MIME types that the player can play besides those that every player can: `video/*` and `audio/*` without Flash, HLS
    /// and MPEG-DASH. They are compared without parameters and without regard to case. Default: none.
    pub mime_types: Vec<String>,
    /// Whether an ad with a nonlinear creative and no playable linear one is usable. Default: no.
    pub non_linear: bool,
    /// How many ads the answer may have at most. Default: no limit; all ads of a pod are taken.
    pub max_ads: Option<usize>,
    /// The length of the break to fill. Default: none; the answer has the ads that the winning source offers.
    pub break_duration: Option<Duration>,
    /// How much of `break_duration` may stay empty in a full break. Default 1 s, because no ad is shorter.
    pub break_tolerance: Duration,
}

impl Slot {
    /// A linear slot: an ad needs a `Linear` with a playable media file.
    pub fn linear() -> Self {
        Self {
            api_frameworks: Vec::new(),
            mime_types: Vec::new(),
            non_linear: false,
            max_ads: None,
            break_duration: None,
            break_tolerance: Duration::from_secs(1),
        }
    }

    /// This slot, completed with `configured` where this one has its default.
    pub(super) fn or(&self, configured: &Self) -> Self {
        let default = Self::linear();
        let own_apis = !self.api_frameworks.is_empty();
        let own_types = !self.mime_types.is_empty();
        let own_tolerance = self.break_tolerance != default.break_tolerance;
        Self {
            api_frameworks: if own_apis { self } else { configured }.api_frameworks.clone(),
            mime_types: if own_types { self } else { configured }.mime_types.clone(),
            non_linear: self.non_linear || configured.non_linear,
            max_ads: self.max_ads.or(configured.max_ads),
            break_duration: self.break_duration.or(configured.break_duration),
            break_tolerance: if own_tolerance { self } else { configured }.break_tolerance,
        }
    }

    /// Whether the player can run `api_framework`. An ad without a name is always supported, and so are the names that mean
    /// "no API" in practice (`VAST`, `none`, `omid`; the last one needs no support from the media file).
    pub fn supports_api(&self, api_framework: Option<&str>) -> bool {
        let name = api_framework.unwrap_or_default().trim();
        let no_api = ["", "vast", "none", "omid"].iter().any(|known| name.eq_ignore_ascii_case(known));
        no_api || self.lists_api(api_framework)
    }

    /// Whether `api_framework` is one of [`api_frameworks`](Self::api_frameworks).
    pub fn lists_api(&self, api_framework: Option<&str>) -> bool {
        let name = api_framework.unwrap_or_default().trim();
        self.api_frameworks.iter().any(|supported| name.eq_ignore_ascii_case(supported.trim()))
    }
}

impl Default for Slot {
    fn default() -> Self {
        Self::linear()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_no_api_are_supported_and_vpaid_only_when_listed() {
        let mut slot = Slot::linear();
        for name in [None, Some(""), Some("VAST"), Some("none"), Some("OMID")] {
            assert!(slot.supports_api(name), "{name:?}");
        }
        assert!(!slot.supports_api(Some("VPAID")));
        slot.api_frameworks.push("vpaid".to_owned());
        assert!(slot.supports_api(Some("VPAID")));
    }
}
