//! What happened to a request, fact by fact, in order. Result, JSON, metrics and owed error reports are read from it.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use vast_xml::{Text, Warning};

use crate::error::{ErrorType, Failure, Rejection};
use crate::policy::TimeLimit;
use crate::request::SourceTree;

/// How a source's part in a request ended, from a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It had a usable ad.
    Filled,
    /// It answered that it has no ad.
    NoAd,
    /// It answered with ads, and the verdict on each was no.
    Rejected,
    /// It failed, or was still running when its own, its tier's or the request's time ended.
    Failed,
    /// Another source settled the request, or the caller gave up; never for time.
    Cancelled,
    /// Policy kept it from being asked.
    Skipped,
    /// An earlier source settled the request.
    NotStarted,
}

impl Outcome {
    /// The name used in results, for example `no_ad`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Filled => "filled",
            Self::NoAd => "no_ad",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::NotStarted => "not_started",
        }
    }
}

/// Why policy kept a source from being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SkipReason {
    /// Less time was left than [`TimeLimits::min_useful`](crate::policy::TimeLimits::min_useful).
    NoTime,
    /// The GDPR applies, no consent is known, and the source is asked with consent only
    /// ([`Privacy::require_consent`](crate::request::Privacy::require_consent)).
    Consent,
}

impl SkipReason {
    /// The name used in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoTime => "no_time",
            Self::Consent => "consent",
        }
    }
}

/// Why running lanes were dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Another source settled the request.
    Settled,
    /// Time was up.
    Time(TimeLimit),
}

/// Something odd about a tree that no document of it shows alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Oddity {
    /// A wrapper or an ad has more trackers than [`MAX_TRACKERS`](crate::ad::MAX_TRACKERS); some were dropped.
    TrackersCut,
    /// More error reports are owed than are sent.
    ReportsCut,
    /// A wrapper has media files or resources, which only an `InLine` may bring; they count for nothing.
    WrapperMedia,
}

impl Oddity {
    /// The name used in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TrackersCut => "trackers_cut",
            Self::ReportsCut => "reports_cut",
            Self::WrapperMedia => "wrapper_media",
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Fact {
    /// The lane began.
    Asked,
    /// An exchange began. `number` counts the attempts at this document from 1.
    Attempt {
        /// The document asked for; 0 is the source's own.
        hop: u32,
        /// The attempt.
        number: u32,
        /// The URL, macros filled in.
        url: Arc<str>,
    },
    /// A document arrived.
    Answered {
        /// The document.
        hop: u32,
        /// The HTTP status, where there is one.
        status: Option<u16>,
        /// Bytes as sent, before decoding.
        bytes: u64,
        /// The URL after redirects, or the label of a source that has none.
        url: Arc<str>,
    },
    /// Something failed. What can be repeated may be followed by another attempt.
    Failed {
        /// The document concerned.
        hop: u32,
        /// What failed.
        failure: Failure,
    },
    /// A document was read.
    Parsed {
        /// The document.
        hop: u32,
        /// `VAST@version`.
        version: Option<Text>,
        /// The number of its ads.
        ads: usize,
        /// What was odd about it.
        warnings: Vec<Warning>,
    },
    /// A wrapper was followed to document `hop`.
    Followed {
        /// The document the wrapper names.
        hop: u32,
        /// The document that holds the wrapper.
        parent: u32,
        /// The wrapper's ad system.
        ad_system: Option<Text>,
    },
    /// An ad was judged.
    Judged {
        /// The document of its `InLine`.
        hop: u32,
        /// `Ad@id`.
        ad_id: Option<Text>,
        /// The reason against it; none when it is usable.
        rejection: Option<Rejection>,
    },
    /// An error report is owed to this URL.
    Owed {
        /// The document that holds the URL.
        hop: u32,
        /// The URL of that document, which the other is relative to where it has no scheme.
        base: Arc<str>,
        /// The URL, macros not filled in.
        url: Text,
        /// The VAST error code.
        code: u16,
        /// The tree it belongs to.
        tree: Arc<SourceTree>,
        /// `AdServingId` of the `InLine` that failed, where the path reached one (VAST 4.3 section 3.4.3).
        ad_serving_id: Option<Text>,
    },
    /// Something odd was met.
    Warned {
        /// The document concerned.
        hop: u32,
        /// What kind of oddity.
        oddity: Oddity,
        /// The oddity in words.
        message: Cow<'static, str>,
    },
    /// The lane ended.
    Ended {
        /// How.
        outcome: Outcome,
        /// Text for people; none when filled.
        reason: Option<String>,
    },
}

/// A fact with its time and lane.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When, since the request began.
    pub at: Duration,
    /// The lane: the place of the source in the plan, fallbacks counted on.
    pub lane: usize,
    /// What.
    pub fact: Fact,
}

