//! A VAST document: its ads, their media files and their trackers.

use vast_xml::Document;
use vast_xml::model::{
    Ad, AdKind, AdType, BlockedAdCategories, Category, Creative, InLine, Survey, Vast, ViewableImpression, Wrapper,
};

use super::tracker_counts::TrackerCounts;
use super::units::count;
use super::{ad_parts, creative, media, warnings};
use crate::render::layout::{HumanOptions, Page, StyledText, TextStyle};

/// The document as text for people. `origin` is its URL or path.
pub(crate) fn document(document: &Document, origin: &str, options: HumanOptions) -> String {
    let Document { vast, warnings, .. } = document;
    let mut page = Page::new(options);
    page.line(&StyledText::new(
        &format!("{}{}, from {origin}", summary(vast), warnings::damage(warnings)),
        TextStyle::Heading,
    ));
    ads(&mut page, vast);
    page.section(&count(warnings.len(), "warning"), warnings::table(warnings));
    page.finish()
}

/// The version and the number of ads, for example `VAST 4.2, 2 ads`.
pub(super) fn summary(vast: &Vast) -> String {
    let version = vast
        .version
        .as_deref()
        .map_or_else(|| "VAST without a version".to_owned(), |version| format!("VAST {version}"));
    let ads = if vast.ads.is_empty() { "no ad".to_owned() } else { count(vast.ads.len(), "ad") };
    format!("{version}, {ads}")
}

/// The error URLs of the document, then its ads.
pub(super) fn ads(page: &mut Page, vast: &Vast) {
    for url in &vast.errors {
        page.field("no-ad URL", url);
    }
    for ad in &vast.ads {
        page.blank();
        match &ad.kind {
            AdKind::InLine(inline) => write_inline(page, ad, inline),
            AdKind::Wrapper(wrapper) => write_wrapper(page, ad, wrapper),
        }
    }
}

fn write_inline(page: &mut Page, ad: &Ad, inline: &InLine) {
    page.line(&StyledText::new(media::title(inline), TextStyle::Heading));
    let identity = media::identity(ad.id.as_ref(), ad.sequence, inline, None);
    page.field("inline", &media::joined([kind_of(ad), Some(identity)]));
    page.field("about", inline.description.as_deref().unwrap_or_default());
    page.field("serving", inline.ad_serving_id.as_deref().unwrap_or_default());
    page.field("categories", &inline.categories.iter().map(category).collect::<Vec<_>>().join(", "));
    page.field("expires", &inline.expires.map_or_else(String::new, |seconds| format!("{seconds} s after the request")));
    calls(page, ad, inline.viewable_impression.as_ref());
    for Survey { url, .. } in &inline.surveys {
        page.field("survey", url);
    }
    page.field("plays", &nothing_to_play(inline));
    creative::write(page, &inline.creatives);
    ad_parts::verifications(page, &inline.ad_verifications);
    ad_parts::extensions(page, &inline.extensions);
}

/// The reason why the ad cannot be played; empty if it can be played.
fn nothing_to_play(inline: &InLine) -> String {
    let is_shown = |creative: &Creative| creative.linear.is_some() || creative.non_linear_ads.is_some();
    let mut linears = inline.creatives.iter().filter_map(|creative| creative.linear.as_ref());
    let without_files = linears.clone().count() > 0 && linears.all(|linear| linear.media_files.is_empty());
    if !inline.creatives.iter().any(is_shown) {
        "nothing: no linear and no non-linear creative".to_owned()
    } else if without_files {
        "nothing: a linear ad without a media file".to_owned()
    } else {
        String::new()
    }
}

fn write_wrapper(page: &mut Page, ad: &Ad, wrapper: &Wrapper) {
    page.line(&StyledText::new("Wrapper", TextStyle::Heading));
    page.field(
        "wrapper",
        &media::joined([
            kind_of(ad),
            ad.id.as_ref().map(|id| format!("id {id}")),
            ad.sequence.map(|sequence| format!("pod position {sequence}")),
            wrapper.ad_system.as_ref().and_then(media::system),
            wrapper.pricing.as_ref().map(media::price),
        ]),
    );
    page.field(
        "leads to",
        if wrapper.vast_ad_tag_uri.is_empty() { "nowhere: no VASTAdTagURI" } else { &wrapper.vast_ad_tag_uri },
    );
    page.field("flags", &flags(wrapper));
    page.field("blocks", &wrapper.blocked_ad_categories.iter().map(blocked).collect::<Vec<_>>().join("; "));
    calls(page, ad, wrapper.viewable_impression.as_ref());
    creative::write(page, &wrapper.creatives);
    ad_parts::verifications(page, &wrapper.ad_verifications);
    ad_parts::extensions(page, &wrapper.extensions);
}

fn viewable_urls(viewable: &ViewableImpression) -> usize {
    viewable.viewable.len() + viewable.not_viewable.len() + viewable.view_undetermined.len()
}

/// The ad type other than video, and whether the ad is conditional.
fn kind_of(ad: &Ad) -> Option<String> {
    let ad_type = ad.ad_type.as_ref().filter(|ad_type| **ad_type != AdType::Video);
    let conditional = (ad.conditional_ad == Some(true)).then(|| "conditional".to_owned());
    let shown = media::joined([ad_type.map(|ad_type| format!("{} ad", ad_type.as_str())), conditional]);
    (!shown.is_empty()).then_some(shown)
}

/// The wrapper's attributes for the next document that are present.
fn flags(wrapper: &Wrapper) -> String {
    let flag = |name: &str, value: Option<bool>| value.map(|value| format!("{name} {value}"));
    media::joined([
        flag("followAdditionalWrappers", wrapper.follow_additional_wrappers),
        flag("allowMultipleAds", wrapper.allow_multiple_ads),
        flag("fallbackOnNoAd", wrapper.fallback_on_no_ad),
    ])
}

/// A category with its authority, for example `IAB18 (iabtechlab.com)`.
fn category(category: &Category) -> String {
    by(&category.value, category.authority.as_deref())
}

fn blocked(blocked: &BlockedAdCategories) -> String {
    by(&blocked.categories.join(", "), blocked.authority.as_deref())
}

fn by(codes: &str, authority: Option<&str>) -> String {
    match authority.filter(|authority| !authority.is_empty()) {
        Some(authority) => format!("{codes} ({authority})"),
        None => codes.to_owned(),
    }
}

/// The trackers of the ad itself. Those of its creatives are printed with the creatives.
fn calls(page: &mut Page, ad: &Ad, viewable: Option<&ViewableImpression>) {
    let count = viewable.map_or(0, viewable_urls);
    let tally = TrackerCounts::default().impressions(ad.impressions().iter()).viewable(count).errors(ad.errors().len());
    page.field("calls", &tally.shown());
    if !page.is_verbose() {
        return;
    }
    for impression in ad.impressions() {
        page.field("impression", &impression.url);
    }
    if let Some(ViewableImpression { viewable, not_viewable, view_undetermined, .. }) = viewable {
        for (label, urls) in [("viewable", viewable), ("not viewed", not_viewable), ("undecided", view_undetermined)] {
            urls.iter().for_each(|url| page.field(label, url));
        }
    }
    for url in ad.errors() {
        page.field("error", url);
    }
}
