//! The ads of a break: it converts usable ads to the units, keys and values that `filling` compares, and the result to ads and
//! reasons.

mod keys;
mod reasons;
#[cfg(test)]
mod tests;
mod units;

pub(super) use units::{BreakPlan, rank_values};
