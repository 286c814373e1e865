//! Beacons through the gateway: the trackers of an answer are sealed into tokens, and a token that comes back puts its beacons into
//! the outbox, once.
//!
//! ```text
//! an answer ─> relay: one URL per event ─> player ─> hit: open, check, once ─> outbox ─> trackers
//! ```
//!
//! The gateway keeps no state of an answer: everything that a beacon needs is in its token.

mod hit;
mod relay;
mod report;
mod timeline;

pub(crate) use hit::{BeaconHit, DueEvent, HitKind};
pub(crate) use relay::{AnswerSealer, REPORTED};
pub(crate) use report::{EventEnds, EventReport, report};
pub(crate) use timeline::{TimelineRow, add_timeline};
