//! `AdSource` (VMAP 1.0.1, section 2.3.2).

use super::vast_data::vast_data;
use crate::WarningCode;
use crate::model::Extra;
use crate::parse::{boolean, close, duplicate, keep, keep_in_vain, markup, scalar, unknown, url_content};
use crate::vmap::{AdData, AdSource, AdTag, CustomAdData, TemplateType};
use crate::xml::{Cursor, Key, Name, Parsed, Spacing};

/// Reads the source in hand into `source`, which holds what was read also when the document turns out to be damaged.
pub(super) fn ad_source(cursor: &mut Cursor<'_>, source: &mut AdSource) -> Parsed<()> {
    let start = cursor.tag_start();
    attributes(cursor, source)?;
    while let Some(child) = cursor.child()? {
        let is_data = matches!(child, Name::VastAdData | Name::VastData | Name::AdTagUri | Name::CustomAdData);
        match child {
            _ if is_data && source.data.is_some() => duplicate(cursor, &mut source.extra)?,
            Name::VastAdData | Name::VastData => vast_data(cursor, source)?,
            Name::AdTagUri => source.data = ad_tag(cursor, &mut source.extra)?.map(AdData::Tag),
            Name::CustomAdData => source.data = custom(cursor, &mut source.extra)?.map(AdData::Custom),
            _ => unknown(cursor, &mut source.extra)?,
        }
    }
    if source.data.is_none() {
        cursor.warn_at(WarningCode::MissingElement, "<AdSource> with no ad data that can be used", start)?;
    }
    close(cursor, &mut source.extra);
    Ok(())
}

fn attributes(cursor: &mut Cursor<'_>, source: &mut AdSource) -> Parsed<()> {
    let extra = &mut source.extra;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Id => source.id = cursor.value(&attribute),
            Key::AllowMultipleAds => source.allow_multiple_ads = scalar(cursor, &attribute, extra, boolean)?,
            Key::FollowRedirects => source.follow_redirects = scalar(cursor, &attribute, extra, boolean)?,
            _ => keep(cursor, &attribute, extra)?,
        }
    }
    Ok(())
}

fn ad_tag(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<AdTag>> {
    let start = cursor.tag_start();
    let mut extra = Extra::default();
    let template_type = template_type(cursor, "<AdTagURI> without @templateType", &mut extra)?;
    let uri = url_content(cursor, &mut extra)?;
    if uri.is_empty() {
        cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
        keep_in_vain(cursor, start, outer)?;
        return Ok(None);
    }
    close(cursor, &mut extra);
    Ok(Some(AdTag { uri, template_type, extra }))
}

fn custom(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<CustomAdData>> {
    let start = cursor.tag_start();
    let mut extra = Extra::default();
    let template_type = template_type(cursor, "<CustomAdData> without @templateType", &mut extra)?;
    let content = markup(cursor, Spacing::Content)?;
    if content.is_empty() {
        keep_in_vain(cursor, start, outer)?;
        return Ok(None);
    }
    close(cursor, &mut extra);
    Ok(Some(CustomAdData { content, template_type, extra }))
}

fn template_type(cursor: &mut Cursor<'_>, missing: &'static str, extra: &mut Extra) -> Parsed<Option<TemplateType>> {
    let mut found = None;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::TemplateType => {
                found = cursor.spelling(&attribute).map(|name| TemplateType::from_name(&name));
                if let Some(known) = &found {
                    cursor.read_as(&attribute, known.as_str());
                }
            }
            _ => keep(cursor, &attribute, extra)?,
        }
    }
    if found.is_none() {
        cursor.warn(WarningCode::MissingAttribute, missing)?;
    }
    Ok(found)
}
