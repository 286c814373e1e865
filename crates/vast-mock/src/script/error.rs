//! What can be wrong with a script. Found before any server starts.

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
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The text is not TOML, has a key that does not exist, or a value of the wrong kind.
    #[error("line {line}, `{excerpt}`: {message}")]
    Toml {
        /// Counted from 1.
        line: usize,
        /// What stands in that line, cut short.
        excerpt: String,
        /// What is wrong with it, naming the key and the keys or values that are known.
        message: String,
    },
    /// A value that cannot be what is meant.
    #[error("{place}: {problem}")]
    Rule {
        /// Where.
        place: ScriptPlace,
        /// What is wrong.
        problem: Problem,
    },
}

/// Where in a script. Displays as `line 12: server "east", answer 2, key "chunk"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptPlace {
    /// Counted from 1; none for a script that was built in code.
    pub line: Option<usize>,
    /// The server's name; none when the whole script is meant.
    pub server: Option<String>,
    /// Which of the server's answers, counted from 0.
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

/// A value that cannot be what is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// There is nothing to serve.
    #[error("no [[server]] table")]
    NoServers,
    /// Placeholders and logs tell servers apart by their names.
    #[error("another server has this name")]
    DuplicateName,
    /// Names stand between `{{` and `}}` and in host names.
    #[error("a name is made of letters, digits, `-` and `_`, and is not `self`")]
    BadName,
    /// A server that would only say 404 is a mistake.
    #[error("a server needs [[server.answer]], `directory` or `sink`")]
    NoAnswers,
    /// A status is a number of three digits.
    #[error("not between 100 and 999")]
    StatusRange,
    /// Request targets begin with a slash.
    #[error("does not begin with `/`")]
    PathWithoutSlash,
    /// A range from high to low, or a tail without a shape.
    #[error("uniform needs [shortest, longest], pareto needs a shape above 0")]
    DelayBounds,
    /// Pieces of no bytes never end.
    #[error("pieces need at least one byte")]
    EmptyPieces,
    /// `in_body` says what happens after so many bytes.
    #[error("needs `truncate`: after how many bytes")]
    InBodyWithoutTruncate,
    /// A body comes from one place.
    #[error("`body` and `file` exclude each other")]
    BodyAndFile,
    /// `raw` says that the bytes are already compressed: with what?
    #[error("needs `encoding`: in what way is the body already compressed")]
    RawWithoutEncoding,
    /// What cannot stand in a head without breaking it.
    #[error("not a header name, or a value with a line break")]
    BadHeader,
}
