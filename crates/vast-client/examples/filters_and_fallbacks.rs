//! Several sources, a filter that rejects an ad, and a fallback that is used instead.
//!
//! ```text
//! vast mock crates/vast-client/examples/servers.toml        # in another terminal
//! cargo run -p vast-client --example filters_and_fallbacks -- http://127.0.0.1:8080
//! ```

use std::error::Error;

use vast_client::{FetchConfig, FetchMode, SourceConfig, VastClient};

/// Returns the lines to print.
pub async fn run(server: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let mut config = FetchConfig::new([
        SourceConfig::url(format!("{server}/small")).named("east"),
        SourceConfig::url(format!("{server}/empty")).named("west"),
    ])
    .with_mode(FetchMode::Parallel)
    .with_fallbacks([SourceConfig::url(format!("{server}/inline?ad=house")).named("house")]);
    config.parse_filter.min_bitrate = Some(1500); // kbit/s

    let result = VastClient::from_config(config)?.request_ad().await;

    let mut lines = Vec::new();
    for source in &result.sources {
        let reason = source.reason.as_ref().map_or_else(|| "an ad".to_owned(), ToString::to_string);
        lines.push(format!("{}: {}, {reason}", source.name, source.outcome.as_str()));
    }
    let winner = result.source.as_deref().unwrap_or("none");
    lines.push(format!("winner {winner}, fallback {}", result.metadata.used_fallback));
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
