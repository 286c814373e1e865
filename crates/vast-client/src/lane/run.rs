//! One source's part in a request: FETCH, PARSE, RESOLVE, ending usable or not. Everything else it has to say is in the
//! journal.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use bytes::Bytes;
use vast_xml::Text;

use crate::ad::{DocumentInfo, SourceTree};
use crate::error::{ErrorType, Failure};
use crate::fetch::{Attempts, FetchContext, Fetched, Prepared, guarded};
use crate::journal::{Fact, LaneLog, Outcome};
use crate::lane::{PlannedSource, Settings};
use crate::parse;
use crate::policy::Deadline;
use crate::request::AdRequest;
use crate::request::RequestValues;
use crate::resolve::{ReadDocument, Resolution, Surroundings, Walk};
use crate::select::{Candidate, Selector};
use crate::transport::HttpClient;

/// What all lanes of a request share.
pub(crate) struct Scope<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) request: &'a AdRequest,
    pub(crate) exchange: &'a HttpClient,
    pub(crate) values: &'a RequestValues<'a>,
    pub(crate) selector: &'a dyn Selector,
    /// Wrapper documents of the whole request so far.
    pub(crate) documents: AtomicU32,
}

/// What a usable lane gives.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The lane it came from.
    pub(crate) lane: usize,
    /// The usable ads, in order of play. Never empty.
    pub(crate) candidates: Vec<Candidate>,
    /// The source's own document.
    pub(crate) document: OwnDocument,
}

impl Answer {
    /// The usable ads of all answers in their order, and the documents they came from.
    pub(crate) fn split(answers: Vec<Self>) -> (Vec<Candidate>, Vec<(usize, OwnDocument)>) {
        let mut candidates = Vec::with_capacity(answers.len());
        let mut documents = Vec::with_capacity(answers.len());
        for answer in answers {
            documents.push((answer.lane, answer.document));
            candidates.extend(answer.candidates);
        }
        (candidates, documents)
    }
}

/// What is kept of a source's own document beside its ads.
#[derive(Debug, Clone)]
pub(crate) struct OwnDocument {
    pub(crate) info: Arc<DocumentInfo>,
    pub(crate) root_errors: Vec<Text>,
    pub(crate) raw: Option<Bytes>,
}

/// Runs the lane under its deadline.
pub(crate) async fn run(scope: &Scope<'_>, source: &PlannedSource, log: LaneLog, deadline: Deadline) -> Option<Answer> {
    let Ok(end) = deadline.within(stages(scope, source, &log, deadline)).await else {
        log.fail(0, Failure::timeout(deadline.limit()));
        return None;
    };
    match end {
        Ok(answer) => {
            source.latency.record(log.elapsed());
            log.end(Outcome::Filled, None);
            Some(answer)
        }
        Err(failures) => {
            let (outcome, reason) = worst(&failures);
            if outcome != Outcome::Failed {
                source.latency.record(log.elapsed());
            }
            log.end(outcome, Some(reason));
            None
        }
    }
}

async fn stages(
    scope: &Scope<'_>,
    source: &PlannedSource,
    log: &LaneLog,
    deadline: Deadline,
) -> Result<Answer, Vec<Failure>> {
    let (transaction_id, disclosure) =
        (scope.values.transaction_id(), scope.values.disclosure(&source.privacy, &source.name));
    let limits = &scope.settings.strategy.limits;
    let attempts =
        Attempts { hop: 0, retry: &scope.settings.strategy.retry, limits, deadline, draws: scope.values.draws(), log };
    let context = FetchContext {
        request: scope.request,
        deadline,
        limits,
        allow_private: source.allow_private,
        exchange: scope.exchange,
        values: scope.values,
        transaction_id: &transaction_id,
        disclosure: &disclosure,
    };
    let own = |failure: Failure| {
        log.record(Fact::Failed { hop: 0, failure: failure.clone() });
        vec![failure]
    };

    let (prepared, fetched) = guarded(&*source.source, attempts, context).await.map_err(own)?;
    let (document, read) = read(scope.settings.keep_raw, &prepared, fetched, log).map_err(own)?;
    let tree = Arc::new(SourceTree {
        source: Arc::clone(&source.name),
        rule: prepared.rule(source.allow_private),
        transaction_id: Arc::clone(&transaction_id),
        disclosure: disclosure.clone(),
    });
    let around = Surroundings {
        tree: &tree,
        slot: &scope.request.slot,
        filter: &scope.settings.filter,
        selector: scope.selector,
        ahead: scope.settings.strategy.resolve_ahead,
        attempts,
        context,
    };
    let Resolution { candidates, failures } = Walk::new(around, &scope.documents).run(read).await;
    if candidates.is_empty() { Err(failures) } else { Ok(Answer { lane: log.lane(), candidates, document }) }
}

/// PARSE: the document for RESOLVE, and what is kept of it for the answer.
fn read(
    keep_raw: bool,
    prepared: &Prepared,
    fetched: Fetched,
    log: &LaneLog,
) -> Result<(OwnDocument, ReadDocument), Failure> {
    let parsed = parse::document(&fetched.body, fetched.charset.as_deref())?;
    let (vast, warnings) = (parsed.vast, parsed.warnings);
    let version = vast.version.clone();
    let is_damaged = parse::has_unusable_ads(&warnings);
    log.record(Fact::Parsed { hop: 0, version: version.clone(), ads: vast.ads.len(), warnings });
    let after_redirects = fetched.base.as_ref().map(|base| base.as_str()).filter(|base| *base != &*prepared.url);
    let url = after_redirects.map_or_else(|| Arc::clone(&prepared.url), Arc::from);
    let (status, elapsed) = (fetched.status, log.elapsed());
    let info = Arc::new(DocumentInfo { hop: 0, parent: None, url, version, status, elapsed });
    let raw = keep_raw.then(|| fetched.body.clone());
    let root_errors = vast.errors.clone();
    let document = OwnDocument { info: Arc::clone(&info), root_errors, raw };
    Ok((document, ReadDocument { info, base: fetched.base, vast, is_damaged }))
}

/// The outcome that a failure on its own means.
pub(crate) fn outcome(failure: &Failure) -> Outcome {
    match failure.error_type {
        ErrorType::NoAd | ErrorType::WrapperNoAd => Outcome::NoAd,
        ErrorType::Filtered => Outcome::Rejected,
        _ => Outcome::Failed,
    }
}

/// The lane's outcome from all that went wrong in it: a failure weighs more than a rejection, and that more than "no ad".
fn worst(failures: &[Failure]) -> (Outcome, String) {
    let weight = |failure: &&Failure| match outcome(failure) {
        Outcome::NoAd => 0,
        Outcome::Rejected => 1,
        _ => 2,
    };
    let worst = failures.iter().rev().max_by_key(weight);
    worst.map_or((Outcome::NoAd, "no ad".to_owned()), |failure| (outcome(failure), failure.message.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_is_the_worst_of_what_happened() {
        let no_ad = Failure::new(ErrorType::NoAd, "empty");
        let filtered = Failure::new(ErrorType::Filtered, "too long");
        let failed = Failure::new(ErrorType::Reset, "reset");
        let cases = [
            (vec![no_ad.clone()], (Outcome::NoAd, "empty")),
            (vec![no_ad.clone(), filtered.clone()], (Outcome::Rejected, "too long")),
            (vec![filtered, failed, no_ad], (Outcome::Failed, "reset")),
            (vec![], (Outcome::NoAd, "no ad")),
        ];
        for (failures, (outcome, reason)) in cases {
            assert_eq!(worst(&failures), (outcome, reason.to_owned()));
        }
    }
}
