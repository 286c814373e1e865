//! Links between Markdown files must lead to files and headings that exist, and docs/SUMMARY.md must have each page of docs/.
//! Nothing is requested from the network: links with a scheme are not checked.

use std::collections::BTreeMap;
use std::io;

use crate::docs::markdown::anchor;
use crate::finding::{Finding, Rule};
use crate::repository::Repository;

/// The folder of the book. Its pages may not link to other folders, because the book does not have them.
const BOOK: &str = "docs/";
const SUMMARY: &str = "docs/SUMMARY.md";

/// A link of a page: its line and its target as written.
struct Link<'a> {
    line: usize,
    target: &'a str,
}

/// One finding per broken link and per page that is not in the book.
///
/// # Errors
/// If a file cannot be read.
pub fn check(repository: &Repository) -> io::Result<Vec<Finding>> {
    let mut pages = BTreeMap::new();
    for file in repository.files.iter().filter(|file| file.ends_with(".md")) {
        pages.insert(file.as_str(), repository.text(file)?.unwrap_or_default());
    }
    let mut findings = Vec::new();
    for (file, text) in &pages {
        for link in links(text) {
            if let Some(message) = mistake(repository, &pages, file, link.target) {
                findings.push(Finding::line(file, link.line, Rule::BrokenLink, message));
            }
        }
    }
    findings.extend(unlisted(&pages));
    Ok(findings)
}

/// The pages of the book that its summary does not have; none if there is no book.
fn unlisted(pages: &BTreeMap<&str, String>) -> Vec<Finding> {
    let Some(summary) = pages.get(SUMMARY) else { return Vec::new() };
    let listed: Vec<String> = links(summary).iter().filter_map(|link| resolve(SUMMARY, link.target)).collect();
    let missing = pages.keys().filter(|page| page.starts_with(BOOK) && **page != SUMMARY);
    let missing = missing.filter(|page| !listed.iter().any(|listed| listed == *page));
    missing.map(|page| Finding::file(page, Rule::UnlistedPage, format!("{SUMMARY} does not have this page"))).collect()
}

/// What is wrong with a link, or `None`.
fn mistake(repository: &Repository, pages: &BTreeMap<&str, String>, file: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = target.split_once('#').map_or((target, None), |(path, heading)| (path, Some(heading)));
    let Some(place) = (if path.is_empty() { Some(file.to_owned()) } else { resolve(file, path) }) else {
        return Some(format!("the link {target} leads out of the repository"));
    };
    if file.starts_with(BOOK) && !place.starts_with(BOOK) {
        return Some(format!("the link {target} leads out of the book"));
    }
    if !repository.has(&place) {
        return Some(format!("the link {target} leads to no file"));
    }
    let (heading, text) = (heading?, pages.get(place.as_str())?);
    (!anchors(text).contains(&heading.to_owned())).then(|| format!("the link {target} leads to no heading of {place}"))
}

/// The path of a target relative to the root; `None` if it leads out of the repository.
fn resolve(file: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The lines outside of fenced blocks, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_fenced ^= is_fence;
        (!is_fenced && !is_fence).then_some((index + 1, line))
    })
}

/// The links and pictures of a page. Text in backticks is no link.
fn links(text: &str) -> Vec<Link<'_>> {
    let mut found = Vec::new();
    for (number, line) in lines(text) {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("](") {
            let is_code = before.matches('`').count() % 2 == 1;
            let end = after.find([')', ' ']).unwrap_or(after.len());
            if !is_code {
                found.push(Link { line: number, target: &after[..end] });
            }
            rest = if is_code { after.split_once('`').map_or("", |(_, rest)| rest) } else { &after[end..] };
        }
    }
    found
}

/// The anchors of the headings. A heading that repeats gets a number.
fn anchors(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (_, line) in lines(text).filter(|(_, line)| line.starts_with('#')) {
        let name = anchor(line.trim_start_matches('#'));
        let count = counts.entry(name.clone()).or_default();
        found.push(if *count == 0 { name } else { format!("{name}-{count}") });
        *count += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_outside_of_code() {
        let text =
            "[a](a.md) and ![b](b.svg \"title\"), [`c`](c.md#d)\n```text\n[no](no.md)\n```\n`[no](no.md)` [e](e.md)\n";
        let found: Vec<(usize, &str)> = links(text).into_iter().map(|link| (link.line, link.target)).collect();
        assert_eq!(found, [(1, "a.md"), (1, "b.svg"), (1, "c.md#d"), (5, "e.md")]);
    }

    #[test]
    fn targets_are_relative_to_their_page() {
        for (file, target, expected) in [
            ("docs/a.md", "b.md", Some("docs/b.md")),
            ("docs/quick/a.md", "../b.md", Some("docs/b.md")),
            ("README.md", "docs/a.png", Some("docs/a.png")),
            ("README.md", "../a.png", None),
        ] {
            assert_eq!(resolve(file, target).as_deref(), expected, "{file} {target}");
        }
    }

    #[test]
    fn repeated_headings_have_numbers() {
        assert_eq!(anchors("# One `two`\n## Three\n## Three\n```sh\n# no\n```\n"), ["one-two", "three", "three-1"]);
    }
}
