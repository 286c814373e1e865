//! Stage 5: which trackers are due, and calling them.
//!
//! ```text
//! beacons (pure) ─> Tracker ─> Outbox::put ─ durable ─┐
//!                                                     ├─ Courier: claim ─> call ─> settle
//!                              Outbox::rows ─ ledger ─┘
//! ```
//!
//! # How often a tracker is called
//!
//! At least once, as long as the outbox keeps what it took and the beacon does not grow too old. More than once only when its
//! fate was in doubt: the request was written and no status came, or it was under way when the process ended. That is tried
//! again at most [`max_in_doubt`](CourierSettings::max_in_doubt) times (default 1), with the same bytes. So
//!
//! - a tracker is reached at most `1 + max_in_doubt` times without having said that it wants the beacon again (408, 429, 5xx);
//! - each end of the process by a crash adds at most [`max_in_flight`](CourierSettings::max_in_flight) repeats in all;
//! - with `max_in_doubt = 0` none is ever repeated, and what was under way at a crash is a dead letter instead.

mod beacons;
mod courier;
mod event;
mod listing;
mod moment;
mod occasion;
mod occurrence;
pub mod outbox;
mod results;
pub mod session;
mod tracker;

pub use crate::ad::PartIndex;
pub use beacons::{Beacon, BeaconState, Tracked, beacons, click_through};
pub use courier::{CourierSettings, Fate};
pub use event::BeaconEvent;
pub use listing::{Listed, Part, has_event, trackers, tracking_events};
pub use moment::{Moment, Signals};
pub use occurrence::{AdEvent, NotExecuted, Viewability};
pub use results::TrackingResults;
pub(crate) use tracker::TrackerParts;
pub use tracker::{Batch, Drained, Tracker};
