//! `Wrapper` (VAST 4.3, section 3.19).

use super::addendum::Addendum;
use super::creative::creatives;
use super::extension::Extensions;
use super::inline::{ad_system, impressions, pricing, set};
use super::leaf::{content, url};
use super::legacy;
use super::link::tracker_urls;
use super::unknown::{container, duplicate, keep_unusable};
use super::verification::{verifications, viewable_impression};
use crate::attributes::read_attributes;
use crate::model::{BlockedAdCategories, Extra, Wrapper};
use crate::text::Text;
use crate::warning::WarningCode;
use crate::xml::{Cursor, Name, Parsed, Spacing};

/// Reads a `Wrapper` into `wrapper`, which is empty.
pub(super) fn wrapper(cursor: &mut Cursor<'_>, wrapper: &mut Wrapper) -> Parsed<()> {
    let start = cursor.tag_start();
    let mut legacy = None;
    let mut extensions = Extensions::default();
    read_attributes(cursor, wrapper)?;
    while let Some(child) = cursor.child()? {
        let extra = &mut wrapper.extra;
        match child {
            Name::AdSystem => set(cursor, &mut wrapper.ad_system, extra, ad_system)?,
            Name::VastAdTagUri | Name::VastAdTagUrl => ad_tag(cursor, &mut wrapper.vast_ad_tag_uri, extra)?,
            Name::Impression => impressions(cursor, &mut wrapper.impressions, extra)?,
            Name::Error => tracker_urls(cursor, &mut wrapper.errors, extra)?,
            Name::Pricing => set(cursor, &mut wrapper.pricing, extra, pricing)?,
            Name::ViewableImpression => viewable_impression(cursor, &mut wrapper.viewable_impression, extra)?,
            Name::AdVerifications => verifications(cursor, &mut wrapper.ad_verifications, extra)?,
            Name::Creatives => creatives(cursor, &mut wrapper.creatives, extra, &mut extensions.parts)?,
            Name::BlockedAdCategories => wrapper.blocked_ad_categories.extend(blocked(cursor, extra)?),
            Name::Extensions => {
                container(cursor, extra, |cursor, child, _| extensions.read(cursor, child, Name::Extension))?;
            }
            _ => legacy::legacy(cursor, child, &mut legacy, extra)?,
        }
    }
    if let Some(legacy) = legacy {
        legacy.into_creatives(cursor, &mut wrapper.creatives, &mut wrapper.extra)?;
    }
    wrapper.extensions = extensions.list;
    if !extensions.parts.is_empty() {
        let mut addendum = Addendum::read(cursor, extensions.parts)?;
        addendum.give_verifications(&mut wrapper.ad_verifications);
        addendum.give(&mut wrapper.creatives);
    }
    complain(cursor, wrapper, start)
}

fn ad_tag(cursor: &mut Cursor<'_>, place: &mut Text, extra: &mut Extra) -> Parsed<()> {
    if !place.is_empty() {
        return duplicate(cursor, extra);
    }
    *place = url(cursor, extra, (Name::VastAdTagUri, 0))?.unwrap_or_default();
    Ok(())
}

fn blocked(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<Option<BlockedAdCategories>> {
    let start = cursor.tag_start();
    let mut blocked = BlockedAdCategories::default();
    read_attributes(cursor, &mut blocked)?;
    let list = content(cursor, Spacing::Trimmed, &mut blocked.extra)?;
    let codes = list.split(',').map(str::trim).filter(|code| !code.is_empty());
    blocked.categories = codes.map(Text::from).collect();
    if blocked.categories.is_empty() {
        keep_unusable(cursor, start, extra)?;
        return Ok(None);
    }
    Ok(Some(blocked))
}

/// Warns of each required element that the wrapper does not have.
fn complain(cursor: &mut Cursor<'_>, wrapper: &Wrapper, start: usize) -> Parsed<()> {
    let required = [
        (wrapper.ad_system.is_some(), "<Wrapper> without <AdSystem>"),
        (!wrapper.vast_ad_tag_uri.is_empty(), "<Wrapper> without <VASTAdTagURI>"),
        (!wrapper.impressions.is_empty(), "<Wrapper> without <Impression>"),
    ];
    for (_, message) in required.into_iter().filter(|(there, _)| !there) {
        cursor.warn_at(WarningCode::MissingElement, message, start)?;
    }
    Ok(())
}
