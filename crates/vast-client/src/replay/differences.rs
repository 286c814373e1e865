//! What an exact replay and its recording do not have in common.

use std::collections::BTreeMap;
use std::fmt;

use super::outside::RecordedOutside;
use crate::journal::{Entry, Outcome};
use crate::recording::{FactTime, JournalTimes, Recording};
use crate::report::FetchResult;
use crate::transport::ExchangePlace;

/// A difference between a recorded request and its exact replay. There is none if the replay runs the code of the recording.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The first ad is one of another source.
    Winner {
        /// The source in the recording; `None` without an ad.
        recorded: Option<String>,
        /// The source in the replay.
        replayed: Option<String>,
    },
    /// A source ended in another way.
    Outcome {
        /// The source.
        source: String,
        /// The outcome in the recording; `None` if the recording does not have the source.
        recorded: Option<Outcome>,
        /// The outcome in the replay; `None` if the replay does not have the source.
        replayed: Option<Outcome>,
    },
    /// The course of a source differs: this is the first fact that is not the same.
    Fact {
        /// The number of the source in the plan, from 0.
        lane: usize,
        /// The number of the break of a playlist, from 0.
        ad_break: Option<usize>,
        /// The number of the fact among those of the source, from 0.
        number: usize,
        /// The name of the fact in the recording; `None` if the recording has fewer facts.
        recorded: Option<String>,
        /// The name of the fact in the replay; `None` if the replay has fewer facts.
        replayed: Option<String>,
    },
    /// The replay asked for an answer that the recording does not have.
    NotRecorded(ExchangePlace),
    /// The recording has an answer that the replay did not ask for.
    NotAsked(ExchangePlace),
    /// Code of the host chose among the usable ads, and the replay has the default rule.
    OwnSelector,
    /// This number of beacons is not the same.
    Beacons(usize),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = |name: &Option<String>| name.clone().unwrap_or_else(|| "none".to_owned());
        match self {
            Self::Winner { recorded, replayed } => {
                write!(f, "the source of the ad was {} and is {}", source(recorded), source(replayed))
            }
            Self::Outcome { source, recorded, replayed } => {
                let outcome = |outcome: &Option<Outcome>| outcome.map_or("absent", Outcome::as_str);
                write!(f, "the source `{source}` was {} and is {}", outcome(recorded), outcome(replayed))
            }
            Self::Fact { lane, ad_break, number, recorded, replayed } => {
                let of_break = ad_break.map_or_else(String::new, |number| format!(", break {}", number + 1));
                let (recorded, replayed) = (source(recorded), source(replayed));
                write!(f, "source {}{of_break}, fact {}: it was {recorded} and is {replayed}", lane + 1, number + 1)
            }
            Self::NotRecorded(place) => write!(f, "the recording has no answer for {}", ShownPlace(place)),
            Self::NotAsked(place) => write!(f, "the replay did not ask for {}", ShownPlace(place)),
            Self::OwnSelector => f.write_str("a selector of the host chose the ad, and the replay has the default one"),
            Self::Beacons(1) => f.write_str("1 beacon differs"),
            Self::Beacons(count) => write!(f, "{count} beacons differ"),
        }
    }
}

/// A place as text.
struct ShownPlace<'a>(&'a ExchangePlace);

impl fmt::Display for ShownPlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ExchangePlace { source, ad_break, hop, attempt, redirect, .. } = self.0;
        write!(f, "document {hop} of `{source}`")?;
        if let Some(number) = ad_break {
            write!(f, ", break {}", number + 1)?;
        }
        write!(f, " (attempt {attempt}, redirect {redirect})")
    }
}

/// All differences, the important ones first.
pub(super) fn differences(recording: &Recording, outside: &RecordedOutside, result: &FetchResult) -> Vec<Difference> {
    let mut differences = of_answer(recording, result);
    differences.extend(outside.take_missed().into_iter().map(Difference::NotRecorded));
    differences.extend(outside.answers().left().into_iter().cloned().map(Difference::NotAsked));
    differences.extend(of_journal(None, &recording.journal, &result.journal));
    for times in &recording.breaks {
        let of_break = times.ad_break.and_then(|number| result.schedule.as_ref()?.breaks.get(number)?.answer.as_ref());
        differences.extend(of_journal(times.ad_break, times, of_break.map_or(&[], |answer| &answer.journal)));
    }
    differences
}

fn of_answer(recording: &Recording, result: &FetchResult) -> Vec<Difference> {
    let Some(answer) = &recording.answer else { return Vec::new() };
    let replayed = result.source.as_deref().map(str::to_owned);
    let recorded = answer.source.clone();
    let winner = (recorded != replayed).then_some(Difference::Winner { recorded, replayed });
    let mut outcomes: BTreeMap<&str, (Option<Outcome>, Option<Outcome>)> = BTreeMap::new();
    answer.outcomes.iter().for_each(|(name, outcome)| outcomes.entry(name).or_default().0 = Some(*outcome));
    result.sources.iter().for_each(|source| outcomes.entry(&source.name).or_default().1 = Some(source.outcome));
    let changed = outcomes.into_iter().filter(|(_, (recorded, replayed))| recorded != replayed);
    let changed =
        changed.map(|(name, (recorded, replayed))| Difference::Outcome { source: name.to_owned(), recorded, replayed });
    winner.into_iter().chain(changed).collect()
}

/// The first difference of each lane.
fn of_journal(ad_break: Option<usize>, recorded: &JournalTimes, replayed: &[Entry]) -> Vec<Difference> {
    let mut lanes: BTreeMap<usize, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
    recorded.facts.iter().for_each(|FactTime { lane, fact, .. }| lanes.entry(*lane).or_default().0.push(fact));
    replayed.iter().for_each(|entry| lanes.entry(entry.lane).or_default().1.push(entry.fact.name()));
    let first = |(lane, (recorded, replayed)): (usize, (Vec<&str>, Vec<&str>))| {
        let most = recorded.len().max(replayed.len());
        let number = (0..most).find(|number| recorded.get(*number) != replayed.get(*number))?;
        let name = |facts: &[&str]| facts.get(number).map(|name| (*name).to_owned());
        Some(Difference::Fact { lane, ad_break, number, recorded: name(&recorded), replayed: name(&replayed) })
    };
    lanes.into_iter().filter_map(first).collect()
}
