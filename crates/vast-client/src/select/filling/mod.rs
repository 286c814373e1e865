//! Filling a break: which ads of which units are taken. It is pure arithmetic and does not depend on VAST.
//!
//! A unit is a pod or a stand-alone ad. It is taken whole, shortened from its end, or left. Of all choices that fit, the one
//! whose values are highest is taken, compared value by value; among equal ones the one that takes most of the first unit,
//! then of the second, and so on. The choice is exact as long as there are at most [`MAX_UNITS`] units and the search needs at
//! most [`MAX_STEPS`] steps.

mod bound;
mod grid;
mod problem;
mod search;
#[cfg(test)]
mod tests;

pub(super) use problem::{BreakLimits, BreakUnit, RankValues, UnitAd};
#[cfg(test)]
pub(super) use search::MAX_UNITS;
pub(super) use search::{Filling, fill};
