//! Compares the search with one that tries all choices, and checks properties of every choice.

use fastrand::Rng;

use super::problem::sum;
use super::{BreakLimits, BreakUnit, Filling, MAX_UNITS, RankValues, UnitAd, fill};

/// The number of random problems.
const CASES: u64 = 20_000;

/// A random problem: few units, running times with and without a common divisor, many equal values, and conflicts.
fn problem(seed: u64) -> (Vec<BreakUnit>, BreakLimits) {
    let mut random = Rng::with_seed(seed);
    let units = (0..random.usize(0..6)).map(|_| unit(&mut random)).collect();
    let longest = random.u64(0..90) * 1_000;
    let limits = BreakLimits {
        longest,
        shortest: if random.bool() { 0 } else { random.u64(0..=longest) },
        ads: random.usize(0..7),
        length_value: random.bool().then_some(1),
    };
    (with_length(units, &limits), limits)
}

fn unit(random: &mut Rng) -> BreakUnit {
    let ads = if random.bool() { 1 } else { random.usize(1..4) };
    BreakUnit { pieces: (0..ads).map(|_| piece(random)).collect() }
}

fn piece(random: &mut Rng) -> UnitAd {
    let length = match random.u8(0..10) {
        0 => None,
        1..4 => Some(random.u64(1..40_000)),
        _ => Some(random.u64(1..7) * 5_000),
    };
    let values = [random.u64(0..4) * u64::from(random.bool()), random.u64(0..3), 0];
    let marks = if random.u8(0..3) == 0 { vec![random.u32(0..3)] } else { Vec::new() };
    let conflicts = marks.clone();
    UnitAd { length, values, marks, conflicts }
}

/// The units with the running time where it is one of the values.
fn with_length(mut units: Vec<BreakUnit>, limits: &BreakLimits) -> Vec<BreakUnit> {
    if let Some(place) = limits.length_value {
        let pieces = units.iter_mut().flat_map(|unit| &mut unit.pieces);
        pieces.for_each(|piece| piece.values[place] = piece.length.unwrap_or_default());
    }
    units
}

/// The values of a choice; `None` when it is not allowed.
fn values(units: &[BreakUnit], limits: &BreakLimits, taken: &[usize]) -> Option<RankValues> {
    let pieces: Vec<&UnitAd> = units.iter().zip(taken).flat_map(|(unit, taken)| &unit.pieces[..*taken]).collect();
    let lengths: Option<Vec<u64>> = pieces.iter().map(|piece| piece.length).collect();
    let length: u64 = lengths?.iter().sum();
    let collide = |one: &UnitAd, other: &UnitAd| one.marks.iter().any(|mark| other.conflicts.contains(mark));
    let is_apart =
        pieces.iter().enumerate().all(|(place, one)| pieces[place + 1..].iter().all(|other| !collide(one, other)));
    let fits = length <= limits.longest && length >= limits.shortest && pieces.len() <= limits.ads;
    (is_apart && fits).then(|| pieces.iter().fold(RankValues::default(), |all, piece| sum(&all, &piece.values)))
}

/// The best of all choices: the highest values; if equal, the most ads of the first unit, then of the second, and so on.
fn best(units: &[BreakUnit], limits: &BreakLimits) -> Option<(RankValues, Vec<usize>)> {
    let mut choices = vec![Vec::new()];
    for unit in units {
        let longer = |choice: Vec<usize>| {
            (0..=unit.pieces.len()).map(move |taken| choice.iter().copied().chain([taken]).collect())
        };
        choices = choices.into_iter().flat_map(longer).collect();
    }
    choices.into_iter().filter_map(|choice| Some((values(units, limits, &choice)?, choice))).max()
}

