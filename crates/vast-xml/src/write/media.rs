//! `MediaFiles` (VAST 4.3, section 3.9).

use super::part::{Content, Part};
use super::tag::Tag;
use crate::model::{ClosedCaptionFile, Delivery, Extra, InteractiveCreativeFile, MediaFile, Mezzanine};
use crate::xml::Key;

impl Part for MediaFile {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::Id, self.id.as_ref());
        tag.word(Key::Delivery, self.delivery.as_ref().map(Delivery::as_str));
        tag.text(Key::Type, self.mime_type.as_ref());
        tag.value(Key::Width, self.width);
        tag.value(Key::Height, self.height);
        tag.text(Key::Codec, self.codec.as_ref());
        tag.value(Key::Bitrate, self.bitrate);
        tag.value(Key::MinBitrate, self.min_bitrate);
        tag.value(Key::MaxBitrate, self.max_bitrate);
        tag.value(Key::Scalable, self.scalable);
        tag.value(Key::MaintainAspectRatio, self.maintain_aspect_ratio);
        tag.text(Key::ApiFramework, self.api_framework.as_ref());
        tag.value(Key::FileSize, self.file_size);
        tag.text(Key::MediaType, self.media_type.as_ref());
    }

    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Uri(&self.url))
    }
}

impl Part for Mezzanine {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::Id, self.id.as_ref());
        tag.word(Key::Delivery, self.delivery.as_ref().map(Delivery::as_str));
        tag.text(Key::Type, self.mime_type.as_ref());
        tag.value(Key::Width, self.width);
        tag.value(Key::Height, self.height);
        tag.text(Key::Codec, self.codec.as_ref());
        tag.value(Key::FileSize, self.file_size);
        tag.text(Key::MediaType, self.media_type.as_ref());
    }

    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Uri(&self.url))
    }
}

impl Part for InteractiveCreativeFile {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::Type, self.mime_type.as_ref());
        tag.text(Key::ApiFramework, self.api_framework.as_ref());
        tag.value(Key::VariableDuration, self.variable_duration);
    }

    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Uri(&self.url))
    }
}

impl Part for ClosedCaptionFile {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::Type, self.mime_type.as_ref());
        tag.text(Key::Language, self.language.as_ref());
    }

    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Uri(&self.url))
    }
}
