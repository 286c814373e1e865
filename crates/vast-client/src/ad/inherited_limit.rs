//! The limit of the parts that all ads of one answer inherit.
//!
//! Each ad of a pod inherits the parts of the wrappers above it: in the JSON, in the merged XML and in its list of
//! trackers. Without a limit, a wrapper of 4 MiB above a pod of 100 ads would cause 400 MiB of output.

use std::sync::Arc;

use vast_xml::Text;
use vast_xml::model::{
    Click, Companion, CompanionAds, Creative, Element, Extension, Icon, Impression, Linear, Node, NonLinear,
    NonLinearAds, Resource, Tracking, Verification, ViewableImpression, Wrapper,
};

use super::chain::WrapperLevel;
use super::limit::Factors;
use super::resolved::ResolvedAd;

/// The largest number of bytes that all ads of one answer inherit from wrappers. A part of a wrapper is counted once
/// for each creative that it applies to. Parts beyond the limit are dropped, and the result has a warning with their
/// number.
pub const MAX_INHERITED_BYTES: usize = 8 << 20;

/// Up to this number of creatives in all ads the limit is not applied: the ads can then inherit at most this multiple of the
/// size of the wrappers.
const FEW: usize = 4;

/// The bytes of a part in addition to its texts: names, punctuation, numbers.
const OVERHEAD: usize = 64;

/// Drops the parts that `ads` inherit beyond [`MAX_INHERITED_BYTES`], and returns the number of dropped parts. The ads use the
/// budget in order. For each ad, impressions and errors are kept first, then all other parts, the outermost wrapper first.
pub(crate) fn limit_inherited<'a>(ads: impl Iterator<Item = &'a mut ResolvedAd>) -> usize {
    let ads: Vec<&mut ResolvedAd> = ads.filter(|ad| !ad.wrappers.is_empty()).collect();
    if ads.iter().map(|ad| Factors::of(ad.own_level()).most()).sum::<usize>() <= FEW {
        return 0;
    }
    let mut budget = Budget { left: MAX_INHERITED_BYTES, dropped: 0 };
    ads.into_iter().for_each(|ad| budget.serve(ad));
    budget.dropped
}

/// The number of bytes that may still be inherited.
struct Budget {
    left: usize,
    dropped: usize,
}

impl Budget {
    fn serve(&mut self, ad: &mut ResolvedAd) {
        let dropped_before = self.dropped;
        let kept = {
            let factors = Factors::of(ad.own_level());
            let mut kept: Vec<Wrapper> = ad.wrappers.iter().map(|level| self.first_parts(&level.wrapper)).collect();
            for (kept, level) in kept.iter_mut().zip(&ad.wrappers) {
                self.other_parts(kept, &level.wrapper, &factors);
            }
            kept
        };
        if self.dropped > dropped_before {
            for (level, wrapper) in ad.wrappers.iter_mut().zip(kept) {
                *level = Arc::new(with_wrapper(level, wrapper));
            }
        }
    }

    /// A copy of the wrapper with its impressions and errors, as far as the budget allows, and without other parts.
    fn first_parts(&mut self, of: &Wrapper) -> Wrapper {
        let mut kept = Wrapper::default();
        kept.vast_ad_tag_uri.clone_from(&of.vast_ad_tag_uri);
        kept.ad_system.clone_from(&of.ad_system);
        kept.pricing.clone_from(&of.pricing);
        kept.blocked_ad_categories.clone_from(&of.blocked_ad_categories);
        kept.follow_additional_wrappers = of.follow_additional_wrappers;
        kept.allow_multiple_ads = of.allow_multiple_ads;
        kept.fallback_on_no_ad = of.fallback_on_no_ad;
        kept.impressions = self.keep(&of.impressions, 1, |one: &Impression| one.url.len() + length(one.id.as_ref()));
        kept.errors = self.keep(&of.errors, 1, |url| url.len());
        kept
    }

    fn other_parts(&mut self, kept: &mut Wrapper, of: &Wrapper, factors: &Factors<'_>) {
        kept.viewable_impression = of.viewable_impression.as_ref().map(|of| {
            let mut kept = ViewableImpression::default();
            kept.id.clone_from(&of.id);
            kept.viewable = self.keep(&of.viewable, 1, |url| url.len());
            kept.not_viewable = self.keep(&of.not_viewable, 1, |url| url.len());
            kept.view_undetermined = self.keep(&of.view_undetermined, 1, |url| url.len());
            kept
        });
        kept.ad_verifications = self.keep(&of.ad_verifications, 1, verification);
        kept.creatives = of.creatives.iter().map(|creative| self.creative(creative, factors)).collect();
        kept.extensions = self.keep(&of.extensions, 1, extension);
    }

    fn creative(&mut self, of: &Creative, factors: &Factors<'_>) -> Creative {
        let mut kept = Creative::default();
        kept.id.clone_from(&of.id);
        kept.ad_id.clone_from(&of.ad_id);
        kept.sequence = of.sequence;
        kept.api_framework.clone_from(&of.api_framework);
        kept.linear = of.linear.as_ref().map(|of| self.linear(of, factors.linears));
        kept.non_linear_ads = of.non_linear_ads.as_ref().map(|of| self.non_linear_ads(of, factors));
        kept.companion_ads = of.companion_ads.as_ref().map(|of| {
            let mut kept = CompanionAds::default();
            kept.required.clone_from(&of.required);
            kept.companions = self.keep_each(&of.companions, |one| factors.of_companion(one), companion);
            kept
        });
        kept
    }

