//! The playback of the ads of a break, one after the other.

use std::sync::Arc;
use std::time::Duration;

use super::ad_session::{AdSession, PlaybackStage};
use super::report::{PlayerReport, ReportContext, SessionEvent, SessionOptions};
use crate::env::Draws;
use crate::select::Candidate;
use crate::track::beacon::Beacon;

/// The VAST error code of an ad that was left out because the break ended early (VAST 4.3 section 2.3.6.3).
const BREAK_SHORTENED: u16 = 206;

/// The playback of the ads of a break, as plain data. A pod is a break, and so is a single ad.
///
/// There are two kinds of input, and a host uses one of them. A stitcher that knows only the stream reports positions in the
/// break ([`playhead`](Self::playhead), [`seek`](Self::seek)); the lengths of the ads decide which ad plays. A host that gets
/// reports from a player passes them on ad by ad ([`report`](Self::report)).
#[derive(Debug, Clone, PartialEq)]
pub struct BreakSession {
    ads: Vec<BreakAd>,
    current: usize,
}

/// An ad and its source tree.
#[derive(Debug, Clone, PartialEq)]
struct BreakAd {
    tree: Arc<str>,
    session: AdSession,
}

/// An event of an ad of a break.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BreakEvent {
    /// The index of the ad in the break, from 0.
    pub ad: usize,
    /// The event.
    pub event: SessionEvent,
}

impl BreakEvent {
    /// The trackers that are due, as one batch. `ads` are the ads that the session was created with.
    pub fn beacons(&self, ads: &[Candidate]) -> Vec<Beacon> {
        ads.get(self.ad).map_or_else(Vec::new, |candidate| self.event.beacons(&candidate.ad))
    }
}

impl BreakSession {
    /// The playback of these ads in this order. `seed` determines the random numbers in their URLs; use a different seed for each
    /// playback.
    pub fn new(ads: &[Candidate], options: &SessionOptions, seed: u64) -> Self {
        let in_tree = |(candidate, number): (&Candidate, u64)| BreakAd {
            tree: Arc::clone(&candidate.ad.tree.transaction_id),
            session: AdSession::new(candidate, options, Draws::nth(seed, number)),
        };
        Self { ads: ads.iter().zip(0..).map(in_tree).collect(), current: 0 }
    }

    /// The playback of one ad, for reading. Reports go to [`report`](Self::report).
    pub fn ad(&self, ad: usize) -> Option<&AdSession> {
        self.ads.get(ad).map(|ad| &ad.session)
    }

    /// The index of the ad at the last reported position; the number of ads if the position is after the last ad.
    pub fn current(&self) -> usize {
        self.current
    }

    /// Takes a report about the ad with this index.
    pub fn report(&mut self, ad: usize, report: &PlayerReport, now: &ReportContext) -> Vec<BreakEvent> {
        let number = self.number(ad);
        let Some(BreakAd { session, .. }) = self.ads.get_mut(ad) else { return Vec::new() };
        if session.stage() == PlaybackStage::Waiting {
            session.number(number);
        }
        session.report(report, now).into_iter().map(|event| BreakEvent { ad, event }).collect()
    }

    /// Takes the position in the break during playback. Ads before the position have ended. An ad with unknown length stays the
    /// current one until its [`PlayerReport::MediaDuration`] or its end is reported.
    pub fn playhead(&mut self, position: Duration, now: &ReportContext) -> Vec<BreakEvent> {
        let mut events = Vec::new();
        while let Some(ad) = self.ad(self.current) {
            let (begin, length) = (self.begin(self.current), ad.length());
            if length.is_none_or(|length| position < begin.saturating_add(length)) {
                let position = position.saturating_sub(begin);
                events.extend(self.report(self.current, &PlayerReport::Playhead(position), now));
                break;
            }
            events.extend(self.report(self.current, &PlayerReport::Ended, now));
            self.current += 1;
        }
        events
    }

    /// Takes a jump of the viewer to this position in the break. Ads that were jumped over have no events.
    pub fn seek(&mut self, position: Duration, now: &ReportContext) -> Vec<BreakEvent> {
        let is_before = |ad: &usize| {
            let length = self.ad(*ad).and_then(AdSession::length);
            length.is_some_and(|length| self.begin(*ad).saturating_add(length) <= position)
        };
        self.current = (0..self.ads.len()).find(|ad| !is_before(ad)).unwrap_or(self.ads.len());
        let position = position.saturating_sub(self.begin(self.current));
        self.report(self.current, &PlayerReport::Seeked(position), now)
    }

    /// The break has ended. Ads that never started get the error that the break was shortened; an ad that still plays is
    /// abandoned.
    pub fn finish(&mut self, now: &ReportContext) -> Vec<BreakEvent> {
        let mut events = Vec::new();
        for ad in 0..self.ads.len() {
            let report = match self.ad(ad).map(AdSession::stage) {
                Some(PlaybackStage::Waiting) => PlayerReport::Failed(BREAK_SHORTENED),
                _ => PlayerReport::Abandoned,
            };
            events.extend(self.report(ad, &report, now));
        }
        self.current = self.ads.len();
        events
    }

    /// The position in the break at which the ad starts.
    fn begin(&self, ad: usize) -> Duration {
        let lengths = self.ads.iter().take(ad).filter_map(|ad| ad.session.length());
        lengths.fold(Duration::ZERO, Duration::saturating_add)
    }

    /// The number that the ad gets among the ads of its tree that were played, from 1.
    fn number(&self, ad: usize) -> u32 {
        let tree = self.ads.get(ad).map(|ad| &ad.tree);
        let of_tree = self.ads.iter().filter(|other| Some(&other.tree) == tree);
        let began = of_tree.filter(|other| other.session.has_begun()).count();
        u32::try_from(began).unwrap_or(u32::MAX).saturating_add(1)
    }
}
