//! The sources with their wrappers as trees.

use maud::{Markup, html};
use vast_client::journal::DocumentInfo;
use vast_client::report::SourceReport;
use vast_client::transport::RedirectStep;

use super::part::PagePart;
use super::shown::shown;
use super::table::rest;
use super::timeline::words;
use crate::statement::Tone;
use crate::story::Story;
use crate::units;

/// The largest number of sources with a tree.
const MOST_TREES: usize = 100;
/// The deepest document of a tree. Chains are limited to fewer wrappers.
const DEEPEST: usize = 32;

pub(super) fn section(story: &Story<'_>, part: &PagePart) -> Markup {
    let asked: Vec<_> = story.result.sources.iter().filter(|source| source.began.is_some()).collect();
    if asked.is_empty() {
        return html! {};
    }
    let content = html! {
        ul.tree { @for source in asked.iter().take(MOST_TREES) { li { (own_document(source)) } } }
        (rest(asked.len(), MOST_TREES))
    };
    part.section("sources", "Sources and wrappers", &content)
}

fn own_document(source: &SourceReport) -> Markup {
    html! {
        div.node {
            p.name {
                span class={ "dot " (Tone::of(source.outcome).as_str()) } {}
                strong { (shown(&source.name)) } " "
                span.meta {
                    (source.tier.as_str()) ", " (words(source.outcome))
                    @if let Some(status) = source.status { ", status " (status) }
                    @if source.attempts > 1 { ", " (units::count(source.attempts as usize, "attempt")) }
                    @if source.from_cache { ", from the cache" }
                }
            }
            (redirects(&source.redirects))
            p.url { (shown(&source.url)) }
        }
        (children(source, 0, 0))
    }
}

/// The documents that the wrappers of document `parent` led to.
fn children(source: &SourceReport, parent: u32, depth: usize) -> Markup {
    let below: Vec<_> = source.hops.iter().filter(|hop| hop.parent == Some(parent) && hop.hop > parent).collect();
    let unfollowed = source.wrappers.iter().filter(|wrapper| wrapper.hop == parent && wrapper.leads_to.is_none());
    let unfollowed: Vec<_> = unfollowed.collect();
    if depth > DEEPEST || (below.is_empty() && unfollowed.is_empty()) {
        return html! {};
    }
    html! {
        ul {
            @for hop in below { li { (document(hop)) (children(source, hop.hop, depth + 1)) } }
            @for wrapper in unfollowed {
                li { div.node { p.name {
                    span.dot.quiet {} "wrapper of " (shown(wrapper.ad_system.as_deref().unwrap_or("an unnamed ad system"))) " "
                    span.meta { "not followed, " (units::count(wrapper.impressions, "impression")) }
                } } }
            }
        }
    }
}

fn document(hop: &DocumentInfo) -> Markup {
    let system = hop.ad_system.as_deref().filter(|system| !system.is_empty()).unwrap_or("an unnamed ad system");
    html! {
        div.node {
            p.name {
                span class={ "dot " (Tone::of(hop.outcome).as_str()) } {}
                "document " (hop.hop) " through the wrapper of " strong { (shown(system)) } " "
                span.meta {
                    (words(hop.outcome))
                    @if let Some(version) = &hop.version { ", VAST " (shown(version)) }
                    @if let Some(status) = hop.status { ", status " (status) }
                    ", " (units::bytes(hop.bytes)) ", " (units::elapsed(hop.elapsed))
                    @if hop.from_cache { ", from the cache" }
                }
            }
            (redirects(&hop.redirects))
            p.url { (shown(&hop.url)) }
        }
    }
}

fn redirects(steps: &[RedirectStep]) -> Markup {
    html! { @for step in steps { p.url { span.meta { "redirect " (step.status) " from " } (shown(&step.url)) } } }
}
