//! The facts of a document that matter to a user, as lines of text for comparisons.

use vast_xml::Text;
use vast_xml::model::{
    Ad, AdKind, Click, Companion, Creative, Extension, Icon, Linear, MediaFile, NonLinear, Place, Resource, Tracking,
    Vast, Verification,
};

/// The facts, sorted. They do not contain unknown elements, nor what the writer may change: characters that XML forbids,
/// and the order of resources.
pub(crate) fn facts(vast: &Vast) -> Vec<String> {
    let mut facts = Facts::default();
    facts.urls("root error", &vast.errors);
    for (index, ad) in vast.ads.iter().enumerate() {
        facts.scope = format!("ad {index}");
        facts.ad(ad);
    }
    facts.lines.sort();
    facts.lines
}

#[derive(Default)]
struct Facts {
    scope: String,
    lines: Vec<String>,
}

impl Facts {
    fn add(&mut self, what: &str, value: &str) {
        let value = clean(value);
        self.lines.push(format!("{}: {what}: {value}", self.scope));
    }

    /// An empty URL is not a fact.
    fn url(&mut self, what: &str, url: &str) {
        if !clean(url).is_empty() {
            self.add(what, url);
        }
    }

    fn urls(&mut self, what: &str, urls: &[Text]) {
        urls.iter().for_each(|url| self.url(what, url));
    }

