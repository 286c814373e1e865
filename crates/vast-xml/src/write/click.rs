//! URLs with an owner.

use super::leaf::located;
use crate::model::Click;
use crate::xml::{Emit, Key, Name};

/// One element for each.
pub(super) fn clicks<'a>(out: &mut Emit, name: Name, clicks: impl IntoIterator<Item = &'a Click>) {
    for click in clicks {
        out.start(name);
        out.attribute(Key::Id, click.id.as_ref());
        located(out, &click.url, &click.extra);
    }
}
