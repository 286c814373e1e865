//! What a document says about an ad, as a list of facts that can be compared.

use std::fmt::Display;
use std::time::Duration;

use vast_xml::Text;
use vast_xml::model::{
    Ad, AdKind, AdParameters, Click, Companion, Creative, Executable, Icon, InLine, Linear, MediaFile, NonLinear,
    Offset, Resource, Tracking, Verification, ViewableImpression, Wrapper,
};

use super::difference::DiffPart;
use super::stable_url::{stable_text, stable_url};

/// A fact: what it is about, and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AdFact {
    pub(super) part: DiffPart,
    /// What the value is, for example `title` or `companion 300x250 creativeView`.
    pub(super) name: String,
    value: String,
    url: Option<Text>,
}

impl AdFact {
    fn text(part: DiffPart, name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { part, name: name.into(), value: value.into(), url: None }
    }

    fn url(part: DiffPart, name: impl Into<String>, url: &Text) -> Self {
        Self { part, name: name.into(), value: String::new(), url: Some(url.clone()) }
    }

    /// The value as a person reads it.
    pub(super) fn shown(&self) -> String {
        let url = self.url.as_deref().unwrap_or_default();
        [self.value.as_str(), url].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The value as it is compared: without what changes with each request, unless `is_exact`.
    pub(super) fn key(&self, is_exact: bool) -> String {
        if is_exact {
            return self.shown();
        }
        let url = self.url.as_deref().map(stable_url).unwrap_or_default();
        format!("{} {url}", stable_text(&self.value))
    }

    /// The URL as it is compared; empty for a fact without one.
    pub(super) fn stable_url(&self) -> String {
        self.url.as_deref().map(stable_url).unwrap_or_default()
    }
}

/// A list of facts that grows. Each method adds the facts of one part of the model.
#[derive(Debug, Default)]
pub(super) struct AdFacts(pub(super) Vec<AdFact>);

/// The facts of an ad. Extensions and `AdServingId`, which each answer has anew, are left out.
pub(super) fn of_ad(ad: &Ad) -> Vec<AdFact> {
    let mut facts = AdFacts::default();
    facts.value("id", ad.id.as_ref());
    facts.value("sequence", ad.sequence);
    facts.value("adType", ad.ad_type.as_ref().map(|kind| kind.as_str()));
    match &ad.kind {
        AdKind::InLine(inline) => facts.inline(inline),
        AdKind::Wrapper(wrapper) => facts.wrapper(wrapper),
    }
    ad.impressions().iter().for_each(|impression| facts.tracker("impression", &impression.url));
    facts.trackers("error", ad.errors());
    ad.creatives().iter().for_each(|creative| facts.creative(creative));
    facts.0
}

/// The facts of a wrapper above an ad. Its trackers and clicks have the names of those of the ad, because the player calls them together.
pub(super) fn of_wrapper_above(wrapper: &Wrapper) -> Vec<AdFact> {
    let mut facts = AdFacts::default();
    facts.tag("wrapper", &wrapper.vast_ad_tag_uri);
    facts.value("wrapper price", wrapper.pricing.as_ref().map(price));
    facts.viewable(wrapper.viewable_impression.as_ref());
    wrapper.ad_verifications.iter().for_each(|verification| facts.verification(verification));
    wrapper.impressions.iter().for_each(|impression| facts.tracker("impression", &impression.url));
    facts.trackers("error", &wrapper.errors);
    wrapper.creatives.iter().for_each(|creative| facts.creative(creative));
    facts.0
}

impl AdFacts {
    pub(super) fn value(&mut self, name: impl Into<String>, value: Option<impl Display>) {
        self.0.extend(value.map(|value| AdFact::text(DiffPart::Ad, name, value.to_string())));
    }

    /// A fact about the sources of a request.
    pub(super) fn source(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push(AdFact::text(DiffPart::Source, name, value));
    }

    pub(super) fn tag(&mut self, name: &str, url: &Text) {
        self.0.push(AdFact::url(DiffPart::Ad, name, url));
    }

    fn media(&mut self, name: impl Into<String>, value: impl Into<String>, url: &Text) {
        self.0.push(AdFact { part: DiffPart::Media, name: name.into(), value: value.into(), url: Some(url.clone()) });
    }

    pub(super) fn tracker(&mut self, name: impl Into<String>, url: &Text) {
        self.0.push(AdFact::url(DiffPart::Tracker, name, url));
    }

    pub(super) fn trackers(&mut self, name: &str, urls: &[Text]) {
        urls.iter().for_each(|url| self.tracker(name, url));
    }

