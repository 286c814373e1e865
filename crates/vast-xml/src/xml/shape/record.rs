//! Recording.

use super::super::names::{Key, Name};
use super::super::schema::{Ranks, is_group, ranks};
use super::{ATTRIBUTE_NAMED, BLANK, CLOSE, CONTENT, FIRST_ATTRIBUTE, NAMED, OPEN, RESIDUE, SILENT, SPELLED, STRAY};
use crate::Text;

/// A script with its texts.
pub(crate) struct Recorded {
    pub(crate) script: Vec<u8>,
    pub(crate) texts: Vec<Text>,
}

/// The script of the document read so far. What is said of an element that no one takes falls to the element around it.
pub(in crate::xml) struct Recorder {
    steps: Vec<u8>,
    texts: Vec<Text>,
    open: Vec<Open>,
    /// Text between elements of which the end was not yet seen.
    stray: String,
    /// What is read once more is not recorded.
    paused: bool,
}

/// An element that was not taken yet.
#[derive(Clone, Copy)]
struct Open {
    ranks: &'static Ranks,
    /// Where its name stands among the steps.
    at: u32,
    /// How many texts there were before it.
    texts: u32,
    depth: u16,
    /// The rank of the child read last.
    rank: u8,
    /// It is not written as the writer would.
    odd: bool,
    /// What was said of the element around it before this one began.
    outer_was_odd: bool,
}

impl Recorder {
    /// Of a whole document.
    pub(in crate::xml) fn new() -> Recorder {
        Recorder { steps: Vec::with_capacity(128), open: Vec::with_capacity(12), ..Recorder::of_part() }
    }

    /// Of a document inside another, which may be one of very many.
    pub(in crate::xml) fn of_part() -> Recorder {
        Recorder { steps: Vec::new(), texts: Vec::new(), open: Vec::new(), stray: String::new(), paused: false }
    }

    /// Stops recording or goes on; gives what it was.
    pub(in crate::xml) fn pause(&mut self, paused: bool) -> bool {
        std::mem::replace(&mut self.paused, paused)
    }

    /// An element begins, at this depth.
    #[inline]
    pub(in crate::xml) fn begin(&mut self, name: Name, depth: usize) {
        if self.paused {
            return;
        }
        self.fold(depth);
        let mut outer_was_odd = false;
        if let Some(outer) = self.open.last_mut() {
            outer_was_odd = outer.odd;
            let rank = outer.ranks[name as usize];
            if rank <= outer.rank && (rank != outer.rank || rank == 0 || is_group(name)) {
                outer.odd = true;
            }
            outer.rank = rank;
            if self.steps.len() == outer.at as usize + 1 {
                self.steps.push(OPEN);
            }
        }
        // A document has at most 4 GiB and 256 levels.
        let (at, texts) = (self.steps.len() as u32, self.texts.len() as u32);
        let (ranks, depth) = (ranks(name), depth as u16);
        self.open.push(Open { ranks, at, texts, depth, rank: 0, odd: false, outer_was_odd });
        self.steps.push(name as u8);
    }

    /// Ends the element at this depth; whether there is more to say of it than its name, which is to be taken.
    #[inline]
    pub(in crate::xml) fn end(&mut self, depth: usize) -> bool {
        if self.paused {
            return false;
        }
        self.fold(depth + 1);
        let Some(element) = self.open.last() else { return false };
        if element.odd {
            return true;
        }
        self.steps.truncate(element.at as usize + 1);
        self.open.pop();
        false
    }

    /// The script of the element that was ended.
    #[cold]
    pub(in crate::xml) fn take(&mut self) -> Option<Recorded> {
        let element = self.open.pop()?;
        let (at, texts) = (element.at as usize, element.texts as usize);
        let script = self.steps[(at + 2).min(self.steps.len())..].into();
        self.steps.truncate(at + 1);
        Some(Recorded { script, texts: self.texts.split_off(texts) })
    }

    /// The element at this depth is another one than its name says: what was said of its children's order stays.
    pub(in crate::xml) fn stands_for(&mut self, name: Name, written: Option<Text>, depth: usize) {
        if self.paused {
            return;
        }
        if let Some(element) = self.open.last_mut().filter(|element| usize::from(element.depth) == depth) {
            self.steps[element.at as usize] = name as u8;
            element.ranks = ranks(name);
            if let Some(written) = written.filter(|_| self.steps.len() == element.at as usize + 1) {
                self.note(depth, &[NAMED], [written]);
            }
        }
    }

    /// Of the element at this depth nothing more than its name is to be said, and that it is this one.
    pub(in crate::xml) fn only(&mut self, name: Name, depth: usize) {
        if self.paused {
            return;
        }
        self.fold(depth + 1);
        if let Some(element) = self.open.last_mut() {
            self.steps.truncate(element.at as usize + 1);
            self.texts.truncate(element.texts as usize);
            self.steps[element.at as usize] = name as u8;
            element.odd = name == Name::Unknown;
        }
    }

