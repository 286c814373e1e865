//! Stage 5: which trackers are due, and calling them.

mod beacons;
mod courier;
mod outbox;
mod tracker;

pub use beacons::{Beacon, BeaconEvent, BeaconState, Tracked};
pub use tracker::{Drained, Tracker};
