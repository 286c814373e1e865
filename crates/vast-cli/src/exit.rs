//! [`Exit`]: the exit codes of the program.

use std::process::ExitCode;

use vast_client::{FetchResult, Outcome};

/// How the program ends. Failed tracking does not change the code of `request`, and a closed output pipe is not a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done; `request` has a usable ad.
    Done,
    /// 1: every source of `request` answered, and none has a usable ad; `track`: the ad has no such event.
    NoAd,
    /// 1: `check` found errors.
    Findings,
    /// 2: wrong usage or configuration; nothing was requested.
    Usage,
    /// 3: `request` has no usable ad, and at least one source failed or was not asked; for other commands an input could
    /// not be fetched or an output not be written.
    Failed,
    /// 4: the input of `parse` or `check` is neither VAST nor VMAP, that of `track` is not VAST, or it exceeds a limit.
    NotVast,
    /// 130: interrupted by Ctrl-C.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees.
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

    /// The exit code for the result of a request.
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
