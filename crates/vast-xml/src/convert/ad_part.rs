//! Moves parts of an ad that the target version does not have into an extension whose type is the name of the part, and
//! moves them back when the target version has them.
//!
//! The standard defines this for `AdVerifications` (VAST 4.3, section 1.8). The other parts use the same form, so that a
//! conversion to an older version keeps everything that affects payment or the decision to show the ad.

use super::change::ChangeKind;
use super::tree::{self, Wanted};
use super::walk::Walk;
use crate::model::{Creative, Element, Extension, Extra, InLine, Place, Verification, Wrapper};
use crate::scalar;
use crate::write::Part;
use crate::xml::Name;

/// The access to an ad that this module needs, the same for `InLine` and `Wrapper`.
pub(super) trait Carrier: Default + Part + Sized {
    const NAME: Name;
    /// The parts that can be moved to extensions.
    const PARTS: &'static [Name];

    fn parts(&mut self) -> AdParts<'_>;
    /// Moves a part from one ad to another. Returns whether it moved: `from` must have the part, and `to` must not have it.
    fn shift(part: Name, from: &mut Self, to: &mut Self) -> bool;
    /// Reads the part from these elements. Returns an ad that contains this part and nothing else.
    fn read(part: Name, elements: &[&Element]) -> Self;
}

/// The parts that both kinds of ad have.
pub(super) struct AdParts<'a> {
    pub(super) verifications: &'a mut Vec<Verification>,
    pub(super) creatives: &'a mut Vec<Creative>,
    /// They can hold parts of the creatives, too.
    pub(super) extensions: &'a mut Vec<Extension>,
    extra: &'a mut Extra,
}

macro_rules! ad_parts {
    () => {
        fn parts(&mut self) -> AdParts<'_> {
            let Self { ad_verifications: verifications, creatives, extensions, extra, .. } = self;
            AdParts { verifications, creatives, extensions, extra }
        }
    };
}

impl Carrier for InLine {
    const NAME: Name = Name::InLine;
    const PARTS: &'static [Name] = &[
        Name::AdServingId,
        Name::Category,
        Name::Advertiser,
        Name::Pricing,
        Name::Survey,
        Name::Expires,
        Name::ViewableImpression,
        Name::AdVerifications,
    ];

    ad_parts!();

    fn shift(part: Name, from: &mut InLine, to: &mut InLine) -> bool {
        match part {
            Name::AdServingId => shift(&mut from.ad_serving_id, &mut to.ad_serving_id),
            Name::Category => shift(&mut from.categories, &mut to.categories),
            Name::Advertiser => shift(&mut from.advertiser, &mut to.advertiser),
            Name::Pricing => shift(&mut from.pricing, &mut to.pricing),
            Name::Survey => shift(&mut from.surveys, &mut to.surveys),
            Name::Expires => shift(&mut from.expires, &mut to.expires),
            Name::ViewableImpression => shift(&mut from.viewable_impression, &mut to.viewable_impression),
            _ => false,
        }
    }

    fn read(part: Name, elements: &[&Element]) -> InLine {
        let mut inline = InLine::default();
        match part {
            Name::AdServingId => inline.ad_serving_id = tree::text(elements),
            Name::Category => inline.categories = elements.iter().map(|one| tree::category(one)).collect(),
            Name::Advertiser => inline.advertiser = tree::only(elements, tree::advertiser),
            Name::Pricing => inline.pricing = tree::only(elements, tree::pricing),
            Name::Survey => inline.surveys = elements.iter().map(|one| tree::survey(one)).collect(),
            Name::Expires => inline.expires = tree::text(elements).and_then(|text| scalar::long(&text)?.value),
            _ => inline.viewable_impression = tree::only(elements, tree::viewable_impression),
        }
        inline
    }
}

impl Carrier for Wrapper {
    const NAME: Name = Name::Wrapper;
    const PARTS: &'static [Name] =
        &[Name::Pricing, Name::ViewableImpression, Name::AdVerifications, Name::BlockedAdCategories];

    ad_parts!();

    fn shift(part: Name, from: &mut Wrapper, to: &mut Wrapper) -> bool {
        match part {
            Name::Pricing => shift(&mut from.pricing, &mut to.pricing),
            Name::ViewableImpression => shift(&mut from.viewable_impression, &mut to.viewable_impression),
            Name::BlockedAdCategories => shift(&mut from.blocked_ad_categories, &mut to.blocked_ad_categories),
            _ => false,
        }
    }

