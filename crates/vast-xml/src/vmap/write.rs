//! Writes the model as a playlist, as `crate::write` writes VAST.

use super::playlist::NAMESPACE;
use super::{AdBreak, AdData, AdSource, AdTag, BreakTracking, BreakType, CustomAdData, TimeOffset, Vmap};
use crate::attributes::{Attributed, ToValue, attributes, extra_field, scalar};
use crate::model::Offset;
use crate::write::{Part, Writer, contents};
use crate::xml::{Cursor, Emit, Key, Name, Parsed, RawAttribute, ScalarValue};

/// The prefix of VMAP's elements.
const PREFIX: &str = "vmap";

/// Writes a playlist in canonical form: UTF-8 with an XML declaration, indented by two spaces, with URIs in CDATA. The
/// elements of VMAP have the prefix `vmap` and the namespace `http://www.iab.net/videosuite/vmap`.
///
/// VAST in a break is written as by [`write`](crate::write()): as XML, never as text, and without a prefix. Everything
/// in the model is written. Reading the result gives the same model, with the exceptions that the documentation of
/// [`write`](crate::write()) lists.
///
/// ```
/// use vast_xml::vmap::{Vmap, write};
///
/// assert_eq!(write(&Vmap::new()), r#"<?xml version="1.0" encoding="UTF-8"?>
/// <vmap:VMAP version="1.0" xmlns:vmap="http://www.iab.net/videosuite/vmap"/>
/// "#);
/// ```
pub fn write(vmap: &Vmap) -> String {
    let mut out = Emit::new(PREFIX);
    Writer::new(&mut out, None).part(Name::Vmap, vmap);
    out.finish()
}

attributes! {
    Vmap { Version version text }
    AdSource {
        Id id text, AllowMultipleAds allow_multiple_ads boolean, FollowRedirects follow_redirects boolean
    }
    AdTag { TemplateType template_type word }
    CustomAdData { TemplateType template_type word }
}

impl Part for Vmap {
    fn namespace(&self) -> Option<(&'static str, &'static str)> {
        Some(("xmlns:vmap", NAMESPACE))
    }

    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        writer.parts(Name::AdBreak, &self.breaks);
        writer.extensions(Name::Extension, &self.extensions);
    }
}

impl Attributed for AdBreak {
    extra_field!();

    fn read_attribute<'a>(&mut self, cursor: &mut Cursor<'a>, attribute: RawAttribute) -> Parsed<bool> {
        match attribute.key {
            Key::TimeOffset => {
                scalar(cursor, attribute, &mut self.extra, &mut self.time_offset, super::parse::time_offset)?;
            }
            Key::BreakType => self.break_types = super::parse::break_types(cursor, attribute)?,
            Key::BreakId => cursor.value_into(attribute, &mut self.break_id),
            Key::RepeatAfter => {
                scalar(cursor, attribute, &mut self.extra, &mut self.repeat_after, super::parse::repeat_after)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn each_attribute<'v>(&'v self, each: &mut dyn FnMut(Key, ScalarValue<'v>)) {
        match self.time_offset {
            Some(TimeOffset::Time(time)) => each(Key::TimeOffset, ScalarValue::Offset(Offset::Time(time))),
            Some(other) => each(Key::TimeOffset, ScalarValue::Text(other.to_string().into())),
            None => {}
        }
        if !self.break_types.is_empty() {
            let types: Vec<&str> = self.break_types.iter().map(BreakType::as_str).collect();
            each(Key::BreakType, ScalarValue::Text(types.join(",").into()));
        }
        if let Some(id) = &self.break_id {
            each(Key::BreakId, id.to_value());
        }
        if let Some(after) = self.repeat_after {
            each(Key::RepeatAfter, ScalarValue::Offset(Offset::Time(after)));
        }
    }

    /// Playlists are not converted.
    fn retain_attributes(&mut self, _: &mut dyn FnMut(Key) -> bool) {}
}

impl Part for AdBreak {
    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        writer.parts(Name::AdSource, &self.source);
        writer.parts(Name::Tracking, &self.tracking_events);
        writer.extensions(Name::Extension, &self.extensions);
    }
}

impl Part for AdSource {
    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        match &self.data {
            Some(AdData::Vast(vast)) => writer.parts(Name::Vast, [&**vast]),
            Some(AdData::Tag(tag)) => writer.parts(Name::AdTagUri, [tag]),
            Some(AdData::Custom(data)) => writer.parts(Name::CustomAdData, [data]),
            None => {}
        }
    }
}

contents! {
    AdTag: Uri uri,
    CustomAdData: Text content,
    BreakTracking: Uri url,
}

impl Attributed for BreakTracking {
    extra_field!();

    /// Reads nothing: the reader needs the event before it makes a tracker, so it reads the attributes itself.
    fn read_attribute<'a>(&mut self, _: &mut Cursor<'a>, _: RawAttribute) -> Parsed<bool> {
        Ok(false)
    }

    fn each_attribute<'v>(&'v self, each: &mut dyn FnMut(Key, ScalarValue<'v>)) {
        if !self.event.as_str().is_empty() {
            each(Key::Event, self.event.to_value());
        }
    }

    /// Playlists are not converted.
    fn retain_attributes(&mut self, _: &mut dyn FnMut(Key) -> bool) {}
}
