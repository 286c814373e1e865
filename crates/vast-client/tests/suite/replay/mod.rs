//! Replays of recordings: the same bytes again, and what another configuration would have done with the same servers.

mod exact;
pub(crate) mod live;
mod properties;
mod what_if;
