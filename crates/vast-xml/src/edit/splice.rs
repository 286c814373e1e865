//! [`Splice`]: one change of a text.

use std::cmp::Reverse;
use std::ops::Range;

/// A range of a text, and the text that replaces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Splice {
    pub(super) fn insertion(at: usize, text: String) -> Splice {
        Splice { range: at..at, text }
    }
}

/// Sorts changes by their places. Changes inside a replaced range are dropped; insertions at the same place keep their
/// order.
pub(super) fn in_order(mut splices: Vec<Splice>) -> Vec<Splice> {
    splices.sort_by_key(|splice| (splice.range.start, !splice.range.is_empty(), Reverse(splice.range.end)));
    let mut done = 0;
    splices.retain(|splice| {
        let is_free = splice.range.start >= done;
        if is_free {
            done = splice.range.end;
        }
        is_free
    });
    splices
}

/// Applies changes, which must be sorted, to a text.
pub(super) fn applied(text: &str, splices: &[Splice]) -> String {
    let mut changed = String::with_capacity(text.len() + splices.iter().map(|splice| splice.text.len()).sum::<usize>());
    let mut at = 0;
    for splice in splices {
        changed.push_str(&text[at..splice.range.start]);
        changed.push_str(&splice.text);
        at = splice.range.end;
    }
    changed.push_str(&text[at..]);
    changed
}

/// The same changes, with those that touch each other as one change. What stands before and behind a change then stays.
pub(super) fn joined(splices: Vec<Splice>) -> Vec<Splice> {
    let mut joined: Vec<Splice> = Vec::with_capacity(splices.len());
    for splice in splices {
        match joined.last_mut() {
            Some(last) if last.range.end == splice.range.start => {
                last.range.end = splice.range.end;
                last.text.push_str(&splice.text);
            }
            _ => joined.push(splice),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_inside_a_replaced_range_are_dropped() {
        let splice = |range, text: &str| Splice { range, text: text.to_owned() };
        let changes = vec![
            splice(4..4, "B"),
            splice(2..3, "lost"),
            splice(1..4, "-"),
            splice(1..1, "A"),
            splice(2..2, "lost"),
            splice(4..4, "C"),
            splice(4..5, ""),
        ];
        assert_eq!(applied("012345", &in_order(changes)), "0A-BC5");
    }
}
