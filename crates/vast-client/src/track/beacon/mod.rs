//! Finds the trackers that are due at an event, with pure functions: the trackers of an ad ([`trackers`]), the events
//! ([`AdEvent`]), and the URLs to call ([`beacons`]).

mod ad_break;
mod ad_event;
mod beacon_event;
mod deferred;
mod due;
mod listing;
mod moment;
mod rewrite;
mod tracked;

pub(in crate::track) use ad_break::break_beacons;
pub use ad_break::{AdBreakEvent, BreakRef};
pub use ad_event::{AdEvent, NotExecutedReason, Viewability};
pub use beacon_event::BeaconEvent;
pub use deferred::{DeferredUrl, DeferredUrls, EventValues, OpenValue, OpenValues};
pub use due::{Beacon, RefusalReason, ad_count, beacons, click_through};
pub(in crate::track) use due::{BeaconBudget, errors, impressions, not_used};
pub use listing::{AdPart, TrackerRef, has_event, trackers, tracking_events};
pub(crate) use moment::AnswerMoment;
pub use moment::{Moment, ServerSide};
pub(crate) use rewrite::replace_trackers;
pub use rewrite::{TrackerGroup, TrackerUrls, WrittenTrackers};
pub use tracked::{BeaconState, TrackedBeacon};
