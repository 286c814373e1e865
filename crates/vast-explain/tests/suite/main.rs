//! Stories and pages of real requests to ad servers in memory, on a paused clock.

mod changes;
mod diff;
mod page;
mod servers;
mod stories;
