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

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::config::ClientConfig;

    fn slot(text: &str) -> Result<Slot, String> {
        let file = ClientConfig::parse(text, Path::new("")).map_err(|error| error.to_string())?;
        file.request.slot.check().map_err(|error| error.to_string())?;
        Ok(file.request.slot)
    }

    #[test]
    fn the_settings_of_a_break_are_read() {
        let text = r#"
            [break]
            min = "30s"
            max = "60s"
            max_ads = 4
            tolerance = "500ms"
            rank = ["price", "fit", "order"]
            dedup = "title"
            separate = ["category", "advertiser"]
            currency = "USD"
            rates = { EUR = 1.08, JPY = 1 }
        "#;
        let rate = |rate| Rate::new(rate).expect("a rate");
        let expected = Slot {
            break_tolerance: Duration::from_millis(500),
            break_rules: BreakRules {
                rank: vec![RankKey::Price, RankKey::Fit, RankKey::Order],
                dedup: Dedup::Title,
                separate: vec![Separation::Category, Separation::Advertiser],
                currency: Some("USD".to_owned()),
                rates: vec![("EUR".to_owned(), rate(1.08)), ("JPY".to_owned(), rate(1.0))],
            },
            ..Slot::break_(Duration::from_secs(60)).with_minimum(Duration::from_secs(30)).with_max_ads(4)
        };
        assert_eq!(slot(text), Ok(expected));
        assert_eq!(slot("[break]"), Ok(Slot::linear()));
        let outside = slot("max_ads = 2\nbreak_duration = \"30s\"\n[break]\nmin = \"5s\"").expect("a slot");
        assert_eq!(outside, Slot::break_(Duration::from_secs(30)).with_minimum(Duration::from_secs(5)).with_max_ads(2));
    }

    #[test]
    fn a_wrong_setting_of_a_break_names_the_key_and_the_accepted_values() {
        let cases = [
            (
                "[break]\nrank = [\"prize\"]",
                "line 2, `rank`: `prize` is not one of order, price, fit, quality: did you mean `price`?",
            ),
            ("[break]\ndedup = \"url\"", "line 2, `dedup`: `url` is not one of off, id, media, title"),
            (
                "[break]\ncurrency = \"USD\"\nrates = { EUR = -1 }",
                "line 3, `rates`: `-1` is not a rate: write a number above 0, for example 1.08",
            ),
            ("[break]\nmax = 30", "line 2, `max`: `30` has no unit: write \"30s\" or \"30ms\""),
            (
                "break_duration = \"30s\"\n[break]\nmax = \"30s\"",
                "break.max: is the same setting as `break_duration`: leave one of them out",
            ),
            (
                "max_ads = 1\n[break]\nmax_ads = 1",
                "break.max_ads: is the same setting as `max_ads`: leave one of them out",
            ),
            ("[break]\nmax = \"30s\"\nmax_ads = 0", "break.max_ads: 0 takes no ad: write 1 or more, or leave it out"),
            (
                "[break]\nrank = [\"price\"]",
                "break.currency: is missing: prices are compared in one currency, for example \"USD\"",
            ),
            (
                "[break]\ncurrency = \"USD\"\nrates = { EURO = 1 }",
                "break.rates: `EURO` is not a currency: write for example { EUR = 1.08 }",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(slot(text), Err(expected.to_owned()), "{text}");
        }
    }
}
