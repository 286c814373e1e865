//! All rules there are, ours and vastlint-core's.

use crate::finding::Severity;
use crate::rule::Rule;

/// A rule that can be named, to ignore it for example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownRule {
    /// The id.
    pub id: &'static str,
    /// How bad it is when it is broken.
    pub severity: Severity,
    /// What breaks it, or what it demands, in one line.
    pub description: &'static str,
    /// The section of the standard that says so; none where it depends on the finding.
    pub section: Option<&'static str>,
    /// What to do about it; none where the message of a finding says it.
    pub help: Option<&'static str>,
}

impl From<Rule> for KnownRule {
    fn from(rule: Rule) -> Self {
        let (id, severity, description) = (rule.id(), rule.severity(), rule.description());
        Self { id, severity, description, section: Some(rule.section()), help: rule.help() }
    }
}

/// All rules that can be broken: ours, then vastlint-core's where it is built in.
pub fn known_rules() -> impl Iterator<Item = KnownRule> {
    let ours = Rule::ALL.iter().map(|rule| KnownRule::from(*rule));
    #[cfg(feature = "vastlint")]
    let ours = ours.chain(crate::vastlint::rules());
    ours
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_unique_and_say_whose_they_are() {
        let ids: HashSet<_> = known_rules().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), known_rules().count());
        assert!(Rule::ALL.iter().all(|rule| rule.id().starts_with("VC-") && !rule.section().is_empty()));
        assert!(known_rules().all(|rule| !rule.description.is_empty() && rule.description.trim() == rule.description));
    }
}
