//! The search for the best choice.

use std::cmp::Reverse;

use super::bound::Bound;
use super::problem::{BreakLimits, BreakUnit, Prefix, RankValues, UnitAd, sum};

/// The most units for which the choice is exact. With more units, only the most valuable ones are searched, and the others are
/// added in order where they fit.
pub(in crate::select) const MAX_UNITS: usize = 128;
/// The most steps of one search: about two milliseconds. Then the best choice so far is the result.
const MAX_STEPS: u32 = 20_000;

/// A choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::select) struct Filling {
    /// The number of ads that are taken from each unit, from its beginning.
    pub(in crate::select) taken: Vec<usize>,
    /// Whether no better choice exists.
    pub(in crate::select) is_exact: bool,
}

/// The best choice among `units`. `None` when no choice reaches the shortest running time.
pub(in crate::select) fn fill(units: &[BreakUnit], limits: &BreakLimits) -> Option<Filling> {
    let prefixes: Vec<Vec<Prefix>> = units.iter().map(|unit| unit.prefixes(limits)).collect();
    let searched = most_valuable(&prefixes);
    let is_whole = searched.len() == units.len();
    let problem = FillProblem {
        units: searched.iter().map(|number| (&units[*number], &*prefixes[*number])).collect(),
        limits: *limits,
    };
    let (taken, is_exact) = problem.solve();
    let mut choice = Choice::new(units);
    let mut filling = Filling { taken: vec![0; units.len()], is_exact };
    for (number, taken) in searched.into_iter().zip(taken.unwrap_or_default()) {
        choice.take(&units[number].pieces[..taken]);
        filling.taken[number] = taken;
    }
    if !(is_exact && is_whole) {
        let is_by_order_only = prefixes.iter().flatten().all(|prefix| prefix.values == RankValues::default());
        filling.is_exact &= is_by_order_only && limits.shortest == 0;
        choice.add_where_room_is_left(units, limits, &mut filling.taken);
    }
    (choice.length >= limits.shortest).then_some(filling)
}

/// The numbers of the units to search, in order: all of them, or the most valuable ones.
fn most_valuable(prefixes: &[Vec<Prefix>]) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..prefixes.len()).collect();
    if numbers.len() > MAX_UNITS {
        numbers.sort_by_key(|number| {
            Reverse(prefixes[*number].last().map_or(RankValues::default(), |whole| whole.values))
        });
        numbers.truncate(MAX_UNITS);
        numbers.sort_unstable();
    }
    numbers
}

/// The input of one search.
struct FillProblem<'u> {
    units: Vec<(&'u BreakUnit, &'u [Prefix])>,
    limits: BreakLimits,
}

impl FillProblem<'_> {
    /// The best choice, and whether it is exact.
    fn solve(&self) -> (Option<Vec<usize>>, bool) {
        // Without values every choice is equally good, and the first one in order is the result.
        let values = self.is_valued().then(|| self.bound(&self.limits, |prefix| prefix.values));
        let by_length = BreakLimits { length_value: Some(0), ..self.limits };
        let length = (self.limits.shortest > 0).then(|| self.bound(&by_length, |prefix| [prefix.length, 0, 0]));
        let in_order = |goal: &RankValues| {
            let mut search = Search::new(self, values.as_ref(), length.as_ref());
            search.in_order(0, goal);
            search.result()
        };
        let (best, is_exact) = if let Some(values) = &values {
            let mut search = Search::new(self, Some(values), length.as_ref());
            search.by_value(0);
            let goal = search.best.as_ref().map(|(values, _)| *values);
            match (search.result(), goal) {
                // Several choices can have these values: search the first of them.
                ((best, true), Some(goal)) => match in_order(&goal) {
                    (None, is_exact) => (best, is_exact),
                    found => found,
                },
                (result, _) => result,
            }
        } else {
            in_order(&RankValues::default())
        };
        let longest = || if is_exact { None } else { length.as_ref().and_then(|length| self.longest(length)) };
        (best.or_else(longest), is_exact)
    }

    fn is_valued(&self) -> bool {
        let parts = self.units.iter().flat_map(|(_, prefixes)| *prefixes);
        parts.into_iter().any(|part| part.values != RankValues::default())
    }

    /// A choice whose running time is near the longest one, without regard to its values.
    fn longest(&self, length: &Bound) -> Option<Vec<usize>> {
        let prefixes: Vec<Vec<Prefix>> = self.units.iter().map(|(_, prefixes)| by_length(prefixes)).collect();
        let units = self.units.iter().zip(&prefixes).map(|((unit, _), prefixes)| (*unit, &**prefixes)).collect();
        let problem = FillProblem { units, limits: self.limits };
        let mut search = Search::new(&problem, Some(length), Some(length));
        search.by_value(0);
        search.best.map(|(_, taken)| taken)
    }

    fn bound(&self, limits: &BreakLimits, values: impl Fn(&Prefix) -> RankValues) -> Bound {
        let valued = |part: &Prefix| Prefix { values: values(part), ..*part };
        let units: Vec<Vec<Prefix>> =
            self.units.iter().map(|(_, prefixes)| prefixes.iter().map(valued).collect()).collect();
        Bound::new(&units, limits)
    }
}

