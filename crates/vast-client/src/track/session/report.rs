//! What goes into a session and what comes out of it.

use std::time::{Duration, SystemTime};

use vast_xml::Text;
use vast_xml::model::Event;

use crate::ad::{PartIndex, ResolvedAd};
use crate::track::beacon::{AdEvent, Beacon, BeaconEvent, Moment, NotExecutedReason, ServerSide, Viewability, beacons};

/// What a player saw or a stitcher sent.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PlayerReport {
    /// The media is buffered enough to play.
    Loaded,
    /// The first frame was shown. A playhead says so too.
    Started,
    /// The position in the ad while it plays, at any interval. A move ahead was played; a move back is none of the viewer's
    /// doing and only sets the position.
    Playhead(Duration),
    /// The viewer jumped to this position.
    Seeked(Duration),
    /// How long the media really is; it counts more than the document's `Duration`.
    MediaDuration(Duration),
    /// The media played to its end.
    Ended,
    /// The viewer paused. A stall is no pause.
    Paused,
    /// The viewer went on.
    Resumed,
    /// The viewer muted the ad. That it was muted from the start is no report.
    Muted,
    /// The viewer turned the sound on.
    Unmuted,
    /// The viewer enlarged the player.
    PlayerExpanded,
    /// The viewer made the player small again.
    PlayerCollapsed,
    /// The viewer skipped the ad.
    Skipped,
    /// The viewer closed the ad, or its end card.
    Closed,
    /// The viewer clicked on the ad, at this place if it is known: pixels from the player's left and top.
    Clicked(Option<(u32, u32)>),
    /// The ad reported an interaction that opens no page, of this id or without one.
    CustomClicked(Option<Text>),
    /// A tracking event that only the creative's framework or the host can tell, such as `acceptInvitation` or one of a
    /// vendor's own. Those that follow from other reports are not taken from here.
    Event(Event),
    /// A companion was shown.
    CompanionShown(PartIndex),
    /// The viewer clicked on a companion.
    CompanionClicked(PartIndex),
    /// An icon was shown.
    IconShown(PartIndex),
    /// The viewer clicked on an icon.
    IconClicked(PartIndex),
    /// Whether the ad could be seen. The first word counts.
    Viewability(Viewability),
    /// The code of a verification was not run.
    VerificationNotExecuted(PartIndex, NotExecutedReason),
    /// Something failed and the ad plays on: a VAST error code such as 409, 410 or one of 600 to 604.
    Impaired(u16),
    /// The ad failed for good, before or after it began: a VAST error code.
    Failed(u16),
    /// The ad ended because the viewer left or the stream was cut. Nobody is told.
    Abandoned,
    /// The ad was obtained and will never be played.
    NotUsed,
}

/// The moment of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportContext {
    /// The wall clock; best that of whoever saw what is reported.
    pub at: SystemTime,
    /// The position in the content.
    pub content_playhead: Option<Duration>,
    /// Other macros of the IAB registry by name that hold at this moment, such as `PLAYERSTATE`.
    pub macros: Vec<(String, String)>,
}

impl ReportContext {
    /// A moment of which only the time is known.
    pub fn new(at: SystemTime) -> Self {
        Self { at, content_playhead: None, macros: Vec::new() }
    }
}

/// Something that happened, with all that its trackers are told.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionEvent {
    /// What.
    pub event: AdEvent,
    /// The moment. It is the same at every later look, and so are the URLs.
    pub moment: Moment,
}

impl SessionEvent {
    /// The trackers of `ad` that are due: one batch, see [`beacons`].
    pub fn beacons(&self, ad: &ResolvedAd) -> Vec<Beacon> {
        beacons(ad, &self.event, &self.moment)
    }
}

/// How a session is held.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionOptions {
    /// On whose word trackers are called; it is told in `[SERVERSIDE]`. Default: [`ServerSide::Server`].
    pub server_side: ServerSide,
    /// How far a playhead may run ahead of the clock before it counts as a jump, so that what was leapt over, or played
    /// faster, is not reported as played. Default: none, every move ahead that is not said to be a jump was played: reports
    /// of a player may arrive late and in bunches, and segments of a stream are asked for ahead of time. Set it (to about
    /// the time between two reports) where [`ReportContext::at`](super::ReportContext::at) is the player's own clock.
    pub seek_tolerance: Option<Duration>,
    /// What another party calls the trackers of, usually the player that got them with the document: it is never
    /// reported here, since it would be counted twice. Default: nothing.
    pub handed_over: Vec<BeaconEvent>,
    /// Who runs the code of verifications. Default: [`VerificationRunner::None`].
    pub verifications: VerificationRunner,
}

/// Who runs the code of verifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VerificationRunner {
    /// Nobody: each is reported as not supported when the ad begins (VAST 4.3 section 3.17.4).
    #[default]
    None,
    /// The host or a player that they were handed to: it reports those that it could not run.
    Host,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            server_side: ServerSide::Server,
            seek_tolerance: None,
            handed_over: Vec::new(),
            verifications: VerificationRunner::default(),
        }
    }
}
