//! The limits that fired in a request.

use std::borrow::Cow;
use std::time::Duration;

use vast_client::journal::{EndReason, Entry, Fact, SkipReason, TreeWarning};
use vast_client::policy::TimeLimit;
use vast_client::{ErrorType, FetchResult};

use super::names::source_of;

/// A limit that fired.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitHit<'a> {
    /// When it fired, since the request began; `None` for a limit of the answer.
    pub at: Option<Duration>,
    /// The name of the source that it cut; `None` for a limit of the answer.
    pub source: Option<&'a str>,
    /// The number of the document that it cut; 0 is the source's own.
    pub hop: u32,
    /// The limit.
    pub kind: LimitKind,
    /// What it cut, for people.
    pub message: Cow<'a, str>,
}

/// A limit of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitKind {
    /// A time limit.
    Time(TimeLimit),
    /// The size of a response.
    Bytes,
    /// The elements of a document, or the documents of a tree.
    Documents,
    /// The wrappers on the way to an ad.
    Wrappers,
    /// The trackers of an ad, what it inherits, or the error reports of a source.
    Trackers(TreeWarning),
    /// A rule that kept a source or a break from being asked.
    Asking(SkipReason),
    /// The beacons of an answer.
    Beacons,
}

impl LimitKind {
    /// The name of the limit. For a time limit it is the configuration key.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Time(limit) => limit.as_str(),
            Self::Bytes => "size of a response",
            Self::Documents => "documents and elements",
            Self::Wrappers => "max_wrapper_depth",
            Self::Trackers(warning) => warning.as_str(),
            Self::Asking(reason) => reason.as_str(),
            Self::Beacons => "max_beacons",
        }
    }
}

/// The limits that fired, in order of time; those of the answer last.
pub(super) fn of(result: &FetchResult) -> Vec<LimitHit<'_>> {
    let omitted = result.metadata.beacons_omitted;
    let beacons = (omitted > 0).then(|| LimitHit {
        at: None,
        source: None,
        hop: 0,
        kind: LimitKind::Beacons,
        message: format!("{omitted} beacons are not called, because the answer has too many").into(),
    });
    result.journal.iter().filter_map(|entry| hit(result, entry)).chain(beacons).collect()
}

fn hit<'a>(result: &'a FetchResult, entry: &'a Entry) -> Option<LimitHit<'a>> {
    let (hop, kind, message) = match &entry.fact {
        Fact::Failed { hop, failure } => {
            let kind = match (failure.limit, failure.error_type) {
                (Some(limit), _) => LimitKind::Time(limit),
                (None, ErrorType::TooLarge) => LimitKind::Bytes,
                (None, ErrorType::Limit) => LimitKind::Documents,
                (None, ErrorType::WrapperLimit) => LimitKind::Wrappers,
                _ => return None,
            };
            (*hop, kind, Cow::Borrowed(&*failure.message))
        }
        Fact::Warned { hop, kind, message } => match kind {
            TreeWarning::TrackersCut | TreeWarning::ReportsCut | TreeWarning::InheritedCut => {
                (*hop, LimitKind::Trackers(*kind), Cow::Borrowed(&**message))
            }
            _ => return None,
        },
        Fact::Ended { reason: Some(EndReason::Skipped(reason)), .. } => match reason {
            SkipReason::NoTime | SkipReason::Concurrency | SkipReason::Rate | SkipReason::MaxBreaks => {
                (0, LimitKind::Asking(*reason), Cow::Owned(reason.to_string()))
            }
            _ => return None,
        },
        _ => return None,
    };
    let source = source_of(result, entry.lane)?;
    Some(LimitHit { at: Some(entry.at), source: Some(&source.name), hop, kind, message })
}
