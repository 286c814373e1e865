//! [`Exit`]: the exit codes of the program.

use vast_client::{FetchResult, Outcome};

/// The exit codes of the program. docs/exit-codes.md and `vast --help` have the same codes and meanings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done; `request` has a usable ad.
    Done,
    /// 1: every source of `request` answered, and none has a usable ad; `track`: the ad has no such event.
    NoAd,
    /// 1: `check` found errors.
    Findings,
    /// 1: the inputs of `diff` differ.
    Different,
    /// 2: wrong usage or configuration; nothing was requested.
    Usage,
    /// 3: `request` has no usable ad, and at least one source failed or was not asked; for other commands an input could
    /// not be read or an output not be written; an outbox file is damaged or not an outbox.
    Failed,
    /// 4: the input is not VAST (for `parse`, `check` and `diff` also not VMAP), or it exceeds a limit.
    NotVast,
    /// 5: another process uses the outbox.
    OutboxInUse,
    /// 6: `track --fire` did not deliver a beacon, and no outbox file keeps it.
    NotDelivered,
    /// 130: interrupted by Ctrl-C.
    Interrupted,
    /// 143: ended by SIGTERM.
    Terminated,
}

/// The codes in the order of their numbers, for `vast --help`.
pub(crate) const HELP: &str = "\
Results go to stdout, messages to stderr. Exit codes:
  0    done; `request` has a usable ad
  1    no source has a usable ad; `check`: errors; `diff`: differences; `track`: no such event
  2    wrong usage or configuration: nothing was requested
  3    no usable ad, and a source failed; a file or URL cannot be read; an outbox file is damaged
  4    the input is not VAST (for `parse`, `check`, `diff` also not VMAP), or it exceeds a limit
  5    another process uses the outbox
  6    `track --fire` did not deliver a beacon, and no outbox file keeps it
  130  interrupted by Ctrl-C
  143  ended by SIGTERM";

impl Exit {
    /// The number that the shell sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::NoAd | Self::Findings | Self::Different => 1,
            Self::Usage => 2,
            Self::Failed => 3,
            Self::NotVast => 4,
            Self::OutboxInUse => 5,
            Self::NotDelivered => 6,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// The exit code of two requests: that of the one that went worse.
    pub(crate) fn or_worse(self, other: Self) -> Self {
        if other.code() > self.code() { other } else { self }
    }

    /// The exit code for the result of a request. Tracking does not change it.
    pub(crate) fn of_request(result: &FetchResult) -> Self {
        // A source is filled without an answer where its ads do not fit into the break.
        let has_answered = |outcome: Outcome| matches!(outcome, Outcome::NoAd | Outcome::Rejected | Outcome::Filled);
        if result.success {
            Self::Done
        } else if result.sources.iter().all(|source| has_answered(source.outcome)) {
            Self::NoAd
        } else {
            Self::Failed
        }
    }
}
