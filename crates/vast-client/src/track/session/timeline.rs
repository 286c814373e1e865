//! The points of an ad's time: quartiles, `progress` and the end, and which of them were reached by playing.

use std::time::Duration;

use vast_xml::model::{Event, Offset, Percent};

use super::played::Played;

/// A point of the ad's time that somebody wants to know of.
#[derive(Debug, Clone, PartialEq)]
struct Point {
    offset: Offset,
    mark: Mark,
    is_reached: bool,
}

/// What a point is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    /// A quartile or the end: one of `firstQuartile`, `midpoint`, `thirdQuartile`, `complete`.
    Share(Event),
    /// The offset of `progress` trackers.
    Progress(Offset),
}

/// Where the ad is and which points it reached.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Timeline {
    length: Option<Duration>,
    position: Duration,
    played: Played,
    points: Vec<Point>,
}

/// How much of what lies before a point may be missing: clocks are rounded, and media is cut at frames. At most a second.
fn slack(point: Duration) -> Duration {
    (point / 20).min(Duration::from_secs(1))
}

impl Timeline {
    /// The time of an ad of this length with `progress` trackers at `offsets`, each of them named once.
    pub(super) fn new(length: Option<Duration>, offsets: impl IntoIterator<Item = Offset>) -> Self {
        let shares = [(25, Event::FirstQuartile), (50, Event::Midpoint), (75, Event::ThirdQuartile)];
        let point = |offset: Offset, mark: Mark| Point { offset, mark, is_reached: false };
        let share = |(percent, event)| point(Offset::Percent(Percent::whole(percent)), Mark::Share(event));
        let mut points: Vec<Point> = shares.into_iter().map(share).collect();
        points.extend(offsets.into_iter().map(|offset| point(offset, Mark::Progress(offset))));
        // The last of equal points.
        points.push(point(Offset::Percent(Percent::whole(100)), Mark::Share(Event::Complete)));
        // A length of nothing is one that nobody knows.
        Self {
            length: length.filter(|length| !length.is_zero()),
            position: Duration::ZERO,
            played: Played::default(),
            points,
        }
    }

    /// Where the ad is.
    pub(super) fn position(&self) -> Duration {
        self.position
    }

    /// How long it is.
    pub(super) fn length(&self) -> Option<Duration> {
        self.length
    }

    /// What the media says of its length counts more than the document.
    pub(super) fn set_length(&mut self, length: Duration) {
        if !length.is_zero() {
            self.length = Some(length);
        }
    }

    /// Goes to `position` without playing.
    pub(super) fn jump(&mut self, position: Duration) {
        self.position = self.within(position);
    }

    /// Begins to play: what is due at the very beginning, if the ad begins there.
    pub(super) fn begin(&mut self) -> Vec<(Duration, Mark)> {
        if self.position.is_zero() { self.reach(Duration::ZERO, Duration::ZERO) } else { Vec::new() }
    }

    /// Plays on to `position`. The points that are reached for the first time, in order of time.
    pub(super) fn play(&mut self, position: Duration) -> Vec<(Duration, Mark)> {
        let (from, to) = (self.position, self.within(position));
        self.position = to;
        if to <= from {
            return Vec::new();
        }
        self.played.add(from, to);
        self.reach(from, to)
    }

    /// Plays on to the end. Where nobody knows the length, the end is here.
    pub(super) fn end(&mut self) -> Vec<(Duration, Mark)> {
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

    /// Whether what lies before `point` was played, but for a rest that nobody can notice.
    fn is_played(&self, point: Duration) -> bool {
        self.played.before(point).saturating_add(slack(point)) >= point
    }

    fn reach(&mut self, from: Duration, to: Duration) -> Vec<(Duration, Mark)> {
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

    fn take(&mut self, index: usize) -> Option<Mark> {
        let point = self.points.get_mut(index)?;
        point.is_reached = true;
        Some(point.mark.clone())
    }
}
