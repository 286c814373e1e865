//! `vast serve`.

mod demo;
mod open_files;
mod service_manager;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vast_client::SourceConfig;
use vast_gateway::config::{DrainLimits, GatewayConfig, ListenAddress, SecretText, TelemetrySignal};
use vast_gateway::telemetry::LogBuffer;
use vast_gateway::{Gateway, GatewayError, GatewayHandle, GatewayReport};

use service_manager::{ServiceState, notify};

use super::runtime;
use crate::args::{CliCommand, CommandLine, LogLevel, ServeArgs, SourceArgument, SourceLocation};
use crate::error::{CommandError, Signal};
use crate::exit::Exit;
use crate::message_queue::message_in_time;
use crate::stdio;

/// The most placements whose tags are printed.
const MOST_PRINTED: usize = 20;

pub(super) fn run(arguments: ServeArgs) -> Result<Exit, CommandError> {
    if arguments.new_secret {
        let secret = SecretText::random().map_err(|problem| CommandError::new(Exit::Failed, problem))?;
        stdio::print(format!("{}\n", secret.reveal()).as_bytes())?;
        return Ok(Exit::Done);
    }
    if arguments.sources.is_empty() && arguments.config.is_none() && !arguments.demo {
        return Err(CommandError::usage("name the ad servers (SOURCE...), a file (--config FILE), or try --demo")
            .with_hint(Some("`vast serve --help` has examples")));
    }
    if arguments.sources.iter().any(|source| source.location == SourceLocation::Stdin) {
        return Err(CommandError::usage("SOURCE: standard input can be read once, but a gateway answers many times"));
    }
    runtime::run_multi_threaded(Box::pin(serve(arguments)))
}

/// What is logged unless `--log` says it: what an operator has to know, as that a changed file has a mistake. The mock ad servers of the demo
/// fail on purpose.
pub(super) fn default_log(arguments: &ServeArgs) -> LogLevel {
    if arguments.demo { LogLevel::Off } else { LogLevel::Warn }
}

/// Adds the log for the collector, if the file names one. The log begins before the gateway, which reads the file again and says what is
/// wrong with it.
pub(super) fn with_exported_log(mut line: CommandLine) -> CommandLine {
    if let CliCommand::Serve(arguments) = &mut line.command {
        let config = arguments.config.as_ref().and_then(|file| GatewayConfig::load(file).ok());
        let telemetry = config.and_then(|loaded| loaded.config.telemetry);
        let is_exported = telemetry.is_some_and(|telemetry| telemetry.signals.contains(&TelemetrySignal::Logs));
        arguments.exported = is_exported.then(LogBuffer::default);
    }
    line
}

async fn serve(arguments: ServeArgs) -> Result<Exit, CommandError> {
    let demo = if arguments.demo { Some(demo::Demo::start().await?) } else { None };
    let config = demo.as_ref().map(demo::Demo::config).transpose()?;
    let gateway = Box::pin(bind(&arguments, config)).await.map_err(|error| gateway_error(&error, &arguments))?;
    let address = gateway.addresses().first().copied();
    let traffic = demo.as_ref().zip(address).map(|(demo, address)| tokio::spawn(demo.traffic(address)));
    let report = until_signal(gateway).await;
    if let Some(traffic) = traffic {
        traffic.abort();
    }
    if let Some(demo) = demo {
        demo.stop().await;
    }
    report
}

/// Opens the gateway of the file, of the demo, or of the sources.
async fn bind(arguments: &ServeArgs, demo: Option<GatewayConfig>) -> Result<Gateway, GatewayError> {
    let (listen, admin) = (arguments.listen.clone(), arguments.admin);
    let room = open_files::ConnectionRoom::default();
    let change = move |config: &mut GatewayConfig| {
        room.limit(&mut config.server.max_connections);
        if !listen.is_empty() {
            config.server.listen.clone_from(&listen);
        }
        config.server.admin = admin.unwrap_or(config.server.admin);
    };
    if let Some(file) = &arguments.config {
        let logs = arguments.exported.clone().unwrap_or_default();
        return Gateway::builder().logs(logs).change(change).bind_file(file).await;
    }
    let of_sources = || GatewayConfig::of_sources(arguments.sources.iter().map(source));
    let mut config = demo.unwrap_or_else(of_sources);
    // No load balancer has to notice the end.
    let DrainLimits { requests, beacons, .. } = config.server.drain;
    config.server.drain = DrainLimits::new(Duration::ZERO, requests, beacons);
    change(&mut config);
    Gateway::builder().bind(config).await
}

