//! A selector that takes the ad with the highest price of all sources.
//!
//! ```text
//! vast mock crates/vast-client/examples/servers.toml        # in another terminal
//! cargo run -p vast-client --example own_selector -- http://127.0.0.1:8080
//! ```

use std::error::Error;

use vast_client::select::{Candidate, Rejection, RejectionReason, Selection, Selector, TierProgress, TierStep};
use vast_client::{FetchConfig, FetchMode, Slot, SourceConfig, VastClient};

/// Takes the ad with the highest price. An ad without a price counts as 0.
struct HighestPrice;

impl HighestPrice {
    fn price(candidate: &Candidate) -> f64 {
        candidate.ad.pricing().and_then(|pricing| pricing.item.value.trim().parse().ok()).unwrap_or(0.0)
    }
}

impl Selector for HighestPrice {
    /// Prices can be compared only after all sources of the tier have answered. Then one ad is enough: fallbacks are not asked.
    fn enough(&self, candidates: &[&Candidate], progress: TierProgress, _slot: &Slot) -> bool {
        progress.step == TierStep::Over && !candidates.is_empty()
    }

    fn select(&self, mut candidates: Vec<Candidate>, _slot: &Slot) -> Selection {
        candidates.sort_by(|one, other| Self::price(other).total_cmp(&Self::price(one)));
        let mut selection = Selection::default();
        for candidate in candidates {
            if selection.chosen.is_empty() {
                selection.chosen.push(candidate);
            } else {
                let rejection = Rejection::new(RejectionReason::SlotFull, "another ad has a higher price");
                selection.passed_over.push((candidate, rejection));
            }
        }
        selection
    }
}

/// Returns the lines to print.
pub async fn run(server: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let prices = [("east", "2.00"), ("west", "4.50"), ("north", "4.00")];
    let sources =
        prices.map(|(name, price)| SourceConfig::url(format!("{server}/inline?ad={name}&price={price}")).named(name));
    let config = FetchConfig::new(sources).with_mode(FetchMode::Parallel);
    let client = VastClient::builder().selector(HighestPrice).build(config)?;

    let result = client.request_ad().await;
    let mut lines = Vec::new();
    for ad in &result.ads {
        lines.push(format!("play {} at {}", ad.ad.id.as_deref().unwrap_or("?"), HighestPrice::price(ad)));
    }
    lines.extend(result.passed_over.iter().map(|ad| format!("not used: {}", HighestPrice::price(ad))));
    Ok(lines)
}

#[tokio::main(flavor = "current_thread")]
#[allow(clippy::print_stdout, reason = "an example shows what it found")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = std::env::args().nth(1).ok_or("the address of the ad server is missing")?;
    for line in run(&server).await? {
        println!("{line}");
    }
    Ok(())
}
