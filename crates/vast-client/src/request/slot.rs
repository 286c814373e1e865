//! The slot: the kinds of ads that the host can play.

use std::time::Duration;

use vast_xml::vmap::BreakType;

use super::break_rules::{BreakRules, RankKey};
use super::profile::DeviceProfile;
use crate::error::{ConfigError, ConfigKey, ConfigTable, check_words};

/// The slot that an ad must fit. By default, it is linear and accepts all ads that the winning source offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The `apiFramework`s that the player can run, compared without regard to case. Default: none, so that VPAID files
    /// cannot be played.
    pub api_frameworks: Vec<String>,
    /// MIME types that the player can play in addition to the default ones: `video/*` and `audio/*` without Flash, HLS
    /// and MPEG-DASH. They are compared without parameters and without regard to case. Default: none.
    pub mime_types: Vec<String>,
    /// The profile of the device. Default: no restriction.
    pub profile: DeviceProfile,
    /// Whether an ad with a nonlinear creative and no playable linear one is usable. Default: no.
    pub non_linear: bool,
    /// Whether an ad is usable whatever its creatives and their files are, also one with companions only. Meant for tools that
    /// list what an ad has and play nothing. Default: no.
    pub any_creative: bool,
    /// What may fill a break of a playlist, the preferred type first: the `breakType` of VMAP. An answer is read as the first type,
    /// and as the next one where it has no such ad (VMAP 1.0.1 section 2.4). `display` means an ad with companions. Default:
    /// empty, which is a linear ad, and a nonlinear one where [`non_linear`](Self::non_linear) allows it. The breaks of a
    /// playlist set it themselves.
    pub break_types: Vec<BreakType>,
    /// The sizes of the companions that the host can show, in pixels. If they are set, an ad whose required companions
    /// do not fit is not usable (VAST 4.3 section 3.13). Default: unknown, so no ad is rejected because of its
    /// companions.
    pub companion_sizes: Option<Vec<(u32, u32)>>,
    /// The largest size of a nonlinear ad, in pixels. Default: any.
    pub non_linear_size: Option<(u32, u32)>,
    /// Whether an interactive ad may play longer than its `Duration` (SIMID section 5). Default: no; such an ad is then
    /// not usable if the player runs SIMID.
    pub variable_duration: bool,
    /// Whether an answer may be a pod. Default: yes. If not, only stand-alone ads and the single ad of a document are
    /// usable.
    pub accept_pods: bool,
    /// The largest number of ads in the answer. Default: no limit, so all ads of a pod are used.
    pub max_ads: Option<usize>,
    /// The longest ad that the answer may have; a longer one is not usable (VAST error code 202). Servers receive it as
    /// `[BREAKMAXADLENGTH]`. It holds for this request, and [`ParseFilter::max_duration`](crate::ParseFilter::max_duration)
    /// for all requests of a plan; the shorter one counts. Default: no limit.
    pub max_ad_duration: Option<Duration>,
    /// The shortest ad that the answer may have; a shorter one is not usable (VAST error code 202). Servers receive it as
    /// `[BREAKMINADLENGTH]`. It holds for this request, and [`ParseFilter::min_duration`](crate::ParseFilter::min_duration)
    /// for all requests of a plan; the longer one counts. Default: no limit.
    pub min_ad_duration: Option<Duration>,
    /// The length of the break to fill. Default: none, so the answer has the ads that the winning source offers.
    pub break_duration: Option<Duration>,
    /// The shortest running time of all ads of a break together. If no set of ads reaches it, the answer has no ad.
    /// Default: none.
    pub break_min: Option<Duration>,
    /// A break counts as full if at most this part of `break_duration` stays empty. Default 1 s, because no ad is
    /// shorter.
    pub break_tolerance: Duration,
    /// The preferences among the ads that fit.
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
            break_types: Vec::new(),
            companion_sizes: None,
            non_linear_size: None,
            variable_duration: false,
            accept_pods: true,
            max_ads: None,
            max_ad_duration: None,
            min_ad_duration: None,
            break_duration: None,
            break_min: None,
            break_tolerance: Duration::from_secs(1),
            break_rules: BreakRules::default(),
        }
    }

    /// A linear break of this length. Several ads may fill it.
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
    #[doc(alias = "break")]
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

    /// Sets the longest ad.
    #[must_use]
    pub fn with_max_ad_duration(mut self, longest: Duration) -> Self {
        self.max_ad_duration = Some(longest);
        self
    }

    /// Sets the shortest ad.
    #[must_use]
    pub fn with_min_ad_duration(mut self, shortest: Duration) -> Self {
        self.min_ad_duration = Some(shortest);
        self
    }

    /// Sets how much of a full break may stay empty.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: Duration) -> Self {
        self.break_tolerance = tolerance;
        self
    }

    /// Checks that the settings do not contradict each other. A client checks the slot of its configuration, but not
    /// the slot of a single request: if that slot accepts no ad, the answer has no ad.
    ///
    /// # Errors
    /// A [`ConfigError`] with the wrong key and its accepted values.
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

    /// The types of ads that fill it, the preferred one first.
    pub(crate) fn ad_types(&self) -> &[BreakType] {
        match (self.break_types.as_slice(), self.non_linear) {
            ([], true) => &[BreakType::Linear, BreakType::NonLinear],
            ([], false) => &[BreakType::Linear],
            (types, _) => types,
        }
    }

    /// Whether no other type of ad is preferred to this one. It is always so outside playlists.
    pub(crate) fn prefers(&self, kind: &BreakType) -> bool {
        self.break_types.first().is_none_or(|first| first == kind)
    }

    /// This slot, with the values of `configured` for all settings that have their default here.
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
            break_types: if self.break_types.is_empty() { configured } else { self }.break_types.clone(),
            companion_sizes: self.companion_sizes.as_ref().or(configured.companion_sizes.as_ref()).cloned(),
            non_linear_size: self.non_linear_size.or(configured.non_linear_size),
            variable_duration: self.variable_duration || configured.variable_duration,
            accept_pods: self.accept_pods && configured.accept_pods,
            max_ads: self.max_ads.or(configured.max_ads),
            max_ad_duration: self.max_ad_duration.or(configured.max_ad_duration),
            min_ad_duration: self.min_ad_duration.or(configured.min_ad_duration),
            break_duration: self.break_duration.or(configured.break_duration),
            break_min: self.break_min.or(configured.break_min),
            break_tolerance: if own_tolerance { self } else { configured }.break_tolerance,
            break_rules: if own_rules { self } else { configured }.break_rules.clone(),
        }
    }

    /// Whether the player can run `api_framework`. The answer is yes if there is no name. It is also yes for names that
    /// mean "no API" in practice: `VAST`, `none`, and `omid`, which needs no support for the media file.
    pub fn supports_api(&self, api_framework: Option<&str>) -> bool {
        let name = api_framework.unwrap_or_default().trim();
        let no_api = ["", "vast", "none", "omid"].iter().any(|known| name.eq_ignore_ascii_case(known));
        no_api || self.lists_api(api_framework)
    }

    /// Whether `api_framework` is in [`api_frameworks`](Self::api_frameworks) or in the list of the profile.
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

/// A length in whole seconds, of which nothing is cut off.
pub(super) fn seconds_rounded_up(length: Duration) -> u64 {
    length.as_secs() + u64::from(length.subsec_nanos() > 0)
}

impl Default for Slot {
    fn default() -> Self {
        Self::linear()
    }
}
