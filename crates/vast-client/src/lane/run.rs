//! A lane: FETCH, PARSE and RESOLVE for one source of a request. The result is the usable ads, or nothing. All other
//! facts are recorded in the journal.

use std::sync::Arc;

use bytes::Bytes;
use vast_xml::Text;

use super::PlannedSource;
use crate::context::{LaneContext, LaneRules, RequestContext};
use crate::error::{ErrorType, Failure};
use crate::fetch::{Fetched, document_of_url, own_document};
use crate::journal::{DocumentInfo, EndReason, Fact, LaneLog, Outcome};
use crate::policy::{Deadline, TierKind};
use crate::request::Privacy;
use crate::resolve::{DocumentPlace, ReadDocument, Resolution, WrapperWalk};
use crate::select::Candidate;
use crate::transport::AddressRule;

/// The result of a lane with usable ads.
#[derive(Debug)]
pub(crate) struct LaneAnswer {
    /// The number of the lane.
    pub(crate) lane: usize,
    /// The usable ads, in order of play. Never empty.
    pub(crate) candidates: Vec<Candidate>,
    /// The source's own document.
    pub(crate) document: OwnDocument,
}

impl LaneAnswer {
    /// The usable ads of all answers, in their order, and the documents of their sources.
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

/// The parts of a source's own document that are kept besides its ads.
#[derive(Debug, Clone)]
pub(crate) struct OwnDocument {
    pub(crate) info: Arc<DocumentInfo>,
    pub(crate) root_errors: Vec<Text>,
    pub(crate) raw: Option<Bytes>,
}

/// Runs the lane of `source`, a source of this tier, under its deadline. `earlier` has the usable ads of the earlier
/// tiers.
pub(crate) async fn run(
    request: &Arc<RequestContext>,
    source: &PlannedSource,
    log: LaneLog,
    deadline: Deadline,
    tier: TierKind,
    earlier: &[&Candidate],
) -> Option<LaneAnswer> {
    let mut lane = LaneContext::new(request, &source.rules(), log, deadline);
    let end = deadline.within(stages(source, &mut lane, tier, earlier)).await;
    let log = lane.log();
    match end {
        Ok(Ok(answer)) => {
            source.latency.record(log.elapsed());
            log.end(Outcome::Filled, None);
            Some(answer)
        }
        Ok(Err(failures)) => {
            let failure = worst(failures);
            let outcome = outcome(&failure);
            if outcome != Outcome::Failed {
                source.latency.record(log.elapsed());
            }
            log.end(outcome, Some(EndReason::Failure(failure)));
            None
        }
        Err(limit) => {
            log.fail(0, Failure::timeout(limit));
            None
        }
    }
}

/// Only FETCH: gets the source's own document without parsing it.
pub(crate) async fn fetch(
    request: &Arc<RequestContext>,
    source: &PlannedSource,
    log: LaneLog,
    deadline: Deadline,
) -> Result<Fetched, Failure> {
    let mut lane = LaneContext::new(request, &source.rules(), log, deadline);
    let fetched = deadline.within(own_document(&*source.source, &mut lane)).await;
    fetched.unwrap_or_else(|limit| Err(Failure::timeout(limit))).map(|(_, fetched)| fetched)
}

/// Only FETCH: gets the document at `url`, a URL that another document contains. The request and its redirects may
/// connect to the addresses that `rule` permits.
pub(crate) async fn get(
    request: &Arc<RequestContext>,
    url: &str,
    rule: &AddressRule,
    deadline: Deadline,
) -> Result<Fetched, Failure> {
    let rules = LaneRules { source: &Arc::from(url), privacy: &Privacy::default(), allow_private: rule.allow_private };
    let log = LaneLog::begin(&request.journal, 0);
    let mut lane = LaneContext::new(request, &rules, log, deadline);
    lane.set_origin(rule.named.clone());
    let fetched = deadline.within(document_of_url(&lane, url)).await;
    fetched.unwrap_or_else(|limit| Err(Failure::timeout(limit)))
}

async fn stages(
    source: &PlannedSource,
    lane: &mut LaneContext,
    tier: TierKind,
    earlier: &[&Candidate],
) -> Result<LaneAnswer, Vec<Failure>> {
    let (own, read) = match own(source, lane).await {
        Ok(document) => document,
        Err(failure) => {
            lane.log().record(Fact::Failed { hop: 0, failure: failure.clone() });
            return Err(vec![failure]);
        }
    };
    let Resolution { candidates, failures } = WrapperWalk::new(lane, tier, earlier).run(read).await;
    if candidates.is_empty() {
        return Err(failures);
    }
    Ok(LaneAnswer { lane: lane.log().lane(), candidates, document: own })
}

/// FETCH and PARSE: gives the source's own document for RESOLVE, and the parts of it that the answer keeps.
async fn own(source: &PlannedSource, lane: &mut LaneContext) -> Result<(OwnDocument, ReadDocument), Failure> {
    let began = lane.log().since_request();
    let (prepared, fetched) = own_document(&*source.source, lane).await?;
    let raw = lane.settings().keep_raw.then(|| fetched.body.clone());
    let place = DocumentPlace { hop: 0, wrapper: None, url: &prepared.url, began };
    let read = ReadDocument::read(lane, &place, fetched).await?;
    let own = OwnDocument { info: Arc::clone(&read.info), root_errors: read.vast.errors.clone(), raw };
    Ok((own, read))
}

/// The outcome of a lane or document that ends with this failure.
pub(crate) fn outcome(failure: &Failure) -> Outcome {
    match failure.error_type {
        ErrorType::NoAd | ErrorType::WrapperNoAd => Outcome::NoAd,
        ErrorType::Filtered => Outcome::Rejected,
        _ => Outcome::Failed,
    }
}

/// The most important of these failures for the lane: a failure is more important than a rejection, and a rejection
/// more than "no ad".
fn worst(failures: Vec<Failure>) -> Failure {
    let weight = |failure: &Failure| match outcome(failure) {
        Outcome::NoAd => 0,
        Outcome::Rejected => 1,
        _ => 2,
    };
    let worst = failures.into_iter().rev().max_by_key(weight);
    worst.unwrap_or_else(|| Failure::new(ErrorType::NoAd, "no ad"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_is_the_most_important_failure() {
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
            let worst = worst(failures);
            assert_eq!((super::outcome(&worst), &*worst.message), (outcome, reason));
        }
    }
}
