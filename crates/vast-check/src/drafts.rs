//! Findings that are not final yet. Their positions are byte ranges; lines and columns are computed at the end.

use std::collections::HashMap;
use std::ops::Range;

use vast_xml::Locator;

use crate::finding::{Finding, FoundBy, Severity, Span};
use crate::rule::Rule;

/// The most findings of one rule in one document. A hostile document can break a rule at every byte.
const MOST_OF_A_RULE: usize = 1_000;

/// A finding whose place is a range of the text.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) rule: &'static str,
    /// The rule, when it is one of ours.
    pub(crate) own: Option<Rule>,
    pub(crate) origin: FoundBy,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) note: Option<String>,
    pub(crate) section: &'static str,
    pub(crate) help: Option<&'static str>,
    pub(crate) range: Option<Range<usize>>,
}

impl Draft {
    /// A finding of one of our rules.
    pub(crate) fn ours(rule: Rule, origin: FoundBy, range: Option<Range<usize>>, message: impl Into<String>) -> Self {
        Self {
            rule: rule.id(),
            own: Some(rule),
            origin,
            severity: rule.severity(),
            message: message.into(),
            note: None,
            section: rule.section(),
            help: rule.help(),
            range,
        }
    }

    /// The final finding, with line and column.
    pub(crate) fn settle(self, locator: &mut Locator<'_>) -> Finding {
        let Self { rule, origin, severity, message, note, section, help, range, .. } = self;
        let span = range.map(|range| Span { start: locator.locate(range.start), end: locator.locate(range.end) });
        Finding { rule, origin, severity, message, note, section, help, span }
    }
}

/// The findings of our rules about the elements of a document.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    drafts: Vec<Draft>,
    counts: HashMap<Rule, usize>,
}

impl Drafts {
    /// Whether a rule has reached its limit of findings.
    pub(crate) fn is_full(&self, rule: Rule) -> bool {
        self.counts.get(&rule).is_some_and(|count| *count >= MOST_OF_A_RULE)
    }

    /// Adds a finding at a position, unless its rule has reached its limit.
    pub(crate) fn add(&mut self, rule: Rule, range: Range<usize>, message: impl Into<String>) {
        if !self.is_full(rule) {
            *self.counts.entry(rule).or_default() += 1;
            self.drafts.push(Draft::ours(rule, FoundBy::Model, Some(range), message));
        }
    }

    /// Whether any rule has reached its limit, so that findings may be missing.
    pub(crate) fn is_cut(&self) -> bool {
        self.counts.keys().any(|rule| self.is_full(*rule))
    }

    /// All findings, in the order in which they were found.
    pub(crate) fn into_vec(self) -> Vec<Draft> {
        self.drafts
    }
}

/// A name or value for a message: its first 80 characters, because a hostile document can have many long ones.
pub(crate) fn clipped(text: &str) -> &str {
    text.char_indices().nth(80).map_or(text, |(end, _)| &text[..end])
}
