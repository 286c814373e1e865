//! Stage 5: finds the trackers that are due, and calls them.
//!
//! ```text
//! beacons (pure) ─> Tracker ─> Outbox::put ─ durable ─┐
//!                                                     ├─ Dispatcher: claim ─> call ─> settle
//!                              Outbox::rows ─ ledger ─┘
//! ```
//!
//! # How often a tracker is called
//!
//! Delivery is at-least-once, as long as the outbox keeps the beacon and the beacon is younger than its age limit. A
//! tracker is called again only if it required a retry, or if an attempt ended in doubt: the request was written and no
//! status came, or the process ended during the attempt. An attempt in doubt is repeated at most
//! [`max_in_doubt`](DeliverySettings::max_in_doubt) times (default 1), with the same bytes. Therefore
//!
//! - a tracker that never answers 408, 429 or 5xx gets a beacon at most `1 + max_in_doubt` times;
//! - each crash of the process repeats at most [`max_in_flight`](DeliverySettings::max_in_flight) beacons in total;
//! - with `max_in_doubt = 0` no beacon is repeated, and a beacon that was in flight at a crash becomes a dead letter.

mod answer;
mod beacon;
mod delivery;
mod idempotency;
pub mod outbox;
pub mod session;
mod tracker;

pub use crate::ad::PartIndex;
pub use answer::AnswerRef;
pub(crate) use answer::{DueAtAnswer, TrackedAnswer};
pub use beacon::{
    AdBreakEvent, AdEvent, AdPart, Beacon, BeaconEvent, BeaconState, BreakRef, DeferredUrl, DeferredUrls, EventValues,
    Moment, NotExecutedReason, OpenValue, OpenValues, RefusalReason, ServerSide, TrackedBeacon, TrackerGroup,
    TrackerRef, TrackerUrls, Viewability, WrittenTrackers, ad_count, beacons, click_through, has_event, trackers,
    tracking_events,
};
pub(crate) use beacon::{AnswerMoment, replace_trackers};
pub use delivery::{DeliveryOutcome, DeliverySettings};
pub use outbox::TrackingResults;
pub(crate) use tracker::TrackerParts;
pub use tracker::{BeaconBatch, DrainReport, Tracker};
