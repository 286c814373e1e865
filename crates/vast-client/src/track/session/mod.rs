//! Sessions convert reports about playback into events. They are state machines without I/O and without a clock. The
//! input is the reports of a player or an ad stitcher, with their times. The output is the events of the ad, each as
//! often as the standard allows, with the macro values for its trackers.
//!
//! [`AdSession`] is one ad, [`BreakSession`] the ads of a break in a row, and [`StartPlan`] what a player starts for an ad.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use vast_client::track::session::{BreakSession, ReportContext, SessionOptions};
//! use vast_client::{SourceConfig, VastClient};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), vast_client::ConfigError> {
//! # let vast = r#"<VAST version="3.0"><Ad><InLine><AdSystem>house</AdSystem><AdTitle>Shoes</AdTitle>
//! #     <Impression>https://ads.example/seen?side=[SERVERSIDE]</Impression><Creatives><Creative><Linear><Duration>00:00:20</Duration>
//! #     <TrackingEvents><Tracking event="firstQuartile">https://ads.example/25?at=[ADPLAYHEAD]</Tracking></TrackingEvents>
//! #     <MediaFiles><MediaFile type="video/mp4" width="640" height="360">https://cdn.example/shoes.mp4</MediaFile></MediaFiles>
//! #     </Linear></Creative></Creatives></InLine></Ad></VAST>"#;
//! let result = VastClient::new(SourceConfig::inline(vast))?.request_ad().await;
//!
//! // A stitcher reports what it sent: each segment moves the position in the break.
//! let mut playing = BreakSession::new(&result.ads, &SessionOptions::default(), 42);
//! let now = ReportContext::new(SystemTime::UNIX_EPOCH);
//! let mut called = Vec::new();
//! for seconds in [0, 4, 8] {
//!     for event in playing.playhead(Duration::from_secs(seconds), &now) {
//!         called.extend(event.beacons(&result.ads).into_iter().map(|beacon| beacon.url));
//!     }
//! }
//! assert_eq!(called, ["https://ads.example/seen?side=2", "https://ads.example/25?at=00%3A00%3A05.000"]);
//! # Ok(())
//! # }
//! ```

mod ad_session;
mod break_session;
mod playback;
mod report;
mod start;
mod state;
mod timeline;

pub use ad_session::{AdSession, PlaybackStage};
pub use break_session::{BreakEvent, BreakSession};
pub use report::{PlayerReport, ReportContext, SessionEvent, SessionOptions, VerificationRunner};
pub use start::{ScriptEnvironment, StartPlan, VerificationHost};
pub use state::IconDue;

#[cfg(test)]
mod tests;
