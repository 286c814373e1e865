//! A playlist at a glance: when ads are due, what they may be, where they come from; then the ads that it holds itself.

use std::time::Duration;

use vast_xml::model::Offset;
use vast_xml::vmap::{AdBreak, AdData, AdSource, BreakType, TemplateType, VmapDocument};

use super::page::Page;
use super::style::{Paint, Piece};
use super::table::{Side, Table};
use super::units::count;
use super::view::View;
use super::{document, extras, media, warnings};

/// The playlist, which came from `origin` (a URL, a path), as text for people.
pub(crate) fn playlist(document: &VmapDocument, origin: &str, view: View) -> String {
    let VmapDocument { vmap, warnings } = document;
    let mut page = Page::new(view);
    let version =
        vmap.version.as_deref().map_or_else(|| "VMAP without a version".to_owned(), |own| format!("VMAP {own}"));
    let breaks = if vmap.breaks.is_empty() { "no ad break".to_owned() } else { count(vmap.breaks.len(), "ad break") };
    page.line(&Piece::new(&format!("{version}, {breaks}{}, from {origin}", warnings::damage(warnings)), Paint::Strong));
    extras::extensions(&mut page, &vmap.extensions);
    page.section("", breaks_table(&vmap.breaks));
    for (number, one) in (1..).zip(&vmap.breaks) {
        details(&mut page, number, one);
    }
    page.section(&count(warnings.len(), "warning"), warnings::table(warnings));
    page.finish()
}

/// A row per break: number, when, id, what, repetition, source.
fn breaks_table(breaks: &[AdBreak]) -> Table {
    let left = Side::Left;
    let mut table =
        Table::new([("", Side::Right), ("when", left), ("id", left), ("types", left), ("again", left), ("ads", left)]);
    for (number, one) in (1..).zip(breaks) {
        let types: Vec<&str> = one.break_types.iter().map(BreakType::as_str).collect();
        let (source, paint) = source(one);
        table.row([
            Piece::new(&format!("{number}"), Paint::Dim),
            when(one),
            Piece::plain(one.break_id.as_deref().unwrap_or_default()),
            Piece::plain(&types.join(", ")),
            Piece::plain(&one.repeat_after.map_or_else(String::new, again)),
            Piece::new(&source, paint),
        ]);
    }
    table
}

fn when(one: &AdBreak) -> Piece {
    match one.time_offset {
        Some(offset) => Piece::plain(&offset.to_string()),
        None => Piece::new("never", Paint::Bad),
    }
}

fn again(every: Duration) -> String {
    format!("every {}", Offset::Time(every))
}

/// Where the ads come from, in a line.
fn source(one: &AdBreak) -> (String, Paint) {
    match one.ad_data() {
        Some(AdData::Vast(vast)) if vast.ads.is_empty() => ("VAST inside: no ad".to_owned(), Paint::Doubtful),
        Some(AdData::Vast(vast)) => (format!("VAST inside: {}", count(vast.ads.len(), "ad")), Paint::Plain),
        Some(AdData::Tag(tag)) => {
            let kind = if tag.is_vast() { None } else { tag.template_type.as_ref().map(TemplateType::as_str) };
            (media::joined([kind.map(str::to_owned), Some(tag.uri.to_string())]), Paint::Plain)
        }
        Some(AdData::Custom(data)) => {
            let kind = data.template_type.as_ref().map_or("no type", TemplateType::as_str);
            (format!("custom data ({kind}), {}", count(data.content.len(), "byte")), Paint::Doubtful)
        }
        None if one.source.is_some() => ("a source without ads".to_owned(), Paint::Bad),
        None => ("tracked only".to_owned(), Paint::Dim),
    }
}

/// What the table has no room for: flags, trackers, extensions, the ads inside.
fn details(page: &mut Page, number: usize, one: &AdBreak) {
    let vast = match one.ad_data() {
        Some(AdData::Vast(vast)) => Some(vast),
        _ => None,
    };
    let flags = one.source.as_ref().map_or_else(String::new, flags);
    let calls = calls(one);
    if vast.is_none() && flags.is_empty() && calls.is_empty() && one.extensions.is_empty() {
        return;
    }
    page.blank();
    let name = one.break_id.as_deref().map_or_else(String::new, |id| format!(" {id}"));
    let when = one.time_offset.map_or_else(String::new, |offset| format!(" at {offset}"));
    page.line(&Piece::new(&format!("Break {number}{name}{when}"), Paint::Strong));
    page.field("flags", &flags);
    page.field("calls", &calls);
    if page.is_verbose() {
        for tracking in &one.tracking_events {
            page.field(tracking.event.as_str(), &tracking.url);
        }
    }
    extras::extensions(page, &one.extensions);
    if let Some(vast) = vast {
        page.field("inside", &document::summary(vast));
        document::ads(page, vast);
    }
}

/// What the source says about its answer; what it leaves out is left out.
fn flags(source: &AdSource) -> String {
    let flag = |name: &str, value: Option<bool>| value.map(|value| format!("{name} {value}"));
    media::joined([
        flag("allowMultipleAds", source.allow_multiple_ads),
        flag("followRedirects", source.follow_redirects),
    ])
}

fn calls(one: &AdBreak) -> String {
    let mut events: Vec<(&str, usize)> = Vec::new();
    for tracking in &one.tracking_events {
        let name = Some(tracking.event.as_str()).filter(|name| !name.is_empty()).unwrap_or("(unnamed)");
        match events.iter_mut().find(|(known, _)| *known == name) {
            Some((_, number)) => *number += 1,
            None => events.push((name, 1)),
        }
    }
    let shown =
        |(name, number): &(&str, usize)| if *number == 1 { (*name).to_owned() } else { format!("{name} ×{number}") };
    events.iter().map(shown).collect::<Vec<_>>().join(", ")
}
