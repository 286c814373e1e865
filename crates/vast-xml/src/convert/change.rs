//! [`Change`]: what a conversion did to a document.

use std::fmt;

/// One thing that a conversion changed, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The part, as `VAST/Ad[1]/InLine/Creatives/Creative[2]/Linear@skipoffset`: numbers from 1, and counted as they were
    /// when the part was changed.
    pub path: String,
    /// What happened to it.
    pub kind: ChangeKind,
}

/// What happened to a part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeKind {
    /// The version does not have it: it is gone. This is the only kind by which something is lost.
    Dropped,
    /// The version does not have it at this place: it travels in an extension (VAST CTV Addendum 2024; VAST 4.3, section
    /// 1.8).
    Moved {
        /// `@type` of the extension; empty if it has none.
        extension: String,
    },
    /// It was in an extension and is at its own place again.
    Restored {
        /// `@type` of the extension that is gone.
        extension: String,
    },
    /// The version requires it and the document did not have it.
    Filled {
        /// What stands there now.
        with: String,
    },
    /// The version says it otherwise.
    Renamed {
        /// What the document had.
        from: String,
        /// What it has now.
        to: String,
    },
    /// The version has no `@xmlEncoded`: the content stands there decoded.
    Decoded,
    /// One `Creative` became several, because the version has only one kind of ad in each.
    Split,
}

impl Change {
    /// Whether something was lost.
    pub fn is_loss(&self) -> bool {
        self.kind == ChangeKind::Dropped
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.path, self.kind)
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChangeKind::Dropped => formatter.write_str("dropped"),
            ChangeKind::Moved { extension } if extension.is_empty() => formatter.write_str("moved to an extension"),
            ChangeKind::Moved { extension } => write!(formatter, "moved to the extension `{extension}`"),
            ChangeKind::Restored { extension } => write!(formatter, "taken out of the extension `{extension}`"),
            ChangeKind::Filled { with } => write!(formatter, "filled in with `{with}`"),
            ChangeKind::Renamed { from, to } => write!(formatter, "`{from}` became `{to}`"),
            ChangeKind::Decoded => formatter.write_str("decoded, for want of @xmlEncoded"),
            ChangeKind::Split => formatter.write_str("split, one creative for each kind of ad"),
        }
    }
}
