//! The order in which the ads of a document are resolved, and the replacement of ads that are not usable (VAST 4.3
//! section 3.3.1).

use std::collections::VecDeque;
use std::future::Future;

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use vast_xml::model::Ad;

use super::eligible::{EligibleAds, may_be_replaced};
use crate::error::{ErrorType, Failure};
use crate::journal::Outcome;
use crate::select::Candidate;

/// The result of resolving a document, or one of its ads, with everything below it.
#[derive(Debug, Default)]
pub(crate) struct Resolution {
    /// The usable ads, in order of play.
    pub(crate) candidates: Vec<Candidate>,
    /// The failures, in order of play.
    pub(crate) failures: Vec<Failure>,
}

impl Resolution {
    pub(super) fn usable(candidate: Candidate) -> Self {
        Self { candidates: vec![candidate], failures: Vec::new() }
    }

    pub(super) fn failed(failure: Failure) -> Self {
        Self { candidates: Vec::new(), failures: vec![failure] }
    }

    /// Of these failures the one that counts most: a failure counts more than a rejection, and a rejection more than "no ad".
    pub(crate) fn worst(failures: Vec<Failure>) -> Failure {
        let weight = |failure: &Failure| match Outcome::of_failure(failure) {
            Outcome::NoAd => 0,
            Outcome::Rejected => 1,
            _ => 2,
        };
        let worst = failures.into_iter().rev().max_by_key(weight);
        worst.unwrap_or_else(|| Failure::new(ErrorType::NoAd, "no ad"))
    }

    pub(super) fn add(&mut self, other: Self) {
        append(&mut self.candidates, other.candidates);
        append(&mut self.failures, other.failures);
    }

    /// Makes the ads part of the pod of the document `hop`. Ads without a position get the position of the ad that they
    /// replace.
    fn join_pod(&mut self, hop: u32, sequence: Option<u32>) {
        for candidate in &mut self.candidates {
            candidate.ad.sequence = candidate.ad.sequence.or(sequence);
            candidate.ad.pod = Some(hop);
        }
    }

    /// Removes and returns the ads after the first `most`.
    pub(super) fn split_off(&mut self, most: usize) -> Vec<Candidate> {
        self.candidates.split_off(most.min(self.candidates.len()))
    }
}

/// Adds the items to a list. An empty list takes over the other one, without a copy.
fn append<T>(list: &mut Vec<T>, items: Vec<T>) {
    if list.is_empty() {
        *list = items;
    } else {
        list.extend(items);
    }
}

/// Resolves the ads of a document in order.
pub(super) struct AdOrder<R, E> {
    /// The number of the document.
    pub(super) hop: u32,
    /// Resolves one ad.
    pub(super) resolve: R,
    /// Decides whether these ads are enough.
    pub(super) enough: E,
    /// The number of alternatives that are resolved at the same time.
    pub(super) ahead: usize,
}

impl<R, F, E> AdOrder<R, E>
where
    R: Fn(Ad) -> F,
    F: Future<Output = Resolution>,
    E: Fn(&[Candidate]) -> bool,
{
    /// Resolves the pod. If it gives no usable ad, it resolves the stand-alone ads that did not replace an ad of the pod.
    pub(super) async fn run(&self, ads: EligibleAds) -> Resolution {
        let EligibleAds { pod, mut alone, .. } = ads;
        if pod.is_empty() {
            return self.alternatives(alone).await;
        }
        let mut resolution = self.pod(pod, &mut alone).await;
        if resolution.candidates.is_empty() {
            resolution.add(self.alternatives(alone).await);
        }
        resolution
    }

    /// Resolves all ads of a pod at once, with the results in their order. An ad without a usable result is replaced by a
    /// stand-alone ad, each of which is used at most once. Replacements are chosen in the pod's order, after all its ads have
    /// ended, so that the result does not depend on which server was faster.
    async fn pod(&self, pod: Vec<Ad>, replacements: &mut VecDeque<Ad>) -> Resolution {
        let rules: Vec<_> = pod.iter().map(|ad| (may_be_replaced(ad), ad.sequence)).collect();
        let places = join_all(pod.into_iter().map(&self.resolve)).await;
        let mut resolution = Resolution::default();
        for (mut place, (is_replaceable, sequence)) in places.into_iter().zip(rules) {
            while is_replaceable && place.candidates.is_empty() {
                let Some(replacement) = replacements.pop_front() else { break };
                place.add((self.resolve)(replacement).await);
            }
            place.join_pod(self.hop, sequence);
            resolution.add(place);
        }
        resolution
    }

    /// Resolves stand-alone ads in document order until there are enough usable ones.
    async fn alternatives(&self, mut alone: VecDeque<Ad>) -> Resolution {
        if alone.len() <= 1 {
            // The usual document. A stream would take several allocations.
            return match alone.pop_front() {
                Some(only) => {
                    let resolution = (self.resolve)(only).await;
                    // Selectors are asked after each ad, also after the last one.
                    (self.enough)(&resolution.candidates);
                    resolution
                }
                None => Resolution::default(),
            };
        }
        let mut ended = std::pin::pin!(stream::iter(alone.into_iter().map(&self.resolve)).buffered(self.ahead.max(1)));
        let mut resolution = Resolution::default();
        while let Some(next) = ended.next().await {
            resolution.add(next);
            if (self.enough)(&resolution.candidates) {
                break;
            }
        }
        resolution
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ad::ResolvedAd;
    use crate::error::ErrorType;
    use crate::select::MediaChoice;

    fn ad(id: &str, sequence: Option<u32>) -> Ad {
        let mut ad = Ad::default();
        ad.id = Some(id.into());
        ad.sequence = sequence;
        ad
    }

    /// Resolves an ad: it is usable unless its id is `broken`.
    async fn resolved(ad: Ad) -> Resolution {
        if ad.id.as_deref() == Some("broken") {
            return Resolution::failed(Failure::new(ErrorType::Filtered, "broken"));
        }
        let usable = ResolvedAd { id: ad.id, sequence: ad.sequence, ..ResolvedAd::of_creatives("") };
        let media = MediaChoice::new(0, [0]);
        Resolution::usable(Candidate { lane: 0, ad: usable, media })
    }

    #[tokio::test]
    async fn r111_a_replacement_takes_the_position_of_the_ad_it_replaces() {
        let ads = EligibleAds {
            pod: vec![ad("broken", Some(4)), ad("two", Some(7))],
            alone: VecDeque::from([ad("broken", None), ad("spare", None), ad("left", None)]),
            ..EligibleAds::default()
        };
        let order = AdOrder { hop: 0, resolve: resolved, enough: |ads: &[Candidate]| !ads.is_empty(), ahead: 1 };
        let Resolution { candidates, failures } = order.run(ads).await;
        let found: Vec<_> =
            candidates.iter().map(|found| (found.ad.id.as_deref(), found.ad.sequence, found.ad.pod)).collect();
        assert_eq!(found, [(Some("spare"), Some(4), Some(0)), (Some("two"), Some(7), Some(0))]);
        assert_eq!(failures.len(), 2);
    }

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
            let worst = Resolution::worst(failures);
            assert_eq!((Outcome::of_failure(&worst), &*worst.message), (outcome, reason));
        }
    }
}
