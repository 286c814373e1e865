//! Trackers, counted by kind.

use vast_xml::model::{Event, Impression, Tracking, is_placeholder};

use super::units::count;

/// How many trackers an ad has, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Tally {
    impressions: usize,
    /// By the event's name in today's standard, in the order of the document.
    events: Vec<(String, usize)>,
    clicks: usize,
    custom_clicks: usize,
    viewable: usize,
    errors: usize,
}

impl Tally {
    pub(super) fn impressions<'a>(mut self, impressions: impl Iterator<Item = &'a Impression>) -> Self {
        self.impressions += impressions.filter(|impression| !impression.is_placeholder()).count();
        self
    }

    pub(super) fn events<'a>(mut self, trackers: impl Iterator<Item = &'a Tracking>) -> Self {
        for tracking in trackers.filter(|tracking| !is_placeholder(&tracking.url)) {
            self.event(&tracking.event);
        }
        self
    }

    pub(super) fn clicks(mut self, tracking: usize, custom: usize) -> Self {
        self.clicks += tracking;
        self.custom_clicks += custom;
        self
    }

    pub(super) fn viewable(mut self, urls: usize) -> Self {
        self.viewable += urls;
        self
    }

    pub(super) fn errors(mut self, urls: usize) -> Self {
        self.errors += urls;
        self
    }

    fn event(&mut self, event: &Event) {
        let name = event.name();
        match self.events.iter_mut().find(|(known, _)| known == name) {
            Some((_, number)) => *number += 1,
            None => self.events.push((name.to_owned(), 1)),
        }
    }

    fn events_shown(&self) -> Option<String> {
        let total: usize = self.events.iter().map(|(_, number)| number).sum();
        let each = |(name, number): &(String, usize)| match number {
            1 => name.clone(),
            _ => format!("{name} ×{number}"),
        };
        let names: Vec<_> = self.events.iter().map(each).collect();
        (total > 0).then(|| format!("{} ({})", count(total, "event"), names.join(", ")))
    }

    /// `2 impressions, 3 events (start ×2, complete), 1 click`; empty when there are none.
    pub(super) fn shown(&self) -> String {
        let some = |number, one| (number > 0).then(|| count(number, one));
        let parts = [
            some(self.impressions, "impression"),
            self.events_shown(),
            some(self.clicks, "click"),
            some(self.custom_clicks, "custom click"),
            some(self.viewable, "viewability URL"),
            some(self.errors, "error URL"),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_names_of_an_event_are_one_and_placeholders_none() {
        let tracking = [
            Tracking::new(Event::Start, "https://ads.example/1"),
            Tracking::new(Event::Fullscreen, "https://ads.example/2"),
            Tracking::new(Event::PlayerExpand, "https://ads.example/3"),
            Tracking::new(Event::Mute, "about:blank"),
        ];
        let impressions = [Impression::new("about:blank"), Impression::new("https://ads.example/seen")];
        let tally = Tally::default().impressions(impressions.iter()).events(tracking.iter()).clicks(2, 0).errors(1);
        assert_eq!(tally.shown(), "1 impression, 3 events (start, playerExpand ×2), 2 clicks, 1 error URL");
        assert_eq!(Tally::default().shown(), "");
    }
}
