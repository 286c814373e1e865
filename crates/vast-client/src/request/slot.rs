//! What the host can play.

use std::time::Duration;

use super::break_rules::{BreakRules, RankKey};
use super::profile::DeviceProfile;
use crate::error::{ConfigError, ConfigKey, ConfigTable, check_words};

/// The slot that an ad has to fit. By default it is linear and takes all ads that the winning source offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The `apiFramework`s that the player can run, compared without regard to case. Default: none, so that VPAID files
    /// cannot be played.
    pub api_frameworks: Vec<String>,
    /// MIME types that the player can play besides those that every player can: `video/*` and `audio/*` without Flash, HLS
    /// and MPEG-DASH. They are compared without parameters and without regard to case. Default: none.
    pub mime_types: Vec<String>,
    /// What the device plays, and what it plays best. Default: no restriction.
    pub profile: DeviceProfile,
    /// Whether an ad with a nonlinear creative and no playable linear one is usable. Default: no.
    pub non_linear: bool,
    /// Whether an ad is usable whatever its creatives and their files are, also one with companions only. Meant for tools that
    /// list what an ad holds and play nothing. Default: no.
    pub any_creative: bool,
    /// The sizes of the companions that the host can show, in pixels. An ad whose required companions do not fit is then not
    /// usable (VAST 4.3 section 3.13). Default: not known, and no ad is rejected for its companions.
    pub companion_sizes: Option<Vec<(u32, u32)>>,
    /// The largest size of a nonlinear ad, in pixels. Default: any.
    pub non_linear_size: Option<(u32, u32)>,
    /// Whether an interactive ad may play longer than its `Duration` (SIMID section 5). Default: no. Without it such an ad is
    /// not usable where the player runs SIMID.
    pub variable_duration: bool,
    /// Whether an answer may be a pod. Default: yes. Without it only stand-alone ads are usable, and an ad alone in its
    /// document.
    pub accept_pods: bool,
    /// How many ads the answer may have at most. Default: no limit; all ads of a pod are taken.
    pub max_ads: Option<usize>,
    /// The length of the break to fill. Default: none; the answer has the ads that the winning source offers.
    pub break_duration: Option<Duration>,
    /// The shortest running time of all ads of a break together. A set of ads that is shorter gives no answer. Default: none.
    pub break_min: Option<Duration>,
    /// How much of `break_duration` may stay empty in a full break. Default 1 s, because no ad is shorter.
    pub break_tolerance: Duration,
    /// Which of the ads that fit are preferred.
    pub break_rules: BreakRules,
}

impl Slot {
    /// A linear slot: an ad needs a `Linear` with a playable media file.
    pub fn linear() -> Self {
        Self {
            api_frameworks: Vec::new(),
            mime_types: Vec::new(),
            profile: DeviceProfile::default(),
            non_linear: false,
            any_creative: false,
            companion_sizes: None,
            non_linear_size: None,
            variable_duration: false,
            accept_pods: true,
            max_ads: None,
            break_duration: None,
            break_min: None,
            break_tolerance: Duration::from_secs(1),
            break_rules: BreakRules::default(),
        }
    }

    /// A linear break of this length, which several ads may fill.
    ///
    /// ```
    /// use std::time::Duration;
    /// use vast_client::Slot;
    /// use vast_client::request::{BreakRules, RankKey};
    ///
    /// let rules = BreakRules { rank: vec![RankKey::Fit], ..BreakRules::default() };
    /// let slot = Slot { break_rules: rules, ..Slot::break_(Duration::from_secs(60)) }
    ///     .with_minimum(Duration::from_secs(30))
    ///     .with_max_ads(4)
    ///     .with_tolerance(Duration::from_secs(2));
    /// # assert_eq!((slot.max_ads, slot.break_duration), (Some(4), Some(Duration::from_secs(60))));
    /// ```
    pub fn break_(length: Duration) -> Self {
        Self { break_duration: Some(length), ..Self::linear() }
    }

    /// Sets the shortest running time of a break.
    #[must_use]
    pub fn with_minimum(mut self, minimum: Duration) -> Self {
        self.break_min = Some(minimum);
        self
    }

    /// Sets the highest number of ads.
    #[must_use]
    pub fn with_max_ads(mut self, most: usize) -> Self {
        self.max_ads = Some(most);
        self
    }

