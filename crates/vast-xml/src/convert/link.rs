//! [`Link`]: the attribute that connects a part in an extension of the ad with its creative (VAST CTV Addendum 2024).

use super::change::ChangeKind;
use super::walk::Walk;
use crate::model::{Attribute, Creative, Extension, Extra, Node};
use crate::text::Text;
use crate::xml::{Key, Name};

const CREATIVE: &str = "creativeId";
const MEDIA_FILE: &str = "mediaFileId";

/// The attribute that names the creative. `None` if it is not needed, because a part without a link belongs to the first
/// creative that can have it.
pub(super) struct Link(Option<Attribute>);

impl Link {
    /// Makes the link from a part to this creative, and fills in the ids that the link needs. `None` if the link would lead to
    /// another creative.
    pub(super) fn to(walk: &mut Walk, creatives: &mut [Creative], index: usize, part: Name) -> Option<Link> {
        match part {
            Name::Mezzanine | Name::InteractiveCreativeFile | Name::Icon => Link::to_media_file(walk, creatives, index),
            Name::UniversalAdId => Link::to_creative(walk, creatives, index, |_| true),
            _ => Link::to_creative(walk, creatives, index, is_linear),
        }
    }

    /// `may_have` selects the creatives that can have the part, because some servers give the same id to several creatives.
    fn to_creative(
        walk: &mut Walk,
        creatives: &mut [Creative],
        index: usize,
        may_have: fn(&Creative) -> bool,
    ) -> Option<Link> {
        if creatives[index].id.is_none() {
            if creatives.iter().position(may_have) == Some(index) {
                return Some(Link(None));
            }
            let id = format!("creative-{}", index + 1);
            walk.note_attribute(Key::Id.as_str(), ChangeKind::Filled { with: id.clone() });
            creatives[index].id = Some(id.into());
        }
        let id = creatives[index].id.clone()?;
        let owner = creatives.iter().position(|creative| may_have(creative) && creative.id.as_ref() == Some(&id));
        (owner == Some(index)).then(|| Link::named(CREATIVE, id))
    }

    fn to_media_file(walk: &mut Walk, creatives: &mut [Creative], index: usize) -> Option<Link> {
        let is_first = creatives.iter().position(is_linear) == Some(index);
        let file = creatives[index].linear.as_mut().and_then(|linear| linear.media_files.first_mut());
        let id = match file {
            None => None,
            Some(file) if file.id.is_none() && !is_first => {
                let id = format!("media-{}", index + 1);
                walk.note_element("Linear/MediaFiles/MediaFile[1]@id", ChangeKind::Filled { with: id.clone() });
                file.id = Some(id.into());
                file.id.clone()
            }
            Some(file) => file.id.clone(),
        };
        let Some(id) = id else { return is_first.then_some(Link(None)) };
        let owner = creatives.iter().position(|creative| has_media_file(creative, &id));
        if owner == Some(index) { Some(Link::named(MEDIA_FILE, id)) } else { is_first.then_some(Link(None)) }
    }

    fn named(name: &str, value: Text) -> Link {
        Link(Some(Attribute { name: name.into(), value }))
    }

    pub(super) fn into_attribute(self) -> Option<Attribute> {
        self.0
    }

    /// Adds the link to the elements in an extension that do not have it yet.
    pub(super) fn tie(extension: &mut Extension, link: &Attribute) {
        for child in &mut extension.element.children {
            if let Node::Element(element) = child
                && element.attribute(&link.name).is_none()
            {
                element.attributes.push(link.clone());
            }
        }
    }

    /// Removes the link from a part that is no longer in an extension.
    pub(super) fn strip(extra: &mut Extra) {
        if !extra.is_empty() {
            extra.attributes.retain(|one| !is_link(one));
        }
    }

    /// The index of the linear creative that the parts in an extension belong to: the creative that they name, or else the
    /// first linear creative at or after the index `default`.
    pub(super) fn target(extension: &Extension, creatives: &[Creative], default: usize) -> Option<usize> {
        let named = extension.element.elements().find_map(|element| element.attribute(CREATIVE));
        match named {
            Some(id) => creatives.iter().position(|creative| is_linear(creative) && creative.id.as_ref() == Some(id)),
            None => (default..creatives.len()).find(|index| is_linear(&creatives[*index])),
        }
    }
}

/// Whether this attribute links an element to a creative.
pub(super) fn is_link(attribute: &Attribute) -> bool {
    [CREATIVE, MEDIA_FILE].iter().any(|link| attribute.name.eq_ignore_ascii_case(link))
}

fn is_linear(creative: &Creative) -> bool {
    creative.linear.is_some()
}

fn has_media_file(creative: &Creative, id: &Text) -> bool {
    creative.linear.as_ref().is_some_and(|linear| linear.media_files.iter().any(|file| file.id.as_ref() == Some(id)))
}
