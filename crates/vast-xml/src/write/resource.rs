//! Resources of companions, non-linear ads and icons (VAST 4.3, section 3.15).

use super::extra::{Rest, attributes};
use super::leaf::{labelled, located};
use super::parameters::spelled;
use crate::model::{HtmlResource, Resource, StaticResource};
use crate::xml::{Emit, Key, Name};

/// Writes the resources in the order of the schema, which groups them by kind: they are alternatives, and the standard
/// gives no meaning to their order.
pub(super) fn resources(out: &mut Emit, rest: &mut Rest<'_>, list: &[Resource]) {
    for resource in list {
        if let Resource::Html(html) = resource {
            html_resource(out, html);
        }
    }
    for resource in list {
        if let Resource::IFrame(url) = resource {
            labelled(out, rest, Name::IFrameResource, &[], |out| out.uri(url));
        }
    }
    for resource in list {
        if let Resource::Static(file) = resource {
            static_resource(out, file);
        }
    }
}

fn html_resource(out: &mut Emit, html: &HtmlResource) {
    out.start(Name::HtmlResource);
    out.attribute(Key::XmlEncoded, html.xml_encoded);
    attributes(out, &html.extra);
    out.text(&spelled(&html.raw, &html.content, html.xml_encoded));
    out.end();
}

fn static_resource(out: &mut Emit, file: &StaticResource) {
    out.start(Name::StaticResource);
    out.attribute(Key::CreativeType, file.creative_type.as_ref());
    located(out, &file.url, &file.extra);
}
