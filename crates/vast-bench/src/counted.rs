//! Instructions per request: what the rules, the numbers and the orders of many requests add to it.

use vast_client::{FetchConfig, FetchMode, SourceConfig, SourceOrder, VastClient};

use crate::bare::{Bare, BareAndParse};
use crate::document;
use crate::effort::{Effort, Failure};
use crate::instructions;
use crate::load::{Amount, repeat_in_flight};
use crate::opponent::{Opponent, Thinks};
use crate::pipeline::{PATIENCE, Pipeline, one_thread};
use crate::table::Table;

/// The argument that makes this binary request ads a number of times, for an instruction count.
pub(crate) const REQUEST: &str = "--request";
/// The bare exchange.
pub(crate) const BARE: &str = "bare";
/// A request of our client to one source, without configuration.
pub(crate) const OURS: &str = "ours";
/// The sources of a request with many of them.
const MANY: usize = 64;
/// The function that counts a request in the numbers of its plan. It is never inlined.
const COUNTS_A_REQUEST: &str = "*orchestrator::count_answer*";

/// What a counted request is made with.
#[derive(Clone, Copy)]
struct Setting {
    name: &'static str,
    policies: Policies,
    sources: usize,
    mode: FetchMode,
    order: SourceOrder,
    in_flight: usize,
}

/// The rules about the health of a source that are on. None of them ever skips the source.
#[derive(Clone, Copy, PartialEq)]
enum Policies {
    /// No circuit breaker, no limits.
    Off,
    /// What is on without configuration: the circuit breaker.
    Default,
    /// The circuit breaker, and limits of concurrency and rate.
    All,
}

const ONE: Setting = Setting {
    name: OURS,
    policies: Policies::Default,
    sources: 1,
    mode: FetchMode::Parallel,
    order: SourceOrder::Listed,
    in_flight: 16,
};
/// One of many sources is asked, because the first one has an ad.
const FIRST_OF_MANY: Setting =
    Setting { name: "64 sources, listed", sources: MANY, mode: FetchMode::Sequential, ..ONE };

const SETTINGS: [Setting; 9] = [
    Setting { name: "ours, policies off", policies: Policies::Off, ..ONE },
    ONE,
    Setting { name: "ours, all policies", policies: Policies::All, ..ONE },
    FIRST_OF_MANY,
    Setting { name: "64 sources, weighted", order: SourceOrder::Weighted, ..FIRST_OF_MANY },
    Setting { name: "64 sources, fastest", order: SourceOrder::Fastest, ..FIRST_OF_MANY },
    Setting { name: "64 sources, split", order: SourceOrder::Split, ..FIRST_OF_MANY },
    // A request has 64 connections, and a process may have 1,024 of them.
    Setting { name: "64 sources, parallel", mode: FetchMode::Parallel, in_flight: 1, ..FIRST_OF_MANY },
    // Of five sources four lose. The difference to `ours` is four times what a loser costs.
    Setting { name: "5 sources, race", mode: FetchMode::Race, sources: 5, ..ONE },
];

impl Setting {
    /// A client with this setting for `sources`.
    fn client(&self, sources: &[String]) -> Result<Pipeline, Failure> {
        let mut config = FetchConfig::new(sources.iter().map(String::as_str)).with_mode(self.mode);
        config.strategy.order = self.order;
        config.strategy.breaker.enabled = self.policies != Policies::Off;
        if self.policies == Policies::All {
            let limited = |source: SourceConfig| source.with_max_concurrent(Some(1_000)).with_max_rate(Some(1e9));
            config.sources = config.sources.into_iter().map(limited).collect();
        }
        let limits = &mut config.strategy.limits;
        limits.timeout = PATIENCE;
        limits.source_timeout = Some(PATIENCE);
        limits.connect_timeout = PATIENCE;
        limits.idle_timeout = PATIENCE;
        Ok(Pipeline(VastClient::from_config(config)?))
    }
}

/// Requests the ad of one source a number of times. Example of arguments: `ours 1000`.
pub(crate) fn repeat(arguments: &[String]) -> Result<(), Failure> {
    let [what, units] = arguments else { return Err("what to request, and a number".into()) };
    let amount = Amount::Units(units.parse()?);
    let opponent = Opponent::start(&[Thinks::NOT])?;
    let bare = Bare::new(opponent.url(), document::one_ad().len())?;
    let (runtime, in_flight) = (one_thread()?, ONE.in_flight);
    let done = match what.as_str() {
        BARE => runtime.block_on(repeat_in_flight(&bare, in_flight, amount)),
        "parsed" => runtime.block_on(repeat_in_flight(&BareAndParse(bare), in_flight, amount)),
        other => {
            let setting = SETTINGS.iter().find(|setting| setting.name == other);
            let setting = setting.ok_or_else(|| format!("nothing to request by the name {other}"))?;
            let sources: Vec<_> = (0..setting.sources).map(|number| format!("{}&{number}", opponent.url())).collect();
            let client = setting.client(&sources)?;
            runtime.block_on(repeat_in_flight(&client, setting.in_flight, amount))
        }
    };
    done.map(drop)
}

/// The cost of what many requests have: rules, numbers, orders.
pub(crate) fn measure(_: Effort) -> Result<Table, Failure> {
    let note = "Instructions (callgrind) per request whose first source has an ad. `more` is against the row that it names. Build with \
                `--features untraced` for the same rows without spans and events: the difference is what tracing costs where no \
                subscriber listens (goal 200).";
    let mut table = Table::new("Instructions per request", note, &["request", "instructions", "more", "goal"]);
    let [off, ours, all, listed, weighted, fastest, split, parallel, race] = SETTINGS.map(|setting| setting.name);
    let rows = [
        (off, None, ""),
        (ours, Some(off), ""),
        (all, Some(off), "500"),
        (listed, Some(ours), ""),
        (weighted, Some(listed), ""),
        (fastest, Some(listed), ""),
        (split, Some(listed), ""),
        (parallel, None, ""),
        (race, Some(ours), ""),
    ];
    let mut counts: Vec<(&str, f64)> = Vec::new();
    for (name, than, goal) in rows {
        let Some(count) = instructions::per_unit(REQUEST, name)? else {
            table.row(["skipped: valgrind".to_owned()]);
            return Ok(table);
        };
        let before = than.and_then(|than| counts.iter().find(|(known, _)| *known == than));
        let more = before.map_or_else(String::new, |(than, before)| format!("{:.0} than `{than}`", count - before));
        table.row([name.to_owned(), format!("{count:.0}"), more, goal.to_owned()]);
        counts.push((name, count));
    }
    let numbers = instructions::per_unit_inside(REQUEST, ours, COUNTS_A_REQUEST)?.unwrap_or_default();
    table.row(["the numbers in `ours`".to_owned(), format!("{numbers:.0}"), String::new(), "400".to_owned()]);
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_has_its_own_name_and_a_client() {
        for (number, setting) in SETTINGS.iter().enumerate() {
            assert_eq!(SETTINGS.iter().position(|other| other.name == setting.name), Some(number));
            let sources: Vec<_> = (0..setting.sources).map(|number| format!("http://127.0.0.1:9/?{number}")).collect();
            assert!(setting.client(&sources).is_ok(), "{}", setting.name);
        }
    }
}
