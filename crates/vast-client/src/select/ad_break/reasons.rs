//! The ads that are chosen for a break. Each other ad has the reason why it is left out, and the ad that displaced it.

use std::time::Duration;

use super::units::{BreakPlan, length};
use crate::error::{DisplacedBy, Rejection, RejectionReason};
use crate::select::candidate::Candidate;
use crate::select::selection::Selection;

impl BreakPlan {
    /// The ads that are chosen, and for each other ad the reason why it is left out.
    pub(in crate::select) fn select(&self, candidates: Vec<Candidate>) -> Selection {
        let taken = self.taken();
        let reasons = match &self.filling {
            Some(_) => reasons(self, &candidates, &taken),
            None => candidates.iter().map(|_| Some(self.too_short())).collect(),
        };
        let mut selection = Selection {
            is_approximate: self.filling.as_ref().is_some_and(|filling| !filling.is_exact),
            ..Selection::default()
        };
        for (candidate, reason) in candidates.into_iter().zip(reasons) {
            match reason {
                None => selection.chosen.push(candidate),
                Some(reason) => selection.passed_over.push((candidate, reason)),
            }
        }
        selection
    }

    fn too_short(&self) -> Rejection {
        let shortest = Duration::from_millis(self.limits.shortest).as_secs_f64();
        let message = format!("the ads do not fill the {shortest} s that the break must have");
        Rejection::new(RejectionReason::BreakTooShort, message)
    }
}

/// For each candidate the reason why it is left out; `None` for those that are taken.
fn reasons(plan: &BreakPlan, candidates: &[Candidate], taken: &[bool]) -> Vec<Option<Rejection>> {
    let reasons = Reasons::new(plan, candidates, taken);
    let mut all: Vec<Option<Rejection>> = Vec::with_capacity(candidates.len());
    let mut begin = 0;
    for end in &plan.ends {
        let mut is_ended = false;
        for (number, is_taken) in (begin..*end).zip(&taken[begin..]) {
            all.push((!is_taken).then(|| reasons.against(number, std::mem::replace(&mut is_ended, true))));
        }
        begin = *end;
    }
    all
}

struct Reasons<'a> {
    plan: &'a BreakPlan,
    candidates: &'a [Candidate],
    /// The numbers of the candidates that are taken, in the order of play.
    chosen: Vec<usize>,
    /// The running time that is left, in milliseconds.
    left: u64,
}

impl<'a> Reasons<'a> {
    fn new(plan: &'a BreakPlan, candidates: &'a [Candidate], taken: &[bool]) -> Self {
        let chosen: Vec<usize> = (0..candidates.len()).filter(|number| taken[*number]).collect();
        let filled: u64 = chosen.iter().filter_map(|number| length(&candidates[*number])).sum();
        Self { plan, candidates, chosen, left: plan.limits.longest.saturating_sub(filled) }
    }

    /// The reason why the candidate `number` is left out. `is_ended` says whether an earlier ad of the same pod is left out.
    fn against(&self, number: usize, is_ended: bool) -> Rejection {
        let keys = &self.plan.keys[number];
        let same = || self.chosen.iter().position(|chosen| keys.same.collides(&self.plan.keys[*chosen].same));
        let rival = || self.chosen.iter().position(|chosen| keys.rival.collides(&self.plan.keys[*chosen].rival));
        let full = |message| Rejection::new(RejectionReason::SlotFull, message);
        let last = self.chosen.len().checked_sub(1);
        if is_ended {
            return full("an ad before it in its pod is left out".to_owned());
        }
        if let Some(place) = same() {
            let rejection = Rejection::new(RejectionReason::Duplicate, "the creative is in the break already");
            return self.displaced(rejection, Some(place));
        }
        if let Some(place) = rival() {
            let message = "an ad of the same category or advertiser is in the break";
            return self.displaced(Rejection::new(RejectionReason::Competitor, message), Some(place));
        }
        let Some(length) = length(&self.candidates[number]) else {
            return full("an ad without a duration cannot be fitted into a break".to_owned());
        };
        if length > self.plan.limits.longest {
            return full(format!("{} s are longer than the break", seconds(length)));
        }
        if self.chosen.len() >= self.plan.limits.ads {
            return self.displaced(full("the break has all the ads it takes".to_owned()), last);
        }
        let message = format!("{} s do not fit into the {} s left", seconds(length), seconds(self.left));
        self.displaced(full(message), last)
    }

    fn displaced(&self, rejection: Rejection, place: Option<usize>) -> Rejection {
        let by = place.map(|place| {
            let ad = &self.candidates[self.chosen[place]].ad;
            DisplacedBy::new(place + 1, ad.tree.source.clone(), ad.id.clone())
        });
        Rejection { displaced_by: by, ..rejection }
    }
}

fn seconds(milliseconds: u64) -> f64 {
    Duration::from_millis(milliseconds).as_secs_f64()
}
