//! The trackers that a run calls.

use super::setters;

/// The trackers that a run puts into the outbox. They are an argument of each [`run`](crate::Orchestrator::run),
/// because one plan can serve both a request whose ad is played immediately and a request whose ad is played later.
///
/// [`auto_track`](Self::auto_track) decides whether impressions are called. Its value at every entry point:
///
/// | entry point | `auto_track` |
/// |---|---|
/// | [`VastClient::request_ad`](crate::VastClient::request_ad), [`request_ad_for`](crate::VastClient::request_ad_for) | `false`, always |
/// | [`VastClient::request_ad_with_fallback`](crate::VastClient::request_ad_with_fallback), [`request_ad_with_fallback_for`](crate::VastClient::request_ad_with_fallback_for) | [`FetchConfig::auto_track`](crate::FetchConfig::auto_track) of the client, by default `true` |
/// | [`Orchestrator::execute_pipeline`](crate::Orchestrator::execute_pipeline), [`execute_pipeline_for`](crate::Orchestrator::execute_pipeline_for) | [`FetchConfig::auto_track`](crate::FetchConfig::auto_track) of the given configuration, by default `true` |
/// | [`Orchestrator::run`](crate::Orchestrator::run) | the argument, by default `false` |
/// | the command `vast` | `false`, unless `--track` or the configuration file sets it |
///
/// In [`FetchMode::Collect`](crate::FetchMode::Collect) it is `false` at every entry point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RunOptions {
    /// Whether the impressions of the ads in the answer are called. **Set it only if the ads are played when the run
    /// returns**: an impression of an ad that no viewer saw is invalid traffic. Default `false`.
    pub auto_track: bool,
    /// Whether the `<Error>` URLs of ads and documents that failed are called (VAST 4.3 section 2.3.6). They are never called
    /// for a source that was cancelled because another one won. Default `true`.
    pub report_errors: bool,
    /// Whether the `notUsed` trackers of usable ads that are not in the answer are called (VAST 4.3 section 3.14.1). Set it
    /// only if these ads are not played later. An ad that was cut from the end of a pod gets error 206 instead. Default
    /// `false`.
    pub report_not_used: bool,
    /// How many beacons are put into the outbox at most: impressions first, then `notUsed` trackers, then error reports.
    /// Default 1,000. [`Metadata::beacons_omitted`](crate::report::Metadata::beacons_omitted) is the number of beacons
    /// beyond it.
    pub max_beacons: usize,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { auto_track: false, report_errors: true, report_not_used: false, max_beacons: Self::MAX_BEACONS }
    }
}

impl RunOptions {
    /// Calls no tracker.
    pub const NONE: Self =
        Self { auto_track: false, report_errors: false, report_not_used: false, max_beacons: Self::MAX_BEACONS };

    /// The default of [`max_beacons`](Self::max_beacons). Each beacon may be redirected, so an ad with very many trackers
    /// would start an attack on other servers.
    pub const MAX_BEACONS: usize = 1_000;

    setters! {
        /// The same options with this value of [`auto_track`](Self::auto_track).
        with_auto_track(auto_track: bool);
    }

    /// The options of a run that collects ads. Such a run does not know which ads will be played, so it calls neither
    /// impressions nor `notUsed` trackers. If the ads fill a break, the other ads are not played, so their `notUsed`
    /// trackers are called.
    #[must_use]
    pub(crate) fn of_collect(self, is_break: bool) -> Self {
        Self { auto_track: false, report_not_used: self.report_not_used && is_break, ..self }
    }
}
