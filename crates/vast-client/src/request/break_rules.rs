//! The preferences among ads: the rules that decide which of several sets of ads is better for a break.

use vast_xml::Text;

/// A value by which sets of ads are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum RankKey {
    /// The order in which the sources and their ads are listed: the first ad that fits is taken, then the next one that fits.
    Order,
    /// The sum of the prices per thousand impressions, in [`currency`](BreakRules::currency). The higher sum is better.
    /// An ad with an unknown price adds nothing.
    Price,
    /// The running time. The longer time is better, because less of the break stays empty.
    Fit,
    /// The size of the media in kilobits: the bitrate of each ad's best file times its running time. The larger one is better.
    Quality,
}

impl RankKey {
    /// All keys.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name used in configuration.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The values by which two ads are compared to find out whether they show the same creative. Each variant also compares
/// the values of the variants before it. Values other than the `UniversalAdId` are compared only if at least one of the
/// two ads has no `UniversalAdId`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Dedup {
    /// Nothing: a creative may play more than once.
    Off,
    /// `UniversalAdId` with its registry (VAST 4.3 section 3.7.1). The id `unknown` is ignored.
    Id,
    /// Like `Id`, and also the URL of the media file, without scheme and fragment.
    #[default]
    Media,
    /// Like `Media`, and also title and duration together.
    Title,
}

impl Dedup {
    /// All values.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name used in configuration.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A value that two ads of a break must not have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Separation {
    /// A `Category` of the same authority (VAST 4.3 section 3.4.5).
    Category,
    /// The `Advertiser`, by its id or its name (VAST 4.3 section 3.4.7).
    Advertiser,
}

impl Separation {
    /// All values.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name used in configuration.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How much one unit of a currency is worth in another one, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate(u64);

impl Rate {
    const ONE: f64 = 1e6;

    /// The rate in millionths that is nearest to `rate`. `None` if `rate` is not above 0 or is above 1,000,000.
    pub fn new(rate: f64) -> Option<Self> {
        let millionths = (rate * Self::ONE).round();
        // Within these bounds, the rounded number fits the type.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (millionths >= 1.0 && rate <= 1e6).then_some(Self(millionths as u64))
    }

    /// The rate in millionths.
    pub fn millionths(self) -> u64 {
        self.0
    }
}

/// The preferences among usable ads: `[break]` of a configuration file. The rules decide which ads of the sources are the
/// answer. No tracker is ever called because of them, apart from error 206 for the ads that are cut from the end of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakRules {
    /// The keys by which sets of ads are compared. The first key decides; if it is equal, the next one decides, and so
    /// on. If all keys are equal, the listed order decides. Default: no keys, so only the listed order decides.
    pub rank: Vec<RankKey>,
    /// The rule for ads with the same creative, of which only one plays in a break. Default: [`Dedup::Media`].
    pub dedup: Dedup,
    /// The values that two ads of a break must not have in common. Default: none.
    pub separate: Vec<Separation>,
    /// The currency in which prices are compared: three letters by ISO 4217. [`RankKey::Price`] needs it.
    pub currency: Option<String>,
    /// The value of one unit of other currencies in [`currency`](Self::currency). The price of an ad in a currency
    /// without a rate counts as unknown.
    pub rates: Vec<(String, Rate)>,
}

impl Default for BreakRules {
    fn default() -> Self {
        Self {
            rank: vec![RankKey::Order],
            dedup: Dedup::default(),
            separate: Vec::new(),
            currency: None,
            rates: Vec::new(),
        }
    }
}

impl BreakRules {
    /// The keys before [`RankKey::Order`], each once. Keys after it never decide, because no two sets of ads are equal
    /// by the listed order.
    pub(crate) fn keys_before_order(&self) -> Vec<RankKey> {
        let mut keys: Vec<RankKey> = Vec::new();
        for key in self.rank.iter().take_while(|key| **key != RankKey::Order) {
            if !keys.contains(key) {
                keys.push(*key);
            }
        }
        keys
    }

    /// The value of one unit of `currency`. An amount without a currency is in the currency of the rules.
    pub(crate) fn rate(&self, currency: Option<&Text>) -> Option<Rate> {
        const SAME: Rate = Rate(1_000_000);
        let own = self.currency.as_deref()?;
        let Some(currency) = currency.map(|currency| currency.trim()) else { return Some(SAME) };
        if currency.eq_ignore_ascii_case(own) {
            return Some(SAME);
        }
        self.rates.iter().find(|(known, _)| currency.eq_ignore_ascii_case(known)).map(|(_, rate)| *rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_behind_the_order_and_repeated_keys_decide_nothing() {
        use RankKey::{Fit, Order, Price, Quality};
        let before = |rank: &[RankKey]| BreakRules { rank: rank.to_vec(), ..BreakRules::default() }.keys_before_order();
        assert_eq!(before(&[Order]), []);
        assert_eq!(before(&[Price, Fit, Price, Order, Quality]), [Price, Fit]);
        assert_eq!(before(&[Fit, Quality]), [Fit, Quality]);
    }
}
