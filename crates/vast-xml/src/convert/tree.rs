//! Makes the element trees of extensions from parts of the model, and reads such parts back.

use crate::model::{
    Advertiser, Attribute, BlockedAdCategories, Category, ClosedCaptionFile, Element, Event, Extension, Extra, Node,
    Pricing, Survey, Tracking, ViewableImpression,
};
use crate::scalar;
use crate::text::Text;
use crate::write::{self, Part};
use crate::xml::{Key, Name};

/// The description of the extension that [`extension`] makes.
pub(super) struct Wanted<'a> {
    /// The name of the elements in the extension, and the type of the extension.
    pub(super) part: Name,
    /// The name of the extension element.
    pub(super) own: Name,
    /// The attribute that links the elements to a creative.
    pub(super) link: Option<Attribute>,
    /// The existing extensions. Elements that they already contain are not added again.
    pub(super) others: &'a [Extension],
}

/// Makes an extension from the elements of `wanted.part` in `alone`, which is written as an element called `name`. `None` if
/// there are no such elements, or if existing extensions contain them all.
pub(super) fn extension(wanted: &Wanted<'_>, name: Name, alone: &dyn Part) -> Option<Extension> {
    let Wanted { part, own, link, others } = wanted;
    let mut found = Vec::new();
    collect(write::tree(name, alone)?, *part, &mut found);
    // Two creatives can have the same `UniversalAdId`, so an extension that is linked to another creative is ignored.
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

/// The text of an element and its children without white space, or the attribute values if there is no text. Two
/// elements with the same result count as the same part, because some servers write a part twice, the second time for
/// old players.
fn said(element: &Element) -> String {
    let own = element.text();
    let own = own.split_whitespace().map(str::to_owned);
    let text: String = own.chain(element.elements().map(said)).collect();
    let named = || element.attributes.iter().map(|attribute| attribute.value.as_str()).collect();
    if text.is_empty() { named() } else { text }
}

/// The number of elements with this name. An element inside another one with this name is not counted.
pub(super) fn count(element: &Element, name: Name) -> usize {
    let is_one = |child: &Element| child.local_name().eq_ignore_ascii_case(name.as_str());
    element.elements().map(|child| if is_one(child) { 1 } else { count(child, name) }).sum()
}

/// The child elements of an extension, if all have this name and the extension has no other text and no attribute but `type`.
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

/// Whether the type of the extension is the name of this part.
pub(super) fn is_of(extension: &Extension, part: Name) -> bool {
    extension.extension_type.as_ref().is_some_and(|own| own.trim().eq_ignore_ascii_case(part.as_str()))
}

/// Returns the text of an element and its unknown parts. The values of known attributes are stored in the variables that
/// `known` gives for them.
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

/// The text of the element, if there is exactly one element and it has nothing but text.
pub(super) fn text(elements: &[&Element]) -> Option<Text> {
    let [element] = elements else { return None };
    let (text, extra) = parts_of(element, []);
    (extra.is_empty() && !text.is_empty()).then_some(text)
}

/// The part that `read` makes from the element, if there is exactly one element.
pub(super) fn only<T>(elements: &[&Element], read: fn(&Element) -> T) -> Option<T> {
    let [element] = elements else { return None };
    Some(read(element))
}

/// Reads parts that are a text with attributes, all of them texts: the function, the part, the field of the text, and the attributes
/// with their fields.
macro_rules! text_parts {
    ($($function:ident: $part:ident { $text:ident $(, $key:ident $field:ident)* })*) => {
        $(pub(super) fn $function(element: &Element) -> $part {
            $(let mut $field = None;)*
            let ($text, extra) = parts_of(element, [$((Key::$key, &mut $field)),*]);
            $part { $text, $($field,)* extra }
        })*
    };
}

text_parts! {
    advertiser: Advertiser { name, Id id }
    category: Category { value, Authority authority }
    pricing: Pricing { value, Model model, Currency currency }
    survey: Survey { url, Type survey_type }
    caption_file: ClosedCaptionFile { url, Type mime_type, Language language }
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

/// The children of group elements. `None` if a group has children with another name, or attributes other than links to a
/// creative.
pub(super) fn of_groups<T>(groups: &[&Element], name: Name, read: fn(&Element) -> T) -> Option<Vec<T>> {
    let is_one = |child: &Element| child.local_name().eq_ignore_ascii_case(name.as_str());
    let is_plain = |group: &&Element| group.elements().all(is_one) && group.attributes.iter().all(super::link::is_link);
    let children = groups.iter().flat_map(|group| group.elements());
    groups.iter().all(is_plain).then(|| children.map(read).collect())
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
