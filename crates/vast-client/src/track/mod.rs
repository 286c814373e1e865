//! Stage 5: which trackers are due, and calling them.

mod beacons;
mod courier;
mod event;
mod listing;
mod moment;
mod occurrence;
mod outbox;
pub mod session;
mod tracker;

pub use beacons::{Beacon, BeaconState, Tracked, beacons};
pub use event::BeaconEvent;
pub use listing::{Listed, Part, Place, has_event, trackers, tracking_events};
pub use moment::{Moment, Signals};
pub use occurrence::{AdEvent, NotExecuted, Viewability};
pub use tracker::{Drained, Tracker};
