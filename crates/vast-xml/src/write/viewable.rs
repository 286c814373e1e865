//! `ViewableImpression` (VAST 4.3, section 3.5).

use super::extra::{Rest, attributes};
use super::leaf::urls;
use crate::model::ViewableImpression;
use crate::xml::{Emit, Key, Name};

pub(super) fn viewable_impression(out: &mut Emit, viewable: Option<&ViewableImpression>) {
    let Some(viewable) = viewable else { return };
    let mut rest = Rest::of(&viewable.extra);
    out.start(Name::ViewableImpression);
    out.attribute(Key::Id, viewable.id.as_ref());
    attributes(out, &viewable.extra);
    urls(out, &mut rest, Name::Viewable, &viewable.viewable);
    urls(out, &mut rest, Name::NotViewable, &viewable.not_viewable);
    urls(out, &mut rest, Name::ViewUndetermined, &viewable.view_undetermined);
    rest.close(out);
    out.end();
}
