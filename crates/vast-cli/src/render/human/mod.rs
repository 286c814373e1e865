//! Results as text for people: the outcome first, then aligned tables that fit the terminal.
//!
//! The middle part of a URL is left out if the URL is too wide, because a URL must not be broken over lines. The JSON
//! has complete URLs.

mod ad;
mod ad_break;
mod ad_parts;
mod chain;
mod check;
mod companion;
mod comparison;
mod config_warnings;
mod configuration;
mod creative;
mod diff;
mod document;
mod finding;
#[cfg(feature = "serve")]
mod gateway;
mod media;
mod outbox;
mod playlist;
mod request;
mod schedule;
mod sources;
mod story;
mod summary;
#[cfg(test)]
mod tests;
mod track;
mod tracker_counts;
mod warnings;
mod waterfall;

use vast_explain::units;

pub(super) use check::{check, check_sum, rule, rules};
pub(super) use comparison::comparison;
pub(super) use configuration::configuration;
pub(super) use diff::differences;
pub(super) use document::document;
#[cfg(feature = "serve")]
pub(super) use gateway::gateway;
pub(super) use outbox::{beacon, beacons, stats};
pub(super) use playlist::playlist;
pub(super) use request::tracked;
pub(crate) use request::{LOST, beyond_status, request};
pub(super) use story::story;
pub(super) use summary::summary;
pub(super) use track::track;
