//! `MediaFiles` (VAST 4.3, section 3.9).

use super::leaf::url_content;
use super::scalar::{bitrate, boolean, integer, long, scalar, word};
use super::unknown::{close, container, keep, keep_in_vain, unknown};
use crate::WarningCode;
use crate::model::{ClosedCaptionFile, Delivery, Extra, InteractiveCreativeFile, Linear, MediaFile, Mezzanine};
use crate::xml::{Attribute, Cursor, Key, Name, Parsed};

pub(super) fn media_files(cursor: &mut Cursor<'_>, linear: &mut Linear) -> Parsed<()> {
    container(cursor, &mut linear.extra, |cursor, child, rest| {
        match child {
            Name::MediaFile => linear.media_files.extend(media_file(cursor, rest)?),
            Name::Mezzanine => linear.mezzanines.extend(mezzanine(cursor, rest)?),
            Name::InteractiveCreativeFile => {
                linear.interactive_creative_files.extend(interactive_creative_file(cursor, rest)?);
            }
            Name::ClosedCaptionFiles => caption_files(cursor, &mut linear.closed_caption_files, rest)?,
            Name::ClosedCaptionFile => linear.closed_caption_files.extend(caption_file(cursor, rest)?),
            _ => unknown(cursor, rest)?,
        }
        Ok(())
    })
}

pub(super) fn media_file(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<MediaFile>> {
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
            Key::Bitrate => file.bitrate = scalar(cursor, &attribute, extra, bitrate)?,
            Key::MinBitrate => file.min_bitrate = scalar(cursor, &attribute, extra, bitrate)?,
            Key::MaxBitrate => file.max_bitrate = scalar(cursor, &attribute, extra, bitrate)?,
            Key::Scalable => file.scalable = scalar(cursor, &attribute, extra, boolean)?,
            Key::MaintainAspectRatio => file.maintain_aspect_ratio = scalar(cursor, &attribute, extra, boolean)?,
            Key::ApiFramework => file.api_framework = cursor.value(&attribute),
            Key::FileSize => file.file_size = scalar(cursor, &attribute, extra, long)?,
            Key::MediaType => file.media_type = cursor.value(&attribute),
            _ => keep(cursor, &attribute, extra)?,
        }
    }
    file.url = url_content(cursor, extra)?;
    if file.url.is_empty() {
        return nowhere(cursor, start, outer);
    }
    close(cursor, &mut file.extra);
    Ok(Some(file))
}

pub(super) fn mezzanine(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<Mezzanine>> {
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
    if file.url.is_empty() {
        return nowhere(cursor, start, outer);
    }
    close(cursor, &mut file.extra);
    Ok(Some(file))
}

/// Reads an `InteractiveCreativeFile`. The addendum allows one that has its code in it and no URL.
pub(super) fn interactive_creative_file(
    cursor: &mut Cursor<'_>,
    outer: &mut Extra,
) -> Parsed<Option<InteractiveCreativeFile>> {
    let start = cursor.tag_start();
    let mut file = InteractiveCreativeFile::default();
    let extra = &mut file.extra;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Type => file.mime_type = cursor.value(&attribute),
            Key::ApiFramework if file.api_framework.is_none() => file.api_framework = cursor.value(&attribute),
            Key::ApiFramwork if file.api_framework.is_none() => {
                cursor.meant(&attribute, Key::ApiFramework);
                file.api_framework = cursor.value(&attribute);
            }
            Key::VariableDuration => file.variable_duration = scalar(cursor, &attribute, extra, boolean)?,
            _ => keep(cursor, &attribute, extra)?,
        }
    }
    file.url = url_content(cursor, extra)?;
    if file.url.is_empty() && file.extra.elements.is_empty() {
        return nowhere(cursor, start, outer);
    }
    close(cursor, &mut file.extra);
    Ok(Some(file))
}

fn caption_files(cursor: &mut Cursor<'_>, into: &mut Vec<ClosedCaptionFile>, outer: &mut Extra) -> Parsed<()> {
    container(cursor, outer, |cursor, child, rest| match child {
        Name::ClosedCaptionFile => {
            into.extend(caption_file(cursor, rest)?);
            Ok(())
        }
        _ => unknown(cursor, rest),
    })
}

fn caption_file(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<ClosedCaptionFile>> {
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
    if file.url.is_empty() {
        return nowhere(cursor, start, outer);
    }
    close(cursor, &mut file.extra);
    Ok(Some(file))
}

/// A file that is nowhere is none.
fn nowhere<T>(cursor: &mut Cursor<'_>, start: usize, outer: &mut Extra) -> Parsed<Option<T>> {
    cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
    keep_in_vain(cursor, start, outer)?;
    Ok(None)
}

fn delivery<'a>(cursor: &mut Cursor<'a>, attribute: &Attribute<'a>) -> Option<Delivery> {
    word(cursor, attribute, known_delivery, Delivery::as_str, Delivery::Other)
}

fn known_delivery(word: &str) -> Option<Delivery> {
    match word {
        "progressive" => Some(Delivery::Progressive),
        "streaming" => Some(Delivery::Streaming),
        _ => None,
    }
}
