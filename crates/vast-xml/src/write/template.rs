//! VAST 1.0, which has no creatives: their parts stand directly in `InLine` and `Wrapper`.

use super::addendum::Carried;
use super::companion::CompanionAdsPart;
use super::extension::Claims;
use super::form::Form;
use super::linear::{LinearPart, Shown};
use super::non_linear::NonLinearAdsPart;
use super::part::{Leaf, Part, Writer};
use super::tracking;
use crate::model::{Creative, Extension, Linear, NonLinearAds, Tracking};
use crate::xml::{Name, Script};

/// The creatives of an ad, and what of them its document has outside creatives.
#[derive(Default)]
pub(super) struct Template<'a> {
    /// Those that are written as creatives.
    pub(super) creatives: Vec<&'a Creative>,
    outside: Option<Box<Outside<'a>>>,
}

/// What of the creatives is written directly into the ad.
#[derive(Default)]
struct Outside<'a> {
    linear: Option<(LinearPart<'a>, Option<&'a crate::Text>)>,
    /// What of the linear ad, or of the non-linear one, stands beside it.
    beside: Shown<'a>,
    non_linear_ads: Vec<(NonLinearAdsPart<'a>, Vec<&'a [Extension]>)>,
    companion_ads: Vec<CompanionAdsPart<'a>>,
}

impl<'a> Template<'a> {
    /// The creatives of an ad with these extensions, which its document wrote so.
    pub(super) fn of(
        creatives: &'a [Creative],
        of_ad: &'a [Extension],
        script: Script<'a>,
        form: Form,
    ) -> Template<'a> {
        let mut template = Template::default();
        for creative in creatives {
            if form == Form::AsRead && creative.extra.layout.script().is_outside() && is_plain(creative, script) {
                template.outside.get_or_insert_default().add(creative, of_ad, script);
            } else {
                template.creatives.push(creative);
            }
        }
        template
    }

    pub(super) fn count(&self, name: Name) -> usize {
        self.outside.as_ref().map_or(0, |outside| outside.count(name))
    }

    pub(super) fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        if let Some(outside) = &self.outside {
            outside.item(writer, name, index, leaf);
        }
    }

    /// The trackers beside the linear ad.
    pub(super) fn tracking(&self) -> &[Tracking] {
        self.outside.as_ref().map_or(&[], |outside| outside.beside.tracking)
    }
}

/// Whether VAST 1.0 can say all that there is in a creative: whoever adds more gets a creative. `script` is that of the ad.
fn is_plain(creative: &Creative, script: Script<'_>) -> bool {
    let Creative { linear, non_linear_ads, companion_ads, .. } = creative;
    let kinds = [linear.is_some(), non_linear_ads.is_some(), companion_ads.is_some()];
    let has_name = creative.id.is_some() || creative.sequence.is_some() || creative.api_framework.is_some();
    let has_extra = !creative.extra.attributes.is_empty() || !creative.extra.elements.is_empty();
    let has_element = script.has_child(Name::Linear);
    let needs_element = linear.as_ref().is_some_and(|linear| !is_beside(linear)) || creative.ad_id.is_some();
    kinds.iter().filter(|kind| **kind).count() == 1
        && !has_name
        && !has_extra
        && (linear.is_some() || creative.ad_id.is_none())
        && (linear.is_none() || has_element || !needs_element)
        && creative.universal_ad_ids.iter().all(|id| id.place == crate::model::Place::Extension)
}

/// Whether there is nothing in a linear ad but what VAST 1.0 has outside the video.
fn is_beside(linear: &Linear) -> bool {
    let rest = Linear {
        click_through: None,
        click_tracking: Vec::new(),
        custom_clicks: Vec::new(),
        tracking_events: Vec::new(),
        ..linear.clone()
    };
    rest == Linear::default()
}