#[test]
fn the_search_finds_the_same_choice_as_trying_all_choices() {
    for seed in 0..CASES {
        let (units, limits) = problem(seed);
        let found = fill(&units, &limits);
        let is_exact = found.as_ref().is_none_or(|found| found.is_exact);
        let found = found.map(|Filling { taken, .. }| (values(&units, &limits, &taken), taken));
        let expected = best(&units, &limits).map(|(values, taken)| (Some(values), taken));
        assert_eq!((found, is_exact), (expected, true), "seed {seed}: {units:?} {limits:?}");
    }
}

/// A random problem that is too large to try all choices.
fn large(seed: u64, count: usize) -> (Vec<BreakUnit>, BreakLimits) {
    let mut random = Rng::with_seed(seed);
    let units = (0..count).map(|_| unit(&mut random)).collect();
    let limits = BreakLimits { longest: 120_000, shortest: 0, ads: 8, length_value: Some(1) };
    (with_length(units, &limits), limits)
}

#[test]
fn a_choice_is_allowed_and_has_no_room_for_more_however_many_units_there_are() {
    for seed in 0..300 {
        let (units, limits) = large(seed, 2 * MAX_UNITS);
        let Filling { taken, is_exact } = fill(&units, &limits).expect("a choice");
        assert!(values(&units, &limits, &taken).is_some(), "seed {seed}");
        assert!(!is_exact, "seed {seed}: more units than are searched");
        for number in 0..units.len() {
            let mut more = taken.clone();
            more[number] += 1;
            let is_there = more[number] <= units[number].pieces.len();
            assert!(!is_there || values(&units, &limits, &more).is_none(), "seed {seed}: unit {number} fits");
        }
    }
}

#[test]
fn in_listed_order_a_choice_is_exact_for_any_number_of_units() {
    for seed in 0..300 {
        let (mut units, limits) = large(seed, 2 * MAX_UNITS);
        let pieces = units.iter_mut().flat_map(|unit| &mut unit.pieces);
        pieces.for_each(|piece| piece.values = RankValues::default());
        let Filling { taken, is_exact } = fill(&units, &limits).expect("a choice");
        assert!(is_exact, "seed {seed}");
        let mut first_fit = vec![0; units.len()];
        for number in 0..units.len() {
            while first_fit[number] < units[number].pieces.len() {
                first_fit[number] += 1;
                if values(&units, &limits, &first_fit).is_none() {
                    first_fit[number] -= 1;
                    break;
                }
            }
        }
        assert_eq!(taken, first_fit, "seed {seed}");
    }
}

#[test]
fn a_search_without_steps_left_gives_a_choice_that_is_not_exact() {
    // Odd running times, equal values and conflicts: the bound is far from the true values.
    let mut random = Rng::with_seed(7);
    let piece = |random: &mut Rng| {
        let marks = vec![random.u32(0..12), 12 + random.u32(0..12)];
        let length = random.u64(7_001..9_999);
        UnitAd { length: Some(length), values: [length / 3, 0, 0], conflicts: marks.clone(), marks }
    };
    let units: Vec<BreakUnit> = (0..MAX_UNITS).map(|_| BreakUnit { pieces: vec![piece(&mut random)] }).collect();
    for shortest in [0, 70_000] {
        let limits = BreakLimits { longest: 90_000, shortest, ads: 20, length_value: None };
        let Filling { taken, is_exact } = fill(&units, &limits).expect("a choice");
        assert!(!is_exact && values(&units, &limits, &taken).is_some());
    }
}

#[test]
fn a_choice_below_the_shortest_running_time_is_none() {
    let unit = |length| BreakUnit { pieces: vec![UnitAd { length: Some(length), ..UnitAd::default() }] };
    let units = [unit(20_000), unit(15_000), unit(15_000)];
    let limits = |shortest| BreakLimits { longest: 30_000, shortest, ads: 3, length_value: None };
    let taken = |shortest| fill(&units, &limits(shortest)).map(|filling| filling.taken);
    assert_eq!(taken(20_000), Some(vec![1, 0, 0]));
    assert_eq!(taken(20_001), Some(vec![0, 1, 1]), "the first one leaves too much empty");
    assert_eq!(taken(30_001), None);
}
