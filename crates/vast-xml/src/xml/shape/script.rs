//! Following what was recorded.

use super::super::names::{Key, Name};
use super::super::schema::{is_group, is_list};
use super::{
    ATTRIBUTE_NAMED, BLANK, CLOSE, COMMENT, CONTENT, FIRST_ATTRIBUTE, MARKUP, NAMED, OPEN, OUTSIDE, OWN, RESIDUE,
    SILENT, SPELLED, STRAY, texts_of,
};
use crate::Text;
use std::fmt;

/// What is left of a script. The empty one says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Script<'a> {
    steps: &'a [u8],
    texts: &'a [Text],
}

/// One step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'a> {
    /// A child, and what there is to say of it.
    Child(Name, Script<'a>),
    /// An attribute.
    Attribute(Key),
    /// The name of the attribute that follows.
    AttributeNamed(&'a Text),
    /// How the value of the attribute that follows is written if it is this in canonical spelling; none stands for
    /// nothing on either side.
    Spelled(Option<&'a Text>, Option<&'a Text>),
    /// The name of the element.
    Named(&'a Text),
    /// How the element's text is written if it is this in canonical spelling.
    Content(&'a Text, &'a Text),
    /// The element's text is markup if it is this.
    Markup(&'a Text),
    /// Unknown parts of the element are in the next unknown element.
    Residue,
    /// The document has no element for the part, which is a creative of VAST 1.0.
    Outside,
    /// The element's own text is the next item of the list that it is.
    Own,
    Comment(&'a Text),
    Stray(&'a Text),
}

impl<'a> Script<'a> {
    pub(crate) fn new(steps: &'a [u8], texts: &'a [Text]) -> Script<'a> {
        Script { steps, texts }
    }

    /// Whether there is a step about a child, a comment or text between them.
    pub(crate) fn has_content(mut self) -> bool {
        self.any(|step| matches!(step, Step::Child(..) | Step::Comment(_) | Step::Stray(_)))
    }

    /// Whether there is a step about an attribute.
    pub(crate) fn has_attributes(mut self) -> bool {
        self.any(|step| matches!(step, Step::Attribute(_)))
    }

    /// Whether the document has no element for the part.
    pub(crate) fn is_outside(self) -> bool {
        self.steps.first() == Some(&OUTSIDE)
    }

    /// How many items of this name there are in the groups of the part.
    pub(crate) fn items(self, name: Name) -> usize {
        let each = self.children().map(|(child, body)| match child {
            _ if is_group(child) => body.items(name),
            _ if child == name => body.listed().filter(|_| is_list(name)).unwrap_or(1),
            _ => 0,
        });
        each.sum()
    }

    /// Whether unknown parts of the element are in an unknown element.
    pub(crate) fn has_residue(mut self) -> bool {
        self.any(|step| matches!(step, Step::Residue))
    }

    /// Whether one of the children is this.
    pub(crate) fn has_child(mut self, name: Name) -> bool {
        self.any(|step| matches!(step, Step::Child(child, _) if child == name))
    }

    /// The element's name, if it is spelled otherwise.
    pub(crate) fn name(mut self) -> Option<&'a Text> {
        self.find_map(|step| if let Step::Named(name) = step { Some(name) } else { None })
    }

    /// How the element's text is written that is this in canonical spelling.
    pub(crate) fn spelling(mut self, canonical: &str) -> Option<&'a Text> {
        self.find_map(|step| match step {
            Step::Content(known, written) if known == canonical => Some(written),
            _ => None,
        })
    }

    /// Whether the element's text is markup.
    pub(crate) fn is_markup(mut self, text: &str) -> bool {
        self.any(|step| matches!(step, Step::Markup(markup) if markup == text))
    }

    /// The children.
    pub(crate) fn children(self) -> impl Iterator<Item = (Name, Script<'a>)> {
        self.filter_map(|step| if let Step::Child(name, body) = step { Some((name, body)) } else { None })
    }

    /// How many URLs are in an element that is a list of them; nothing if it is none.
    pub(crate) fn listed(self) -> Option<usize> {
        let urls = self.filter(|step| matches!(step, Step::Child(Name::Url, _) | Step::Own)).count();
        Some(urls).filter(|_| self.has_child(Name::Url))
    }

    /// What is in the element just named, and what is behind it.
    fn body(&mut self) -> Script<'a> {
        if self.steps.first() != Some(&OPEN) {
            return Script::default();
        }
        let mut level = 0;
        let mut texts = 0;
        let end = self.steps.iter().position(|step| {
            texts += texts_of(*step);
            level += usize::from(*step == OPEN);
            level -= usize::from(*step == CLOSE);
            level == 0
        });
        let end = end.unwrap_or(self.steps.len() - 1);
        let (own_texts, other_texts) = self.texts.split_at(texts.min(self.texts.len()));
        let body = Script { steps: &self.steps[1..end], texts: own_texts };
        *self = Script { steps: &self.steps[end + 1..], texts: other_texts };
        body
    }

    fn text(&mut self) -> Option<&'a Text> {
        let (text, rest) = self.texts.split_first()?;
        self.texts = rest;
        Some(text)
    }
}

impl<'a> Iterator for Script<'a> {
    type Item = Step<'a>;

    fn next(&mut self) -> Option<Step<'a>> {
        let (step, rest) = self.steps.split_first()?;
        self.steps = rest;
        Some(match *step {
            name if name < FIRST_ATTRIBUTE => Step::Child(Name::at(usize::from(name)), self.body()),
            COMMENT => Step::Comment(self.text()?),
            STRAY => Step::Stray(self.text()?),
            NAMED => Step::Named(self.text()?),
            ATTRIBUTE_NAMED => Step::AttributeNamed(self.text()?),
            SPELLED => Step::Spelled(Some(self.text()?), Some(self.text()?)),
            BLANK => Step::Spelled(None, Some(self.text()?)),
            SILENT => Step::Spelled(Some(self.text()?), None),
            CONTENT => Step::Content(self.text()?, self.text()?),
            MARKUP => Step::Markup(self.text()?),
            RESIDUE => Step::Residue,
            OWN => Step::Own,
            OUTSIDE => Step::Outside,
            key => Step::Attribute(Key::at(usize::from(key - FIRST_ATTRIBUTE))),
        })
    }
}

impl fmt::Display for Script<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.enumerate() {
            let blank = if index > 0 { " " } else { "" };
            write!(formatter, "{blank}{step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Child(Name::Unknown, _) => formatter.write_str("?"),
            Step::Child(name, body) if body.steps.is_empty() => formatter.write_str(name.as_str()),
            Step::Child(name, body) => write!(formatter, "{}[{body}]", name.as_str()),
            Step::Attribute(Key::Unknown) => formatter.write_str("@?"),
            Step::Attribute(key) => write!(formatter, "@{}", key.as_str()),
            Step::AttributeNamed(name) | Step::Named(name) => write!(formatter, "={name}"),
            Step::Spelled(canonical, written) => write!(formatter, "{canonical:?}~{written:?}"),
            Step::Content(canonical, written) => write!(formatter, "{canonical:?}~{written:?}"),
            Step::Markup(_) => formatter.write_str("<>"),
            Step::Residue => formatter.write_str("+"),
            Step::Outside => formatter.write_str("-"),
            Step::Own => formatter.write_str("."),
            Step::Comment(comment) => write!(formatter, "!{comment:?}"),
            Step::Stray(text) => write!(formatter, "{text:?}"),
        }
    }
}
