//! The choice of an arm by the key of a viewer.

use crate::env::stable_hash;

/// An arm, as the choice sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ArmShare {
    /// The hash of the arm's name.
    name: u64,
    /// The share of the keys; only its ratio to the other shares counts.
    share: f64,
}

impl ArmShare {
    /// The arm of this name with this share.
    pub(crate) fn new(name: &str, share: f64) -> Self {
        Self { name: stable_hash(name), share }
    }

    /// The number by which arms compete for the key with this hash; the smallest wins. It is a draw from the exponential
    /// distribution whose rate is the share, and depends on nothing but the key, the name and the share.
    fn draw(self, key: u64) -> f64 {
        -unit(mixed(key.wrapping_add(mixed(self.name)))).ln() / self.share
    }
}

/// The index of the arm for the key with this hash, by weighted rendezvous hashing: each arm draws a number for the key, and the
/// smallest number wins.
///
/// A larger share makes all numbers of an arm smaller, and changes no other number. So after a change of shares a key leaves its
/// arm only if the share of this arm fell or the share of its new arm grew. Of two arms, only keys of the one that shrinks move, and
/// as many of them as its share falls: the fewest possible.
pub(crate) fn arm_of(arms: impl Iterator<Item = ArmShare>, key: u64) -> usize {
    let draws = arms.enumerate().map(|(index, arm)| (index, arm.draw(key)));
    draws.min_by(|(_, one), (_, other)| one.total_cmp(other)).map_or(0, |(index, _)| index)
}

/// Mixes the bits, so that similar numbers give numbers that have nothing in common (the last step of SplitMix64). The generator
/// of random numbers is not used for it, because its numbers may change with its version.
fn mixed(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// A number between 0 and 1, and neither of them.
#[allow(clippy::cast_precision_loss)] // 53 bits fit.
fn unit(bits: u64) -> f64 {
    ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::chi_square::{CRITICAL, chi_square};

    /// The arm of each of the keys `viewer-0`, `viewer-1`, and so on.
    fn split(arms: &[(&str, f64)], keys: u32) -> Vec<usize> {
        let arm = |key: u32| {
            let shares = arms.iter().map(|(name, share)| ArmShare::new(name, *share));
            arm_of(shares, stable_hash(&format!("viewer-{key}")))
        };
        (0..keys).map(arm).collect()
    }

    fn counts(split: &[usize]) -> Vec<u32> {
        let arms = split.iter().max().map_or(0, |most| most + 1);
        (0..arms).map(|arm| u32::try_from(split.iter().filter(|one| **one == arm).count()).unwrap_or(0)).collect()
    }

    #[test]
    fn keys_fall_into_the_arms_by_share() {
        assert_eq!(counts(&split(&[("a", 0.0), ("b", 100.0)], 10_000)), [0, 10_000]);
        let cases: [&[(&str, f64)]; 3] = [
            &[("control", 90.0), ("new", 10.0)],
            &[("a", 50.0), ("b", 50.0)],
            &[("a", 60.0), ("b", 30.0), ("c", 9.5), ("d", 0.5)],
        ];
        for arms in cases {
            let found = counts(&split(arms, 10_000));
            let shares: Vec<f64> = arms.iter().map(|(_, share)| share / 100.0).collect();
            let distance = chi_square(&found, &shares);
            assert!(distance < CRITICAL[shares.len() - 1], "{found:?} instead of {shares:?}: {distance}");
        }
    }

    /// The keys that move from one arm to another, by their old and new arm.
    fn moves(before: &[(&str, f64)], after: &[(&str, f64)]) -> Vec<(usize, usize)> {
        let pairs = split(before, 10_000).into_iter().zip(split(after, 10_000));
        pairs.filter(|(old, new)| old != new).collect()
    }

    #[test]
    fn only_keys_that_had_to_move_move() {
        let moved = moves(&[("control", 90.0), ("new", 10.0)], &[("control", 80.0), ("new", 20.0)]);
        assert!(moved.iter().all(|pair| *pair == (0, 1)), "no key leaves the arm that grows");
        let stay = 10_000 - moved.len();
        let distance =
            chi_square(&[u32::try_from(moved.len()).unwrap_or(0), u32::try_from(stay).unwrap_or(0)], &[0.1, 0.9]);
        assert!(distance < CRITICAL[1], "{} of 10,000 moved instead of a tenth", moved.len());
    }

    #[test]
    fn of_three_arms_a_key_moves_only_out_of_one_that_shrinks_or_into_one_that_grows() {
        let before = [("a", 50.0), ("b", 30.0), ("c", 20.0)];
        let after = [("a", 40.0), ("b", 40.0), ("c", 20.0)];
        let moved = moves(&before, &after);
        assert!(moved.iter().all(|(old, new)| *old == 0 || *new == 1), "{moved:?}");
        assert!(moved.iter().all(|(old, new)| *old != 1 && *new != 0), "{moved:?}");
        // A tenth has to move. Keys between a and c, and between c and b, make it more, but fewer than two tenths.
        assert!(moved.len() > 900 && moved.len() < 2_000, "{}", moved.len());
    }

    /// Programs and files outlive a version: a key must stay in its arm.
    #[test]
    fn the_arm_of_a_key_never_changes_with_a_version() {
        let arms = [("control", 50.0), ("new", 50.0)];
        assert_eq!(split(&arms, 16), [1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 1]);
    }
}
