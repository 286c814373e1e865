//! The script as data: its servers, and a builder to write it in code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::answer::Answer;
use super::error::{Problem, ScriptError, ScriptPlace};
use super::folder;

/// The seed of a script without a seed. It is fixed, so that runs can be repeated.
const DEFAULT_SEED: u64 = 1;

/// The servers of a scenario. A script is always valid, because every constructor checks it.
#[derive(Debug, Clone)]
pub struct Script {
    servers: Vec<ServerScript>,
    seed: u64,
}

/// One server of a script.
#[derive(Debug, Clone, Default)]
pub struct ServerScript {
    pub(crate) name: String,
    pub(crate) port: u16,
    pub(crate) repeat: Repeat,
    pub(crate) sink: Option<Sink>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) folder: Option<PathBuf>,
}

/// What happens after the last answer of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Repeat {
    /// The last answer is repeated.
    #[default]
    Last,
    /// The sequence begins again with the first answer.
    Cycle,
}

/// The answer of a beacon sink to requests without a scripted answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sink {
    /// `204 No Content`.
    NoContent,
    /// A transparent GIF of one pixel.
    Gif,
}

impl Script {
    /// A builder for a script.
    pub fn builder() -> ScriptBuilder {
        ScriptBuilder { servers: Vec::new() }
    }

    /// Sets the seed of the delays that are drawn. Default 1.
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The seed for the delays that are drawn.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The servers, in order.
    pub fn servers(&self) -> &[ServerScript] {
        &self.servers
    }

    /// Checks the rules that concern several servers or answers.
    pub(crate) fn new(servers: Vec<ServerScript>) -> Result<Self, ScriptError> {
        if servers.is_empty() {
            return Err(rule(None, None, "server", Problem::NoServers));
        }
        let mut names = BTreeSet::new();
        for server in &servers {
            server.check()?;
            if !names.insert(server.name.as_str()) {
                return Err(rule(Some(server), None, "name", Problem::DuplicateName));
            }
        }
        Ok(Self { servers, seed: DEFAULT_SEED })
    }
}

impl ServerScript {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port to listen on; 0 for any free port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The sink's answer; `None` if the server is not a beacon sink.
    pub fn sink(&self) -> Option<Sink> {
        self.sink
    }

    fn check(&self) -> Result<(), ScriptError> {
        if !is_name(&self.name) {
            return Err(rule(Some(self), None, "name", Problem::BadName));
        }
        if self.answers.is_empty() && self.folder.is_none() && self.sink.is_none() {
            return Err(rule(Some(self), None, "answer", Problem::NoAnswers));
        }
        for (index, answer) in self.answers.iter().enumerate() {
            answer.check().map_err(|(key, problem)| rule(Some(self), Some(index), key, problem))?;
        }
        Ok(())
    }
}

fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !name.is_empty() && name != "self" && name.bytes().all(allowed)
}

fn rule(server: Option<&ServerScript>, answer: Option<usize>, key: &'static str, problem: Problem) -> ScriptError {
    let place = ScriptPlace { line: None, server: server.map(|server| server.name.clone()), answer, key };
    ScriptError::Rule { place, problem }
}

/// Builds a script.
#[derive(Debug)]
pub struct ScriptBuilder {
    servers: Vec<ServerBuilder>,
}

impl ScriptBuilder {
    /// Begins the first server. The following calls describe it.
    pub fn server(self, name: impl Into<String>) -> ServerBuilder {
        ServerBuilder { before: self.servers, server: ServerScript { name: name.into(), ..ServerScript::default() } }
    }
}

/// Builds a server, after those before it.
#[derive(Debug)]
pub struct ServerBuilder {
    before: Vec<ServerBuilder>,
    server: ServerScript,
}

impl ServerBuilder {
    /// Adds an answer, after those that were added before.
    pub fn answer(mut self, answer: Answer) -> Self {
        self.server.answers.push(answer);
        self
    }

    /// What happens after the last answer of a sequence. By default the last answer is repeated.
    pub fn repeat(mut self, repeat: Repeat) -> Self {
        self.server.repeat = repeat;
        self
    }

    /// The port to listen on. By default any free port.
    pub fn port(mut self, port: u16) -> Self {
        self.server.port = port;
        self
    }

    /// Makes the server a beacon sink. Answers with a path are used first, so that a sink can fail sometimes.
    pub fn sink(mut self, sink: Sink) -> Self {
        self.server.sink = Some(sink);
        self
    }

    /// Serves the files of a folder as `/file-name`, and a list of them at `/`. Each request reads the file again.
    pub fn directory(mut self, folder: impl AsRef<Path>) -> Self {
        self.server.folder = Some(folder.as_ref().to_owned());
        self
    }

    /// Ends this server and begins the next one.
    pub fn server(mut self, name: impl Into<String>) -> Self {
        let mut servers = std::mem::take(&mut self.before);
        servers.push(self);
        ScriptBuilder { servers }.server(name)
    }

    /// Ends the script and checks it.
    ///
    /// # Errors
    /// A broken rule (see [`Problem`]), or a folder that cannot be read.
    pub fn build(mut self) -> Result<Script, ScriptError> {
        let mut servers = std::mem::take(&mut self.before);
        servers.push(self);
        Script::new(servers.into_iter().map(Self::finish).collect::<Result<_, _>>()?)
    }

    fn finish(self) -> Result<ServerScript, ScriptError> {
        self.server.folder.as_deref().map(folder::check).transpose()?;
        Ok(self.server)
    }
}