/// The facts of one request. Only ever appended to.
#[derive(Debug)]
pub struct Journal {
    started: Instant,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    entries: Vec<Entry>,
    cut: Option<Cut>,
}

impl Journal {
    /// An empty journal of a request that began at `started`.
    pub fn new(started: Instant) -> Self {
        Self { started, inner: Mutex::new(Inner { entries: Vec::with_capacity(16), cut: None }) }
    }

    /// When the request began.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// Adds a fact.
    pub fn record(&self, lane: usize, fact: Fact) {
        let at = self.started.elapsed();
        self.lock().entries.push(Entry { at, lane, fact });
    }

    /// Says why lanes that are dropped from now on did not end by themselves.
    pub fn announce(&self, cut: Cut) {
        self.lock().cut = Some(cut);
    }

    /// Takes back the announcement: the lanes of the next tier are cut for their own reasons.
    pub fn forget_cut(&self) {
        self.lock().cut = None;
    }

    /// All facts in order.
    pub fn into_entries(self: Arc<Self>) -> Vec<Entry> {
        match Arc::try_unwrap(self) {
            Ok(journal) => journal.inner.into_inner().unwrap_or_else(PoisonError::into_inner).entries,
            Err(shared) => shared.lock().entries.clone(),
        }
    }

    fn cut(&self) -> Option<Cut> {
        self.lock().cut
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic while the lock was held cannot leave the list half-written.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lane's pen. Dropped before the lane said how it ended, it says so itself: cancelled, or the limit that fired. So a
/// cut lane keeps what it had done.
#[derive(Debug)]
pub struct LaneLog {
    journal: Arc<Journal>,
    lane: usize,
    began: Instant,
    ended: AtomicBool,
}

impl LaneLog {
    /// The pen of `lane`; records that the lane began.
    pub fn begin(journal: &Arc<Journal>, lane: usize) -> Self {
        let log = Self { journal: Arc::clone(journal), lane, began: Instant::now(), ended: AtomicBool::new(false) };
        log.record(Fact::Asked);
        log
    }

    /// The lane.
    pub fn lane(&self) -> usize {
        self.lane
    }

    /// How long the lane has been running.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Adds a fact.
    pub fn record(&self, fact: Fact) {
        self.journal.record(self.lane, fact);
    }

    /// Says how the lane ended. Only the first word counts.
    pub fn end(&self, outcome: Outcome, reason: Option<String>) {
        if !self.ended.swap(true, Ordering::Relaxed) {
            self.record(Fact::Ended { outcome, reason });
        }
    }

    /// Says that the lane ended with `failure`.
    pub fn fail(&self, hop: u32, failure: Failure) {
        let reason = failure.message.to_string();
        self.record(Fact::Failed { hop, failure });
        self.end(Outcome::Failed, Some(reason));
    }
}

impl Drop for LaneLog {
    fn drop(&mut self) {
        if self.ended.load(Ordering::Relaxed) {
            return;
        }
        if std::thread::panicking() {
            return self.fail(0, Failure::new(ErrorType::Internal, "a bug: the lane panicked"));
        }
        match self.journal.cut() {
            Some(Cut::Time(limit)) => self.fail(0, Failure::timeout(limit)),
            Some(Cut::Settled) => self.end(Outcome::Cancelled, Some("another source settled it".to_owned())),
            None => self.end(Outcome::Cancelled, Some("the caller gave up".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end_of_dropped_lane(cut: Option<Cut>) -> (Outcome, usize) {
        let journal = Arc::new(Journal::new(Instant::now()));
        let log = LaneLog::begin(&journal, 3);
        if let Some(cut) = cut {
            journal.announce(cut);
        }
        drop(log);
        let entries = journal.into_entries();
        let Some(Entry { lane: 3, fact: Fact::Ended { outcome, .. }, .. }) = entries.last() else {
            panic!("no end in {entries:?}");
        };
        (*outcome, entries.len())
    }

    #[test]
    fn a_cut_lane_says_why() {
        assert_eq!(end_of_dropped_lane(None), (Outcome::Cancelled, 2));
        assert_eq!(end_of_dropped_lane(Some(Cut::Settled)), (Outcome::Cancelled, 2));
        assert_eq!(end_of_dropped_lane(Some(Cut::Time(TimeLimit::Request))), (Outcome::Failed, 3));
    }

    #[test]
    fn only_the_first_word_on_the_end_counts() {
        let journal = Arc::new(Journal::new(Instant::now()));
        let log = LaneLog::begin(&journal, 0);
        log.end(Outcome::Filled, None);
        log.end(Outcome::NoAd, None);
        drop(log);
        assert_eq!(journal.into_entries().len(), 2);
    }
}
