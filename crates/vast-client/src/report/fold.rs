//! From the journal's facts to a report per source.

use std::sync::Arc;
use std::time::Duration;

use super::source::{ErrorReport, HopReport, SourceReport, WarningReport};
use crate::error::{ErrorType, Failure, Phase};
use crate::journal::{Entry, Fact, Outcome};
use crate::lane::Plan;

pub(super) struct Folded {
    pub(super) sources: Vec<SourceReport>,
    pub(super) errors: Vec<ErrorReport>,
    pub(super) warnings: Vec<WarningReport>,
}

/// Reads the journal once.
pub(super) fn fold(plan: &Plan, journal: &[Entry]) -> Folded {
    let mut folded = Folded { sources: unasked(plan), errors: Vec::new(), warnings: Vec::new() };
    for entry in journal {
        let Some(source) = folded.sources.get_mut(entry.lane) else { continue };
        match &entry.fact {
            Fact::Failed { hop, failure } => folded.errors.push(ErrorReport {
                source: Arc::clone(&source.name),
                phase: phase(*hop, failure),
                hop: *hop,
                failure: failure.clone(),
            }),
            Fact::Parsed { hop, warnings, .. } => {
                folded.warnings.extend(warnings.iter().map(|warning| WarningReport {
                    source: Arc::clone(&source.name),
                    hop: *hop,
                    code: warning.code.as_str(),
                    message: warning.message.clone(),
                    position: Some(warning.position),
                }));
            }
            Fact::Warned { hop, oddity, message } => folded.warnings.push(WarningReport {
                source: Arc::clone(&source.name),
                hop: *hop,
                code: oddity.as_str(),
                message: message.clone(),
                position: None,
            }),
            _ => {}
        }
        source.add(entry.at, &entry.fact);
    }
    folded
}

/// The report of every source before anything happened.
fn unasked(plan: &Plan) -> Vec<SourceReport> {
    let source = |tier, source: &crate::lane::PlannedSource| SourceReport {
        name: Arc::clone(&source.name),
        url: Arc::from(source.source.url()),
        tier,
        outcome: Outcome::NotStarted,
        reason: Some("an earlier source settled it".to_owned()),
        attempts: 0,
        elapsed: None,
        began: None,
        status: None,
        bytes: 0,
        hops: Vec::new(),
    };
    plan.tiers.iter().flat_map(|tier| tier.sources.iter().map(|planned| source(tier.kind, planned))).collect()
}

impl SourceReport {
    fn add(&mut self, at: Duration, fact: &Fact) {
        match fact {
            Fact::Asked => self.began = Some(at),
            Fact::Attempt { hop: 0, number, url } => {
                self.attempts = *number;
                self.url = Arc::clone(url);
            }
            Fact::Answered { hop: 0, status, bytes, .. } => (self.status, self.bytes) = (*status, *bytes),
            Fact::Failed { hop: 0, failure } => self.status = failure.status.or(self.status),
            Fact::Ended { outcome, reason } => {
                self.outcome = *outcome;
                self.reason.clone_from(reason);
                self.elapsed = self.began.map(|began| at.saturating_sub(began));
                self.close_hops(at, *outcome);
            }
            Fact::Followed { hop, parent, ad_system } => self.hops.push(HopReport {
                hop: *hop,
                parent: *parent,
                url: None,
                ad_system: ad_system.clone(),
                version: None,
                status: None,
                began: at,
                elapsed: Duration::ZERO,
                bytes: 0,
                outcome: Outcome::NotStarted,
            }),
            Fact::Attempt { hop, .. }
            | Fact::Answered { hop, .. }
            | Fact::Failed { hop, .. }
            | Fact::Parsed { hop, .. }
            | Fact::Judged { hop, .. } => {
                if let Some(report) = self.hops.iter_mut().find(|report| report.hop == *hop) {
                    report.add(at, fact);
                }
            }
            Fact::Owed { .. } | Fact::Warned { .. } => {}
        }
    }

    /// Documents that were still on their way when the lane ended share its end. Those of a lane that is filled were let
    /// go: an alternative before them was enough.
    fn close_hops(&mut self, at: Duration, outcome: Outcome) {
        let outcome = if outcome == Outcome::Filled { Outcome::Cancelled } else { outcome };
        for hop in self.hops.iter_mut().filter(|hop| hop.outcome == Outcome::NotStarted) {
            hop.end(at, outcome);
        }
    }
}

impl HopReport {
    fn add(&mut self, at: Duration, fact: &Fact) {
        match fact {
            Fact::Attempt { url, .. } => self.url = Some(Arc::clone(url)),
            Fact::Answered { status, bytes, url, .. } => {
                (self.status, self.bytes, self.url) = (*status, *bytes, Some(Arc::clone(url)));
            }
            Fact::Parsed { version, .. } => {
                self.version.clone_from(version);
                self.end(at, Outcome::Filled);
            }
            Fact::Failed { failure, .. } => {
                self.status = failure.status.or(self.status);
                let outcome = crate::lane::outcome(failure);
                // An ad that the verdict rejects came in a document that had arrived before.
                if outcome == Outcome::Rejected { self.outcome = outcome } else { self.end(at, outcome) }
            }
            Fact::Judged { rejection: None, .. } => self.outcome = Outcome::Filled,
            _ => {}
        }
    }

    fn end(&mut self, at: Duration, outcome: Outcome) {
        self.elapsed = at.saturating_sub(self.began);
        self.outcome = outcome;
    }
}

/// The stage a failure belongs to, seen from the request: below a wrapper everything but the verdict is RESOLVE.
fn phase(hop: u32, failure: &Failure) -> Phase {
    match failure.error_type {
        ErrorType::Filtered => Phase::Select,
        _ if hop > 0 => Phase::Resolve,
        error_type => error_type.row().phase,
    }
}
