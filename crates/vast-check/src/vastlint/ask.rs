//! The findings of vastlint-core about a document.

use std::borrow::Cow;
use std::collections::HashSet;

use vastlint_core::{InputStatus, ValidationContext, VastVersion};

use super::issue::{Issue, severity};
use super::place::{Lines, by_path};
use super::{merge, mistakes};
use crate::drafts::Draft;
use crate::model::{element_prefix, undeclared};
use crate::outline::Outline;
use crate::report::Remark;
use crate::rule::KnownRule;
use crate::rule::Rule;

/// The largest document in bytes that vastlint-core gets. It needs about one microsecond for 60 bytes, and some findings contain
/// paths as long as the names in the document.
const MOST_BYTES: usize = 4 << 20;

/// The rules of vastlint-core. They have no section, because vastlint-core gives a section only with a finding.
pub(crate) fn rules() -> impl Iterator<Item = KnownRule> {
    vastlint_core::all_rules().iter().map(|rule| KnownRule {
        id: rule.id,
        severity: severity(rule.default_severity),
        description: rule.description.trim(),
        section: None,
        help: None,
    })
}

/// Adds the findings of vastlint-core to ours. A mistake that both find becomes one finding with its id and our message as the note.
pub(crate) fn add(outline: &Outline<'_>, drafts: &mut Vec<Draft>) -> Option<Remark> {
    // For VAST 1.0, vastlint-core would only report the root element, which it does not know.
    if outline.root().is_some_and(|root| root.is("VideoAdServingTemplate")) {
        return Some(Remark::VastOne);
    }
    // If there are blanks before the XML declaration, vastlint-core reports nothing else. One of our rules reports the
    // blanks.
    let text = outline.text.trim_start();
    if text.len() > MOST_BYTES {
        return Some(Remark::TooLargeForVastlint);
    }
    let root = outline.root().map_or(0, |root| root.tag.start + text.len() - outline.text.len());
    let text = &*without_doctype(text, root);
    let result = vastlint_core::validate_with_context(text, context(outline));
    let is_malformed = result.input_status == InputStatus::Malformed;
    if is_malformed && drafts.iter().any(|draft| draft.own.is_some_and(Rule::breaks_xml)) {
        // vastlint-core reports nothing else for such a document, and our parser has reported the same mistake with a
        // position.
        return Some(Remark::NotWellFormed);
    }
    let mut issues = issues(outline, text, &result.issues);
    if lacks_root_prefix(outline, drafts) {
        issues.retain(|issue| issue.id != ROOT_NAMESPACE);
    }
    merge::merge(outline, drafts, issues);
    is_malformed.then_some(Remark::NotWellFormed)
}

/// The rule of vastlint-core for the namespace of a playlist.
const ROOT_NAMESPACE: &str = "VMAP-1.0-root-namespace";

/// Whether we report that the prefix of the root element is not declared. The namespace of the root is missing for the same
/// reason; our finding is the more severe one.
fn lacks_root_prefix(outline: &Outline<'_>, drafts: &[Draft]) -> bool {
    let prefix = outline.root().and_then(|root| element_prefix(outline, root));
    prefix.map(undeclared).is_some_and(|message| {
        drafts.iter().any(|draft| draft.own == Some(Rule::UndeclaredPrefix) && draft.message == message)
    })
}

/// The text with blanks in place of a document type declaration, so that positions do not change. vastlint-core refuses every
/// such declaration. The parser has refused those that declare something, and one of our rules reports the others.
fn without_doctype(text: &str, root: usize) -> Cow<'_, str> {
    let (before, rest) = text.split_at(root);
    let declaration = before.to_ascii_uppercase().find("<!DOCTYPE").map(|start| &before[start..]);
    let Some(declaration) = declaration.and_then(|from| Some(&from[..=from.find('>')?])) else {
        return Cow::Borrowed(text);
    };
    let blanks: String = declaration.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    Cow::Owned(before.replacen(declaration, &blanks, 1) + rest)
}

fn issues(outline: &Outline<'_>, text: &str, issues: &[vastlint_core::Issue]) -> Vec<Issue> {
    let lines = Lines::new(text, outline.text.len() - text.len());
    // vastlint-core has removed a layer of JSON, so its positions are not positions in this text.
    let is_shifted = issues.iter().any(|issue| issue.id == "VAST-2.0-json-escaped");
    let candidates = |issue: &vastlint_core::Issue| match (issue.line, issue.col, &issue.path) {
        _ if is_shifted => Vec::new(),
        (Some(line), Some(column), _) => lines.element(outline, line, column).into_iter().collect(),
        (_, _, Some(path)) => {
            by_path(outline, path).into_iter().filter(|index| fits(outline, issue.id, *index)).collect()
        }
        _ => Vec::new(),
    };
    let issues = issues.iter().map(|issue| Issue::new(issue, candidates(issue)));
    let mut issues: Vec<Issue> = issues.filter(|issue| mistakes::reason(issue, outline).is_none()).collect();
    let has_details: HashSet<Vec<usize>> =
        issues.iter().filter(|issue| ICON_DETAILS.contains(&issue.id)).map(|issue| issue.candidates.clone()).collect();
    issues.retain(|issue| issue.id != ICON_SUM || !has_details.contains(&issue.candidates));
    issues
}

/// The rule of vastlint-core for any missing attribute of an icon.
const ICON_SUM: &str = "VAST-3.0-icon-attrs";
/// The rules of vastlint-core for single attributes of an icon.
const ICON_DETAILS: [&str; 4] =
    ["VAST-3.0-icon-width", "VAST-3.0-icon-height", "VAST-3.0-icon-xposition", "VAST-3.0-icon-yposition"];

/// Whether this rule can concern this element.
fn fits(outline: &Outline<'_>, id: &str, index: usize) -> bool {
    let is_empty = || outline.elements.get(index).is_some_and(|element| element.text(outline.text).is_empty());
    match id {
        "VAST-2.0-url-empty" => is_empty(),
        "VAST-2.0-url-invalid" => !is_empty(),
        _ => true,
    }
}

/// Sets the version for vastlint-core if it does not know the declared one, such as `3.0+`.
fn context(outline: &Outline<'_>) -> ValidationContext {
    let declared = outline.root().and_then(|root| root.attribute("version")).map(|version| version.value.trim());
    let is_known = declared.is_none_or(|declared| VERSIONS.iter().any(|version| version.as_str() == declared));
    let meant = || VERSIONS.into_iter().find(|version| declared.is_some_and(|it| starts_with(it, version.as_str())));
    ValidationContext { forced_version: if is_known { None } else { meant() }, ..ValidationContext::default() }
}

/// Whether a version begins with this number: `3.0+` and `3.0.1`, but not `3.01`.
fn starts_with(declared: &str, number: &str) -> bool {
    declared.strip_prefix(number).is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_digit()))
}

const VERSIONS: [VastVersion; 7] = [
    VastVersion::V2_0,
    VastVersion::V3_0,
    VastVersion::V4_0,
    VastVersion::V4_1,
    VastVersion::V4_2,
    VastVersion::V4_3,
    VastVersion::V4_4,
];
