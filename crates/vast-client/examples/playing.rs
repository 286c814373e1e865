//! A player: its position and the viewer's actions become tracker calls.
//!
//! ```text
//! vast mock crates/vast-client/examples/servers.toml        # in another terminal
//! cargo run -p vast-client --example playing -- http://127.0.0.1:8080
//! ```
#![expect(clippy::disallowed_methods, reason = "a program of a user reads its own clock")]

use std::error::Error;
use std::time::{Duration, SystemTime};

use vast_client::track::session::{BreakSession, PlayerReport, ReportContext, SessionOptions};
use vast_client::{FetchConfig, VastClient};

/// Returns the lines to print.
pub async fn run(server: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let client = VastClient::from_config(FetchConfig::new([format!("{server}/inline?ad=shoes")]))?;
    let result = client.request_ad().await;

    let mut session = BreakSession::new(&result.ads, &SessionOptions::default(), 1);
    let now = ReportContext::new(SystemTime::now());
    let mut events = Vec::new();
    for second in 0..=8 {
        // The player calls this a few times per second; the session finds the points that were passed.
        events.extend(session.playhead(Duration::from_secs(second), &now));
    }
    events.extend(session.report(0, &PlayerReport::Skipped, &now));

    let mut lines = Vec::new();
    for event in &events {
        let tracked = client.tracker().track_session_event(&result, event).await;
        lines.extend(tracked.iter().map(|beacon| beacon.event.as_str().to_owned()));
    }
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
