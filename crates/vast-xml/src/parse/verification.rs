//! `AdVerifications` (VAST 4.3, sections 3.16 and 3.17) and `ViewableImpression` (section 3.5).

use super::leaf::{located, markup};
use super::link::tracker_urls;
use super::list::added;
use super::tracking::tracking_events;
use super::unknown::{as_element, container, duplicate, keep_element, keep_of_child, unknown};
use crate::attributes::{keep, read_attributes};
use crate::edition::Unit;
use crate::model::{Attribute, Element, Executable, Extra, Verification, VerificationResource, ViewableImpression};
use crate::text::Text;
use crate::warning::WarningCode;
use crate::xml::{Cursor, Key, Name, Parsed, Spacing, clipped};

pub(super) fn verifications(cursor: &mut Cursor<'_>, into: &mut Vec<Verification>, extra: &mut Extra) -> Parsed<()> {
    container(cursor, extra, |cursor, child, rest| match child {
        Name::Verification => verification_into(cursor, added(into)),
        _ => unknown(cursor, rest),
    })
}

pub(super) fn verification(cursor: &mut Cursor<'_>) -> Parsed<Verification> {
    let mut verification = Verification::default();
    verification_into(cursor, &mut verification)?;
    Ok(verification)
}

fn verification_into(cursor: &mut Cursor<'_>, verification: &mut Verification) -> Parsed<()> {
    read_attributes(cursor, verification)?;
    while let Some(child) = cursor.child()? {
        let extra = &mut verification.extra;
        match child {
            Name::JavaScriptResource => {
                let executable = Executable::JavaScript { browser_optional: None };
                verification.resources.extend(resource(cursor, executable, extra)?);
            }
            Name::ExecutableResource => {
                let executable = Executable::Native { mime_type: None };
                verification.resources.extend(resource(cursor, executable, extra)?);
            }
            Name::VerificationParameters if verification.parameters.is_none() => {
                verification.parameters = Some(parameters(cursor, extra)?);
            }
            Name::VerificationParameters => duplicate(cursor, extra)?,
            Name::TrackingEvents => tracking_events(cursor, Unit::Other, &mut verification.tracking_events, extra)?,
            // Only VAST 4.0 has these. Flash does not run anywhere, and the standard does not say when to call the URL of
            // the `ViewableImpression`.
            Name::FlashResource | Name::ViewableImpression if cursor.version() == Some((4, 0)) => {
                keep_element(cursor, extra)?;
            }
            _ => unknown(cursor, extra)?,
        }
    }
    Ok(())
}

fn parameters(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Text> {
    let mut unknown = Extra::default();
    while let Some(attribute) = cursor.attribute()? {
        keep(cursor, attribute, &mut unknown)?;
    }
    let parameters = markup(cursor, Spacing::Verbatim)?;
    keep_of_child(outer, Name::VerificationParameters, 0, unknown);
    Ok(parameters)
}

fn resource(
    cursor: &mut Cursor<'_>,
    executable: Executable,
    outer: &mut Extra,
) -> Parsed<Option<VerificationResource>> {
    let resource = VerificationResource { executable, ..VerificationResource::default() };
    located(cursor, outer, resource, |resource| &mut resource.url)
}

/// Reads a `ViewableImpression`. The trackers of a second one are added to the first one, and what else it has is kept as an
/// unknown element.
pub(super) fn viewable_impression(
    cursor: &mut Cursor<'_>,
    place: &mut Option<ViewableImpression>,
    outer: &mut Extra,
) -> Parsed<()> {
    let name = cursor.tag_name();
    if place.is_some() {
        let message = format!("<{}> stands again: its trackers are added to the first one", clipped(name));
        cursor.warn(WarningCode::DuplicateElement, message)?;
    }
    let mut viewable = ViewableImpression::default();
    read_attributes(cursor, &mut viewable)?;
    while let Some(child) = cursor.child()? {
        let extra = &mut viewable.extra;
        match child {
            Name::Viewable => tracker_urls(cursor, &mut viewable.viewable, extra)?,
            Name::NotViewable => tracker_urls(cursor, &mut viewable.not_viewable, extra)?,
            Name::ViewUndetermined => tracker_urls(cursor, &mut viewable.view_undetermined, extra)?,
            _ => unknown(cursor, extra)?,
        }
    }
    match place {
        None => *place = Some(viewable),
        Some(first) => outer.elements.extend(added_to(first, viewable, name)),
    }
    Ok(())
}

/// Moves the trackers of the second `ViewableImpression` to the first one. Gives the rest of it, if there is any.
fn added_to(first: &mut ViewableImpression, second: ViewableImpression, name: &str) -> Option<Element> {
    let ViewableImpression { id, viewable, not_viewable, view_undetermined, mut extra, .. } = second;
    first.viewable.extend(viewable);
    first.not_viewable.extend(not_viewable);
    first.view_undetermined.extend(view_undetermined);
    let id = id.map(|value| Attribute { name: Key::Id.as_str().into(), value });
    extra.attributes.splice(0..0, id);
    (!extra.is_empty()).then(|| as_element(name, extra))
}
