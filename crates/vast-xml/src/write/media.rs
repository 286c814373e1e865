//! `MediaFiles` (VAST 4.3, section 3.9).

use super::extra::Rest;
use super::leaf::located;
use crate::model::{ClosedCaptionFile, Delivery, InteractiveCreativeFile, MediaFile, Mezzanine};
use crate::xml::{Emit, Key, Name};

/// The content of one `MediaFiles`.
pub(super) struct Files<'a> {
    pub(super) captions: &'a [ClosedCaptionFile],
    pub(super) media: &'a [MediaFile],
    pub(super) mezzanines: &'a [Mezzanine],
    pub(super) interactive: &'a [InteractiveCreativeFile],
}

impl Files<'_> {
    fn is_empty(&self) -> bool {
        self.captions.is_empty() && self.media.is_empty() && self.mezzanines.is_empty() && self.interactive.is_empty()
    }

    pub(super) fn write(&self, out: &mut Emit, rest: &mut Rest<'_>) {
        if self.is_empty() {
            return;
        }
        let mut inner = rest.group(out, Name::MediaFiles);
        caption_files(out, &mut inner, self.captions);
        self.media.iter().for_each(|file| media_file(out, file));
        self.mezzanines.iter().for_each(|file| mezzanine(out, file));
        self.interactive.iter().for_each(|file| interactive_creative_file(out, file));
        inner.close(out);
        out.end();
    }
}

fn caption_files(out: &mut Emit, rest: &mut Rest<'_>, files: &[ClosedCaptionFile]) {
    if files.is_empty() {
        return;
    }
    let inner = rest.group(out, Name::ClosedCaptionFiles);
    for file in files {
        out.start(Name::ClosedCaptionFile);
        out.attribute(Key::Type, file.mime_type.as_ref());
        out.attribute(Key::Language, file.language.as_ref());
        located(out, &file.url, &file.extra);
    }
    inner.close(out);
    out.end();
}

fn media_file(out: &mut Emit, file: &MediaFile) {
    out.start(Name::MediaFile);
    out.attribute(Key::Id, file.id.as_ref());
    out.attribute(Key::Delivery, file.delivery.as_ref().map(Delivery::as_str));
    out.attribute(Key::Type, file.mime_type.as_ref());
    out.attribute(Key::Width, file.width);
    out.attribute(Key::Height, file.height);
    out.attribute(Key::Codec, file.codec.as_ref());
    out.attribute(Key::Bitrate, file.bitrate);
    out.attribute(Key::MinBitrate, file.min_bitrate);
    out.attribute(Key::MaxBitrate, file.max_bitrate);
    out.attribute(Key::Scalable, file.scalable);
    out.attribute(Key::MaintainAspectRatio, file.maintain_aspect_ratio);
    out.attribute(Key::FileSize, file.file_size);
    out.attribute(Key::MediaType, file.media_type.as_ref());
    out.attribute(Key::ApiFramework, file.api_framework.as_ref());
    located(out, &file.url, &file.extra);
}

fn mezzanine(out: &mut Emit, file: &Mezzanine) {
    out.start(Name::Mezzanine);
    out.attribute(Key::Id, file.id.as_ref());
    out.attribute(Key::Delivery, file.delivery.as_ref().map(Delivery::as_str));
    out.attribute(Key::Type, file.mime_type.as_ref());
    out.attribute(Key::Width, file.width);
    out.attribute(Key::Height, file.height);
    out.attribute(Key::Codec, file.codec.as_ref());
    out.attribute(Key::FileSize, file.file_size);
    out.attribute(Key::MediaType, file.media_type.as_ref());
    located(out, &file.url, &file.extra);
}

fn interactive_creative_file(out: &mut Emit, file: &InteractiveCreativeFile) {
    out.start(Name::InteractiveCreativeFile);
    out.attribute(Key::Type, file.mime_type.as_ref());
    out.attribute(Key::ApiFramework, file.api_framework.as_ref());
    out.attribute(Key::VariableDuration, file.variable_duration);
    located(out, &file.url, &file.extra);
}
