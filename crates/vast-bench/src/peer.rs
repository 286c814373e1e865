//! Other libraries, each in a separate process that reads a document when it is asked and prints the cost. They are in
//! `bench-peers`, a separate workspace; `readers/src/lib.rs` there describes the output.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::effort::Failure;
use crate::reader;
use crate::units::Cost;

/// A library that reads VAST or XML.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Library {
    /// The name, version and kind, as the table shows it.
    pub(crate) name: &'static str,
    pub(crate) program: Program,
}

/// The program that reads with the library.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Program {
    /// `bench-peers/readers/src/bin/read-NAME.rs`, behind the feature NAME.
    Rust(&'static str),
    /// `bench-peers/node/read.mjs`.
    Node,
    /// The reading floor in one of its links (`bench-peers/readers/build.rs`).
    Floor(usize),
    /// This program with the argument of [`crate::reader`].
    Ours,
}

/// All libraries, in the order of the table. The versions are those of the manifests in `bench-peers`.
pub(crate) const LIBRARIES: [Library; 6] = [
    Library { name: "roxmltree 0.21, any XML as a tree", program: Program::Rust("roxmltree") },
    Library { name: "vastlint-core 0.16, `validate`", program: Program::Rust("vastlint") },
    Library { name: "vast4 0.1, structs", program: Program::Rust("vast4") },
    Library { name: "vast4-rs 1.0, structs", program: Program::Rust("vast4-rs") },
    Library { name: "vast-protocol 0.3, structs", program: Program::Rust("vast-protocol") },
    Library { name: "@dailymotion/vast-client 6.4, Node", program: Program::Node },
];

/// What a program finds when it starts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Surroundings {
    /// Bytes of its environment. They move its stack, so that starts with other numbers lie elsewhere in memory.
    pub(crate) place: usize,
    /// Whether the allocator of glibc keeps freed memory. Otherwise it gives the memory of a large document back to the system, which
    /// clears every page anew for the next one.
    pub(crate) keeps_memory: bool,
}

/// The result of reading a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reading {
    /// It was read.
    Read {
        cost: Cost,
        /// The number of ads found; `None` if the library does not count them.
        ads: Option<usize>,
    },
    /// The library cannot read the document, for this reason.
    Refused(String),
    /// The program could not be started, for this reason.
    Missing(String),
}

/// A running program. It ends when this is dropped.
pub(crate) struct Peer {
    child: Child,
    asks: Option<ChildStdin>,
    says: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts the program for these files, and builds or installs it first if needed. The first reading shows whether it
    /// works.
    ///
    /// # Errors
    /// What is missing, as text for the table.
    pub(crate) fn start(program: Program, files: &[PathBuf]) -> Result<Self, Failure> {
        Self::start_at(program, Surroundings::default(), files)
    }

    /// Like [`Peer::start`], in other surroundings.
    pub(crate) fn start_at(program: Program, surroundings: Surroundings, files: &[PathBuf]) -> Result<Self, Failure> {
        let mut command = program.command()?;
        command.env("VAST_BENCH_PLACE", "x".repeat(surroundings.place));
        if surroundings.keeps_memory {
            command.envs(["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"].map(|name| (name, "1073741824")));
        }
        let mut child =
            command.args(files).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let asks = child.stdin.take();
        let says = BufReader::new(child.stdout.take().ok_or("it has no output")?);
        Ok(Self { child, asks, says })
    }

    /// Reads file number `index` repeatedly for `time`, at least once.
    pub(crate) fn read(&mut self, index: usize, time: Duration) -> Result<Reading, Failure> {
        let asks = self.asks.as_mut().ok_or("it is not listening")?;
        writeln!(asks, "{index} {}", time.as_millis())?;
        let mut line = String::new();
        match self.says.read_line(&mut line)? {
            0 => Err("it has ended".into()),
            _ => reading(line.trim_end()),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The process ends at the end of its input.
        drop(self.asks.take());
        let _ = self.child.wait();
    }
}

fn reading(line: &str) -> Result<Reading, Failure> {
    if let Some(reason) = line.strip_prefix("cannot ") {
        return Ok(Reading::Refused(reason.to_owned()));
    }
    let fields: Vec<_> = line.split(' ').collect();
    let ["read", units, nanos, ads] = fields[..] else { return Err(format!("it said {line:?}").into()) };
    let cost = Cost { cpu: Duration::from_nanos(nanos.parse()?), units: units.parse()? };
    Ok(Reading::Read { cost, ads: if ads == "-" { None } else { Some(ads.parse()?) } })
}

impl Program {
    /// The command that starts the program. Builds or installs what it needs.
    fn command(self) -> Result<Command, Failure> {
        match self {
            Self::Rust(name) => Ok(Command::new(built(&format!("read-{name}"), name)?)),
            Self::Floor(link) => Ok(Command::new(built(&format!("read-floor-{link}"), "floor")?)),
            Self::Ours => {
                let mut command = Command::new(std::env::current_exe()?);
                command.arg(reader::ARGUMENT);
                Ok(command)
            }
            Self::Node => {
                let mut command = Command::new("node");
                command.arg(node_folder()?.join("read.mjs"));
                Ok(command)
            }
        }
    }
}

/// The folder of the programs of Node, with their packages installed.
pub(crate) fn node_folder() -> Result<PathBuf, Failure> {
    let folder = peers().join("node");
    let npm = |argument: &str| run(Command::new("npm").arg(argument).current_dir(&folder));
    if npm("ls").is_err() {
        npm("ci")?;
    }
    Ok(folder)
}

/// Builds a program of `bench-peers` with this feature, and returns its path.
pub(crate) fn built(binary: &str, feature: &str) -> Result<PathBuf, Failure> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "peer-readers",
        "--bin",
        binary,
        "--features",
        feature,
    ]);
    run(command.current_dir(peers()))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| peers().join("target"), PathBuf::from);
    Ok(target.join("release").join(binary))
}

fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench-peers")
}

/// Runs a command to its end; the first line of its error output is the reason of a failure.
fn run(command: &mut Command) -> Result<(), Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    let reason = complaint.lines().find(|line| line.contains("error")).or(complaint.lines().next());
    Err(reason.unwrap_or("it failed").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_of_a_reader_is_parsed() {
        let cost = Cost { cpu: Duration::from_nanos(120), units: 3 };
        for (line, wanted) in [
            ("read 3 120 60", Reading::Read { cost, ads: Some(60) }),
            ("read 3 120 -", Reading::Read { cost, ads: None }),
            ("cannot missing field `ad`", Reading::Refused("missing field `ad`".to_owned())),
        ] {
            assert_eq!(reading(line).expect(line), wanted);
        }
        for nonsense in ["", "read", "read 3 120", "read x 120 1", "red 3 120 1"] {
            assert!(reading(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_failing_command_gives_its_reason() {
        let nothing = run(&mut Command::new("no-such-program-anywhere")).expect_err("nothing runs").to_string();
        assert!(nothing.starts_with("no-such-program-anywhere: "), "{nothing}");
        let script = "echo warning: w >&2; echo error: broken >&2; exit 1";
        let broken = run(Command::new("sh").args(["-c", script])).expect_err("it fails").to_string();
        assert_eq!(broken, "error: broken");
    }
}
