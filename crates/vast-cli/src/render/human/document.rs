//! A document at a glance: what its ads are, what they will play, what they will call.

use vast_xml::Document;
use vast_xml::model::{Ad, AdKind, AdType, InLine, ViewableImpression, Wrapper};

use super::page::Page;
use super::style::{Paint, Piece};
use super::tally::Tally;
use super::units::count;
use super::view::View;
use super::{creative, extras, media, warnings};

/// The document, which came from `origin` (a URL, a path), as text for people.
pub(crate) fn document(document: &Document, origin: &str, view: View) -> String {
    let Document { vast, warnings } = document;
    let mut page = Page::new(view);
    let version = vast
        .version
        .as_deref()
        .map_or_else(|| "VAST without a version".to_owned(), |version| format!("VAST {version}"));
    let ads = if vast.ads.is_empty() { "no ad".to_owned() } else { count(vast.ads.len(), "ad") };
    page.line(&Piece::new(&format!("{version}, {ads}, from {origin}"), Paint::Strong));
    for url in &vast.errors {
        page.field("no-ad URL", url);
    }
    for ad in &vast.ads {
        page.blank();
        match &ad.kind {
            AdKind::InLine(inline) => write_inline(&mut page, ad, inline),
            AdKind::Wrapper(wrapper) => write_wrapper(&mut page, ad, wrapper),
        }
    }
    page.section(&count(warnings.len(), "warning"), warnings::table(warnings));
    page.finish()
}

fn write_inline(page: &mut Page, ad: &Ad, inline: &InLine) {
    page.line(&Piece::new(media::title(inline), Paint::Strong));
    let identity = media::identity(ad.id.as_ref(), ad.sequence, inline, None);
    page.field("inline", &media::joined([kind_of(ad), Some(identity)]));
    page.field("about", inline.description.as_deref().unwrap_or_default());
    let categories: Vec<&str> = inline.categories.iter().map(|category| &*category.value).collect();
    page.field("categories", &categories.join(", "));
    page.field("expires", &inline.expires.map_or_else(String::new, |seconds| format!("{seconds} s after the request")));
    let viewable = inline.viewable_impression.as_ref();
    calls(page, ad, viewable.map_or(0, viewable_urls));
    creative::write(page, &inline.creatives);
    extras::verifications(page, &inline.ad_verifications);
    extras::extensions(page, &inline.extensions);
}

fn write_wrapper(page: &mut Page, ad: &Ad, wrapper: &Wrapper) {
    page.line(&Piece::new("Wrapper", Paint::Strong));
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
    calls(page, ad, wrapper.viewable_impression.as_ref().map_or(0, viewable_urls));
    creative::write(page, &wrapper.creatives);
    extras::verifications(page, &wrapper.ad_verifications);
    extras::extensions(page, &wrapper.extensions);
}

fn viewable_urls(viewable: &ViewableImpression) -> usize {
    viewable.viewable.len() + viewable.not_viewable.len() + viewable.view_undetermined.len()
}

/// What is unusual about the ad as a whole.
fn kind_of(ad: &Ad) -> Option<String> {
    let ad_type = ad.ad_type.as_ref().filter(|ad_type| **ad_type != AdType::Video);
    let conditional = (ad.conditional_ad == Some(true)).then(|| "conditional".to_owned());
    let shown = media::joined([ad_type.map(|ad_type| format!("{} ad", ad_type.as_str())), conditional]);
    (!shown.is_empty()).then_some(shown)
}

/// What the wrapper says about the answer behind it; what it leaves out is left out.
fn flags(wrapper: &Wrapper) -> String {
    let flag = |name: &str, value: Option<bool>| value.map(|value| format!("{name} {value}"));
    media::joined([
        flag("followAdditionalWrappers", wrapper.follow_additional_wrappers),
        flag("allowMultipleAds", wrapper.allow_multiple_ads),
        flag("fallbackOnNoAd", wrapper.fallback_on_no_ad),
        (!wrapper.blocked_ad_categories.is_empty()).then(|| {
            let blocked: usize = wrapper.blocked_ad_categories.iter().map(|list| list.categories.len()).sum();
            count(blocked, "blocked category")
        }),
    ])
}

/// The URLs of the ad as a whole; those of its creatives stand with them.
fn calls(page: &mut Page, ad: &Ad, viewable: usize) {
    let tally = Tally::default().impressions(ad.impressions().iter()).viewable(viewable).errors(ad.errors().len());
    page.field("calls", &tally.shown());
    if page.is_verbose() {
        for impression in ad.impressions() {
            page.field("impression", &impression.url);
        }
        for url in ad.errors() {
            page.field("error", url);
        }
    }
}
