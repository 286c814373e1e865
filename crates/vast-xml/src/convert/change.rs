//! [`Change`]: one change that a conversion made in a document.

use std::fmt;

/// One change that a conversion made, with the path of the changed part.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The path of the part, such as `VAST/Ad[1]/InLine/Creatives/Creative[2]/Linear@skipoffset`. Numbers start at 1 and are
    /// the positions at the time of the change.
    pub path: String,
    /// The kind of the change.
    pub kind: ChangeKind,
}

/// The kind of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeKind {
    /// The version does not have the part, so it was removed. Only this kind of change loses information.
    Dropped,
    /// The version does not have the part at this place, so it was moved to an extension (VAST CTV Addendum 2024; VAST 4.3,
    /// section 1.8).
    Moved {
        /// `@type` of the extension; empty if it has none.
        extension: String,
    },
    /// The part was moved from an extension to its place in the version.
    Restored {
        /// `@type` of the extension, which was removed.
        extension: String,
    },
    /// The version requires the part and the document did not have it, so a value was filled in.
    Filled {
        /// The value that was filled in.
        with: String,
    },
    /// The version uses another name or value for the same thing.
    Renamed {
        /// The old name or value.
        from: String,
        /// The new name or value.
        to: String,
    },
    /// The version has no `@xmlEncoded`, so the content is decoded.
    Decoded,
    /// One `Creative` was split into several, because the version allows only one of `Linear`, `NonLinearAds` and
    /// `CompanionAds` in each.
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
            ChangeKind::Decoded => formatter.write_str("decoded, because the version has no @xmlEncoded"),
            ChangeKind::Split => formatter.write_str("split, one creative for each kind of ad"),
        }
    }
}
