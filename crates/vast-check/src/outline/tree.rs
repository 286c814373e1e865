//! All elements, in the order of their start tags.

use std::ops::Range;

use super::element::OutlineElement;

/// The elements of a document. They are numbered in the order of their start tags, so that all that is in an element stands
/// between it and its `next`.
#[derive(Debug)]
pub(crate) struct Outline<'t> {
    /// What the places are places of.
    pub(crate) text: &'t str,
    pub(crate) elements: Vec<OutlineElement<'t>>,
    /// Whether a limit ended it early.
    pub(crate) cut: bool,
}

impl<'t> Outline<'t> {
    /// The first element.
    pub(crate) fn root(&self) -> Option<&OutlineElement<'t>> {
        self.elements.first()
    }

    /// All elements of this name, in any case, with their numbers. Those in extensions are left out.
    pub(crate) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (usize, &'a OutlineElement<'t>)> {
        self.within(0..self.elements.len()).filter(move |(_, element)| element.is(name))
    }

    /// The elements of a range of numbers, those in extensions left out.
    pub(crate) fn within(&self, range: Range<usize>) -> impl Iterator<Item = (usize, &OutlineElement<'t>)> {
        let elements = self.elements.get(range.clone()).unwrap_or_default();
        range.zip(elements).filter(|(_, element)| !element.in_extension)
    }

    /// Everything in an element, however deep; what is in extensions is left out.
    pub(crate) fn below(&self, index: usize) -> impl Iterator<Item = (usize, &OutlineElement<'t>)> {
        let next = self.elements.get(index).map_or(index, |element| element.next);
        self.within(index + 1..next.max(index + 1))
    }

    /// The elements directly in one, with their numbers.
    pub(crate) fn children(&self, index: usize) -> impl Iterator<Item = (usize, &OutlineElement<'t>)> {
        let end = self.elements.get(index).map_or(0, |element| element.next);
        let mut at = index + 1;
        std::iter::from_fn(move || {
            let child = self.elements.get(at).filter(|_| at < end)?;
            let number = std::mem::replace(&mut at, child.next);
            Some((number, child))
        })
    }

    /// The first element of this name directly in one.
    pub(crate) fn child(&self, index: usize, name: &str) -> Option<(usize, &OutlineElement<'t>)> {
        self.children(index).find(|(_, child)| child.is(name))
    }

    /// The element that the nearest start tag at or before `offset` begins, if `offset` is in that tag or in the element's text.
    pub(crate) fn at(&self, offset: usize) -> Option<usize> {
        self.elements.partition_point(|element| element.tag.start <= offset).checked_sub(1)
    }

    /// The nearest element around one that has one of these names.
    pub(crate) fn around(&self, index: usize, names: &[&str]) -> Option<usize> {
        let parent = |at: usize| self.elements.get(at).and_then(|element| element.parent);
        let mut above = std::iter::successors(parent(index), |at| parent(*at));
        above.find(|at| names.iter().any(|name| self.elements[*at].is(name)))
    }
}
