//! Which companions are offered, and what wrappers add to them.

use vast_xml::model::{Click, Companion, Creative, Tracking};

use super::inherited::{Inherited, inherited};
use super::level::Level;
use super::place::{Place, Placed, placed};
use super::resolved::ResolvedAd;

/// The companions of one creative.
#[derive(Debug, Clone)]
pub struct CompanionSet<'a> {
    /// The creative that has them; of its other parts those of a wrapper count for nothing here.
    pub creative: Inherited<'a, Creative>,
    /// The companions, in document order.
    pub companions: Vec<MergedCompanion<'a>>,
}

/// A companion and what wrappers add to it.
#[derive(Debug, Clone)]
pub struct MergedCompanion<'a> {
    /// Where it stands.
    pub place: Place,
    /// The companion.
    pub companion: Inherited<'a, Companion>,
    /// Companions of wrappers that have no resource, only trackers for this one; outermost first.
    pub added: Vec<Inherited<'a, Companion>>,
}

impl<'a> MergedCompanion<'a> {
    /// Trackers, those that wrappers add first.
    pub fn tracking(&self) -> impl Iterator<Item = Inherited<'a, Tracking>> {
        self.all().flat_map(|Inherited { hop, item }| inherited(hop, &item.tracking_events))
    }

    /// Click trackers, those that wrappers add first (VAST 4.3 section 3.13.3).
    pub fn click_tracking(&self) -> impl Iterator<Item = Inherited<'a, Click>> {
        self.all().flat_map(|Inherited { hop, item }| inherited(hop, &item.click_tracking))
    }

    fn all(&self) -> impl Iterator<Item = Inherited<'a, Companion>> {
        self.added.iter().copied().chain([self.companion])
    }
}

impl ResolvedAd {
    /// The companions of all levels by creative: those of the `InLine` first, then those of the wrappers, nearest first. Where
    /// several are for one place the first that fits is shown, so the nearest wins (VAST 4.3 section 2.3.5.2).
    ///
    /// A wrapper's companion without a resource is no companion: its trackers belong to those of the `InLine` with its id,
    /// else to those of its size, else to all. Where the `InLine` has none it stays as it stands.
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
        let companions = placed(creative.hop, number, &creative.item.companion_ads.as_ref()?.companions);
        let companions = companions.map(|Placed { place, item }| MergedCompanion {
            place,
            companion: Inherited { hop: place.hop, item },
            added: Vec::new(),
        });
        Some(CompanionSet { creative, companions: companions.collect() })
    })
}

/// Adds a wrapper's companion to those of `own` it has trackers for. False when it is a companion itself, or there is none.
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

/// Whether the trackers of the first, a wrapper's companion without a resource, belong to the second.
pub(super) type Belongs = fn(&Companion, &Companion) -> bool;

/// By what the trackers of `above` belong to some of `own`. `None` when it is a companion itself, or there are none.
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
