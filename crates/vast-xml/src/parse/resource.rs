//! Resources of companions, non-linear ads and icons (VAST 4.3, section 3.15), with the `resourceType` of 1.0.

use super::leaf::{decoded, located, markup, url};
use super::unknown::{keep_unusable, unknown};
use crate::attributes::{Attributed, keep, keep_silently, read_attributes};
use crate::model::{self, Extra, HtmlResource, Resource, StaticResource};
use crate::text::Text;
use crate::xml::{Cursor, Key, Name, Parsed, Spacing};

/// Reads an element if it is a resource, else keeps it as unknown.
pub(super) fn resource(
    cursor: &mut Cursor<'_>,
    child: Name,
    into: &mut Vec<Resource>,
    extra: &mut Extra,
) -> Parsed<()> {
    match child {
        Name::StaticResource => {
            let file = located(cursor, extra, StaticResource::default(), |file| &mut file.url)?;
            into.extend(file.map(Resource::Static));
        }
        Name::IFrameResource => i_frame(cursor, into, extra)?,
        Name::HtmlResource | Name::Code => into.extend(html_resource(cursor, extra)?.map(Resource::Html)),
        _ => unknown(cursor, extra)?,
    }
    Ok(())
}

fn i_frame(cursor: &mut Cursor<'_>, into: &mut Vec<Resource>, extra: &mut Extra) -> Parsed<()> {
    let index = into.iter().filter(|resource| matches!(resource, Resource::IFrame(_))).count();
    into.extend(url(cursor, extra, (Name::IFrameResource, index))?.map(Resource::IFrame));
    Ok(())
}

fn html_resource(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<HtmlResource>> {
    let start = cursor.tag_start();
    let mut resource = HtmlResource::default();
    read_attributes(cursor, &mut resource)?;
    resource.raw = markup(cursor, Spacing::Content)?;
    if resource.raw.trim().is_empty() {
        keep_unusable(cursor, start, outer)?;
        return Ok(None);
    }
    resource.content = decoded(&resource.raw, resource.xml_encoded);
    Ok(Some(resource))
}

/// The description of a resource in VAST 1.0: attributes of the companion or non-linear ad. The URL of the resource is
/// in a `URL` child.
#[derive(Default)]
pub(super) struct Described {
    resource_type: Option<model::Attribute>,
    creative_type: Option<model::Attribute>,
    /// Whether a resource was read whose kind is the same as `resource_type`.
    is_type_said: bool,
    is_creative_type_said: bool,
}

impl Described {
    /// Reads all attributes of a companion or non-linear ad.
    pub(super) fn read<P: Attributed>(cursor: &mut Cursor<'_>, part: &mut P) -> Parsed<Described> {
        let mut described = Described::default();
        while let Some(attribute) = cursor.attribute()? {
            let place = match attribute.key {
                Key::ResourceType => &mut described.resource_type,
                Key::CreativeType => &mut described.creative_type,
                _ => {
                    if !part.read_attribute(cursor, attribute)? {
                        keep(cursor, attribute, part.extra_mut())?;
                    }
                    continue;
                }
            };
            let mut one = Extra::default();
            keep_silently(cursor, attribute, &mut one);
            *place = one.attributes.pop();
        }
        Ok(described)
    }

    /// Reads a `URL` child as a resource of the described type.
    pub(super) fn resource(
        &mut self,
        cursor: &mut Cursor<'_>,
        into: &mut Vec<Resource>,
        extra: &mut Extra,
    ) -> Parsed<()> {
        let value = |attribute: &Option<model::Attribute>| {
            let value = attribute.as_ref().map(|attribute| attribute.value.trim().to_owned());
            value.filter(|value| !value.is_empty())
        };
        let kind = value(&self.resource_type).unwrap_or_default().to_ascii_lowercase();
        let before = into.len();
        match kind.as_str() {
            "iframe" => i_frame(cursor, into, extra)?,
            "html" => {
                let html = located(cursor, extra, HtmlResource::default(), |html| &mut html.raw)?;
                into.extend(html.map(|html| {
                    Resource::Html(HtmlResource { content: decoded(&html.raw, html.xml_encoded), ..html })
                }));
            }
            _ => {
                let script = (kind == "script").then(|| "application/javascript".to_owned());
                let creative_type = script.or_else(|| value(&self.creative_type)).map(Text::from);
                let file = located(cursor, extra, StaticResource::default(), |file| &mut file.url)?;
                into.extend(file.map(|mut file| {
                    file.creative_type = file.creative_type.or(creative_type);
                    Resource::Static(file)
                }));
                self.is_creative_type_said |= into.len() > before;
            }
        }
        self.is_type_said |= into.len() > before && matches!(kind.as_str(), "iframe" | "html" | "static" | "script");
        Ok(())
    }

    /// Keeps the attributes that were not used for a resource.
    pub(super) fn keep_unused(self, extra: &mut Extra) {
        let resource_type = self.resource_type.filter(|_| !self.is_type_said);
        let creative_type = self.creative_type.filter(|_| !self.is_creative_type_said);
        if resource_type.is_some() || creative_type.is_some() {
            extra.attributes.extend(resource_type.into_iter().chain(creative_type));
        }
    }
}
