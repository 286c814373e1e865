//! The outline as a list of elements, and the search in it.

use std::ops::Range;

use super::element::OutlineElement;

/// The elements of a document. They are numbered in the order of their start tags, so the descendants of an element have the
/// numbers between its own and its `next`.
#[derive(Debug)]
pub(crate) struct Outline<'t> {
    /// The text of the document. All byte ranges are ranges of this text.
    pub(crate) text: &'t str,
    pub(crate) elements: Vec<OutlineElement<'t>>,
    /// Whether a limit ended the outline before the end of the document.
    pub(crate) cut: bool,
}

impl<'t> Outline<'t> {
    /// The first element.
    pub(crate) fn root(&self) -> Option<&OutlineElement<'t>> {
        self.elements.first()
    }

    /// All elements with this name and their numbers, except those in extensions. Upper and lower case are equal.
    pub(crate) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (usize, &'a OutlineElement<'t>)> {
        self.within(0..self.elements.len()).filter(move |(_, element)| element.is(name))
    }

    /// The elements with these numbers, except those in extensions.
    pub(crate) fn within(&self, range: Range<usize>) -> impl Iterator<Item = (usize, &OutlineElement<'t>)> {
        let elements = self.elements.get(range.clone()).unwrap_or_default();
        range.zip(elements).filter(|(_, element)| !element.in_extension)
    }

    /// All descendants of an element, except those in extensions.
    pub(crate) fn below(&self, index: usize) -> impl Iterator<Item = (usize, &OutlineElement<'t>)> {
        let next = self.elements.get(index).map_or(index, |element| element.next);
        self.within(index + 1..next.max(index + 1))
    }

    /// The children of an element, with their numbers.
    pub(crate) fn children(&self, index: usize) -> impl Iterator<Item = (usize, &OutlineElement<'t>)> {
        let end = self.elements.get(index).map_or(0, |element| element.next);
        let mut at = index + 1;
        std::iter::from_fn(move || {
            let child = self.elements.get(at).filter(|_| at < end)?;
            let number = std::mem::replace(&mut at, child.next);
            Some((number, child))
        })
    }

    /// The first child of an element with this name.
    pub(crate) fn child(&self, index: usize, name: &str) -> Option<(usize, &OutlineElement<'t>)> {
        self.children(index).find(|(_, child)| child.is(name))
    }

    /// The element that the nearest start tag at or before `offset` begins, if `offset` is in that tag or in the element's text.
    pub(crate) fn at(&self, offset: usize) -> Option<usize> {
        self.elements.partition_point(|element| element.tag.start <= offset).checked_sub(1)
    }

    /// The nearest ancestor of an element that has one of these names.
    pub(crate) fn around(&self, index: usize, names: &[&str]) -> Option<usize> {
        let parent = |at: usize| self.elements.get(at).and_then(|element| element.parent);
        let mut above = std::iter::successors(parent(index), |at| parent(*at));
        above.find(|at| names.iter().any(|name| self.elements[*at].is(name)))
    }
}
