//! The page `/blocked`: what operators have changed by hand.

use std::time::SystemTime;

use maud::{Markup, html};

use super::figures::name;
use super::figures::safe;
use super::frame::{PageFrame, hidden_fields, table};
use super::health_text::since_when;
use super::sources;
use crate::generation::{BlockKind, BlockRule, OperatorMark};

/// The longest value that is shown, in bytes.
const LONGEST: usize = 300;

pub(super) fn content(frame: &PageFrame<'_>, now: SystemTime) -> Markup {
    let rules = &frame.generation.rules;
    html! {
        section {
            h2 { "Ads that no placement uses" }
            @if rules.blocked().next().is_none() { p.note { "No ad is blocked here." } } @else {
                (table("Blocked ads", &[("By", "name"), ("Value", "wide"), ("Since", "name"), ("Key", "name"), ("Action", "name")], &html! {
                    @for (rule, mark) in rules.blocked() {
                        tr {
                            th scope="row" { (title(rule.kind)) }
                            td.wide { bdi { (safe(&rule.value, LONGEST)) } }
                            (marked(mark, now))
                            td { (unblock(rule)) }
                        }
                    }
                }))
            }
            h3 { "Block an ad" }
            form.fields method="post" action="/api/block" {
                label { span { "By" } select name="kind" {
                    @for kind in BlockKind::ALL { option value=(kind.as_str()) { (title(*kind)) } }
                } }
                label { span { "Value" } input type="text" name="value" required maxlength="1000"; }
                button type="submit" { "Block" }
            }
            p.note {
                "A blocked ad is not usable, so the next ad or source is tried. It holds for all placements at once, through every reload, \
                 until the gateway ends. What must hold longer belongs into the configuration: " code { "[filter] blocked" } "."
            }
        }
        section {
            h2 { "Sources that are not asked" }
            @if rules.ejected().next().is_none() { p.note { "No source is ejected by hand. The page of the sources has the buttons." } } @else {
                (table("Ejected sources", &[("Source", "name"), ("Placement", "name"), ("Since", "name"), ("Key", "name"), ("Action", "name")], &html! {
                    @for (source, mark) in rules.ejected() {
                        tr {
                            th scope="row" { bdi { (name(&source.source)) } }
                            td { bdi { (name(&source.placement)) } }
                            (marked(mark, now))
                            td { (sources::ejection(&source.placement, &source.source, true)) }
                        }
                    }
                }))
            }
        }
    }
}

fn marked(mark: &OperatorMark, now: SystemTime) -> Markup {
    html! {
        td { (since_when(mark.since, now)) }
        td { bdi { (name(mark.key.as_deref().unwrap_or("none"))) } }
    }
}

fn unblock(rule: &BlockRule) -> Markup {
    html! {
        form method="post" action="/api/unblock" {
            (hidden_fields(&[("kind", rule.kind.as_str()), ("value", &rule.value)]))
            button type="submit" { "Use again" }
        }
    }
}

/// A button that blocks an ad by this value.
pub(super) fn block(kind: BlockKind, value: &str) -> Markup {
    html! {
        form method="post" action="/api/block" {
            (hidden_fields(&[("kind", kind.as_str()), ("value", value)]))
            button type="submit" { "Block " (words(kind)) " " bdi { (name(value)) } }
        }
    }
}

/// The kind within a sentence.
fn words(kind: BlockKind) -> String {
    if kind == BlockKind::UniversalAdId { title(kind).to_owned() } else { title(kind).to_lowercase() }
}

fn title(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::CreativeId => "Creative id",
        BlockKind::UniversalAdId => "UniversalAdId",
        BlockKind::Advertiser => "Advertiser",
        BlockKind::MediaHost => "Media host",
    }
}
