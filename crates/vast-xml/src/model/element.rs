//! XML that is kept unchanged: extensions (VAST 4.3, sections 3.18 and 3.7.2) and unknown elements and attributes.

use crate::text::Text;

/// An element with its whole content, so that it can be written again: names with their prefixes, attributes in order,
/// namespace declarations (as attributes), text, CDATA and comments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Element {
    /// The name as written, with its prefix.
    pub name: Text,
    /// The attributes in document order, `xmlns` declarations included.
    pub attributes: Vec<Attribute>,
    /// The content between the tags, in document order.
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

/// One part of the content of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Node {
    /// A child element.
    Element(Element),
    /// Text with its entities decoded and its blanks kept.
    Text(Text),
    /// The unchanged content of a CDATA section.
    CData(Text),
    /// The unchanged content of a comment.
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

    /// The value of the attribute with this name. Upper and lower case are equal.
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

    /// The first child element with this local name. Upper and lower case are equal.
    pub fn element(&self, local_name: &str) -> Option<&Element> {
        self.elements().find(|element| element.local_name().eq_ignore_ascii_case(local_name))
    }

    /// The text of the element itself (text and CDATA, without that of its children). Blanks at its ends are removed.
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

/// One `Extension` or `CreativeExtension`: any XML, kept completely.
///
/// An element directly in `Extensions`, as in the examples of VAST 3.0, becomes an extension without a type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extension {
    /// `@type`: the kind of the extension. Use [`Extension::is`] to compare it, because its case varies.
    pub extension_type: Option<Text>,
    /// The `Extension` element itself with all its attributes, `type` included.
    pub element: Element,
}

impl Extension {
    /// Whether the extension has this `@type`. Upper and lower case are equal, and blanks at the ends are ignored.
    pub fn is(&self, extension_type: &str) -> bool {
        self.extension_type.as_ref().is_some_and(|own| own.trim().eq_ignore_ascii_case(extension_type))
    }

    /// Whether readers look for verifications in the extension: its type is `AdVerifications`, or it has no type and is or
    /// contains an `AdVerifications` element.
    pub(crate) fn has_verifications(&self) -> bool {
        let is_named = |name: &str| self.element.local_name().eq_ignore_ascii_case(name);
        let is_extension = is_named("Extension") || is_named("CreativeExtension");
        match &self.extension_type {
            Some(_) => self.is("AdVerifications"),
            None if is_extension => self.element.element("AdVerifications").is_some(),
            None => is_named("AdVerifications"),
        }
    }
}
