//! `Linear` (VAST 4.3, sections 3.8 and 3.10).

use super::addendum::Carried;
use super::extension::extension;
use super::parameters::duration;
use super::part::{Leaf, Part, Writer};
use super::tag::Tag;
use crate::model::{Click, Extension, Extra, Icon, InteractiveCreativeFile, Linear, Mezzanine, Tracking};
use crate::xml::{Key, Name};

/// A linear ad.
pub(super) struct LinearPart<'a> {
    pub(super) linear: &'a Linear,
    /// What of its trackers and clicks stands in it.
    pub(super) shown: Shown<'a>,
    /// The extensions in which parts of it may stand.
    pub(super) carried: Carried<'a>,
    /// The creative's extensions that the document had in it.
    pub(super) extensions: &'a [Extension],
}

/// Trackers and clicks of a linear ad, of which VAST 1.0 has some beside it.
#[derive(Clone, Copy, Default)]
pub(super) struct Shown<'a> {
    pub(super) click_through: Option<&'a Click>,
    pub(super) click_tracking: &'a [Click],
    pub(super) custom_clicks: &'a [Click],
    pub(super) tracking: &'a [Tracking],
}

impl<'a> Shown<'a> {
    /// All of them.
    pub(super) fn of(linear: &'a Linear) -> Shown<'a> {
        Shown {
            click_through: linear.click_through.as_ref(),
            click_tracking: &linear.click_tracking,
            custom_clicks: &linear.custom_clicks,
            tracking: &linear.tracking_events,
        }
    }

    pub(super) fn count(&self, name: Name) -> usize {
        match name {
            Name::ClickThrough => usize::from(self.click_through.is_some()),
            Name::ClickTracking => self.click_tracking.len(),
            Name::CustomClick => self.custom_clicks.len(),
            Name::Tracking => self.tracking.len(),
            _ => 0,
        }
    }

    pub(super) fn item(&self, writer: &mut Writer, name: Name, index: usize, _: Leaf<'_, '_>) {
        match name {
            Name::ClickThrough => self.click_through.into_iter().for_each(|click| writer.part(name, click)),
            Name::ClickTracking => writer.part(name, &self.click_tracking[index]),
            Name::CustomClick => writer.part(name, &self.custom_clicks[index]),
            _ => writer.part(name, &self.tracking[index]),
        }
    }
}

impl<'a> LinearPart<'a> {
    /// Whether the document has an element for it, which VAST 1.0 need not have.
    pub(super) fn has_element(&self) -> bool {
        !self.linear.extra.layout.is_empty()
    }

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
            Name::ClosedCaptionFile => linear.closed_caption_files.len(),
            Name::CreativeExtension => self.extensions.len(),
            Name::Duration => linear.duration.iter().len(),
            Name::Icon => self.icons().len(),
            Name::InteractiveCreativeFile => self.interactive().len(),
            Name::MediaFile => linear.media_files.len(),
            Name::Mezzanine => self.mezzanines().len(),
            _ => self.shown.count(name),
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        let linear = self.linear;
        match name {
            Name::AdParameters => linear.ad_parameters.iter().for_each(|parameters| writer.part(name, parameters)),
            Name::ClosedCaptionFile => writer.part(name, &linear.closed_caption_files[index]),
            Name::CreativeExtension => extension(writer, &self.extensions[index], name),
            Name::Duration => duration(writer, leaf, linear.duration),
            Name::Icon => writer.part(name, &self.icons()[index]),
            Name::InteractiveCreativeFile => writer.part(name, &self.interactive()[index]),
            Name::MediaFile => writer.part(name, &linear.media_files[index]),
            Name::Mezzanine => writer.part(name, &self.mezzanines()[index]),
            _ => self.shown.item(writer, name, index, leaf),
        }
    }

    fn list_attributes(&self, tag: &mut Tag<'_>, name: Name, index: usize) {
        if name == Name::Tracking {
            super::tracking::list_attributes(tag, &self.shown.tracking[index]);
        }
    }

    fn can_share_list(&self, name: Name, one: usize, other: usize) -> bool {
        name != Name::Tracking || super::tracking::can_share_list(self.shown.tracking, one, other)
    }
}
