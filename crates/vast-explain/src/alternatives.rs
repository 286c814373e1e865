//! What would have changed the outcome of a recorded request. Every statement was checked by a replay with that change.

use std::sync::Arc;
use std::time::Duration;

use vast_client::policy::TimeLimit;
use vast_client::recording::Recording;
use vast_client::replay::{ReplayError, Replayer, recorded_config};
use vast_client::report::CandidateReport;
use vast_client::select::{ParseFilter, RejectionReason, Skippability};
use vast_client::{ClientConfig, FetchMode, FetchResult};

use crate::change::{Alternative, SettingChange};
use crate::story::{LimitKind, Story};

/// The most replays for one recording with small documents. Large documents take more time, so they get fewer.
const MOST_REPLAYS: usize = 300;
/// The bytes of documents for which half of the replays are made.
const HALF_BYTES: usize = 256 << 10;
/// The longest time limit that is tried. Answers that come later are not recorded.
const LONGEST: Duration = Duration::from_secs(60);

/// A number of the configuration that can be moved: its value, how it is set, and the value that permits most.
struct FilterBound {
    key: &'static str,
    unit: &'static str,
    reason: RejectionReason,
    get: fn(&ParseFilter) -> Option<u64>,
    set: fn(&mut ParseFilter, u64),
    widest: u64,
}

const BOUNDS: [FilterBound; 4] = [
    FilterBound {
        key: "min_bitrate",
        unit: "kbit/s",
        reason: RejectionReason::Bitrate,
        get: |filter| filter.min_bitrate.map(u64::from),
        set: |filter, value| filter.min_bitrate = u32::try_from(value).ok(),
        widest: 0,
    },
    FilterBound {
        key: "max_bitrate",
        unit: "kbit/s",
        reason: RejectionReason::Bitrate,
        get: |filter| filter.max_bitrate.map(u64::from),
        set: |filter, value| filter.max_bitrate = u32::try_from(value).ok(),
        widest: 1_000_000,
    },
    FilterBound {
        key: "min_duration",
        unit: "ms",
        reason: RejectionReason::Duration,
        get: |filter| filter.min_duration.map(millis),
        set: |filter, value| filter.min_duration = Some(Duration::from_millis(value)),
        widest: 0,
    },
    FilterBound {
        key: "max_duration",
        unit: "ms",
        reason: RejectionReason::Duration,
        get: |filter| filter.max_duration.map(millis),
        set: |filter, value| filter.max_duration = Some(Duration::from_millis(value)),
        widest: 24 * 3_600_000,
    },
];

