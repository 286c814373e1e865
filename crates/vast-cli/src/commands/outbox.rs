//! `vast outbox`.

use std::path::Path;
use std::time::Duration;

use vast_client::env::Env;
use vast_client::track::outbox::{
    DeliveryState, LedgerQuery, LedgerRow, OutboxAdmin, OutboxError, OutboxStats, Timestamp,
};
use vast_client::{FetchConfig, SourceConfig, VastClient};

use super::runtime;
use crate::args::{OutboxAction, OutboxArgs};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::{render, stdio};

/// How long is waited for trackers when nothing is said.
const DRAIN: Duration = Duration::from_secs(3);

pub(super) fn run(arguments: &OutboxArgs) -> Result<Exit, CommandError> {
    runtime::run_cancellable(Box::pin(answer(arguments)))
}

async fn answer(arguments: &OutboxArgs) -> Result<Exit, CommandError> {
    let path = arguments.outbox.as_deref().ok_or_else(|| CommandError::usage("--outbox: name the outbox"))?;
    let desk = OutboxAdmin::open(path).map_err(|error| complaint(&error, path))?;
    let done = Box::pin(act(&desk, path, arguments)).await;
    if let Some(outbox) = desk.own() {
        outbox.close();
    }
    done
}

async fn act(desk: &OutboxAdmin, path: &Path, arguments: &OutboxArgs) -> Result<Exit, CommandError> {
    let complain = |error: OutboxError| complaint(&error, path);
    match &arguments.action {
        OutboxAction::List(filter) => {
            let rows = desk.rows(filter.query()).await.map_err(complain)?;
            print_rows(rows, arguments)
        }
        OutboxAction::Show { beacon } => {
            let id = beacon.parse().ok();
            let key = id.is_none().then(|| beacon.clone());
            let rows = desk.rows(LedgerQuery { id, key, ..LedgerQuery::default() }).await.map_err(complain)?;
            show(rows, beacon, arguments)
        }
        OutboxAction::Stats => {
            let stats = desk.stats().await.map_err(complain)?;
            stdio::print(&render::stats(&stats, arguments.format)?)?;
            Ok(Exit::Done)
        }
        OutboxAction::Requeue(filter) => {
            let requeued = desk.requeue(filter.query(), now()).await.map_err(complain)?;
            stdio::message(&format!("requeued: {requeued}"));
            if requeued > 0 && desk.own().is_some() {
                stdio::message("hint: no process uses this outbox; `vast outbox flush` calls what is due");
            }
            Ok(Exit::Done)
        }
        OutboxAction::Flush { drain } => {
            flush(desk, drain.unwrap_or(DRAIN)).await.map_err(complain)?;
            Ok(Exit::Done)
        }
        OutboxAction::Check => check(&desk.stats().await.map_err(complain)?, arguments),
    }
}

fn print_rows(rows: Vec<LedgerRow>, arguments: &OutboxArgs) -> Result<Exit, CommandError> {
    stdio::print(&render::beacons(&shown(rows, arguments), now(), arguments.format)?)?;
    Ok(Exit::Done)
}

fn show(rows: Vec<LedgerRow>, beacon: &str, arguments: &OutboxArgs) -> Result<Exit, CommandError> {
    match shown(rows, arguments).into_iter().next() {
        Some(row) => {
            stdio::print(&render::beacon(&row, now(), arguments.format)?)?;
            Ok(Exit::Done)
        }
        None => Err(CommandError::new(Exit::NoAd, format!("BEACON `{beacon}`: there is none of this number or key"))),
    }
}

fn shown(rows: Vec<LedgerRow>, arguments: &OutboxArgs) -> Vec<LedgerRow> {
    if arguments.reveal { rows } else { rows.into_iter().map(LedgerRow::redacted).collect() }
}

/// Makes what waits due. Its owner calls it; where there is none we do.
async fn flush(desk: &OutboxAdmin, limit: Duration) -> Result<(), OutboxError> {
    let due =
        desk.requeue(LedgerQuery { state: Some(DeliveryState::Waiting), ..LedgerQuery::default() }, now()).await?;
    let Some(outbox) = desk.own() else {
        stdio::message(&format!("due now: {due}"));
        return Ok(());
    };
    let nothing = FetchConfig::new([SourceConfig::inline("<VAST version=\"3.0\"/>")]);
    let client = VastClient::builder().outbox(outbox.clone()).build(nothing);
    let client = client.map_err(|error| OutboxError::Unavailable(error.to_string()))?;
    let drained = client.drain(limit).await;
    client.shutdown(Duration::ZERO).await;
    stdio::message(&format!("called: {}, failed: {}, left: {}", drained.delivered, drained.failed, drained.left));
    Ok(())
}

fn check(stats: &OutboxStats, arguments: &OutboxArgs) -> Result<Exit, CommandError> {
    stdio::print(&render::stats(stats, arguments.format)?)?;
    let is_well = stats.problem.is_none() && stats.unreadable == 0 && stats.set_aside.is_empty();
    stdio::message(if is_well { "the outbox is well" } else { "the outbox is not well" });
    Ok(if is_well { Exit::Done } else { Exit::NoAd })
}

fn complaint(error: &OutboxError, path: &Path) -> CommandError {
    let exit = match error {
        OutboxError::InUse { .. } => Exit::OutboxInUse,
        _ => Exit::Failed,
    };
    CommandError::new(exit, format!("--outbox: {}", named(error, path)))
}

/// What is wrong, with the path it is about.
fn named(error: &OutboxError, path: &Path) -> String {
    match error {
        OutboxError::Open { .. } => error.to_string(),
        _ => format!("{}: {error}", path.display()),
    }
}

fn now() -> Timestamp {
    Timestamp::from(Env::system().wall())
}
