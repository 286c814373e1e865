//! [`Tree`]: the elements of an ad, with their ranges in the document.

use crate::xml::{Cursor, Name, Parsed, Rewritten};
use std::ops::Range;

/// The elements of an ad, in the order of their start tags. The first one is the ad.
#[derive(Default)]
pub(super) struct Tree {
    nodes: Vec<TreeNode>,
}

struct TreeNode {
    name: Name,
    parent: usize,
    /// The elements in it as the document has them.
    children: Vec<usize>,
    /// The elements that were moved into it or added to it.
    added: Vec<usize>,
    extent: Extent,
    state: State,
    /// Whether something in it was moved or added.
    is_changed: bool,
}

enum Extent {
    /// Its start tag, the length of its name, the start of its end tag and its end.
    Read { tag: Range<usize>, name: usize, content_end: usize, end: usize },
    /// A new element for an element of the document that begins at this offset.
    New(usize),
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    InPlace,
    Misplaced,
    Moved,
}

impl Tree {
    /// Reads the ad in `range`. `misplaced` has the offsets of the elements at wrong places, in ascending order.
    pub(super) fn read(cursor: &mut Cursor<'_>, range: Range<usize>, misplaced: &[usize]) -> Parsed<Tree> {
        cursor.again(range, |cursor| {
            let mut tree = Tree::default();
            let mut open: Vec<usize> = Vec::new();
            loop {
                if let Some(name) = cursor.child()? {
                    let tag = cursor.tag_start()..cursor.offset();
                    let state = match misplaced.binary_search(&tag.start) {
                        Ok(_) => State::Misplaced,
                        Err(_) => State::InPlace,
                    };
                    let extent =
                        Extent::Read { name: cursor.tag_name().len(), content_end: tag.end, end: tag.end, tag };
                    let parent = open.last().copied();
                    open.push(tree.push(name, parent, extent, state));
                    continue;
                }
                if let Some(id) = open.pop() {
                    tree.close(cursor, id);
                }
                if open.is_empty() {
                    return Ok(tree);
                }
            }
        })
    }

    fn push(&mut self, name: Name, parent: Option<usize>, extent: Extent, state: State) -> usize {
        let id = self.nodes.len();
        if let Some(parent) = parent {
            self.nodes[parent].children.push(id);
        }
        let (children, added) = (Vec::new(), Vec::new());
        let parent = parent.unwrap_or_default();
        self.nodes.push(TreeNode { name, parent, children, added, extent, state, is_changed: false });
        id
    }

    fn close(&mut self, cursor: &Cursor<'_>, id: usize) {
        if let Extent::Read { tag, content_end, end, .. } = &mut self.nodes[id].extent {
            *end = cursor.offset();
            let content = cursor.slice(tag.end..*end);
            *content_end = tag.end + content.rfind("</").unwrap_or(content.len());
        }
    }

    pub(super) fn name(&self, id: usize) -> Name {
        self.nodes[id].name
    }

    /// The element around an element; `None` for the ad.
    pub(super) fn parent(&self, id: usize) -> Option<usize> {
        (id > 0).then(|| self.nodes[id].parent)
    }

    /// Where an element begins in the document.
    pub(super) fn start(&self, id: usize) -> usize {
        match &self.nodes[id].extent {
            Extent::Read { tag, .. } => tag.start,
            Extent::New(start) => *start,
        }
    }

    /// The elements at wrong places.
    pub(super) fn misplaced(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|id| self.nodes[*id].state == State::Misplaced).collect()
    }

    /// The elements directly in an element, without those at a wrong place.
    pub(super) fn children(&self, id: usize) -> impl Iterator<Item = usize> + '_ {
        let node = &self.nodes[id];
        let read = node.children.iter().filter(|child| self.nodes[**child].state == State::InPlace);
        read.chain(&node.added).copied()
    }

    /// The elements with this name directly in an element.
    pub(super) fn named(&self, id: usize, name: Name) -> impl Iterator<Item = usize> + '_ {
        self.children(id).filter(move |child| self.name(*child) == name)
    }

    /// Moves an element to the end of another.
    pub(super) fn move_to(&mut self, id: usize, home: usize) {
        self.mark_changed(self.nodes[id].parent);
        self.nodes[id].state = State::Moved;
        self.nodes[id].parent = home;
        self.nodes[home].added.push(id);
        self.mark_changed(home);
    }

    /// Moves the elements in an element to the end of another, and removes the element.
    pub(super) fn merge_into(&mut self, id: usize, home: usize) {
        self.mark_changed(self.nodes[id].parent);
        self.nodes[id].state = State::Moved;
        let children: Vec<usize> = self.children(id).collect();
        for child in children {
            self.move_to(child, home);
        }
    }

    /// Adds a new element at the end of `home`, for the element `cause`.
    pub(super) fn add(&mut self, home: usize, name: Name, cause: usize) -> usize {
        let extent = Extent::New(self.start(cause));
        let id = self.push(name, None, extent, State::InPlace);
        self.nodes[id].parent = home;
        self.nodes[id].is_changed = true;
        self.nodes[home].added.push(id);
        self.mark_changed(home);
        id
    }

    fn mark_changed(&mut self, id: usize) {
        let mut next = Some(id);
        while let Some(id) = next.filter(|id| !self.nodes[*id].is_changed) {
            self.nodes[id].is_changed = true;
            next = self.parent(id);
        }
    }

    /// Writes the ad in its new arrangement.
    pub(super) fn write(&self, cursor: &Cursor<'_>, text: &mut Rewritten) {
        if !self.nodes.is_empty() {
            self.write_node(0, cursor.slice(0..cursor.offset()), text);
        }
    }

    fn write_node(&self, id: usize, document: &str, text: &mut Rewritten) {
        let node = &self.nodes[id];
        match &node.extent {
            Extent::New(start) => {
                text.insert(&["<", node.name.as_str(), ">"], *start);
                self.write_added(id, document, text);
                text.insert(&["</", node.name.as_str(), ">"], *start);
            }
            Extent::Read { tag, end, .. } if !node.is_changed => text.copy(document, tag.start..*end),
            Extent::Read { tag, name, end, .. } if tag.end == *end => {
                text.copy(document, tag.start..tag.end - "/>".len());
                text.insert(&[">"], tag.start);
                self.write_added(id, document, text);
                text.insert(&["</", &document[tag.start + 1..tag.start + 1 + name], ">"], tag.start);
            }
            Extent::Read { tag, content_end, end, .. } => {
                let mut at = tag.start;
                for child in &node.children {
                    at = self.write_child(*child, at, document, text);
                }
                text.copy(document, at..*content_end);
                self.write_added(id, document, text);
                text.copy(document, *content_end..*end);
            }
        }
    }

    /// Writes the document from `at` to the end of a child, if the child is changed. Gives the offset up to which it is written.
    fn write_child(&self, id: usize, at: usize, document: &str, text: &mut Rewritten) -> usize {
        let child = &self.nodes[id];
        let Extent::Read { tag, end, .. } = &child.extent else { return at };
        let is_moved = child.state == State::Moved;
        if !is_moved && !child.is_changed {
            return at;
        }
        text.copy(document, at..tag.start);
        if !is_moved {
            self.write_node(id, document, text);
        }
        *end
    }

    fn write_added(&self, id: usize, document: &str, text: &mut Rewritten) {
        for added in &self.nodes[id].added {
            self.write_node(*added, document, text);
        }
    }
}