fn by_length(prefixes: &[Prefix]) -> Vec<Prefix> {
    prefixes.iter().map(|part| Prefix { values: [part.length, 0, 0], ..*part }).collect()
}

/// One search through the choices, unit after unit.
struct Search<'s, 'u> {
    problem: &'s FillProblem<'u>,
    /// The bound of the values, if there are any.
    bound: Option<&'s Bound>,
    length: Option<&'s Bound>,
    choice: Choice,
    values: RankValues,
    taken: Vec<usize>,
    best: Option<(RankValues, Vec<usize>)>,
    steps: u32,
}

impl<'s, 'u> Search<'s, 'u> {
    fn new(problem: &'s FillProblem<'u>, bound: Option<&'s Bound>, length: Option<&'s Bound>) -> Self {
        Self {
            problem,
            bound,
            length,
            choice: Choice::of(problem.units.iter().map(|(unit, _)| *unit)),
            values: RankValues::default(),
            taken: Vec::with_capacity(problem.units.len()),
            best: None,
            steps: 0,
        }
    }

    /// Whether the search ended because it had no steps left.
    fn is_cut(&self) -> bool {
        self.steps > MAX_STEPS
    }

    /// The best choice that was found, and whether no better one exists.
    fn result(self) -> (Option<Vec<usize>>, bool) {
        let is_exact = !self.is_cut();
        (self.best.map(|(_, taken)| taken), is_exact)
    }

    /// Finds a choice with the highest values among those that start like the current one. It tries the most promising part of
    /// each unit first.
    fn by_value(&mut self, number: usize) {
        let Some((_, prefixes)) = self.problem.units.get(number).copied() else { return self.end() };
        let most = self.fitting(number);
        self.steps = self.steps.saturating_add(steps(most));
        let mut parts: Vec<(RankValues, usize)> =
            (0..=most).map(|taken| (self.hope(number, prefixes, taken), taken)).collect();
        parts.sort_unstable_by_key(|part| Reverse(*part));
        for (hope, taken) in parts {
            if self.best.as_ref().is_some_and(|(best, _)| hope <= *best) || self.is_cut() {
                return;
            }
            self.step(number, prefixes, taken, |search| search.by_value(number + 1));
        }
    }

    /// Finds the first choice with at least the values `goal` among those that start like the current one. It tries the longest
    /// part of each unit first, and returns when it finds one.
    fn in_order(&mut self, number: usize, goal: &RankValues) {
        let Some((_, prefixes)) = self.problem.units.get(number).copied() else { return self.end() };
        let most = self.fitting(number);
        self.steps = self.steps.saturating_add(steps(most));
        for taken in (0..=most).rev() {
            if self.best.is_some() || self.is_cut() {
                return;
            }
            if self.hope(number, prefixes, taken) >= *goal {
                self.step(number, prefixes, taken, |search| search.in_order(number + 1, goal));
            }
        }
    }

    /// Takes the first `taken` ads of unit `number`, calls `next`, and removes these ads again.
    fn step(&mut self, number: usize, prefixes: &[Prefix], taken: usize, next: impl FnOnce(&mut Self)) {
        if !self.can_be_long_enough(number, prefixes, taken) {
            return;
        }
        let pieces = &self.problem.units[number].0.pieces[..taken];
        let values = self.values;
        self.values = sum(&values, &part(prefixes, taken).values);
        self.choice.take(pieces);
        self.taken.push(taken);
        next(self);
        self.taken.pop();
        self.choice.give_back(pieces);
        self.values = values;
    }