    /// Sets how much of a full break may stay empty.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: Duration) -> Self {
        self.break_tolerance = tolerance;
        self
    }

    /// Whether the settings make sense together. A client checks the slot of its configuration; that of a single request is
    /// not checked, and a slot that takes no ad gives an answer without one.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the key and what would be right.
    pub fn check(&self) -> Result<(), ConfigError> {
        let of_break = |key: ConfigKey, problem: String| Err(ConfigError::new(ConfigTable::Break.key(key), problem));
        if self.max_ads == Some(0) {
            return of_break(ConfigKey::MaxAds, "0 takes no ad: write 1 or more, or leave it out".to_owned());
        }
        match (self.break_min, self.break_duration) {
            (Some(_), None) => return of_break(ConfigKey::Min, "is the minimum of a break: set `max`, too".to_owned()),
            (Some(min), Some(max)) if min > max => {
                return of_break(ConfigKey::Min, format!("{min:?} is above the maximum, {max:?}"));
            }
            _ => {}
        }
        if self.break_duration.is_some_and(|length| length.is_zero()) {
            return of_break(ConfigKey::Max, "0 takes no ad: write for example `60s`".to_owned());
        }
        check_words(&ConfigKey::ApiFrameworks.into(), &self.api_frameworks)?;
        check_mime_types(&self.mime_types)?;
        let BreakRules { rank, currency, rates, .. } = &self.break_rules;
        if rank.is_empty() {
            return of_break(ConfigKey::Rank, "is empty: write for example [\"order\"], or leave it out".to_owned());
        }
        let is_code = |name: &str| name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        if let Some(name) = currency.iter().find(|name| !is_code(name)) {
            return of_break(ConfigKey::Currency, format!("`{name}` is not a currency: write for example \"USD\""));
        }
        if let Some((name, _)) = rates.iter().find(|(name, _)| !is_code(name)) {
            return of_break(
                ConfigKey::Rates,
                format!("`{name}` is not a currency: write for example {{ EUR = 1.08 }}"),
            );
        }
        if currency.is_none() && (rank.contains(&RankKey::Price) || !rates.is_empty()) {
            let problem = "is missing: prices are compared in one currency, for example \"USD\"";
            return of_break(ConfigKey::Currency, problem.to_owned());
        }
        Ok(())
    }

    /// This slot, completed with `configured` where this one has its default.
    pub(super) fn or(&self, configured: &Self) -> Self {
        let default = Self::linear();
        let own_apis = !self.api_frameworks.is_empty();
        let own_types = !self.mime_types.is_empty();
        let own_tolerance = self.break_tolerance != default.break_tolerance;
        let own_profile = self.profile != default.profile;
        let own_rules = self.break_rules != default.break_rules;
        Self {
            api_frameworks: if own_apis { self } else { configured }.api_frameworks.clone(),
            mime_types: if own_types { self } else { configured }.mime_types.clone(),
            profile: if own_profile { self } else { configured }.profile.clone(),
            non_linear: self.non_linear || configured.non_linear,
            any_creative: self.any_creative || configured.any_creative,
            companion_sizes: self.companion_sizes.as_ref().or(configured.companion_sizes.as_ref()).cloned(),
            non_linear_size: self.non_linear_size.or(configured.non_linear_size),
            variable_duration: self.variable_duration || configured.variable_duration,
            accept_pods: self.accept_pods && configured.accept_pods,
            max_ads: self.max_ads.or(configured.max_ads),
            break_duration: self.break_duration.or(configured.break_duration),
            break_min: self.break_min.or(configured.break_min),
            break_tolerance: if own_tolerance { self } else { configured }.break_tolerance,
            break_rules: if own_rules { self } else { configured }.break_rules.clone(),
        }
    }

    /// Whether the player can run `api_framework`. An ad without a name is always supported, and so are the names that mean
    /// "no API" in practice (`VAST`, `none`, `omid`; the last one needs no support from the media file).
    pub fn supports_api(&self, api_framework: Option<&str>) -> bool {
        let name = api_framework.unwrap_or_default().trim();
        let no_api = ["", "vast", "none", "omid"].iter().any(|known| name.eq_ignore_ascii_case(known));
        no_api || self.lists_api(api_framework)
    }

    /// Whether `api_framework` is one of [`api_frameworks`](Self::api_frameworks) or of those of the profile.
    pub fn lists_api(&self, api_framework: Option<&str>) -> bool {
        let name = api_framework.unwrap_or_default().trim();
        let mut listed = self.api_frameworks.iter().chain(&self.profile.api_frameworks);
        listed.any(|supported| name.eq_ignore_ascii_case(supported.trim()))
    }
}

fn check_mime_types(types: &[String]) -> Result<(), ConfigError> {
    check_words(&ConfigKey::MimeTypes.into(), types)?;
    let is_type =
        |text: &str| text.trim().split_once('/').is_some_and(|(kind, subtype)| !kind.is_empty() && !subtype.is_empty());
    match types.iter().find(|text| !is_type(text)) {
        Some(text) => {
            let problem = format!("`{text}` is not a MIME type: write for example \"video/mp4\"");
            Err(ConfigError::new(ConfigKey::MimeTypes, problem))
        }
        None => Ok(()),
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
    fn a_slot_that_takes_no_ad_or_compares_prices_without_a_currency_is_an_error_that_names_the_key() {
        let second = Duration::from_secs;
        let minute = Slot::break_(second(60));
        let with = |rules: BreakRules| Slot { break_rules: rules, ..minute.clone() };
        let by_price = BreakRules { rank: vec![RankKey::Price], ..BreakRules::default() };
        let cases = [
            (Slot::linear(), None),
            (minute.clone().with_minimum(second(60)).with_max_ads(1), None),
            (minute.clone().with_minimum(second(61)), Some("break.min: 61s is above the maximum, 60s")),
            (minute.clone().with_max_ads(0), Some("break.max_ads: 0 takes no ad: write 1 or more, or leave it out")),
            (Slot::break_(second(0)), Some("break.max: 0 takes no ad: write for example `60s`")),
            (Slot::linear().with_minimum(second(1)), Some("break.min: is the minimum of a break: set `max`, too")),
            (
                with(BreakRules { rank: vec![], ..BreakRules::default() }),
                Some("break.rank: is empty: write for example [\"order\"], or leave it out"),
            ),
            (
                with(by_price.clone()),
                Some("break.currency: is missing: prices are compared in one currency, for example \"USD\""),
            ),
            (with(BreakRules { currency: Some("USD".into()), ..by_price.clone() }), None),
            (
                with(BreakRules { currency: Some("dollars".into()), ..by_price }),
                Some("break.currency: `dollars` is not a currency: write for example \"USD\""),
            ),
        ];
        for (slot, expected) in cases {
            assert_eq!(slot.check().err().map(|error| error.to_string()).as_deref(), expected, "{slot:?}");
        }
    }

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
