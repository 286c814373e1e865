//! The TOML form of a script: the `[[server]]` tables of a scenario file. Other tables are ignored.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::answer::{Answer, Cut, CutEnd, Fault};
use super::encoding::Encoding;
use super::error::{Problem, ScriptError, ScriptPlace};
use super::folder;
use super::scenario::{Repeat, Script, ServerScript};
use super::toml_value::{DelayValue, HeaderTable, SinkValue};

/// How much of a line an error message shows. A body may be one line of 50 kB.
const EXCERPT: usize = 60;

#[derive(Deserialize)]
struct ScenarioFile {
    #[serde(default)]
    server: Vec<Spanned<ServerFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServerFile {
    name: String,
    #[serde(default)]
    port: u16,
    #[serde(default)]
    repeat: Repeat,
    #[serde(default)]
    sink: SinkValue,
    directory: Option<String>,
    #[serde(default)]
    answer: Vec<Spanned<AnswerFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerFile {
    path: Option<String>,
    status: Option<u16>,
    delay: Option<DelayValue>,
    #[serde(default)]
    headers: HeaderTable,
    body: Option<String>,
    file: Option<String>,
    encoding: Option<Encoding>,
    #[serde(default)]
    raw: bool,
    #[serde(default)]
    wire: bool,
    truncate: Option<usize>,
    fault: Option<Fault>,
    in_body: Option<CutEnd>,
    chunk: Option<usize>,
    chunk_delay: Option<DelayValue>,
    #[serde(default)]
    chunked: bool,
    redirect: Option<String>,
    #[serde(default)]
    connection_close: bool,
}

impl Script {
    /// Reads the `[[server]]` tables of a scenario. Relative file names are relative to `base_dir`. The files are read now.
    ///
    /// # Errors
    /// The error names the line and the key: text that is not TOML, an unknown key, a value of the wrong type, a broken
    /// rule, a file that cannot be read.
    pub fn parse(text: &str, base_dir: &Path) -> Result<Self, ScriptError> {
        let file: ScenarioFile = toml::from_str(text).map_err(|error| toml_error(text, &error))?;
        let lines = TableLines::new(text, &file.server);
        let servers = file
            .server
            .into_iter()
            .map(|server| server.into_inner().read(base_dir))
            .collect::<Result<_, _>>()
            .and_then(Self::new);
        servers.map_err(|error| lines.locate(error))
    }

    /// Reads a file like [`Script::parse`]. Relative file names are relative to the file's folder.
    ///
    /// # Errors
    /// Those of [`Script::parse`], and a file that cannot be read or is not UTF-8.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ScriptError> {
        let path = path.as_ref();
        let not_text = |error| std::io::Error::new(std::io::ErrorKind::InvalidData, error);
        let text = String::from_utf8(folder::read(path)?)
            .map_err(|error| ScriptError::Read { path: path.to_owned(), source: not_text(error) })?;
        Self::parse(&text, path.parent().unwrap_or(Path::new("")))
    }
}

impl ServerFile {
    fn read(self, base_dir: &Path) -> Result<ServerScript, ScriptError> {
        let answers = self.answer.into_iter().enumerate().map(|(index, answer)| {
            let place = |key| ScriptPlace { line: None, server: Some(self.name.clone()), answer: Some(index), key };
            answer.into_inner().read(base_dir, place)
        });
        let answers = answers.collect::<Result<_, _>>()?;
        let folder = self.directory.map(|directory| base_dir.join(directory));
        folder.as_deref().map(folder::check).transpose()?;
        Ok(ServerScript { name: self.name, port: self.port, repeat: self.repeat, sink: self.sink.0, answers, folder })
    }
}

impl AnswerFile {
    fn read(self, base_dir: &Path, place: impl Fn(&'static str) -> ScriptPlace) -> Result<Answer, ScriptError> {
        let rule = |key, problem| Err(ScriptError::Rule { place: place(key), problem });
        let body = match (self.body, self.file) {
            (Some(_), Some(_)) => return rule("file", Problem::BodyAndFile),
            (Some(text), None) => text.into(),
            (None, Some(file)) => folder::read(&base_dir.join(file))?.into(),
            (None, None) => bytes::Bytes::new(),
        };
        let cut = match (self.truncate, self.in_body) {
            (None, Some(_)) => return rule("in_body", Problem::InBodyWithoutTruncate),
            (after, then) => after.map(|after| Cut { after, then: then.unwrap_or_default() }),
        };
        Ok(Answer {
            path: self.path,
            status: self.status,
            delay: self.delay.map(|delay| delay.0).unwrap_or_default(),
            headers: self.headers.0,
            body,
            encoding: self.encoding,
            raw: self.raw,
            wire: self.wire,
            fault: self.fault,
            cut,
            piece: self.chunk,
            piece_delay: self.chunk_delay.map(|delay| delay.0).unwrap_or_default(),
            chunked: self.chunked,
            redirect: self.redirect,
            connection_close: self.connection_close,
        })
    }
}

/// The positions of the tables, for errors that are found after parsing.
struct TableLines<'a> {
    text: &'a str,
    /// The name and byte offset of each server, and the byte offsets of its answers.
    servers: Vec<(String, usize, Vec<usize>)>,
}

impl<'a> TableLines<'a> {
    fn new(text: &'a str, servers: &[Spanned<ServerFile>]) -> Self {
        let begins = |server: &Spanned<ServerFile>| {
            let answers = server.as_ref().answer.iter().map(|answer| answer.span().start).collect();
            (server.as_ref().name.clone(), server.span().start, answers)
        };
        Self { text, servers: servers.iter().map(begins).collect() }
    }

    fn locate(&self, mut error: ScriptError) -> ScriptError {
        if let ScriptError::Rule { place, .. } = &mut error {
            place.line = self.line_of(place);
        }
        error
    }

    /// The line of the key, or the line of the table if the key is missing. For a duplicate name it is the line of the
    /// later server.
    fn line_of(&self, place: &ScriptPlace) -> Option<usize> {
        let name = place.server.as_ref()?;
        let (_, server, answers) = self.servers.iter().rev().find(|(server, ..)| server == name)?;
        let begin = place.answer.and_then(|index| answers.get(index)).unwrap_or(server);
        let key_line = self.text[*begin..]
            .lines()
            .enumerate()
            .take_while(|(index, line)| *index == 0 || !line.starts_with("[["))
            .find(|(_, line)| sets_key(line, place.key))
            .map_or(0, |(index, _)| index);
        Some(line_number(self.text, *begin) + key_line)
    }
}

fn sets_key(line: &str, key: &str) -> bool {
    line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(['=', '.']))
}

fn line_number(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

fn toml_error(text: &str, error: &toml::de::Error) -> ScriptError {
    let line = line_number(text, error.span().map_or(0, |span| span.start));
    let excerpt = text.lines().nth(line - 1).unwrap_or_default().trim().chars().take(EXCERPT).collect();
    ScriptError::Toml { line, excerpt, message: error.message().replace('\n', "; ") }
}
