//! `NonLinearAds` (VAST 4.3, section 3.12, with the additions of 4.4).

use super::extension::extension;
use super::form::Form;
use super::parameters::duration;
use super::part::{Leaf, Part, Writer};
use super::tag::Tag;
use super::tracking::View;
use super::{resource, tracking};
use crate::model::{Extension, Extra, NonLinear, NonLinearAds, Offset, Tracking};
use crate::xml::{Key, Name};

/// Non-linear ads, and the creative's extensions that the document had in each.
#[derive(Clone, Copy)]
pub(super) struct NonLinearAdsPart<'a> {
    ads: &'a NonLinearAds,
    tracking: &'a [Tracking],
    /// What VAST 1.0 calls their impressions.
    views: &'a [Tracking],
    extensions: &'a [&'a [Extension]],
}

impl<'a> NonLinearAdsPart<'a> {
    /// Those of their trackers that stand in them are given.
    pub(super) fn new(
        ads: &'a NonLinearAds,
        tracking: &'a [Tracking],
        extensions: &'a [&'a [Extension]],
        form: Form,
    ) -> NonLinearAdsPart<'a> {
        let number = if form == Form::AsRead { ads.extra.layout.script().items(Name::NonLinearImpression) } else { 0 };
        let views = tracking::views(tracking, number);
        let tracking = &tracking[..tracking.len() - views.len()];
        NonLinearAdsPart { ads, tracking, views, extensions }
    }

    pub(super) fn with_extensions<'b>(&'b self, extensions: &'b [&'b [Extension]]) -> NonLinearAdsPart<'b> {
        NonLinearAdsPart { extensions, ..*self }
    }
}

impl Part for NonLinearAdsPart<'_> {
    fn extra(&self) -> &Extra {
        &self.ads.extra
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::Icon => self.ads.icons.len(),
            Name::NonLinear => self.ads.non_linears.len(),
            Name::NonLinearImpression => self.views.len(),
            Name::Tracking => self.tracking.len(),
            _ => 0,
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, _: Leaf<'_, '_>) {
        match name {
            Name::Icon => writer.part(name, &self.ads.icons[index]),
            Name::NonLinear => {
                let extensions = self.extensions.get(index).copied().unwrap_or_default();
                writer.part(name, &NonLinearPart { ad: &self.ads.non_linears[index], extensions });
            }
            Name::NonLinearImpression => writer.part(name, &View(&self.views[index])),
            _ => writer.part(name, &self.tracking[index]),
        }
    }

    fn list_attributes(&self, tag: &mut Tag<'_>, name: Name, index: usize) {
        if name == Name::Tracking {
            tracking::list_attributes(tag, &self.tracking[index]);
        }
    }

    fn can_share_list(&self, name: Name, one: usize, other: usize) -> bool {
        name != Name::Tracking || tracking::can_share_list(self.tracking, one, other)
    }
}

struct NonLinearPart<'a> {
    ad: &'a NonLinear,
    extensions: &'a [Extension],
}

impl Part for NonLinearPart<'_> {
    fn extra(&self) -> &Extra {
        &self.ad.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::Id, self.ad.id.as_ref());
        tag.value(Key::Width, self.ad.width);
        tag.value(Key::Height, self.ad.height);
        tag.value(Key::ExpandedWidth, self.ad.expanded_width);
        tag.value(Key::ExpandedHeight, self.ad.expanded_height);
        tag.value(Key::Scalable, self.ad.scalable);
        tag.value(Key::MaintainAspectRatio, self.ad.maintain_aspect_ratio);
        tag.offset(Key::MinSuggestedDuration, self.ad.min_suggested_duration.map(Offset::Time));
        tag.text(Key::ApiFramework, self.ad.api_framework.as_ref());
    }

    fn count(&self, name: Name) -> usize {
        let ad = self.ad;
        match name {
            Name::AdParameters => ad.ad_parameters.iter().len(),
            Name::CreativeExtension => self.extensions.len(),
            Name::Duration => ad.duration.iter().len(),
            Name::InteractiveCreativeFile => ad.interactive_creative_files.len(),
            Name::MediaFile => ad.media_files.len(),
            Name::NonLinearClickThrough => ad.click_through.iter().len(),
            Name::NonLinearClickTracking => ad.click_tracking.len(),
            Name::NonLinearCustomClick => ad.custom_clicks.len(),
            Name::Tracking => ad.tracking_events.len(),
            _ => resource::count(&ad.resources, name),
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        let ad = self.ad;
        match name {
            Name::AdParameters => ad.ad_parameters.iter().for_each(|parameters| writer.part(name, parameters)),
            Name::CreativeExtension => extension(writer, &self.extensions[index], name),
            Name::Duration => duration(writer, leaf, ad.duration),
            Name::InteractiveCreativeFile => writer.part(name, &ad.interactive_creative_files[index]),
            Name::MediaFile => writer.part(name, &ad.media_files[index]),
            Name::NonLinearClickThrough => ad.click_through.iter().for_each(|click| writer.part(name, click)),
            Name::NonLinearClickTracking => writer.part(name, &ad.click_tracking[index]),
            Name::NonLinearCustomClick => writer.part(name, &ad.custom_clicks[index]),
            Name::Tracking => writer.part(name, &ad.tracking_events[index]),
            _ => resource::item(&ad.resources, writer, name, index, leaf),
        }
    }

    fn list_attributes(&self, tag: &mut Tag<'_>, name: Name, index: usize) {
        if name == Name::Tracking {
            tracking::list_attributes(tag, &self.ad.tracking_events[index]);
        }
    }

    fn can_share_list(&self, name: Name, one: usize, other: usize) -> bool {
        name != Name::Tracking || tracking::can_share_list(&self.ad.tracking_events, one, other)
    }
}
