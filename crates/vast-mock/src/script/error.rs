//! The errors of a script. They are found before any server starts.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// A script that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// A file or folder that the script names, or the script itself, cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The text is not TOML, has a key that does not exist, or a value of the wrong kind.
    #[error("line {line}, `{excerpt}`: {message}")]
    Toml {
        /// The line, from 1.
        line: usize,
        /// The beginning of that line.
        excerpt: String,
        /// The problem, with the key and the known keys or values.
        message: String,
    },
    /// A value that is not valid.
    #[error("{place}: {problem}")]
    Rule {
        /// The position.
        place: ScriptPlace,
        /// The problem with the value.
        problem: Problem,
    },
}

/// A position in a script. Displays as `line 12: server "east", answer 2, key "chunk"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptPlace {
    /// The line, from 1; `None` for a script that was built in code.
    pub line: Option<usize>,
    /// The server's name; `None` if the problem concerns the whole script.
    pub server: Option<String>,
    /// The number of the server's answer, from 0.
    pub answer: Option<usize>,
    /// The key, named as in TOML.
    pub key: &'static str,
}

impl fmt::Display for ScriptPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(formatter, "line {line}: ")?;
        }
        if let Some(server) = &self.server {
            write!(formatter, "server {server:?}, ")?;
        }
        if let Some(answer) = self.answer {
            write!(formatter, "answer {}, ", answer + 1)?;
        }
        write!(formatter, "key `{}`", self.key)
    }
}

/// Why a value is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The script has no server.
    #[error("no [[server]] table")]
    NoServers,
    /// Placeholders and logs identify servers by their names.
    #[error("another server has this name")]
    DuplicateName,
    /// Names are used in placeholders and in host names.
    #[error("a name is made of letters, digits, `-` and `_`, and is not `self`")]
    BadName,
    /// A server that answers every request with 404 is a mistake.
    #[error("a server needs [[server.answer]], `directory` or `sink`")]
    NoAnswers,
    /// A status is a number of three digits.
    #[error("not between 100 and 999")]
    StatusRange,
    /// Request targets begin with a slash.
    #[error("does not begin with `/`")]
    PathWithoutSlash,
    /// The range is not ordered, or the shape is not positive.
    #[error("uniform needs [shortest, longest], pareto needs a shape above 0")]
    DelayBounds,
    /// The body would never end.
    #[error("pieces need at least one byte")]
    EmptyPieces,
    /// `in_body` needs `truncate`: it is the action after the bytes of `truncate`.
    #[error("needs `truncate`: after how many bytes")]
    InBodyWithoutTruncate,
    /// A body has one origin.
    #[error("`body` and `file` exclude each other")]
    BodyAndFile,
    /// `raw` needs `encoding`: it means that the bytes are already compressed.
    #[error("needs `encoding`, the encoding of the body")]
    RawWithoutEncoding,
    /// `wire` means that the body is the whole response, with its head.
    #[error(
        "excludes `status`, `headers`, `encoding`, `chunked`, `redirect` and `connection_close`: the bytes have the whole response"
    )]
    WireWithHead,
    /// The name or value is not allowed in a head.
    #[error("not a header name, or a value with a line break")]
    BadHeader,
}
