//! The configuration: the sources and the rules for asking them. It is plain data with defaults, and can be printed,
//! compared and read from TOML.

mod arm;
#[cfg(feature = "toml")]
mod arm_table;
#[cfg(feature = "toml")]
mod break_table;
#[cfg(feature = "toml")]
mod breaker_table;
#[cfg(feature = "toml")]
mod file;
#[cfg(feature = "toml")]
mod filter_table;
mod literal;
#[cfg(feature = "toml")]
mod mistake;
#[cfg(feature = "toml")]
mod profile_table;
mod record;
#[cfg(feature = "toml")]
mod record_table;
mod source;
#[cfg(feature = "toml")]
mod to_toml;
#[cfg(feature = "toml")]
mod value;

use std::path::PathBuf;

pub use crate::policy::{FetchMode, FetchStrategy};
pub use arm::ArmConfig;
pub use literal::{parse_dimensions, parse_duration};
#[cfg(feature = "toml")]
pub use mistake::nearest_name;
pub use record::{RecordConfig, RecordingReason};
pub use source::{Location, SourceConfig};
#[cfg(feature = "toml")]
pub use value::DurationValue;

use crate::request::{AdRequest, DeviceProfile, RunOptions, pair_adders, setters};
use crate::select::ParseFilter;
use crate::transport::EgressProxy;

/// The whole configuration of a client: the sources, the rules for asking them, and the default values of requests.
/// With the feature `toml` it can be read from a file: `ClientConfig::parse`.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct ClientConfig {
    /// The sources and the rules for asking them.
    pub fetch: FetchConfig,
    /// The viewer, the slot, the consent and the macro values.
    pub request: AdRequest,
    /// The value of `track`, if the file has one.
    pub track: Option<bool>,
    /// The value of `report_errors`, if the file has one.
    pub report_errors: Option<bool>,
    /// The profiles that the file defines: `[profile.NAME]`. The chosen one is in the slot of `request`.
    pub profiles: Vec<DeviceProfile>,
    /// Which requests are recorded. Default: none.
    pub record: Option<RecordConfig>,
}

impl From<FetchConfig> for ClientConfig {
    fn from(fetch: FetchConfig) -> Self {
        Self { fetch, ..Self::default() }
    }
}

/// The sources and the rules for asking them. Everything except the sources has a default.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[doc(alias = "VastFetchConfig")]
pub struct FetchConfig {
    /// The primary sources, best first.
    pub sources: Vec<SourceConfig>,
    /// The fallbacks: they are asked if the primary sources gave no usable ad for any reason.
    pub fallbacks: Vec<SourceConfig>,
    /// The arms of a split (A/B test): each gets its share of the requests, by [`AdRequest::split_key`]. Default: none, and every
    /// request asks all sources.
    pub arms: Vec<ArmConfig>,
    /// The mode, the order, the time limits and the retries.
    pub strategy: FetchStrategy,
    /// Query parameters appended to every source's own first request.
    pub params: Vec<(String, String)>,
    /// Headers of every source's own first request and its same-origin redirects; wrappers and trackers never receive
    /// them.
    pub headers: Vec<(String, String)>,
    /// The conditions that an ad must meet.
    pub parse_filter: ParseFilter,
    /// **Whether the host plays the ads as soon as it has the answer.** If `true`, the impressions of the ads are
    /// called together with the answer. Set it to `false` if the ads are only fetched, prefetched or inspected: an
    /// impression of an ad that no viewer saw is invalid traffic. Default `true`. [`RunOptions`] has the table of the
    /// entry points that use it.
    pub auto_track: bool,
    /// Whether the `<Error>` URLs of documents and ads that failed are called: [`RunOptions::report_errors`]. Default
    /// `true`.
    pub report_errors: bool,
    /// Whether the `notUsed` trackers of usable ads of sources that lost are called: [`RunOptions::report_not_used`]. Default
    /// `false`.
    pub report_not_used: bool,
    /// The largest number of beacons that are put into the outbox with an answer: [`RunOptions::max_beacons`]. Default
    /// 1,000.
    pub max_beacons: usize,
    /// Whether the answer keeps the bytes of the winning document. Default `false`.
    pub keep_raw: bool,
    /// The `User-Agent` of all requests. Default: `vast-client/VERSION`. Never the device's user agent (VAST 4.3 section 1.1.3).
    pub user_agent: String,
    /// A PEM file with certificate authorities that are trusted in addition to the built-in ones. Default: none.
    pub ca_file: Option<PathBuf>,
    /// The HTTP proxy for all requests to ad servers and trackers. A transport of the host does not use it. Default: none; settings of the
    /// environment have no effect.
    pub proxy: Option<EgressProxy>,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            fallbacks: Vec::new(),
            arms: Vec::new(),
            strategy: FetchStrategy::default(),
            params: Vec::new(),
            headers: Vec::new(),
            parse_filter: ParseFilter::default(),
            auto_track: true,
            report_errors: true,
            report_not_used: false,
            max_beacons: RunOptions::MAX_BEACONS,
            keep_raw: false,
            user_agent: concat!("vast-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            ca_file: None,
            proxy: None,
        }
    }
}

impl FetchConfig {
    /// A configuration with these primary sources and defaults for all other settings.
    pub fn new<S: Into<SourceConfig>>(sources: impl IntoIterator<Item = S>) -> Self {
        Self { sources: sources.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// The options that decide which trackers a run with this configuration calls.
    pub fn run_options(&self) -> RunOptions {
        let Self { auto_track, report_errors, report_not_used, max_beacons, .. } = *self;
        RunOptions { auto_track, report_errors, report_not_used, max_beacons }
    }

    /// Adds a tier of fallbacks.
    #[must_use]
    pub fn with_fallbacks<S: Into<SourceConfig>>(mut self, fallbacks: impl IntoIterator<Item = S>) -> Self {
        self.fallbacks.extend(fallbacks.into_iter().map(Into::into));
        self
    }

    /// Adds arms.
    #[must_use]
    pub fn with_arms(mut self, arms: impl IntoIterator<Item = ArmConfig>) -> Self {
        self.arms.extend(arms);
        self
    }

    /// Sets the mode.
    #[must_use]
    pub fn with_mode(mut self, mode: FetchMode) -> Self {
        self.strategy.mode = mode;
        self
    }

    setters! {
        /// Sets the mode, the order, the time limits and the retries.
        with_strategy(strategy: FetchStrategy);
        /// Sets the conditions that an ad must meet.
        with_filter(parse_filter: ParseFilter);
        /// Sets [`auto_track`](Self::auto_track).
        with_auto_track(auto_track: bool);
        /// Sets [`report_errors`](Self::report_errors).
        with_report_errors(report_errors: bool);
        /// Sets [`report_not_used`](Self::report_not_used).
        with_report_not_used(report_not_used: bool);
        /// Sets [`max_beacons`](Self::max_beacons).
        with_max_beacons(max_beacons: usize);
    }

    pair_adders! {
        /// Adds a query parameter to every source's own first request.
        with_param(params);
        /// Adds a header to every source's own first request.
        with_header(headers);
    }
}
