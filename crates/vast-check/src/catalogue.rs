//! The list of all rules: ours and those of vastlint-core.

use crate::rule::{KnownRule, Rule};

/// All rules: ours, then those of vastlint-core if the feature `vastlint` is on.
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
    fn ids_are_unique_and_show_their_origin() {
        let ids: HashSet<_> = known_rules().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), known_rules().count());
        assert!(Rule::ALL.iter().all(|rule| rule.id().starts_with("VC-") && !rule.section().is_empty()));
        assert!(known_rules().all(|rule| !rule.description.is_empty() && rule.description.trim() == rule.description));
    }
}
