//! Computes the times at which breaks play in the content (VMAP 1.0.1 section 2.3.1). No input or output.

use std::time::Duration;

use vast_xml::vmap::TimeOffset;

/// The most repetitions of all breaks. A break may be repeated after every millisecond of the content.
const MAX_REPETITIONS: usize = 10_000;

/// The properties of a break that decide when it plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduledBreak {
    /// The time at which the break is due.
    pub offset: Option<TimeOffset>,
    /// The duration of the content that plays between two occurrences of the break.
    pub repeat_after: Option<Duration>,
    /// How long the break plays over the content: zero for a linear break, because the content waits for it.
    pub running: Duration,
}

/// One occurrence of a break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Occurrence {
    /// The number of the break, from 0.
    pub number: usize,
    /// Which occurrence of the break it is, from 0. Its ads are those of the answer only for 0: the source of a break is requested
    /// anew each time.
    pub occurrence: u32,
    /// The position in the content; `None` where it is not known beforehand: for a break at an opportunity (`#n`), and for one at the
    /// end or at a share of a content whose length is not known.
    pub at: Option<Duration>,
}

/// The occurrences of `breaks` in a content of this length, in order of time, then in document order; those whose time is not known
/// come last. A break after the end of the content is never due. A break is repeated until the content ends; without its length a
/// break has one occurrence. A repetition that would begin at the same time as an earlier scheduled break, or while that plays, is
/// left out. There are at most 10,000 repetitions of all breaks together.
pub fn timeline(breaks: &[ScheduledBreak], content: Option<Duration>) -> Vec<Occurrence> {
    let mut all = Vec::new();
    let mut repetitions = 0;
    for (number, one) in breaks.iter().enumerate() {
        let Some(offset) = one.offset else { continue };
        let at = offset.within(content);
        if at.is_none() && is_beyond(offset, content) {
            continue;
        }
        all.push(Occurrence { number, occurrence: 0, at });
        if let (Some(first), Some(length), Some(every)) = (at, content, repetition(one)) {
            let mut next = first.saturating_add(every);
            let mut occurrence = 1;
            while next <= length && repetitions < MAX_REPETITIONS {
                repetitions += 1;
                all.push(Occurrence { number, occurrence, at: Some(next) });
                next = next.saturating_add(every);
                occurrence += 1;
            }
        }
    }
    // A first occurrence is scheduled by the document and comes before repetitions at the same time.
    all.sort_by_key(|one| (one.at.unwrap_or(Duration::MAX), one.occurrence > 0, one.number));
    without_overlaps(all, breaks)
}

/// The interval at which the break is repeated. A break at the end or at an opportunity is not repeated.
fn repetition(one: &ScheduledBreak) -> Option<Duration> {
    let is_repeated = !matches!(one.offset, Some(TimeOffset::End | TimeOffset::Position(_)));
    one.repeat_after.filter(|every| is_repeated && !every.is_zero())
}

/// Whether the break is after the end of the content.
fn is_beyond(offset: TimeOffset, content: Option<Duration>) -> bool {
    match offset {
        TimeOffset::Time(_) => true,
        TimeOffset::Percent(_) => content.is_some(),
        TimeOffset::Start | TimeOffset::End | TimeOffset::Position(_) => false,
    }
}

/// Removes the repetitions that begin while another break plays.
fn without_overlaps(all: Vec<Occurrence>, breaks: &[ScheduledBreak]) -> Vec<Occurrence> {
    let mut busy_until: Option<Duration> = None;
    let mut kept = Vec::with_capacity(all.len());
    for one in all {
        let Some(at) = one.at else {
            kept.push(one);
            continue;
        };
        if one.occurrence > 0 && busy_until.is_some_and(|until| at <= until) {
            continue;
        }
        let running = breaks.get(one.number).map_or(Duration::ZERO, |one| one.running);
        busy_until = busy_until.max(Some(at.saturating_add(running)));
        kept.push(one);
    }
    kept
}
