//! Elements whose content is one value.

use super::extra::{Rest, attributes};
use crate::Text;
use crate::model::Extra;
use crate::xml::{Emit, Key, Name};

/// A text, if there is one.
pub(super) fn text(out: &mut Emit, rest: &mut Rest<'_>, name: Name, text: Option<&Text>) {
    if let Some(text) = text {
        labelled(out, rest, name, &[], |out| out.text(text));
    }
}

/// A number or time, if there is one.
pub(super) fn value(out: &mut Emit, rest: &mut Rest<'_>, name: Name, value: Option<impl ToString>) {
    if let Some(value) = value {
        labelled(out, rest, name, &[], |out| out.characters(&value.to_string()));
    }
}

/// One element for each URL.
pub(super) fn urls(out: &mut Emit, rest: &mut Rest<'_>, name: Name, urls: &[Text]) {
    for url in urls {
        labelled(out, rest, name, &[], |out| out.uri(url));
    }
}

/// A value with attributes, for which the model has no place for unknown parts.
pub(super) fn labelled(
    out: &mut Emit,
    rest: &mut Rest<'_>,
    name: Name,
    known: &[(Key, Option<&str>)],
    content: impl FnOnce(&mut Emit),
) {
    let inner = rest.start(out, name, known);
    out.keep_layout();
    content(out);
    inner.close(out);
    out.end();
}

/// The unknown attributes of the element in hand, its URL, its unknown elements and its end.
pub(crate) fn located(out: &mut Emit, url: &Text, extra: &Extra) {
    attributes(out, extra);
    out.keep_layout();
    out.uri(url);
    Rest::of(extra).close(out);
    out.end();
}
