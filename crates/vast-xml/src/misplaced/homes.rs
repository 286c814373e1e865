//! [`Homes`]: where the standard has an element, and which element of the ad that is.

use super::tree::Tree;
use crate::xml::{Name, children, is_group};
use std::collections::BTreeMap;

/// Finds the places of the elements of an ad that are at wrong places.
pub(super) struct Homes {
    tree: Tree,
    /// The number of levels from one element down to another; `None` if the standard does not have it there.
    distances: BTreeMap<(Name, Name), Option<usize>>,
    /// The place for the next element of a name, by the element that contains it. Without this table, many elements in one
    /// place would take quadratic time.
    decided: BTreeMap<(usize, Name), Option<Home>>,
    /// The kind of an ad that has neither an `InLine` nor a `Wrapper`.
    kind: Option<Name>,
}

/// An element that was moved.
pub(crate) struct Moved {
    /// The offset of the start tag of the element.
    pub(crate) start: usize,
    pub(crate) name: Name,
    /// The name of the element in the current standard.
    pub(crate) read_as: Name,
    /// The element that contains it now.
    pub(crate) home: Name,
    /// Whether it was the second ad of its kind in a creative.
    pub(crate) is_repeated: bool,
}

/// Where an element goes.
#[derive(Clone, Copy)]
enum Home {
    /// Into this element.
    In(usize),
    /// Into a new `Creative` in this element.
    OwnCreative(usize),
    /// The children go into this element, and the element itself is removed.
    Merged(usize),
}

/// A path from an element down to a place.
struct Way {
    /// The last element of the path that exists.
    end: usize,
    /// The elements of the path that must be added.
    missing: Vec<Name>,
    /// The number of elements of the path.
    length: usize,
}

impl Way {
    fn cost(&self) -> (usize, usize) {
        (self.missing.len(), self.length + self.missing.len())
    }
}

/// A search for the place of an element with the name `name` below `top`.
#[derive(Clone, Copy)]
struct PlaceSearch {
    name: Name,
    top: Name,
}

impl Homes {
    pub(super) fn new(tree: Tree) -> Homes {
        let mut homes = Homes { tree, distances: BTreeMap::new(), decided: BTreeMap::new(), kind: None };
        let misplaced = homes.tree.misplaced();
        let has = |names: &[Name]| misplaced.iter().any(|id| names.contains(&homes.tree.name(*id)));
        homes.kind = if has(&[Name::VastAdTagUri]) {
            Some(Name::Wrapper)
        } else {
            let parts =
                [Name::Creatives, Name::Creative, Name::Linear, Name::NonLinearAds, Name::MediaFiles, Name::MediaFile];
            has(&parts).then_some(Name::InLine)
        };
        homes
    }

    /// Moves every element whose place is clear.
    pub(super) fn settle(mut self) -> (Tree, Vec<Moved>) {
        let mut misplaced = self.tree.misplaced();
        // Outer elements are moved first, because the others may go into them.
        misplaced.sort_by_key(|id| rank(self.tree.name(*id)));
        let mut moved = Vec::new();
        for id in misplaced {
            let name = self.tree.name(id);
            let is_repeated = self.is_repetition(id, name);
            if let Some(home) = self.home(id, name, is_repeated) {
                let home = self.go(id, name, home);
                let (start, own_name) = (self.tree.start(id), self.tree.own_name(id));
                moved.push(Moved { start, name: own_name, read_as: name, home: self.tree.name(home), is_repeated });
            }
        }
        (self.tree, moved)
    }

    fn go(&mut self, id: usize, name: Name, home: Home) -> usize {
        match home {
            Home::In(home) => {
                self.tree.move_to(id, home);
                home
            }
            Home::OwnCreative(creatives) => {
                let home = self.tree.add(creatives, Name::Creative, id);
                self.tree.move_to(id, home);
                home
            }
            Home::Merged(home) => {
                debug_assert_eq!(name, Name::ViewableImpression);
                self.tree.merge_into(id, home);
                home
            }
        }
    }

    /// Whether an element is the second ad of its kind in a creative, where the standard has only one.
    fn is_repetition(&self, id: usize, name: Name) -> bool {
        let is_in_creative = self.tree.parent(id).is_some_and(|parent| self.tree.name(parent) == Name::Creative);
        is_in_creative && is_kind(name) && !self.tree.is_renamed(id)
    }

