//! In which order the ads of an offer are resolved, and when others take their place (VAST 4.3 section 3.3.1).

use std::collections::VecDeque;
use std::future::Future;

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use vast_xml::model::Ad;

use super::offer::{Offer, may_be_replaced};
use super::resolution::Resolution;
use crate::select::Candidate;

/// How the ads of a document are resolved.
pub(super) struct Order<R, E> {
    /// Resolves one ad.
    pub(super) resolve: R,
    /// Whether these ads are enough.
    pub(super) enough: E,
    /// How many alternatives are resolved at once.
    pub(super) ahead: usize,
}

impl<R, F, E> Order<R, E>
where
    R: Fn(Ad) -> F,
    F: Future<Output = Resolution>,
    E: Fn(&[Candidate]) -> bool,
{
    /// The pod; where it gives nothing, the stand-alone ads that it has not used up.
    pub(super) async fn run(&self, offer: Offer) -> Resolution {
        let Offer { pod, mut alone } = offer;
        let mut resolution = self.pod(pod, &mut alone).await;
        if resolution.candidates.is_empty() {
            resolution.add(self.alternatives(alone).await);
        }
        resolution
    }

    /// All ads of a pod at once, the results in their order. What gives nothing is replaced by stand-alone ads, each used
    /// at most once; they are handed out in the pod's order, so it takes the end of the pod to know who needs one.
    async fn pod(&self, pod: Vec<Ad>, spares: &mut VecDeque<Ad>) -> Resolution {
        let held: Vec<_> = pod.iter().map(|ad| (may_be_replaced(ad), ad.sequence)).collect();
        let places = join_all(pod.into_iter().map(&self.resolve)).await;
        let mut resolution = Resolution::default();
        for (mut place, (is_replaceable, sequence)) in places.into_iter().zip(held) {
            while is_replaceable && place.candidates.is_empty() {
                let Some(spare) = spares.pop_front() else { break };
                place.add((self.resolve)(spare).await);
            }
            place.stand_at(sequence);
            resolution.add(place);
        }
        resolution
    }

    /// Stand-alone ads in document order until those that gave something are enough.
    async fn alternatives(&self, alone: VecDeque<Ad>) -> Resolution {
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
    use crate::error::{ErrorType, Failure};
    use crate::select::MediaChoice;

    fn ad(id: &str, sequence: Option<u32>) -> Ad {
        Ad { id: Some(id.into()), sequence, ..Ad::default() }
    }

    /// Usable unless it is called broken.
    async fn resolved(ad: Ad) -> Resolution {
        if ad.id.as_deref() == Some("broken") {
            return Resolution::failed(Failure::new(ErrorType::Filtered, "broken"));
        }
        let usable = ResolvedAd { id: ad.id, sequence: ad.sequence, ..ResolvedAd::of_creatives("") };
        let media = MediaChoice { creative: 0, files: vec![0] };
        Resolution::usable(Candidate { lane: 0, ad: usable, media })
    }

    #[tokio::test]
    async fn r111_a_spare_stands_at_the_place_of_the_ad_it_replaces() {
        let offer = Offer {
            pod: vec![ad("broken", Some(4)), ad("two", Some(7))],
            alone: VecDeque::from([ad("broken", None), ad("spare", None), ad("left", None)]),
        };
        let order = Order { resolve: resolved, enough: |ads: &[Candidate]| !ads.is_empty(), ahead: 1 };
        let Resolution { candidates, failures } = order.run(offer).await;
        let found: Vec<_> = candidates.iter().map(|found| (found.ad.id.as_deref(), found.ad.sequence)).collect();
        assert_eq!(found, [(Some("spare"), Some(4)), (Some("two"), Some(7))]);
        assert_eq!(failures.len(), 2);
    }
}