impl<'a> Outside<'a> {
    fn add(&mut self, creative: &'a Creative, of_ad: &'a [Extension], script: Script<'a>) {
        let claims = Claims::of(creative, Form::AsRead);
        if let Some(linear) = &creative.linear {
            let carried = Carried { of_ad, of_creative: &creative.creative_extensions };
            let (inside, beside) = Shown::of(linear).split(linear.extra.layout.script(), script);
            let part = LinearPart { linear, shown: inside, carried, extensions: claims.linear };
            self.beside = beside;
            self.linear = Some((part, creative.ad_id.as_ref()));
        }
        if let Some(ads) = &creative.non_linear_ads {
            let beside = self.linear.is_none() && self.non_linear_ads.is_empty() && script.items(Name::Tracking) > 0;
            let own = if beside { own_trackers(ads) } else { ads.tracking_events.len() };
            let (tracking, rest) = ads.tracking_events.split_at(own);
            if beside {
                self.beside.tracking = rest;
            }
            self.non_linear_ads.push((NonLinearAdsPart::new(ads, tracking, &[], Form::AsRead), claims.non_linears));
        }
        self.companion_ads.extend(creative.companion_ads.as_ref().map(|ads| CompanionAdsPart::new(ads, Form::AsRead)));
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::Linear => usize::from(self.linear.as_ref().is_some_and(|(part, _)| part.has_element())),
            Name::NonLinearAds => self.non_linear_ads.len(),
            Name::CompanionAds => self.companion_ads.len(),
            _ => self.beside.count(name),
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        match name {
            Name::Linear => {
                if let Some((linear, ad_id)) = &self.linear {
                    writer.part(name, &Video { linear, ad_id: *ad_id });
                }
            }
            Name::NonLinearAds => {
                let (part, extensions) = &self.non_linear_ads[index];
                writer.part(name, &part.with_extensions(extensions));
            }
            Name::CompanionAds => writer.part(name, &self.companion_ads[index]),
            _ => self.beside.item(writer, name, index, leaf),
        }
    }
}

/// How many trackers of non-linear ads stand in them.
fn own_trackers(ads: &NonLinearAds) -> usize {
    let script = ads.extra.layout.script();
    let own = script.items(Name::Tracking) + script.items(Name::NonLinearImpression);
    own.min(ads.tracking_events.len())
}

/// `Video`: a linear ad with the name of its creative.
struct Video<'v, 'a> {
    linear: &'v LinearPart<'a>,
    ad_id: Option<&'a crate::Text>,
}

impl Part for Video<'_, '_> {
    fn extra(&self) -> &crate::model::Extra {
        self.linear.extra()
    }

    fn count(&self, name: Name) -> usize {
        if name == Name::AdId { usize::from(self.ad_id.is_some()) } else { self.linear.count(name) }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        match name {
            Name::AdId => super::text::text(writer, name, leaf, self.ad_id),
            _ => self.linear.item(writer, name, index, leaf),
        }
    }

    fn list_attributes(&self, tag: &mut super::tag::Tag<'_>, name: Name, index: usize) {
        self.linear.list_attributes(tag, name, index);
    }

    fn can_share_list(&self, name: Name, one: usize, other: usize) -> bool {
        self.linear.can_share_list(name, one, other)
    }
}

impl<'a> Shown<'a> {
    /// What stands in the video, and what beside it. Of what is new the document has nothing to say: it comes beside.
    fn split(self, video: Script<'a>, ad: Script<'a>) -> (Shown<'a>, Shown<'a>) {
        let inside = |name, all: usize| {
            if ad.items(name) > 0 || !ad.has_child(Name::Linear) { video.items(name).min(all) } else { all }
        };
        let (tracking, other_tracking) = self.tracking.split_at(inside(Name::Tracking, self.tracking.len()));
        let (click_tracking, other_click_tracking) =
            self.click_tracking.split_at(inside(Name::ClickTracking, self.click_tracking.len()));
        let (custom_clicks, other_custom_clicks) =
            self.custom_clicks.split_at(inside(Name::CustomClick, self.custom_clicks.len()));
        let is_inside = inside(Name::ClickThrough, 1) > 0;
        let beside = Shown {
            click_through: self.click_through.filter(|_| !is_inside),
            click_tracking: other_click_tracking,
            custom_clicks: other_custom_clicks,
            tracking: other_tracking,
        };
        let click_through = self.click_through.filter(|_| is_inside);
        (Shown { click_through, click_tracking, custom_clicks, tracking }, beside)
    }
}

/// Trackers that share a list of URLs beside the linear ad.
pub(super) fn can_share_list(template: &Template<'_>, name: Name, one: usize, other: usize) -> bool {
    name != Name::Tracking || tracking::can_share_list(template.tracking(), one, other)
}
