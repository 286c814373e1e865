//! The parts of an answer that the tracker needs.

use super::beacon::{AnswerMoment, TrackedBeacon};
use crate::journal::Entry;
use crate::request::{Consent, RunOptions};
use crate::select::Candidate;

/// The parts of an answer that the tracker needs. A [`FetchResult`](crate::FetchResult) converts into it, so a function with
/// this parameter accepts `&result`.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AnswerRef<'a> {
    /// Identifies the request in the ledger.
    pub request_id: &'a str,
    /// The viewer's consent. It is stored with each beacon.
    pub consent: &'a Consent,
    /// The ads of the answer, in order of play.
    pub ads: &'a [Candidate],
    /// Usable ads that are not part of the answer.
    pub passed_over: &'a [Candidate],
    /// The beacons that were put into the outbox, or refused, with the answer.
    pub tracked: &'a [TrackedBeacon],
    /// The number of the break of a playlist whose answer it is. The ads of two breaks are different ads.
    pub break_number: Option<usize>,
}

impl<'a> AnswerRef<'a> {
    /// An answer with these ads, whose beacons were not put into the outbox yet.
    pub fn new(request_id: &'a str, consent: &'a Consent, ads: &'a [Candidate]) -> Self {
        Self { request_id, consent, ads, passed_over: &[], tracked: &[], break_number: None }
    }
}

/// The data from which the beacons of an answer are created.
pub(crate) struct DueAtAnswer<'a> {
    /// The answer, followed by those of the breaks of its playlist.
    pub(crate) answers: Vec<AnswerRef<'a>>,
    pub(crate) options: RunOptions,
    pub(crate) moment: AnswerMoment<'a>,
    /// Whether the request has a seed. If so, each run of the request has the same request id.
    pub(crate) is_seeded: bool,
    /// The journal entries of all sources whose error reports may be sent.
    pub(crate) errors: Vec<&'a Entry>,
}

/// The beacons of an answer.
#[derive(Debug, Default)]
pub(crate) struct TrackedAnswer {
    /// The beacons that were put into the outbox or refused, by answer. Error reports are with the first answer.
    pub(crate) tracked: Vec<Vec<TrackedBeacon>>,
    /// The number of due beacons that were left out, because an answer may have [`RunOptions::max_beacons`] beacons and
    /// 8 MiB of URLs.
    pub(crate) omitted: usize,
}
