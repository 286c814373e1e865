//! `MediaFiles` (VAST 4.3, section 3.9).

use super::leaf::{located_in, url_content, without_url};
use super::unknown::{container, unknown};
use crate::attributes::{Attributed, keep};
use crate::model::{ClosedCaptionFile, Extra, InteractiveCreativeFile, Linear, MediaFile, Mezzanine};
use crate::xml::{Cursor, Key, Name, Parsed};

pub(super) fn media_files(cursor: &mut Cursor<'_>, linear: &mut Linear) -> Parsed<()> {
    container(cursor, &mut linear.extra, |cursor, child, rest| {
        match child {
            Name::MediaFile => media_file(cursor, &mut linear.media_files, rest)?,
            Name::Mezzanine => mezzanine(cursor, &mut linear.mezzanines, rest)?,
            Name::InteractiveCreativeFile => {
                linear.interactive_creative_files.extend(interactive_creative_file(cursor, rest)?);
            }
            Name::ClosedCaptionFiles => caption_files(cursor, &mut linear.closed_caption_files, rest)?,
            Name::ClosedCaptionFile => caption_file(cursor, &mut linear.closed_caption_files, rest)?,
            _ => unknown(cursor, rest)?,
        }
        Ok(())
    })
}

pub(super) fn media_file(cursor: &mut Cursor<'_>, into: &mut Vec<MediaFile>, outer: &mut Extra) -> Parsed<()> {
    located_in(cursor, outer, into, |file| &mut file.url)
}

pub(super) fn mezzanine(cursor: &mut Cursor<'_>, into: &mut Vec<Mezzanine>, outer: &mut Extra) -> Parsed<()> {
    located_in(cursor, outer, into, |file| &mut file.url)
}

fn caption_file(cursor: &mut Cursor<'_>, into: &mut Vec<ClosedCaptionFile>, outer: &mut Extra) -> Parsed<()> {
    located_in(cursor, outer, into, |file| &mut file.url)
}

fn caption_files(cursor: &mut Cursor<'_>, into: &mut Vec<ClosedCaptionFile>, outer: &mut Extra) -> Parsed<()> {
    container(cursor, outer, |cursor, child, rest| match child {
        Name::ClosedCaptionFile => caption_file(cursor, into, rest),
        _ => unknown(cursor, rest),
    })
}

/// Reads an `InteractiveCreativeFile`. The addendum allows one that contains its code in place of a URL.
pub(super) fn interactive_creative_file(
    cursor: &mut Cursor<'_>,
    outer: &mut Extra,
) -> Parsed<Option<InteractiveCreativeFile>> {
    let start = cursor.tag_start();
    let mut file = InteractiveCreativeFile::default();
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            // The examples of the addendum have this misspelling.
            Key::ApiFramwork if !cursor.has_attribute(Key::ApiFramework.as_str()) => {
                file.api_framework = cursor.value(attribute);
            }
            _ if file.read_attribute(cursor, attribute)? => {}
            _ => keep(cursor, attribute, &mut file.extra)?,
        }
    }
    file.url = url_content(cursor, &mut file.extra)?;
    if file.url.is_empty() && file.extra.elements.is_empty() {
        return without_url(cursor, start, outer);
    }
    Ok(Some(file))
}
