//! The loop that all modes share: it decides when each source is asked, and when the answers are enough. Also the order of the
//! sources, and the arm of a request.

#[cfg(test)]
mod chi_square;
mod lane_set;
mod order;
mod run;
mod split;

pub(crate) use order::{Rank, Ranking, ranked};
pub(crate) use run::{BegunLane, Lanes, Rules, StopRule, run};
pub(crate) use split::{ArmShare, arm_of};
