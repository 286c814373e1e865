//! `AdSource` (VMAP 1.0.1, section 2.3.2).

use crate::model::{Extra, Vast};
use crate::vmap::{AdData, AdSource, AdTag, CustomAdData, TemplateType};
use crate::write::{Content, Leaf, Part, Root, Tag, Writer};
use crate::xml::{Key, Name};
use std::borrow::Cow;

impl Part for AdSource {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::Id, self.id.as_ref());
        tag.value(Key::AllowMultipleAds, self.allow_multiple_ads);
        tag.value(Key::FollowRedirects, self.follow_redirects);
    }

    fn count(&self, name: Name) -> usize {
        usize::from(match self.data {
            Some(AdData::Vast(_)) => name == Name::Vast,
            Some(AdData::Tag(_)) => name == Name::AdTagUri,
            Some(AdData::Custom(_)) => name == Name::CustomAdData,
            None => false,
        })
    }

    fn item(&self, writer: &mut Writer, name: Name, _: usize, _: Leaf<'_, '_>) {
        match &self.data {
            Some(AdData::Vast(vast)) => inner(writer, vast),
            Some(AdData::Tag(tag)) => writer.part(name, tag),
            Some(AdData::Custom(data)) => writer.part(name, data),
            None => {}
        }
    }
}

/// VAST in a playlist, which has no prefix.
fn inner(writer: &mut Writer, vast: &Vast) {
    let outer = writer.out.set_prefix("");
    let form = writer.form;
    writer.part(Name::Vast, &Root { vast, form });
    writer.out.set_prefix(outer);
}

impl Part for AdTag {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.word(Key::TemplateType, self.template_type.as_ref().map(TemplateType::as_str));
    }

    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Uri(&self.uri))
    }
}

impl Part for CustomAdData {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.word(Key::TemplateType, self.template_type.as_ref().map(TemplateType::as_str));
    }

    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Text(Cow::Borrowed(&self.content)))
    }
}
