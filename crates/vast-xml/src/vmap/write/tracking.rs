//! `TrackingEvents` of a break (VMAP 1.0.1, section 2.3.3).

use crate::vmap::BreakTracking;
use crate::write::{Rest, located};
use crate::xml::{Emit, Key, Name};

pub(super) fn tracking_events(out: &mut Emit, rest: &mut Rest<'_>, list: &[BreakTracking]) {
    if list.is_empty() {
        return;
    }
    let inner = rest.group(out, Name::TrackingEvents);
    for one in list {
        out.start(Name::Tracking);
        out.attribute(Key::Event, Some(one.event.as_str()).filter(|name| !name.is_empty()));
        located(out, &one.url, &one.extra);
    }
    inner.close(out);
    out.end();
}
