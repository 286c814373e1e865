//! `TrackingEvents` of a break (VMAP 1.0.1, section 2.3.3).

use crate::Text;
use crate::model::Extra;

/// A URL to call when something happens to a break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakTracking {
    /// `@event`: what has to happen.
    pub event: BreakEvent,
    /// The URL, macros unexpanded; trackers of [`BreakEvent::Error`] may have `[ERROR_CODE]` and `[ERROR_MESSAGE]`.
    pub url: Text,
    /// Unknown parts.
    pub extra: Extra,
}

/// What happens to a break.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BreakEvent {
    /// `breakStart`: it begins, also when it has no ad.
    BreakStart,
    /// `breakEnd`: it is over, also when its ads failed.
    BreakEnd,
    /// `error`: it or one of its ads failed.
    Error,
    /// Any other, as written: the host may call it.
    Other(Text),
}

impl BreakEvent {
    /// The name as the standard spells it.
    pub fn as_str(&self) -> &str {
        match self {
            BreakEvent::BreakStart => "breakStart",
            BreakEvent::BreakEnd => "breakEnd",
            BreakEvent::Error => "error",
            BreakEvent::Other(other) => other,
        }
    }

    /// Reads a name in any case.
    pub fn from_name(name: &str) -> BreakEvent {
        let known = [BreakEvent::BreakStart, BreakEvent::BreakEnd, BreakEvent::Error];
        let found = known.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(name));
        found.unwrap_or_else(|| BreakEvent::Other(Text::from(name)))
    }
}
