//! How a session is held.

use std::time::Duration;

use crate::track::event::BeaconEvent;
use crate::track::moment::Signals;

/// How a session is held.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionOptions {
    /// On whose word trackers are called; it is told in `[SERVERSIDE]`. Default: [`Signals::Server`].
    pub signals: Signals,
    /// How far a playhead may run ahead of the clock before it counts as a jump, so that what was leapt over, or played
    /// faster, is not reported as played. Default: none, every move ahead that is not said to be a jump was played: reports
    /// of a player may arrive late and in bunches, and segments of a stream are asked for ahead of time. Set it (to about
    /// the time between two reports) where [`Now::at`](super::Now::at) is the player's own clock.
    pub seek_tolerance: Option<Duration>,
    /// What another party calls the trackers of, usually the player that got them with the document: it is never
    /// reported here, since it would be counted twice. Default: nothing.
    pub handed_over: Vec<BeaconEvent>,
    /// Who runs the code of verifications. Default: [`Verifications::Nobody`].
    pub verifications: Verifications,
}

/// Who runs the code of verifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verifications {
    /// Nobody: each is reported as not supported when the ad begins (VAST 4.3 section 3.17.4).
    #[default]
    Nobody,
    /// The host or a player that they were handed to: it reports those that it could not run.
    Host,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            signals: Signals::Server,
            seek_tolerance: None,
            handed_over: Vec::new(),
            verifications: Verifications::default(),
        }
    }
}
