//! One element with its attributes and its text.

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
    /// The byte range of name and value.
    pub(crate) range: Range<usize>,
}

impl<'t> From<SourceAttribute<'t>> for OutlineAttribute<'t> {
    fn from(attribute: SourceAttribute<'t>) -> Self {
        let SourceAttribute { name, value, range, .. } = attribute;
        Self { name, value, range }
    }
}

/// A piece of the text between the tags of an element.
#[derive(Debug)]
pub(super) enum TextPiece {
    /// Text that needs no decoding: text without entities, or CDATA.
    Plain(Range<usize>),
    /// The range of an entity with `&` and `;`, and its character; `None` if XML does not define the entity.
    Entity(Range<usize>, Option<char>),
}

impl TextPiece {
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
    /// The number of the parent element; `None` for the root.
    pub(crate) parent: Option<usize>,
    /// The number of the first element after this element and all of its descendants.
    pub(crate) next: usize,
    /// Whether the element is inside an extension. The content of extensions is defined by vendors and is not checked.
    pub(crate) in_extension: bool,
    pub(super) pieces: Vec<TextPiece>,
}

impl<'t> OutlineElement<'t> {
    /// Whether the element has this name. Upper and lower case are equal.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The attribute with this name. Upper and lower case are equal.
    pub(crate) fn attribute(&self, name: &str) -> Option<&OutlineAttribute<'t>> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    /// The text of the element. Blanks at the ends are removed, and entities are decoded.
    pub(crate) fn text(&self, source: &'t str) -> Cow<'t, str> {
        match &self.pieces[..] {
            [] => Cow::Borrowed(""),
            [TextPiece::Plain(only)] => Cow::Borrowed(source[only.clone()].trim()),
            pieces => {
                let mut decoded = String::new();
                pieces.iter().for_each(|piece| push_decoded(piece, source, &mut decoded));
                Cow::Owned(decoded.trim().to_owned())
            }
        }
    }

    /// The byte range of the element's text without blanks at the ends. If the element has no text, the range of its
    /// start tag.
    pub(crate) fn text_range(&self, source: &str) -> Range<usize> {
        let is_visible = |range: &&Range<usize>| !source[(*range).clone()].trim().is_empty();
        let mut visible = self.pieces.iter().map(TextPiece::range).filter(is_visible);
        let Some(first) = visible.next() else { return self.tag.clone() };
        let last = visible.next_back().unwrap_or(first);
        let start = first.end - source[first.clone()].trim_start().len();
        start..last.start + source[last.clone()].trim_end().len()
    }

    /// The byte ranges of the parts of the element's text that need no decoding.
    pub(crate) fn plain_parts(&self) -> impl Iterator<Item = Range<usize>> {
        self.pieces.iter().filter_map(|piece| match piece {
            TextPiece::Plain(range) => Some(range.clone()),
            TextPiece::Entity(..) => None,
        })
    }
}

fn push_decoded(piece: &TextPiece, source: &str, decoded: &mut String) {
    match piece {
        TextPiece::Entity(_, Some(character)) => decoded.push(*character),
        // An entity that XML does not define stays unchanged.
        TextPiece::Plain(range) | TextPiece::Entity(range, None) => decoded.push_str(&source[range.clone()]),
    }
}
