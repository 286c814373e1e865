//! What goes into a session and what comes out of it.

use std::time::{Duration, SystemTime};

use vast_xml::Text;
use vast_xml::model::Event;

use crate::ad::PartIndex;
use crate::ad::ResolvedAd;
use crate::track::beacons::{Beacon, beacons};
use crate::track::moment::Moment;
use crate::track::occurrence::{AdEvent, NotExecuted, Viewability};

/// What a player saw or a stitcher sent.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Report {
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
    VerificationNotExecuted(PartIndex, NotExecuted),
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
pub struct Now {
    /// The wall clock; best that of whoever saw what is reported.
    pub at: SystemTime,
    /// The position in the content.
    pub content_playhead: Option<Duration>,
    /// Other macros of the IAB registry by name that hold at this moment, such as `PLAYERSTATE`.
    pub macros: Vec<(String, String)>,
}

impl Now {
    /// A moment of which only the time is known.
    pub fn new(at: SystemTime) -> Self {
        Self { at, content_playhead: None, macros: Vec::new() }
    }
}

/// Something that happened, with all that its trackers are told.
#[derive(Debug, Clone, PartialEq)]
pub struct Happened {
    /// What.
    pub event: AdEvent,
    /// The moment. It is the same at every later look, and so are the URLs.
    pub moment: Moment,
}

impl Happened {
    /// The trackers of `ad` that are due: one batch, see [`beacons`].
    pub fn beacons(&self, ad: &ResolvedAd) -> Vec<Beacon> {
        beacons(ad, &self.event, &self.moment)
    }
}