    /// Where an element goes: to the nearest element around it in which, or below which, the standard has it.
    fn home(&mut self, id: usize, name: Name, is_repeated: bool) -> Option<Home> {
        if matches!(name, Name::Ad | Name::InLine | Name::Wrapper) {
            return None;
        }
        let parent = self.tree.parent(id)?;
        if name == Name::ViewableImpression && self.tree.name(parent) == Name::Verification {
            return None;
        }
        // The standard has the element there, so the reader has another reason to refuse it.
        let is_in_place = self.distance(self.tree.name(parent), name) == Some(1);
        if is_in_place && !self.tree.is_renamed(id) && !is_repeated {
            return None;
        }
        let mut top = parent;
        while self.distance(self.tree.name(top), name).is_none() {
            top = self.tree.parent(top)?;
        }
        loop {
            if let Some(home) = self.home_below(top, name, id) {
                return Some(home);
            }
            // If the place is not clear, only an outer element that may contain the element directly is near enough.
            top = self.tree.parent(top)?;
            while self.distance(self.tree.name(top), name) != Some(1) {
                top = self.tree.parent(top)?;
            }
        }
    }

    fn home_below(&mut self, top: usize, name: Name, id: usize) -> Option<Home> {
        let top = self.tree.first_group(top);
        if let Some(decided) = self.decided.get(&(top, name)) {
            return *decided;
        }
        let home = self.decide(top, name, id);
        let next = home.and_then(|home| self.next_home(home, name, id));
        self.decided.insert((top, name), next);
        home
    }

    fn decide(&mut self, top: usize, name: Name, id: usize) -> Option<Home> {
        if is_kind(name) && self.tree.name(top) == Name::Creative && self.tree.named(top, name).next().is_some() {
            return self.tree.parent(top).map(Home::OwnCreative);
        }
        let way = self.way(top, PlaceSearch { name, top: self.tree.name(top) }, 0)?;
        let home = way.missing.iter().fold(way.end, |home, missing| self.tree.add(home, *missing, id));
        match self.tree.named(home, name).next() {
            Some(there) if name == Name::ViewableImpression => Some(Home::Merged(there)),
            _ => Some(Home::In(home)),
        }
    }

    /// The place for the next element of the same name and origin, after `id` was moved to `home`.
    fn next_home(&self, home: Home, name: Name, id: usize) -> Option<Home> {
        match home {
            Home::In(creative) if is_kind(name) => self.tree.parent(creative).map(Home::OwnCreative),
            Home::In(_) if name == Name::ViewableImpression => Some(Home::Merged(id)),
            home => Some(home),
        }
    }

    /// The best path from an element down to the place of another: the one that adds the fewest elements.
    fn way(&mut self, at: usize, wanted: PlaceSearch, length: usize) -> Option<Way> {
        if self.tree.name(at) == Name::Creatives {
            return self.way_into_creative(at, wanted, length);
        }
        let mut best: Option<Way> = None;
        for step in inside(self.tree.name(at)) {
            let way = match self.distance(step, wanted.name) {
                _ if step == wanted.name => Some(Way { end: at, missing: Vec::new(), length }),
                Some(_) => self.way_through(at, step, wanted, length),
                None => None,
            };
            best = better(best, way);
        }
        best
    }

    fn way_through(&mut self, at: usize, step: Name, wanted: PlaceSearch, length: usize) -> Option<Way> {
        if is_repeated(step) && !is_near(wanted, length) {
            return None;
        }
        let mut there = self.tree.named(at, step);
        let (first, is_several) = (there.next(), there.next().is_some());
        drop(there);
        match first {
            Some(_) if is_repeated(step) && is_several => None,
            Some(next) => self.way(next, wanted, length + 1),
            None if self.may_add(at, step, wanted.name) => {
                let missing = self.chain(step, wanted.name)?;
                Some(Way { end: at, missing, length })
            }
            None => None,
        }
    }

    /// The path into one of the creatives in `group`.
    fn way_into_creative(&mut self, group: usize, wanted: PlaceSearch, length: usize) -> Option<Way> {
        if wanted.name == Name::Creative {
            return Some(Way { end: group, missing: Vec::new(), length });
        }
        let creatives: Vec<usize> = self.tree.named(group, Name::Creative).collect();
        let mut best = None;
        for part in inside(Name::Creative) {
            let way = match self.distance(part, wanted.name) {
                _ if is_kind(part) => self.way_into_kind(group, &creatives, part, wanted, length),
                None if part != wanted.name => None,
                _ => match creatives[..] {
                    [only] => self.way(only, wanted, length + 1),
                    [] => self.chain(Name::Creative, wanted.name).map(|missing| Way { end: group, missing, length }),
                    _ => None,
                },
            };
            best = better(best, way);
        }
        best
    }

    /// The path into an `InLine` or a `Wrapper`, or to its place if it is itself the element to place.
    fn way_into_kind(
        &mut self,
        group: usize,
        creatives: &[usize],
        kind: Name,
        wanted: PlaceSearch,
        length: usize,
    ) -> Option<Way> {
        let missing = if kind == wanted.name { Vec::new() } else { self.chain(kind, wanted.name).unwrap_or_default() };
        let mut found = creatives.iter().filter_map(|creative| self.tree.named(*creative, kind).next());
        let (first, is_several) = (found.next(), found.next().is_some());
        if let Some(first) = first.filter(|_| kind != wanted.name) {
            self.distance(kind, wanted.name)?;
            return if is_several && !is_event_or_click(wanted.name) {
                None
            } else {
                self.way(first, wanted, length + 2)
            };
        }
        if kind != wanted.name && missing.is_empty() {
            return None;
        }
        let mut free =
            creatives.iter().filter(|creative| !self.tree.children(**creative).any(|id| is_kind(self.tree.name(id))));
        match (free.next(), free.next()) {
            (Some(only), None) => Some(Way { end: *only, missing, length: length + 1 }),
            _ => Some(Way { end: group, missing: [vec![Name::Creative], missing].concat(), length }),
        }
    }

