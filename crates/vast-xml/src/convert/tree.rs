//! Parts of the model as the element trees of extensions, and back.

use crate::Text;
use crate::model::{
    Advertiser, Attribute, BlockedAdCategories, Category, ClosedCaptionFile, Element, Event, Extension, Extra, Node,
    Pricing, Survey, Tracking, ViewableImpression,
};
use crate::scalar;
use crate::write::{self, Part};
use crate::xml::{Key, Name};

/// What an extension is made for.
pub(super) struct Wanted<'a> {
    /// The name of the elements that it holds, and its type.
    pub(super) part: Name,
    /// Its own name.
    pub(super) own: Name,
    /// What ties the elements to a creative.
    pub(super) link: Option<Attribute>,
    /// The extensions that are there: what they have already is not put into another.
    pub(super) others: &'a [Extension],
}

/// An extension that holds elements of a part that has nothing else. `None` if there is nothing to hold.
pub(super) fn extension(wanted: &Wanted<'_>, name: Name, alone: &dyn Part) -> Option<Extension> {
    let Wanted { part, own, link, others } = wanted;
    let mut found = Vec::new();
    collect(write::tree(name, alone)?, *part, &mut found);
    // One creative may have the same id as another: an extension that is tied to the other does not count.
    let is_tied_here = |one: &Extension| {
        let tied = one.element.elements().flat_map(|element| &element.attributes).find(|one| super::link::is_link(one));
        tied.is_none_or(|tied| Some(&tied.value) == link.as_ref().map(|link| &link.value))
    };
    let there = others.iter().filter(|one| is_of(one, *part) && is_tied_here(one));
    let there: Vec<String> = there.map(|one| said(&one.element)).collect();
    found.retain(|element| !there.contains(&said(element)));
    found.iter_mut().for_each(|element| element.attributes.extend(link.clone()));
    let is_empty = found.is_empty();
    let named = Attribute { name: Key::Type.as_str().into(), value: part.as_str().into() };
    let children = found.into_iter().map(Node::Element).collect();
    let element = Element { name: own.as_str().into(), attributes: vec![named], children };
    (!is_empty).then(|| Extension { extension_type: Some(part.as_str().into()), element })
}

fn collect(element: Element, part: Name, found: &mut Vec<Element>) {
    if element.name == *part.as_str() {
        return found.push(element);
    }
    for child in element.children {
        if let Node::Element(child) = child {
            collect(child, part, found);
        }
    }
}

/// All text of an element, without blanks: servers that write a part twice, once for old players, say the same in both.
fn said(element: &Element) -> String {
    let own = element.text();
    let own = own.split_whitespace().map(str::to_owned);
    let text: String = own.chain(element.elements().map(said)).collect();
    let named = || element.attributes.iter().map(|attribute| attribute.value.as_str()).collect();
    if text.is_empty() { named() } else { text }
}

/// How many elements of this name there are, in each other not counted.
pub(super) fn count(element: &Element, name: Name) -> usize {
    let is_one = |child: &Element| child.local_name().eq_ignore_ascii_case(name.as_str());
    element.elements().map(|child| if is_one(child) { 1 } else { count(child, name) }).sum()
}

/// The children of an extension, if it holds elements of this name only.
pub(super) fn content(extension: &Extension, part: Name) -> Option<Vec<&Element>> {
    let is_part = |element: &Element| element.local_name().eq_ignore_ascii_case(part.as_str());
    let is_pure = extension.element.children.iter().all(|node| match node {
        Node::Element(element) => is_part(element),
        Node::Text(text) | Node::CData(text) => text.trim().is_empty(),
        Node::Comment(_) => true,
    });
    let has_only_type =
        extension.element.attributes.iter().all(|one| one.name.eq_ignore_ascii_case(Key::Type.as_str()));
    let elements: Vec<&Element> = extension.element.elements().collect();
    (is_pure && has_only_type && !elements.is_empty()).then_some(elements)
}

/// Whether the extension is the one of this part.
pub(super) fn is_of(extension: &Extension, part: Name) -> bool {
    extension.extension_type.as_ref().is_some_and(|own| own.trim().eq_ignore_ascii_case(part.as_str()))
}

