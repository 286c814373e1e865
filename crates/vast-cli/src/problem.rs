//! Why a command ends before its work is done.

use crate::exit::Exit;

/// Why a command ends before its work is done.
#[derive(Debug)]
pub(crate) enum Problem {
    /// Something is wrong: one line that names it, and perhaps a hint.
    Mistake {
        /// How the program ends.
        exit: Exit,
        /// One line.
        message: String,
        /// What may help.
        hint: Option<String>,
    },
    /// Nothing is wrong: help or the version was asked for.
    Told(String),
    /// Ctrl-C.
    Interrupted,
}

impl Problem {
    /// Something is wrong.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self::Mistake { exit, message: message.into(), hint: None }
    }

    /// Wrong usage or configuration. `message` names the argument or key and what would be right.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The same problem with what may help, unless something is said already.
    #[must_use]
    pub(crate) fn with_hint(mut self, new: Option<impl Into<String>>) -> Self {
        if let (Self::Mistake { hint: hint @ None, .. }, Some(new)) = (&mut self, new) {
            *hint = Some(new.into());
        }
        self
    }
}
