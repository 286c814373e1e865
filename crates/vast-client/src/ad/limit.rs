//! How many trackers an ad may have.
//!
//! A tracker of a wrapper counts for each creative that it applies to, of every ad below it: a hundred ads below five
//! wrappers of 2,000 trackers each would have a million to call.

use std::sync::Arc;

use super::cut::Cut;
use super::factors::Factors;
use super::level::Level;
use super::resolved::ResolvedAd;
use super::tree::WrapperLevel;

/// The most trackers of one ad, inherited ones counted for each creative that they apply to. Real ads have a tenth of it.
/// What is beyond is dropped, and the result says so.
pub const MAX_TRACKERS: usize = 500;

/// Trackers were dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackersCut {
    /// How many there were.
    pub found: usize,
    /// How many may be left.
    pub kept: usize,
}

impl ResolvedAd {
    /// Drops what the ad has to call beyond [`MAX_TRACKERS`]. Levels with little keep all of it, the others share evenly what
    /// is left; within a level impressions and error URLs come first, then linear creatives and their clicks, then the rest.
    pub(crate) fn limit_trackers(&mut self) -> Option<TrackersCut> {
        let Self { wrappers, document, id, inline, .. } = self;
        let own = Level::of_inline(document, id.as_ref(), inline);
        let factors = Factors::of(own);
        let weights = wrappers.iter().map(|level| factors.weigh(Level::of_wrapper(level)));
        let found: Vec<usize> = weights.chain([own.contribution().total()]).collect();
        let total = found.iter().sum();
        if total <= MAX_TRACKERS {
            return None;
        }
        let shares = shares(&found, MAX_TRACKERS);
        let is_cut = |place: usize| shares[place] < found[place];
        for (place, level) in wrappers.iter_mut().enumerate().filter(|(place, _)| is_cut(*place)) {
            Cut::new(shares[place], &factors).wrapper(&mut Arc::make_mut(level).wrapper);
        }
        let own = wrappers.len();
        if is_cut(own) {
            Cut::new(shares[own], &Factors::ONCE).inline(inline);
        }
        Some(TrackersCut { found: total, kept: MAX_TRACKERS })
    }
}

/// How much of `most` each of those who want so much gets: all it wants, or an even share of what the modest leave.
fn shares(wanted: &[usize], most: usize) -> Vec<usize> {
    let mut by_size: Vec<usize> = (0..wanted.len()).collect();
    by_size.sort_by_key(|place| wanted[*place]);
    let mut shares = vec![0; wanted.len()];
    let mut left = most;
    for (served, place) in by_size.iter().enumerate() {
        shares[*place] = wanted[*place].min(left / (wanted.len() - served));
        left -= shares[*place];
    }
    shares
}

/// Drops what a wrapper alone wants called beyond [`MAX_TRACKERS`], before it is shared by the ads below it.
pub(crate) fn limit_wrapper(level: &mut WrapperLevel) -> Option<TrackersCut> {
    let found = Level::of_wrapper(level).contribution().total();
    (found > MAX_TRACKERS).then(|| {
        Cut::new(MAX_TRACKERS, &Factors::ONCE).wrapper(&mut level.wrapper);
        TrackersCut { found, kept: MAX_TRACKERS }
    })
}
