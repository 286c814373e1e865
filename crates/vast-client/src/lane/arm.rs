//! The checks of arms, and the rules of an arm.

use std::collections::HashSet;

use crate::config::{ArmConfig, FetchStrategy};
use crate::error::{ConfigError, ConfigKey, ConfigTable};
use crate::policy::SourceOrder;

/// The rules of the configuration, with those of the arm instead where it has its own.
pub(super) fn strategy(of_config: &FetchStrategy, arm: &ArmConfig) -> FetchStrategy {
    let mut strategy = of_config.clone();
    // With arms, `split` splits the requests between the arms, not between the sources of an arm.
    let inherited = if strategy.order == SourceOrder::Split { SourceOrder::Listed } else { strategy.order };
    strategy.order = arm.order.unwrap_or(inherited);
    strategy.mode = arm.mode.unwrap_or(strategy.mode);
    strategy.limits.timeout = arm.timeout.unwrap_or(strategy.limits.timeout);
    strategy
}

/// Checks the names and shares of all arms, and that each has sources.
///
/// # Errors
/// The first setting that is wrong.
pub(super) fn check(arms: &[ArmConfig]) -> Result<(), ConfigError> {
    let mut names = HashSet::new();
    for (index, arm) in arms.iter().enumerate() {
        let error = |key, problem: String| Err(ConfigError::new(ConfigTable::Arm(index).key(key), problem));
        if arm.name.trim().is_empty() {
            return error(ConfigKey::Name, "is empty: give the arm a name, which results and metrics use".to_owned());
        }
        if !names.insert(&arm.name) {
            return error(ConfigKey::Name, format!("`{}` is used by another arm: give each its own name", arm.name));
        }
        if arm.sources.is_empty() {
            return error(ConfigKey::Sources, "is empty: write the names of the sources that the arm asks".to_owned());
        }
        let mut sources = HashSet::new();
        if let Some(twice) = arm.sources.iter().find(|name| !sources.insert(*name)) {
            return error(ConfigKey::Sources, format!("`{twice}` is there twice: leave one of them out"));
        }
        if !(0.0..=100.0).contains(&arm.share) {
            let given = if arm.share.is_nan() { "is missing".to_owned() } else { format!("{} is no share", arm.share) };
            return error(ConfigKey::Share, format!("{given}: write a number of percent from 0 to 100"));
        }
    }
    let sum: f64 = arms.iter().map(|arm| arm.share).sum();
    if !arms.is_empty() && (sum - 100.0).abs() > TOLERANCE {
        // A sum of decimals may have further digits, because binary numbers cannot hold most decimals exactly.
        let sum = (sum * 1e6).round() / 1e6;
        let problem = format!("the shares of all arms are {sum} percent together: change them so that they are 100");
        return Err(ConfigError::new(ConfigTable::Arm(arms.len() - 1).key(ConfigKey::Share), problem));
    }
    Ok(())
}

/// How far from 100 the sum of the shares may be, because three thirds are written as 33.333 percent.
const TOLERANCE: f64 = 0.01;