/// A condition of the filter that can be left out: its key, the reason of an ad that it rejects, and how it is left out.
type Condition = (&'static str, RejectionReason, fn(&mut ParseFilter));

const CONDITIONS: [Condition; 14] = [
    ("required_dimensions", RejectionReason::Dimensions, |filter| filter.required_dimensions = None),
    ("media_types", RejectionReason::MediaType, |filter| filter.media_types.clear()),
    ("require_secure", RejectionReason::Insecure, |filter| filter.require_secure = false),
    ("require_mezzanine", RejectionReason::MezzanineMissing, |filter| filter.require_mezzanine = false),
    ("require_category", RejectionReason::CategoryMissing, |filter| filter.require_category = false),
    ("check_categories", RejectionReason::CategoryBlocked, |filter| filter.check_categories = false),
    ("blocked_categories", RejectionReason::CategoryBlocked, |filter| filter.blocked_categories.clear()),
    ("versions", RejectionReason::Version, |filter| filter.versions.clear()),
    ("skippable", RejectionReason::Skippability, |filter| filter.skippable = Skippability::Any),
    ("accept_conditional", RejectionReason::Conditional, |filter| filter.accept_conditional = true),
    ("accept_wrappers", RejectionReason::Wrapper, |filter| filter.accept_wrappers = true),
    ("accept_unknown", RejectionReason::Bitrate, |filter| filter.accept_unknown = true),
    ("accept_unknown", RejectionReason::Duration, |filter| filter.accept_unknown = true),
    ("accept_unknown", RejectionReason::Dimensions, |filter| filter.accept_unknown = true),
];

/// What would have changed the outcome of a recorded request: another source, or any, would have won. `result` is the result of the
/// recorded request or of its exact replay.
///
/// Only one setting is changed at a time: time limits that fired, conditions that rejected an ad, and the mode. A change is left out if
/// the recording does not have the answers that it needs, and if it would have to be more than a minute or a day.
///
/// # Errors
/// The recording cannot be replayed.
pub fn alternatives(
    replayer: &mut Replayer,
    recording: &Recording,
    result: &FetchResult,
) -> Result<Vec<Alternative>, ReplayError> {
    let config = recorded_config(recording)?;
    let bytes: usize = recording.exchanges.iter().filter_map(|one| Some(one.response.as_ref()?.body.len())).sum();
    let left = MOST_REPLAYS * HALF_BYTES / (HALF_BYTES + bytes);
    let recorded = result.source.clone();
    let mut trial = Trial { replayer, recording, config, recorded, left };
    let mut found = Vec::new();
    found.extend(trial.times(result)?);
    found.extend(trial.bounds(result)?);
    found.extend(trial.conditions(result)?);
    found.extend(trial.race()?);
    Ok(found)
}

/// The replays of one recording.
struct Trial<'a> {
    replayer: &'a mut Replayer,
    recording: &'a Recording,
    config: ClientConfig,
    /// The source that won.
    recorded: Option<Arc<str>>,
    /// How many more replays may be made.
    left: usize,
}

/// The source that wins and when.
type Win = (Arc<str>, Duration);

