//! `AdVerifications` (VAST 4.3, sections 3.16 and 3.17).

use super::extra::{Rest, attributes};
use super::leaf::{located, text};
use super::tracking::tracking_events;
use crate::model::{Executable, Verification, VerificationResource};
use crate::xml::{Emit, Key, Name};

pub(super) fn verifications(out: &mut Emit, rest: &mut Rest<'_>, list: &[Verification]) {
    if list.is_empty() {
        return;
    }
    let inner = rest.group(out, Name::AdVerifications);
    for one in list {
        verification(out, one);
    }
    inner.close(out);
    out.end();
}

fn verification(out: &mut Emit, verification: &Verification) {
    let mut rest = Rest::of(&verification.extra);
    out.start(Name::Verification);
    out.attribute(Key::Vendor, verification.vendor.as_ref());
    attributes(out, &verification.extra);
    // Grouped by kind as in the schema.
    verification.resources.iter().for_each(|resource| native(out, resource));
    verification.resources.iter().for_each(|resource| javascript(out, resource));
    tracking_events(out, &mut rest, &verification.tracking_events);
    text(out, &mut rest, Name::VerificationParameters, verification.parameters.as_ref());
    rest.close(out);
    out.end();
}

fn native(out: &mut Emit, resource: &VerificationResource) {
    if let Executable::Native { mime_type } = &resource.executable {
        out.start(Name::ExecutableResource);
        out.attribute(Key::ApiFramework, resource.api_framework.as_ref());
        out.attribute(Key::Type, mime_type.as_ref());
        located(out, &resource.url, &resource.extra);
    }
}

fn javascript(out: &mut Emit, resource: &VerificationResource) {
    if let Executable::JavaScript { browser_optional } = &resource.executable {
        out.start(Name::JavaScriptResource);
        out.attribute(Key::ApiFramework, resource.api_framework.as_ref());
        out.attribute(Key::BrowserOptional, *browser_optional);
        located(out, &resource.url, &resource.extra);
    }
}
