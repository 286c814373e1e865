//! `vast outbox`.

use std::path::Path;
use std::time::Duration;

use vast_client::env::Env;
#[cfg(feature = "nats")]
use vast_client::track::outbox::Outbox as _;
use vast_client::track::outbox::{
    DeliveryState, DiskOutbox, LedgerQuery, LedgerRow, OutboxAdmin, OutboxError, OutboxStats, Salvaged, Timestamp,
    salvage,
};
use vast_client::{FetchConfig, SourceConfig, VastClient};

use super::runtime;
use crate::args::{OutboxAction, OutboxArgs};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::{render, stdio};

/// How long `flush` waits without `--drain`.
const DRAIN: Duration = Duration::from_secs(3);

pub(super) fn run(arguments: &OutboxArgs) -> Result<Exit, CommandError> {
    runtime::run_cancellable(Box::pin(execute(arguments)))
}

async fn execute(arguments: &OutboxArgs) -> Result<Exit, CommandError> {
    if let OutboxAction::Salvage { file, to } = &arguments.action {
        return salvage_file(file, to.as_deref());
    }
    let path = arguments.outbox.as_deref().ok_or_else(|| CommandError::usage("--outbox: name the outbox"))?;
    if let Some(address) = path.to_str().filter(|path| path.starts_with("nats:") || path.starts_with("tls://")) {
        return Box::pin(act_on_nats(address, arguments)).await;
    }
    let admin = OutboxAdmin::open(path).map_err(|error| outbox_error(&error, path))?;
    let exit = Box::pin(act(&admin, path, arguments)).await?;
    // Every command reports the damage that it can see.
    let stats = admin.stats().await.map_err(|error| outbox_error(&error, path))?;
    Ok(report_damage(&stats, path).unwrap_or(exit))
}

#[cfg(not(feature = "nats"))]
async fn act_on_nats(_: &str, _: &OutboxArgs) -> Result<Exit, CommandError> {
    Err(CommandError::no_nats())
}

/// Works on the streams that several gateways share.
#[cfg(feature = "nats")]
async fn act_on_nats(address: &str, arguments: &OutboxArgs) -> Result<Exit, CommandError> {
    let outbox = super::nats::outbox(address, arguments.config.as_deref()).await?;
    let failed = |error: OutboxError| outbox_error(&error, Path::new("NATS"));
    match &arguments.action {
        OutboxAction::List(filter) => {
            let rows = outbox.rows(filter.query()).await.map_err(failed)?;
            stdio::print(&render::beacons(&shown(rows, arguments), now(), arguments.format)?)?;
        }
        OutboxAction::Show { beacon } => {
            let id = beacon.parse().ok();
            let key = id.is_none().then(|| beacon.clone());
            let rows = outbox.rows(LedgerQuery { id, key, ..LedgerQuery::default() }).await.map_err(failed)?;
            return show(rows, beacon, arguments);
        }
        OutboxAction::Stats => {
            let stats = outbox.stats().await;
            stdio::print(&render::stats(&stats, arguments.format)?)?;
            if let Some(problem) = stats.problem {
                return Err(outbox_error(&OutboxError::Unavailable(problem), Path::new("NATS")));
            }
        }
        OutboxAction::Requeue(filter) => {
            let requeued = outbox.requeue(filter.query(), now()).await.map_err(failed)?;
            stdio::message(&format!("requeued: {requeued}"));
        }
        _ => {
            return Err(CommandError::usage(
                "--outbox: this command works on a file only; on NATS: list, show, stats, requeue",
            ));
        }
    }
    Ok(Exit::Done)
}

async fn act(admin: &OutboxAdmin, path: &Path, arguments: &OutboxArgs) -> Result<Exit, CommandError> {
    let failed = |error: OutboxError| outbox_error(&error, path);
    match &arguments.action {
        OutboxAction::List(filter) => {
            let rows = admin.rows(filter.query()).await.map_err(failed)?;
            stdio::print(&render::beacons(&shown(rows, arguments), now(), arguments.format)?)?;
        }
        OutboxAction::Show { beacon } => {
            let id = beacon.parse().ok();
            let key = id.is_none().then(|| beacon.clone());
            let rows = admin.rows(LedgerQuery { id, key, ..LedgerQuery::default() }).await.map_err(failed)?;
            return show(rows, beacon, arguments);
        }
        OutboxAction::Stats => {
            let stats = admin.stats().await.map_err(failed)?;
            stdio::print(&render::stats(&stats, arguments.format)?)?;
        }
        OutboxAction::Requeue(filter) => {
            let requeued = admin.requeue(filter.query(), now()).await.map_err(failed)?;
            stdio::message(&format!("requeued: {requeued}"));
            if requeued > 0 && !admin.has_owner() {
                stdio::message("hint: no process uses this outbox; `vast outbox flush` calls what is due");
            }
        }
        OutboxAction::Flush { drain } => flush(admin, path, drain.unwrap_or(DRAIN)).await.map_err(failed)?,
        OutboxAction::Check => return check(&admin.check().await.map_err(failed)?, arguments),
        OutboxAction::Purge(filter) => {
            let purged = admin.purge(filter.query(), now()).await.map_err(failed)?;
            stdio::message(&format!("removed: {purged}"));
        }
        OutboxAction::Compact => {
            let (before, after) = admin.compact().map_err(failed)?;
            stdio::message(&format!("{before} bytes before, {after} bytes after"));
        }
        // `salvage` was handled above, because it also works on an outbox that cannot be opened.
        OutboxAction::Salvage { .. } => {}
    }
    Ok(Exit::Done)
}

