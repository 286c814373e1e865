//! `vast serve` in a separate process.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use tempfile::NamedTempFile;

use super::process::MeasuredProcess;
use crate::effort::Failure;

/// The argument that makes this binary the program `vast`. The arguments of `vast` follow it.
pub(crate) const ARGUMENT: &str = "--vast";

/// Runs `vast` with these arguments.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let name = OsString::from("vast");
    match vast_cli::run(std::iter::once(name).chain(arguments.iter().map(OsString::from))) {
        0 => Ok(()),
        code => Err(format!("vast ended with {code}").into()),
    }
}

/// What the gateway logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Logs {
    Off,
    /// A line of JSON for each request.
    Requests,
}

/// A running `vast serve`.
pub(super) struct VastServe {
    pub(super) process: MeasuredProcess,
    pub(super) address: SocketAddr,
    pub(super) admin: SocketAddr,
    _file: NamedTempFile,
}

impl VastServe {
    /// Starts it with one worker, as nginx has. `placements` is the part of the configuration after `[server]`, and `server` are keys of
    /// `[server]`.
    pub(super) fn start(server: &str, placements: &str, logs: Logs) -> Result<Self, Failure> {
        Self::of_program(Command::new(std::env::current_exe()?), server, placements, logs)
    }

    /// Starts it under callgrind, which writes the number of its instructions into the file at `said` when it ends.
    pub(super) fn counted(server: &str, placements: &str, logs: Logs, said: &Path) -> Result<Self, Failure> {
        let mut command = Command::new("valgrind");
        command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
        command.arg(format!("--log-file={}", said.display())).arg(std::env::current_exe()?);
        Self::of_program(command, server, placements, logs)
    }

    fn of_program(mut command: Command, server: &str, placements: &str, logs: Logs) -> Result<Self, Failure> {
        let file = NamedTempFile::new()?;
        let text = format!("[server]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n{server}\n{placements}");
        std::fs::write(file.path(), text)?;
        command.args([ARGUMENT, "serve", "--config"]).arg(file.path()).env("TOKIO_WORKER_THREADS", "1");
        if logs == Logs::Requests {
            command.args(["--log", "info", "--log-format", "json"]);
        }
        let mut process = MeasuredProcess::start(&mut command)?;
        let mut lines = BufReader::new(process.output()?).lines();
        let mut next = |name: &str| loop {
            let line = lines.next().ok_or("`vast serve` does not start")??;
            if let Some(url) = line.strip_prefix(name) {
                return address(url.trim());
            }
        };
        let (address, admin) = (next("tag")?, next("admin")?);
        Ok(Self { process, address, admin, _file: file })
    }
}

/// The address in a URL.
fn address(url: &str) -> Result<SocketAddr, Failure> {
    let uri: http::Uri = url.parse()?;
    Ok(uri.authority().ok_or("a URL without an address")?.as_str().parse()?)
}

/// The path and query of a tag, with the parameters that a player typically sends.
pub(super) fn tag(placement: &str) -> String {
    format!("/v1/{placement}/vast?w=1280&h=720&pos=pre&sid=7f3a9c&gdpr=0&cb=81625341")
}
