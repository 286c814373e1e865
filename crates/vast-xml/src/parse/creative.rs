//! `Creative` (VAST 4.3, section 3.7).

use super::addendum::Addendum;
use super::companion::companion_ads;
use super::extension::{ExtensionParts, Extensions};
use super::leaf::universal_ad_id;
use super::legacy::ad_id;
use super::linear::linear;
use super::list::added;
use super::non_linear::non_linear_ads;
use super::unknown::{container, repeated, unknown};
use crate::attributes::read_attributes;
use crate::model::{Creative, Extra, Linear};
use crate::warning::WarningCode;
use crate::xml::{Cursor, Name, Parsed};

/// Reads the creatives of an ad. `of_ad` gets the extensions of creatives that contain a part of the ad.
pub(super) fn creatives(
    cursor: &mut Cursor<'_>,
    into: &mut Vec<Creative>,
    extra: &mut Extra,
    of_ad: &mut ExtensionParts,
) -> Parsed<()> {
    container(cursor, extra, |cursor, child, rest| match child {
        Name::Creative => creative(cursor, added(into), of_ad),
        _ => unknown(cursor, rest),
    })
}

fn creative(cursor: &mut Cursor<'_>, creative: &mut Creative, of_ad: &mut ExtensionParts) -> Parsed<()> {
    let mut extensions = Extensions::default();
    read_attributes(cursor, creative)?;
    while let Some(child) = cursor.child()? {
        match child {
            Name::Linear if creative.linear.is_none() => {
                linear(cursor, creative.linear.insert(Linear::default()), &mut extensions)?;
            }
            Name::NonLinearAds if creative.non_linear_ads.is_none() => {
                creative.non_linear_ads = Some(non_linear_ads(cursor, &mut extensions)?);
            }
            Name::CompanionAds if creative.companion_ads.is_none() => {
                creative.companion_ads = Some(companion_ads(cursor)?);
            }
            Name::Linear | Name::NonLinearAds | Name::CompanionAds => repeated(cursor, &mut creative.extra)?,
            Name::UniversalAdId => {
                universal_ad_id(cursor, &mut creative.universal_ad_ids, &mut creative.extra)?;
            }
            // The `AdID` of a `Video` of VAST 1.0 in a document of another version.
            Name::AdId if creative.ad_id.is_none() => {
                cursor.warn(WarningCode::MisplacedElement, "<AdID> is read as @adId")?;
                creative.ad_id = ad_id(cursor, &mut creative.extra)?;
            }
            Name::CreativeExtensions => container(cursor, &mut creative.extra, |cursor, child, _| {
                extensions.read(cursor, child, Name::CreativeExtension)
            })?,
            _ => unknown(cursor, &mut creative.extra)?,
        }
    }
    creative.creative_extensions = extensions.list;
    if !extensions.parts.is_empty() {
        // The verifications belong to the ad.
        of_ad.extend(extensions.parts.extract_if(.., |(part, _)| *part == Name::AdVerifications));
        Addendum::read(cursor, extensions.parts)?.give(std::slice::from_mut(creative));
    }
    Ok(())
}
