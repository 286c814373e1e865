//! [`Editor`]: a document whose text is changed.

use super::error::EditError;
use super::new_element::NewElement;
use super::node::{EditNode, ElementChange, ElementId, Ending, Extent, NodeOrigin};
use super::order::{self, known};
use super::read::{self, Elements, HOLDERS};
use super::{content, tag};
use crate::edition::Within;
use crate::error::{ParseError, ParseErrorKind};
use crate::options::ParseOptions;
use crate::version::Version;
use crate::xml::{Name, decode, decoded, is_name, trim, with_forbidden_dropped};

/// A document whose text is changed: VAST, or VMAP with the VAST in it. See the [module](crate::edit) for an example.
///
/// An [`ElementId`] identifies an element. All methods see the changes that were made before; [`Editor::finish`]
/// returns the changed text. Names are compared as the reader compares them: without prefixes, and upper and lower case
/// are equal.
///
/// Reading the document and every change take time linear in its size. Reading is as lenient as
/// [`parse_any`](crate::parse_any()): if a document is truncated, its complete elements can be changed.
#[derive(Debug)]
pub struct Editor {
    pub(super) elements: Elements,
    /// The length in bytes of the byte order mark that was removed before the text.
    cut: usize,
}

impl Editor {
    /// Reads a document. It uses these options: `charset`, and the limits of bytes, elements and depth.
    ///
    /// # Errors
    ///
    /// A [`ParseError`] if the input is not XML, if the root is neither VAST nor VMAP, or if the document exceeds a
    /// limit.
    pub fn new(input: &[u8], options: &ParseOptions<'_>) -> Result<Editor, ParseError> {
        let limits = &options.limits;
        if input.len() > limits.bytes {
            return Err(read::refused(ParseErrorKind::Limit, "more bytes than allowed"));
        }
        let decoded = decode(input, options.charset);
        let cut = decoded.cut;
        Ok(Editor { elements: read::read(decoded.text.into_owned(), limits)?, cut })
    }

    /// The root element.
    pub fn root(&self) -> ElementId {
        ElementId(0)
    }

    /// The root elements of all VAST documents: the root of the document, or the VAST in the ad breaks of a playlist.
    pub fn documents(&self) -> Vec<ElementId> {
        let is_root = |id: &ElementId| matches!(self.known(*id), Name::Vast | Name::VideoAdServingTemplate);
        let root = self.root();
        if is_root(&root) {
            return vec![root];
        }
        let below = |parents: Vec<ElementId>, names: &[Name]| -> Vec<ElementId> {
            let children = parents.iter().flat_map(|parent| self.children(*parent));
            children.filter(|child| names.contains(&self.known(*child))).collect()
        };
        let sources = below(below(vec![root], &[Name::AdBreak]), &[Name::AdSource]);
        let data = below(sources, HOLDERS);
        below(data, &[Name::Vast, Name::VideoAdServingTemplate])
    }

    /// Every ad of every document: the `Ad` elements that have an `InLine` or a `Wrapper`. The reader also accepts an `InLine`
    /// or `Wrapper` that is not in an `Ad`, so it is an ad too.
    pub fn ads(&self) -> Vec<ElementId> {
        let ads = self.documents().into_iter().flat_map(|document| self.children(document));
        ads.filter(|ad| self.ad_content(*ad).is_some()).collect()
    }

    /// The `InLine` of an ad; its `Wrapper` if it has no `InLine`. An ad without an `Ad` element is its own content. `None` for
    /// any other element.
    pub fn ad_content(&self, ad: ElementId) -> Option<ElementId> {
        match self.known(ad) {
            Name::InLine | Name::Wrapper => Some(ad),
            Name::Ad => self.child(ad, Name::InLine).or_else(|| self.child(ad, Name::Wrapper)),
            _ => None,
        }
    }

    /// The name of an element, as written. Empty for an element that was removed.
    pub fn name(&self, element: ElementId) -> &str {
        self.node(element).map_or("", |_| self.elements.name(element))
    }

    /// The parent of this element; `None` for a root.
    pub fn parent(&self, element: ElementId) -> Option<ElementId> {
        self.node(element)?.parent
    }

