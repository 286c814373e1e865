//! The content of creatives and of all their parts (VAST 4.3, sections 3.6 to 3.15).

use super::ad::contents;
use super::writer::{Part, Writer};
use crate::model::{
    AdParameters, Click, ClosedCaptionFile, Companion, CompanionAds, Creative, FallbackImage, HtmlResource, Icon,
    InteractiveCreativeFile, Linear, MediaFile, Mezzanine, NonLinear, NonLinearAds, Offset, Resource, StaticResource,
    Tracking, UniversalAdId,
};
use crate::text::Text;
use crate::xml::{Content, Name, ScalarValue, escape};
use std::borrow::Cow;
use std::time::Duration;

impl Part for Creative {
    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        writer.enter_creative(&self.creative_extensions);
        writer.parts(Name::CompanionAds, &self.companion_ads);
        writer.extensions(Name::CreativeExtension, &self.creative_extensions);
        writer.parts(Name::Linear, &self.linear);
        writer.parts(Name::NonLinearAds, &self.non_linear_ads);
        writer.placed(Name::UniversalAdId, Name::UniversalAdId, &self.universal_ad_ids);
    }
}

impl Part for Linear {
    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        writer.placed(Name::Icon, Name::Icon, &self.icons);
        writer.parts(Name::Tracking, &self.tracking_events);
        writer.parts(Name::AdParameters, &self.ad_parameters);
        writer.value(Name::Duration, self.duration.map(time));
        writer.parts(Name::ClosedCaptionFile, &self.closed_caption_files);
        writer.parts(Name::MediaFile, &self.media_files);
        writer.placed(Name::Mezzanine, Name::Mezzanine, &self.mezzanines);
        let programs = &self.interactive_creative_files;
        writer.placed(Name::InteractiveCreativeFile, Name::InteractiveCreativeFile, programs);
        writer.parts(Name::ClickTracking, &self.click_tracking);
        writer.parts(Name::ClickThrough, &self.click_through);
        writer.parts(Name::CustomClick, &self.custom_clicks);
    }
}

fn time(duration: Duration) -> ScalarValue<'static> {
    ScalarValue::Offset(Offset::Time(duration))
}

contents! {
    UniversalAdId: Text value,
    MediaFile: Uri url,
    Mezzanine: Uri url,
    InteractiveCreativeFile: Uri url,
    ClosedCaptionFile: Uri url,
    Click: Uri url,
    Tracking: Uri url,
    StaticResource: Uri url,
}

impl Part for NonLinearAds {
    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        writer.parts(Name::Tracking, &self.tracking_events);
        writer.parts(Name::NonLinear, &self.non_linears);
        writer.parts(Name::Icon, &self.icons);
    }
}

impl Part for NonLinear {
    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        resources(writer, &self.resources);
        writer.parts(Name::AdParameters, &self.ad_parameters);
        writer.parts(Name::NonLinearClickThrough, &self.click_through);
        writer.parts(Name::NonLinearClickTracking, &self.click_tracking);
        writer.parts(Name::NonLinearCustomClick, &self.custom_clicks);
        writer.value(Name::Duration, self.duration.map(time));
        writer.parts(Name::MediaFile, &self.media_files);
        writer.parts(Name::InteractiveCreativeFile, &self.interactive_creative_files);
        writer.parts(Name::Tracking, &self.tracking_events);
    }
}

impl Part for CompanionAds {
    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        writer.parts(Name::Companion, &self.companions);
    }
}

impl Part for Companion {
    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        resources(writer, &self.resources);
        writer.parts(Name::AdParameters, &self.ad_parameters);
        writer.texts(Name::AltText, &self.alt_text);
        writer.parts(Name::CompanionClickThrough, &self.click_through);
        writer.parts(Name::CompanionClickTracking, &self.click_tracking);
        writer.extensions(Name::CreativeExtension, &self.creative_extensions);
        writer.parts(Name::Tracking, &self.tracking_events);
    }
}

impl Part for Icon {
    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        resources(writer, &self.resources);
        writer.parts(Name::IconClickFallbackImage, &self.fallback_images);
        writer.parts(Name::IconClickThrough, &self.click_through);
        writer.parts(Name::IconClickTracking, &self.click_tracking);
        writer.uris(Name::IconViewTracking, &self.view_tracking);
    }
}

impl Part for FallbackImage {
    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        writer.texts(Name::AltText, &self.alt_text);
        resources(writer, &self.resources);
    }
}

fn resources<'a>(writer: &mut Writer<'a, '_>, list: &'a [Resource]) {
    for resource in list {
        match resource {
            Resource::Html(html) => writer.parts(Name::HtmlResource, [html]),
            Resource::IFrame(url) => writer.uris(Name::IFrameResource, [url]),
            Resource::Static(file) => writer.parts(Name::StaticResource, [file]),
        }
    }
}

impl Part for HtmlResource {
    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Text(spelled(&self.raw, &self.content, self.xml_encoded)))
    }
}

impl Part for AdParameters {
    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Text(spelled(&self.raw, &self.value, self.xml_encoded)))
    }
}

/// The text as it was in the document. If the part was not read from a document, `raw` is empty; then the value is used, and
/// encoded if `@xmlEncoded` is true.
fn spelled<'a>(raw: &'a Text, value: &'a Text, xml_encoded: Option<bool>) -> Cow<'a, str> {
    match (raw.is_empty(), xml_encoded) {
        (false, _) => Cow::Borrowed(raw.as_str()),
        (true, Some(true)) => Cow::Owned(escape(value)),
        (true, _) => Cow::Borrowed(value.as_str()),
    }
}
