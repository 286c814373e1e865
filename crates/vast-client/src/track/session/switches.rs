//! What the viewer can turn on and off: an event is one only where something changes.

use vast_xml::model::Event;

use super::report::Report;

/// The state of what the viewer can turn on and off; unknown until the first word.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Switches {
    muted: Option<bool>,
    expanded: Option<bool>,
    paused: bool,
}

impl Switches {
    /// Whether the ad is paused.
    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }

    /// The event that `report` means, if it changes something.
    pub(super) fn turn(&mut self, report: &Report) -> Option<Event> {
        let (switch, to, event) = match report {
            Report::Muted => (&mut self.muted, true, Event::Mute),
            Report::Unmuted => (&mut self.muted, false, Event::Unmute),
            Report::PlayerExpanded => (&mut self.expanded, true, Event::PlayerExpand),
            Report::PlayerCollapsed => (&mut self.expanded, false, Event::PlayerCollapse),
            Report::Paused => return self.pause(true, Event::Pause),
            Report::Resumed => return self.pause(false, Event::Resume),
            _ => return None,
        };
        let is_new = *switch != Some(to);
        *switch = Some(to);
        is_new.then_some(event)
    }

    /// Unlike the others it is known from the start: what plays is not paused.
    fn pause(&mut self, to: bool, event: Event) -> Option<Event> {
        let is_new = self.paused != to;
        self.paused = to;
        is_new.then_some(event)
    }
}
