//! The catalogue of tracking events (VAST 4.3, section 3.14.1, with the names of all earlier versions).

use crate::Text;
use crate::name_table::NameTable;
use std::fmt;

/// Builds the enum and its two spellings from one table: variant, name as written, name in today's standard.
macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $raw:literal => $canonical:literal,)*) => {
        /// What has to happen for a tracker to be called.
        ///
        /// Events were renamed several times. Every spelling has its own variant, so that a document can be written back;
        /// [`Event::name`] is what to compare by: `fullscreen` and `playerExpand` are one event.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Event {
            $($(#[$doc])* $variant,)*
            /// A name that no version of the standard has, as written: the host may call it.
            Other(Text),
        }

        impl Event {
            /// The name in today's standard: equal for the old and the new spelling of one event.
            pub fn name(&self) -> &str {
                match self {
                    $(Event::$variant => $canonical,)*
                    Event::Other(name) => name,
                }
            }

            /// The name as the document spells it, but for the case of its letters.
            pub fn raw(&self) -> &str {
                match self {
                    $(Event::$variant => $raw,)*
                    Event::Other(name) => name,
                }
            }

        }

        /// All variants but `Other`, those under `Linear` after those of the same spelling elsewhere.
        static EVENTS: &[Event] = &[$(Event::$variant,)*];
        static SPELLINGS: NameTable = NameTable::new(&[$($raw,)*]);
    };
}

events! {
    /// A part of the creative became visible: the only event of companions.
    CreativeView = "creativeView" => "creativeView",
    /// Loaded and buffered enough to play (4.1).
    Loaded = "loaded" => "loaded",
    /// Playback began.
    Start = "start" => "start",
    /// A quarter was played.
    FirstQuartile = "firstQuartile" => "firstQuartile",
    /// Half was played.
    Midpoint = "midpoint" => "midpoint",
    /// Three quarters were played.
    ThirdQuartile = "thirdQuartile" => "thirdQuartile",
    /// Played to the end.
    Complete = "complete" => "complete",
    /// Played up to the tracker's offset (3.0).
    Progress = "progress" => "progress",
    /// The user muted it.
    Mute = "mute" => "mute",
    /// The user turned the sound on again.
    Unmute = "unmute" => "unmute",
    /// The user paused it.
    Pause = "pause" => "pause",
    /// The user went on.
    Resume = "resume" => "resume",
    /// The user went back.
    Rewind = "rewind" => "rewind",
    /// `rewind` as 1.0 calls it.
    Replay = "replay" => "rewind",
    /// The user skipped it (3.0).
    Skip = "skip" => "skip",
    /// The viewer closed the linear ad or its end card (3.0, 4.1).
    CloseLinear = "closeLinear" => "closeLinear",
    /// `closeLinear` as 1.0 calls it.
    Stop = "stop" => "closeLinear",
    /// The user enlarged the player (4.0).
    PlayerExpand = "playerExpand" => "playerExpand",
    /// `playerExpand` up to 3.0.
    Fullscreen = "fullscreen" => "playerExpand",
    /// The user reduced the player (4.0).
    PlayerCollapse = "playerCollapse" => "playerCollapse",
    /// `playerCollapse` in 3.0.
    ExitFullscreen = "exitFullscreen" => "playerCollapse",
    /// The user enlarged the creative (4.0).
    AdExpand = "adExpand" => "adExpand",
    /// `adExpand` in 2.0 and 3.0.
    Expand = "expand" => "adExpand",
    /// The user made the creative small again (4.0).
    AdCollapse = "adCollapse" => "adCollapse",
    /// `adCollapse` in 2.0 and 3.0.
    Collapse = "collapse" => "adCollapse",
    /// The user launched an additional part of the creative.
    AcceptInvitation = "acceptInvitation" => "acceptInvitation",
    /// `acceptInvitation` of linear ads in 3.0 and 4.0.
    AcceptInvitationLinear = "acceptInvitationLinear" => "acceptInvitation",
    /// The user made the creative a small control (4.0).
    Minimize = "minimize" => "minimize",
    /// The user removed the creative.
    Close = "close" => "close",
    /// The time for which the ad is meant to be displayed has passed (4.0).
    OverlayViewDuration = "overlayViewDuration" => "overlayViewDuration",
    /// How long the ad was seen (4.0 only).
    TimeSpentViewing = "timeSpentViewing" => "timeSpentViewing",
    /// Any other interaction of the user (4.0).
    OtherAdInteraction = "otherAdInteraction" => "otherAdInteraction",
    /// The interactive framework began (4.2).
    InteractiveStart = "interactiveStart" => "interactiveStart",
    /// The ad was obtained and will never be played (4.1).
    NotUsed = "notUsed" => "notUsed",
    /// The verification code was not run (4.1).
    VerificationNotExecuted = "verificationNotExecuted" => "verificationNotExecuted",
    /// `playerCollapse` as 2.0 calls it: `collapse` under `Linear`.
    CollapseUnderLinear = "collapse" => "playerCollapse",
    /// `playerExpand` as 2.0 calls it: `expand` under `Linear`.
    ExpandUnderLinear = "expand" => "playerExpand",
    /// `closeLinear` as 2.0 calls it: `close` under `Linear`.
    CloseUnderLinear = "close" => "closeLinear",
}

