//! `InLine` (VAST 4.3, section 3.4), and what it shares with `Wrapper`.

use super::addendum::Carried;
use super::creative::creatives;
use super::extension::extensions;
use super::extra::{Rest, attributes};
use super::leaf::{labelled, located, text, urls, value};
use super::verification::verifications;
use super::viewable::viewable_impression;
use crate::Text;
use crate::model::{AdSystem, Category, Extension, Impression, InLine, Pricing, Survey, ViewableImpression};
use crate::xml::{Emit, Key, Name};

pub(super) fn inline(out: &mut Emit, inline: &InLine) {
    let mut rest = Rest::of(&inline.extra);
    out.start(Name::InLine);
    attributes(out, &inline.extra);
    let base = Base {
        ad_system: inline.ad_system.as_ref(),
        errors: &inline.errors,
        extensions: &inline.extensions,
        impressions: &inline.impressions,
        pricing: inline.pricing.as_ref(),
        viewable_impression: inline.viewable_impression.as_ref(),
    };
    base.write(out, &mut rest);
    text(out, &mut rest, Name::AdServingId, inline.ad_serving_id.as_ref());
    text(out, &mut rest, Name::AdTitle, inline.ad_title.as_ref());
    let carried = Carried { of_ad: &inline.extensions, of_creative: &[] };
    verifications(out, &mut rest, carried.others(Name::AdVerifications, &inline.ad_verifications));
    if let Some(advertiser) = &inline.advertiser {
        let known = [(Key::Id, advertiser.id.as_deref())];
        labelled(out, &mut rest, Name::Advertiser, &known, |out| out.text(&advertiser.name));
    }
    inline.categories.iter().for_each(|one| category(out, &mut rest, one));
    creatives(out, &mut rest, &inline.creatives, &inline.extensions);
    text(out, &mut rest, Name::Description, inline.description.as_ref());
    value(out, &mut rest, Name::Expires, inline.expires);
    inline.surveys.iter().for_each(|one| survey(out, &mut rest, one));
    rest.close(out);
    out.end();
}

/// What `InLine` and `Wrapper` begin with (`AdDefinitionBase_type` of the schema).
pub(super) struct Base<'a> {
    pub(super) ad_system: Option<&'a AdSystem>,
    pub(super) errors: &'a [Text],
    pub(super) extensions: &'a [Extension],
    pub(super) impressions: &'a [Impression],
    pub(super) pricing: Option<&'a Pricing>,
    pub(super) viewable_impression: Option<&'a ViewableImpression>,
}

impl Base<'_> {
    pub(super) fn write(&self, out: &mut Emit, rest: &mut Rest<'_>) {
        if let Some(system) = self.ad_system {
            let known = [(Key::Version, system.version.as_deref())];
            labelled(out, rest, Name::AdSystem, &known, |out| out.text(&system.name));
        }
        urls(out, rest, Name::Error, self.errors);
        extensions(out, rest, Name::Extensions, Name::Extension, self.extensions);
        self.impressions.iter().for_each(|one| impression(out, one));
        if let Some(pricing) = self.pricing {
            let known = [(Key::Model, pricing.model.as_deref()), (Key::Currency, pricing.currency.as_deref())];
            labelled(out, rest, Name::Pricing, &known, |out| out.text(&pricing.value));
        }
        viewable_impression(out, self.viewable_impression);
    }
}

fn impression(out: &mut Emit, impression: &Impression) {
    out.start(Name::Impression);
    out.attribute(Key::Id, impression.id.as_ref());
    located(out, &impression.url, &impression.extra);
}

fn category(out: &mut Emit, rest: &mut Rest<'_>, category: &Category) {
    let known = [(Key::Authority, category.authority.as_deref())];
    labelled(out, rest, Name::Category, &known, |out| out.text(&category.value));
}

fn survey(out: &mut Emit, rest: &mut Rest<'_>, survey: &Survey) {
    let known = [(Key::Type, survey.survey_type.as_deref())];
    labelled(out, rest, Name::Survey, &known, |out| out.uri(&survey.url));
}
