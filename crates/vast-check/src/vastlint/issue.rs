//! A finding of vastlint-core, and the element that it concerns.

use std::ops::Range;

use crate::drafts::Draft;
use crate::finding::{FoundBy, Severity};
use crate::outline::Outline;

/// A finding of vastlint-core.
pub(super) struct Issue {
    pub(super) id: &'static str,
    severity: Severity,
    pub(super) message: &'static str,
    section: &'static str,
    /// The numbers of the elements that the issue may concern: one number if the element is certain, no number if
    /// nothing is known.
    pub(super) candidates: Vec<usize>,
}

impl Issue {
    pub(super) fn new(issue: &vastlint_core::Issue, candidates: Vec<usize>) -> Self {
        let severity = severity(issue.severity);
        Self { id: issue.id, severity, message: issue.message, section: issue.spec_ref, candidates }
    }

    /// The element that the issue concerns, if it is certain.
    pub(super) fn element(&self) -> Option<usize> {
        match self.candidates[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Converts the issue to a finding.
    pub(super) fn draft(&self, outline: &Outline<'_>) -> Draft {
        Draft {
            rule: self.id,
            own: None,
            origin: FoundBy::Vastlint,
            severity: self.severity,
            message: self.message.to_owned(),
            note: None,
            section: self.section,
            help: None,
            range: self.range(outline),
        }
    }

    /// The start tag of the element.
    fn range(&self, outline: &Outline<'_>) -> Option<Range<usize>> {
        outline.elements.get(self.element()?).map(|element| element.tag.clone())
    }
}

/// Converts a severity of vastlint-core to ours.
pub(super) fn severity(theirs: vastlint_core::Severity) -> Severity {
    match theirs {
        vastlint_core::Severity::Error => Severity::Error,
        vastlint_core::Severity::Warning => Severity::Warning,
        vastlint_core::Severity::Info => Severity::Info,
    }
}
