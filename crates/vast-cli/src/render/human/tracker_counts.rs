//! Trackers: how many there are by kind, and their URLs.

use vast_xml::model::{Click, Event, Impression, Tracking, is_placeholder};

use super::units::count;
use crate::render::layout::{Align, Page, StyledText, TextStyle, TextTable};

/// The numbers of trackers by kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct TrackerCounts {
    impressions: usize,
    /// By the event's name in VAST 4, in the order of the document.
    events: Vec<(String, usize)>,
    clicks: usize,
    custom_clicks: usize,
    viewable: usize,
    errors: usize,
}

impl TrackerCounts {
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

    /// The numbers as text, for example `2 impressions, 3 events (start ×2, complete), 1 click`; empty if there are no
    /// trackers.
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

/// The click trackers of a creative.
#[derive(Debug, Default)]
pub(super) struct ClickTrackers<'a> {
    pub(super) clicks: Vec<&'a Click>,
    pub(super) custom_clicks: Vec<&'a Click>,
}

/// The numbers of trackers of a creative; with --verbose also their URLs.
pub(super) fn trackers<'a>(
    page: &mut Page,
    events: impl Iterator<Item = &'a Tracking> + Clone,
    clicks: &ClickTrackers<'a>,
) {
    let counts = TrackerCounts::default().events(events.clone());
    page.field("trackers", &counts.clicks(clicks.clicks.len(), clicks.custom_clicks.len()).shown());
    if !page.is_verbose() {
        return;
    }
    let mut table = TextTable::new([("", Align::Left), ("", Align::Left)]);
    for Tracking { event, offset, url, .. } in events {
        let offset = offset.map_or_else(String::new, |offset| format!(" {offset}"));
        table.row([StyledText::new(&format!("{}{offset}", event.raw()), TextStyle::Secondary), StyledText::plain(url)]);
    }
    for (label, list) in [("click", &clicks.clicks), ("custom click", &clicks.custom_clicks)] {
        for click in list {
            table.row([StyledText::new(label, TextStyle::Secondary), StyledText::plain(&click.url)]);
        }
    }
    page.table("", table);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renamed_events_count_together_and_placeholders_do_not_count() {
        let tracking = [
            Tracking::new(Event::Start, "https://ads.example/1"),
            Tracking::new(Event::Fullscreen, "https://ads.example/2"),
            Tracking::new(Event::PlayerExpand, "https://ads.example/3"),
            Tracking::new(Event::Mute, "about:blank"),
        ];
        let impressions = [Impression::new("about:blank"), Impression::new("https://ads.example/seen")];
        let counts =
            TrackerCounts::default().impressions(impressions.iter()).events(tracking.iter()).clicks(2, 0).errors(1);
        assert_eq!(counts.shown(), "1 impression, 3 events (start, playerExpand ×2), 2 clicks, 1 error URL");
        assert_eq!(TrackerCounts::default().shown(), "");
    }
}