    fn events(&mut self, of: &str, events: &[Tracking]) {
        for Tracking { event, offset, url, .. } in events {
            let offset = offset.map(|offset| format!(" at {offset}")).unwrap_or_default();
            self.tracker(joined(of, &format!("{}{offset}", event.name())), url);
        }
    }

    fn clicks<'c>(&mut self, of: &str, name: &str, clicks: impl IntoIterator<Item = &'c Click>) {
        let clicks = clicks.into_iter();
        self.0.extend(clicks.map(|click| AdFact::url(DiffPart::Click, joined(of, name), &click.url)));
    }

    fn inline(&mut self, inline: &InLine) {
        let InLine { ad_system, ad_title, description, advertiser, pricing, categories, expires, .. } = inline;
        self.value("kind", Some("InLine"));
        self.value("system", ad_system.as_ref().map(|system| &system.name));
        self.value("title", ad_title.as_ref());
        self.value("description", description.as_ref());
        self.value("advertiser", advertiser.as_ref().map(|advertiser| &advertiser.name));
        self.value("price", pricing.as_ref().map(price));
        categories.iter().for_each(|category| self.value("category", Some(&category.value)));
        self.value("expires", expires.map(|seconds| format!("{seconds} s")));
        self.viewable(inline.viewable_impression.as_ref());
        inline.ad_verifications.iter().for_each(|verification| self.verification(verification));
    }

    fn wrapper(&mut self, wrapper: &Wrapper) {
        self.value("kind", Some("Wrapper"));
        self.value("system", wrapper.ad_system.as_ref().map(|system| &system.name));
        self.value("price", wrapper.pricing.as_ref().map(price));
        self.value("followAdditionalWrappers", wrapper.follow_additional_wrappers);
        self.value("allowMultipleAds", wrapper.allow_multiple_ads);
        self.value("fallbackOnNoAd", wrapper.fallback_on_no_ad);
        self.tag("VASTAdTagURI", &wrapper.vast_ad_tag_uri);
        let blocked = wrapper.blocked_ad_categories.iter().flat_map(|blocked| &blocked.categories);
        blocked.for_each(|category| self.value("blocked category", Some(category)));
        self.viewable(wrapper.viewable_impression.as_ref());
        wrapper.ad_verifications.iter().for_each(|verification| self.verification(verification));
    }

    fn viewable(&mut self, viewable: Option<&ViewableImpression>) {
        let Some(ViewableImpression { viewable, not_viewable, view_undetermined, .. }) = viewable else { return };
        self.trackers("viewable", viewable);
        self.trackers("notViewable", not_viewable);
        self.trackers("viewUndetermined", view_undetermined);
    }

    fn verification(&mut self, verification: &Verification) {
        let vendor = verification.vendor.as_deref().unwrap_or("no vendor").to_owned();
        let of_vendor = |value: String, url| AdFact { part: DiffPart::Verification, name: vendor.clone(), value, url };
        for resource in &verification.resources {
            let kind = match &resource.executable {
                Executable::Native { .. } => "native",
                _ => "JavaScript",
            };
            let framework = resource.api_framework.as_deref().unwrap_or_default();
            self.0.push(of_vendor(joined(kind, framework), Some(resource.url.clone())));
        }
        let parameters = verification.parameters.as_ref();
        self.0.extend(parameters.map(|text| of_vendor(format!("parameters {text}"), None)));
        self.events(&format!("verification {vendor}"), &verification.tracking_events);
    }

    fn creative(&mut self, creative: &Creative) {
        let Creative { id, ad_id, universal_ad_ids, linear, non_linear_ads, companion_ads, .. } = creative;
        self.value("creative id", id.as_ref());
        self.value("creative adId", ad_id.as_ref());
        for id in universal_ad_ids {
            self.value("UniversalAdId", Some(joined(id.registry.as_deref().unwrap_or_default(), &id.value)));
        }
        linear.iter().for_each(|linear| self.linear(linear));
        if let Some(ads) = non_linear_ads {
            self.events("non-linear", &ads.tracking_events);
            ads.non_linears.iter().for_each(|ad| self.non_linear(ad));
            ads.icons.iter().for_each(|icon| self.icon(icon));
        }
        companion_ads.iter().flat_map(|ads| &ads.companions).for_each(|companion| self.companion(companion));
    }

