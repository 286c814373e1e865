//! The content of the root, of ads, and of all parts of an ad except creatives (VAST 4.3, sections 3.2 to 3.5 and 3.16 to
//! 3.19).

use super::writer::{Part, Writer};
use crate::model::{
    Ad, AdKind, AdSystem, Advertiser, BlockedAdCategories, Category, Executable, Impression, InLine, NAMESPACE,
    Pricing, Survey, Vast, Verification, VerificationResource, ViewableImpression, Wrapper,
};
use crate::xml::{Content, Name, ScalarValue};

impl Part for Vast {
    fn namespace(&self) -> Option<(&'static str, &'static str)> {
        let is_declared = self.extra.attributes.iter().any(|attribute| attribute.name == "xmlns");
        (self.has_namespace() && !is_declared).then_some(("xmlns", NAMESPACE))
    }

    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        writer.parts(Name::Ad, &self.ads);
        writer.uris(Name::Error, &self.errors);
    }
}

impl Part for Ad {
    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        match &self.kind {
            AdKind::InLine(inline) => writer.parts(Name::InLine, [&**inline]),
            AdKind::Wrapper(wrapper) => writer.parts(Name::Wrapper, [&**wrapper]),
        }
    }
}

impl Part for InLine {
    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        writer.enter_ad(&self.extensions);
        writer.parts(Name::AdSystem, &self.ad_system);
        writer.uris(Name::Error, &self.errors);
        writer.extensions(Name::Extension, &self.extensions);
        writer.parts(Name::Impression, &self.impressions);
        writer.parts(Name::Pricing, &self.pricing);
        writer.parts(Name::ViewableImpression, &self.viewable_impression);
        writer.texts(Name::AdServingId, &self.ad_serving_id);
        writer.texts(Name::AdTitle, &self.ad_title);
        writer.verifications(&self.ad_verifications, &self.creatives);
        writer.parts(Name::Advertiser, &self.advertiser);
        writer.parts(Name::Category, &self.categories);
        writer.parts(Name::Creative, &self.creatives);
        writer.texts(Name::Description, &self.description);
        writer.value(Name::Expires, self.expires.map(ScalarValue::Integer));
        writer.parts(Name::Survey, &self.surveys);
    }
}

impl Part for Wrapper {
    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        writer.enter_ad(&self.extensions);
        writer.parts(Name::AdSystem, &self.ad_system);
        writer.uris(Name::Error, &self.errors);
        writer.extensions(Name::Extension, &self.extensions);
        writer.parts(Name::Impression, &self.impressions);
        writer.parts(Name::Pricing, &self.pricing);
        writer.parts(Name::ViewableImpression, &self.viewable_impression);
        writer.verifications(&self.ad_verifications, &self.creatives);
        writer.parts(Name::BlockedAdCategories, &self.blocked_ad_categories);
        writer.parts(Name::Creative, &self.creatives);
        // In the model, an empty URI means that the element is missing.
        writer.uris(Name::VastAdTagUri, Some(&self.vast_ad_tag_uri).filter(|uri| !uri.is_empty()));
    }
}

/// Implements [`Part`] for parts that contain only a text or a URI and attributes.
macro_rules! contents {
    ($($part:ident: $kind:ident $field:ident,)*) => {
        $(impl $crate::write::Part for $part {
            fn content(&self) -> Option<$crate::xml::Content<'_>> {
                Some($crate::xml::Content::$kind(self.$field.as_str().into()))
            }
        })*
    };
}

pub(crate) use contents;

contents! {
    AdSystem: Text name,
    Advertiser: Text name,
    Category: Text value,
    Pricing: Text value,
    Survey: Uri url,
    Impression: Uri url,
    VerificationResource: Uri url,
}

impl Part for BlockedAdCategories {
    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Text(self.categories.join(",").into()))
    }
}

impl Part for ViewableImpression {
    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        writer.uris(Name::Viewable, &self.viewable);
        writer.uris(Name::NotViewable, &self.not_viewable);
        writer.uris(Name::ViewUndetermined, &self.view_undetermined);
    }
}

impl Part for Verification {
    fn children<'a>(&'a self, writer: &mut Writer<'a, '_>) {
        for resource in &self.resources {
            let name = match resource.executable {
                Executable::JavaScript { .. } => Name::JavaScriptResource,
                Executable::Native { .. } => Name::ExecutableResource,
            };
            writer.parts(name, [resource]);
        }
        writer.parts(Name::Tracking, &self.tracking_events);
        writer.texts(Name::VerificationParameters, &self.parameters);
    }
}
