//! A break of 45 seconds, filled with the ads of four sources.
//!
//! ```text
//! vast mock crates/vast-client/examples/servers.toml        # in another terminal
//! cargo run -p vast-client --example ad_break -- http://127.0.0.1:8080
//! ```

use std::error::Error;
use std::time::Duration;

use vast_client::{AdRequest, FetchConfig, FetchMode, SourceConfig, VastClient};

/// Returns the lines to print.
pub async fn run(server: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let names = ["shoes", "hats", "gloves", "scarves"];
    let sources = names.map(|name| SourceConfig::url(format!("{server}/inline?ad={name}")).named(name));
    let client = VastClient::from_config(FetchConfig::new(sources).with_mode(FetchMode::Collect))?;

    let mut request = AdRequest::default();
    request.slot.break_duration = Some(Duration::from_secs(45));
    let result = client.request_ad_for(&request).await;

    let mut lines = Vec::new();
    let mut start = Duration::ZERO;
    for ad in &result.ads {
        lines.push(format!("at {:>2} s: {}", start.as_secs(), ad.ad.id.as_deref().unwrap_or("?")));
        start += ad.duration().unwrap_or_default();
    }
    for passed_over in result.candidates.iter().filter(|candidate| candidate.rejection.is_some()) {
        lines.push(format!("not used: {}", passed_over.source));
    }
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
