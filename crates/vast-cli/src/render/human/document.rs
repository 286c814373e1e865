//! A document at a glance: what its ads are, what they will play, what they will call.

use vast_xml::Document;
use vast_xml::model::{
    Ad, AdKind, AdType, BlockedAdCategories, Category, Creative, InLine, Survey, Vast, ViewableImpression, Wrapper,
};

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
    page.line(&Piece::new(&format!("{}{}, from {origin}", summary(vast), warnings::damage(warnings)), Paint::Strong));
    ads(&mut page, vast);
    page.section(&count(warnings.len(), "warning"), warnings::table(warnings));
    page.finish()
}

/// `VAST 4.2, 2 ads`.
pub(super) fn summary(vast: &Vast) -> String {
    let version = vast
        .version
        .as_deref()
        .map_or_else(|| "VAST without a version".to_owned(), |version| format!("VAST {version}"));
    let ads = if vast.ads.is_empty() { "no ad".to_owned() } else { count(vast.ads.len(), "ad") };
    format!("{version}, {ads}")
}

/// What is called when there is no ad, then the ads.
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
    page.line(&Piece::new(media::title(inline), Paint::Strong));
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
    extras::verifications(page, &inline.ad_verifications);
    extras::extensions(page, &inline.extensions);
}

/// Why there is nothing to play; empty when there is something.
fn nothing_to_play(inline: &InLine) -> String {
    let is_shown = |creative: &Creative| creative.linear.is_some() || creative.non_linear_ads.is_some();
    let mut linears = inline.creatives.iter().filter_map(|creative| creative.linear.as_ref());
    let without_files = linears.clone().count() > 0 && linears.all(|linear| linear.media_files.is_empty());
    if !inline.creatives.iter().any(is_shown) {
        "nothing: neither a linear nor a non-linear ad".to_owned()
    } else if without_files {
        "nothing: a linear ad without a media file".to_owned()
    } else {
        String::new()
    }
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
    page.field("blocks", &wrapper.blocked_ad_categories.iter().map(blocked).collect::<Vec<_>>().join("; "));
    calls(page, ad, wrapper.viewable_impression.as_ref());
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
    ])
}

/// `IAB18 (iabtechlab.com)`.
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

/// The URLs of the ad as a whole; those of its creatives stand with them.
fn calls(page: &mut Page, ad: &Ad, viewable: Option<&ViewableImpression>) {
    let count = viewable.map_or(0, viewable_urls);
    let tally = Tally::default().impressions(ad.impressions().iter()).viewable(count).errors(ad.errors().len());
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
