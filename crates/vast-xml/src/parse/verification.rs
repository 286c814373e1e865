//! `AdVerifications` (VAST 4.3, sections 3.16 and 3.17).

use super::leaf::{markup, url_content};
use super::scalar::{boolean, scalar};
use super::tracking::{Unit, tracking_events};
use super::unknown::{Residue, close, container, duplicate, keep, keep_in_vain, unknown};
use crate::model::{Executable, Extra, Verification, VerificationResource};
use crate::xml::{Cursor, Key, Name, Parsed, Spacing};
use crate::{Text, WarningCode};

pub(super) fn verifications(cursor: &mut Cursor<'_>, into: &mut Vec<Verification>, extra: &mut Extra) -> Parsed<()> {
    container(cursor, extra, |cursor, child, rest| match child {
        Name::Verification => {
            into.push(verification(cursor)?);
            Ok(())
        }
        _ => unknown(cursor, rest),
    })
}

pub(super) fn verification(cursor: &mut Cursor<'_>) -> Parsed<Verification> {
    let mut verification = Verification::default();
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Vendor => verification.vendor = cursor.value(&attribute),
            _ => keep(cursor, &attribute, &mut verification.extra)?,
        }
    }
    while let Some(child) = cursor.child()? {
        let extra = &mut verification.extra;
        match child {
            Name::JavaScriptResource => verification.resources.extend(javascript(cursor, extra)?),
            Name::ExecutableResource => verification.resources.extend(native(cursor, extra)?),
            Name::VerificationParameters if verification.parameters.is_none() => {
                verification.parameters = Some(parameters(cursor, extra)?);
            }
            Name::VerificationParameters => duplicate(cursor, extra)?,
            Name::TrackingEvents => tracking_events(cursor, Unit::Other, &mut verification.tracking_events, extra)?,
            _ => unknown(cursor, extra)?,
        }
    }
    close(cursor, &mut verification.extra);
    Ok(verification)
}

fn parameters(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Text> {
    let mut residue = Residue::of(cursor);
    while let Some(attribute) = cursor.attribute()? {
        keep(cursor, &attribute, &mut residue.extra)?;
    }
    let parameters = markup(cursor, Spacing::Verbatim)?;
    residue.close(cursor, outer);
    Ok(parameters)
}

fn javascript(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<VerificationResource>> {
    let mut resource = VerificationResource::default();
    let mut browser_optional = None;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::ApiFramework => resource.api_framework = cursor.value(&attribute),
            Key::BrowserOptional => {
                browser_optional = scalar(cursor, &attribute, &mut resource.extra, boolean)?;
            }
            _ => keep(cursor, &attribute, &mut resource.extra)?,
        }
    }
    let executable = Executable::JavaScript { browser_optional };
    located(cursor, VerificationResource { executable, ..resource }, outer)
}

fn native(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<VerificationResource>> {
    let mut resource = VerificationResource::default();
    let mut mime_type = None;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::ApiFramework => resource.api_framework = cursor.value(&attribute),
            Key::Type => mime_type = cursor.value(&attribute),
            _ => keep(cursor, &attribute, &mut resource.extra)?,
        }
    }
    located(cursor, VerificationResource { executable: Executable::Native { mime_type }, ..resource }, outer)
}

/// Reads where the resource is; one that is nowhere is none.
fn located(
    cursor: &mut Cursor<'_>,
    mut resource: VerificationResource,
    outer: &mut Extra,
) -> Parsed<Option<VerificationResource>> {
    let start = cursor.tag_start();
    resource.url = url_content(cursor, &mut resource.extra)?;
    if resource.url.is_empty() {
        cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
        keep_in_vain(cursor, start, outer)?;
        return Ok(None);
    }
    close(cursor, &mut resource.extra);
    Ok(Some(resource))
}
