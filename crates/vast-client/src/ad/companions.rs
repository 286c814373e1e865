//! The companions of a resolved ad, and the trackers that wrappers add to them.

use vast_xml::model::{Click, Companion, Creative, Tracking};

use super::level::Level;
use super::part::{IndexedPart, Inherited, PartIndex, indexed, inherited};
use super::resolved::ResolvedAd;

/// The companions of one creative.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CompanionSet<'a> {
    /// The creative that contains the companions. A creative of a wrapper is given without its other parts.
    pub creative: Inherited<'a, Creative>,
    /// The companions, in document order.
    pub companions: Vec<MergedCompanion<'a>>,
}

/// A companion with the trackers that wrappers add to it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MergedCompanion<'a> {
    /// The index that identifies the companion in the ad.
    pub index: PartIndex,
    /// The companion.
    pub companion: Inherited<'a, Companion>,
    /// Companions of wrappers without a resource, whose trackers apply to this companion; outermost first.
    pub added: Vec<Inherited<'a, Companion>>,
}

impl<'a> MergedCompanion<'a> {
    /// Trackers, those that wrappers add first.
    pub fn tracking(&self) -> impl Iterator<Item = Inherited<'a, Tracking>> {
        self.all().flat_map(|Inherited { hop, item }| inherited(hop, &item.tracking_events))
    }

    /// Click trackers, those that wrappers add first (VAST 4.3 section 3.13.4).
    pub fn click_tracking(&self) -> impl Iterator<Item = Inherited<'a, Click>> {
        self.all().flat_map(|Inherited { hop, item }| inherited(hop, &item.click_tracking))
    }

    fn all(&self) -> impl Iterator<Item = Inherited<'a, Companion>> {
        self.added.iter().copied().chain([self.companion])
    }
}

impl ResolvedAd {
    /// The companions of all levels by creative: those of the `InLine` first, then those of the wrappers, nearest first. A
    /// player shows the first that fits, so the nearest wins (VAST 4.3 section 2.3.5.2).
    ///
    /// A wrapper's companion without a resource is not listed: its trackers apply to the companions of the `InLine`
    /// with the same id, else to those of the same size, else to all. If the `InLine` has no companion, the wrapper's
    /// companion is listed unchanged.
    pub fn companions(&self) -> Vec<CompanionSet<'_>> {
        let mut own: Vec<CompanionSet<'_>> = sets(self.own_level()).collect();
        let mut above = Vec::new();
        for level in self.levels_above() {
            let mut of_level: Vec<CompanionSet<'_>> = sets(level).collect();
            for set in &mut of_level {
                set.companions.retain(|companion| !attach(companion.companion, &mut own));
            }
            above.splice(0..0, of_level.into_iter().filter(|set| !set.companions.is_empty()));
        }
        own.append(&mut above);
        own
    }
}

fn sets<'a>(level: Level<'a>) -> impl Iterator<Item = CompanionSet<'a>> {
    level.inherit(level.creatives).enumerate().filter_map(|(number, creative)| {
        let companions = indexed(creative.hop, number, &creative.item.companion_ads.as_ref()?.companions);
        let companions = companions.map(|IndexedPart { index, item }| MergedCompanion {
            index,
            companion: Inherited { hop: index.hop, item },
            added: Vec::new(),
        });
        Some(CompanionSet { creative, companions: companions.collect() })
    })
}

/// Adds a wrapper's companion to the companions of `own` to which its trackers apply. Returns `false` if it has a resource,
/// because it is then shown as a companion, or if `own` is empty.
fn attach<'a>(above: Inherited<'a, Companion>, own: &mut [CompanionSet<'a>]) -> bool {
    let companions = own.iter().flat_map(|set| &set.companions).map(|companion| companion.companion.item);
    let Some(belongs) = belonging(above.item, &companions) else { return false };
    for companion in own.iter_mut().flat_map(|set| &mut set.companions) {
        if belongs(above.item, companion.companion.item) {
            companion.added.push(above);
        }
    }
    true
}

/// Whether the trackers of the first companion, one of a wrapper without a resource, apply to the second companion.
pub(super) type Belongs = fn(&Companion, &Companion) -> bool;

/// The rule that decides to which of `own` the trackers of `above` apply. `None` if `above` has a resource, because it is then
/// shown as a companion, or if `own` is empty.
pub(super) fn belonging<'a>(above: &Companion, own: &(impl Iterator<Item = &'a Companion> + Clone)) -> Option<Belongs> {
    if !above.resources.is_empty() {
        return None;
    }
    let rules: [Belongs; 3] = [same_id, same_size, |_, _| true];
    rules.into_iter().find(|belongs| own.clone().any(|own| belongs(above, own)))
}

fn same_id(one: &Companion, other: &Companion) -> bool {
    one.id.is_some() && one.id == other.id
}

fn same_size(one: &Companion, other: &Companion) -> bool {
    let size = |companion: &Companion| companion.width.zip(companion.height);
    size(one).is_some() && size(one) == size(other)
}
