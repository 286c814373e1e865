//! `Extensions` and `CreativeExtensions` (VAST 4.3, sections 3.18 and 3.7.2).

use super::element::{attributes, content};
use super::extra::Rest;
use crate::model::Extension;
use crate::xml::{Emit, Key, Name};

/// Writes `group` with these extensions, of which `own` is the name.
pub(crate) fn extensions(out: &mut Emit, rest: &mut Rest<'_>, group: Name, own: Name, list: &[Extension]) {
    if list.is_empty() {
        return;
    }
    let inner = rest.group(out, group);
    for one in list {
        extension(out, one, own);
    }
    inner.close(out);
    out.end();
}

/// The element has its type among its attributes, unless it was put together by hand.
fn extension(out: &mut Emit, extension: &Extension, own: Name) {
    let tree = &extension.element;
    if tree.name.is_empty() {
        out.start(own);
    } else {
        out.start_named(&tree.name);
    }
    attributes(out, tree);
    if tree.attribute(Key::Type.as_str()).is_none() {
        out.attribute(Key::Type, extension.extension_type.as_ref());
    }
    content(out, tree);
}
