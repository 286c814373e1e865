//! Fills a break: chooses units and the number of ads from each. The code only compares numbers and does not depend on
//! VAST.
//!
//! A unit is a pod or a stand-alone ad. It is used completely, shortened from its end, or not used. Of all choices that
//! fit, the one with the highest values is taken; values are compared one after the other. Among equal choices, the one
//! that takes the most ads of the first unit is taken, then of the second unit, and so on. The choice is exact as long
//! as there are at most [`MAX_UNITS`] units and the search needs at most [`MAX_STEPS`] steps.

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
