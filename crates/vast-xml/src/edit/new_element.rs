//! [`NewElement`]: an element to be inserted.

use super::error::EditError;
use crate::xml::{escape, is_allowed, is_name, is_well_formed, with_forbidden_dropped};

/// An element to be inserted into a document. Its name needs no prefix: it gets the prefix of its parent.
///
/// ```
/// use vast_xml::edit::NewElement;
///
/// let tracking = NewElement::new("Tracking").attribute("event", "start").text("https://own.example/s");
/// let events = NewElement::new("TrackingEvents").child(tracking);
/// # let _ = events;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewElement {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) content: String,
    pub(super) has_text: bool,
    pub(super) children: Vec<NewElement>,
}

impl NewElement {
    /// An element without attributes and content.
    pub fn new(name: impl Into<String>) -> NewElement {
        NewElement { name: name.into(), ..NewElement::default() }
    }

    /// Sets an attribute. A second value for the same name, in any case, replaces the first one, because an element of XML has one
    /// attribute of a name. Characters that XML forbids are dropped from the value.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> NewElement {
        self.set_attribute(&name.into(), Some(&with_forbidden_dropped(&value.into())));
        self
    }

    /// Sets the text of the element, which is written as CDATA. It replaces the earlier content. Characters that XML
    /// forbids are dropped.
    #[must_use]
    pub fn text(self, text: &str) -> NewElement {
        NewElement { content: cdata(text), has_text: true, children: Vec::new(), ..self }
    }

    /// Sets the content of the element as XML, which is written unchanged. It replaces the earlier content.
    ///
    /// # Errors
    ///
    /// [`EditError::InvalidMarkup`] if `content` is not well formed as the content of an element.
    pub fn markup(self, content: impl Into<String>) -> Result<NewElement, EditError> {
        let content = content.into();
        if !is_well_formed(&content) {
            return Err(EditError::InvalidMarkup);
        }
        Ok(NewElement { content, has_text: true, children: Vec::new(), ..self })
    }

    /// Adds a child element. A text that was set before is dropped.
    #[must_use]
    pub fn child(mut self, child: NewElement) -> NewElement {
        (self.content, self.has_text) = (String::new(), false);
        self.children.push(child);
        self
    }

    /// Checks the names of the element, its attributes and its children. The error is for a name that XML does not
    /// allow.
    pub(super) fn check(&self) -> Result<(), EditError> {
        let names = self.attributes.iter().map(|(name, _)| name);
        match names.chain([&self.name]).all(|name| is_name(name)) {
            true => self.children.iter().try_for_each(NewElement::check),
            false => Err(EditError::InvalidName),
        }
    }

    pub(super) fn set_attribute(&mut self, name: &str, value: Option<&str>) {
        let at = self.attributes.iter().position(|(other, _)| other.eq_ignore_ascii_case(name));
        match (at, value) {
            (Some(at), Some(value)) => value.clone_into(&mut self.attributes[at].1),
            (Some(at), None) => drop(self.attributes.remove(at)),
            (None, Some(value)) => self.attributes.push((name.to_owned(), value.to_owned())),
            (None, None) => {}
        }
    }

    /// The start tag without its last character. `name` is the name with a prefix.
    pub(super) fn tag(&self, name: &str) -> String {
        let mut tag = format!("<{name}");
        for (name, value) in &self.attributes {
            tag.push_str(&format!(" {name}=\"{}\"", attribute_value(value, '"')));
        }
        tag
    }
}

/// A text as CDATA.
pub(super) fn cdata(text: &str) -> String {
    match text {
        "" => String::new(),
        // In CDATA, a reader would turn the carriage return into a line feed.
        _ if text.contains('\r') => escape(text),
        _ => format!("<![CDATA[{}]]>", in_cdata(text)),
    }
}

/// A text in the form for the inside of a CDATA section.
pub(super) fn in_cdata(text: &str) -> String {
    let allowed: String = text.chars().filter(|character| is_allowed(*character)).collect();
    allowed.replace("]]>", "]]]]><![CDATA[>")
}

/// A value in the form for an attribute with these quotes.
pub(super) fn attribute_value(value: &str, quote: char) -> String {
    let escaped = escape(value).replace('\n', "&#10;").replace('\t', "&#9;");
    escaped.replace(quote, if quote == '"' { "&quot;" } else { "&apos;" })
}
