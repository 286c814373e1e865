//! Resources of companions, non-linear ads and icons (VAST 4.3, section 3.15). They are alternatives, and the standard
//! gives no meaning to their order; the schema groups them by kind.

use super::parameters::spelled;
use super::part::{Content, Leaf, Part, Writer};
use super::tag::Tag;
use crate::model::{Extra, HtmlResource, Resource, StaticResource};
use crate::xml::{Key, Name};

/// How many resources there are of the kind with this name.
pub(super) fn count(resources: &[Resource], name: Name) -> usize {
    resources.iter().filter(|resource| kind(resource) == name).count()
}

/// Writes one resource of a kind.
pub(super) fn item(resources: &[Resource], writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
    match resources.iter().filter(|resource| kind(resource) == name).nth(index) {
        Some(Resource::Html(html)) => writer.part(name, html),
        Some(Resource::IFrame(url)) => writer.leaf(name, leaf, |_| {}, Content::Uri(url)),
        Some(Resource::Static(file)) => writer.part(name, file),
        None => {}
    }
}

fn kind(resource: &Resource) -> Name {
    match resource {
        Resource::Html(_) => Name::HtmlResource,
        Resource::IFrame(_) => Name::IFrameResource,
        Resource::Static(_) => Name::StaticResource,
    }
}

impl Part for HtmlResource {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.value(Key::XmlEncoded, self.xml_encoded);
    }

    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Text(spelled(&self.raw, &self.content, self.xml_encoded)))
    }
}

impl Part for StaticResource {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::CreativeType, self.creative_type.as_ref());
    }

    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Uri(&self.url))
    }
}
