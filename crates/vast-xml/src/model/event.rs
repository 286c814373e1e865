//! The catalogue of tracking events (VAST 4.3, section 3.14.1, with the names of all earlier versions).

use crate::name_table::NameTable;
use crate::text::Text;
use std::fmt;

/// Builds the enum and its two names from one table: variant, name as written, name in the current standard.
macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $raw:literal => $canonical:literal,)*) => {
        /// The event at which a tracker is called.
        ///
        /// The standard renamed some events. Each name has its own variant, so that a document keeps its names when it
        /// is written. To compare events, use [`Event::is`] or [`Event::name`]: `fullscreen` and `playerExpand` are the
        /// same event.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Event {
            $($(#[$doc])* $variant,)*
            /// A name that is in no version of the standard, as written. The host decides when this event happens.
            Other(Text),
        }

        impl Event {
            /// The name in the current standard. It is equal for the old and the new name of one event.
            pub fn name(&self) -> &str {
                match self {
                    $(Event::$variant => $canonical,)*
                    Event::Other(name) => name,
                }
            }

            /// The name that the document uses, in the standard's case.
            pub fn raw(&self) -> &str {
                match self {
                    $(Event::$variant => $raw,)*
                    Event::Other(name) => name,
                }
            }

        }

        /// All variants except `Other`. A variant that exists only under `Linear` comes after the variant with the same
        /// name for other places.
        static EVENTS: &[Event] = &[$(Event::$variant,)*];
        static SPELLINGS: NameTable = NameTable::new(&[$($raw,)*]);
    };
}

events! {
    /// A part of the creative became visible. Companions have only this event.
    CreativeView = "creativeView" => "creativeView",
    /// The creative is loaded, and enough is buffered to play it (4.1).
    Loaded = "loaded" => "loaded",
    /// Playback began.
    Start = "start" => "start",
    /// A quarter of the ad was played.
    FirstQuartile = "firstQuartile" => "firstQuartile",
    /// Half of the ad was played.
    Midpoint = "midpoint" => "midpoint",
    /// Three quarters of the ad were played.
    ThirdQuartile = "thirdQuartile" => "thirdQuartile",
    /// The ad was played to its end.
    Complete = "complete" => "complete",
    /// The ad was played up to the tracker's offset (3.0).
    Progress = "progress" => "progress",
    /// The user muted the ad.
    Mute = "mute" => "mute",
    /// The user turned the sound on again.
    Unmute = "unmute" => "unmute",
    /// The user paused the ad.
    Pause = "pause" => "pause",
    /// The user resumed the ad.
    Resume = "resume" => "resume",
    /// The user rewound the ad.
    Rewind = "rewind" => "rewind",
    /// The name of `rewind` in 1.0.
    Replay = "replay" => "rewind",
    /// The user skipped the ad (3.0).
    Skip = "skip" => "skip",
    /// The viewer closed the linear ad or its end card (3.0, 4.1).
    CloseLinear = "closeLinear" => "closeLinear",
    /// The name of `closeLinear` in 1.0.
    Stop = "stop" => "closeLinear",
    /// The user enlarged the player (4.0).
    PlayerExpand = "playerExpand" => "playerExpand",
    /// The name of `playerExpand` up to 3.0.
    Fullscreen = "fullscreen" => "playerExpand",
    /// The user reduced the player (4.0).
    PlayerCollapse = "playerCollapse" => "playerCollapse",
    /// The name of `playerCollapse` in 3.0.
    ExitFullscreen = "exitFullscreen" => "playerCollapse",
    /// The user enlarged the creative (4.0).
    AdExpand = "adExpand" => "adExpand",
    /// The name of `adExpand` in 2.0 and 3.0.
    Expand = "expand" => "adExpand",
    /// The user reduced the creative to its original size (4.0).
    AdCollapse = "adCollapse" => "adCollapse",
    /// The name of `adCollapse` in 2.0 and 3.0.
    Collapse = "collapse" => "adCollapse",
    /// The user launched an additional part of the creative.
    AcceptInvitation = "acceptInvitation" => "acceptInvitation",
    /// The name of `acceptInvitation` for linear ads in 3.0 and 4.0.
    AcceptInvitationLinear = "acceptInvitationLinear" => "acceptInvitation",
    /// The user minimized the creative (4.0).
    Minimize = "minimize" => "minimize",
    /// The user removed the creative.
    Close = "close" => "close",
    /// The ad was displayed for its suggested duration (4.0).
    OverlayViewDuration = "overlayViewDuration" => "overlayViewDuration",
    /// The time for which the ad was viewed is reported (4.0 only).
    TimeSpentViewing = "timeSpentViewing" => "timeSpentViewing",
    /// Any other interaction of the user (4.0).
    OtherAdInteraction = "otherAdInteraction" => "otherAdInteraction",
    /// The interactive framework started (4.2).
    InteractiveStart = "interactiveStart" => "interactiveStart",
    /// The ad was received and will never be played (4.1).
    NotUsed = "notUsed" => "notUsed",
    /// The verification code was not run (4.1).
    VerificationNotExecuted = "verificationNotExecuted" => "verificationNotExecuted",
    /// The name of `playerCollapse` in 2.0: `collapse` under `Linear`.
    CollapseUnderLinear = "collapse" => "playerCollapse",
    /// The name of `playerExpand` in 2.0: `expand` under `Linear`.
    ExpandUnderLinear = "expand" => "playerExpand",
    /// The name of `closeLinear` in 2.0: `close` under `Linear`.
    CloseUnderLinear = "close" => "closeLinear",
}

impl Event {
    /// The event with this name outside `Linear`. Upper and lower case are equal.
    pub fn from_name(raw: &str) -> Event {
        Event::known(raw).map_or_else(|| Event::Other(Text::from(raw)), |(event, _)| event)
    }

    /// The event with this name outside `Linear`, if any version of the standard has it, and whether the case of its letters
    /// is right. Upper and lower case are equal.
    pub(crate) fn known(raw: &str) -> Option<(Event, bool)> {
        let found = SPELLINGS.find(raw)?;
        Some((EVENTS.get(found.index)?.clone(), found.exact))
    }

    /// The event with exactly this name outside `Linear`.
    #[inline]
    pub(crate) fn well_known(raw: &str) -> Option<Event> {
        let found = SPELLINGS.find(raw).filter(|found| found.exact)?;
        EVENTS.get(found.index).cloned()
    }

    /// The event with the same name under `Linear`. There, 2.0 uses `close`, `expand` and `collapse` for the player.
    #[must_use]
    pub fn under_linear(self) -> Event {
        match self {
            Event::Close => Event::CloseUnderLinear,
            Event::Expand => Event::ExpandUnderLinear,
            Event::Collapse => Event::CollapseUnderLinear,
            other => other,
        }
    }

    /// Whether both are the same event, even if they have the names of different versions.
    pub fn is(&self, other: &Event) -> bool {
        self.name() == other.name()
    }
}

impl fmt::Display for Event {
    /// Writes the name in the current standard.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
