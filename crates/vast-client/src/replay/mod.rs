//! Replays: a recorded request is run again, offline, by the same code.
//!
//! [`Replayer::exact`] gives the same result again, with the recorded times: its JSON is equal byte for byte.
//! [`Replayer::what_if`] shows what another configuration would have done with the same servers. It gives each answer as long after its
//! request as it was recorded.
//!
//! A replay opens no socket and no file, reads no clock, and calls no tracker. It has its own paused clock, so it takes much less
//! time than the request did.
//!
//! The answers are found by the name of the source, the path of wrappers to the document, the attempt and the number of redirects
//! ([`ExchangePlace`](crate::transport::ExchangePlace)), not by the URL. A recording has no answer of a source that was not asked, and
//! only the beginning of an answer that the request did not wait for. Where a replay needs more, the source is skipped as
//! [`not_recorded`](crate::journal::SkipReason::NotRecorded) and the replay is [undecidable](WhatIf::is_undecidable).

mod body;
mod comparison;
mod config;
mod course;
mod differences;
mod error;
mod index;
mod outside;
mod replayer;
mod unsent;

pub use comparison::{AnswerNumbers, Comparison, DifferingRequest, ShortAnswer};
pub use config::recorded_config;
pub use differences::Difference;
pub use error::ReplayError;
pub use replayer::{ExactReplay, Replayer, WhatIf};
