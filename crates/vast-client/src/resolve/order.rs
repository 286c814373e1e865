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
        let are_replaceable: Vec<bool> = pod.iter().map(may_be_replaced).collect();
        let places = join_all(pod.into_iter().map(&self.resolve)).await;
        let mut resolution = Resolution::default();
        for (mut place, is_replaceable) in places.into_iter().zip(are_replaceable) {
            while is_replaceable && place.candidates.is_empty() {
                let Some(spare) = spares.pop_front() else { break };
                place.add((self.resolve)(spare).await);
            }
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
