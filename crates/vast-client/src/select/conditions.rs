//! Conditions on an ad and its linear creative, apart from those on its media files.

use vast_xml::model::{CompanionAds, Linear, NonLinear, Required, Resource};

use super::filter::{ParseFilter, Skippability};
use crate::ad::ResolvedAd;
use crate::error::{Rejection, RejectionReason};
use crate::request::Slot;

/// Checks the conditions on the whole ad: version, blocked ads, conditional ads.
pub(super) fn check_ad(ad: &ResolvedAd, filter: &ParseFilter) -> Result<(), Rejection> {
    check_version(ad, filter)?;
    filter.blocked.check_ad(ad)?;
    if ad.conditional_ad == Some(true) && !filter.accept_conditional {
        return Err(Rejection::new(RejectionReason::Conditional, "the ad may show nothing (conditionalAd)"));
    }
    Ok(())
}

fn check_version(ad: &ResolvedAd, filter: &ParseFilter) -> Result<(), Rejection> {
    if filter.versions.is_empty() {
        return Ok(());
    }
    let known = ad.document.version_number().map(|(major, minor)| (major.to_string(), format!("{major}.{minor}")));
    let is_wanted = match &known {
        Some((major, exact)) => filter.versions.iter().any(|wanted| wanted == major || wanted == exact),
        None => filter.accept_unknown,
    };
    if is_wanted {
        return Ok(());
    }
    let version = known.map_or_else(|| "unknown".to_owned(), |(_, exact)| exact);
    Err(Rejection::new(RejectionReason::Version, format!("VAST version {version} is not wanted")))
}

/// Checks the linear creative: whether it can be skipped, its requirements for the player, and its mezzanine file.
pub(super) fn check_linear(linear: &Linear, slot: &Slot, filter: &ParseFilter) -> Result<(), Rejection> {
    let is_skippable = linear.skip_offset.is_some();
    match filter.skippable {
        Skippability::Refused if is_skippable => {
            return Err(Rejection::new(RejectionReason::Skippability, "a skippable ad is not wanted"));
        }
        Skippability::Required if !is_skippable => {
            return Err(Rejection::new(RejectionReason::Skippability, "an ad that cannot be skipped is not wanted"));
        }
        _ => {}
    }
    filter.check_duration(linear.duration, slot.min_ad_duration, slot.max_ad_duration)?;
    let may_be_longer =
        |api: Option<&str>| api.is_some_and(|api| api.trim().eq_ignore_ascii_case("SIMID")) && slot.lists_api(api);
    let files = &linear.interactive_creative_files;
    let needs_time =
        files.iter().any(|file| file.variable_duration == Some(true) && may_be_longer(file.api_framework.as_deref()));
    if needs_time && !slot.variable_duration {
        let message = "its interactive file may need more time, which the slot does not give (variableDuration)";
        return Err(Rejection::new(RejectionReason::VariableDuration, message));
    }
    if filter.require_mezzanine && linear.mezzanines.iter().all(|mezzanine| mezzanine.url.is_empty()) {
        return Err(Rejection::new(RejectionReason::MezzanineMissing, "no mezzanine file"));
    }
    Ok(())
}

/// Checks that the slot can show the required companions. If the slot does not say which companions it can show, the check
/// passes.
pub(super) fn check_companions(ad: &ResolvedAd, slot: &Slot) -> Result<(), Rejection> {
    let Some(sizes) = &slot.companion_sizes else { return Ok(()) };
    let fits = |side: Option<u32>, room: u32| side.is_none_or(|side| side <= room);
    let can_show = |ads: &CompanionAds| {
        let companions = ads.companions.iter();
        let shown = companions.filter(|companion| {
            let has_room =
                |(width, height): &(u32, u32)| fits(companion.width, *width) && fits(companion.height, *height);
            !companion.resources.is_empty() && sizes.iter().any(has_room)
        });
        let count = shown.count();
        match ads.required {
            Some(Required::All) => count == ads.companions.len(),
            Some(Required::Any) => count > 0 || ads.companions.is_empty(),
            _ => true,
        }
    };
    let sets = ad.inline.creatives.iter().filter_map(|creative| creative.companion_ads.as_ref());
    if sets.into_iter().all(can_show) {
        return Ok(());
    }
    Err(Rejection::new(RejectionReason::CompanionRequired, "a required companion cannot be shown"))
}

/// Checks that a nonlinear ad fits into the slot and has a resource of a type that can be shown.
pub(super) fn check_non_linear(non_linear: &NonLinear, slot: &Slot) -> Result<(), Rejection> {
    if let Some((width, height)) = slot.non_linear_size
        && (non_linear.width.is_some_and(|own| own > width) || non_linear.height.is_some_and(|own| own > height))
    {
        let own = |side: Option<u32>| side.map_or_else(|| "?".to_owned(), |side| side.to_string());
        let found = format!("{}x{}", own(non_linear.width), own(non_linear.height));
        let message = format!("nonlinear size {found} does not fit into {width}x{height}");
        return Err(Rejection::new(RejectionReason::NonLinearSize, message));
    }
    let can_run = slot.supports_api(non_linear.api_framework.as_deref());
    // Several resources are alternatives (VAST 4.3 section 3.15).
    let can_show = |resource: &Resource| match resource {
        Resource::Static(file) => {
            let kind = file.creative_type.as_deref().unwrap_or("image/").trim().to_ascii_lowercase();
            // Old tags contain `JPEG` instead of `image/jpeg`.
            kind.starts_with("image/")
                || !kind.contains('/')
                || slot.mime_types.iter().any(|listed| listed.eq_ignore_ascii_case(&kind))
        }
        _ => true,
    };
    let has_media = !non_linear.media_files.is_empty() || !non_linear.interactive_creative_files.is_empty();
    if can_run && (has_media || non_linear.resources.is_empty() || non_linear.resources.iter().any(can_show)) {
        return Ok(());
    }
    Err(Rejection::new(RejectionReason::NonLinearType, "no resource of the nonlinear ad can be shown"))
}