impl Event {
    /// Reads a name as it stands outside `Linear`; letters in the wrong case are put right.
    pub fn from_name(raw: &str) -> Event {
        Event::known(raw).map_or_else(|| Event::Other(Text::from(raw)), |(event, _)| event)
    }

    /// The event that some version of the standard calls so, outside `Linear` and in any case, and whether the case is right.
    pub(crate) fn known(raw: &str) -> Option<(Event, bool)> {
        let found = SPELLINGS.find(raw)?;
        Some((EVENTS.get(found.index)?.clone(), found.exact))
    }

    /// The same name read under `Linear`, where 2.0 meant the player by `close`, `expand` and `collapse`.
    #[must_use]
    pub fn under_linear(self) -> Event {
        match self {
            Event::Close => Event::CloseUnderLinear,
            Event::Expand => Event::ExpandUnderLinear,
            Event::Collapse => Event::CollapseUnderLinear,
            other => other,
        }
    }

    /// Whether both are the same event, whatever the version that spelled it.
    pub fn is(&self, other: &Event) -> bool {
        self.name() == other.name()
    }
}

impl fmt::Display for Event {
    /// Today's name.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r058_renamed_events_are_one_event_and_keep_their_spelling() {
        let spellings = [
            ("fullscreen", "playerExpand"),
            ("exitfullscreen", "playerCollapse"),
            ("replay", "rewind"),
            ("stop", "closeLinear"),
            ("expand", "adExpand"),
            ("close", "close"),
            ("acceptInvitationLinear", "acceptInvitation"),
        ];
        for (raw, canonical) in spellings {
            let event = Event::from_name(raw);
            assert_eq!(event.name(), canonical);
            assert!(event.raw().eq_ignore_ascii_case(raw), "{raw} became {}", event.raw());
        }
    }

    #[test]
    fn r058_close_expand_and_collapse_mean_the_player_under_linear() {
        let names = ["close", "expand", "collapse"].map(|raw| Event::from_name(raw).under_linear());
        assert_eq!(names.each_ref().map(Event::name), ["closeLinear", "playerExpand", "playerCollapse"]);
        assert_eq!(names.each_ref().map(Event::raw), ["close", "expand", "collapse"]);
    }

    #[test]
    fn r057_unknown_names_are_kept() {
        assert_eq!(Event::from_name("vendorThing"), Event::Other(Text::from("vendorThing")));
        assert_eq!(Event::from_name("vendorThing").raw(), "vendorThing");
    }
}
