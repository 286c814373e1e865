//! Beacons that survive a crash: an outbox on disk, and an orderly shutdown.
//!
//! ```text
//! vast mock crates/vast-client/examples/servers.toml        # in another terminal
//! cargo run -p vast-client --example durable_outbox --features disk -- http://127.0.0.1:8080 beacons
//! ```

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use vast_client::track::outbox::DiskOutbox;
use vast_client::{AdRequest, FetchConfig, RunOptions, VastClient};

/// Returns the lines to print.
pub async fn run(server: &str, file: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let outbox = DiskOutbox::open(file)?;
    let config = FetchConfig::new([format!("{server}/inline?ad=shoes")]);
    let client = VastClient::builder().outbox(outbox.clone()).build(config)?;
    client.start(); // Calls the beacons that an earlier process left.

    // The ad is played when `run` returns, so the impression is put into the outbox before `run` returns.
    let options = RunOptions::default().with_auto_track(true);
    let result = client.orchestrator().run(client.plan(), &AdRequest::default(), options).await;
    let mut lines: Vec<String> =
        result.tracked.iter().map(|beacon| format!("{} {}", beacon.state.as_str(), beacon.event.as_str())).collect();

    // On SIGTERM: call due beacons for at most 25 s. The rest stays in the file for the next process.
    let drained = client.shutdown(Duration::from_secs(25)).await;
    outbox.close();
    lines.push(format!("delivered {}, failed {}, left {}", drained.delivered, drained.failed, drained.left));
    Ok(lines)
}

#[tokio::main(flavor = "current_thread")]
#[allow(clippy::print_stdout, reason = "an example shows what it found")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, file] = arguments.as_slice() else {
        return Err("the address of the ad server and the file of the outbox are missing".into());
    };
    for line in run(server, Path::new(file)).await? {
        println!("{line}");
    }
    Ok(())
}
