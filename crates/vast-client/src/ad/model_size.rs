//! The memory that the parts of a document need.
//!
//! A part such as `<Creative/>` has a few bytes in a document, and up to a thousand in memory. So the limits of the bytes of documents
//! count the parts with the size that they have in memory.

use std::mem::size_of_val;

use vast_xml::model::{
    Ad, AdKind, Companion, Creative, Icon, InLine, Linear, NonLinear, NonLinearAds, Vast, Verification, Wrapper,
};

/// The bytes that an ad needs in addition to its parts: as a candidate, in the journal and in the result.
const AD_BYTES: usize = 2 << 10;

/// The bytes that the ads of a document and their parts need, without their texts and without the content of extensions.
pub(crate) fn model_bytes(document: &Vast) -> usize {
    document.ads.iter().map(ad).sum()
}

fn ad(Ad { kind, .. }: &Ad) -> usize {
    AD_BYTES
        + match kind {
            AdKind::InLine(inline) => of_inline(inline),
            AdKind::Wrapper(wrapper) => of_wrapper(wrapper),
        }
}

fn of_inline(inline: &InLine) -> usize {
    let InLine { impressions, errors, categories, surveys, extensions, .. } = inline;
    size_of_val(&**impressions)
        + size_of_val(&**errors)
        + size_of_val(&**categories)
        + size_of_val(&**surveys)
        + size_of_val(&**extensions)
        + each(&inline.ad_verifications, verification)
        + each(&inline.creatives, creative)
}

fn of_wrapper(wrapper: &Wrapper) -> usize {
    let Wrapper { impressions, errors, blocked_ad_categories, extensions, .. } = wrapper;
    size_of_val(&**impressions)
        + size_of_val(&**errors)
        + size_of_val(&**blocked_ad_categories)
        + size_of_val(&**extensions)
        + each(&wrapper.ad_verifications, verification)
        + each(&wrapper.creatives, creative)
}

/// The bytes of `parts` and of what each of them holds.
fn each<T>(parts: &[T], inside: impl Fn(&T) -> usize) -> usize {
    size_of_val(parts) + parts.iter().map(inside).sum::<usize>()
}

fn verification(part: &Verification) -> usize {
    size_of_val(&*part.resources) + size_of_val(&*part.tracking_events)
}

fn creative(part: &Creative) -> usize {
    let companions = part.companion_ads.as_ref().map_or(0, |ads| each(&ads.companions, companion));
    part.linear.as_ref().map_or(0, linear)
        + part.non_linear_ads.as_ref().map_or(0, non_linear_ads)
        + companions
        + size_of_val(&*part.universal_ad_ids)
        + size_of_val(&*part.creative_extensions)
}

fn linear(part: &Linear) -> usize {
    let Linear { media_files, mezzanines, interactive_creative_files, closed_caption_files, .. } = part;
    let Linear { click_tracking, custom_clicks, tracking_events, .. } = part;
    size_of_val(&**media_files)
        + size_of_val(&**mezzanines)
        + size_of_val(&**interactive_creative_files)
        + size_of_val(&**closed_caption_files)
        + size_of_val(&**click_tracking)
        + size_of_val(&**custom_clicks)
        + size_of_val(&**tracking_events)
        + each(&part.icons, icon)
}

fn icon(part: &Icon) -> usize {
    size_of_val(&*part.resources) + size_of_val(&*part.click_tracking) + size_of_val(&*part.fallback_images)
}

fn non_linear_ads(part: &NonLinearAds) -> usize {
    each(&part.non_linears, non_linear) + size_of_val(&*part.tracking_events) + each(&part.icons, icon)
}

fn non_linear(part: &NonLinear) -> usize {
    let NonLinear { resources, click_tracking, custom_clicks, media_files, .. } = part;
    size_of_val(&**resources)
        + size_of_val(&**click_tracking)
        + size_of_val(&**custom_clicks)
        + size_of_val(&**media_files)
}

fn companion(part: &Companion) -> usize {
    size_of_val(&*part.resources) + size_of_val(&*part.click_tracking) + size_of_val(&*part.tracking_events)
}
