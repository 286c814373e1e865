//! Lanes: a lane is one source of a request, from its first exchange to its usable ads. Tiers are groups of lanes.

mod admission;
mod arm;
mod beacon_headers;
mod check;
mod names;
mod plan;
mod plan_sources;
mod reading_order;
mod run;
mod tier;

pub(crate) use admission::Admission;
pub use plan::Plan;
pub(crate) use plan::{Arm, PlannedSource, Tier};
pub(crate) use run::{AnswerContent, LaneAnswer, LaneAnswers, fetch, get};
pub(crate) use tier::{TierLanes, is_enough_after};
