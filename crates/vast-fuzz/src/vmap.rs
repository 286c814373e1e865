//! Reading and writing playlists (VMAP).

use vast_xml::vmap::{AdBreak, AdData, Vmap, VmapDocument, parse, write};
use vast_xml::{ParseOptions, Text};

use crate::facts::{clean, facts};
use crate::parse::check;
use crate::round_trip::{assert_same, assert_well_formed, may_hold_forbidden, ours};

/// Any bytes, read as VAST or as VMAP, have the properties of [`parse`](crate::parse()). A playlist that was read has the
/// properties of [`round_trip`](crate::round_trip()).
///
/// # Panics
/// If that does not hold.
pub fn vmap(data: &[u8]) {
    check(data, vast_xml::parse_any);
    let Ok(document) = parse(data, &ParseOptions::default()) else { return };
    let document = if may_hold_forbidden(data) { read(&write(&document.vmap)) } else { document };
    let written = write(&document.vmap);
    let second = read(&written);
    assert_well_formed(&second.warnings, &written);
    assert_same(&break_facts(&document.vmap), &break_facts(&second.vmap), &written);
    let again = write(&second.vmap);
    let settled = write(&read(&again).vmap);
    assert!(settled == again, "when it is written once more\n{again}\nbecomes\n{settled}");
}

fn read(written: &str) -> VmapDocument {
    let read = parse(written.as_bytes(), &ParseOptions { limits: ours(), ..ParseOptions::default() });
    read.unwrap_or_else(|error| panic!("{error} in\n{written}"))
}

/// The facts of a playlist that matter to a user.
fn break_facts(vmap: &Vmap) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, one) in vmap.breaks.iter().enumerate() {
        let own = facts_of(one).into_iter().map(|fact| format!("break {index}: {fact}"));
        lines.extend(own);
    }
    lines
}

fn facts_of(one: &AdBreak) -> Vec<String> {
    let text = |text: Option<&Text>| text.map(|text| clean(text)).filter(|text| !text.is_empty());
    let types: Vec<String> = one.break_types.iter().map(|own| clean(own.as_str())).collect();
    let mut lines = vec![
        format!("offset {:?}", one.time_offset.map(|offset| offset.to_string())),
        format!("types {types:?}, id {:?}", text(one.break_id.as_ref())),
        format!("repeat {:?}", one.repeat_after.map(|time| time.as_millis())),
        format!("{} extensions", one.extensions.len()),
    ];
    let trackers = one.tracking_events.iter().map(|tracking| (clean(tracking.event.as_str()), clean(&tracking.url)));
    lines.extend(trackers.filter(|(_, url)| !url.is_empty()).map(|tracker| format!("{tracker:?}")));
    if let Some(source) = &one.source {
        let flags = (source.allow_multiple_ads, source.follow_redirects);
        lines.push(format!("source {:?} {flags:?}", text(source.id.as_ref())));
    }
    match one.ad_data() {
        Some(AdData::Vast(vast)) => lines.extend(facts(vast)),
        Some(AdData::Tag(tag)) => lines.push(format!("tag {} {:?}", clean(&tag.uri), tag.template_type)),
        Some(AdData::Custom(data)) => lines.push(format!("custom {} {:?}", clean(&data.content), data.template_type)),
        None => {}
    }
    lines
}
