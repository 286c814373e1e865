//! [`Tree`]: the elements of an ad, with their ranges in the document.

use crate::xml::{Cursor, Name, Parsed, Rewritten, is_group};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The elements of an ad, in the order of their start tags. The first one is the ad.
#[derive(Default)]
pub(super) struct Tree {
    nodes: Vec<TreeNode>,
    /// The groups with one name in one element. They count as one group.
    groups: BTreeMap<(usize, Name), Vec<usize>>,
}

struct TreeNode {
    /// The name in the document.
    own_name: Name,
    /// The name in the current standard.
    name: Name,
    parent: usize,
    /// The children that the document has.
    children: Vec<usize>,
    /// The children that were moved or added here.
    added: Vec<usize>,
    text: NodeText,
    state: State,
    /// Whether a descendant was moved or added.
    is_changed: bool,
}

/// The text of an element.
enum NodeText {
    /// An element of the document: its start tag, the length of its name, the start of its end tag, and its end.
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
        let tags = memchr::memchr_iter(b'<', cursor.slice(range.clone()).as_bytes()).count();
        cursor.again(range, |cursor| {
            // Most elements at wrong places need one new element.
            let nodes = Vec::with_capacity(tags + misplaced.len());
            let mut tree = Tree { nodes, ..Tree::default() };
            let mut open: Vec<usize> = Vec::new();
            // The groups that the standard does not have, such as `Impressions`, with the name of their elements.
            let mut own_groups: BTreeSet<(usize, Name)> = BTreeSet::new();
            loop {
                if let Some(name) = cursor.child()? {
                    let tag = cursor.tag_start()..cursor.offset();
                    let parent = open.last().copied();
                    let state = match misplaced.binary_search(&tag.start) {
                        // An unknown group stays where it is, and its elements are at a wrong place.
                        Ok(_) if name != Name::Unknown => State::Misplaced,
                        Ok(_) => {
                            own_groups.insert((tree.nodes.len(), cursor.grouped()));
                            State::InPlace
                        }
                        Err(_) if parent.is_some_and(|parent| own_groups.contains(&(parent, name))) => State::Misplaced,
                        Err(_) => State::InPlace,
                    };
                    let text =
                        NodeText::Read { name: cursor.tag_name().len(), content_end: tag.end, end: tag.end, tag };
                    let id = tree.push(name, parent.unwrap_or_default(), text, state);
                    if let Some(parent) = parent {
                        tree.nodes[parent].children.push(id);
                    }
                    open.push(id);
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

    fn push(&mut self, name: Name, parent: usize, text: NodeText, state: State) -> usize {
        let id = self.nodes.len();
        let (children, added) = (Vec::new(), Vec::new());
        let own_name = name;
        let name = match name {
            Name::VastAdTagUrl | Name::DaastAdTagUri | Name::AdTagUri => Name::VastAdTagUri,
            Name::AdInteractions => Name::VideoClicks,
            Name::Video => Name::Linear,
            name => name,
        };
        self.nodes.push(TreeNode { own_name, name, parent, children, added, text, state, is_changed: false });
        if state == State::InPlace {
            self.join_groups(id);
        }
        id
    }

    /// Treats an element as the same group as the elements with its name and its parent.
    fn join_groups(&mut self, id: usize) {
        let TreeNode { name, parent, .. } = self.nodes[id];
        if is_group(name) {
            self.groups.entry((parent, name)).or_default().push(id);
        }
    }

    /// The first of the groups with the name and the parent of a group; for other elements the element.
    pub(super) fn first_group(&self, id: usize) -> usize {
        self.same_groups(id).first().copied().unwrap_or(id)
    }

    fn same_groups(&self, id: usize) -> &[usize] {
        let TreeNode { name, parent, .. } = self.nodes[id];
        self.groups.get(&(parent, name)).map_or(&[], Vec::as_slice)
    }

    fn close(&mut self, cursor: &Cursor<'_>, id: usize) {
        if let NodeText::Read { tag, content_end, end, .. } = &mut self.nodes[id].text {
            *end = cursor.offset();
            let content = cursor.slice(tag.end..*end);
            *content_end = tag.end + content.rfind("</").unwrap_or(content.len());
        }
    }

    pub(super) fn name(&self, id: usize) -> Name {
        self.nodes[id].name
    }

    pub(super) fn own_name(&self, id: usize) -> Name {
        self.nodes[id].own_name
    }

    /// Whether an element gets another name when it is moved: a `Video` of VAST 1.0, two elements of DAAST, and an `AdTagURI` of VMAP.
    pub(super) fn is_renamed(&self, id: usize) -> bool {
        matches!(self.nodes[id].own_name, Name::Video | Name::DaastAdTagUri | Name::AdInteractions | Name::AdTagUri)
    }

    /// The parent of an element; `None` for the ad.
    pub(super) fn parent(&self, id: usize) -> Option<usize> {
        (id > 0).then(|| self.nodes[id].parent)
    }

    /// The offset in the document at which an element begins.
    pub(super) fn start(&self, id: usize) -> usize {
        match &self.nodes[id].text {
            NodeText::Read { tag, .. } => tag.start,
            NodeText::New(start) => *start,
        }
    }

    /// The elements at wrong places.
    pub(super) fn misplaced(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|id| self.nodes[*id].state == State::Misplaced).collect()
    }

    /// The children of an element, without those at a wrong place. A group also has the children of the groups with its name.
    pub(super) fn children(&self, id: usize) -> impl Iterator<Item = usize> + '_ {
        let groups = self.same_groups(id);
        let own = groups.is_empty().then_some(id);
        own.into_iter().chain(groups.iter().copied()).flat_map(|id| self.own_children(id))
    }

    /// How many verification scripts are directly in a group, where the standard does not have them.
    pub(super) fn scripts(&self, group: usize) -> usize {
        let children = self.same_groups(group).iter().flat_map(|id| &self.nodes[*id].children);
        children
            .map(|child| self.name(*child))
            .filter(|name| matches!(name, Name::JavaScriptResource | Name::ExecutableResource))
            .count()
    }

    fn own_children(&self, id: usize) -> impl Iterator<Item = usize> + '_ {
        let node = &self.nodes[id];
        let read = node.children.iter().filter(|child| self.nodes[**child].state == State::InPlace);
        read.chain(&node.added).copied()
    }

    /// The children of an element with this name.
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
        self.join_groups(id);
    }