/// Prints the damage of the outbox, if there is any, and returns the exit code for it.
pub(super) fn report_damage(stats: &OutboxStats, path: &Path) -> Option<Exit> {
    let path = path.display();
    if let Some(problem) = &stats.problem {
        stdio::message(&format!("warning: {path}: {problem}"));
    }
    if stats.unreadable > 0 {
        let hint = format!("`vast outbox salvage {path}` copies the others into a new file");
        stdio::message(&format!("warning: {path} is damaged: {} rows cannot be read; {hint}", stats.unreadable));
    }
    (stats.problem.is_some() || stats.unreadable > 0).then_some(Exit::Failed)
}

fn salvage_file(file: &Path, target: Option<&Path>) -> Result<Exit, CommandError> {
    let mut default = file.as_os_str().to_owned();
    default.push(".salvaged");
    let target = target.unwrap_or(Path::new(&default));
    let salvaged = salvage(file, target).map_err(|error| {
        let exit = if matches!(error, OutboxError::InUse { .. }) { Exit::OutboxInUse } else { Exit::Failed };
        let name = match &error {
            OutboxError::Open { path, .. } | OutboxError::NotAnOutbox { path, .. } if path != file => "--to",
            _ => "FILE",
        };
        CommandError::new(exit, format!("{name}: {}", message_of(&error, file)))
    })?;
    let Salvaged { waiting, delivered, dead, unreadable, searched_pages, .. } = salvaged;
    stdio::message(&format!(
        "{}: {waiting} waiting, {delivered} delivered, {dead} dead; {unreadable} rows cannot be read",
        target.display()
    ));
    if searched_pages {
        stdio::message("note: the index of the file was damaged, so all its pages were searched for rows");
    }
    Ok(Exit::Done)
}

fn show(rows: Vec<LedgerRow>, beacon: &str, arguments: &OutboxArgs) -> Result<Exit, CommandError> {
    match shown(rows, arguments).into_iter().next() {
        Some(row) => {
            stdio::print(&render::beacon(&row, now(), arguments.format)?)?;
            Ok(Exit::Done)
        }
        None => {
            Err(CommandError::new(Exit::NoAd, format!("BEACON `{beacon}`: there is no beacon with this number or key")))
        }
    }
}

fn shown(rows: Vec<LedgerRow>, arguments: &OutboxArgs) -> Vec<LedgerRow> {
    if arguments.reveal { rows } else { rows.into_iter().map(LedgerRow::redacted).collect() }
}

/// Makes waiting beacons due now. If another process uses the outbox, that process calls them; otherwise this process
/// does.
async fn flush(admin: &OutboxAdmin, path: &Path, limit: Duration) -> Result<(), OutboxError> {
    let due =
        admin.requeue(LedgerQuery { state: Some(DeliveryState::Waiting), ..LedgerQuery::default() }, now()).await?;
    if admin.has_owner() {
        stdio::message(&format!("due now: {due}"));
        return Ok(());
    }
    let outbox = DiskOutbox::open(path)?;
    let no_source = FetchConfig::new([SourceConfig::inline("<VAST version=\"3.0\"/>")]);
    let client = VastClient::builder().outbox(outbox.clone()).build(no_source);
    let client = client.map_err(|error| OutboxError::Unavailable(error.to_string()))?;
    client.drain(limit).await;
    let drained = client.shutdown(Duration::ZERO).await;
    outbox.close();
    stdio::message(&format!("called: {}, failed: {}, left: {}", drained.delivered, drained.failed, drained.left));
    Ok(())
}

fn check(stats: &OutboxStats, arguments: &OutboxArgs) -> Result<Exit, CommandError> {
    stdio::print(&render::stats(stats, arguments.format)?)?;
    let is_damaged = stats.problem.is_some() || stats.unreadable > 0;
    if !is_damaged {
        let renamed = !stats.set_aside.is_empty();
        stdio::message(if renamed { "files of an earlier damage are beside the outbox" } else { "no damage found" });
        return Ok(if renamed { Exit::NoAd } else { Exit::Done });
    }
    Ok(Exit::Failed)
}

pub(super) fn outbox_error(error: &OutboxError, path: &Path) -> CommandError {
    let exit = match error {
        OutboxError::InUse { .. } => Exit::OutboxInUse,
        _ => Exit::Failed,
    };
    CommandError::new(exit, format!("--outbox: {}", message_of(error, path)))
}

/// The message of the error, with the path of the outbox once.
fn message_of(error: &OutboxError, path: &Path) -> String {
    match error {
        OutboxError::InUse { .. } | OutboxError::Full { .. } | OutboxError::Unavailable(_) => {
            format!("{}: {error}", path.display())
        }
        OutboxError::Damaged { .. } => {
            format!("{error}; `vast outbox salvage {}` copies what can be read into a new file", path.display())
        }
        _ => error.to_string(),
    }
}

fn now() -> Timestamp {
    Timestamp::from(Env::system().wall())
}
