//! The points on the timeline of an ad (quartiles, `progress`, end), and which of them were reached by playing.

use std::time::Duration;

use vast_xml::model::{Event, Offset, Percent};

/// A point on the timeline with an event.
#[derive(Debug, Clone, PartialEq)]
struct TimelinePoint {
    offset: Offset,
    mark: TimelineMark,
    is_reached: bool,
}

/// The event of a point.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TimelineMark {
    /// A quartile or the end: one of `firstQuartile`, `midpoint`, `thirdQuartile`, `complete`.
    Share(Event),
    /// The offset of `progress` trackers.
    Progress(Offset),
}

/// The position in the ad and the points that it reached.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Timeline {
    length: Option<Duration>,
    position: Duration,
    played: PlayedRanges,
    points: Vec<TimelinePoint>,
}

/// How much of the time before a point may be missing, at most one second. It is needed because positions are rounded and
/// media ends at a frame.
fn slack(point: Duration) -> Duration {
    (point / 20).min(Duration::from_secs(1))
}

impl Timeline {
    /// The timeline of an ad of this length with `progress` trackers at these offsets, which are all different.
    pub(super) fn new(length: Option<Duration>, offsets: impl IntoIterator<Item = Offset>) -> Self {
        let shares = [(25, Event::FirstQuartile), (50, Event::Midpoint), (75, Event::ThirdQuartile)];
        let point = |offset: Offset, mark: TimelineMark| TimelinePoint { offset, mark, is_reached: false };
        let share = |(percent, event)| point(Offset::Percent(Percent::whole(percent)), TimelineMark::Share(event));
        let mut points: Vec<TimelinePoint> = shares.into_iter().map(share).collect();
        points.extend(offsets.into_iter().map(|offset| point(offset, TimelineMark::Progress(offset))));
        // The end comes last among points at the same position.
        points.push(point(Offset::Percent(Percent::whole(100)), TimelineMark::Share(Event::Complete)));
        // A length of zero means that the length is unknown.
        Self {
            length: length.filter(|length| !length.is_zero()),
            position: Duration::ZERO,
            played: PlayedRanges::default(),
            points,
        }
    }

    /// The position in the ad.
    pub(super) fn position(&self) -> Duration {
        self.position
    }

    /// The length of the ad.
    pub(super) fn length(&self) -> Option<Duration> {
        self.length
    }

    /// Sets the length of the media, which overrides that of the document.
    pub(super) fn set_length(&mut self, length: Duration) {
        if !length.is_zero() {
            self.length = Some(length);
        }
    }

    /// Moves to `position` without playing.
    pub(super) fn jump(&mut self, position: Duration) {
        self.position = self.within(position);
    }

    /// Starts playing. Returns the points at the start, if playing starts there.
    pub(super) fn begin(&mut self) -> Vec<(Duration, TimelineMark)> {
        if self.position.is_zero() { self.reach(Duration::ZERO, Duration::ZERO) } else { Vec::new() }
    }

    /// Plays to `position`. Returns the points that are reached for the first time, in order of time.
    pub(super) fn play(&mut self, position: Duration) -> Vec<(Duration, TimelineMark)> {
        let (from, to) = (self.position, self.within(position));
        self.position = to;
        if to <= from {
            return Vec::new();
        }
        self.played.add(from, to);
        self.reach(from, to)
    }

    /// Plays to the end. If the length is unknown, the current position is the end.
    pub(super) fn end(&mut self) -> Vec<(Duration, TimelineMark)> {
        let mut reached = self.play(self.length.unwrap_or(self.position));
        if self.length.is_none() && self.is_played(self.position) {
            let complete = self.points.last_mut().filter(|point| !point.is_reached);
            reached.extend(complete.map(|point| {
                point.is_reached = true;
                (self.position, point.mark.clone())
            }));
        }
        reached
    }

    /// Whether the ad was played to its end.
    pub(super) fn is_complete(&self) -> bool {
        self.points.last().is_some_and(|end| end.is_reached)
    }

    fn within(&self, position: Duration) -> Duration {
        self.length.map_or(position, |length| position.min(length))
    }

    /// Whether the time before `point` was played, except for the allowed slack.
    fn is_played(&self, point: Duration) -> bool {
        self.played.before(point).saturating_add(slack(point)) >= point
    }

    fn reach(&mut self, from: Duration, to: Duration) -> Vec<(Duration, TimelineMark)> {
        let mut reached: Vec<(Duration, usize)> = Vec::new();
        for (index, point) in self.points.iter().enumerate().filter(|(_, point)| !point.is_reached) {
            let Some(at) = point.offset.within(self.length) else { continue };
            let is_crossed = from <= at && at <= to;
            if is_crossed && self.is_played(at) {
                reached.push((at, index));
            }
        }
        reached.sort();
        reached.into_iter().filter_map(|(at, index)| Some((at, self.take(index)?))).collect()
    }

    fn take(&mut self, index: usize) -> Option<TimelineMark> {
        let point = self.points.get_mut(index)?;
        point.is_reached = true;
        Some(point.mark.clone())
    }
}

/// The largest number of separate ranges that are remembered. After more jumps, the shortest range is forgotten, so
/// that memory is bounded. No time counts as played that was not played.
const MAX_RANGES: usize = 64;

/// The ranges of an ad that were played, sorted and without overlap.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct PlayedRanges(Vec<(Duration, Duration)>);

impl PlayedRanges {
    /// Adds a range.
    pub(super) fn add(&mut self, from: Duration, to: Duration) {
        if to <= from {
            return;
        }
        let first = self.0.partition_point(|(_, end)| *end < from);
        let behind = self.0.partition_point(|(start, _)| *start <= to);
        let touched = self.0.get(first..behind).unwrap_or_default();
        let start = touched.first().map_or(from, |(start, _)| from.min(*start));
        let end = touched.last().map_or(to, |(_, end)| to.max(*end));
        self.0.splice(first..behind.max(first), [(start, end)]);
        self.forget();
    }

    /// How much of the time before `position` was played.
    pub(super) fn before(&self, position: Duration) -> Duration {
        self.0.iter().map(|(start, end)| position.min(*end).saturating_sub(*start)).sum()
    }

    fn forget(&mut self) {
        if self.0.len() <= MAX_RANGES {
            return;
        }
        let length = |index: &usize| self.0.get(*index).map(|(start, end)| end.saturating_sub(*start));
        if let Some(shortest) = (0..self.0.len()).min_by_key(length) {
            self.0.remove(shortest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn ranges_that_touch_are_merged() {
        let mut played = PlayedRanges::default();
        for (from, to) in [(0, 5), (10, 12), (5, 6), (20, 20), (11, 15), (8, 9)] {
            played.add(seconds(from), seconds(to));
        }
        assert_eq!(played.0, [(0, 6), (8, 9), (10, 15)].map(|(from, to)| (seconds(from), seconds(to))));
        assert_eq!([4, 7, 11, 30].map(|at| played.before(seconds(at)).as_secs()), [4, 6, 8, 12]);
        played.add(seconds(0), seconds(30));
        assert_eq!(played.0, [(seconds(0), seconds(30))]);
    }

    #[test]
    fn many_jumps_need_bounded_memory() {
        let mut played = PlayedRanges::default();
        for part in 0..10_000 {
            played.add(seconds(part * 3), seconds(part * 3 + 1));
        }
        assert_eq!(played.0.len(), MAX_RANGES);
        assert_eq!(played.before(seconds(100_000)), seconds(64));
    }
}
