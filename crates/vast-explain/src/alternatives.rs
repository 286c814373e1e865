//! What would have changed the outcome of a recorded request. Every statement was checked by a replay with that change.

use std::sync::Arc;
use std::time::Duration;

use vast_client::journal::{EndReason, Fact, SkipReason};
use vast_client::policy::TimeLimit;
use vast_client::recording::Recording;
use vast_client::replay::{ReplayError, Replayer, recorded_config};
use vast_client::report::CandidateReport;
use vast_client::select::{ParseFilter, RejectionReason, Skippability};
use vast_client::{ClientConfig, FetchMode, FetchResult};

use crate::change::{Alternative, ChangeEffect, SettingChange};
use crate::story::{LimitKind, Story};

/// The most replays for one recording with small documents. Large documents take more time, so they get fewer.
const MOST_REPLAYS: usize = 300;
/// The bytes of documents for which half of the replays are made.
const HALF_BYTES: usize = 256 << 10;
/// The longest time limit that is tried. Answers that come later are not recorded.
const LONGEST: Duration = Duration::from_secs(60);

/// A number of the filter that can be moved.
#[derive(Clone, Copy)]
enum FilterBound {
    /// In kbit/s.
    Bitrate(fn(&mut ParseFilter) -> &mut Option<u32>),
    /// In milliseconds.
    Duration(fn(&mut ParseFilter) -> &mut Option<Duration>),
}

/// The key of each bound, and the value that permits most.
const BOUNDS: [(&str, FilterBound, u64); 4] = [
    ("min_bitrate", FilterBound::Bitrate(|filter| &mut filter.min_bitrate), 0),
    ("max_bitrate", FilterBound::Bitrate(|filter| &mut filter.max_bitrate), 1_000_000),
    ("min_duration", FilterBound::Duration(|filter| &mut filter.min_duration), 0),
    ("max_duration", FilterBound::Duration(|filter| &mut filter.max_duration), 24 * 3_600_000),
];

impl FilterBound {
    fn unit(self) -> &'static str {
        match self {
            Self::Bitrate(_) => "kbit/s",
            Self::Duration(_) => "ms",
        }
    }

    /// The reason of an ad that the bound rejects.
    fn reason(self) -> RejectionReason {
        match self {
            Self::Bitrate(_) => RejectionReason::Bitrate,
            Self::Duration(_) => RejectionReason::Duration,
        }
    }

    fn get(self, filter: &mut ParseFilter) -> Option<u64> {
        match self {
            Self::Bitrate(bound) => bound(filter).map(u64::from),
            Self::Duration(bound) => bound(filter).map(millis),
        }
    }

    fn set(self, filter: &mut ParseFilter, value: u64) {
        match self {
            Self::Bitrate(bound) => *bound(filter) = u32::try_from(value).ok(),
            Self::Duration(bound) => *bound(filter) = Some(Duration::from_millis(value)),
        }
    }
}

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
/// Only one setting is changed at a time: time limits that fired, conditions that rejected an ad, the number of retries, the circuit
/// breakers that kept a source from being asked, and the mode. A change is left out if it would have to be more than a minute or a day.
/// If the recording does not have an answer that a change needs, this is said ([`ChangeEffect::NotRecorded`]).
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
    found.extend(trial.retries(result)?);
    found.extend(trial.no_breaker(result)?);
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

