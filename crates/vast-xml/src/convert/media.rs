//! `MediaFiles`.

use super::change::ChangeKind;
use super::unknown::unknown;
use super::walk::Walk;
use crate::model::{ClosedCaptionFile, Delivery, InteractiveCreativeFile, MediaFile, Mezzanine};
use crate::xml::Key;

pub(super) fn media_file(walk: &mut Walk, file: &mut MediaFile) {
    walk.attribute(Key::Codec, &mut file.codec);
    walk.attribute(Key::MinBitrate, &mut file.min_bitrate);
    walk.attribute(Key::MaxBitrate, &mut file.max_bitrate);
    bitrates(walk, file);
    walk.attribute(Key::FileSize, &mut file.file_size);
    walk.attribute(Key::MediaType, &mut file.media_type);
    walk.attribute(Key::ApiFramework, &mut file.api_framework);
    unknown(walk, &mut file.extra);
}

/// One bitrate or a range (VAST 4.3, section 3.9.1): the range for what is streamed, if it is whole.
fn bitrates(walk: &mut Walk, file: &mut MediaFile) {
    let has_range = file.min_bitrate.is_some() && file.max_bitrate.is_some();
    if file.bitrate.is_some() && has_range && file.delivery == Some(Delivery::Streaming) {
        forget(walk, Key::Bitrate, &mut file.bitrate);
    } else if file.bitrate.is_some() {
        forget(walk, Key::MinBitrate, &mut file.min_bitrate);
        forget(walk, Key::MaxBitrate, &mut file.max_bitrate);
    } else if !has_range {
        complete(walk, Key::MinBitrate, &mut file.min_bitrate, file.max_bitrate);
        complete(walk, Key::MaxBitrate, &mut file.max_bitrate, file.min_bitrate);
    }
}

fn forget(walk: &mut Walk, key: Key, bitrate: &mut Option<u32>) {
    if bitrate.take().is_some() {
        walk.note_attribute(key.as_str(), ChangeKind::Dropped);
    }
}

fn complete(walk: &mut Walk, key: Key, bitrate: &mut Option<u32>, other: Option<u32>) {
    if let (None, Some(other)) = (*bitrate, other) {
        *bitrate = Some(other);
        walk.note_attribute(key.as_str(), ChangeKind::Filled { with: other.to_string() });
    }
}

pub(super) fn mezzanine(walk: &mut Walk, file: &mut Mezzanine) {
    walk.attribute(Key::Id, &mut file.id);
    walk.attribute(Key::Delivery, &mut file.delivery);
    walk.attribute(Key::Type, &mut file.mime_type);
    walk.attribute(Key::Width, &mut file.width);
    walk.attribute(Key::Height, &mut file.height);
    walk.attribute(Key::Codec, &mut file.codec);
    walk.attribute(Key::FileSize, &mut file.file_size);
    walk.attribute(Key::MediaType, &mut file.media_type);
    unknown(walk, &mut file.extra);
}

pub(super) fn interactive_creative_file(walk: &mut Walk, file: &mut InteractiveCreativeFile) {
    walk.attribute(Key::VariableDuration, &mut file.variable_duration);
    unknown(walk, &mut file.extra);
}

pub(super) fn caption_file(walk: &mut Walk, file: &mut ClosedCaptionFile) {
    unknown(walk, &mut file.extra);
}
