//! Running the binary.

use std::io::Write;
use std::process::{Child, Command, Output, Stdio};

/// A run of the binary to be.
pub(crate) struct Run {
    command: Command,
    input: Option<Vec<u8>>,
}

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `vast` with these arguments, without a terminal and with nothing on its standard input.
pub(crate) fn vast(arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vast"));
    command.args(arguments).env_remove("CLICOLOR_FORCE").env("COLUMNS", "100");
    Run { command, input: None }
}

impl Run {
    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = Some(input.into());
        self
    }

    pub(crate) fn environment(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn start(mut self) -> Child {
        let stdin = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("the binary starts");
        if let (Some(mut pipe), Some(input)) = (child.stdin.take(), self.input) {
            // A program that does not want to read on closes its end.
            drop(pipe.write_all(&input));
        }
        child
    }

    pub(crate) fn end(self) -> Ended {
        let output = self.start().wait_with_output().expect("the binary ends");
        Ended::from(output)
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Ended {
    /// Its stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}
