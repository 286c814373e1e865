//! The first ad: one source, the file to play, and the impressions when the viewer sees it.
//!
//! ```text
//! vast mock crates/vast-client/examples/servers.toml        # in another terminal
//! cargo run -p vast-client --example first_ad -- http://127.0.0.1:8080
//! ```
#![expect(clippy::disallowed_methods, reason = "a program of a user reads its own clock")]

use std::error::Error;
use std::time::{Duration, SystemTime};

use vast_client::VastClient;
use vast_client::track::Moment;

/// Returns the lines to print.
pub async fn run(server: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let client = VastClient::new(format!("{server}/wrapper?ad=shoes"))?;

    // This returns no `Result`: the answer contains the outcome of each source.
    let result = client.request_ad().await;
    let Some(first) = result.ads.first() else {
        return Ok(result.sources.iter().map(|source| format!("{}: {:?}", source.name, source.reason)).collect());
    };
    let url = first.media_file().map_or("nothing", |file| &*file.url);
    let mut lines = vec![format!("play {url} after {} wrapper", first.ad.wrappers.len())];

    // The player shows the first frame: now the impressions of all levels are due.
    let moment = Moment::new(SystemTime::now(), 1);
    let tracked = client.tracker().track_impression(&result, &first.ad, &moment).await;
    lines.extend(tracked.iter().map(|beacon| format!("{} {}", beacon.event.as_str(), beacon.url)));

    // Before the process ends, wait for the beacons.
    let drained = client.shutdown(Duration::from_secs(5)).await;
    lines.push(format!("delivered {}", drained.delivered));
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
