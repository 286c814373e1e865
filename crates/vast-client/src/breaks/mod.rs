//! The breaks of a playlist (VMAP): each is run like the answer of a source, inside the lane of the source of the playlist.

mod ad_data;
mod error_code;
mod run;
mod timeline;

pub(crate) use run::{BreakEnd, BreakLane, FinishedBreak, FinishedPlaylist, run};
pub use timeline::{Occurrence, ScheduledBreak, timeline};
