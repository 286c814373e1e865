//! `AdParameters` (VAST 4.3, sections 3.8.2, 3.12.1 and 3.13.1) and the encoding that it shares with `HTMLResource`.

use super::extra::attributes;
use crate::Text;
use crate::model::AdParameters;
use crate::xml::{Emit, Key, Name, escape};
use std::borrow::Cow;

pub(super) fn ad_parameters(out: &mut Emit, parameters: Option<&AdParameters>) {
    let Some(parameters) = parameters else { return };
    out.start(Name::AdParameters);
    out.attribute(Key::XmlEncoded, parameters.xml_encoded);
    out.attribute(Key::ApiFramework, parameters.api_framework.as_ref());
    attributes(out, &parameters.extra);
    out.text(&spelled(&parameters.raw, &parameters.value, parameters.xml_encoded));
    out.end();
}

/// The text as the document had it; one made by hand, which has no such spelling, is encoded if it has to be.
pub(super) fn spelled<'a>(raw: &'a Text, value: &'a Text, xml_encoded: Option<bool>) -> Cow<'a, str> {
    match (raw.is_empty(), xml_encoded) {
        (false, _) => Cow::Borrowed(raw.as_str()),
        (true, Some(true)) => Cow::Owned(escape(value)),
        (true, _) => Cow::Borrowed(value.as_str()),
    }
}
