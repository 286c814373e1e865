//! `vast outbox`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use vast_client::track::outbox::{DeliveryState, LedgerQuery};

use super::output::ListFormat;
use super::value;

const EXAMPLES: &str = "\
Examples:
  vast outbox stats --outbox beacons
  vast outbox list --outbox beacons --request 7c9e6679-7425-40de-944b-e07fc1f90ae7
  vast outbox list --outbox beacons --state dead --format json --reveal
  vast outbox requeue --outbox beacons --state dead
  vast outbox purge --outbox beacons --state delivered
  vast outbox salvage beacons --to beacons.new
  vast outbox list --outbox nats://10.0.0.1:4222 --request 7c9e6679-7425-40de-944b-e07fc1f90ae7
  vast outbox requeue --outbox nats: --config gateway.toml --state dead

While a process uses the outbox, it answers; otherwise the file is read. list, show, stats and
check never change the file. Queries of URLs, values of headers and consent are shown with
--reveal only. Exit codes: 3 the file is damaged, of a newer format or not an outbox; 5 another
process uses it and does not answer.
The streams of NATS are named nats://HOST:4222, with ?prefix=NAME if it is not vast, or nats: for
those of --config. list, show, stats and requeue work on them; requeue needs --config.";

/// The arguments of `vast outbox`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, after_help = "`--help` shows examples.")]
pub(crate) struct OutboxArgs {
    #[command(subcommand)]
    pub(crate) action: OutboxAction,
    /// The outbox file, or the address of NATS. Every command but salvage needs it.
    #[arg(long, value_name = "PATH", global = true)]
    pub(crate) outbox: Option<PathBuf>,
    /// The file of a gateway with the login and the secret for NATS.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// The form of the output.
    #[arg(long, value_name = "FORMAT", value_enum, global = true, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
    /// Show queries of URLs, values of headers and consent.
    #[arg(long, global = true)]
    pub(crate) reveal: bool,
}

/// What to do with the outbox.
#[derive(Debug, Subcommand)]
pub(crate) enum OutboxAction {
    /// List beacons with their state, attempts, last status and next attempt.
    List(Filter),
    /// Show everything about one beacon.
    Show {
        /// Its number or its idempotency key.
        #[arg(value_name = "BEACON")]
        beacon: String,
    },
    /// Count the beacons by state.
    Stats,
    /// Make beacons due now: those that wait for a later attempt, and dead letters.
    Requeue(Filter),
    /// Call all beacons that wait now. Waits for them if no other process uses the outbox.
    Flush {
        /// How long to wait, with unit [default: 3s].
        #[arg(long, value_name = "TIME", value_parser = value::duration)]
        drain: Option<Duration>,
    },
    /// Check every page of the file. Exit code 3 if it is damaged.
    Check,
    /// Remove delivered beacons and dead letters. With --state waiting: beacons that wait; they are never called then.
    Purge(Filter),
    /// Make the file as small as its content allows. No other process may use it.
    Compact,
    /// Copy what can be read of a damaged outbox into a new one. The damaged file is not changed.
    Salvage {
        /// The damaged outbox.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The new outbox [default: FILE.salvaged].
        #[arg(long, value_name = "PATH")]
        to: Option<PathBuf>,
    },
}

/// Which beacons.
#[derive(Debug, Args)]
pub(crate) struct Filter {
    /// The request or session.
    #[arg(long, visible_alias = "session", value_name = "ID")]
    request: Option<String>,
    /// The state.
    #[arg(long, value_name = "STATE", value_enum)]
    state: Option<StateName>,
    /// The largest number of beacons; the oldest come first [default: all].
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
    /// The query.
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