    /// Handles a complete choice: all units are decided.
    fn end(&mut self) {
        let is_better = self.best.as_ref().is_none_or(|(best, _)| self.values > *best);
        if is_better && self.choice.length >= self.problem.limits.shortest {
            self.best = Some((self.values, self.taken.clone()));
        }
    }

    /// The values that can be reached at most with the first `taken` ads of unit `number`.
    fn hope(&self, number: usize, prefixes: &[Prefix], taken: usize) -> RankValues {
        let part = part(prefixes, taken);
        let (length, ads) = self.left(&part, taken);
        let more = self.bound.map(|bound| bound.of(number + 1, length, ads)).unwrap_or_default();
        sum(&sum(&self.values, &part.values), &more)
    }

    fn can_be_long_enough(&self, number: usize, prefixes: &[Prefix], taken: usize) -> bool {
        let Some(bound) = self.length else { return true };
        let part = part(prefixes, taken);
        let (length, ads) = self.left(&part, taken);
        let [more, ..] = bound.of(number + 1, length, ads);
        self.choice.length + part.length + more >= self.problem.limits.shortest
    }

    /// The running time and the number of ads that are left after a part of a unit.
    fn left(&self, part: &Prefix, taken: usize) -> (u64, usize) {
        let limits = &self.problem.limits;
        (limits.longest - self.choice.length - part.length, limits.ads - self.choice.ads - taken)
    }

    /// How many ads of unit `number` can be taken at most.
    fn fitting(&mut self, number: usize) -> usize {
        let (unit, prefixes) = self.problem.units[number];
        self.choice.fitting(&unit.pieces[..prefixes.len()], &self.problem.limits)
    }
}

/// The number of search steps for a unit of which at most this number of ads can be taken.
fn steps(most: usize) -> u32 {
    u32::try_from(most + 1).unwrap_or(u32::MAX)
}

/// The first `taken` ads of a unit.
fn part(prefixes: &[Prefix], taken: usize) -> Prefix {
    taken.checked_sub(1).and_then(|last| prefixes.get(last)).copied().unwrap_or_default()
}

/// The current choice of the search.
struct Choice {
    length: u64,
    ads: usize,
    /// For each mark the number of ads that have set it.
    marks: Vec<u32>,
}

impl Choice {
    fn new(units: &[BreakUnit]) -> Self {
        Self::of(units.iter())
    }

    fn of<'u>(units: impl Iterator<Item = &'u BreakUnit>) -> Self {
        let pieces = units.flat_map(|unit| &unit.pieces);
        let marks = pieces.flat_map(|piece| piece.marks.iter().chain(&piece.conflicts)).max();
        Self { length: 0, ads: 0, marks: vec![0; marks.map_or(0, |most| *most as usize + 1)] }
    }

    /// How many of `pieces` fit, from the first one.
    fn fitting(&mut self, pieces: &[UnitAd], limits: &BreakLimits) -> usize {
        let mut taken = 0;
        for piece in pieces {
            let Some(length) = piece.length.filter(|length| *length > 0) else { break };
            let is_full = self.ads >= limits.ads || self.length.saturating_add(length) > limits.longest;
            if is_full || piece.conflicts.iter().any(|mark| self.marks[*mark as usize] > 0) {
                break;
            }
            self.take(std::slice::from_ref(piece));
            taken += 1;
        }
        self.give_back(&pieces[..taken]);
        taken
    }

    fn take(&mut self, pieces: &[UnitAd]) {
        for piece in pieces {
            self.length += piece.length.unwrap_or_default();
            self.ads += 1;
            piece.marks.iter().for_each(|mark| self.marks[*mark as usize] += 1);
        }
    }

    fn give_back(&mut self, pieces: &[UnitAd]) {
        for piece in pieces {
            self.length -= piece.length.unwrap_or_default();
            self.ads -= 1;
            piece.marks.iter().for_each(|mark| self.marks[*mark as usize] -= 1);
        }
    }

    /// Takes more of each unit in order, as far as it fits.
    fn add_where_room_is_left(&mut self, units: &[BreakUnit], limits: &BreakLimits, taken: &mut [usize]) {
        for (unit, taken) in units.iter().zip(taken) {
            let more = self.fitting(&unit.pieces[*taken..], limits);
            self.take(&unit.pieces[*taken..][..more]);
            *taken += more;
        }
    }
}
