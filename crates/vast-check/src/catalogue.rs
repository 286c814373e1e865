//! The list of all rules: ours and those of vastlint-core.

use crate::rule::{KnownRule, Rule};

/// All rules: ours, then those of vastlint-core if the feature `vastlint` is on.
pub fn known_rules() -> impl Iterator<Item = KnownRule> {
    let ours = Rule::ALL.iter().map(|rule| KnownRule::from(*rule));
    #[cfg(feature = "vastlint")]
    let ours = ours.chain(crate::vastlint::rules());
    ours
}
