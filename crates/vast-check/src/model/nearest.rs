//! The search for the intended name of a misspelt macro.

use vast_xml::macros::Macro;

/// The longest name in bytes for which a similar one is searched. A misspelt name may be longer than those in the registry.
const LONGEST: usize = 24;

/// The macro with the most similar name: at most two letters differ, and at most one third of the letters. Upper and lower
/// case are equal.
pub(super) fn nearest(name: &str) -> Option<Macro> {
    if name.len() > LONGEST {
        return None;
    }
    let name = name.to_ascii_uppercase();
    let candidates = Macro::ALL.iter().filter(|candidate| candidate.name().len().abs_diff(name.len()) <= 2);
    let rated = candidates.map(|candidate| (distance(name.as_bytes(), candidate.name().as_bytes()), *candidate));
    let (distance, candidate) = rated.min_by_key(|(distance, _)| *distance)?;
    (distance <= 2 && distance * 3 <= name.len()).then_some(candidate)
}

/// The edit distance: how many letters must be inserted, removed, changed or swapped with the next letter.
fn distance(one: &[u8], other: &[u8]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, wanted) in other.iter().enumerate() {
            let changed = last[column] + usize::from(letter != wanted);
            let mut cost = changed.min(last[column + 1] + 1).min(current[column] + 1);
            let is_swapped = row > 0 && column > 0 && *letter == other[column - 1] && one[row - 1] == *wanted;
            if is_swapped {
                cost = cost.min(before_last[column - 1] + 1);
            }
            current.push(cost);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant() {
        let cases = [
            ("CACHEBUSTNG", Some("CACHEBUSTING")),
            ("cachebusting", Some("CACHEBUSTING")),
            ("CACHEBUSTIGN", Some("CACHEBUSTING")),
            ("ERROR_CODE", Some("ERRORCODE")),
            ("TIMESTAP", Some("TIMESTAMP")),
            ("CACHEBUSTER", None),
            ("FA", None),
            ("VENDOR_THING", None),
            ("", None),
        ];
        for (name, meant) in cases {
            assert_eq!(nearest(name).map(Macro::name), meant, "{name}");
        }
    }
}
