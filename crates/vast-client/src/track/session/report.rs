//! The input and output of a session.

use std::time::{Duration, SystemTime};

use vast_xml::Text;
use vast_xml::model::Event;

use crate::ad::{PartIndex, ResolvedAd};
use crate::track::beacon::{AdEvent, Beacon, BeaconEvent, Moment, NotExecutedReason, ServerSide, Viewability, beacons};

/// A report of a player or a stitcher.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PlayerReport {
    /// The media is buffered enough to play.
    Loaded,
    /// The first frame was shown. A playhead also implies this report.
    Started,
    /// The position in the ad during playback, at any interval. The time of a move forward counts as played. A move back only sets
    /// the position and is not a rewind of the viewer.
    Playhead(Duration),
    /// The viewer jumped to this position.
    Seeked(Duration),
    /// The length of the media. It overrides the `Duration` of the document.
    MediaDuration(Duration),
    /// The media played to its end.
    Ended,
    /// The viewer paused. A stall is not a pause.
    Paused,
    /// The viewer resumed.
    Resumed,
    /// The viewer muted the ad. Do not report an ad that was muted from the start.
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
    /// The viewer clicked on the ad, at this position if it is known: pixels from the left and top of the player.
    Clicked(Option<(u32, u32)>),
    /// The ad reported an interaction that opens no page, with or without an id.
    CustomClicked(Option<Text>),
    /// A tracking event that only the framework of the creative or the host knows, such as `acceptInvitation` or an event of a
    /// vendor. Events that follow from other reports are ignored here.
    Event(Event),
    /// A companion was shown.
    CompanionShown(PartIndex),
    /// The viewer clicked on a companion.
    CompanionClicked(PartIndex),
    /// An icon was shown.
    IconShown(PartIndex),
    /// The viewer clicked on an icon.
    IconClicked(PartIndex),
    /// Whether the ad was viewable. Only the first report counts.
    Viewability(Viewability),
    /// The code of a verification was not executed.
    VerificationNotExecuted(PartIndex, NotExecutedReason),
    /// Something failed and the ad continues: a VAST error code such as 409, 410 or 600 to 604.
    Impaired(u16),
    /// The ad failed before or after its start and does not continue: a VAST error code.
    Failed(u16),
    /// The viewer left or the stream ended. VAST has no event for this.
    Abandoned,
    /// The ad was received and will never be played.
    NotUsed,
}

/// The time and the circumstances of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportContext {
    /// The time of the wall clock, preferably of the clock of the player that reports.
    pub at: SystemTime,
    /// The position in the content.
    pub content_playhead: Option<Duration>,
    /// Other macros of the IAB registry by name, with their values at this moment, such as `PLAYERSTATE`.
    pub macros: Vec<(String, String)>,
}

impl ReportContext {
    /// A report with only a time.
    pub fn new(at: SystemTime) -> Self {
        Self { at, content_playhead: None, macros: Vec::new() }
    }
}

/// An event of an ad and its moment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SessionEvent {
    /// The event.
    pub event: AdEvent,
    /// The moment of the event. It does not change later, so the URLs do not change either.
    pub moment: Moment,
}

impl SessionEvent {
    /// The trackers of `ad` that are due, as one batch: see [`beacons`].
    pub fn beacons(&self, ad: &ResolvedAd) -> Vec<Beacon> {
        beacons(ad, &self.event, &self.moment)
    }
}

/// The options of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionOptions {
    /// The party that calls the trackers, and the reason: the value of `[SERVERSIDE]`. Default: [`ServerSide::Server`].
    pub server_side: ServerSide,
    /// The largest time by which a playhead may be ahead of the clock. A larger move counts as a jump and not as
    /// playing. Default: no limit, so every move forward counts as played, because reports of a player may arrive late
    /// and together, and segments of a stream are requested early. Set it to about the time between two reports if
    /// [`ReportContext::at`](super::ReportContext::at) comes from the clock of the player.
    pub seek_tolerance: Option<Duration>,
    /// Events whose trackers another party calls, usually the player that received the document. They are never reported here,
    /// because they would be counted twice. Default: none.
    pub handed_over: Vec<BeaconEvent>,
    /// The party that executes the code of verifications. Default: [`VerificationRunner::None`].
    pub verifications: VerificationRunner,
    /// The time of the request for the ad, such as [`Metadata::requested_at`](crate::report::Metadata::requested_at). An ad that has
    /// expired since then is not played: instead of its start the session reports `notUsed` (VAST 4.3 section 3.4.10). Default: not
    /// known, and no ad expires.
    pub requested_at: Option<SystemTime>,
}

/// The party that executes the code of verifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VerificationRunner {
    /// No party executes the code: each verification is reported as not supported when the ad starts (VAST 4.3 section
    /// 3.17.4).
    #[default]
    None,
    /// The host or a player executes the code, and reports the verifications that it could not execute.
    Host,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            server_side: ServerSide::Server,
            seek_tolerance: None,
            handed_over: Vec::new(),
            verifications: VerificationRunner::default(),
            requested_at: None,
        }
    }
}
