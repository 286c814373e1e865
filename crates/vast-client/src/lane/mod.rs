//! One source, from its first request to its usable ads, and the tiers in which sources are asked.

mod check;
mod plan;
mod run;
mod tier;

pub use plan::Plan;
pub(crate) use plan::{PlannedSource, Tier};
pub(crate) use run::{LaneAnswer, OwnDocument, fetch, get, outcome};
pub(crate) use tier::{TierLanes, is_enough_after};