/// The text of an element and its unknown parts; the attributes with these names go to the places beside them.
fn parts_of<const N: usize>(element: &Element, known: [(Key, &mut Option<Text>); N]) -> (Text, Extra) {
    let mut extra = Extra::default();
    let mut known = known;
    for attribute in &element.attributes {
        match known.iter_mut().find(|(key, _)| attribute.name == *key.as_str()) {
            Some((_, place)) => **place = Some(attribute.value.clone()),
            None => extra.attributes.push(attribute.clone()),
        }
    }
    if let Some(first) = element.elements().next() {
        extra.elements.push(first.clone());
        extra.elements.extend(element.elements().skip(1).cloned());
    }
    (element.text(), extra)
}

/// What these elements say, if there is one of them and it has only a text.
pub(super) fn text(elements: &[&Element]) -> Option<Text> {
    let [element] = elements else { return None };
    let (text, extra) = parts_of(element, []);
    (extra.is_empty() && !text.is_empty()).then_some(text)
}

/// The part that these elements make, if there is one of them.
pub(super) fn only<T>(elements: &[&Element], read: fn(&Element) -> T) -> Option<T> {
    let [element] = elements else { return None };
    Some(read(element))
}

pub(super) fn advertiser(element: &Element) -> Advertiser {
    let mut id = None;
    let (name, extra) = parts_of(element, [(Key::Id, &mut id)]);
    Advertiser { name, id, extra }
}

pub(super) fn category(element: &Element) -> Category {
    let mut authority = None;
    let (value, extra) = parts_of(element, [(Key::Authority, &mut authority)]);
    Category { value, authority, extra }
}

pub(super) fn pricing(element: &Element) -> Pricing {
    let (mut model, mut currency) = (None, None);
    let (value, extra) = parts_of(element, [(Key::Model, &mut model), (Key::Currency, &mut currency)]);
    Pricing { value, model, currency, extra }
}

pub(super) fn survey(element: &Element) -> Survey {
    let mut survey_type = None;
    let (url, extra) = parts_of(element, [(Key::Type, &mut survey_type)]);
    Survey { url, survey_type, extra }
}

pub(super) fn blocked(element: &Element) -> BlockedAdCategories {
    let mut authority = None;
    let (list, extra) = parts_of(element, [(Key::Authority, &mut authority)]);
    let codes = list.split(',').map(str::trim).filter(|code| !code.is_empty());
    BlockedAdCategories { categories: codes.map(Text::from).collect(), authority, extra }
}

pub(super) fn viewable_impression(element: &Element) -> ViewableImpression {
    let mut id = None;
    let (_, mut extra) = parts_of(element, [(Key::Id, &mut id)]);
    let mut viewable = ViewableImpression { id, ..ViewableImpression::default() };
    let elements = if extra.is_empty() { Vec::new() } else { std::mem::take(&mut extra.elements) };
    for child in elements {
        let list = match Name::find(child.local_name()).0 {
            Name::Viewable => &mut viewable.viewable,
            Name::NotViewable => &mut viewable.not_viewable,
            Name::ViewUndetermined => &mut viewable.view_undetermined,
            _ => {
                extra.elements.push(child);
                continue;
            }
        };
        match text(&[&child]) {
            Some(url) => list.push(url),
            None => extra.elements.push(child),
        }
    }
    ViewableImpression { extra, ..viewable }
}

/// The children of groups, if the groups have nothing but these and the attributes that tie them to a creative.
pub(super) fn of_groups<T>(groups: &[&Element], name: Name, read: fn(&Element) -> T) -> Option<Vec<T>> {
    let is_one = |child: &Element| child.local_name().eq_ignore_ascii_case(name.as_str());
    let is_plain = |group: &&Element| group.elements().all(is_one) && group.attributes.iter().all(super::link::is_link);
    let children = groups.iter().flat_map(|group| group.elements());
    groups.iter().all(is_plain).then(|| children.map(read).collect())
}

pub(super) fn caption_file(element: &Element) -> ClosedCaptionFile {
    let (mut mime_type, mut language) = (None, None);
    let (url, extra) = parts_of(element, [(Key::Type, &mut mime_type), (Key::Language, &mut language)]);
    ClosedCaptionFile { url, mime_type, language, extra }
}

/// A tracker of a linear ad.
pub(super) fn tracking(element: &Element) -> Tracking {
    let (mut event, mut offset) = (None, None);
    let (url, mut extra) = parts_of(element, [(Key::Event, &mut event), (Key::Offset, &mut offset)]);
    let read = offset.as_deref().and_then(scalar::parse_offset);
    if let (Some(value), None) = (offset, read) {
        extra.attributes.push(Attribute { name: Key::Offset.as_str().into(), value });
    }
    let event = Event::from_name(event.as_deref().unwrap_or_default().trim()).under_linear();
    Tracking { event, offset: read, url, extra }
}
