//! All rules there are, ours and vastlint-core's.

use crate::finding::Severity;
use crate::rule::Rule;

/// A rule that can be named, to ignore it for example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownRule {
    /// The id.
    pub id: &'static str,
    /// How bad it is when it is broken.
    pub severity: Severity,
}

/// All rules that can be broken: ours, then vastlint-core's where it is built in.
pub fn known_rules() -> impl Iterator<Item = KnownRule> {
    let ours = Rule::ALL.iter().map(|rule| KnownRule { id: rule.id(), severity: rule.severity() });
    #[cfg(feature = "vastlint")]
    let ours = ours.chain(crate::vastlint::rules().map(|(id, severity)| KnownRule { id, severity }));
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
    }
}
