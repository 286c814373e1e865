//! Device and consent of one viewer, per request, and a source that requires consent.
//!
//! ```text
//! vast mock crates/vast-client/examples/servers.toml        # in another terminal
//! cargo run -p vast-client --example device_and_consent -- http://127.0.0.1:8080
//! ```

use std::error::Error;

use vast_client::{AdRequest, FetchConfig, SourceConfig, VastClient};

/// Returns the lines to print.
pub async fn run(server: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let tag = format!("{server}/inline?ad=shoes&ip=[DEVICEIP]&consent=[GDPRCONSENT]&ifa=[IFA]");
    let mut source = SourceConfig::url(tag).named("east");
    source.privacy.require_consent = true;
    source.privacy.ip = vast_client::request::IpPolicy::Truncate;
    let client = VastClient::from_config(FetchConfig::new([source]))?;

    let mut viewer = AdRequest::default();
    viewer.device.ip = Some("198.51.100.23".parse()?);
    viewer.device.ifa = Some("6d92078a-8246-4ba4-ae5b-76104861e7dc".to_owned());
    viewer.consent.gdpr = Some(true);

    let mut lines = Vec::new();
    for consent in [None, Some("CPc7TgAPc7TgAOMAAAENCZCAAP".to_owned())] {
        viewer.consent.gdpr_consent = consent;
        let result = client.request_ad_for(&viewer).await;
        let source = &result.sources[0];
        lines.push(format!("{} {}", source.outcome.as_str(), source.url.trim_start_matches(server)));
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
