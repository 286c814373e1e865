//! Builds the report of each source from the facts of the journal.

use std::sync::Arc;
use std::time::Duration;

use super::candidate::{CandidateReport, CandidateVerdict};
use super::hops::Hops;
use super::source::{CHAIN, ErrorReport, SourceReport, WarningReport};
use crate::error::{ErrorType, Failure, Phase};
use crate::journal::{EndReason, Entry, Fact, Outcome};
use crate::lane::{PlannedSource, Tier};
use crate::policy::TierKind;

pub(super) struct Folded {
    pub(super) sources: Vec<SourceReport>,
    pub(super) errors: Vec<ErrorReport>,
    pub(super) warnings: Vec<WarningReport>,
    /// The ads that were rejected.
    pub(super) rejected: Vec<CandidateReport>,
}

/// Reads the journal once. `sources` are the reports before the first fact.
pub(super) fn fold(sources: Vec<SourceReport>, journal: &[Entry]) -> Folded {
    let mut folded = Folded { sources, errors: Vec::new(), warnings: Vec::new(), rejected: Vec::new() };
    let (mut waits, mut hops, count) = (Waits::default(), Hops::default(), folded.sources.len());
    for entry in journal {
        let Some(source) = folded.sources.get_mut(entry.lane) else { continue };
        match &entry.fact {
            // Most facts of a chain of wrappers concern one list only.
            Fact::Attempt { hop: 1.., .. } | Fact::Answered { hop: 1.., .. } | Fact::Followed { .. } => {
                hops.add(count, entry);
                continue;
            }
            Fact::WrapperRead(_) => {
                source.add(entry.at, &entry.fact);
                continue;
            }
            Fact::Failed { hop, failure } => folded.errors.push(error(source, *hop, None, failure)),
            Fact::BreakFailed { number, failure } => folded.errors.push(error(source, 0, Some(*number), failure)),
            Fact::Parsed { document, warnings, .. } => {
                folded.warnings.extend(warnings.iter().map(|warning| WarningReport {
                    source: Arc::clone(&source.name),
                    hop: document.hop,
                    code: warning.code.as_str(),
                    severity: warning.code.severity(),
                    message: warning.message.clone(),
                    position: Some(warning.position),
                }));
            }
            Fact::Warned { hop, kind, message } => folded.warnings.push(WarningReport {
                source: Arc::clone(&source.name),
                hop: *hop,
                code: kind.as_str(),
                severity: kind.severity(),
                message: message.clone(),
                position: None,
            }),
            Fact::Judged { hop, ad_id, rejection: Some(rejection) } => folded.rejected.push(CandidateReport {
                source: Arc::clone(&source.name),
                hop: *hop,
                ad_id: ad_id.clone(),
                verdict: CandidateVerdict::Rejected,
                rejection: Some((**rejection).clone()),
                vast_error_code: Some(rejection.reason.vast_error_code()),
            }),
            _ => {}
        }
        source.add(entry.at, &entry.fact);
        hops.add(count, entry);
        if let Some(waited) = waits.add(entry) {
            source.elapsed = source.elapsed.map(|elapsed| elapsed.saturating_sub(waited));
        }
    }
    hops.report(&mut folded.sources);
    folded
}

/// The lanes whose documents wait to be read, or have waited.
#[derive(Default)]
struct Waits {
    /// Lanes with the time at which their document arrived.
    kept: Vec<(usize, Duration)>,
    /// Lanes with the time for which their document waited.
    over: Vec<(usize, Duration)>,
}

impl Waits {
    /// Adds a fact. Returns for how long the document of a lane waited, if the lane ends.
    fn add(&mut self, Entry { at, lane, fact }: &Entry) -> Option<Duration> {
        let of_lane = |list: &[(usize, Duration)]| list.iter().position(|(other, _)| other == lane);
        match fact {
            Fact::Kept => self.kept.push((*lane, *at)),
            Fact::Parsed { .. } | Fact::Failed { .. } => {
                let (_, since) = self.kept.swap_remove(of_lane(&self.kept)?);
                self.over.push((*lane, at.saturating_sub(since)));
            }
            Fact::Ended { .. } => return Some(self.over.swap_remove(of_lane(&self.over)?).1),
            _ => {}
        }
        None
    }
}

fn error(source: &SourceReport, hop: u32, break_number: Option<usize>, failure: &Failure) -> ErrorReport {
    let (source, phase, failure) = (Arc::clone(&source.name), phase(hop, failure), failure.clone());
    ErrorReport { source, phase, hop, break_number, failure }
}

impl SourceReport {
    /// The reports of all sources of these tiers before the first fact.
    pub(crate) fn of_tiers(tiers: &[Tier]) -> Vec<Self> {
        let mut reports = Vec::with_capacity(tiers.iter().map(|tier| tier.sources.len()).sum());
        for tier in tiers {
            let unasked =
                |planned: &Arc<PlannedSource>| Self::unasked(&planned.name, Arc::clone(&planned.url), tier.kind);
            reports.extend(tier.sources.iter().map(unasked));
        }
        reports
    }

    /// The report of a source before the first fact.
    pub(crate) fn unasked(name: &Arc<str>, url: Arc<str>, tier: TierKind) -> Self {
        Self {
            name: Arc::clone(name),
            url,
            tier,
            outcome: Outcome::NotStarted,
            reason: Some(EndReason::OtherSourceWon),
            attempts: 0,
            elapsed: None,
            began: None,
            status: None,
            bytes: 0,
            redirects: Vec::new(),
            from_cache: false,
            hops: Vec::new(),
            wrappers: Vec::new(),
        }
    }

    fn add(&mut self, at: Duration, fact: &Fact) {
        match fact {
            Fact::Asked => self.began = Some(at),
            Fact::Attempt { hop: 0, number, url } => {
                self.attempts = *number;
                self.url = Arc::clone(url);
                self.redirects.clear();
            }
            Fact::FromCache { hop: 0, url, .. } => (self.url, self.from_cache) = (Arc::clone(url), true),
            Fact::Redirected { hop: 0, step } => self.redirects.push(step.clone()),
            Fact::WrapperRead(wrapper) => {
                if self.wrappers.is_empty() {
                    self.wrappers.reserve_exact(CHAIN);
                }
                self.wrappers.push(Arc::clone(wrapper));
            }
            Fact::Answered { hop: 0, status, bytes, .. } => (self.status, self.bytes) = (*status, *bytes),
            Fact::Failed { hop: 0, failure } => self.status = failure.status.or(self.status),
            Fact::Ended { outcome, reason } => {
                self.outcome = *outcome;
                self.reason.clone_from(reason);
                self.elapsed = self.began.map(|began| at.saturating_sub(began));
            }
            _ => {}
        }
    }
}

/// The stage of a failure: after the source's own document, every failure but a rejection belongs to RESOLVE.
fn phase(hop: u32, failure: &Failure) -> Phase {
    match failure.error_type {
        ErrorType::Filtered => Phase::Select,
        _ if hop > 0 => Phase::Resolve,
        error_type => error_type.row().phase,
    }
}
