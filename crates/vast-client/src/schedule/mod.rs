//! Which source is asked when, and when the answers are enough: the loop that all modes share.

mod order;
mod run;

pub(crate) use order::{Rank, ranked};
pub(crate) use run::{Lanes, Rules, StopRule, run};
