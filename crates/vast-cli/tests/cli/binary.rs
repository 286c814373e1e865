//! Running the binary.

use std::io::Write;
use std::process::{Child, Command, Output, Stdio};

/// A prepared run of the binary.
pub(crate) struct VastRun {
    command: Command,
    input: Option<Vec<u8>>,
    stderr: Stdio,
}

/// The result of a run.
#[derive(Debug)]
pub(crate) struct RunResult {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `vast` with these arguments, without a terminal and with an empty standard input.
pub(crate) fn vast(arguments: &[&str]) -> VastRun {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vast"));
    command.args(arguments).env("COLUMNS", "100");
    for name in ["CLICOLOR_FORCE", "CLICOLOR", "NO_COLOR", "FORCE_COLOR"] {
        command.env_remove(name);
    }
    VastRun { command, input: None, stderr: Stdio::piped() }
}

impl VastRun {
    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = Some(input.into());
        self
    }

    /// Runs with this stderr instead of a pipe.
    #[cfg(target_os = "linux")]
    pub(crate) fn stderr(mut self, stderr: impl Into<Stdio>) -> Self {
        self.stderr = stderr.into();
        self
    }

    pub(crate) fn environment(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs with files that cannot grow beyond this number of blocks of 512 bytes, like on a full disk.
    #[cfg(unix)]
    pub(crate) fn on_a_disk_of(self, blocks: u32) -> Self {
        // Without the trap the signal about the limit would end the program.
        self.after(&format!("trap '' XFSZ; ulimit -f {blocks}"))
    }

    /// Runs with a limit of open files that the program may raise.
    #[cfg(unix)]
    pub(crate) fn with_open_files(self, limit: u32) -> Self {
        self.after(&format!("ulimit -Sn {limit}"))
    }

    /// Runs after a command of the shell.
    #[cfg(unix)]
    fn after(mut self, before: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{before}; exec \"$0\" \"$@\"")]);
        command.arg(self.command.get_program()).args(self.command.get_args());
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        self.command = command;
        self
    }

    /// Runs without `COLUMNS`, as if started by a program that sets no width.
    pub(crate) fn without_columns(mut self) -> Self {
        self.command.env_remove("COLUMNS");
        self
    }

    pub(crate) fn start(mut self) -> Child {
        let stdin = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        self.command.stdin(stdin).stdout(Stdio::piped()).stderr(self.stderr);
        let mut child = self.command.spawn().expect("the binary starts");
        if let (Some(mut pipe), Some(input)) = (child.stdin.take(), self.input) {
            // The program may close the pipe before it has read everything.
            drop(pipe.write_all(&input));
        }
        child
    }

    pub(crate) fn run(self) -> RunResult {
        let output = self.start().wait_with_output().expect("the binary ends");
        RunResult::from(output)
    }
}

impl From<Output> for RunResult {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl RunResult {
    /// Its stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}
