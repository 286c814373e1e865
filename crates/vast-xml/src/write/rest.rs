//! [`Rest`]: the unknown elements of a part that is not written as the document had it.

use super::element::element;
use crate::model::{Attribute, Element, Extra, Node};
use crate::xml::{ELEMENT_COUNT, Emit, Name, Script, children, is_group, is_leaf};
use std::cell::Cell;

/// The unknown elements of a part.
///
/// Among them are the unknown parts of children for which the model has no type of their own, under the child's name
/// (see [`Extra`]). They are written into that child when its turn comes: a second element of its name would confuse
/// readers, and might stand outside the namespace declarations that it needs.
#[derive(Default)]
pub(crate) struct Rest<'a> {
    parts: Vec<PartOf<'a>>,
    /// The others, with the group that they are in, or the unknown name for those directly in the part.
    others: Vec<(Name, &'a Element)>,
}

/// Unknown parts of a child.
struct PartOf<'a> {
    name: Name,
    index: usize,
    element: &'a Element,
    used: Cell<bool>,
}

impl<'a> Rest<'a> {
    pub(super) fn of(part: Name, extra: &'a Extra) -> Rest<'a> {
        if extra.elements.is_empty() {
            return Rest::default();
        }
        let mut sorter = Sorter { rest: Rest::default(), counts: [0; ELEMENT_COUNT] };
        let script = extra.layout.script();
        if script.has_content() {
            sorter.follow(Name::Unknown, script, &mut extra.elements.iter());
        } else {
            sorter.guess(part, Name::Unknown, &mut extra.elements.iter());
        }
        sorter.rest
    }

    /// The unknown parts of the item of this name and number.
    pub(super) fn part(&self, name: Name, index: usize) -> Option<&'a Element> {
        let part = self.parts.iter().find(|part| part.name == name && part.index == index)?;
        part.used.set(true);
        Some(part.element)
    }

    /// The unknown attributes of a group.
    pub(super) fn attributes_of(&self, group: Name) -> Vec<Attribute> {
        let parts = self.parts.iter().filter(|part| part.name == group);
        parts.inspect(|part| part.used.set(true)).flat_map(|part| part.element.attributes.iter().cloned()).collect()
    }

    /// Whether there is something unknown in a group.
    pub(super) fn is_in(&self, group: Name) -> bool {
        self.parts.iter().any(|part| part.name == group) || self.others_in(group, group).next().is_some()
    }

    /// Writes the unknown elements of a group.
    pub(super) fn close_group(&self, out: &mut Emit, group: Name) {
        self.others_in(group, group).for_each(|other| element(out, other));
    }

    /// Writes what is left of the part.
    pub(super) fn close(&self, out: &mut Emit, part: Name) {
        self.others_in(Name::Unknown, part).filter(|other| !is_url(part, other)).for_each(|other| element(out, other));
        let left = self.parts.iter().filter(|part| !part.used.get());
        left.for_each(|part| element(out, part.element));
    }

    /// The others at one place. Empty elements of the standard, of which nothing came, are left out.
    fn others_in(&self, place: Name, parent: Name) -> impl Iterator<Item = &'a Element> {
        let there = self.others.iter().filter(move |(other, _)| *other == place);
        there.map(|(_, element)| *element).filter(move |element| !is_in_vain(parent, element))
    }
}

/// Whether readers would take an unknown element in an element that is a URL for a list of them (VAST 1.0).
pub(super) fn is_url(part: Name, element: &Element) -> bool {
    children(part).is_empty() && element.local_name().eq_ignore_ascii_case(Name::Url.as_str())
}

/// Whether it is an element of the standard in which there is nothing.
fn is_in_vain(part: Name, element: &Element) -> bool {
    element.attributes.is_empty()
        && element.children.is_empty()
        && children(part).contains(&Name::find(element.local_name()).0)
}

/// Sorts the unknown elements of a part.
struct Sorter<'a> {
    rest: Rest<'a>,
    /// How many items of each name were passed.
    counts: [usize; ELEMENT_COUNT],
}

impl<'a> Sorter<'a> {
    /// By the layout of the document, which says what belongs to what.
    fn follow(&mut self, group: Name, script: Script<'a>, elements: &mut dyn Iterator<Item = &'a Element>) {
        for (name, body) in script.children() {
            if name == Name::Unknown {
                self.rest.others.extend(elements.next().map(|element| (group, element)));
                continue;
            }
            let residue = if body.has_residue() { elements.next() } else { None };
            match (residue, is_group(name)) {
                (residue, true) => {
                    self.group(name, residue);
                    self.follow(name, body, &mut residue.into_iter().flat_map(Element::elements));
                }
                (residue, false) => self.item(group, name, body, residue),
            }
        }
        self.rest.others.extend(elements.map(|element| (group, element)));
    }

    fn group(&mut self, name: Name, residue: Option<&'a Element>) {
        let attributes = residue.filter(|residue| !residue.attributes.is_empty());
        self.push(name, 0, attributes);
    }

    /// An item, or in VAST 1.0 a list of them: there every URL has its own, and what else is in the list stands apart.
    fn item(&mut self, group: Name, name: Name, body: Script<'a>, residue: Option<&'a Element>) {
        let first = self.counts[name as usize];
        self.counts[name as usize] += body.listed().unwrap_or(1);
        let Some(_) = body.listed() else { return self.push(name, first, residue) };
        let mut own = residue.into_iter().flat_map(Element::elements);
        let of_urls = body.children().filter(|(child, url)| *child == Name::Url && url.has_residue()).count();
        if residue.is_some_and(|residue| residue.elements().count() > of_urls) {
            return self.rest.others.extend(residue.map(|residue| (group, residue)));
        }
        for (index, (_, url)) in body.children().filter(|(child, _)| *child == Name::Url).enumerate() {
            let part = if url.has_residue() { own.next() } else { None };
            self.push(name, first + index, part);
        }
    }

    /// By name, where there is no layout.
    fn guess(&mut self, part: Name, group: Name, elements: &mut dyn Iterator<Item = &'a Element>) {
        for element in elements {
            let name = Name::find(element.local_name()).0;
            if !children(part).contains(&name) || !is_only_unknown(element) {
                self.rest.others.push((group, element));
            } else if is_group(name) {
                self.group(name, Some(element));
                self.guess(name, name, &mut element.elements());
            } else if is_leaf(name) {
                let index = self.counts[name as usize];
                self.counts[name as usize] += 1;
                self.push(name, index, Some(element));
            } else {
                self.rest.others.push((group, element));
            }
        }
    }

    fn push(&mut self, name: Name, index: usize, element: Option<&'a Element>) {
        self.rest.parts.extend(element.map(|element| PartOf { name, index, element, used: Cell::new(false) }));
    }
}

/// Whether an element may be only the unknown parts of another; what has text is more.
fn is_only_unknown(element: &Element) -> bool {
    !(element.attributes.is_empty() && element.children.is_empty())
        && element.children.iter().all(|child| matches!(child, Node::Element(_)))
}
