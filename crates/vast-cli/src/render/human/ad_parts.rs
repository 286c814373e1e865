//! Icons, verifications and extensions.

use vast_xml::model::{Executable, Extension, Icon, Verification, VerificationResource};

use super::tracker_counts::{ClickTrackers, trackers};
use super::{media, units};
use crate::render::layout::{Align, Page, StyledText, TextStyle, TextTable};

/// A row per icon: program, size, position, time, kinds of resources, URL.
pub(super) fn icons(page: &mut Page, icons: &[Icon]) {
    let mut table = TextTable::new([("", Align::Left); 6]);
    for icon in icons {
        table.row([
            StyledText::plain(icon.program.as_deref().unwrap_or("no program")),
            StyledText::plain(&units::size(icon.width, icon.height).unwrap_or_default()),
            StyledText::plain(&place(icon)),
            StyledText::plain(&time(icon)),
            StyledText::plain(&media::resource_kinds(&icon.resources, None)),
            StyledText::plain(media::resource_url(&icon.resources)),
        ]);
    }
    page.table("icons", table);
    if !page.is_verbose() {
        return;
    }
    let mut urls = TextTable::new([("", Align::Left), ("", Align::Left)]);
    for icon in icons {
        let views = icon.view_tracking.iter().map(|url| ("icon view", url));
        let clicks = icon.click_tracking.iter().map(|click| ("icon click", &click.url));
        for (label, url) in views.chain(clicks) {
            urls.row([StyledText::new(label, TextStyle::Secondary), StyledText::plain(url)]);
        }
    }
    page.table("", urls);
}

/// The position of an icon, for example `right top`.
fn place(icon: &Icon) -> String {
    let place: Vec<&str> = [&icon.x_position, &icon.y_position].into_iter().filter_map(Option::as_deref).collect();
    place.join(" ")
}

/// The time of an icon, for example `from 00:00:05, 15 s`.
fn time(icon: &Icon) -> String {
    media::joined([icon.offset.map(|offset| format!("from {offset}")), icon.duration.map(units::length)])
}

/// A row per verification script: vendor, API framework, kind, whether there are parameters, URL.
pub(super) fn verifications(page: &mut Page, verifications: &[Verification]) {
    let mut table = TextTable::new([("", Align::Left); 5]);
    for verification in verifications {
        let vendor = verification.vendor.as_deref().unwrap_or("no vendor");
        let parameters = if verification.parameters.is_some() { "parameters" } else { "" };
        if verification.resources.is_empty() {
            table.row([vendor, "no code", "", parameters, ""].map(StyledText::plain));
        }
        for own in &verification.resources {
            let api = own.api_framework.as_deref().unwrap_or("no framework");
            table.row([vendor, api, kind(own), parameters, &own.url].map(StyledText::plain));
        }
    }
    page.table("verifies", table);
    if page.is_verbose() {
        let events = verifications.iter().flat_map(|verification| &verification.tracking_events);
        trackers(page, events, &ClickTrackers::default());
    }
}

fn kind(own: &VerificationResource) -> &str {
    match &own.executable {
        Executable::JavaScript { browser_optional: Some(true) } => "browser optional",
        Executable::Native { mime_type } => mime_type.as_deref().unwrap_or("executable"),
        _ => "",
    }
}

/// The types of the extensions; for one without a type the names of its child elements.
pub(super) fn extensions(page: &mut Page, extensions: &[Extension]) {
    let one = |extension: &Extension| match extension.extension_type.as_deref() {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => {
            let inside: Vec<&str> = extension.element.elements().map(|element| &*element.name).collect();
            if inside.is_empty() { extension.element.name.to_string() } else { format!("<{}>", inside.join(">, <")) }
        }
    };
    page.field("extensions", &names(extensions.iter().map(one)));
}

fn names(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
