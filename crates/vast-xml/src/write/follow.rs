//! [`Follow`]: writes the children of a part in the order in which the document had them.

use super::element::element;
use super::part::{Leaf, Manner, Part, Writer};
use super::rest::Rest;
use super::tag::Tag;
use crate::model::{Attribute, Element};
use crate::xml::{ELEMENT_COUNT, Name, Script, Step, children, is_group, is_list};

/// Follows the layout of one part. Items of each kind are taken in their order in the model; what the document had and the
/// model has not is left out, and what the model has besides stands behind the last of its kind, or where the canonical
/// order has it.
pub(super) struct Follow<'w, 'p> {
    writer: &'w mut Writer,
    part: &'p dyn Part,
    script: Script<'p>,
    /// How many items of each kind were written.
    used: [usize; ELEMENT_COUNT],
    /// How many elements of each kind are still to come.
    left: [usize; ELEMENT_COUNT],
    /// The model may have items that the document had not.
    adds: bool,
}

impl<'w, 'p> Follow<'w, 'p> {
    pub(super) fn new(writer: &'w mut Writer, part: &'p dyn Part, script: Script<'p>) -> Follow<'w, 'p> {
        let none = [0; ELEMENT_COUNT];
        Follow { writer, part, script, used: none, left: none, adds: false }
    }

    /// Writes everything in a part of this name.
    pub(super) fn run(mut self, name: Name, elements: &'p [Element]) {
        let mut had = [0; ELEMENT_COUNT];
        self.survey(self.script, &mut had);
        self.adds = self.has_more(name, &had) || self.has_more_of_had(&had);
        let mut elements = elements.iter();
        self.follow(name, self.script, &mut elements);
        if self.adds {
            self.add_missing(name, Name::Unknown);
        }
        elements.for_each(|other| element(&mut self.writer.out, other));
    }

    /// Counts elements, and the items that were in them.
    fn survey(&mut self, script: Script<'_>, had: &mut [usize; ELEMENT_COUNT]) {
        for (name, body) in script.children() {
            self.left[name as usize] += 1;
            if is_group(name) {
                self.survey(body, had);
            } else {
                had[name as usize] += body.listed().filter(|_| is_list(name)).unwrap_or(1);
            }
        }
    }

    /// Whether there are more items of some kind than the document had.
    fn has_more(&self, parent: Name, had: &[usize; ELEMENT_COUNT]) -> bool {
        children(parent).iter().any(|name| match is_group(*name) {
            true => self.has_more(*name, had),
            false => self.part.count(*name) > had[*name as usize],
        })
    }

    /// The same for kinds that only this document has here.
    fn has_more_of_had(&self, had: &[usize; ELEMENT_COUNT]) -> bool {
        had.iter().enumerate().any(|(number, had)| *had > 0 && self.part.count(Name::at(number)) > *had)
    }

    fn follow(&mut self, parent: Name, script: Script<'p>, elements: &mut dyn Iterator<Item = &'p Element>) {
        for step in script {
            match step {
                Step::Comment(comment) => self.writer.out.comment_line(comment),
                Step::Stray(text) => self.writer.out.characters(text),
                Step::Child(Name::Unknown, _) => {
                    elements.next().into_iter().for_each(|other| element(&mut self.writer.out, other));
                }
                Step::Child(name, body) => {
                    let residue = if body.has_residue() { elements.next() } else { None };
                    self.child(parent, name, body, residue);
                }
                _ => {}
            }
        }
    }

    fn child(&mut self, parent: Name, name: Name, body: Script<'p>, residue: Option<&'p Element>) {
        if self.adds {
            self.add_missing(parent, name);
        }
        self.left[name as usize] -= 1;
        if is_group(name) {
            self.group(name, body, residue);
        } else if name == Name::Url {
            self.url(body, residue);
        } else {
            self.items(name, body, residue);
            if self.left[name as usize] == 0 && self.adds {
                self.add_items(name);
            }
        }
    }

    /// A group; one that has become empty is left out.
    fn group(&mut self, name: Name, body: Script<'p>, residue: Option<&'p Element>) {
        let mut unknown = residue.into_iter().flat_map(Element::elements);
        let adds = self.adds && self.left[name as usize] == 0 && self.is_missing(name);
        if residue.is_none() && !adds && !self.is_alive(body) {
            // What is in it must not be waited for.
            return self.pass(body);
        }
        self.writer.start_group(name, body, residue.map_or(&[], |residue| &residue.attributes));
        self.follow(name, body, &mut unknown);
        if adds {
            self.add_missing(name, Name::Unknown);
        }
        unknown.for_each(|other| element(&mut self.writer.out, other));
        self.writer.out.end();
    }

