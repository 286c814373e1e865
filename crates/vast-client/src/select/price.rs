//! The price of an ad, as its `Pricing` states it.

use vast_xml::model::Pricing;

use super::candidate::Candidate;
use crate::request::{BreakRules, RankKey};

/// The price of a thousand impressions in the currency of `rules`, in millionths. `None` if the price is unknown. A
/// price is used if it is a number per thousand impressions (`model="CPM"`, or no model), and if its currency is that
/// of the rules, has a rate, or is missing.
pub(super) fn price(candidate: &Candidate, rules: &BreakRules) -> Option<u64> {
    /// The highest price that is accepted. A higher one is a mistake of the ad server.
    const HIGHEST: f64 = 1e9;
    let pricing = candidate.ad.pricing()?.item;
    let Pricing { value, currency, .. } = pricing;
    let rate = rules.rate(currency.as_ref())?;
    let price: f64 = value.trim().parse().ok()?;
    if !is_cpm(pricing) || !(0.0..=HIGHEST).contains(&price) {
        return None;
    }
    // The number is whole and within the bounds of the type, so the conversion does not change it.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let millionths = (price * 1e6).round() as u64;
    u64::try_from(u128::from(millionths) * u128::from(rate.millionths()) / 1_000_000).ok()
}

fn is_cpm(pricing: &Pricing) -> bool {
    pricing.model.as_ref().is_none_or(|model| model.eq_ignore_ascii_case("CPM"))
}

impl Candidate {
    /// Why the price of the ad cannot be compared, if `rules` rank by price and the ad has a price.
    pub(crate) fn unpriced(&self, rules: &BreakRules) -> Option<String> {
        /// The most characters of a value that are shown.
        const SHOWN: usize = 16;
        let pricing = self.ad.pricing()?.item;
        if !rules.keys_before_order().contains(&RankKey::Price) || price(self, rules).is_some() {
            return None;
        }
        let short = |text: &str| text.trim().chars().take(SHOWN).collect::<String>();
        Some(match (&pricing.currency, &pricing.model) {
            (_, Some(model)) if !is_cpm(pricing) => {
                format!("the price is not compared: it is `{}` and not a price per thousand impressions", short(model))
            }
            (currency, _) if rules.rate(currency.as_ref()).is_none() => {
                let currency = short(currency.as_deref().unwrap_or_default());
                format!("the price is not compared: break.rates has no rate for `{currency}`")
            }
            _ => format!("the price is not compared: `{}` is not an amount", short(&pricing.value)),
        })
    }
}
