//! [`Writer`]: writes parts of the model in the order of a schema.

use crate::attributes::{Attributed, Placed};
use crate::edition::{Edition, Within};
use crate::model::{self, Creative, Element, Extension, Extra, Offset, Place, Verification};
use crate::text::Text;
use crate::xml::{Content, Key, Name, NameSet, ScalarValue, XmlSink, children, is_group};
use std::ops::Range;
use std::time::Duration;

/// A part of the model that is written as one element, with attributes, text and children.
pub(crate) trait Part: Attributed {
    /// The namespace declaration that the standard requires for the element, if the model does not contain it.
    fn namespace(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    /// The text of the element, without that of its children.
    fn content(&self) -> Option<Content<'_>> {
        None
    }

    /// Passes all children to the writer. Children with the same name must be in their final order. The writer puts them into
    /// groups such as `MediaFiles`.
    fn children<'a>(&'a self, _writer: &mut Writer<'a, '_>) {}
}

/// One child of a part.
#[derive(Clone)]
enum Child<'a> {
    Part(&'a dyn Part),
    /// An element that contains one value and has no separate type in the model.
    Leaf(Content<'a>),
    Extension(&'a Extension),
}

/// Writes parts. Their children are in the canonical order or in the order of a version.
pub(crate) struct Writer<'a, 's> {
    out: &'s mut dyn XmlSink,
    edition: Option<&'static Edition>,
    within: Within,
    /// The children of all parts whose writing has started but not ended. Those of the innermost part are at the end.
    children: Vec<(Name, Child<'a>)>,
    /// The extensions of the current ad and of the current creative, which may contain parts.
    of_ad: &'a [Extension],
    of_creative: &'a [Extension],
    /// Extensions of the creative that must be written inside `Linear` or `NonLinear` in this version.
    lowered: Vec<&'a Extension>,
}

impl<'a, 's> Writer<'a, 's> {
    pub(crate) fn new(out: &'s mut dyn XmlSink, edition: Option<&'static Edition>) -> Writer<'a, 's> {
        let (children, lowered) = (Vec::new(), Vec::new());
        Writer { out, edition, within: Within::Both, children, of_ad: &[], of_creative: &[], lowered }
    }

    /// Writes a part with all its content.
    pub(crate) fn part(&mut self, name: Name, part: &'a dyn Part) {
        let within = self.within;
        self.within = match name {
            Name::InLine => Within::InLine,
            Name::Wrapper => Within::Wrapper,
            _ => within,
        };
        self.out.start(name);
        self.attributes(name, part);
        if let Some(content) = part.content() {
            self.out.content(&content);
        }
        let first = self.children.len();
        part.children(self);
        self.place_extensions(name, first);
        let all = first..self.children.len();
        // Most parts have only attributes and a text. A version can require an empty group in a wrapper.
        if !all.is_empty() || !part.extra().is_empty() || name == Name::Wrapper {
            let slots = self.slots(all.clone());
            self.contents(name, all, slots, part.extra());
        }
        if name == Name::Creative && !self.lowered.is_empty() {
            self.group_of_lowered();
        }
        self.children.truncate(first);
        self.out.end();
        self.within = within;
    }

    /// Adds children that have a type in the model.
    pub(crate) fn parts<P: Part + 'a>(&mut self, name: Name, parts: impl IntoIterator<Item = &'a P>) {
        self.children.extend(parts.into_iter().map(|part| (name, Child::Part(part))));
    }

    /// Adds parts that may be in an extension of this type. If all of them come from an extension and such an extension still
    /// exists, they are not added, because the extension is written. If only some of them do, all are added, because readers
    /// look into extensions only if there is no such part outside them.
    pub(crate) fn placed<P: Part + Placed + 'a>(&mut self, name: Name, extension_type: Name, parts: &'a [P]) {
        let is_elsewhere = parts.iter().all(|part| part.place() == Place::Extension);
        if !(is_elsewhere && self.has_extension(extension_type)) {
            self.parts(name, parts);
        }
    }

    /// Adds verifications. If an extension of the ad or of one of its creatives has verifications, only native ones are added,
    /// because readers use both the native ones and those in extensions.
    pub(crate) fn verifications(&mut self, list: &'a [Verification], creatives: &[Creative]) {
        let of_creatives = creatives.iter().flat_map(|creative| &creative.creative_extensions);
        let has_extension = self.of_ad.iter().chain(of_creatives).any(Extension::has_verifications);
        self.parts(Name::Verification, list.iter().filter(|one| !has_extension || one.place == Place::Native));
    }

    fn has_extension(&self, extension_type: Name) -> bool {
        self.of_ad.iter().chain(self.of_creative).any(|extension| extension.is(extension_type.as_str()))
    }

    /// Adds children that contain only a text.
    pub(crate) fn texts(&mut self, name: Name, texts: impl IntoIterator<Item = &'a Text>) {
        let leaf = |text: &'a Text| Child::Leaf(Content::Text(text.as_str().into()));
        self.children.extend(texts.into_iter().map(|text| (name, leaf(text))));
    }

    /// Adds children that contain only a URI.
    pub(crate) fn uris(&mut self, name: Name, uris: impl IntoIterator<Item = &'a Text>) {
        self.children.extend(uris.into_iter().map(|uri| (name, Child::Leaf(Content::Uri(uri)))));
    }

    /// Adds a child that contains a number or a time.
    pub(crate) fn value(&mut self, name: Name, value: Option<ScalarValue<'a>>) {
        self.children.extend(value.map(|value| (name, Child::Leaf(Content::Value(value)))));
    }

    /// Adds extensions with this element name.
    pub(crate) fn extensions(&mut self, name: Name, extensions: &'a [Extension]) {
        self.children.extend(extensions.iter().map(|extension| (name, Child::Extension(extension))));
    }

    /// Starts an ad: sets the extensions that may contain parts of it.
    pub(crate) fn enter_ad(&mut self, extensions: &'a [Extension]) {
        (self.of_ad, self.of_creative) = (extensions, &[]);
    }

    /// Starts a creative: sets the extensions that may contain parts of it.
    pub(crate) fn enter_creative(&mut self, extensions: &'a [Extension]) {
        self.of_creative = extensions;
    }

    fn attributes(&mut self, name: Name, part: &dyn Part) {
        let edition = self.edition;
        part.each_attribute(&mut |key, value| {
            if !matches!(value, ScalarValue::Decimal(number) if !number.is_finite()) {
                let spelling = edition.map_or(key.as_str(), |edition| edition.spelling(name, key));
                self.out.attribute(spelling, &rounded(edition, value));
            }
        });
        if let Some((name, value)) = part.namespace() {
            self.out.attribute_named(name, value);
        }
        self.unknown_attributes(part.extra());
    }

    fn unknown_attributes(&mut self, extra: &Extra) {
        for attribute in &extra.attributes {
            self.out.attribute_named(&attribute.name, &attribute.value);
        }
    }

    /// The slots of the children in `range`.
    fn slots(&self, range: Range<usize>) -> NameSet {
        self.children[range].iter().map(|(name, _)| self.slot(*name)).collect()
    }

    /// Writes the children in `range` that belong into this element, in order, and then its unknown elements. `slots` has the slots
    /// of these children: most names of the standard are absent, and for these the children are not searched.
    fn contents(&mut self, parent: Name, range: Range<usize>, slots: NameSet, extra: &Extra) {
        for name in order(self.edition, parent, self.within) {
            if is_group(name) {
                self.group(parent, name, range.clone(), slots, extra.of_child(name.as_str(), 0));
            } else if slots.contains(name) {
                self.items(name, range.clone(), extra);
            }
        }
        for child in &extra.children {
            let name = Name::find(&child.name).0;
            let stands = self.children[range.clone()].iter().filter(|(other, _)| *other == name).count();
            if child.index >= stands && !(is_group(name) && child.index == 0 && children(parent).contains(&name)) {
                self.out.start(name);
                self.unknown_attributes(&child.extra);
                self.contents(name, range.end..range.end, NameSet::default(), &child.extra);
                self.out.end();
            }
        }
        extra.elements.iter().for_each(|element| self.out.element(element));
    }

    /// The name whose place in the order this element uses. Resources of different kinds share one place, so that they keep
    /// the order of the model, unless a version's schema defines their order.
    fn slot(&self, name: Name) -> Name {
        match name {
            Name::IFrameResource | Name::StaticResource if self.edition.is_none() => Name::HtmlResource,
            Name::JavaScriptResource if self.edition.is_none() => Name::ExecutableResource,
            name => name,
        }
    }

    fn items(&mut self, slot: Name, range: Range<usize>, extra: &Extra) {
        let mut leaves = 0;
        for index in range {
            let name = self.children[index].0;
            if self.slot(name) != slot {
                continue;
            }
            match self.children[index].1.clone() {
                Child::Part(part) => self.part(name, part),
                Child::Extension(extension) => self.extension(name, extension),
                Child::Leaf(content) => {
                    self.leaf(name, content, extra.of_child(name.as_str(), leaves));
                    leaves += 1;
                }
            }
        }
    }

    fn leaf(&mut self, name: Name, content: Content<'_>, unknown: Option<&Extra>) {
        self.out.start(name);
        unknown.into_iter().for_each(|unknown| self.unknown_attributes(unknown));
        let content = match content {
            Content::Value(value) => Content::Value(rounded(self.edition, value)),
            other => other,
        };
        self.out.content(&content);
        unknown.into_iter().for_each(|unknown| self.contents(name, 0..0, NameSet::default(), unknown));
        self.out.end();
    }

    /// Writes an element that only contains a group of elements, if it has content or if the version requires it.
    fn group(&mut self, parent: Name, name: Name, range: Range<usize>, slots: NameSet, unknown: Option<&Extra>) {
        let has_children = self.has_any_of(name, slots);
        let is_required = (parent, name) == (Name::Wrapper, Name::Creatives)
            && self.edition.is_some_and(|edition| edition.wrapper_has_creatives);
        if has_children || is_required || unknown.is_some_and(|unknown| !unknown.is_empty()) {
            let none = Extra::default();
            let unknown = unknown.unwrap_or(&none);
            self.out.start(name);
            self.unknown_attributes(unknown);
            self.contents(name, range, slots, unknown);
            self.out.end();
        }
    }

    /// Whether one of these slots belongs to the group, directly or inside a nested group.
    fn has_any_of(&self, group: Name, slots: NameSet) -> bool {
        let mut names = children(group).iter();
        names.any(|name| slots.contains(self.slot(*name)) || (is_group(*name) && self.has_any_of(*name, slots)))
    }

    /// Writes an extension. If it was not read from a document, its tree may have no name or no `@type`; these are added.
    fn extension(&mut self, name: Name, extension: &Extension) {
        let tree = &extension.element;
        let missing = extension.extension_type.as_ref().filter(|_| tree.attribute(Key::Type.as_str()).is_none());
        if missing.is_none() && !tree.name.is_empty() {
            return self.out.element(tree);
        }
        let mut tree: Element = tree.clone();
        if tree.name.is_empty() {
            tree.name = name.as_str().into();
        }
        if let Some(extension_type) = missing {
            let attribute = model::Attribute { name: Key::Type.as_str().into(), value: extension_type.clone() };
            tree.attributes.push(attribute);
        }
        self.out.element(&tree);
    }

    /// Moves the extensions of a creative into its `Linear`, or else into its first `NonLinear`, because VAST 3.0 has them there.
    fn place_extensions(&mut self, name: Name, first: usize) {
        let Some(edition) = self.edition else { return };
        let has = |parent: Name| edition.row(parent, self.within).child(Name::CreativeExtensions).is_some();
        match name {
            Name::Creative if !has(Name::Creative) && has(Name::Linear) => {
                for (_, child) in self.children.extract_if(first.., |(name, _)| *name == Name::CreativeExtension) {
                    self.lowered.extend(match child {
                        Child::Extension(extension) => Some(extension),
                        Child::Part(_) | Child::Leaf(_) => None,
                    });
                }
            }
            Name::Linear | Name::NonLinear => {
                let lowered = self.lowered.drain(..);
                self.children.extend(lowered.map(|one| (Name::CreativeExtension, Child::Extension(one))));
            }
            _ => {}
        }
    }

    /// Writes the extensions of a creative that has neither `Linear` nor `NonLinear` to contain them.
    fn group_of_lowered(&mut self) {
        self.out.start(Name::CreativeExtensions);
        for extension in std::mem::take(&mut self.lowered) {
            self.extension(Name::CreativeExtension, extension);
        }
        self.out.end();
    }
}

/// The names of the children that an element may have, in the order in which they are written.
fn order(edition: Option<&'static Edition>, parent: Name, within: Within) -> impl Iterator<Item = Name> {
    let row = edition.map_or(&[] as &[_], |edition| edition.row(parent, within).children);
    let others = children(parent).iter().filter(|name| row.iter().all(|child| child.name != **name));
    row.iter().map(|child| child.name).chain(others.copied())
}

/// Cuts a time to milliseconds if a version is given, because the schemas allow at most three decimals.
fn rounded<'v>(edition: Option<&Edition>, value: ScalarValue<'v>) -> ScalarValue<'v> {
    match value {
        ScalarValue::Offset(Offset::Time(time)) if edition.is_some() => {
            let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            ScalarValue::Offset(Offset::Time(Duration::from_millis(millis)))
        }
        value => value,
    }
}
