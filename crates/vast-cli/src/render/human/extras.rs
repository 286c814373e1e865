//! Icons, verifications and extensions: a line each.

use vast_xml::model::{Extension, Icon, Verification};

use super::page::Page;
use super::units;

/// The icons by program.
pub(super) fn icons(page: &mut Page, icons: &[Icon]) {
    let one = |icon: &Icon| {
        let program = icon.program.as_deref().unwrap_or("no program");
        let size = units::size(icon.width, icon.height).map_or_else(String::new, |size| format!(" {size}"));
        format!("{program}{size}")
    };
    page.field("icons", &names(icons.iter().map(one)));
}

/// The vendors of verification code and what it needs.
pub(super) fn verifications(page: &mut Page, verifications: &[Verification]) {
    let one = |verification: &Verification| {
        let vendor = verification.vendor.as_deref().unwrap_or("no vendor");
        let api = verification.resources.iter().find_map(|resource| resource.api_framework.as_deref());
        api.map_or_else(|| vendor.to_owned(), |api| format!("{vendor} ({api})"))
    };
    page.field("verifies", &names(verifications.iter().map(one)));
}

/// The extensions by type.
pub(super) fn extensions(page: &mut Page, extensions: &[Extension]) {
    let one = |extension: &Extension| match extension.extension_type.as_deref() {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => extension.element.name.to_string(),
    };
    page.field("extensions", &names(extensions.iter().map(one)));
}

fn names(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
