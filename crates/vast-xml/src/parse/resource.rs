//! Resources of companions, non-linear ads and icons (VAST 4.3, section 3.15), with the `resourceType` of 1.0.

use super::leaf::{decoded, markup, url, url_content};
use super::scalar::{boolean, scalar};
use super::unknown::{close, keep, keep_in_vain, unknown};
use crate::model::{Extra, HtmlResource, Resource, StaticResource};
use crate::xml::{Attribute, Cursor, Key, Name, Parsed, Spacing, silent};
use crate::{Text, WarningCode};

/// Reads the element in hand if it is a resource, else keeps it as unknown.
pub(super) fn resource(
    cursor: &mut Cursor<'_>,
    child: Name,
    into: &mut Vec<Resource>,
    extra: &mut Extra,
) -> Parsed<()> {
    match child {
        Name::StaticResource => into.extend(static_resource(cursor, extra)?.map(Resource::Static)),
        Name::IFrameResource => into.extend(url(cursor, extra)?.map(Resource::IFrame)),
        Name::HtmlResource | Name::Code => {
            cursor.stands_for(Name::HtmlResource);
            into.extend(html_resource(cursor, extra)?.map(Resource::Html));
        }
        _ => unknown(cursor, extra)?,
    }
    Ok(())
}

fn static_resource(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<StaticResource>> {
    let start = cursor.tag_start();
    let mut resource = StaticResource::default();
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::CreativeType => resource.creative_type = cursor.value(&attribute),
            _ => keep(cursor, &attribute, &mut resource.extra)?,
        }
    }
    resource.url = url_content(cursor, &mut resource.extra)?;
    if resource.url.is_empty() {
        cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
        keep_in_vain(cursor, start, outer)?;
        return Ok(None);
    }
    close(cursor, &mut resource.extra);
    Ok(Some(resource))
}

fn html_resource(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<HtmlResource>> {
    let start = cursor.tag_start();
    let mut resource = HtmlResource::default();
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::XmlEncoded => resource.xml_encoded = scalar(cursor, &attribute, &mut resource.extra, boolean)?,
            _ => keep(cursor, &attribute, &mut resource.extra)?,
        }
    }
    resource.raw = markup(cursor, Spacing::Content)?;
    if resource.raw.trim().is_empty() {
        keep_in_vain(cursor, start, outer)?;
        return Ok(None);
    }
    close(cursor, &mut resource.extra);
    resource.content = decoded(&resource.raw, resource.xml_encoded);
    Ok(Some(resource))
}

/// What VAST 1.0 says about a resource in attributes of the creative, the URL being a child.
#[derive(Default)]
pub(super) struct Described {
    pub(super) resource_type: Option<Text>,
    pub(super) creative_type: Option<Text>,
}

impl Described {
    /// Reads one of these attributes. The creative itself has no place for it.
    pub(super) fn attribute<'a>(&mut self, cursor: &mut Cursor<'a>, attribute: &Attribute<'a>) {
        let value = cursor.value(attribute);
        cursor.read_as_nothing(attribute);
        match attribute.key {
            Key::ResourceType => self.resource_type = value,
            _ => self.creative_type = value,
        }
    }

    /// Reads the `URL` child in hand by this description.
    pub(super) fn resource(&self, cursor: &mut Cursor<'_>, into: &mut Vec<Resource>, extra: &mut Extra) -> Parsed<()> {
        let kind = self.resource_type.as_deref().unwrap_or_default().to_ascii_lowercase();
        match kind.as_str() {
            "iframe" => {
                cursor.stands_for(Name::IFrameResource);
                into.extend(url(cursor, extra)?.map(Resource::IFrame));
            }
            "html" => {
                cursor.stands_for(Name::HtmlResource);
                into.extend(located(cursor, extra)?.map(|(url, extra)| {
                    Resource::Html(HtmlResource { content: url.clone(), raw: url, xml_encoded: None, extra })
                }));
            }
            _ => {
                cursor.stands_for(Name::StaticResource);
                let script = (kind == "script").then(|| Text::from("application/javascript"));
                let creative_type = script.or_else(|| self.creative_type.clone());
                into.extend(located(cursor, extra)?.map(|(url, mut extra)| {
                    if let Some(creative_type) = &creative_type {
                        extra.layout.add(silent(Key::CreativeType), Some(creative_type.clone()));
                    }
                    Resource::Static(StaticResource { url, creative_type, extra })
                }));
            }
        }
        Ok(())
    }
}

/// The URL of a resource that has nothing else, and what is unknown of it.
fn located(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<(Text, Extra)>> {
    let start = cursor.tag_start();
    let mut extra = Extra::default();
    while let Some(attribute) = cursor.attribute()? {
        keep(cursor, &attribute, &mut extra)?;
    }
    let url = url_content(cursor, &mut extra)?;
    if url.is_empty() {
        cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
        keep_in_vain(cursor, start, outer)?;
        return Ok(None);
    }
    close(cursor, &mut extra);
    Ok(Some((url, extra)))
}
