//! Finds the element that an issue concerns. Most issues have the line and column of its start tag, the others only a
//! path.

use std::collections::BTreeSet;

use crate::outline::Outline;

/// The most elements that a path may match. With more, the element is unknown.
const MOST_CANDIDATES: usize = 64;

/// The offsets of the starts of lines, to convert lines and columns into offsets.
pub(super) struct Lines {
    starts: Vec<usize>,
    /// The number of bytes before the text that vastlint-core got.
    before: usize,
}

impl Lines {
    pub(super) fn new(text: &str, before: usize) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1);
        Self { starts: std::iter::once(0).chain(ends).collect(), before }
    }

    /// The element whose start tag begins at a line and a column in bytes, both from 1.
    pub(super) fn element(&self, outline: &Outline<'_>, line: u32, column: u32) -> Option<usize> {
        let start = self.starts.get((line as usize).checked_sub(1)?)?;
        let offset = start + (column as usize).checked_sub(1)? + self.before;
        outline.at(offset).filter(|index| outline.elements[*index].tag.start == offset)
    }
}

/// The elements that a path such as `/VAST/Ad[0]/InLine/Impression` may match; none if there are too many. In some rules of
/// vastlint-core an index counts the elements with that name, in others all elements, so both are tried.
pub(super) fn by_path(outline: &Outline<'_>, path: &str) -> Vec<usize> {
    let mut steps = path.split('/').filter(|step| !step.is_empty());
    let root = steps.next();
    if root.is_none() || outline.root().map(|element| element.name) != root {
        return Vec::new();
    }
    let mut candidates = BTreeSet::from([0]);
    for step in steps {
        candidates = candidates.iter().flat_map(|candidate| follow(outline, *candidate, step)).collect();
        if candidates.len() > MOST_CANDIDATES {
            return Vec::new();
        }
    }
    candidates.into_iter().collect()
}

fn follow(outline: &Outline<'_>, from: usize, step: &str) -> Vec<usize> {
    let (name, number) = match step.strip_suffix(']').and_then(|step| step.split_once('[')) {
        Some((name, number)) => (name, number.parse::<usize>().ok()),
        None => (step, None),
    };
    let named = outline.children(from).filter(|(_, child)| child.name == name).map(|(index, _)| index);
    match number {
        None => named.take(MOST_CANDIDATES + 1).collect(),
        Some(number) => {
            let of_all = outline.children(from).nth(number).filter(|(_, child)| child.name == name);
            named.skip(number).take(1).chain(of_all.map(|(index, _)| index)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_all_its_possible_targets() {
        let text = "<VAST><Ad><InLine><AdTitle/><Error/><Error>e</Error></InLine></Ad><Ad/></VAST>";
        let outline = Outline::read(text);
        let cases = [
            ("/VAST", "<VAST>"),
            ("/VAST/Ad[0]/InLine", "<InLine>"),
            ("/VAST/Ad[0]/InLine/AdTitle", "<AdTitle/>"),
            // The index may mean the second element or the second `Error`.
            ("/VAST/Ad[0]/InLine/Error[1]", "<Error/> <Error>"),
            ("/VAST/Ad[0]/InLine/Error[2]", "<Error>"),
            ("/VAST/Ad[0]/InLine/Error", "<Error/> <Error>"),
            ("/VAST/Ad[7]", ""),
            ("/VMAP", ""),
            ("", ""),
        ];
        for (path, expected) in cases {
            let found: Vec<_> =
                by_path(&outline, path).into_iter().map(|index| &text[outline.elements[index].tag.clone()]).collect();
            assert_eq!(found.join(" "), expected, "{path}");
        }
    }

    #[test]
    fn a_line_and_a_column_in_bytes_are_a_start_tag_or_nothing() {
        let text = "  \n<VAST>é\n <Ad/></VAST>";
        let outline = Outline::read(text);
        let lines = Lines::new(text.trim_start(), 3);
        assert_eq!(lines.element(&outline, 1, 1), Some(0));
        assert_eq!(lines.element(&outline, 2, 2), Some(1));
        assert_eq!((lines.element(&outline, 2, 1), lines.element(&outline, 9, 1)), (None, None));
    }
}
