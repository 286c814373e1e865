//! XML as it stands: extensions (VAST 4.3, sections 3.18 and 3.7.2) and everything that the standard does not know.

use crate::Text;

/// An element with everything in it, enough to write it back: names with their prefixes, attributes in order,
/// namespace declarations (which are attributes), text and CDATA apart, comments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Element {
    /// The name as written, with its prefix.
    pub name: Text,
    /// The attributes in document order, `xmlns` declarations included.
    pub attributes: Vec<Attribute>,
    /// What stands between the tags, in document order.
    pub children: Vec<Node>,
}

/// One attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attribute {
    /// The name as written, with its prefix.
    pub name: Text,
    /// The value with its entities decoded.
    pub value: Text,
}

/// One thing between an element's tags.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Node {
    /// A child element.
    Element(Element),
    /// Characters with their entities decoded, blanks kept.
    Text(Text),
    /// A CDATA section, exactly.
    CData(Text),
    /// A comment, exactly.
    Comment(Text),
}

impl Attribute {
    /// An attribute with this name and value.
    pub fn new(name: impl Into<Text>, value: impl Into<Text>) -> Attribute {
        Attribute { name: name.into(), value: value.into() }
    }
}

impl Element {
    /// An element with this name, without attributes and children.
    pub fn new(name: impl Into<Text>) -> Element {
        Element { name: name.into(), ..Element::default() }
    }

    /// The name without its prefix.
    pub fn local_name(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or_default()
    }

    /// The value of the attribute with this name, in any case.
    pub fn attribute(&self, name: &str) -> Option<&Text> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name)).map(|found| &found.value)
    }

    /// The child elements.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    /// The first child element with this local name, in any case.
    pub fn element(&self, local_name: &str) -> Option<&Element> {
        self.elements().find(|element| element.local_name().eq_ignore_ascii_case(local_name))
    }

    /// The element's own characters (text and CDATA, not those of its children), blanks at the ends removed.
    pub fn text(&self) -> Text {
        let mut pieces = self.children.iter().filter_map(|node| match node {
            Node::Text(text) | Node::CData(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        });
        match (pieces.next(), pieces.next()) {
            (None, _) => Text::default(),
            (Some(only), None) if only.trim().len() == only.len() => only.clone(),
            (Some(only), None) => Text::from(only.trim()),
            (Some(_), Some(_)) => Text::from(self.joined().trim()),
        }
    }

    fn joined(&self) -> String {
        let pieces = self.children.iter().filter_map(|node| match node {
            Node::Text(text) | Node::CData(text) => Some(text.as_str()),
            _ => None,
        });
        pieces.collect()
    }
}

/// One `Extension` or `CreativeExtension`: free XML, kept whole.
///
/// XML that stands directly in `Extensions`, as VAST 3.0 shows it, is an extension without a type whose element is that
/// XML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extension {
    /// `@type`: what the extension is. Compare it without regard to case.
    pub extension_type: Option<Text>,
    /// The `Extension` element itself with all its attributes, `type` included.
    pub element: Element,
}

impl Extension {
    /// Whether `@type` is this one, in any case and without blanks at its ends.
    pub fn is(&self, extension_type: &str) -> bool {
        self.extension_type.as_ref().is_some_and(|own| own.trim().eq_ignore_ascii_case(extension_type))
    }
}
