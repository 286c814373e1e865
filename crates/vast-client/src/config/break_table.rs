//! `[break]` of a configuration file.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{self, Deserializer};

use super::value::DurationValue;
use crate::error::{ConfigError, ConfigKey, ConfigTable};
use crate::request::{BreakRules, Dedup, RankKey, Rate, Separation, Slot};

/// The break to fill, and the preferences among ads.
#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BreakTable {
    min: Option<DurationValue>,
    max: Option<DurationValue>,
    max_ads: Option<usize>,
    tolerance: Option<DurationValue>,
    rank: Option<Vec<RankKey>>,
    dedup: Option<Dedup>,
    separate: Vec<Separation>,
    currency: Option<String>,
    rates: BTreeMap<String, RateValue>,
}

/// The exchange rate of a currency.
#[derive(Debug, Clone, Copy)]
struct RateValue(Rate);

impl<'de> Deserialize<'de> for RateValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rate = f64::deserialize(deserializer)?;
        let problem = || de::Error::custom(format!("`{rate}` is not a rate: write a number above 0, for example 1.08"));
        Rate::new(rate).map(Self).ok_or_else(problem)
    }
}

impl BreakTable {
    /// Sets the settings of the break in `slot`, which already has the settings outside the table.
    ///
    /// # Errors
    /// A [`ConfigError`] for a setting that is given both inside and outside the table.
    pub(super) fn fill(self, slot: &mut Slot) -> Result<(), ConfigError> {
        let twice = |key: ConfigKey, outside: ConfigKey| {
            let problem = format!("is the same setting as `{outside}`: leave one of them out");
            Err(ConfigError::new(ConfigTable::Break.key(key), problem))
        };
        match (self.max, slot.break_duration) {
            (Some(_), Some(_)) => return twice(ConfigKey::Max, ConfigKey::BreakDuration),
            (max, outside) => slot.break_duration = max.map(|max| max.0).or(outside),
        }
        match (self.max_ads, slot.max_ads) {
            (Some(_), Some(_)) => return twice(ConfigKey::MaxAds, ConfigKey::MaxAds),
            (max, outside) => slot.max_ads = max.or(outside),
        }
        slot.break_min = self.min.map(|min| min.0);
        slot.break_tolerance = self.tolerance.map_or(slot.break_tolerance, |tolerance| tolerance.0);
        let default = BreakRules::default();
        slot.break_rules = BreakRules {
            rank: self.rank.unwrap_or(default.rank),
            dedup: self.dedup.unwrap_or(default.dedup),
            separate: self.separate,
            currency: self.currency,
            rates: self.rates.into_iter().map(|(currency, rate)| (currency, rate.0)).collect(),
        };
        Ok(())
    }
}
