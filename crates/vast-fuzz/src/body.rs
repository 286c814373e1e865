//! The properties by name.

use crate::corpus::Corpus;
use crate::mutate::Style;
use crate::tokens::{ADDRESS, MARKUP, QUERY, SETTING};
use crate::{
    config, edit, macros, merge, outbox, parse, pipeline, query, recording, round_trip, session, target, token,
    two_paths, verdict, vmap,
};

/// A property that is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Body {
    /// Reading documents: [`parse`].
    Parse,
    /// Writing what was read: [`round_trip`].
    RoundTrip,
    /// The two ways of reading: [`two_paths`].
    TwoPaths,
    /// Reading and writing playlists: [`vmap`].
    Vmap,
    /// Editing the text of documents: [`edit`].
    Edit,
    /// Filling macros into URLs: [`macros`].
    Macros,
    /// Reading URLs that are to be requested: [`target`].
    Target,
    /// A request whose documents are hostile: [`pipeline`].
    Pipeline,
    /// Joining an ad with its wrappers: [`merge`].
    Merge,
    /// Judging ads: [`verdict`].
    Verdict,
    /// The events of playback: [`session`].
    Session,
    /// Reading configuration files: [`config`].
    Config,
    /// Reading and replaying recordings: [`recording`].
    Recording,
    /// Opening the file of an outbox: [`outbox`].
    Outbox,
    /// Opening sealed tokens of a gateway: [`token`].
    Token,
    /// Reading queries to a gateway: [`query`].
    Query,
}

impl Body {
    /// All properties.
    pub const ALL: &'static [Self] = &[
        Self::Parse,
        Self::RoundTrip,
        Self::TwoPaths,
        Self::Vmap,
        Self::Edit,
        Self::Macros,
        Self::Target,
        Self::Pipeline,
        Self::Merge,
        Self::Verdict,
        Self::Session,
        Self::Config,
        Self::Recording,
        Self::Outbox,
        Self::Token,
        Self::Query,
    ];

    /// The name. The libFuzzer target has the same name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::RoundTrip => "round_trip",
            Self::TwoPaths => "two_paths",
            Self::Vmap => "vmap",
            Self::Edit => "edit",
            Self::Macros => "macros",
            Self::Target => "target",
            Self::Pipeline => "pipeline",
            Self::Merge => "merge",
            Self::Verdict => "verdict",
            Self::Session => "session",
            Self::Config => "config",
            Self::Recording => "recording",
            Self::Outbox => "outbox",
            Self::Token => "token",
            Self::Query => "query",
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
            Self::TwoPaths => two_paths(data),
            Self::Vmap => vmap(data),
            Self::Edit => edit(data),
            Self::Macros => macros(data),
            Self::Target => target(data),
            Self::Pipeline => pipeline(data),
            Self::Merge => merge(data),
            Self::Verdict => verdict(data),
            Self::Session => session(data),
            Self::Config => config(data),
            Self::Recording => recording(data),
            Self::Outbox => outbox(data),
            Self::Token => token(data),
            Self::Query => query(data),
        }
    }

    /// The inputs that are mutated.
    pub fn inputs(self, corpus: &Corpus) -> Vec<Vec<u8>> {
        match self {
            Self::Macros | Self::Target => corpus.urls(),
            Self::Config => config::inputs(),
            Self::Recording => recording::inputs(),
            Self::Outbox => outbox::inputs(),
            Self::Token => token::inputs(),
            Self::Query => query::inputs(),
            _ => corpus.documents().to_vec(),
        }
    }

    /// The texts that mutations insert.
    pub(crate) fn tokens(self) -> &'static [&'static str] {
        match self {
            Self::Macros | Self::Target => ADDRESS,
            Self::Config => SETTING,
            Self::Token | Self::Query => QUERY,
            _ => MARKUP,
        }
    }

    /// How the inputs are mutated.
    pub(crate) fn style(self) -> Style {
        if self == Self::Outbox { Style::InPlace } else { Style::Text }
    }

    /// How many runs of [`parse`](Self::Parse) take about as long as one run.
    pub fn cost(self) -> usize {
        match self {
            Self::Pipeline | Self::Merge | Self::Edit => 10,
            Self::Verdict | Self::Session | Self::Config => 4,
            Self::Recording => 40,
            Self::Outbox => 100,
            _ => 1,
        }
    }
}
