//! One element and what stands in it.

use std::borrow::Cow;
use std::ops::Range;

use vast_xml::SourceAttribute;

/// One attribute.
#[derive(Debug)]
pub(crate) struct OutlineAttribute<'t> {
    /// The name as written, with its prefix.
    pub(crate) name: &'t str,
    /// The value, its entities decoded.
    pub(crate) value: Cow<'t, str>,
    /// Where name and value stand.
    pub(crate) range: Range<usize>,
}

impl<'t> From<SourceAttribute<'t>> for OutlineAttribute<'t> {
    fn from(attribute: SourceAttribute<'t>) -> Self {
        let SourceAttribute { name, value, range, .. } = attribute;
        Self { name, value, range }
    }
}

/// Characters between the tags of an element.
#[derive(Debug)]
pub(super) enum Piece {
    /// They mean what they are: text without entities, CDATA.
    Plain(Range<usize>),
    /// An entity with `&` and `;`, and the character that it stands for; none when XML does not define it.
    Entity(Range<usize>, Option<char>),
}

impl Piece {
    pub(super) fn range(&self) -> &Range<usize> {
        match self {
            Self::Plain(range) | Self::Entity(range, _) => range,
        }
    }
}

/// One element.
#[derive(Debug)]
pub(crate) struct OutlineElement<'t> {
    /// The name without its prefix, as written.
    pub(crate) name: &'t str,
    /// The start tag, `<` and `>` included.
    pub(crate) tag: Range<usize>,
    pub(crate) attributes: Vec<OutlineAttribute<'t>>,
    /// The number of the element that it is in.
    pub(crate) parent: Option<usize>,
    /// The number of the first element behind it and all that is in it.
    pub(crate) next: usize,
    /// Whether it stands in an extension, where vendors write what they like.
    pub(crate) in_extension: bool,
    pub(super) pieces: Vec<Piece>,
}

impl<'t> OutlineElement<'t> {
    /// Whether it has this name, in any case.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The attribute of this name, in any case.
    pub(crate) fn attribute(&self, name: &str) -> Option<&OutlineAttribute<'t>> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    /// Its text, blanks at the ends removed and entities decoded.
    pub(crate) fn text(&self, source: &'t str) -> Cow<'t, str> {
        match &self.pieces[..] {
            [] => Cow::Borrowed(""),
            [Piece::Plain(only)] => Cow::Borrowed(source[only.clone()].trim()),
            pieces => {
                let mut decoded = String::new();
                pieces.iter().for_each(|piece| push_decoded(piece, source, &mut decoded));
                Cow::Owned(decoded.trim().to_owned())
            }
        }
    }

    /// Where its text stands, blanks at the ends left out; its start tag when it has none.
    pub(crate) fn text_range(&self, source: &str) -> Range<usize> {
        let is_visible = |range: &&Range<usize>| !source[(*range).clone()].trim().is_empty();
        let mut visible = self.pieces.iter().map(Piece::range).filter(is_visible);
        let Some(first) = visible.next() else { return self.tag.clone() };
        let last = visible.next_back().unwrap_or(first);
        let start = first.end - source[first.clone()].trim_start().len();
        start..last.start + source[last.clone()].trim_end().len()
    }

    /// The parts of its text that stand in the document as they are meant, with their places.
    pub(crate) fn plain_parts(&self) -> impl Iterator<Item = Range<usize>> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Plain(range) => Some(range.clone()),
            Piece::Entity(..) => None,
        })
    }
}

fn push_decoded(piece: &Piece, source: &str, decoded: &mut String) {
    match piece {
        Piece::Entity(_, Some(character)) => decoded.push(*character),
        // What XML does not define stays as it stands.
        Piece::Plain(range) | Piece::Entity(range, None) => decoded.push_str(&source[range.clone()]),
    }
}
