//! `Creative` (VAST 4.3, section 3.7).

use super::addendum::Addendum;
use super::companion::companion_ads;
use super::extension::Extensions;
use super::linear::linear;
use super::non_linear::non_linear_ads;
use super::scalar::{integer, scalar};
use super::universal_ad_id::universal_ad_id;
use super::unknown::{close, container, duplicate, keep, unknown};
use crate::model::{Creative, Extra};
use crate::xml::{Cursor, Key, Name, Parsed};

pub(super) fn creatives(cursor: &mut Cursor<'_>, into: &mut Vec<Creative>, extra: &mut Extra) -> Parsed<()> {
    container(cursor, extra, |cursor, child, rest| match child {
        Name::Creative => {
            into.push(creative(cursor)?);
            Ok(())
        }
        _ => unknown(cursor, rest),
    })
}

fn creative(cursor: &mut Cursor<'_>) -> Parsed<Creative> {
    let mut creative = Creative::default();
    let mut extensions = Extensions::default();
    attributes(cursor, &mut creative)?;
    while let Some(child) = cursor.child()? {
        match child {
            Name::Linear if creative.linear.is_none() => {
                creative.linear = Some(linear(cursor, &mut extensions)?);
            }
            Name::NonLinearAds if creative.non_linear_ads.is_none() => {
                creative.non_linear_ads = Some(non_linear_ads(cursor, &mut extensions)?);
            }
            Name::CompanionAds if creative.companion_ads.is_none() => {
                creative.companion_ads = Some(companion_ads(cursor)?);
            }
            Name::Linear | Name::NonLinearAds | Name::CompanionAds => duplicate(cursor, &mut creative.extra)?,
            Name::UniversalAdId => {
                universal_ad_id(cursor, &mut creative.universal_ad_ids, &mut creative.extra)?;
            }
            Name::CreativeExtensions => container(cursor, &mut creative.extra, |cursor, child, _| {
                extensions.read(cursor, child, Name::CreativeExtension)
            })?,
            _ => unknown(cursor, &mut creative.extra)?,
        }
    }
    close(cursor, &mut creative.extra);
    creative.creative_extensions = extensions.list;
    Addendum::read(cursor, extensions.parts)?.give(std::slice::from_mut(&mut creative));
    Ok(creative)
}

fn attributes(cursor: &mut Cursor<'_>, creative: &mut Creative) -> Parsed<()> {
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Id => creative.id = cursor.value(&attribute),
            Key::AdId => creative.ad_id = cursor.value(&attribute),
            Key::Sequence => creative.sequence = scalar(cursor, &attribute, &mut creative.extra, integer)?,
            Key::ApiFramework => creative.api_framework = cursor.value(&attribute),
            _ => keep(cursor, &attribute, &mut creative.extra)?,
        }
    }
    Ok(())
}