    fn clicks<'a>(&mut self, what: &str, clicks: impl IntoIterator<Item = &'a Click>) {
        clicks.into_iter().for_each(|click| self.url(what, &click.url));
    }

    fn text(&mut self, what: &str, text: Option<&Text>) {
        self.url(what, text.map(Text::as_str).unwrap_or_default());
    }

    fn ad(&mut self, ad: &Ad) {
        self.text("id", ad.id.as_ref());
        self.add("numbers", &format!("{:?} {:?}", ad.sequence, ad.conditional_ad));
        ad.impressions().iter().for_each(|one| self.url("impression", &one.url));
        self.urls("error", ad.errors());
        match &ad.kind {
            AdKind::InLine(inline) => {
                self.text("title", inline.ad_title.as_ref());
                self.add("expires", &format!("{:?}", inline.expires));
                inline.ad_verifications.iter().for_each(|one| self.verification(one));
                inline.extensions.iter().for_each(|one| self.extension(one));
            }
            AdKind::Wrapper(wrapper) => {
                self.url("tag", &wrapper.vast_ad_tag_uri);
                let flags = [wrapper.follow_additional_wrappers, wrapper.allow_multiple_ads, wrapper.fallback_on_no_ad];
                self.add("flags", &format!("{flags:?}"));
                wrapper.ad_verifications.iter().for_each(|one| self.verification(one));
                wrapper.extensions.iter().for_each(|one| self.extension(one));
            }
        }
        for (index, creative) in ad.creatives().iter().enumerate() {
            let scope = format!("{}, creative {index}", self.scope);
            let outer = std::mem::replace(&mut self.scope, scope);
            self.creative(creative);
            self.scope = outer;
        }
    }

    fn verification(&mut self, verification: &Verification) {
        self.add("verification", verification.vendor.as_deref().unwrap_or_default());
        // Markup in an extension is written in canonical form, so its original spelling is not a fact.
        if verification.place == Place::Native {
            self.text("verification parameters", verification.parameters.as_ref());
        }
        verification.resources.iter().for_each(|resource| self.url("verification resource", &resource.url));
        self.tracking("verification", &verification.tracking_events);
    }

    fn extension(&mut self, extension: &Extension) {
        self.add("extension", extension.extension_type.as_deref().unwrap_or_default());
    }

    fn creative(&mut self, creative: &Creative) {
        self.text("id", creative.id.as_ref());
        self.text("ad id", creative.ad_id.as_ref());
        creative.universal_ad_ids.iter().for_each(|id| self.url("universal ad id", &id.value));
        creative.linear.iter().for_each(|linear| self.linear(linear));
        if let Some(ads) = &creative.non_linear_ads {
            self.tracking("non-linear", &ads.tracking_events);
            ads.non_linears.iter().for_each(|ad| self.non_linear(ad));
            ads.icons.iter().for_each(|icon| self.icon(icon));
        }
        let companions = creative.companion_ads.iter().flat_map(|ads| &ads.companions);
        companions.for_each(|companion| self.companion(companion));
        creative.creative_extensions.iter().for_each(|one| self.extension(one));
    }

    fn linear(&mut self, linear: &Linear) {
        self.add("skip offset", &format!("{:?}", linear.skip_offset.map(|offset| offset.to_string())));
        self.add("duration", &format!("{:?}", linear.duration.map(|duration| duration.as_millis())));
        linear.media_files.iter().for_each(|file| self.media_file(file));
        linear.mezzanines.iter().for_each(|file| self.url("mezzanine", &file.url));
        linear.interactive_creative_files.iter().for_each(|file| self.url("interactive file", &file.url));
        linear.closed_caption_files.iter().for_each(|file| self.url("captions", &file.url));
        self.text("parameters", linear.ad_parameters.as_ref().map(|parameters| &parameters.value));
        self.clicks("click through", &linear.click_through);
        self.clicks("click tracking", &linear.click_tracking);
        self.clicks("custom click", &linear.custom_clicks);
        self.tracking("linear", &linear.tracking_events);
        linear.icons.iter().for_each(|icon| self.icon(icon));
    }

    fn media_file(&mut self, file: &MediaFile) {
        self.url("media file", &file.url);
        self.text("media type", file.mime_type.as_ref());
        let numbers = [file.width, file.height, file.bitrate, file.min_bitrate, file.max_bitrate];
        self.add("media numbers", &format!("{numbers:?} {:?}", file.file_size));
    }

    fn tracking(&mut self, unit: &str, trackers: &[Tracking]) {
        for tracker in trackers.iter().filter(|tracker| !clean(&tracker.url).is_empty()) {
            let offset = tracker.offset.map(|offset| offset.to_string());
            self.add(&format!("{unit} {} {offset:?}", clean(tracker.event.name())), &tracker.url);
        }
    }

    fn icon(&mut self, icon: &Icon) {
        self.add("icon", icon.program.as_deref().unwrap_or_default());
        self.resources(&icon.resources);
        self.clicks("icon click through", &icon.click_through);
        self.clicks("icon click tracking", &icon.click_tracking);
        self.urls("icon view", &icon.view_tracking);
    }

    fn companion(&mut self, companion: &Companion) {
        self.add("companion", &format!("{:?} {:?}", companion.width, companion.height));
        self.resources(&companion.resources);
        self.clicks("companion click through", &companion.click_through);
        self.clicks("companion click tracking", &companion.click_tracking);
        self.tracking("companion", &companion.tracking_events);
    }

    fn non_linear(&mut self, ad: &NonLinear) {
        self.add("non-linear", &format!("{:?} {:?}", ad.width, ad.height));
        self.resources(&ad.resources);
        self.clicks("non-linear click through", &ad.click_through);
        self.clicks("non-linear click tracking", &ad.click_tracking);
        self.tracking("one non-linear", &ad.tracking_events);
        ad.media_files.iter().for_each(|file| self.media_file(file));
    }

    fn resources(&mut self, resources: &[Resource]) {
        for resource in resources {
            match resource {
                Resource::Static(file) => self.url("static", &file.url),
                Resource::IFrame(url) => self.url("frame", url),
                Resource::Html(html) => self.url("html", &html.content),
                _ => self.add("resource", ""),
            }
        }
    }
}

/// The text without characters that XML 1.0 forbids, and without the white space that is then at its ends.
pub(crate) fn clean(text: &str) -> String {
    let allowed = |character: &char| !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().filter(allowed).collect::<String>().trim().to_owned()
}
