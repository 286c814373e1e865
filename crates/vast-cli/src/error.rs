//! [`CommandError`]: the reason why a command ends early.

use crate::exit::Exit;

/// The reason why a command ends before its work is done.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// A message for the user, with a hint if there is advice.
    Message {
        /// The exit code of the program.
        exit: Exit,
        /// The message, in one line.
        message: String,
        /// More lines, printed below the message.
        details: Vec<String>,
        /// Advice, printed below the message.
        hint: Option<String>,
    },
    /// Help or the version was requested: text for stdout.
    Help(String),
    /// There is no command: the help for stderr.
    NoCommand(String),
    /// A signal ended the command.
    Signal(Signal),
}

/// A signal that asks the program to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// SIGINT, which Ctrl-C sends.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl Signal {
    /// The exit code of a program that this signal ended.
    pub(crate) const fn exit(self) -> Exit {
        match self {
            Self::Interrupt => Exit::Interrupted,
            Self::Terminate => Exit::Terminated,
        }
    }
}

impl CommandError {
    /// An error with a message and no hint.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self::Message { exit, message: message.into(), details: Vec::new(), hint: None }
    }

    /// Wrong usage or configuration. `message` names the argument or key and its accepted values.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// This program is built without NATS.
    #[cfg(not(feature = "nats"))]
    pub(crate) fn no_nats() -> Self {
        Self::usage("this program is built without NATS")
            .with_hint(Some("build it with `cargo build --release -p vast-cli --features nats`"))
    }

    /// This program is built without the gateway.
    #[cfg(not(feature = "serve"))]
    pub(crate) fn no_gateway() -> Self {
        Self::usage("this program is built without the gateway")
            .with_hint(Some("`cargo install vast-cli` builds `vast` with it: it is the feature `serve`, on by default"))
    }

    /// The message in one line, to be printed as part of another text.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Message { message, .. } => message.clone(),
            Self::Help(text) | Self::NoCommand(text) => text.clone(),
            Self::Signal(_) => "it was interrupted".to_owned(),
        }
    }

    /// Adds lines below the message.
    #[must_use]
    pub(crate) fn with_details(mut self, new: Vec<String>) -> Self {
        if let Self::Message { details, .. } = &mut self {
            *details = new;
        }
        self
    }

    /// Adds a hint, if the error has no hint yet.
    #[must_use]
    pub(crate) fn with_hint(mut self, new: Option<impl Into<String>>) -> Self {
        if let (Self::Message { hint: hint @ None, .. }, Some(new)) = (&mut self, new) {
            *hint = Some(new.into());
        }
        self
    }
}
