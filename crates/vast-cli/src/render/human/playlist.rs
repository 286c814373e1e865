//! A VMAP playlist: its ad breaks with time, types and ad source, then the ads that it contains.

use std::time::Duration;

use vast_xml::model::Offset;
use vast_xml::vmap::{AdBreak, AdData, AdSource, BreakType, TemplateType, VmapDocument};

use super::units::count;
use super::{ad_parts, document, media, warnings};
use crate::render::layout::{Align, HumanOptions, Page, StyledText, TextStyle, TextTable};

/// The playlist as text for people. `origin` is its URL or path.
pub(crate) fn playlist(document: &VmapDocument, origin: &str, options: HumanOptions) -> String {
    let VmapDocument { vmap, warnings, .. } = document;
    let mut page = Page::new(options);
    let version =
        vmap.version.as_deref().map_or_else(|| "VMAP without a version".to_owned(), |own| format!("VMAP {own}"));
    let breaks = if vmap.breaks.is_empty() { "no ad break".to_owned() } else { count(vmap.breaks.len(), "ad break") };
    page.line(&StyledText::new(
        &format!("{version}, {breaks}{}, from {origin}", warnings::damage(warnings)),
        TextStyle::Heading,
    ));
    ad_parts::extensions(&mut page, &vmap.extensions);
    page.section("", breaks_table(&vmap.breaks));
    for (number, one) in (1..).zip(&vmap.breaks) {
        details(&mut page, number, one);
    }
    page.section(&count(warnings.len(), "warning"), warnings::table(warnings));
    page.finish()
}

/// A row per break: number, time, id, types, repetition, ad source.
fn breaks_table(breaks: &[AdBreak]) -> TextTable {
    let left = Align::Left;
    let mut table = TextTable::new([
        ("", Align::Right),
        ("when", left),
        ("id", left),
        ("types", left),
        ("again", left),
        ("ads", left),
    ]);
    for (number, one) in (1..).zip(breaks) {
        let types: Vec<&str> = one.break_types.iter().map(BreakType::as_str).collect();
        let (source, style) = source(one);
        table.row([
            StyledText::new(&format!("{number}"), TextStyle::Secondary),
            when(one),
            StyledText::plain(one.break_id.as_deref().unwrap_or_default()),
            StyledText::plain(&types.join(", ")),
            StyledText::plain(&one.repeat_after.map_or_else(String::new, again)),
            StyledText::new(&source, style),
        ]);
    }
    table
}

fn when(one: &AdBreak) -> StyledText {
    match one.time_offset {
        Some(offset) => StyledText::plain(&offset.to_string()),
        None => StyledText::new("never", TextStyle::Failure),
    }
}

fn again(every: Duration) -> String {
    format!("every {}", Offset::Time(every))
}

/// The ad source in one line.
fn source(one: &AdBreak) -> (String, TextStyle) {
    match one.ad_data() {
        Some(AdData::Vast(vast)) if vast.ads.is_empty() => ("VAST inside: no ad".to_owned(), TextStyle::Warning),
        Some(AdData::Vast(vast)) => (format!("VAST inside: {}", count(vast.ads.len(), "ad")), TextStyle::Plain),
        Some(AdData::Tag(tag)) => {
            let kind = if tag.is_vast() { None } else { tag.template_type.as_ref().map(TemplateType::as_str) };
            (media::joined([kind.map(str::to_owned), Some(tag.uri.to_string())]), TextStyle::Plain)
        }
        Some(AdData::Custom(data)) => {
            let kind = data.template_type.as_ref().map_or("no type", TemplateType::as_str);
            (format!("custom data ({kind}), {}", count(data.content.len(), "byte")), TextStyle::Warning)
        }
        None if one.source.is_some() => ("a source without ads".to_owned(), TextStyle::Failure),
        None => ("tracked only".to_owned(), TextStyle::Secondary),
    }
}

/// Details of a break: flags, trackers, extensions, the ads inside.
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
    page.line(&StyledText::new(&format!("Break {number}{name}{when}"), TextStyle::Heading));
    page.field("flags", &flags);
    page.field("calls", &calls);
    if page.is_verbose() {
        for tracking in &one.tracking_events {
            page.field(tracking.event.as_str(), &tracking.url);
        }
    }
    ad_parts::extensions(page, &one.extensions);
    if let Some(vast) = vast {
        page.field("inside", &document::summary(vast));
        document::ads(page, vast);
    }
}

/// The attributes of the ad source that are present.
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
