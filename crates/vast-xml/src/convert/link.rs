//! [`Link`]: how a part in an extension of the ad says which creative it belongs to (VAST CTV Addendum 2024).

use super::change::ChangeKind;
use super::walk::Walk;
use crate::Text;
use crate::model::{Attribute, Creative, Extension, Extra, Node};
use crate::xml::{Key, Name};

const CREATIVE: &str = "creativeId";
const MEDIA_FILE: &str = "mediaFileId";

/// The attribute, or nothing where the part belongs to the first creative anyway.
pub(super) struct Link(Option<Attribute>);

impl Link {
    /// The link from a part to this creative. Ids that it needs are filled in; none if they lead to another creative.
    pub(super) fn to(walk: &mut Walk, creatives: &mut [Creative], index: usize, part: Name) -> Option<Link> {
        match part {
            Name::Mezzanine | Name::InteractiveCreativeFile | Name::Icon => Link::to_media_file(walk, creatives, index),
            Name::UniversalAdId => Link::to_creative(walk, creatives, index, |_| true),
            _ => Link::to_creative(walk, creatives, index, is_linear),
        }
    }

    /// `may_have` says which creatives may have the part: servers give one id to several.
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

    /// Puts a link to the parts in an extension that have none.
    pub(super) fn tie(extension: &mut Extension, link: &Attribute) {
        for child in &mut extension.element.children {
            if let Node::Element(element) = child
                && element.attribute(&link.name).is_none()
            {
                element.attributes.push(link.clone());
            }
        }
    }

    /// Removes the link of a part that is at its own place.
    pub(super) fn strip(extra: &mut Extra) {
        if !extra.is_empty() {
            extra.attributes.retain(|one| !is_link(one));
        }
    }

    /// The linear creative that the parts in an extension belong to: the one that they name, else the first from `default`
    /// on.
    pub(super) fn target(extension: &Extension, creatives: &[Creative], default: usize) -> Option<usize> {
        let named = extension.element.elements().find_map(|element| element.attribute(CREATIVE));
        match named {
            Some(id) => creatives.iter().position(|creative| is_linear(creative) && creative.id.as_ref() == Some(id)),
            None => (default..creatives.len()).find(|index| is_linear(&creatives[*index])),
        }
    }
}

/// Whether this attribute ties an element to a creative.
pub(super) fn is_link(attribute: &Attribute) -> bool {
    [CREATIVE, MEDIA_FILE].iter().any(|link| attribute.name.eq_ignore_ascii_case(link))
}

fn is_linear(creative: &Creative) -> bool {
    creative.linear.is_some()
}

fn has_media_file(creative: &Creative, id: &Text) -> bool {
    creative.linear.as_ref().is_some_and(|linear| linear.media_files.iter().any(|file| file.id.as_ref() == Some(id)))
}
