//! Stories and pages of real requests to ad servers in memory, on a paused clock.

mod changes;
mod diff;
mod diff_answers;
mod page;
mod schema;
mod servers;
mod stories;
mod timelines;
