//! The arms of a plan: which sources the requests of each arm ask, and under which rules.

use std::collections::HashSet;
use std::sync::Arc;

use super::plan::{PlannedSource, Tier, check_weights, settings};
use crate::config::{ArmConfig, FetchConfig, FetchMode, FetchStrategy};
use crate::context::Settings;
use crate::error::{ConfigError, ConfigKey, ConfigPath, ConfigTable};
use crate::policy::{SourceOrder, TierKind};
use crate::schedule::{ArmShare, arm_of};

/// The sources and rules of a share of the requests. A plan without arms has one, without a name, for all requests.
#[derive(Clone)]
pub(crate) struct Arm {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) tiers: Arc<[Tier]>,
    pub(crate) settings: Arc<Settings>,
    share: ArmShare,
}

impl Arm {
    /// The only arm of a plan without arms.
    pub(super) fn whole(tiers: Arc<[Tier]>, settings: Arc<Settings>) -> Self {
        Self { name: None, tiers, settings, share: ArmShare::new("", 100.0) }
    }

    /// The mode of the primary sources.
    pub(crate) fn mode(&self) -> FetchMode {
        self.tiers.first().map_or_else(FetchMode::default, |tier| tier.mode)
    }

    /// The number of its sources.
    pub(crate) fn source_count(&self) -> usize {
        self.tiers.iter().map(|tier| tier.sources.len()).sum()
    }
}

/// The arm for the key with this hash.
pub(super) fn chosen(arms: &[Arm], key: u64) -> Option<&Arm> {
    arms.get(arm_of(arms.iter().map(|arm| arm.share), key))
}

/// Compiles the arms of `config`. `tiers` are those of all sources.
///
/// # Errors
/// An arm names a source that does not exist, or its sources cannot be drawn by weight.
pub(super) fn compile(config: &FetchConfig, tiers: &[Tier]) -> Result<Vec<Arm>, ConfigError> {
    let arms = config.arms.iter().enumerate();
    arms.map(|(index, arm)| compile_one(config, arm, ConfigTable::Arm(index), tiers)).collect()
}

fn compile_one(
    config: &FetchConfig,
    arm: &ArmConfig,
    table: ConfigTable,
    tiers: &[Tier],
) -> Result<Arm, ConfigError> {
    let strategy = strategy(&config.strategy, arm);
    let path = || table.key(ConfigKey::Sources);
    let sources = arm.sources.iter().map(|name| source(name, tiers, path())).collect::<Result<Vec<_>, _>>()?;
    check_weights(strategy.order, &sources, path())?;
    let first_lane = sources.len();
    let mut own = vec![Tier { kind: TierKind::Primary, mode: strategy.mode, sources, first_lane: 0 }];
    for tier in tiers.iter().filter(|tier| tier.kind == TierKind::Fallback) {
        check_weights(strategy.order, &tier.sources, ConfigTable::Fallback(0).key(ConfigKey::Weight))?;
        let mode = strategy.fallback_mode.unwrap_or(strategy.mode);
        own.push(Tier { kind: TierKind::Fallback, mode, sources: tier.sources.clone(), first_lane });
    }
    let filter = arm.parse_filter.as_ref().unwrap_or(&config.parse_filter);
    Ok(Arm {
        name: Some(arm.name.as_str().into()),
        tiers: own.into(),
        settings: Arc::new(settings(config, strategy, filter)?),
        share: ArmShare::new(&arm.name, arm.share),
    })
}

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

fn source(name: &str, tiers: &[Tier], path: ConfigPath) -> Result<Arc<PlannedSource>, ConfigError> {
    let find = |kind: TierKind| {
        let mut sources = tiers.iter().filter(|tier| tier.kind == kind).flat_map(|tier| &tier.sources);
        sources.find(|source| &*source.name == name)
    };
    if let Some(source) = find(TierKind::Primary) {
        return Ok(Arc::clone(source));
    }
    let problem = if find(TierKind::Fallback).is_some() {
        format!("`{name}` is a fallback, and the fallbacks are asked in every arm: leave it out")
    } else {
        let mut names: Vec<&str> = primary_names(tiers).take(SHOWN_NAMES).collect();
        if primary_names(tiers).nth(SHOWN_NAMES).is_some() {
            names.push("...");
        }
        format!("`{name}` is not the name of a source: the names are {}", names.join(", "))
    };
    Err(ConfigError::new(path, problem))
}

/// How many names of sources a message has.
const SHOWN_NAMES: usize = 20;

fn primary_names(tiers: &[Tier]) -> impl Iterator<Item = &str> {
    tiers.iter().filter(|tier| tier.kind == TierKind::Primary).flat_map(|tier| &tier.sources).map(|source| &*source.name)
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
        // Sums of decimals have digits that nobody wrote.
        let sum = (sum * 1e6).round() / 1e6;
        let problem = format!("the shares of all arms are {sum} percent together: change them so that they are 100");
        return Err(ConfigError::new(ConfigTable::Arm(arms.len() - 1).key(ConfigKey::Share), problem));
    }
    Ok(())
}

/// How far from 100 the sum of the shares may be, because three thirds are written as 33.333 percent.
const TOLERANCE: f64 = 0.01;