impl Trial<'_> {
    /// The outcome with this change, if it is another one than that of the recording.
    fn with(&mut self, change: impl FnOnce(&mut ClientConfig)) -> Result<Option<Win>, ReplayError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let mut config = self.config.clone();
        change(&mut config);
        let replay = self.replayer.what_if(self.recording, config)?;
        let (winner, elapsed) = (replay.result.source, replay.result.metadata.elapsed);
        let is_other = winner != self.recorded && !replay.is_undecidable;
        Ok(winner.filter(|_| is_other).map(|winner| (winner, elapsed)))
    }

    /// The value nearest to `from` with which the same source wins as with `widest`. `None` if no other source wins with `widest`.
    fn nearest(
        &mut self,
        from: u64,
        widest: u64,
        set: &dyn Fn(&mut ClientConfig, u64),
    ) -> Result<Option<(u64, Win)>, ReplayError> {
        let Some(mut best) = self.with(|config| set(config, widest))? else { return Ok(None) };
        let (mut without, mut with) = (from, widest);
        while without.abs_diff(with) > 1 && self.left > 0 {
            let middle = without.midpoint(with);
            match self.with(|config| set(config, middle))? {
                Some(win) if win.0 == best.0 => (with, best) = (middle, win),
                _ => without = middle,
            }
        }
        Ok(Some((with, best)))
    }

    /// Longer time limits, for those that fired.
    fn times(&mut self, result: &FetchResult) -> Result<Vec<Alternative>, ReplayError> {
        let story = Story::new(result);
        let mut found: Vec<Alternative> = Vec::new();
        let mut tried = Vec::new();
        for hit in &story.limits {
            let LimitKind::Time(limit) = hit.kind else { continue };
            // With more time in all there is more time before the fallbacks too.
            let limit = if limit == TimeLimit::FallbackReserve { TimeLimit::Request } else { limit };
            let Some(from) = self.limit(limit).filter(|_| !tried.contains(&limit)) else { continue };
            tried.push(limit);
            let set = |config: &mut ClientConfig, value| set_limit(config, limit, Duration::from_millis(value));
            if let Some((to, (winner, elapsed))) = self.nearest(millis(from), millis(LONGEST), &set)? {
                let change = SettingChange::Time { limit, from, to: Duration::from_millis(to) };
                found.push(Alternative { change, winner, elapsed });
            }
        }
        Ok(found)
    }

    /// The configured length of a limit; `None` for one that is not tried.
    fn limit(&self, limit: TimeLimit) -> Option<Duration> {
        let limits = &self.config.fetch.strategy.limits;
        match limit {
            TimeLimit::Request => Some(self.config.request.timeout.unwrap_or(limits.timeout)),
            TimeLimit::Source => Some(limits.source_limit()),
            TimeLimit::Attempt => limits.attempt_timeout,
            TimeLimit::Hop => Some(limits.hop_timeout),
            _ => None,
        }
    }

    /// Wider bounds of the filter, for those that rejected an ad.
    fn bounds(&mut self, result: &FetchResult) -> Result<Vec<Alternative>, ReplayError> {
        let mut found = Vec::new();
        for FilterBound { key, unit, reason, get, set, widest } in BOUNDS {
            let from = get(&self.config.fetch.parse_filter).filter(|_| has_rejected(result, reason));
            let Some(from) = from else { continue };
            let set = |config: &mut ClientConfig, value| set(&mut config.fetch.parse_filter, value);
            if let Some((to, (winner, elapsed))) = self.nearest(from, widest, &set)? {
                found.push(Alternative { change: SettingChange::Bound { key, unit, from, to }, winner, elapsed });
            }
        }
        Ok(found)
    }

    /// The filter without a condition that rejected an ad.
    fn conditions(&mut self, result: &FetchResult) -> Result<Vec<Alternative>, ReplayError> {
        let mut found: Vec<Alternative> = Vec::new();
        for (key, reason, leave_out) in CONDITIONS {
            let mut filter = self.config.fetch.parse_filter.clone();
            leave_out(&mut filter);
            let change = SettingChange::Without { key };
            let is_known = found.iter().any(|known| known.change == change);
            if is_known || !has_rejected(result, reason) || filter == self.config.fetch.parse_filter {
                continue;
            }
            if let Some((winner, elapsed)) = self.with(|config| config.fetch.parse_filter = filter)? {
                found.push(Alternative { change, winner, elapsed });
            }
        }
        Ok(found)
    }

    /// The mode in which the first usable ad in time wins.
    fn race(&mut self) -> Result<Option<Alternative>, ReplayError> {
        if !matches!(self.config.fetch.strategy.mode, FetchMode::Parallel | FetchMode::Staggered) {
            return Ok(None);
        }
        let win = self.with(|config| config.fetch.strategy.mode = FetchMode::Race)?;
        let change = SettingChange::Mode(FetchMode::Race);
        Ok(win.map(|(winner, elapsed)| Alternative { change, winner, elapsed }))
    }
}

fn set_limit(config: &mut ClientConfig, limit: TimeLimit, value: Duration) {
    let limits = &mut config.fetch.strategy.limits;
    match limit {
        TimeLimit::Request => (limits.timeout, config.request.timeout) = (value, None),
        TimeLimit::Source => {
            limits.source_timeout = Some(value);
            let sources = config.fetch.sources.iter_mut().chain(&mut config.fetch.fallbacks);
            // Limits of single sources stay if they are longer.
            sources.for_each(|source| source.source_timeout = source.source_timeout.map(|own| own.max(value)));
        }
        TimeLimit::Attempt => limits.attempt_timeout = Some(value),
        TimeLimit::Hop => limits.hop_timeout = value,
        _ => {}
    }
}

/// Whether an ad was rejected for this reason. The reason of an ad names only the most frequent one of its files.
fn has_rejected(result: &FetchResult, reason: RejectionReason) -> bool {
    let of_file = |found: RejectionReason| found.vast_error_code() == reason.vast_error_code();
    let is_it =
        |candidate: &CandidateReport| candidate.rejection.as_ref().is_some_and(|rejection| of_file(rejection.reason));
    result.candidates.iter().any(is_it)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