    /// Moves the elements in an element to the end of another, and removes the element.
    pub(super) fn merge_into(&mut self, id: usize, home: usize) {
        self.mark_changed(self.nodes[id].parent);
        self.nodes[id].state = State::Moved;
        let children: Vec<usize> = self.own_children(id).collect();
        for child in children {
            self.move_to(child, home);
        }
    }

    /// Adds a new element at the end of `home`, for the element `cause`.
    pub(super) fn add(&mut self, home: usize, name: Name, cause: usize) -> usize {
        let text = NodeText::New(self.start(cause));
        let id = self.push(name, home, text, State::InPlace);
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
        let (tag, name, content_end, end) = match &node.text {
            NodeText::Read { tag, name, content_end, end } => (tag, *name, *content_end, *end),
            NodeText::New(start) => {
                text.insert(&["<", node.name.as_str(), ">"], *start);
                self.write_added(id, document, text);
                text.insert(&["</", node.name.as_str(), ">"], *start);
                return;
            }
        };
        let is_renamed = self.is_renamed(id) && node.state == State::Moved;
        if !node.is_changed && !is_renamed {
            return text.copy(document, tag.start..end);
        }
        let behind_name = tag.start + "<".len() + name;
        let new_name = if is_renamed { node.name.as_str() } else { &document[tag.start + "<".len()..behind_name] };
        text.insert(&["<", new_name], tag.start);
        if tag.end == end {
            text.copy(document, behind_name..tag.end - "/>".len());
            text.insert(&[">"], tag.start);
        } else {
            let mut at = behind_name;
            for child in &node.children {
                at = self.write_child(*child, at, document, text);
            }
            text.copy(document, at..content_end);
        }
        self.write_added(id, document, text);
        text.insert(&["</", new_name, ">"], content_end);
    }

    /// Writes the document from `at` to the end of a child, if the child is changed. Gives the offset up to which it is written.
    fn write_child(&self, id: usize, at: usize, document: &str, text: &mut Rewritten) -> usize {
        let child = &self.nodes[id];
        let NodeText::Read { tag, end, .. } = &child.text else { return at };
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
