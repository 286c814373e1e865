//! `cargo xtask`: see the library's documentation.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line program")]

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::Path;
use std::process::ExitCode;

use xtask::api;
use xtask::arguments::{self, Command, GraphFormat};
use xtask::conformance::{Conformance, FILE};
use xtask::docs;
use xtask::finding::Finding;
use xtask::tidy;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments::parse(&arguments) {
        Ok(command) => run(&command).unwrap_or_else(|error| fail(&error)),
        Err(message) => {
            eprintln!("{message}\n\n{}", arguments::USAGE);
            ExitCode::from(2)
        }
    }
}

fn run(command: &Command) -> io::Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    match *command {
        Command::Tidy => {
            let mut findings = tidy::check(root)?;
            findings.extend(tidy::metadata::check(&tidy::metadata::run_cargo(root)?)?);
            Ok(report("tidy", &findings))
        }
        Command::SampleComments { count, seed } => {
            Ok(print(&tidy::comments::sample(root, count, seed_or_drawn(seed))?))
        }
        Command::Graph(GraphFormat::Dot) => Ok(print(&tidy::graph_dot(root)?)),
        Command::Graph(GraphFormat::Text) => Ok(print(&tidy::graph_text(root)?)),
        Command::Api => Ok(report("api", &api::check(root)?)),
        Command::UpdateApi => api::update(root).map(|()| ExitCode::SUCCESS),
        Command::Docs => Ok(report("docs", &docs::check(root)?)),
        Command::UpdateDocs => docs::update(root).map(|()| ExitCode::SUCCESS),
        Command::Conformance => {
            let conformance = Conformance::open(root)?;
            print!("{}", conformance.table());
            Ok(report("conformance", &conformance.findings()))
        }
        Command::Update => {
            std::fs::write(root.join(FILE), Conformance::open(root)?.updated())?;
            Ok(print(&Conformance::open(root)?.table()))
        }
        Command::Sample { count, seed } => Ok(print(&Conformance::open(root)?.sample(count, seed_or_drawn(seed)))),
    }
}

fn seed_or_drawn(seed: Option<u64>) -> u64 {
    seed.unwrap_or_else(|| RandomState::new().build_hasher().finish())
}

fn print(text: &str) -> ExitCode {
    print!("{text}");
    ExitCode::SUCCESS
}

/// Prints findings to standard output, one per line. If there are any, the command fails.
fn report(check: &str, findings: &[Finding]) -> ExitCode {
    for finding in findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => println!("{check}: nothing found"),
        count => println!("{check}: {count} found"),
    }
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn fail(error: &io::Error) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(2)
}