    /// The child of the element at this depth that stands for this name is kept as an unknown element after all.
    pub(in crate::xml) fn set_aside_child(&mut self, name: Name, depth: usize) {
        self.fold(depth + 1);
        if let Some(element) = self.open.last()
            && let Some(found) = self.steps[element.at as usize + 1..].iter().position(|step| *step == name as u8)
        {
            self.steps[element.at as usize + 1 + found] = Name::Unknown as u8;
        }
    }

    /// Something that no writer would do in the element at this depth.
    pub(in crate::xml) fn note<const N: usize>(&mut self, depth: usize, steps: &[u8], texts: [Text; N]) {
        if self.paused {
            return;
        }
        self.fold(depth + 1);
        self.push(steps, texts);
    }

    /// A piece of text between the children of the element at this depth.
    pub(in crate::xml) fn stray(&mut self, depth: usize, text: &str) {
        if self.paused {
            return;
        }
        if self.stray.is_empty() {
            self.fold(depth + 1);
            self.stray.push_str(text.trim_start());
        } else {
            self.stray.push_str(text);
        }
    }

    /// Forgets the child of the root that was being read when the document broke off, at this depth.
    pub(in crate::xml) fn abandon(&mut self, depth: usize) {
        self.stray.clear();
        if depth > 1
            && let Some(child) = self.open.iter().position(|element| element.depth == 2)
        {
            let Open { at, texts, outer_was_odd, .. } = self.open[child];
            self.open.truncate(child);
            self.steps.truncate(at as usize);
            self.texts.truncate(texts as usize);
            if let Some(root) = self.open.last_mut() {
                root.odd = outer_was_odd;
            }
        }
    }

    /// An attribute: how its name and value are spelled, and which one it is.
    pub(in crate::xml) fn attribute(&mut self, depth: usize, key: Key, name: Option<Text>, value: Option<Spelling>) {
        if self.paused {
            return;
        }
        if let Some(name) = name {
            self.note(depth, &[ATTRIBUTE_NAMED], [name]);
        }
        match value {
            Some(Spelling { canonical: Some(canonical), written: Some(written) }) => {
                self.note(depth, &[SPELLED], [canonical, written]);
            }
            Some(Spelling { canonical: None, written: Some(written) }) => self.note(depth, &[BLANK], [written]),
            Some(Spelling { canonical: Some(canonical), written: None }) => self.note(depth, &[SILENT], [canonical]),
            _ => {}
        }
        self.note(depth, &[FIRST_ATTRIBUTE + key as u8], []);
    }

    /// The text of the element at this depth, which has ended.
    pub(in crate::xml) fn content(&mut self, depth: usize, canonical: Text, written: Text) {
        self.note(depth, &[CONTENT], [canonical, written]);
    }

    /// Unknown parts of the element at this depth, which has ended, are in an unknown element.
    pub(in crate::xml) fn residue(&mut self, depth: usize) {
        self.note(depth, &[RESIDUE], []);
    }

    fn push<const N: usize>(&mut self, steps: &[u8], texts: [Text; N]) {
        let Some(element) = self.open.last_mut() else { return };
        element.odd = true;
        if self.steps.len() == element.at as usize + 1 {
            self.steps.push(OPEN);
        }
        self.steps.extend_from_slice(steps);
        self.texts.extend(texts);
    }

    /// Ends the elements at this depth and below.
    #[inline]
    fn fold(&mut self, depth: usize) {
        if !self.stray.is_empty() {
            self.end_stray();
        }
        while let Some(element) = self.open.last().copied()
            && usize::from(element.depth) >= depth
        {
            self.open.pop();
            self.fall(element);
        }
    }

    /// What is said of an element becomes a part of what is said of the one around it.
    #[inline]
    fn fall(&mut self, element: Open) {
        let is_empty = self.steps.len() == element.at as usize + 1;
        if !is_empty {
            self.steps.push(CLOSE);
        }
        if let Some(outer) = self.open.last_mut() {
            outer.odd |= element.odd || (is_empty && is_group(Name::at(self.steps[element.at as usize].into())));
        }
    }

    #[cold]
    fn end_stray(&mut self) {
        let stray = std::mem::take(&mut self.stray);
        self.push(&[STRAY], [Text::from(stray.trim_end())]);
    }
}

/// A value as its document has it.
pub(in crate::xml) struct Spelling {
    /// The canonical spelling of what it was read as; none for nothing.
    pub(in crate::xml) canonical: Option<Text>,
    /// As it stands; none when it does not stand there.
    pub(in crate::xml) written: Option<Text>,
}
