//! Who is asked and how: plain data with defaults, printable, comparable, and readable from TOML.

mod duration;
mod file;
mod source;
mod value;

use std::path::PathBuf;

pub use crate::policy::{FetchMode, FetchStrategy};
pub use duration::parse_duration;
pub use file::ConfigFile;
pub use source::{Location, SourceConfig};
pub use value::parse_dimensions;

use crate::request::RunOptions;
use crate::select::ParseFilter;

/// Who is asked and how. Everything but the sources has a default.
#[derive(Debug, Clone, PartialEq)]
#[doc(alias = "VastFetchConfig")]
pub struct FetchConfig {
    /// The primary sources, best first.
    pub sources: Vec<SourceConfig>,
    /// The next tier: asked when the primary sources gave no usable ad, for whatever reason.
    pub fallbacks: Vec<SourceConfig>,
    /// How they are asked.
    pub strategy: FetchStrategy,
    /// Query parameters appended to every source's own first request.
    pub params: Vec<(String, String)>,
    /// Headers of every source's own first request and its same-origin redirects; wrappers and trackers never see them.
    pub headers: Vec<(String, String)>,
    /// The caller's conditions on an ad.
    pub parse_filter: ParseFilter,
    /// **The host's statement "this answer is the moment of play".** When set, the impressions of the ads in the answer are
    /// called as soon as it is given. Set it to `false` where the ad is only fetched, prefetched or inspected: an impression
    /// of an ad that no viewer saw is invalid traffic. Default `true`. [`RunOptions`] has the table of the entry points that
    /// use it.
    pub auto_track: bool,
    /// Whether the `<Error>` URLs of what failed are called: [`RunOptions::report_errors`]. Default `true`.
    pub report_errors: bool,
    /// Whether the `notUsed` trackers of usable ads of sources that lost are called: [`RunOptions::report_not_used`]. Default
    /// `false`.
    pub report_not_used: bool,
    /// Whether the answer keeps the bytes of the winning document. Default `false`.
    pub keep_raw: bool,
    /// What we call ourselves. Default: `vast-client/VERSION`. Never the device's user agent (VAST 4.3 section 1.1.3).
    pub user_agent: String,
    /// Certificate authorities, in PEM, that are trusted besides the usual ones.
    pub ca_file: Option<PathBuf>,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            fallbacks: Vec::new(),
            strategy: FetchStrategy::default(),
            params: Vec::new(),
            headers: Vec::new(),
            parse_filter: ParseFilter::default(),
            auto_track: true,
            report_errors: true,
            report_not_used: false,
            keep_raw: false,
            user_agent: concat!("vast-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            ca_file: None,
        }
    }
}

impl FetchConfig {
    /// A configuration with these primary sources and defaults for the rest.
    pub fn new<S: Into<SourceConfig>>(sources: impl IntoIterator<Item = S>) -> Self {
        Self { sources: sources.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Which trackers a run with this configuration calls.
    pub fn run_options(&self) -> RunOptions {
        let Self { auto_track, report_errors, report_not_used, .. } = *self;
        RunOptions { auto_track, report_errors, report_not_used }
    }

    /// Adds a tier of fallbacks.
    #[must_use]
    pub fn with_fallbacks<S: Into<SourceConfig>>(mut self, fallbacks: impl IntoIterator<Item = S>) -> Self {
        self.fallbacks.extend(fallbacks.into_iter().map(Into::into));
        self
    }

    /// Asks in this mode.
    #[must_use]
    pub fn with_mode(mut self, mode: FetchMode) -> Self {
        self.strategy.mode = mode;
        self
    }
}