    /// Whether an element may be added that is not in the document.
    fn may_add(&self, at: usize, step: Name, wanted: Name) -> bool {
        let has = |names: &[Name]| self.tree.children(at).any(|id| names.contains(&self.tree.name(id)));
        match step {
            Name::InLine | Name::Wrapper => self.kind == Some(step) && !has(&[Name::InLine, Name::Wrapper]),
            // The reader makes a companion for an impression of VAST 1.0.
            Name::Companion => has(&[Name::CompanionImpression]),
            // One script is one verification. Of several, it is not known which parameters and trackers belong to which.
            Name::Verification => self.tree.scripts(at) == 1,
            _ if is_kind(step) => matches!(wanted, Name::Companion | Name::NonLinear) || !has(&KINDS),
            _ => is_added(step),
        }
    }

    /// The shortest chain of elements to add, from `from` to the parent of `name`.
    fn chain(&mut self, from: Name, name: Name) -> Option<Vec<Name>> {
        let mut best: Option<Vec<Name>> = None;
        for step in inside(from) {
            let rest = match self.distance(step, name) {
                _ if step == name => Some(Vec::new()),
                Some(_) if is_added(step) => self.chain(step, name),
                _ => None,
            };
            if let Some(rest) = rest.filter(|rest| best.as_ref().is_none_or(|best| rest.len() < best.len())) {
                best = Some(rest);
            }
        }
        best.map(|rest| [vec![from], rest].concat())
    }

    /// The number of levels between `from` and `name` in the standard.
    fn distance(&mut self, from: Name, name: Name) -> Option<usize> {
        if let Some(known) = self.distances.get(&(from, name)) {
            return *known;
        }
        let mut distance = None;
        for step in inside(from) {
            let found = if step == name { Some(0) } else { self.distance(step, name) };
            distance = [distance, found.map(|found| found + 1)].into_iter().flatten().min();
        }
        self.distances.insert((from, name), distance);
        distance
    }
}

fn better(best: Option<Way>, way: Option<Way>) -> Option<Way> {
    match (best, way) {
        (Some(best), Some(way)) => Some(if way.cost() < best.cost() { way } else { best }),
        (best, way) => best.or(way),
    }
}

/// The parts of a creative that are ads.
const KINDS: [Name; 3] = [Name::Linear, Name::NonLinearAds, Name::CompanionAds];

fn is_kind(name: Name) -> bool {
    KINDS.contains(&name)
}

/// The order in which elements are moved.
fn rank(name: Name) -> u8 {
    match name {
        Name::Creatives => 0,
        Name::Creative => 1,
        _ if is_kind(name) => 2,
        _ if is_group(name) || name == Name::ViewableImpression => 3,
        _ => 4,
    }
}

/// The children that the standard allows in an element. The reader also accepts an `AdID` of VAST 1.0 in a `Creative`.
fn inside(name: Name) -> impl Iterator<Item = Name> {
    children(name).iter().copied().chain((name == Name::Creative).then_some(Name::AdId))
}

/// Whether an element is added where it is missing.
fn is_added(name: Name) -> bool {
    let is_ad = matches!(name, Name::InLine | Name::Wrapper);
    is_ad || is_group(name) || is_kind(name) || matches!(name, Name::Creative | Name::ViewableImpression)
}

/// Whether an element may occur several times, each time with its own parts.
fn is_repeated(name: Name) -> bool {
    use Name::*;
    matches!(name, Companion | NonLinear | Icon | Verification | IconClickFallbackImage)
}

/// Whether an element is so near to its place that it certainly belongs to the only companion or icon there.
fn is_near(wanted: PlaceSearch, length: usize) -> bool {
    use Name::*;
    let is_vague = matches!(
        wanted.name,
        StaticResource
            | IFrameResource
            | HtmlResource
            | AltText
            | MediaFiles
            | MediaFile
            | InteractiveCreativeFile
            | Duration
    );
    let is_outside = matches!(wanted.top, Ad | InLine | Wrapper | Creatives);
    if is_vague { length == 0 } else { !is_outside }
}

fn is_event_or_click(name: Name) -> bool {
    use Name::*;
    matches!(name, TrackingEvents | Tracking | VideoClicks | ClickThrough | ClickTracking | CustomClick)
}
