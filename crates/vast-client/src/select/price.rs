//! The price of an ad, as its `Pricing` states it.

use vast_xml::model::Pricing;

use super::candidate::Candidate;
use crate::request::BreakRules;

/// The price of a thousand impressions in the currency of `rules`, in millionths. `None` if the price is unknown. A
/// price is used if it is a number per thousand impressions (`model="CPM"`, or no model), and if its currency is that
/// of the rules, has a rate, or is missing.
pub(super) fn price(candidate: &Candidate, rules: &BreakRules) -> Option<u64> {
    /// The highest price that is accepted. A higher one is a mistake of the ad server.
    const HIGHEST: f64 = 1e9;
    let Pricing { value, model, currency, .. } = candidate.ad.pricing()?.item;
    let is_cpm = model.as_ref().is_none_or(|model| model.eq_ignore_ascii_case("CPM"));
    let rate = rules.rate(currency.as_ref())?;
    let price: f64 = value.trim().parse().ok()?;
    if !is_cpm || !(0.0..=HIGHEST).contains(&price) {
        return None;
    }
    // The number is whole and within the bounds of the type, so the conversion does not change it.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let millionths = (price * 1e6).round() as u64;
    u64::try_from(u128::from(millionths) * u128::from(rate.millionths()) / 1_000_000).ok()
}
