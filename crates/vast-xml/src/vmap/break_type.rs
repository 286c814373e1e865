//! `AdBreak@breakType` (VMAP 1.0.1, section 2.4).

use crate::Text;

/// What the ads of a break may be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BreakType {
    /// `linear`: the content pauses for them.
    Linear,
    /// `nonlinear`: they lie over the content.
    NonLinear,
    /// `display`: they stand beside the player.
    Display,
    /// Any other, as written: VMAP error 1003 when a break has no other.
    Other(Text),
}

impl BreakType {
    /// The value as the standard spells it.
    pub fn as_str(&self) -> &str {
        match self {
            BreakType::Linear => "linear",
            BreakType::NonLinear => "nonlinear",
            BreakType::Display => "display",
            BreakType::Other(other) => other,
        }
    }

    /// Reads a value in any case.
    pub fn from_name(name: &str) -> BreakType {
        let known = [BreakType::Linear, BreakType::NonLinear, BreakType::Display];
        let found = known.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(name));
        found.unwrap_or_else(|| BreakType::Other(Text::from(name)))
    }
}
