//! [`XmlSink`]: the output of the writer. [`Emit`](super::Emit) builds a text, [`TreeSink`] builds element trees.

use super::charset::with_forbidden_dropped;
use super::names::Name;
use crate::model::{Attribute, Element, Node, Offset};
use crate::text::Text;
use std::borrow::Cow;
use std::fmt;

/// The value of an attribute, or of an element whose content is one value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ScalarValue<'v> {
    Text(Cow<'v, str>),
    Integer(u64),
    Decimal(f64),
    Flag(bool),
    Offset(Offset),
}

impl fmt::Display for ScalarValue<'_> {
    /// The spelling of the standard. Times have as many decimals as they need, so that they are read as the same times.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScalarValue::Text(text) => formatter.write_str(text),
            ScalarValue::Integer(number) => number.fmt(formatter),
            ScalarValue::Decimal(number) => number.fmt(formatter),
            ScalarValue::Flag(flag) => flag.fmt(formatter),
            ScalarValue::Offset(offset) => {
                offset.fmt(formatter)?;
                match offset {
                    Offset::Time(time) if !time.subsec_nanos().is_multiple_of(1_000_000) => {
                        let point = if time.subsec_millis() == 0 { ".000" } else { "" };
                        let decimals = format!("{:06}", time.subsec_nanos() % 1_000_000);
                        write!(formatter, "{point}{}", decimals.trim_end_matches('0'))
                    }
                    _ => Ok(()),
                }
            }
        }
    }
}

/// The text of an element, without its children.
#[derive(Clone, Debug)]
pub(crate) enum Content<'c> {
    /// A URI, in CDATA.
    Uri(&'c str),
    /// A text of which every character is significant, in CDATA.
    Text(Cow<'c, str>),
    /// A number, time or word.
    Value(ScalarValue<'c>),
}

/// A document that is being written: each element is started, gets its attributes, then its content, and is ended.
pub(crate) trait XmlSink {
    /// Starts an element of the standard.
    fn start(&mut self, name: Name);
    /// Adds an attribute of the standard. Callers must add each attribute only once, and before they call
    /// `attribute_named`.
    fn attribute(&mut self, name: &'static str, value: &ScalarValue<'_>);
    /// Adds an attribute with any name.
    fn attribute_named(&mut self, name: &str, value: &str);
    /// Adds the text of the element.
    fn content(&mut self, content: &Content<'_>);
    /// Adds an element tree.
    fn element(&mut self, tree: &Element);
    /// Ends the element.
    fn end(&mut self);
}

/// Builds element trees.
#[derive(Default)]
pub(crate) struct TreeSink {
    open: Vec<Element>,
    done: Vec<Element>,
}

impl TreeSink {
    /// The trees that were written.
    pub(crate) fn finish(self) -> Vec<Element> {
        self.done
    }

    fn push_attribute(&mut self, name: Text, value: &str) {
        if let Some(element) = self.open.last_mut()
            && element.attributes.iter().all(|other| other.name != name)
        {
            element.attributes.push(Attribute { name, value: with_forbidden_dropped(value).into() });
        }
    }
}

impl XmlSink for TreeSink {
    fn start(&mut self, name: Name) {
        self.open.push(Element { name: name.as_str().into(), ..Element::default() });
    }

    fn attribute(&mut self, name: &'static str, value: &ScalarValue<'_>) {
        self.push_attribute(name.into(), &value.to_string());
    }

    fn attribute_named(&mut self, name: &str, value: &str) {
        self.push_attribute(name.into(), value);
    }

    fn content(&mut self, content: &Content<'_>) {
        let node = match content {
            Content::Uri(text) if !text.is_empty() => Node::CData(with_forbidden_dropped(text).into()),
            Content::Text(text) if !text.is_empty() => Node::CData(with_forbidden_dropped(text).into()),
            Content::Value(value) => Node::Text(value.to_string().into()),
            Content::Uri(_) | Content::Text(_) => return,
        };
        self.open.last_mut().into_iter().for_each(|element| element.children.push(node.clone()));
    }

    fn element(&mut self, tree: &Element) {
        match self.open.last_mut() {
            Some(outer) => outer.children.push(Node::Element(tree.clone())),
            None => self.done.push(tree.clone()),
        }
    }

    fn end(&mut self) {
        if let Some(element) = self.open.pop() {
            match self.open.last_mut() {
                Some(outer) => outer.children.push(Node::Element(element)),
                None => self.done.push(element),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn times_are_spelled_to_the_nanosecond_with_as_few_decimals_as_possible() {
        for (nanos, spelled) in [
            (1_000_000_000, "00:00:01"),
            (1_500_000_000, "00:00:01.500"),
            (1_500_000_001, "00:00:01.500000001"),
            (1_234_500_000, "00:00:01.2345"),
            (1_000_020_000, "00:00:01.00002"),
            (1_000_000_001, "00:00:01.000000001"),
        ] {
            assert_eq!(ScalarValue::Offset(Offset::Time(Duration::from_nanos(nanos))).to_string(), spelled);
        }
    }
}
