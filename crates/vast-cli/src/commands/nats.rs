//! `vast nats`, and the outbox of `vast outbox --outbox nats://...`.

use std::path::Path;
use std::time::Duration;

use vast_client::env::Env;
use vast_gateway::SeenGateway;
use vast_gateway::config::GatewayConfig;
use vast_nats::{NatsError, NatsOutbox, NatsServer, NatsSettings, RecordSeal, StreamNames, StreamSizes, StreamStatus};

use super::runtime;
use crate::args::{NatsAction, NatsArgs, NatsServerArgs};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::sanitize::sanitize;
use crate::stdio;

/// How long `status` listens for gateways. Each one sends a message per second.
const LISTEN: Duration = Duration::from_millis(2_500);
/// The sources that `status` names for each gateway.
const MOST_EJECTED: usize = 10;

pub(super) fn run(arguments: &NatsArgs) -> Result<Exit, CommandError> {
    runtime::run_cancellable(Box::pin(execute(arguments)))
}

async fn execute(arguments: &NatsArgs) -> Result<Exit, CommandError> {
    let (settings, seal) = settings(&arguments.server)?;
    let server = NatsServer::connect(settings.clone()).await.map_err(|error| failed(&error))?;
    match arguments.action {
        NatsAction::Init { apply, replicas, max_bytes, ledger_rows } => {
            let mut sizes = StreamSizes::default();
            sizes.replicas = replicas.map(usize::from);
            (sizes.bytes, sizes.ledger_rows) = (max_bytes, ledger_rows);
            init(&server, &sizes, apply).await
        }
        NatsAction::Status => {
            let status = server.status().await.map_err(|error| failed(&error))?;
            stdio::print(shown(&server.version(), &status).as_bytes())?;
            // Without the file there is no secret, and what is not signed is not believed.
            if arguments.server.config.is_some() {
                let seen = vast_gateway::seen_gateways(settings, &seal, LISTEN).await;
                stdio::print(gateways(&seen.map_err(|error| failed(&error))?).as_bytes())?;
            }
            Ok(Exit::Done)
        }
    }
}

async fn init(server: &NatsServer, sizes: &StreamSizes, apply: bool) -> Result<Exit, CommandError> {
    let steps = server.setup(sizes).await.map_err(|error| failed(&error))?;
    let mut text = String::new();
    for step in &steps {
        text += &format!("{step}\n");
    }
    stdio::print(text.as_bytes())?;
    let open = steps.iter().filter(|step| !step.is_done()).count();
    if open == 0 {
        return Ok(Exit::Done);
    }
    if !apply {
        stdio::message(&format!("{open} to change; nothing was changed: --apply changes them"));
        return Ok(Exit::Different);
    }
    let changed = server.apply_setup(sizes).await.map_err(|error| failed(&error))?;
    stdio::message(&format!("changed: {}", changed.len()));
    Ok(Exit::Done)
}

/// One line for each stream.
fn shown(version: &str, status: &[StreamStatus]) -> String {
    let mut text = format!("nats-server {version}\n");
    let width = status.iter().map(|stream| stream.name.len()).max().unwrap_or_default();
    for StreamStatus { name, messages, bytes, max_bytes, replicas, waiting, received, repeated, .. } in status {
        let limit = max_bytes.map_or_else(|| "no limit".to_owned(), |limit| format!("of {limit}"));
        text += &format!("{name:width$}  messages {messages}  bytes {bytes} {limit}  replicas {replicas}");
        if let (Some(waiting), Some(received), Some(repeated)) = (waiting, received, repeated) {
            text += &format!("  waiting {waiting}  received {received}  repeated {repeated}");
        }
        text.push('\n');
    }
    text
}

/// One line for each gateway, with the sources that are ejected there.
fn gateways(seen: &[SeenGateway]) -> String {
    let mut text = format!("gateways {}\n", seen.len());
    let names: Vec<_> = seen.iter().map(|gateway| sanitize(&gateway.name)).collect();
    let width = names.iter().map(String::len).max().unwrap_or_default();
    for (gateway, name) in seen.iter().zip(names) {
        let SeenGateway { version, configuration, ends, rate, in_flight, ejected, .. } = gateway;
        let state = if *ends { "is ending" } else { "works" };
        let version = sanitize(version);
        text += &format!("{name:width$}  {state}  version {version}  configuration {configuration}");
        text += &format!("  requests/s {rate:.1}  in flight {in_flight}");
        if !ejected.is_empty() {
            let shown = ejected.iter().take(MOST_EJECTED);
            let shown: Vec<_> = shown.map(|(placement, source)| sanitize(&format!("{placement}/{source}"))).collect();
            let more = ejected.len().saturating_sub(MOST_EJECTED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            text += &format!("  ejected {}{more}", shown.join(", "));
        }
        text.push('\n');
    }
    text
}

/// The settings that the arguments name, and the keys that sign beacons.
fn settings(arguments: &NatsServerArgs) -> Result<(NatsSettings, RecordSeal), CommandError> {
    let Some(file) = &arguments.config else {
        if arguments.nats.is_empty() {
            return Err(CommandError::usage("name a server with --nats, or a file with --config"));
        }
        return Ok((of_addresses(&arguments.nats, &arguments.prefix)?, RecordSeal::new([])));
    };
    of_file(file)
}

fn of_addresses(addresses: &[String], prefix: &str) -> Result<NatsSettings, CommandError> {
    let names = StreamNames::new(prefix).map_err(|problem| CommandError::usage(format!("--prefix: {problem}")))?;
    Ok(NatsSettings::new(addresses, names))
}

fn of_file(file: &Path) -> Result<(NatsSettings, RecordSeal), CommandError> {
    let wrong = |problem: String| CommandError::usage(format!("--config: `{}`: {problem}", file.display()));
    let config = GatewayConfig::load(file).map_err(|error| wrong(error.to_string()))?.config;
    let cluster = config.cluster.as_ref().ok_or_else(|| wrong("has no table [cluster]".to_owned()))?;
    let settings = vast_gateway::nats_settings(cluster).map_err(|error| wrong(format!("[cluster]: {error}")))?;
    let secrets = config.secrets.iter().map(|secret| (secret.id, secret.secret.reveal().as_bytes()));
    Ok((settings, RecordSeal::new(secrets)))
}

/// The outbox at this address, or that of the file of a gateway. Only with the file can beacons be made due again.
pub(super) async fn outbox(address: &str, config: Option<&Path>) -> Result<NatsOutbox, CommandError> {
    let (settings, seal) = match config {
        Some(file) => of_file(file)?,
        None => {
            let (address, prefix) = address.split_once("?prefix=").unwrap_or((address, "vast"));
            (of_addresses(&[address.to_owned()], prefix)?, RecordSeal::new([]))
        }
    };
    let server = NatsServer::connect(settings).await.map_err(|error| failed(&error))?;
    server.outbox(seal, Env::system()).await.map_err(|error| failed(&error))
}

fn failed(error: &NatsError) -> CommandError {
    match error {
        NatsError::Address(_) => CommandError::usage(error.to_string()),
        _ => CommandError::new(Exit::Failed, error.to_string()),
    }
}
