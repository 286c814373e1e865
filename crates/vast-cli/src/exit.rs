//! How the program ends.

use std::process::ExitCode;

use vast_client::{FetchResult, Outcome};

/// The exit codes, all of them. Failed tracking never changes one, and a reader that closed the pipe is no failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done; `request` has a usable ad.
    Done,
    /// 1: `request` asked every source, and each ended in `no_ad` or `rejected`; `track` found no such event.
    NoAd,
    /// 1: `check` found errors.
    Findings,
    /// 2: wrong usage or configuration; nothing was requested.
    Usage,
    /// 3: `request` has no usable ad, and at least one source failed or was not asked; for other commands an input could
    /// not be fetched or an output not be written.
    Failed,
    /// 4: the input of `parse` or `check` is neither VAST nor VMAP, that of `track` is not VAST, or it breaks a limit.
    NotVast,
    /// 130: interrupted by Ctrl-C.
    Interrupted,
}

impl Exit {
    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::NoAd | Self::Findings => 1,
            Self::Usage => 2,
            Self::Failed => 3,
            Self::NotVast => 4,
            Self::Interrupted => 130,
        }
    }

    /// How a request ended.
    pub(crate) fn of_request(result: &FetchResult) -> Self {
        let has_answered = |outcome: Outcome| matches!(outcome, Outcome::NoAd | Outcome::Rejected);
        if result.success {
            Self::Done
        } else if result.sources.iter().all(|source| has_answered(source.outcome)) {
            Self::NoAd
        } else {
            Self::Failed
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
