//! The rules for asking sources: the mode, the time limits and the retries.

use std::fmt;
use std::time::Duration;

use super::{BreakerSettings, RetryPolicy, TimeLimits};

/// The mode decides when each source is asked, and when the request is complete. In every mode a source wins only with
/// a usable ad: after an error, an empty response or a rejected ad the next source is tried.
///
/// [`Parallel`](Self::Parallel), [`Race`](Self::Race) and [`Collect`](Self::Collect) ask every source. Each request that is
/// not used costs its ad server an opportunity, which the ad server may count. `metadata.requests_wasted` is the number of
/// such requests. At most 500 sources of a request are asked at the same time; further ones are asked when others have
/// ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum FetchMode {
    /// Asks all sources at the same time. The first source *in order* with a usable ad wins, as soon as no earlier
    /// source in the order can still win.
    #[default]
    #[doc(alias = "PARALLEL")]
    Parallel,
    /// Asks one source at a time, in order. The first usable ad wins. This mode makes the fewest requests.
    #[doc(alias = "SEQUENTIAL")]
    Sequential,
    /// Asks all sources at the same time. The first usable ad *in time* wins.
    #[doc(alias = "RACE")]
    Race,
    /// Asks the sources in order. If a source is slow, the next one is asked before the slow one has ended. The first
    /// usable ad in time wins. A slow source cannot use up the time of the others, and there are few extra requests.
    Staggered,
    /// Asks all sources at the same time, and waits for all of them or for the deadline. SELECT gets every usable ad,
    /// and ranks the ads or fills a break.
    Collect,
}

impl FetchMode {
    /// All modes.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name used in results and configuration.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The mode of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mode| mode.as_str() == name)
    }
}

impl fmt::Display for FetchMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The order of the sources within a tier. The seed of a request decides everything that is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum SourceOrder {
    /// As listed. The default.
    #[default]
    Listed,
    /// A new order for each request: each next source is drawn from those that are left, in proportion to the weights.
    Weighted,
    /// The source first that needs the least time for one usable answer: its mean time divided by its share of usable answers,
    /// over about the last ten to thirty requests. Sources with fewer than five requests come first, as listed. In 5 of 100
    /// requests another source is drawn and put first, so that a source that has recovered is found again.
    Fastest,
    /// The request's `split_key` decides which source is first, in proportion to the weights. The same key always gives the same
    /// source; the others follow as listed. Without a key the first source is drawn. With
    /// [`arms`](crate::FetchConfig::arms) the key decides the arm, and the sources of an arm are asked as listed.
    Split,
}

impl SourceOrder {
    /// All orders.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name used in configuration.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The kind of a tier: it is asked first, or only if no source of an earlier tier had a usable ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
pub enum TierKind {
    /// The sources.
    Primary,
    /// The fallbacks.
    Fallback,
}

impl TierKind {
    /// The name used in results.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The rules for asking sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchStrategy {
    /// The mode. Default: parallel.
    pub mode: FetchMode,
    /// The mode of the fallbacks. Default: the mode of the primary sources.
    pub fallback_mode: Option<FetchMode>,
    /// The order of the sources in a tier. Default: as listed.
    pub order: SourceOrder,
    /// The time limits.
    pub limits: TimeLimits,
    /// The retries.
    pub retry: RetryPolicy,
    /// How long [`FetchMode::Parallel`] waits for sources ahead of a source that has a usable ad. Default: until the
    /// deadline.
    pub patience: Option<Duration>,
    /// How long [`FetchMode::Staggered`] waits for a source before it starts the next one. Default: the 95th percentile of
    /// the source's last responses, and 400 ms while there are fewer than 100. With the default, the sources that are started
    /// before a slow one has ended are limited to a burst of 35 and then about 7 % of the requests.
    pub stagger: Option<Duration>,
    /// How many stand-alone ads of one document are resolved at the same time. They are alternatives, and the first
    /// usable one in document order is taken. A number above 1 saves time if the first ad is a wrapper that leads to no
    /// ad; otherwise it costs an unnecessary request. Default 1; 0 counts as 1.
    pub resolve_ahead: usize,
    /// Whether the document that a wrapper names may contribute more than its first stand-alone ad. Default: as the
    /// wrapper says (`allowMultipleAds`, VAST 4.3 section 3.19.1). If the attribute is absent, the default is `false`
    /// from VAST 3.0 on.
    pub allow_multiple_ads: Option<bool>,
    /// The cost limits of one source and of the request.
    pub cost: CostLimits,
    /// The circuit breakers of the sources. [`SourceConfig::breaker`](crate::SourceConfig::breaker) replaces the settings for a
    /// single source.
    pub breaker: BreakerSettings,
}

/// The cost limits of one source and of one request. They hold for any response of the servers. A source that would
/// exceed a limit ends with the error type `limit`, and the message names the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostLimits {
    /// The largest number of HTTP exchanges for the documents of one source, including retries and redirects. Default
    /// 40.
    pub max_exchanges: u32,
    /// The largest number of redirects that are followed from the URL of one document. They do not count as wrappers.
    /// Default 5.
    pub max_redirects: u32,
    /// The largest sum of the sizes of all documents of one source, in bytes after decoding. Default 8 MiB.
    pub max_source_bytes: u64,
    /// The largest sum of the sizes of all documents of one request, in bytes after decoding. Half of it is reserved
    /// for the sources' own documents in equal shares, so that one source cannot use it up. Default 16 MiB.
    pub max_request_bytes: u64,
    /// The breaks of a playlist (VMAP) that are run: the first ones in document order. The others are skipped. Default 50.
    pub max_breaks: usize,
}

impl CostLimits {
    /// The default of [`max_redirects`](Self::max_redirects).
    pub const DEFAULT_REDIRECTS: u32 = 5;
}

impl Default for CostLimits {
    fn default() -> Self {
        Self {
            max_exchanges: 40,
            max_redirects: Self::DEFAULT_REDIRECTS,
            max_source_bytes: 8 << 20,
            max_request_bytes: 16 << 20,
            max_breaks: 50,
        }
    }
}

impl Default for FetchStrategy {
    fn default() -> Self {
        Self {
            mode: FetchMode::default(),
            fallback_mode: None,
            order: SourceOrder::default(),
            limits: TimeLimits::default(),
            retry: RetryPolicy::default(),
            patience: None,
            stagger: None,
            resolve_ahead: 1,
            allow_multiple_ads: None,
            cost: CostLimits::default(),
            breaker: BreakerSettings::default(),
        }
    }
}

impl FetchStrategy {
    /// The default of [`stagger`](Self::stagger) for a source with too few responses.
    pub const DEFAULT_STAGGER: Duration = Duration::from_millis(400);
    /// The shortest wait that follows from the latencies of a source.
    pub(crate) const MIN_STAGGER: Duration = Duration::from_millis(10);

    /// A strategy with this mode and defaults for all other settings.
    pub fn new(mode: FetchMode) -> Self {
        Self { mode, ..Self::default() }
    }
}
