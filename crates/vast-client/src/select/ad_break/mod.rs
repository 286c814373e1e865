//! Ads for a break: from usable ads to the units, keys and values that `filling` compares, and back to ads with reasons.

mod keys;
mod reasons;
#[cfg(test)]
mod tests;
mod units;

pub(super) use units::{BreakPlan, rank_values};
