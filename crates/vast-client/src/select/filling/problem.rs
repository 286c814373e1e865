//! The input of the search: the limits of the break, and the units.

/// The largest number of values by which choices are compared: price, fit and quality.
pub(in crate::select) const MAX_VALUES: usize = 3;

/// The values of a choice, the most important one first. They are compared in this order. Unused values are 0.
pub(in crate::select) type RankValues = [u64; MAX_VALUES];

/// The sum of the values of two choices.
pub(super) fn sum(one: &RankValues, other: &RankValues) -> RankValues {
    std::array::from_fn(|place| one[place].saturating_add(other[place]))
}

/// One ad of a unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::select) struct UnitAd {
    /// The running time in milliseconds; `None` if it is not known. Such an ad cannot be placed.
    pub(in crate::select) length: Option<u64>,
    /// The values that the ad adds to a choice.
    pub(in crate::select) values: RankValues,
    /// The marks that the ad sets in the choice.
    pub(in crate::select) marks: Vec<u32>,
    /// The marks that no other ad of the choice may have set.
    pub(in crate::select) conflicts: Vec<u32>,
}

/// A pod or a stand-alone ad: ads of which the first ones are taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::select) struct BreakUnit {
    /// The ads in the order of play.
    pub(in crate::select) pieces: Vec<UnitAd>,
}

/// The limits of the break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::select) struct BreakLimits {
    /// The longest running time of all ads together, in milliseconds.
    pub(in crate::select) longest: u64,
    /// The shortest running time of all ads together, in milliseconds.
    pub(in crate::select) shortest: u64,
    /// The largest number of ads.
    pub(in crate::select) ads: usize,
    /// The index of the value that is the running time; `None` if no value is.
    pub(in crate::select) length_value: Option<usize>,
}

/// A part of a unit, from its beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Prefix {
    pub(super) length: u64,
    pub(super) values: RankValues,
}

impl BreakUnit {
    /// The parts of the unit that fit into an empty break, from the shortest one. The part without an ad is left out.
    pub(super) fn prefixes(&self, limits: &BreakLimits) -> Vec<Prefix> {
        let mut prefixes = Vec::with_capacity(self.pieces.len().min(limits.ads));
        let mut whole = Prefix::default();
        for piece in self.pieces.iter().take(limits.ads) {
            let Some(length) = piece.length.filter(|length| *length > 0) else { break };
            whole.length = whole.length.saturating_add(length);
            whole.values = sum(&whole.values, &piece.values);
            if whole.length > limits.longest {
                break;
            }
            prefixes.push(whole);
        }
        prefixes
    }
}
