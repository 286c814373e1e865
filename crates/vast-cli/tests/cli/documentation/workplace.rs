//! The folder in which the commands of a page run.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command as Process, Stdio};

use vast_mock::Mock;

use super::page::Command;

/// The addresses of the documentation at which a gateway listens, and the flags for them.
const GATEWAY: [(&str, &str); 2] = [("127.0.0.1:8080", "--listen"), ("127.0.0.1:9090", "--admin")];

/// A folder with the files of a page. What is in it is removed when this is dropped.
pub(super) struct Workplace {
    folder: tempfile::TempDir,
    /// Texts of the documentation and what stands for them here: servers and ports.
    replaced: Vec<(String, String)>,
    /// `vast serve` or `vast mock`, if it runs. Its output stays open, so that it can go on to print.
    server: Option<(Child, BufReader<ChildStdout>)>,
}

impl Workplace {
    /// A folder with `scenarios` and `fixtures` of the repository and with the document `ad.xml`.
    pub(super) fn new(mock: &Mock, repository: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["scenarios", "fixtures"] {
            let target = repository.join(name).canonicalize().expect("a folder of the repository");
            std::os::unix::fs::symlink(target, folder.path().join(name)).expect("a link");
        }
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/documentation");
        let ad = std::fs::read_to_string(here.join("ad.xml")).expect("the ad").replace("{{self}}", "https://t.example");
        let servers = ["ads", "east", "west", "a", "b", "house", "empty", "gone"];
        let mut replaced: Vec<_> =
            servers.iter().map(|name| (format!("https://{name}.example"), mock.url(name).to_string())).collect();
        let free_address = || vast_mock::free_address().expect("a free port").to_string();
        replaced.extend(GATEWAY.map(|(address, _)| (address.to_owned(), free_address())));
        let workplace = Self { folder, replaced, server: None };
        workplace.write("ad.xml", &ad);
        workplace
    }

    /// Writes a file of the page. Only configurations get the servers of this machine: documents are not requested, and findings have
    /// their positions.
    pub(super) fn write(&self, name: &str, text: &str) {
        let text = if name.ends_with(".toml") { self.here(text) } else { text.to_owned() };
        std::fs::write(self.folder.path().join(name), text).expect("the file can be written");
    }

    /// Runs a command and returns its output as the page would show it.
    ///
    /// # Errors
    /// A sentence about an exit code that the page does not say.
    pub(super) fn run(&mut self, command: &Command) -> Result<String, String> {
        let program = command.text.split(" #").next().unwrap_or_default().trim();
        let is_server = ["vast serve", "vast mock"].iter().any(|name| program.starts_with(name));
        if is_server && !program.contains("--new-secret") {
            return self.serve(program).map(|()| String::new());
        }
        if let Some(tool) = missing_tool(program) {
            skip(tool);
            return Ok(String::new());
        }
        let output = self.shell(&format!("exec 2>&1\n{}", self.here(program))).output().expect("the shell runs");
        let text = self.as_documented(&String::from_utf8_lossy(&output.stdout));
        match output.status.code() {
            Some(code) if code == command.code => Ok(text),
            code => Err(format!("ended with {code:?}, the page says {}\n{text}", command.code)),
        }
    }

    /// Starts a server and waits for its first line. A server that ran before is ended.
    fn serve(&mut self, program: &str) -> Result<(), String> {
        self.end_server();
        let mut line = program.to_owned();
        if program.starts_with("vast serve") && !program.contains("--config") {
            GATEWAY.iter().for_each(|(address, flag)| line += &format!(" {flag} {address}"));
        }
        let mut shell = self.shell(&format!("exec {}", self.here(&line)));
        let messages = tempfile::NamedTempFile::new().expect("a file");
        let mut server =
            shell.stdout(Stdio::piped()).stderr(messages.reopen().expect("the file")).spawn().expect("the shell runs");
        let mut first = String::new();
        let mut output = BufReader::new(server.stdout.take().expect("its output"));
        output.read_line(&mut first).expect("text");
        self.server = Some((server, output));
        if !first.is_empty() {
            return Ok(());
        }
        let messages = std::fs::read_to_string(messages.path()).expect("text");
        Err(format!("it ended before it served: {}", messages.trim()))
    }

    fn end_server(&mut self) {
        if let Some((mut server, _)) = self.server.take() {
            server.kill().and_then(|()| server.wait()).expect("the server ends");
        }
    }

    fn shell(&self, script: &str) -> Process {
        let vast = PathBuf::from(env!("CARGO_BIN_EXE_vast"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = vast.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
        let mut shell = Process::new("sh");
        shell.args(["-c", script]).current_dir(self.folder.path()).stdin(Stdio::null()).stderr(Stdio::null());
        shell.env("PATH", std::env::join_paths(folders).expect("a path")).env("HOME", self.folder.path());
        shell.env("COLUMNS", "100").env("NO_COLOR", "1").env_remove("FORCE_COLOR").env_remove("CLICOLOR_FORCE");
        shell
    }

    /// A text of the documentation with the servers and ports of this machine.
    fn here(&self, text: &str) -> String {
        self.replaced.iter().fold(text.to_owned(), |text, (documented, here)| text.replace(documented, here))
    }

    /// An output with the names of the documentation.
    fn as_documented(&self, text: &str) -> String {
        self.replaced.iter().fold(text.to_owned(), |text, (documented, here)| text.replace(here, documented))
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        self.end_server();
    }
}

/// A program other than `vast` that the command needs and this machine does not have.
fn missing_tool(program: &str) -> Option<&str> {
    let tool = program.split_whitespace().next().filter(|tool| *tool != "vast")?;
    let found = Process::new("sh").args(["-c", &format!("command -v {tool}")]).stdout(Stdio::null()).status();
    (!found.is_ok_and(|status| status.success())).then_some(tool)
}

/// Says in the output of `.ci/run` that a command was not run.
fn skip(tool: &str) {
    use std::io::Write;
    let Some(path) = std::env::var_os("VAST_SKIPS") else { return };
    let mut file = std::fs::OpenOptions::new().append(true).open(path).expect("the file of the skips");
    writeln!(file, "skipped: {tool} (commands of the documentation)").expect("the file of the skips");
}
