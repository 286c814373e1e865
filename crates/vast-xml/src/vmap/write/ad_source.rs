//! `AdSource` (VMAP 1.0.1, section 2.3.2).

use crate::vmap::{AdData, AdSource, AdTag, CustomAdData, TemplateType};
use crate::write::{Rest, attributes, located, root};
use crate::xml::{Emit, Key, Name};

pub(super) fn ad_source(out: &mut Emit, source: &AdSource) {
    let mut rest = Rest::of(&source.extra);
    out.start(Name::AdSource);
    out.attribute(Key::Id, source.id.as_ref());
    out.attribute(Key::AllowMultipleAds, source.allow_multiple_ads);
    out.attribute(Key::FollowRedirects, source.follow_redirects);
    attributes(out, &source.extra);
    match &source.data {
        Some(AdData::Vast(vast)) => {
            let inner = rest.group(out, Name::VastAdData);
            out.set_prefix("");
            root(out, vast);
            out.set_prefix("vmap");
            inner.close(out);
            out.end();
        }
        Some(AdData::Tag(tag)) => ad_tag(out, tag),
        Some(AdData::Custom(data)) => custom(out, data),
        None => {}
    }
    rest.close(out);
    out.end();
}

fn ad_tag(out: &mut Emit, tag: &AdTag) {
    out.start(Name::AdTagUri);
    out.attribute(Key::TemplateType, tag.template_type.as_ref().map(TemplateType::as_str));
    located(out, &tag.uri, &tag.extra);
}

fn custom(out: &mut Emit, data: &CustomAdData) {
    out.start(Name::CustomAdData);
    out.attribute(Key::TemplateType, data.template_type.as_ref().map(TemplateType::as_str));
    attributes(out, &data.extra);
    out.keep_layout();
    out.text(&data.content);
    Rest::of(&data.extra).close(out);
    out.end();
}