    /// The children of this element.
    pub fn children(&self, element: ElementId) -> impl DoubleEndedIterator<Item = ElementId> + '_ {
        let children = self.node(element).map_or(&[][..], |node| &node.children);
        children.iter().copied().filter(|child| self.node(*child).is_some())
    }

    /// All descendants of this element with this name, in the order of the document.
    pub fn find(&self, element: ElementId, name: &str) -> Vec<ElementId> {
        let mut found = Vec::new();
        let mut waiting: Vec<ElementId> = self.children(element).rev().collect();
        while let Some(next) = waiting.pop() {
            let own = self.name(next).rsplit(':').next().unwrap_or_default();
            if own.eq_ignore_ascii_case(name) {
                found.push(next);
            }
            waiting.extend(self.children(next).rev());
        }
        found
    }

    /// The innermost element that contains the byte at `offset`, which is an offset as in a
    /// [`Position`](crate::Position). For VAST that is written as text, it is the element that contains this text.
    pub fn element_at(&self, offset: usize) -> Option<ElementId> {
        let offset = offset.checked_sub(self.cut)?;
        let holds = |id: &ElementId| match self.node(*id).map(|node| &node.origin) {
            Some(NodeOrigin::Read(extent)) => {
                let end = extent.range().map_or(usize::MAX, |range| range.end);
                extent.layer == 0 && (extent.tag.start..end).contains(&offset)
            }
            _ => false,
        };
        let mut found = Some(self.root()).filter(holds)?;
        while let Some(inner) = self.children(found).find(holds) {
            found = inner;
        }
        Some(found)
    }

    /// The value of an attribute, its references decoded.
    pub fn attribute(&self, element: ElementId, name: &str) -> Option<String> {
        let is_it = |other: &str| other.eq_ignore_ascii_case(name);
        match &self.node(element)?.origin {
            NodeOrigin::Inserted { element, .. } => {
                element.attributes.iter().find(|(other, _)| is_it(other)).map(|(_, value)| value.clone())
            }
            NodeOrigin::Read(extent) => {
                if let Some((_, value)) = extent.wanted().iter().find(|(other, _)| is_it(other)) {
                    return value.clone();
                }
                let text = &self.elements.layers[extent.layer].text;
                let present = tag::attributes(text, extent);
                let found = &present[tag::position(&present, name)?];
                Some(decoded(&text[found.value.clone()]).into_owned())
            }
        }
    }

    /// The text of an element without the text of its children. References are decoded and blanks at the ends are
    /// removed. For an inserted element, it is the text that a reader will get.
    pub fn text(&self, element: ElementId) -> String {
        match self.node(element).map(|node| &node.origin) {
            Some(NodeOrigin::Inserted { element, .. }) => content::text(&element.content, 0..element.content.len()),
            Some(NodeOrigin::Read(extent)) => match extent.change.as_ref().and_then(|change| change.text.clone()) {
                Some(text) => trim(&text).to_owned(),
                None => {
                    let source = &self.elements.layers[extent.layer].text;
                    extent.content().map(|range| content::text(source, range)).unwrap_or_default()
                }
            },
            None => String::new(),
        }
    }

    /// Replaces the text of an element. The new text is in CDATA if the old text was. Blanks around the text stay. Characters
    /// that XML forbids are dropped.
    ///
    /// # Errors
    ///
    /// [`EditError::WrongPlace`] for an element with child elements; see [`EditError`] for the others.
    pub fn set_text(&mut self, element: ElementId, text: &str) -> Result<(), EditError> {
        if self.children(element).next().is_some() {
            return Err(EditError::WrongPlace);
        }
        self.can_open(element)?;
        match &mut self.node_mut(element)?.origin {
            NodeOrigin::Inserted { element, .. } => *element = std::mem::take(element).text(text),
            NodeOrigin::Read(extent) if extent.ending == Ending::Missing => return Err(EditError::Unfinished),
            NodeOrigin::Read(extent) => change(extent).text = Some(with_forbidden_dropped(text).into_owned()),
        }
        Ok(())
    }

    /// Sets the value of an attribute. If the element does not have the attribute, it is added after the others. Characters that
    /// XML forbids are dropped.
    ///
    /// # Errors
    ///
    /// [`EditError::InvalidName`] for a name that XML does not allow; [`EditError::BrokenTag`], [`EditError::NoSuchElement`].
    pub fn set_attribute(&mut self, element: ElementId, name: &str, value: &str) -> Result<(), EditError> {
        NewElement::new(name).check()?;
        self.change_attribute(element, name, Some(&with_forbidden_dropped(value)))
    }

    /// Removes an attribute, if the element has it.
    ///
    /// # Errors
    ///
    /// [`EditError::BrokenTag`], [`EditError::NoSuchElement`].
    pub fn remove_attribute(&mut self, element: ElementId, name: &str) -> Result<(), EditError> {
        self.change_attribute(element, name, None)
    }

    fn change_attribute(&mut self, element: ElementId, name: &str, value: Option<&str>) -> Result<(), EditError> {
        self.node(element).ok_or(EditError::NoSuchElement)?;
        let Elements { layers, nodes } = &mut self.elements;
        match &mut nodes[element.0].origin {
            NodeOrigin::Inserted { element, .. } => element.set_attribute(name, value),
            NodeOrigin::Read(extent) => {
                let mut wanted = extent.wanted().to_vec();
                wanted.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
                wanted.push((name.to_owned(), value.map(str::to_owned)));
                tag::check(&layers[extent.layer].text, extent, &wanted)?;
                extent.change.get_or_insert_default().attributes = wanted;
            }
        }
        Ok(())
    }

    /// Removes an element with its content and the blanks before it. With a document that a playlist contains as text, everything
    /// around it is removed, too, and so is the text beside the last element of a `VASTAdData`, which a reader would then take for
    /// a document.
    ///
    /// # Errors
    ///
    /// [`EditError::WrongPlace`] for the root, [`EditError::Unfinished`], [`EditError::NoSuchElement`].
    pub fn remove(&mut self, element: ElementId) -> Result<(), EditError> {
        let parent = self.finished(element)?.parent.ok_or(EditError::WrongPlace)?;
        self.take_out(element);
        if !self.is_around(parent, element) {
            self.drop_text_of_document(parent);
        }
        Ok(())
    }

    fn take_out(&mut self, element: ElementId) {
        let mut waiting = vec![element];
        while let Some(next) = waiting.pop() {
            let node = &mut self.elements.nodes[next.0];
            node.is_removed = true;
            waiting.append(&mut node.children);
        }
    }

    /// Drops the text of an element of a playlist that has no child any more, if a reader may take that text for a document.
    fn drop_text_of_document(&mut self, element: ElementId) {
        let is_read = self.known(self.root()) == Name::Vmap && HOLDERS.contains(&self.known(element));
        if !is_read || self.children(element).next().is_some() || self.text(element).is_empty() {
            return;
        }
        if let NodeOrigin::Read(extent) = &mut self.elements.nodes[element.0].origin
            && extent.content().is_some()
        {
            change(extent).text = Some(String::new());
        }
    }

    /// Inserts an element into `parent`: after the last child with the same name, or else at its place in the order of
    /// the document's version. If the version does not have the element there, it becomes the last child. It is written
    /// on a separate line if its siblings are.
    ///
    /// # Errors
    ///
    /// [`EditError::WrongPlace`] if the parent has text, [`EditError::InvalidName`], [`EditError::Unfinished`],
    /// [`EditError::BrokenTag`], [`EditError::NoSuchElement`].
    pub fn insert(&mut self, parent: ElementId, element: NewElement) -> Result<ElementId, EditError> {
        element.check()?;
        if !self.takes_children(parent)? {
            return Err(EditError::WrongPlace);
        }
        self.can_open(parent)?;
        let present: Vec<ElementId> = self.children(parent).collect();
        let names: Vec<Name> = present.iter().map(|child| self.known(*child)).collect();
        let (version, within) = (self.version(parent), self.within(parent));
        let index = order::place(version, self.known(parent), within, &names, known(&element.name));
        let before = index.checked_sub(1).map(|before| present[before]);
        let id = self.add(parent, element, None);
        self.attach(parent, before, id);
        Ok(id)
    }

    /// Replaces an element by a new one.
    ///
    /// # Errors
    ///
    /// [`EditError::WrongPlace`] for the root, and for the root of a document that a playlist contains as text; the errors of
    /// [`Editor::insert`] and [`Editor::remove`].
    pub fn replace(&mut self, old: ElementId, element: NewElement) -> Result<ElementId, EditError> {
        element.check()?;
        let node = self.finished(old)?;
        let parent = node.parent.filter(|parent| !self.is_around(*parent, old)).ok_or(EditError::WrongPlace)?;
        // If `old` itself replaced an element that was read, the new element replaces that one.
        let replaces = match &node.origin {
            NodeOrigin::Read(_) => Some(old),
            NodeOrigin::Inserted { replaces, .. } => *replaces,
        };
        self.take_out(old);
        let id = self.add(parent, element, replaces);
        self.attach(parent, Some(old), id);
        Ok(id)
    }

    /// Whether `child` is the root of a document that is written as text in `parent`.
    pub(super) fn is_around(&self, parent: ElementId, child: ElementId) -> bool {
        let layer = |id: ElementId| match &self.elements.nodes[id.0].origin {
            NodeOrigin::Read(extent) => Some(extent.layer),
            NodeOrigin::Inserted { .. } => None,
        };
        layer(child).is_some_and(|inner| layer(parent).is_some_and(|outer| outer != inner))
    }

    /// Adds an element to the children of its parent: after `before`, or as the first child if `before` is `None`.
    fn attach(&mut self, parent: ElementId, before: Option<ElementId>, id: ElementId) {
        let children = &mut self.elements.nodes[parent.0].children;
        let index = children.iter().position(|child| Some(*child) == before).map_or(0, |before| before + 1);
        children.insert(index, id);
    }

    /// Adds an element and its children to the nodes, but not yet to the children of its parent.
    fn add(&mut self, parent: ElementId, mut element: NewElement, replaces: Option<ElementId>) -> ElementId {
        let id = ElementId(self.elements.nodes.len());
        let children = std::mem::take(&mut element.children);
        // The new element gets the prefix of its parent.
        if let Some((prefix, _)) = self.name(parent).split_once(':')
            && !element.name.contains(':')
            && is_name(prefix)
        {
            element.name = format!("{prefix}:{}", element.name);
        }
        let origin = NodeOrigin::Inserted { element, replaces };
        self.elements.nodes.push(EditNode { parent: Some(parent), children: Vec::new(), origin, is_removed: false });
        for child in children {
            let child = self.add(id, child, None);
            self.elements.nodes[id.0].children.push(child);
        }
        id
    }

    /// Checks that an element that is written as `<x/>` can have content.
    fn can_open(&self, element: ElementId) -> Result<(), EditError> {
        match self.node(element).map(|node| &node.origin) {
            Some(NodeOrigin::Read(extent)) if extent.ending == Ending::Empty => {
                tag::check_opened(&self.elements.layers[extent.layer].text, extent, extent.wanted())
            }
            _ => Ok(()),
        }
    }

    /// Whether an element may have child elements: it has no text.
    fn takes_children(&self, element: ElementId) -> Result<bool, EditError> {
        Ok(match &self.finished(element)?.origin {
            NodeOrigin::Inserted { element, .. } => !element.has_text,
            NodeOrigin::Read(extent) => {
                let mut layers =
                    self.children(element).filter_map(|child| match &self.elements.nodes[child.0].origin {
                        NodeOrigin::Read(extent) => Some(extent.layer),
                        NodeOrigin::Inserted { .. } => None,
                    });
                layers.all(|layer| layer == extent.layer)
                    && (self.children(element).next().is_some() || self.text(element).is_empty())
            }
        })
    }

    /// The version of the document that contains the element; the newest version if the document declares no known
    /// version.
    fn version(&self, element: ElementId) -> Version {
        let mut around = std::iter::successors(Some(element), |id| self.parent(*id));
        let root = around.find(|id| matches!(self.known(*id), Name::Vast | Name::VideoAdServingTemplate));
        let Some(root) = root else { return Version::V4_3 };
        if self.known(root) == Name::VideoAdServingTemplate {
            return Version::V2_0;
        }
        let version = self.attribute(root, "version").unwrap_or_default();
        let is_it = |known: &Version| version.trim().starts_with(known.as_str());
        Version::ALL.into_iter().find(is_it).unwrap_or(Version::V4_3)
    }

    fn within(&self, element: ElementId) -> Within {
        let mut around = std::iter::successors(Some(element), |id| self.parent(*id));
        let within = around.find_map(|id| match self.known(id) {
            Name::InLine => Some(Within::InLine),
            Name::Wrapper => Some(Within::Wrapper),
            _ => None,
        });
        within.unwrap_or(Within::Both)
    }

    /// The first child with this name.
    pub(crate) fn child(&self, element: ElementId, name: Name) -> Option<ElementId> {
        self.children(element).find(|child| self.known(*child) == name)
    }

    /// The standard's name of the element.
    pub(crate) fn known(&self, element: ElementId) -> Name {
        known(self.name(element))
    }

    fn node(&self, element: ElementId) -> Option<&EditNode> {
        self.elements.nodes.get(element.0).filter(|node| !node.is_removed)
    }

    fn node_mut(&mut self, element: ElementId) -> Result<&mut EditNode, EditError> {
        let node = self.elements.nodes.get_mut(element.0);
        node.filter(|node| !node.is_removed).ok_or(EditError::NoSuchElement)
    }

    /// An element that was read with its end. The error is for an element that was removed or is incomplete.
    fn finished(&self, element: ElementId) -> Result<&EditNode, EditError> {
        let node = self.node(element).ok_or(EditError::NoSuchElement)?;
        match &node.origin {
            NodeOrigin::Read(extent) if extent.ending == Ending::Missing => Err(EditError::Unfinished),
            _ => Ok(node),
        }
    }
}

fn change(extent: &mut Extent) -> &mut ElementChange {
    extent.change.get_or_insert_default()
}
