//! `cargo xtask docs`: the pages of `docs/` that are made from the JSON schemas and from the description of the routes.

mod http_page;
mod json_page;
pub(crate) mod markdown;
mod schema;
mod tables_page;

use std::fs;
use std::io;
use std::path::Path;

use crate::finding::{Finding, Rule};

/// One page of the documentation: its file, and what makes its text from the files of the repository.
struct GeneratedPage {
    file: &'static str,
    text: fn(&Path) -> io::Result<String>,
}

const PAGES: [GeneratedPage; 3] = [
    GeneratedPage { file: "docs/json.md", text: json_page::text },
    GeneratedPage { file: "docs/gateway-config.md", text: tables_page::text },
    GeneratedPage { file: "docs/http-api.md", text: http_page::text },
];

/// A finding for each page that differs from what its sources give.
///
/// # Errors
/// If a source cannot be read.
pub fn check(root: &Path) -> io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for page in PAGES {
        let expected = (page.text)(root)?;
        if fs::read_to_string(root.join(page.file)).ok().as_deref() != Some(expected.as_str()) {
            findings.push(Finding::file(page.file, Rule::Docs, "out of date: `cargo xtask docs --update` writes it"));
        }
    }
    Ok(findings)
}

/// Writes all pages.
///
/// # Errors
/// If a source cannot be read or a page cannot be written.
pub fn update(root: &Path) -> io::Result<()> {
    PAGES.iter().try_for_each(|page| fs::write(root.join(page.file), (page.text)(root)?))
}
