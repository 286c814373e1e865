//! Clicks, resources and parameters: what several kinds of ads have.

use super::change::ChangeKind;
use super::unknown::unknown;
use super::walk::Walk;
use crate::Text;
use crate::edition::Resources;
use crate::model::{AdParameters, Click, HtmlResource, Resource, StaticResource};
use crate::xml::{Key, Name};

pub(super) fn click(walk: &mut Walk, click: &mut Click) {
    walk.attribute(Key::Id, &mut click.id);
    unknown(walk, &mut click.extra);
}

pub(super) fn clicks(walk: &mut Walk, name: Name, list: &mut Vec<Click>) {
    walk.children(name, list, click);
}

pub(super) fn ad_parameters(walk: &mut Walk, parameters: &mut AdParameters) {
    decode(walk, &mut parameters.xml_encoded, &mut parameters.raw, &parameters.value);
    walk.attribute(Key::ApiFramework, &mut parameters.api_framework);
    unknown(walk, &mut parameters.extra);
}

/// The resources of the element in hand: those that it may have, and of alternatives the simplest if it may have one.
pub(super) fn resources(walk: &mut Walk, list: &mut Vec<Resource>) {
    let keeps = (walk.edition.resources == Resources::One).then(|| simplest(list)).flatten();
    let mut index = 0;
    list.retain_mut(|resource| {
        index += 1;
        let name = name_of(resource);
        let stays = walk.knows(name) && keeps.is_none_or(|keeps| keeps == index - 1);
        if stays {
            walk.inside(name, None, |walk| self::resource(walk, resource));
        } else {
            walk.note_element(name.as_str(), ChangeKind::Dropped);
        }
        stays
    });
}

/// Every player can show an image.
fn simplest(list: &[Resource]) -> Option<usize> {
    let rank = |resource: &Resource| match resource {
        Resource::Static(_) => 0,
        Resource::IFrame(_) => 1,
        Resource::Html(_) => 2,
    };
    (0..list.len()).min_by_key(|index| rank(&list[*index]))
}

fn name_of(resource: &Resource) -> Name {
    match resource {
        Resource::Static(_) => Name::StaticResource,
        Resource::IFrame(_) => Name::IFrameResource,
        Resource::Html(_) => Name::HtmlResource,
    }
}

fn resource(walk: &mut Walk, resource: &mut Resource) {
    match resource {
        Resource::Static(file) => static_resource(walk, file),
        Resource::IFrame(_) => {}
        Resource::Html(html) => html_resource(walk, html),
    }
}

fn static_resource(walk: &mut Walk, file: &mut StaticResource) {
    walk.attribute(Key::CreativeType, &mut file.creative_type);
    unknown(walk, &mut file.extra);
}

fn html_resource(walk: &mut Walk, html: &mut HtmlResource) {
    decode(walk, &mut html.xml_encoded, &mut html.raw, &html.content);
    unknown(walk, &mut html.extra);
}

/// Where `@xmlEncoded` is not known, what it asks for is done.
fn decode(walk: &mut Walk, xml_encoded: &mut Option<bool>, raw: &mut Text, decoded: &Text) {
    if *xml_encoded == Some(true) && !walk.has(Key::XmlEncoded) {
        raw.clone_from(decoded);
        *xml_encoded = None;
        walk.note(ChangeKind::Decoded);
    }
    walk.attribute(Key::XmlEncoded, xml_encoded);
}