    fn linear(&mut self, linear: &Linear) {
        self.value("duration", linear.duration.map(time));
        self.value("skipoffset", linear.skip_offset);
        linear.media_files.iter().for_each(|file| self.media_file("media file", file));
        for file in &linear.mezzanines {
            self.media("mezzanine", file.mime_type.as_deref().unwrap_or_default(), &file.url);
        }
        for file in &linear.interactive_creative_files {
            let kind = [&file.mime_type, &file.api_framework].map(|text| text.as_deref().unwrap_or_default());
            self.media("interactive file", joined(kind[0], kind[1]), &file.url);
        }
        for file in &linear.closed_caption_files {
            let kind = [&file.language, &file.mime_type].map(|text| text.as_deref().unwrap_or_default());
            self.media("captions", joined(kind[0], kind[1]), &file.url);
        }
        self.parameters("linear", linear.ad_parameters.as_ref());
        self.events("", &linear.tracking_events);
        self.clicks("", "click-through", &linear.click_through);
        self.clicks("", "click tracking", &linear.click_tracking);
        self.clicks("", "custom click", &linear.custom_clicks);
        linear.icons.iter().for_each(|icon| self.icon(icon));
    }

    fn media_file(&mut self, name: &str, file: &MediaFile) {
        let rate = file.bitrate.map(|rate| format!("{rate} kbit/s"));
        let parts = [
            file.mime_type.as_deref().map(str::to_owned),
            size(file.width, file.height),
            rate,
            file.codec.as_deref().map(str::to_owned),
            file.delivery.as_ref().map(|delivery| delivery.as_str().to_owned()),
            file.api_framework.as_deref().map(str::to_owned),
        ];
        self.media(name, parts.into_iter().flatten().collect::<Vec<_>>().join(" "), &file.url);
    }

    fn non_linear(&mut self, ad: &NonLinear) {
        let of = sized("non-linear", ad.width, ad.height);
        self.resources(&of, &ad.resources);
        ad.media_files.iter().for_each(|file| self.media_file(&of, file));
        self.parameters(&of, ad.ad_parameters.as_ref());
        self.events(&of, &ad.tracking_events);
        self.clicks(&of, "click-through", &ad.click_through);
        self.clicks(&of, "click tracking", &ad.click_tracking);
        self.clicks(&of, "custom click", &ad.custom_clicks);
    }

    fn companion(&mut self, companion: &Companion) {
        let of = sized("companion", companion.width, companion.height);
        self.resources(&of, &companion.resources);
        self.parameters(&of, companion.ad_parameters.as_ref());
        self.events(&of, &companion.tracking_events);
        self.clicks(&of, "click-through", &companion.click_through);
        self.clicks(&of, "click tracking", &companion.click_tracking);
    }

    fn icon(&mut self, icon: &Icon) {
        let of = joined("icon", icon.program.as_deref().unwrap_or_default());
        self.resources(&of, &icon.resources);
        self.trackers(&joined(&of, "view"), &icon.view_tracking);
        self.clicks(&of, "click-through", &icon.click_through);
        self.clicks(&of, "click tracking", &icon.click_tracking);
    }

    fn resources(&mut self, of: &str, resources: &[Resource]) {
        for resource in resources {
            match resource {
                Resource::Static(file) => self.media(of, file.creative_type.as_deref().unwrap_or_default(), &file.url),
                Resource::IFrame(url) => self.media(of, "iframe", url),
                Resource::Html(html) => {
                    self.0.push(AdFact::text(DiffPart::Media, of, format!("HTML {}", html.content)));
                }
                _ => {}
            }
        }
    }

    fn parameters(&mut self, of: &str, parameters: Option<&AdParameters>) {
        let text = parameters.map(|parameters| parameters.value.to_string());
        self.0.extend(text.map(|text| AdFact::text(DiffPart::Media, joined(of, "parameters"), text)));
    }
}

fn price(pricing: &vast_xml::model::Pricing) -> String {
    let parts = [Some(&pricing.value), pricing.currency.as_ref(), pricing.model.as_ref()];
    parts.into_iter().flatten().map(Text::as_str).collect::<Vec<_>>().join(" ")
}

fn time(time: Duration) -> Offset {
    Offset::Time(time)
}

fn size(width: Option<u32>, height: Option<u32>) -> Option<String> {
    Some(format!("{}x{}", width?, height?))
}

fn sized(kind: &str, width: Option<u32>, height: Option<u32>) -> String {
    joined(kind, &size(width, height).unwrap_or_default())
}

/// Two words with a space between them, or the one that is not empty.
fn joined(one: &str, other: &str) -> String {
    [one, other].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