    fn linear(&mut self, of: &Linear, factor: usize) -> Linear {
        let mut kept = Linear::default();
        kept.click_through.clone_from(&of.click_through);
        kept.tracking_events = self.keep(&of.tracking_events, factor, tracking);
        kept.click_tracking = self.keep(&of.click_tracking, factor, click);
        kept.custom_clicks = self.keep(&of.custom_clicks, factor, click);
        kept.icons = self.keep(&of.icons, factor, icon);
        kept
    }

    fn non_linear_ads(&mut self, of: &NonLinearAds, factors: &Factors<'_>) -> NonLinearAds {
        let tracking_events = self.keep(&of.tracking_events, factors.non_linear_ads, tracking);
        let icons = self.keep(&of.icons, factors.non_linear_ads, icon);
        let non_linear = |of: &NonLinear| {
            let tracking_events = self.keep(&of.tracking_events, factors.non_linear_ads, tracking);
            let click_tracking = self.keep(&of.click_tracking, factors.non_linears, click);
            let custom_clicks = self.keep(&of.custom_clicks, factors.non_linears, click);
            let mut kept = NonLinear::default();
            kept.tracking_events = tracking_events;
            kept.click_tracking = click_tracking;
            kept.custom_clicks = custom_clicks;
            kept
        };
        let mut kept = NonLinearAds::default();
        kept.non_linears = of.non_linears.iter().map(non_linear).collect();
        kept.tracking_events = tracking_events;
        kept.icons = icons;
        kept
    }

    fn keep<T: Clone>(&mut self, parts: &[T], factor: usize, size: impl Fn(&T) -> usize) -> Vec<T> {
        self.keep_each(parts, |_| factor, size)
    }

    /// The parts that fit into the budget, each counted `factor` times. A smaller part after one that does not fit is still
    /// kept.
    fn keep_each<T: Clone>(&mut self, parts: &[T], factor: impl Fn(&T) -> usize, size: impl Fn(&T) -> usize) -> Vec<T> {
        let fits = |part: &&T| {
            let cost = (size(part) + OVERHEAD).saturating_mul(factor(part));
            let left = self.left.checked_sub(cost);
            self.left = left.unwrap_or(self.left);
            self.dropped += usize::from(left.is_none());
            left.is_some()
        };
        parts.iter().filter(fits).cloned().collect()
    }
}

/// A copy of the level that has `wrapper` instead of its own wrapper.
fn with_wrapper(level: &WrapperLevel, wrapper: Wrapper) -> WrapperLevel {
    WrapperLevel {
        document: Arc::clone(&level.document),
        ad_id: level.ad_id.clone(),
        sequence: level.sequence,
        ad_type: level.ad_type.clone(),
        conditional_ad: level.conditional_ad,
        wrapper: Box::new(wrapper),
    }
}

fn length(text: Option<&Text>) -> usize {
    text.map_or(0, |text| text.len())
}

fn tracking(tracking: &Tracking) -> usize {
    tracking.url.len() + tracking.event.raw().len()
}

fn click(click: &Click) -> usize {
    click.url.len() + length(click.id.as_ref())
}

fn verification(verification: &Verification) -> usize {
    let resources = verification.resources.iter().map(|resource| resource.url.len() + OVERHEAD);
    let trackers = verification.tracking_events.iter().map(|one| tracking(one) + OVERHEAD);
    let texts = length(verification.vendor.as_ref()) + length(verification.parameters.as_ref());
    texts + resources.chain(trackers).sum::<usize>()
}

fn icon(icon: &Icon) -> usize {
    let resources = icon.fallback_images.iter().flat_map(|image| &image.resources).chain(&icon.resources).map(resource);
    let clicks = icon.click_through.iter().chain(&icon.click_tracking).map(|one| click(one) + OVERHEAD);
    let views = icon.view_tracking.iter().map(|url| url.len() + OVERHEAD);
    let texts = [&icon.program, &icon.alt_text, &icon.hover_text, &icon.api_framework];
    texts.into_iter().map(|text| length(text.as_ref())).chain(resources).chain(clicks).chain(views).sum()
}

fn companion(companion: &Companion) -> usize {
    let resources = companion.resources.iter().map(resource);
    let clicks = companion.click_through.iter().chain(&companion.click_tracking).map(|one| click(one) + OVERHEAD);
    let trackers = companion.tracking_events.iter().map(|one| tracking(one) + OVERHEAD);
    let extensions = companion.creative_extensions.iter().map(extension);
    let parameters = companion.ad_parameters.as_ref().map_or(0, |parameters| parameters.value.len());
    let texts = [&companion.id, &companion.alt_text, &companion.ad_slot_id, &companion.api_framework];
    let texts = texts.into_iter().map(|text| length(text.as_ref())).sum::<usize>();
    texts + parameters + resources.chain(clicks).chain(trackers).chain(extensions).sum::<usize>()
}

fn resource(resource: &Resource) -> usize {
    let text = match resource {
        Resource::Static(file) => file.url.len() + length(file.creative_type.as_ref()),
        Resource::IFrame(url) => url.len(),
        Resource::Html(html) => html.content.len(),
        _ => 0,
    };
    text + OVERHEAD
}

fn extension(extension: &Extension) -> usize {
    element(&extension.element)
}

/// The size of an element with its attributes and children. The parser limits the depth of a document, so the recursion is
/// bounded.
fn element(of: &Element) -> usize {
    let attributes = of.attributes.iter().map(|attribute| attribute.name.len() + attribute.value.len());
    let children = of.children.iter().map(|child| match child {
        Node::Element(child) => element(child),
        Node::Text(text) | Node::CData(text) | Node::Comment(text) => text.len(),
        _ => 0,
    });
    OVERHEAD + 2 * of.name.len() + attributes.chain(children).sum::<usize>()
}
