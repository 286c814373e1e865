//! The known false findings of the pinned release of vastlint-core. Each entry has a reason, and a test that shows that
//! vastlint-core reports the false finding and that we omit it. If a release corrects it, the test fails: remove the entry then.

use vast_xml::macros::{Macro, Support};

use super::issue::Issue;
use crate::model;
use crate::outline::{Outline, OutlineElement};

/// A known false finding of vastlint-core.
struct Mistake {
    /// The id of the rule that is sometimes wrong.
    id: &'static str,
    /// The reason why the finding is false.
    reason: &'static str,
    /// Whether a finding about this element is false.
    is_wrong: fn(&Outline<'_>, &OutlineElement<'_>) -> bool,
}

const MISTAKES: [Mistake; 6] = [
    Mistake {
        id: "VAST-2.0-macro-unknown",
        reason: "it does not know the macros of VMAP, and its list lacks ten names of the IAB's registry: CLICKTYPE, CONTENTCAT, DSAPARAMS, DSAPUBRENDER, DSAREQUIRED, \
                 GPPSECTIONID, GPPSTRING, PLAYBACKMETHODS, STOREID, STOREURL",
        is_wrong: has_known_macros_only,
    },
    Mistake {
        id: "VAST-4.1-macro-deprecated",
        reason: "it takes MEDIAPLAYHEAD for deprecated, which the registry lists as what to use instead of CONTENTPLAYHEAD",
        is_wrong: has_no_deprecated_macro,
    },
    Mistake {
        id: "VAST-2.0-linear-unknown-child",
        reason: "the schema of VAST 3.0 has <CreativeExtensions> in <Linear>",
        is_wrong: is_creative_extensions_of_three,
    },
    Mistake {
        id: "VAST-2.0-unknown-attribute",
        reason: "VAST 4.3, section 3.4.7, gives <Advertiser> an id",
        is_wrong: is_advertiser_with_id_only,
    },
    Mistake {
        id: "VAST-2.0-unknown-attribute",
        reason: "the schema of VAST 4.0 spells adSlotId as adSlotID",
        is_wrong: has_slot_of_four,
    },
    Mistake {
        id: "VAST-4.0-verification-unknown-child",
        reason: "the schema of VAST 4.0 has <FlashResource> and <ViewableImpression> in <Verification>",
        is_wrong: is_verification_of_four,
    },
];

/// The reason why an issue is a false finding; `None` if the issue is correct.
pub(super) fn reason(issue: &Issue, outline: &Outline<'_>) -> Option<&'static str> {
    let element = outline.elements.get(issue.element()?)?;
    let is_it = |mistake: &&Mistake| mistake.id == issue.id && (mistake.is_wrong)(outline, element);
    MISTAKES.iter().find(is_it).map(|mistake| mistake.reason)
}

/// Whether all macros in the URL are known. Upper and lower case are equal, because vastlint-core has a separate rule for case.
fn has_known_macros_only(outline: &Outline<'_>, element: &OutlineElement<'_>) -> bool {
    model::names(outline, element).all(|(name, _)| {
        Macro::from_name(&name.to_ascii_uppercase()).is_some() || model::is_of_vmap(outline, element, name)
    })
}

/// Whether the document declares a version that begins with `version`.
fn declares(outline: &Outline<'_>, version: &str) -> bool {
    let declared = outline.root().and_then(|root| root.attribute("version"));
    declared.is_some_and(|declared| declared.value.trim().starts_with(version))
}

fn is_creative_extensions_of_three(outline: &Outline<'_>, element: &OutlineElement<'_>) -> bool {
    element.name == "CreativeExtensions" && declares(outline, "3")
}

/// The attributes that vastlint-core knows, and `adSlotID`.
const COMPANION_ATTRIBUTES: [&str; 11] = [
    "id",
    "width",
    "height",
    "assetWidth",
    "assetHeight",
    "expandedWidth",
    "expandedHeight",
    "apiFramework",
    "adSlotID",
    "pxratio",
    "renderingMode",
];

fn has_slot_of_four(outline: &Outline<'_>, element: &OutlineElement<'_>) -> bool {
    let is_known = |name: &str| COMPANION_ATTRIBUTES.contains(&name);
    element.name == "Companion" && declares(outline, "4.0") && element.attributes.iter().all(|one| is_known(one.name))
}

fn is_verification_of_four(outline: &Outline<'_>, element: &OutlineElement<'_>) -> bool {
    matches!(element.name, "FlashResource" | "ViewableImpression") && declares(outline, "4.0")
}

fn is_advertiser_with_id_only(_: &Outline<'_>, element: &OutlineElement<'_>) -> bool {
    element.name == "Advertiser" && element.attributes.iter().all(|attribute| attribute.name == "id")
}

fn has_no_deprecated_macro(outline: &Outline<'_>, element: &OutlineElement<'_>) -> bool {
    let mut known = model::names(outline, element).filter_map(|(name, _)| Macro::from_name(name));
    known.all(|known| known.support() != Support::Deprecated)
}
