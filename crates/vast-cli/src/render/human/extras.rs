//! Icons, verifications and extensions.

use vast_xml::model::{Executable, Extension, Icon, Verification, VerificationResource};

use super::page::Page;
use super::style::Piece;
use super::table::{Side, Table};
use super::{media, resource, units};

/// A row per icon: program, size, where, when, kind, URL.
pub(super) fn icons(page: &mut Page, icons: &[Icon]) {
    let mut table = Table::new([("", Side::Left); 6]);
    for icon in icons {
        table.row([
            Piece::plain(icon.program.as_deref().unwrap_or("no program")),
            Piece::plain(&units::size(icon.width, icon.height).unwrap_or_default()),
            Piece::plain(&place(icon)),
            Piece::plain(&time(icon)),
            Piece::plain(&resource::kinds(&icon.resources, None)),
            Piece::plain(resource::url(&icon.resources)),
        ]);
    }
    page.table("icons", table);
}

/// `right top`.
fn place(icon: &Icon) -> String {
    let place: Vec<&str> = [&icon.x_position, &icon.y_position].into_iter().filter_map(Option::as_deref).collect();
    place.join(" ")
}

/// `from 00:00:05, 15 s`.
fn time(icon: &Icon) -> String {
    media::joined([icon.offset.map(|offset| format!("from {offset}")), icon.duration.map(units::length)])
}

/// A row per piece of verification code: vendor, framework, kind, whether it is given parameters, URL.
pub(super) fn verifications(page: &mut Page, verifications: &[Verification]) {
    let mut table = Table::new([("", Side::Left); 5]);
    for verification in verifications {
        let vendor = verification.vendor.as_deref().unwrap_or("no vendor");
        let parameters = if verification.parameters.is_some() { "parameters" } else { "" };
        if verification.resources.is_empty() {
            table.row([vendor, "no code", "", parameters, ""].map(Piece::plain));
        }
        for own in &verification.resources {
            let api = own.api_framework.as_deref().unwrap_or("no framework");
            table.row([vendor, api, kind(own), parameters, &own.url].map(Piece::plain));
        }
    }
    page.table("verifies", table);
}

fn kind(own: &VerificationResource) -> &str {
    match &own.executable {
        Executable::JavaScript { browser_optional: Some(true) } => "browser optional",
        Executable::Native { mime_type } => mime_type.as_deref().unwrap_or("executable"),
        _ => "",
    }
}

/// The extensions by type; those without one by what is in them.
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