impl Trial<'_> {
    /// What this change does; `None` if the outcome is that of the recording.
    fn with(&mut self, change: impl FnOnce(&mut ClientConfig)) -> Result<Option<ChangeEffect>, ReplayError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let mut config = self.config.clone();
        change(&mut config);
        let replay = self.replayer.what_if(self.recording, config)?;
        let (winner, elapsed) = (replay.result.source, replay.result.metadata.elapsed);
        Ok(match winner {
            winner if replay.is_undecidable => {
                let is_same = winner.is_some() && winner == self.recorded;
                (!is_same).then_some(ChangeEffect::NotRecorded)
            }
            Some(winner) if Some(&winner) != self.recorded.as_ref() => Some(ChangeEffect::Wins { winner, elapsed }),
            _ => None,
        })
    }

    /// The value nearest to `from` with which the same source wins as with `widest`. If the recording does not have the answers for
    /// `widest`, this effect. `None` if no other source wins with `widest`.
    fn nearest(
        &mut self,
        from: u64,
        widest: u64,
        set: &dyn Fn(&mut ClientConfig, u64),
    ) -> Result<Option<(u64, ChangeEffect)>, ReplayError> {
        let Some(effect) = self.with(|config| set(config, widest))? else { return Ok(None) };
        let mut best = (widest, effect);
        let mut without = from;
        while best.1.winner().is_some() && without.abs_diff(best.0) > 1 && self.left > 0 {
            let middle = without.midpoint(best.0);
            match self.with(|config| set(config, middle))? {
                Some(effect) if effect.winner() == best.1.winner() => best = (middle, effect),
                _ => without = middle,
            }
        }
        Ok(Some(best))
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
            if let Some((to, effect)) = self.nearest(millis(from), millis(LONGEST), &set)? {
                let change = SettingChange::Time { limit, from, to: Duration::from_millis(to) };
                found.push(Alternative { change, effect });
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
            TimeLimit::Connect => Some(limits.connect_timeout),
            TimeLimit::Idle => Some(limits.idle_timeout),
            _ => None,
        }
    }

    /// Wider bounds of the filter, for those that rejected an ad.
    fn bounds(&mut self, result: &FetchResult) -> Result<Vec<Alternative>, ReplayError> {
        let mut found = Vec::new();
        for (key, bound, widest) in BOUNDS {
            let from = bound.get(&mut self.config.fetch.parse_filter);
            let Some(from) = from.filter(|_| has_rejected(result, bound.reason())) else { continue };
            let set = |config: &mut ClientConfig, value| bound.set(&mut config.fetch.parse_filter, value);
            if let Some((to, effect)) = self.nearest(from, widest, &set)? {
                let change = SettingChange::Bound { key, unit: bound.unit(), from, to };
                found.push(Alternative { change, effect });
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
            let effect = self.with(|config| config.fetch.parse_filter = filter)?;
            found.extend(effect.map(|effect| Alternative { change, effect }));
        }
        Ok(found)
    }

    /// Fewer retries, if there were any: they take time. One more, if a source failed that could be asked again.
    fn retries(&mut self, result: &FetchResult) -> Result<Option<Alternative>, ReplayError> {
        let from = self.config.fetch.strategy.retry.max_retries;
        let has_retried = result.journal.iter().any(|entry| matches!(entry.fact, Fact::Attempt { number: 2.., .. }));
        let could_retry = result
            .sources
            .iter()
            .any(|source| matches!(&source.reason, Some(EndReason::Failure(failure)) if failure.is_retried()));
        let fewer = (0..from).rev().filter(|_| has_retried);
        for to in fewer.chain(could_retry.then_some(from.saturating_add(1))) {
            if let Some(effect) = self.with(|config| config.fetch.strategy.retry.max_retries = to)? {
                return Ok(Some(Alternative { change: SettingChange::Retries { from, to }, effect }));
            }
        }
        Ok(None)
    }

    /// No circuit breakers, if one kept a source from being asked.
    fn no_breaker(&mut self, result: &FetchResult) -> Result<Option<Alternative>, ReplayError> {
        let is_open = Some(&EndReason::Skipped(SkipReason::BreakerOpen));
        if !result.sources.iter().any(|source| source.reason.as_ref() == is_open) {
            return Ok(None);
        }
        let effect = self.with(|config| config.fetch.strategy.breaker.enabled = false)?;
        Ok(effect.map(|effect| Alternative { change: SettingChange::NoBreaker, effect }))
    }

    /// The mode in which the first usable ad in time wins.
    fn race(&mut self) -> Result<Option<Alternative>, ReplayError> {
        if !matches!(self.config.fetch.strategy.mode, FetchMode::Parallel | FetchMode::Staggered) {
            return Ok(None);
        }
        let effect = self.with(|config| config.fetch.strategy.mode = FetchMode::Race)?;
        Ok(effect.map(|effect| Alternative { change: SettingChange::Mode(FetchMode::Race), effect }))
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
        TimeLimit::Connect => limits.connect_timeout = value,
        TimeLimit::Idle => limits.idle_timeout = value,
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