fn source(argument: &SourceArgument) -> SourceConfig {
    argument.config(|| SourceConfig::inline(String::new()))
}

fn gateway_error(error: &GatewayError, arguments: &ServeArgs) -> CommandError {
    match (error, &arguments.config) {
        (GatewayError::Config(error), Some(file)) => {
            CommandError::usage(format!("--config: `{}`: {error}", file.display()))
        }
        (GatewayError::Config(error), None) => CommandError::usage(error.to_string()),
        (GatewayError::Listen { .. }, _) => CommandError::new(Exit::Failed, error.to_string())
            .with_hint(Some("choose another address with `--listen` or `--admin`")),
        (error, _) => CommandError::new(Exit::Failed, error.to_string()),
    }
}

/// What can be opened.
fn introduction(gateway: &Gateway) -> String {
    let mut text = String::new();
    let placements = gateway.placements();
    let scheme = if gateway.is_tls() { "https" } else { "http" };
    for address in gateway.listens_on() {
        for name in placements.iter().take(MOST_PRINTED) {
            text += &format!("tag    {scheme}://{}/v1/{name}/vast\n", shown(address));
        }
    }
    if placements.len() > MOST_PRINTED {
        text += &format!("and {} placements more\n", placements.len() - MOST_PRINTED);
    }
    let admin = reachable(gateway.admin_address());
    text += &format!("admin  http://{admin}/\n       http://{admin}/metrics\n");
    text
}

/// The address in a URL. That of a socket in the file system has the form that nginx reads.
fn shown(address: &ListenAddress) -> String {
    match address {
        ListenAddress::Tcp(address) => reachable(*address).to_string(),
        ListenAddress::Unix(path) => format!("unix:{}:", path.display()),
    }
}

/// The address as a program on this machine can use it.
fn reachable(address: SocketAddr) -> SocketAddr {
    let any = address.ip().is_unspecified();
    if any { SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port()) } else { address }
}

/// Runs the gateway until a signal, then ends it in order. A second signal ends the program at once.
async fn until_signal(gateway: Gateway) -> Result<Exit, CommandError> {
    let reloads = reload_at_hangup(gateway.handle());
    let introduction = introduction(&gateway);
    let (stop, stopped) = oneshot::channel();
    let running = gateway.run(async move { drop(stopped.await) });
    tokio::pin!(running);
    tokio::select! {
        // The order matters: whoever reads the first lines or has the notice may send a signal at once, so signals are handled before.
        biased;
        _ = runtime::signal() => drop(stop.send(())),
        report = &mut running => return finish(report),
        error = announce(&introduction) => return Err(error),
    }
    notify(ServiceState::Stopping);
    reloads.abort();
    tokio::select! {
        report = running => finish(report),
        _ = runtime::signal() => Err(CommandError::Signal(Signal::Terminate)),
    }
}

/// Says once that the gateway answers. It ends only if it cannot print.
async fn announce(introduction: &str) -> CommandError {
    if let Err(error) = stdio::print(introduction.as_bytes()) {
        return error;
    }
    notify(ServiceState::Ready);
    std::future::pending().await
}

fn finish(report: GatewayReport) -> Result<Exit, CommandError> {
    let GatewayReport { answers, filled, cut, beacons, .. } = report;
    let left = beacons.left;
    message_in_time(&format!("answers: {answers}, {filled} with an ad; {cut} cut; trackers left: {left}"));
    Ok(Exit::Done)
}

/// Reads the configuration file again at each SIGHUP, which is handled from the return of this function on.
#[cfg(unix)]
fn reload_at_hangup(gateway: GatewayHandle) -> JoinHandle<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let hangups = signal(SignalKind::hangup());
    tokio::spawn(async move {
        let Ok(mut hangups) = hangups else { return };
        while hangups.recv().await.is_some() {
            // A mistake is a line in the log.
            drop(gateway.reload().await);
        }
    })
}

#[cfg(not(unix))]
fn reload_at_hangup(_: GatewayHandle) -> JoinHandle<()> {
    tokio::spawn(std::future::ready(()))
}
