//! Chooses comments of production code at random. A reviewer reads them: each must be understood at the first reading.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io;
use std::ops::RangeInclusive;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::Item;
use syn::spanned::Spanned;

use crate::modules::configuration::{attributes, only_in_tests};
use crate::modules::scan;
use crate::repository::Repository;

/// Consecutive lines of comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The file, relative to the repository's root.
    pub file: String,
    /// Its first line, counted from 1.
    pub line: usize,
    /// The lines of the comment, without the code before it.
    pub text: Vec<String>,
}

/// `count` comments of the published crates with their positions. The same seed chooses the same ones as long as no comment
/// changes.
///
/// # Errors
/// When the tree cannot be listed or one of its files cannot be read.
pub fn sample(root: &Path, count: usize, seed: u64) -> io::Result<String> {
    let all = all(&Repository::open(root)?)?;
    let mut chosen = fastrand::Rng::with_seed(seed).choose_multiple(all.iter(), count);
    chosen.sort_unstable_by_key(|comment| (&comment.file, comment.line));
    let mut text = format!("{} of {} comments, seed {seed}\n", chosen.len(), all.len());
    for comment in chosen {
        let _ = write!(text, "\n{}:{}\n  {}\n", comment.file, comment.line, comment.text.join("\n  "));
    }
    Ok(text)
}

/// Every comment of the published crates, except in code that exists in tests only.
///
/// # Errors
/// When a file cannot be read.
pub fn all(repository: &Repository) -> io::Result<Vec<Comment>> {
    let (trees, _) = scan::trees(repository);
    let trees = trees.iter().filter(|tree| repository.publishes(&tree.package));
    let files: BTreeSet<&str> = trees.flat_map(|tree| &tree.modules).map(|module| module.file.as_str()).collect();
    let mut comments = Vec::new();
    for file in files {
        let source = repository.text(file)?.unwrap_or_default();
        comments.extend(of_source(file, &source));
    }
    Ok(comments)
}

/// The comments of one file; empty if it is not Rust.
pub fn of_source(file: &str, source: &str) -> Vec<Comment> {
    let (Ok(parsed), Ok(tokens)) = (syn::parse_file(source), source.parse::<TokenStream>()) else { return Vec::new() };
    let in_tests = test_lines(&parsed.items);
    let code = code_ends(tokens);
    let mut comments: Vec<Comment> = Vec::new();
    let mut previous = None;
    for (line, text) in (1..).zip(source.lines()) {
        let comment =
            if in_tests.iter().any(|lines| lines.contains(&line)) { None } else { of_line(text, code.get(&line)) };
        let kind = comment.map(kind_of);
        match (comment, comments.last_mut()) {
            (Some(comment), Some(last)) if kind == previous => last.text.push(comment.to_owned()),
            (Some(comment), _) => {
                comments.push(Comment { file: file.to_owned(), line, text: vec![comment.to_owned()] });
            }
            (None, _) => {}
        }
        previous = kind;
    }
    comments
}

/// `//`, `///` or `//!`. All lines of a comment have the same kind.
fn kind_of(comment: &str) -> &str {
    comment.get(..3).filter(|start| ["///", "//!"].contains(start)).unwrap_or("//")
}

/// The comment in a line whose code ends at column `code`. A `//` before that column is part of the code. The syntax tree
/// has documentation as code, and a line inside a multi-line string has no comment.
fn of_line<'s>(line: &'s str, code: Option<&usize>) -> Option<&'s str> {
    let start = line.trim_start();
    match code {
        Some(&usize::MAX) => None,
        Some(_) if start.starts_with("///") || start.starts_with("//!") => Some(start),
        Some(&end) => {
            let end = line.char_indices().nth(end).map_or(line.len(), |(byte, _)| byte);
            line[end..].find("//").map(|start| &line[end + start..])
        }
        None => start.starts_with("//").then_some(start),
    }
}

/// The column after the last token of each line. For a token of several lines, all lines but the last have `usize::MAX`.
fn code_ends(stream: TokenStream) -> BTreeMap<usize, usize> {
    let mut ends = BTreeMap::new();
    let mut open: Vec<TokenTree> = stream.into_iter().collect();
    while let Some(token) = open.pop() {
        let spans = match &token {
            TokenTree::Group(group) => {
                open.extend(group.stream());
                vec![group.span_open(), group.span_close()]
            }
            other => vec![other.span()],
        };
        for span in spans {
            let (start, end) = (span.start(), span.end());
            ends.extend((start.line..end.line).map(|line| (line, usize::MAX)));
            let known = ends.entry(end.line).or_default();
            *known = end.column.max(*known);
        }
    }
    ends
}

/// The lines of items that exist in tests only, in all modules.
fn test_lines(items: &[Item]) -> Vec<RangeInclusive<usize>> {
    let mut lines = Vec::new();
    for item in items {
        if only_in_tests(attributes(item)) {
            lines.push(item.span().start().line..=item.span().end().line);
        } else if let Item::Mod(module) = item {
            lines.extend(module.content.iter().flat_map(|(_, items)| test_lines(items)));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_comments_and_nothing_that_looks_like_one() {
        let source = "\
//! The file.
//! Goes on.

/// A field.
// And why.
fn one() {
    let url = \"https://ads.example/\"; // After code.
    let text = r\"
// Inside of a string.
\"; // After it.
}

#[cfg(test)]
mod tests {
    // In tests only.
}
";
        let found: Vec<(usize, String)> =
            of_source("one.rs", source).into_iter().map(|comment| (comment.line, comment.text.join(" "))).collect();
        let expected = [
            (1, "//! The file. //! Goes on."),
            (4, "/// A field."),
            (5, "// And why."),
            (7, "// After code."),
            (10, "// After it."),
        ];
        assert_eq!(found, expected.map(|(line, text)| (line, text.to_owned())));
    }
}