    /// Whether anything is left of what the document had in a group, of which it may have been nothing.
    fn is_alive(&self, body: Script<'_>) -> bool {
        !body.has_content()
            || body.into_iter().any(|step| match step {
                Step::Comment(_) | Step::Stray(_) | Step::Child(Name::Unknown, _) => true,
                Step::Child(name, body) if is_group(name) => self.is_alive(body),
                Step::Child(name, _) => self.used[name as usize] < self.part.count(name),
                _ => false,
            })
    }

    fn pass(&mut self, body: Script<'_>) {
        for (name, body) in body.children() {
            self.left[name as usize] -= 1;
            if is_group(name) {
                self.pass(body);
            }
        }
    }

    /// The `URL` in a part that is one (VAST 1.0).
    fn url(&mut self, body: Script<'p>, residue: Option<&'p Element>) {
        if let Some(content) = self.part.content().filter(|_| self.used[Name::Url as usize] == 0) {
            self.used[Name::Url as usize] = 1;
            self.writer.url(body, residue, content);
        }
    }

    /// The next item, or as many as there are in a list of URLs (VAST 1.0).
    fn items(&mut self, name: Name, body: Script<'p>, residue: Option<&'p Element>) {
        match body.listed().filter(|_| is_list(name)) {
            Some(listed) => self.list(name, listed, body, residue),
            None => {
                let index = self.used[name as usize];
                if index < self.part.count(name) {
                    self.used[name as usize] += 1;
                    self.part.item(self.writer, name, index, Leaf::Read(body, residue));
                }
            }
        }
    }

    fn list(&mut self, name: Name, listed: usize, body: Script<'p>, residue: Option<&'p Element>) {
        let first = self.used[name as usize];
        let last = self.part.count(name).min(first + listed);
        if first == last {
            return;
        }
        if !(first..last).all(|index| self.part.can_share_list(name, first, index)) {
            return (first..last).for_each(|_| self.items(name, Script::default(), None));
        }
        self.writer.start(name, body);
        let mut tag = Tag::new(&mut self.writer.out, self.writer.form, false, body);
        self.part.list_attributes(&mut tag, name, first);
        tag.close(body, residue.map_or(&[] as &[Attribute], |residue| &residue.attributes));
        self.writer.out.keep_layout();
        let mut unknown = residue.into_iter().flat_map(Element::elements);
        for step in body {
            self.listed(name, step, last, &mut unknown);
        }
        unknown.for_each(|other| element(&mut self.writer.out, other));
        self.writer.out.end();
    }

    fn listed(&mut self, name: Name, step: Step<'p>, last: usize, unknown: &mut dyn Iterator<Item = &'p Element>) {
        let index = self.used[name as usize];
        let (manner, body) = match step {
            Step::Child(Name::Url, body) => (Manner::Listed, body),
            Step::Own => (Manner::Own, Script::default()),
            Step::Comment(comment) => return self.writer.out.comment_line(comment),
            Step::Child(..) => {
                return unknown.next().into_iter().for_each(|other| element(&mut self.writer.out, other));
            }
            _ => return,
        };
        let residue = if body.has_residue() { unknown.next() } else { None };
        if index < last {
            self.used[name as usize] += 1;
            self.part.item(self.writer.in_manner(manner), name, index, Leaf::Read(body, residue));
        }
    }

    /// Writes the children that the document had not and that should stand before this one; before the unknown one stand
    /// all.
    fn add_missing(&mut self, parent: Name, before: Name) {
        if before != Name::Unknown && !children(parent).contains(&before) {
            return;
        }
        for name in children(parent).iter().take_while(|name| **name != before) {
            if !is_group(*name) && self.left[*name as usize] == 0 {
                self.add_items(*name);
            } else if is_group(*name) && self.left[*name as usize] == 0 && self.is_missing(*name) {
                self.writer.start_group(*name, Script::default(), &[]);
                self.add_missing(*name, Name::Unknown);
                self.writer.out.end();
            }
        }
    }

    /// Whether a group, which does not stand any more, has items that were not written.
    fn is_missing(&self, group: Name) -> bool {
        children(group).iter().any(|name| match is_group(*name) {
            true => self.left[*name as usize] == 0 && self.is_missing(*name),
            false => self.left[*name as usize] == 0 && self.used[*name as usize] < self.part.count(*name),
        })
    }

    fn add_items(&mut self, name: Name) {
        while self.used[name as usize] < self.part.count(name) {
            let index = self.used[name as usize];
            self.used[name as usize] += 1;
            self.part.item(self.writer, name, index, Leaf::New(&Rest::default(), index));
        }
    }
}
