//! `Linear` (VAST 4.3, sections 3.8 and 3.10).

use super::addendum::Carried;
use super::extension::extension;
use super::parameters::duration;
use super::part::{Leaf, Part, Writer};
use super::tag::Tag;
use crate::model::{Extension, Extra, Icon, InteractiveCreativeFile, Linear, Mezzanine};
use crate::xml::{Key, Name};

/// A linear ad.
pub(super) struct LinearPart<'a> {
    pub(super) linear: &'a Linear,
    /// The extensions in which parts of it may stand.
    pub(super) carried: Carried<'a>,
    /// The creative's extensions that the document had in it.
    pub(super) extensions: &'a [Extension],
}

impl<'a> LinearPart<'a> {
    fn icons(&self) -> &'a [Icon] {
        self.carried.others(Name::Icon, &self.linear.icons)
    }

    fn mezzanines(&self) -> &'a [Mezzanine] {
        self.carried.others(Name::Mezzanine, &self.linear.mezzanines)
    }

    fn interactive(&self) -> &'a [InteractiveCreativeFile] {
        self.carried.others(Name::InteractiveCreativeFile, &self.linear.interactive_creative_files)
    }
}

impl Part for LinearPart<'_> {
    fn extra(&self) -> &Extra {
        &self.linear.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.offset(Key::SkipOffset, self.linear.skip_offset);
    }

    fn count(&self, name: Name) -> usize {
        let linear = self.linear;
        match name {
            Name::AdParameters => linear.ad_parameters.iter().len(),
            Name::ClickThrough => linear.click_through.iter().len(),
            Name::ClickTracking => linear.click_tracking.len(),
            Name::ClosedCaptionFile => linear.closed_caption_files.len(),
            Name::CreativeExtension => self.extensions.len(),
            Name::CustomClick => linear.custom_clicks.len(),
            Name::Duration => linear.duration.iter().len(),
            Name::Icon => self.icons().len(),
            Name::InteractiveCreativeFile => self.interactive().len(),
            Name::MediaFile => linear.media_files.len(),
            Name::Mezzanine => self.mezzanines().len(),
            Name::Tracking => linear.tracking_events.len(),
            _ => 0,
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        let linear = self.linear;
        match name {
            Name::AdParameters => linear.ad_parameters.iter().for_each(|parameters| writer.part(name, parameters)),
            Name::ClickThrough => linear.click_through.iter().for_each(|click| writer.part(name, click)),
            Name::ClickTracking => writer.part(name, &linear.click_tracking[index]),
            Name::ClosedCaptionFile => writer.part(name, &linear.closed_caption_files[index]),
            Name::CreativeExtension => extension(writer, &self.extensions[index], name),
            Name::CustomClick => writer.part(name, &linear.custom_clicks[index]),
            Name::Duration => duration(writer, leaf, linear.duration),
            Name::Icon => writer.part(name, &self.icons()[index]),
            Name::InteractiveCreativeFile => writer.part(name, &self.interactive()[index]),
            Name::MediaFile => writer.part(name, &linear.media_files[index]),
            Name::Mezzanine => writer.part(name, &self.mezzanines()[index]),
            _ => writer.part(name, &linear.tracking_events[index]),
        }
    }

    fn list_attributes(&self, tag: &mut Tag<'_>, name: Name, index: usize) {
        if name == Name::Tracking {
            super::tracking::list_attributes(tag, &self.linear.tracking_events[index]);
        }
    }

    fn can_share_list(&self, name: Name, one: usize, other: usize) -> bool {
        name != Name::Tracking || super::tracking::can_share_list(&self.linear.tracking_events, one, other)
    }
}