    fn read(part: Name, elements: &[&Element]) -> Wrapper {
        let mut wrapper = Wrapper::default();
        match part {
            Name::Pricing => wrapper.pricing = tree::only(elements, tree::pricing),
            Name::BlockedAdCategories => {
                wrapper.blocked_ad_categories = elements.iter().map(|one| tree::blocked(one)).collect();
            }
            _ => wrapper.viewable_impression = tree::only(elements, tree::viewable_impression),
        }
        wrapper
    }
}

fn shift<T: Default + PartialEq>(from: &mut T, to: &mut T) -> bool {
    let moves = *to == T::default() && *from != T::default();
    if moves {
        *to = std::mem::take(from);
    }
    moves
}

/// Moves the parts that the version has from extensions back to their place, and the parts that it does not have into
/// extensions. Elements of the ad that no version knows become extensions too.
pub(super) fn settle<A: Carrier>(walk: &mut Walk, ad: &mut A) {
    for part in A::PARTS {
        match (*part, walk.knows(*part)) {
            (Name::AdVerifications, true) => restore_verifications(walk, ad),
            (Name::AdVerifications, false) => move_verifications(walk, ad),
            (part, true) => restore(walk, ad, part),
            (part, false) => move_out(walk, ad, part),
        }
    }
    let AdParts { extra, extensions, .. } = ad.parts();
    super::unknown::to_extensions(walk, extra, extensions);
}

fn restore<A: Carrier>(walk: &mut Walk, ad: &mut A, part: Name) {
    let Some(at) = ad.parts().extensions.iter().position(|extension| tree::is_of(extension, part)) else { return };
    let Some(elements) = tree::content(&ad.parts().extensions[at], part) else { return };
    let mut read = A::read(part, &elements);
    if A::shift(part, &mut read, ad) {
        ad.parts().extensions.remove(at);
        walk.note_element(part.as_str(), ChangeKind::Restored { extension: part.as_str().into() });
    }
}

fn move_out<A: Carrier>(walk: &mut Walk, ad: &mut A, part: Name) {
    let mut alone = A::default();
    if A::shift(part, ad, &mut alone) {
        carry(walk, ad, part, &alone);
    }
}

/// Puts the part that `alone` contains into a new extension of `ad`. Returns whether an extension was added: none is added
/// if the existing extensions already contain the part.
fn carry<A: Carrier>(walk: &mut Walk, ad: &mut A, part: Name, alone: &A) -> bool {
    let wanted = Wanted { part, own: Name::Extension, link: None, others: ad.parts().extensions };
    let extension = tree::extension(&wanted, A::NAME, alone);
    let is_new = extension.is_some();
    ad.parts().extensions.extend(extension);
    walk.note_element(part.as_str(), ChangeKind::Moved { extension: part.as_str().into() });
    is_new
}

/// Marks the verifications as native and removes their extensions. The reader has already put the verifications into the
/// model. Nothing happens if some verifications are native already, or if the model does not have all of those in extensions.
fn restore_verifications<A: Carrier>(walk: &mut Walk, ad: &mut A) {
    let carried = ad.parts().extensions.iter().filter(|extension| extension.has_verifications());
    let count: usize = carried.map(|extension| tree::count(&extension.element, Name::Verification)).sum();
    let list = ad.parts().verifications;
    if list.len() != count || list.iter().any(|one| one.place == Place::Native) {
        return;
    }
    list.iter_mut().for_each(|one| one.place = Place::Native);
    let before = ad.parts().extensions.len();
    ad.parts().extensions.retain(|extension| !(extension.has_verifications() && holds_verifications(extension)));
    if ad.parts().extensions.len() < before {
        let part = Name::AdVerifications.as_str();
        walk.note_element(part, ChangeKind::Restored { extension: part.into() });
    }
}

fn holds_verifications(extension: &Extension) -> bool {
    [Name::AdVerifications, Name::Verification].iter().any(|name| tree::content(extension, *name).is_some())
}

fn move_verifications<A: Carrier>(walk: &mut Walk, ad: &mut A) {
    let (native, carried): (Vec<_>, Vec<_>) =
        std::mem::take(ad.parts().verifications).into_iter().partition(|one| one.place == Place::Native);
    if native.is_empty() {
        *ad.parts().verifications = carried;
        return;
    }
    let mut alone = A::default();
    *alone.parts().verifications = native;
    let is_new = carry(walk, ad, Name::AdVerifications, &alone);
    // The new extension comes after the others, so its verifications come last too.
    *ad.parts().verifications = carried;
    if is_new {
        let moved = std::mem::take(alone.parts().verifications);
        let moved = moved.into_iter().map(|one| Verification { place: Place::Extension, ..one });
        ad.parts().verifications.extend(moved);
    }
}
