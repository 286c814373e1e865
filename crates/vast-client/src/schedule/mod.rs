//! The loop that all modes share: it decides when each source is asked, and when the answers are enough.

mod lane_set;
mod order;
mod run;

pub(crate) use order::{Rank, ranked};
pub(crate) use run::{Lanes, Rules, StopRule, run};
