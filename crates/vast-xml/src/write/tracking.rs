//! `TrackingEvents` (VAST 4.3, section 3.14).

use super::extra::Rest;
use super::leaf::located;
use crate::model::Tracking;
use crate::xml::{Emit, Key, Name};

pub(super) fn tracking_events(out: &mut Emit, rest: &mut Rest<'_>, list: &[Tracking]) {
    if list.is_empty() {
        return;
    }
    let inner = rest.group(out, Name::TrackingEvents);
    for one in list {
        tracking(out, one);
    }
    inner.close(out);
    out.end();
}

/// The event keeps its spelling: what it means hangs on the element around it, which is the same.
fn tracking(out: &mut Emit, tracking: &Tracking) {
    out.start(Name::Tracking);
    out.attribute(Key::Event, Some(tracking.event.raw()).filter(|name| !name.is_empty()));
    out.attribute(Key::Offset, tracking.offset);
    located(out, &tracking.url, &tracking.extra);
}
