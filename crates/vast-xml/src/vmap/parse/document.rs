//! The entrance: bytes to a playlist, or to whatever they are.

use super::playlist::playlist;
use crate::parse::{Document, foreign, read_document, read_vast};
use crate::vmap::Vmap;
use crate::xml::{Name, Stop};
use crate::{ParseError, ParseErrorKind, ParseOptions, Warning};

/// A playlist that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VmapDocument {
    /// The playlist.
    pub vmap: Vmap,
    /// What was odd about it, in the order of the places; of VAST documents inside it too.
    pub warnings: Vec<Warning>,
}

/// A document of one of the two kinds that ad servers answer with.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyDocument {
    /// Ads.
    Vast(Document),
    /// A playlist of ad breaks.
    Vmap(VmapDocument),
}

impl AnyDocument {
    /// What was odd about it.
    pub fn warnings(&self) -> &[Warning] {
        match self {
            AnyDocument::Vast(document) => &document.warnings,
            AnyDocument::Vmap(document) => &document.warnings,
        }
    }
}

/// Reads a VMAP document (1.0, 1.0.1), whatever its prefix and namespace.
///
/// Reading is as lenient as that of VAST. VAST inside `VASTAdData` is read into the same model also when it stands there as
/// text, in CDATA or escaped. A document that breaks off keeps the breaks that were complete, and of the one that was not
/// the complete ads.
///
/// # Errors
///
/// A [`ParseError`] as for [`parse`](crate::parse()); [`ParseErrorKind::NotVast`] when the root is not `VMAP`.
pub fn parse(input: &[u8], options: &ParseOptions<'_>) -> Result<VmapDocument, ParseError> {
    let (vmap, warnings) = read_document(input, options, |cursor| match cursor.root()? {
        Some(Name::Vmap) => playlist(cursor),
        Some(_) => Err(foreign(cursor, "<VMAP>")),
        None => Err(Stop::new(ParseErrorKind::Empty, "no element in it", 0)),
    })?;
    Ok(VmapDocument { vmap, warnings })
}

/// Reads VAST or VMAP, whichever it is.
///
/// # Errors
///
/// A [`ParseError`] as for [`parse`](crate::parse()); [`ParseErrorKind::NotVast`] when it is neither.
pub fn parse_any(input: &[u8], options: &ParseOptions<'_>) -> Result<AnyDocument, ParseError> {
    let (document, warnings) = read_document(input, options, |cursor| match cursor.root()? {
        Some(Name::Vmap) => playlist(cursor).map(|vmap| AnyDocument::Vmap(VmapDocument { vmap, warnings: Vec::new() })),
        root => read_vast(cursor, root).map(|vast| AnyDocument::Vast(Document { vast, warnings: Vec::new() })),
    })?;
    Ok(match document {
        AnyDocument::Vast(document) => AnyDocument::Vast(Document { warnings, ..document }),
        AnyDocument::Vmap(document) => AnyDocument::Vmap(VmapDocument { warnings, ..document }),
    })
}
