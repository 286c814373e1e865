//! `MediaFiles` (VAST 4.3, section 3.9).

use super::leaf::url_content;
use super::scalar::{boolean, integer, long, scalar};
use super::unknown::{container, keep, unknown};
use crate::WarningCode;
use crate::model::{ClosedCaptionFile, Delivery, Extra, InteractiveCreativeFile, Linear, MediaFile, Mezzanine};
use crate::xml::{Attribute, Cursor, Key, Name, Parsed};

pub(super) fn media_files(cursor: &mut Cursor<'_>, linear: &mut Linear) -> Parsed<()> {
    container(cursor, &mut linear.extra, |cursor, child, rest| {
        match child {
            Name::MediaFile => linear.media_files.extend(media_file(cursor)?),
            Name::Mezzanine => linear.mezzanines.extend(mezzanine(cursor)?),
            Name::InteractiveCreativeFile => {
                linear.interactive_creative_files.extend(interactive_creative_file(cursor)?);
            }
            Name::ClosedCaptionFiles => caption_files(cursor, &mut linear.closed_caption_files, rest)?,
            Name::ClosedCaptionFile => linear.closed_caption_files.extend(caption_file(cursor)?),
            _ => unknown(cursor, rest)?,
        }
        Ok(())
    })
}

pub(super) fn media_file(cursor: &mut Cursor<'_>) -> Parsed<Option<MediaFile>> {
    let start = cursor.tag_start();
    let mut file = MediaFile::default();
    let extra = &mut file.extra;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Id => file.id = cursor.value(&attribute),
            Key::Delivery => file.delivery = delivery(cursor, &attribute),
            Key::Type => file.mime_type = cursor.value(&attribute),
            Key::Width => file.width = scalar(cursor, &attribute, extra, integer)?,
            Key::Height => file.height = scalar(cursor, &attribute, extra, integer)?,
            Key::Codec => file.codec = cursor.value(&attribute),
            Key::Bitrate => file.bitrate = positive(scalar(cursor, &attribute, extra, integer)?),
            Key::MinBitrate => file.min_bitrate = positive(scalar(cursor, &attribute, extra, integer)?),
            Key::MaxBitrate => file.max_bitrate = positive(scalar(cursor, &attribute, extra, integer)?),
            Key::Scalable => file.scalable = scalar(cursor, &attribute, extra, boolean)?,
            Key::MaintainAspectRatio => file.maintain_aspect_ratio = scalar(cursor, &attribute, extra, boolean)?,
            Key::ApiFramework => file.api_framework = cursor.value(&attribute),
            Key::FileSize => file.file_size = scalar(cursor, &attribute, extra, long)?,
            Key::MediaType => file.media_type = cursor.value(&attribute),
            _ => keep(cursor, &attribute, extra)?,
        }
    }
    file.url = url_content(cursor, extra)?;
    located(cursor, file.url.is_empty(), start, file)
}

pub(super) fn mezzanine(cursor: &mut Cursor<'_>) -> Parsed<Option<Mezzanine>> {
    let start = cursor.tag_start();
    let mut file = Mezzanine::default();
    let extra = &mut file.extra;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Id => file.id = cursor.value(&attribute),
            Key::Delivery => file.delivery = delivery(cursor, &attribute),
            Key::Type => file.mime_type = cursor.value(&attribute),
            Key::Width => file.width = scalar(cursor, &attribute, extra, integer)?,
            Key::Height => file.height = scalar(cursor, &attribute, extra, integer)?,
            Key::Codec => file.codec = cursor.value(&attribute),
            Key::FileSize => file.file_size = scalar(cursor, &attribute, extra, long)?,
            Key::MediaType => file.media_type = cursor.value(&attribute),
            _ => keep(cursor, &attribute, extra)?,
        }
    }
    file.url = url_content(cursor, extra)?;
    located(cursor, file.url.is_empty(), start, file)
}

/// Reads an `InteractiveCreativeFile`. The addendum allows one that has its code in it and no URL.
pub(super) fn interactive_creative_file(cursor: &mut Cursor<'_>) -> Parsed<Option<InteractiveCreativeFile>> {
    let start = cursor.tag_start();
    let mut file = InteractiveCreativeFile::default();
    let extra = &mut file.extra;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Type => file.mime_type = cursor.value(&attribute),
            Key::ApiFramework | Key::ApiFramwork => file.api_framework = cursor.value(&attribute),
            Key::VariableDuration => file.variable_duration = scalar(cursor, &attribute, extra, boolean)?,
            _ => keep(cursor, &attribute, extra)?,
        }
    }
    file.url = url_content(cursor, extra)?;
    located(cursor, file.url.is_empty() && file.extra.elements.is_empty(), start, file)
}

fn caption_files(cursor: &mut Cursor<'_>, into: &mut Vec<ClosedCaptionFile>, outer: &mut Extra) -> Parsed<()> {
    container(cursor, outer, |cursor, child, rest| match child {
        Name::ClosedCaptionFile => {
            into.extend(caption_file(cursor)?);
            Ok(())
        }
        _ => unknown(cursor, rest),
    })
}

fn caption_file(cursor: &mut Cursor<'_>) -> Parsed<Option<ClosedCaptionFile>> {
    let start = cursor.tag_start();
    let mut file = ClosedCaptionFile::default();
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Type => file.mime_type = cursor.value(&attribute),
            Key::Language => file.language = cursor.value(&attribute),
            _ => keep(cursor, &attribute, &mut file.extra)?,
        }
    }
    file.url = url_content(cursor, &mut file.extra)?;
    located(cursor, file.url.is_empty(), start, file)
}

/// A file without a place is no file.
fn located<T>(cursor: &mut Cursor<'_>, nowhere: bool, start: usize, file: T) -> Parsed<Option<T>> {
    if nowhere {
        cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
        return Ok(None);
    }
    Ok(Some(file))
}

/// Tags write 0 for a bitrate that they do not know.
fn positive(number: Option<u32>) -> Option<u32> {
    number.filter(|number| *number > 0)
}

fn delivery<'a>(cursor: &Cursor<'a>, attribute: &Attribute<'a>) -> Option<Delivery> {
    let value = cursor.spelling(attribute)?;
    Some(match &*value {
        known if known.eq_ignore_ascii_case("progressive") => Delivery::Progressive,
        known if known.eq_ignore_ascii_case("streaming") => Delivery::Streaming,
        _ => Delivery::Other(cursor.keep(value)),
    })
}
