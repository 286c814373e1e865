//! What operators have changed on the admin port: sources that are not asked, and ads that are not used. It lasts as long as the process,
//! through every reload of the configuration.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::SystemTime;

use vast_client::select::Blocked;

/// The largest number of rules of each kind.
const MOST_RULES: usize = 1_000;
/// The longest value, in bytes.
const LONGEST_VALUE: usize = 1_000;

/// What operators have changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OperatorRules {
    ejected: BTreeMap<PlacedSource, OperatorMark>,
    blocked: BTreeMap<BlockRule, OperatorMark>,
}

/// A source of a placement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PlacedSource {
    pub(crate) placement: String,
    pub(crate) source: String,
}

/// An ad that no placement uses: the list of [`Blocked`] and the entry in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BlockRule {
    pub(crate) kind: BlockKind,
    pub(crate) value: String,
}

/// By what an ad is blocked.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::VariantArray,
    serde::Serialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum BlockKind {
    /// `Creative@id` or `Creative@adId`.
    CreativeId,
    /// `UniversalAdId`, alone or as `registry:id`.
    UniversalAdId,
    /// The name or the id of `Advertiser`.
    Advertiser,
    /// The host of a media file, with its subdomains. Files of other hosts are still used.
    MediaHost,
}

/// Who has changed something, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OperatorMark {
    pub(crate) since: SystemTime,
    /// The name of the key; `None` if the admin port has no keys.
    pub(crate) key: Option<String>,
}

impl BlockKind {
    pub(crate) const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name, as actions and JSON use it.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::from_str(name).ok()
    }
}

impl BlockRule {
    /// A rule.
    ///
    /// # Errors
    /// What is wrong with the value.
    pub(crate) fn new(kind: BlockKind, value: &str) -> Result<Self, String> {
        let value = value.trim();
        if value.is_empty() {
            return Err("the value is empty".to_owned());
        }
        if value.len() > LONGEST_VALUE {
            return Err(format!("the value has more than {LONGEST_VALUE} bytes"));
        }
        Ok(Self { kind, value: value.to_owned() })
    }
}

impl OperatorRules {
    /// Ejects a source. A source that is ejected keeps its mark.
    pub(crate) fn eject(&mut self, source: PlacedSource, mark: OperatorMark) {
        self.ejected.entry(source).or_insert(mark);
    }

    /// Ends an ejection. Returns whether there was one.
    pub(crate) fn restore(&mut self, source: &PlacedSource) -> bool {
        self.ejected.remove(source).is_some()
    }

    /// Blocks an ad.
    ///
    /// # Errors
    /// There are too many rules.
    pub(crate) fn block(&mut self, rule: BlockRule, mark: OperatorMark) -> Result<(), String> {
        if self.blocked.len() >= MOST_RULES && !self.blocked.contains_key(&rule) {
            return Err(format!("{MOST_RULES} ads are blocked already: write them in the configuration"));
        }
        self.blocked.entry(rule).or_insert(mark);
        Ok(())
    }

    /// Uses a blocked ad again. Returns whether it was blocked.
    pub(crate) fn unblock(&mut self, rule: &BlockRule) -> bool {
        self.blocked.remove(rule).is_some()
    }

    /// The sources that are ejected.
    pub(crate) fn ejected(&self) -> impl Iterator<Item = (&PlacedSource, &OperatorMark)> {
        self.ejected.iter()
    }

    /// The mark of a source that is ejected.
    pub(crate) fn ejection(&self, placement: &str, source: &str) -> Option<&OperatorMark> {
        let found = self.ejected.iter().find(|(one, _)| one.placement == placement && one.source == source);
        found.map(|(_, mark)| mark)
    }

    /// The ads that are blocked.
    pub(crate) fn blocked(&self) -> impl Iterator<Item = (&BlockRule, &OperatorMark)> {
        self.blocked.iter()
    }

    /// Adds the blocked ads to those of a placement.
    pub(crate) fn add_to(&self, blocked: &mut Blocked) {
        for BlockRule { kind, value } in self.blocked.keys() {
            let list = match kind {
                BlockKind::CreativeId => &mut blocked.creative_ids,
                BlockKind::UniversalAdId => &mut blocked.universal_ad_ids,
                BlockKind::Advertiser => &mut blocked.advertisers,
                BlockKind::MediaHost => &mut blocked.media_hosts,
            };
            if !list.contains(value) {
                list.push(value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(seconds: u64) -> OperatorMark {
        OperatorMark { since: SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds), key: None }
    }

    #[test]
    fn a_rule_is_there_once_with_its_first_mark_and_their_number_is_bounded() {
        let mut rules = OperatorRules::default();
        let rule = |number: usize| BlockRule::new(BlockKind::CreativeId, &format!(" c{number} ")).expect("a value");
        for number in 0..MOST_RULES {
            assert_eq!(rules.block(rule(number), mark(1)), Ok(()));
        }
        assert_eq!(rules.block(rule(0), mark(2)), Ok(()));
        assert!(rules.blocked().all(|(_, one)| *one == mark(1)));
        assert!(rules.block(rule(MOST_RULES), mark(2)).is_err());
        assert!(rules.unblock(&rule(0)) && !rules.unblock(&rule(0)));
        let mut blocked = Blocked { creative_ids: vec!["c1".to_owned()], ..Blocked::default() };
        rules.add_to(&mut blocked);
        assert_eq!((blocked.creative_ids.len(), blocked.media_hosts.len()), (MOST_RULES - 1, 0));
        for wrong in ["", " ", &"x".repeat(LONGEST_VALUE + 1)] {
            assert!(BlockRule::new(BlockKind::Advertiser, wrong).is_err());
        }
    }
}
