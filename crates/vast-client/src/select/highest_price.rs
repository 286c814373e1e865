//! The selector that prefers the source with the highest price.

use std::cmp::Reverse;

use super::candidate::Candidate;
use super::default_selector::DefaultSelector;
use super::price::price;
use super::selection::Selection;
use super::selector::{Selector, TierProgress, TierStep};
use crate::request::{BreakRules, Slot};

/// Puts the source with the highest price first, and then chooses like [`DefaultSelector`]. Sources without a usable
/// price come after it, in their order.
///
/// A price is usable if it is a number per thousand impressions (`model="CPM"` or no model) in the currency of this
/// selector (or without a currency). Ad servers state the prices, and the client cannot verify them.
///
/// The selector waits for all sources of a tier in every [`FetchMode`](crate::FetchMode), because a price can only be
/// compared with prices that are known: [`enough`](Selector::enough) is `false` at [`TierStep::Running`]. The fallbacks
/// are asked only when the primary sources leave the slot empty. Example: the highest price of the primary sources
/// wins, and the fallback is asked if no primary source has an ad:
///
/// ```
/// use vast_client::select::HighestPrice;
/// use vast_client::{FetchConfig, SourceConfig, VastClient};
///
/// # fn ad(price: &str) -> SourceConfig {
/// #     SourceConfig::inline(format!(r#"<VAST version="4.2"><Ad><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>
/// #     <Pricing model="CPM" currency="USD">{price}</Pricing><Impression>https://a.example/i</Impression><Creatives><Creative><Linear>
/// #     <Duration>00:00:15</Duration><MediaFiles><MediaFile type="video/mp4" width="1" height="1">https://a.example/a.mp4</MediaFile>
/// #     </MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"#)).named(price)
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), vast_client::ConfigError> {
/// let (cheap, dear, house) = (ad("2.50"), ad("10.00"), ad("99"));
/// let config = FetchConfig::new([cheap, dear]).with_fallbacks([house]);
/// let client = VastClient::builder().selector(HighestPrice::in_currency("USD")).build(config)?;
/// assert_eq!(client.request_ad().await.source.as_deref(), Some("10.00"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HighestPrice {
    rules: BreakRules,
}

impl HighestPrice {
    /// A selector that compares prices in this currency, three letters by ISO 4217.
    pub fn in_currency(currency: impl Into<String>) -> Self {
        Self { rules: BreakRules { currency: Some(currency.into()), ..BreakRules::default() } }
    }
}

impl Selector for HighestPrice {
    fn enough(&self, candidates: &[&Candidate], progress: TierProgress, slot: &Slot) -> bool {
        progress.step != TierStep::Running && DefaultSelector.enough(candidates, progress, slot)
    }

    fn select(&self, candidates: Vec<Candidate>, slot: &Slot) -> Selection {
        let mut best: Vec<(usize, Option<u64>)> = Vec::new();
        for candidate in &candidates {
            let price = price(candidate, &self.rules);
            match best.iter_mut().find(|(lane, _)| *lane == candidate.lane) {
                Some((_, known)) => *known = price.max(*known),
                None => best.push((candidate.lane, price)),
            }
        }
        best.sort_by_key(|(_, price)| Reverse(*price));
        let place = |candidate: &Candidate| best.iter().position(|(lane, _)| *lane == candidate.lane);
        let mut candidates = candidates;
        candidates.sort_by_key(place);
        DefaultSelector.select(candidates, slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ad::ResolvedAd;
    use crate::select::MediaChoice;

    fn candidate(lane: usize, pricing: &str) -> Candidate {
        let xml =
            format!("<VAST version='4.2'><Ad><InLine>{pricing}<Creatives><Creative/></Creatives></InLine></Ad></VAST>");
        Candidate { lane, ad: ResolvedAd::read(0, &xml, &[]), media: MediaChoice::new(0, [0]) }
    }

    #[test]
    fn the_source_with_the_highest_price_that_counts_is_first() {
        let cases = [
            (
                "<Pricing model='CPM' currency='USD'>2.5</Pricing>",
                "<Pricing model='CPM' currency='USD'>10</Pricing>",
                1,
            ),
            ("<Pricing model='cpm' currency='usd'>10</Pricing>", "<Pricing>2.5</Pricing>", 0),
            ("", "<Pricing> 0.01 </Pricing>", 1),
            ("", "<Pricing>0</Pricing>", 1),
            ("<Pricing currency='EUR'>99</Pricing>", "<Pricing currency='USD'>1</Pricing>", 1),
            ("<Pricing model='CPC'>99</Pricing>", "<Pricing model='CPM'>1</Pricing>", 1),
            ("<Pricing>-5</Pricing>", "<Pricing>x7f3a</Pricing>", 0),
            ("<Pricing>inf</Pricing>", "<Pricing>NaN</Pricing>", 0),
            ("<Pricing>3</Pricing>", "<Pricing>3.0</Pricing>", 0),
        ];
        for (first, second, winner) in cases {
            let candidates = vec![candidate(0, first), candidate(1, second)];
            let selection = HighestPrice::in_currency("USD").select(candidates, &Slot::linear());
            assert_eq!(selection.chosen.first().map(|chosen| chosen.lane), Some(winner), "{first} {second}");
            assert_eq!(selection.passed_over.len(), 1);
        }
    }
}
