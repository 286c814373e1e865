//! `vast outbox`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use vast_client::track::outbox::{DeliveryState, LedgerQuery};

use super::value;

const EXAMPLES: &str = "\
Examples:
  vast outbox stats --outbox beacons
  vast outbox list --outbox beacons --request 7c9e6679-7425-40de-944b-e07fc1f90ae7
  vast outbox list --outbox beacons --state dead --format json --reveal
  vast outbox requeue --outbox beacons --state dead

While a process uses the outbox, that process is asked; otherwise the file is opened.
Queries of URLs, values of headers and consent are shown only with --reveal.";

/// The arguments of `vast outbox`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, after_help = "`--help` shows examples.")]
pub(crate) struct OutboxArgs {
    #[command(subcommand)]
    pub(crate) action: OutboxAction,
    /// The outbox.
    #[arg(long, value_name = "PATH", global = true)]
    pub(crate) outbox: Option<PathBuf>,
    /// In what form the result is shown.
    #[arg(long, value_name = "FORMAT", value_enum, global = true, default_value_t = LedgerFormat::Human)]
    pub(crate) format: LedgerFormat,
    /// Show queries of URLs, values of headers and consent.
    #[arg(long, global = true)]
    pub(crate) reveal: bool,
}

/// In what form the ledger is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LedgerFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// What is done with the outbox.
#[derive(Debug, Subcommand)]
pub(crate) enum OutboxAction {
    /// Every beacon with its state, tries, last status and next try.
    List(Filter),
    /// One beacon with all that is known of it.
    Show {
        /// Its number or its key.
        #[arg(value_name = "BEACON")]
        beacon: String,
    },
    /// How many beacons wait, were delivered or given up.
    Stats,
    /// Try beacons again now: those that wait for a later try, and dead letters.
    Requeue(Filter),
    /// Try all that waits now, and wait for it when no other process does.
    Flush {
        /// How long to wait, with unit [default: 3s].
        #[arg(long, value_name = "TIME", value_parser = value::duration)]
        drain: Option<Duration>,
    },
    /// Check the file and say what is wrong with it. Exit code 1 when something is.
    Check,
}

/// Which beacons.
#[derive(Debug, Args)]
pub(crate) struct Filter {
    /// Of this request or session.
    #[arg(long, visible_alias = "session", value_name = "ID")]
    request: Option<String>,
    /// In this state.
    #[arg(long, value_name = "STATE", value_enum)]
    state: Option<StateName>,
    /// At most so many, the oldest first [default: all].
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StateName {
    Waiting,
    #[value(name = "in_flight")]
    InFlight,
    Delivered,
    Dead,
}

impl Filter {
    /// The question.
    pub(crate) fn query(&self) -> LedgerQuery {
        let state = self.state.map(|state| match state {
            StateName::Waiting => DeliveryState::Waiting,
            StateName::InFlight => DeliveryState::InFlight,
            StateName::Delivered => DeliveryState::Delivered,
            StateName::Dead => DeliveryState::Dead,
        });
        LedgerQuery { group: self.request.clone(), state, limit: self.limit, ..LedgerQuery::default() }
    }
}
