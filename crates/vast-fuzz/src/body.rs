//! The properties by name.

use crate::{macros, parse, round_trip, target, vmap};

/// A property that is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Body {
    /// Reading documents: [`parse`].
    Parse,
    /// Writing what was read: [`round_trip`].
    RoundTrip,
    /// Reading and writing playlists: [`vmap`].
    Vmap,
    /// Filling macros into URLs: [`macros`].
    Macros,
    /// Reading URLs that are to be requested: [`target`].
    Target,
}

impl Body {
    /// All properties.
    pub const ALL: &'static [Self] = &[Self::Parse, Self::RoundTrip, Self::Vmap, Self::Macros, Self::Target];

    /// The name. The libFuzzer target has the same name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::RoundTrip => "round_trip",
            Self::Vmap => "vmap",
            Self::Macros => "macros",
            Self::Target => "target",
        }
    }

    /// Tests the property on one input.
    ///
    /// # Panics
    /// If the property does not hold.
    pub fn run(self, data: &[u8]) {
        match self {
            Self::Parse => parse(data),
            Self::RoundTrip => round_trip(data),
            Self::Vmap => vmap(data),
            Self::Macros => macros(data),
            Self::Target => target(data),
        }
    }

    /// Whether the inputs are documents and not single URLs.
    pub fn reads_documents(self) -> bool {
        matches!(self, Self::Parse | Self::RoundTrip | Self::Vmap)
    }
}
