//! A program for `scripts/kill9.py`, which kills it under load. It requests ads with trackers at a sink, as fast as it can,
//! and prints the key of every beacon that the outbox on disk has accepted.
//!
//! ```text
//! outbox_load OUTBOX SINK_URL FIRST NUMBER DRAIN_SECONDS
//! ```

use std::error::Error;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use vast_client::track::BeaconState;
use vast_client::track::outbox::DiskOutbox;
use vast_client::{FetchConfig, SourceConfig, VastClient};

/// The number of requests at the same time.
const AT_ONCE: usize = 16;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, sink, first, number, drain] = arguments.as_slice() else {
        return Err("OUTBOX SINK_URL FIRST NUMBER DRAIN_SECONDS".into());
    };
    let outbox = DiskOutbox::open(path)?;
    let client = VastClient::builder().outbox(outbox.clone()).build(asking(sink, 0))?;
    client.start();
    let first: u64 = first.parse()?;
    let numbers = first..first + number.parse::<u64>()?;
    let requests = stream::iter(numbers).map(|number| ask(&client, sink, number));
    requests.buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
    let drained = client.shutdown(Duration::from_secs(drain.parse()?)).await;
    outbox.close();
    say(&format!("left {}", drained.left));
    Ok(())
}

async fn ask(client: &VastClient, sink: &str, number: u64) -> Result<(), vast_client::ConfigError> {
    let result = client.orchestrator().execute_pipeline(&asking(sink, number)).await?;
    for tracked in result.tracked.iter().filter(|tracked| tracked.state == BeaconState::Queued) {
        say(tracked.url.rsplit('/').next().unwrap_or_default());
    }
    Ok(())
}

fn asking(sink: &str, number: u64) -> FetchConfig {
    let impression = |level: u32| format!("<Impression>{sink}/seen/{number}.{level}</Impression>");
    let vast = format!(
        "<VAST version=\"3.0\"><Ad><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>{}{}<Creatives><Creative><Linear>\
         <Duration>00:00:05</Duration><MediaFiles><MediaFile type=\"video/mp4\" width=\"1\" height=\"1\">\
         https://cdn.example/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>",
        impression(0),
        impression(1)
    );
    let source = SourceConfig::inline(vast).with_allow_private(true);
    FetchConfig::new([source])
}

#[allow(clippy::print_stdout)] // The script reads these lines, so each is written immediately.
fn say(line: &str) {
    println!("{line}");
}
