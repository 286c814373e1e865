//! `AdParameters` (VAST 4.3, sections 3.8.2, 3.12.1 and 3.13.1), the encoding that it shares with `HTMLResource`, and
//! `Duration`.

use super::form::Form;
use super::part::{Content, Leaf, Part, Writer};
use super::tag::Tag;
use crate::Text;
use crate::model::{AdParameters, Extra, Offset};
use crate::spelling::Spelled;
use crate::xml::{Key, Name, escape};
use std::borrow::Cow;
use std::time::Duration;

impl Part for AdParameters {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.value(Key::XmlEncoded, self.xml_encoded);
        tag.text(Key::ApiFramework, self.api_framework.as_ref());
    }

    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Text(spelled(&self.raw, &self.value, self.xml_encoded)))
    }
}

/// The text as the document had it; one made by hand, which has no such spelling, is encoded if it has to be.
pub(super) fn spelled<'a>(raw: &'a Text, value: &'a Text, xml_encoded: Option<bool>) -> Cow<'a, str> {
    match (raw.is_empty(), xml_encoded) {
        (false, _) => Cow::Borrowed(raw.as_str()),
        (true, Some(true)) => Cow::Owned(escape(value)),
        (true, _) => Cow::Borrowed(value.as_str()),
    }
}

/// A `Duration`, if there is one.
pub(super) fn duration(writer: &mut Writer, leaf: Leaf<'_, '_>, duration: Option<Duration>) {
    if let Some(duration) = duration {
        let text = match writer.form {
            Form::AsRead => duration.spelled(),
            Form::Canonical => Offset::Time(duration).to_string(),
        };
        writer.leaf(Name::Duration, leaf, |_| {}, Content::Value(text.into()));
    }
}
