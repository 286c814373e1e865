//! The root and its ads (VAST 4.3, sections 3.2 and 3.3).

use super::form::Form;
use super::inline::InLinePart;
use super::part::{Content, Leaf, Part, Writer};
use super::tag::Tag;
use super::wrapper::WrapperPart;
use crate::model::{Ad, AdKind, AdType, Extra, Vast};
use crate::xml::{Key, Name};

/// The version written for a document that states none: the schema that the order of the elements follows.
const VERSION: &str = "4.2";
/// The namespace of the schemas since 4.0.
const NAMESPACE: &str = "http://www.iab.com/VAST";

/// The root, of which the form decides what has to be stated.
pub(crate) struct Root<'a> {
    pub(crate) vast: &'a Vast,
    pub(crate) form: Form,
}

impl Part for Root<'_> {
    fn extra(&self) -> &Extra {
        &self.vast.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        let version = self.vast.version.as_deref();
        if self.form == Form::AsRead {
            return tag.word(Key::Version, version);
        }
        tag.word(Key::Version, Some(version.unwrap_or(VERSION)));
        let declares = self.vast.extra.attributes.iter().any(|attribute| attribute.name == "xmlns");
        if self.is_four() && !declares {
            tag.unknown("xmlns", NAMESPACE);
        }
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::Ad => self.vast.ads.len(),
            Name::Error => self.vast.errors.len(),
            _ => 0,
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        match name {
            Name::Ad => writer.part(name, &self.vast.ads[index]),
            _ => writer.leaf(name, leaf, |_| {}, Content::Uri(&self.vast.errors[index])),
        }
    }
}

impl Root<'_> {
    /// Whether the version has a namespace. One that is no number has none.
    fn is_four(&self) -> bool {
        self.vast.version.is_none() || self.vast.version_number().is_some_and(|(major, _)| major >= 4)
    }
}

impl Part for Ad {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::Id, self.id.as_ref());
        tag.value(Key::Sequence, self.sequence);
        tag.value(Key::ConditionalAd, self.conditional_ad);
        tag.word(Key::AdType, self.ad_type.as_ref().map(AdType::as_str));
    }

    fn count(&self, name: Name) -> usize {
        usize::from(match self.kind {
            AdKind::InLine(_) => name == Name::InLine,
            AdKind::Wrapper(_) => name == Name::Wrapper,
        })
    }

    fn item(&self, writer: &mut Writer, name: Name, _: usize, _: Leaf<'_, '_>) {
        match &self.kind {
            AdKind::InLine(inline) => writer.part(name, &InLinePart::new(inline, writer.form)),
            AdKind::Wrapper(wrapper) => writer.part(name, &WrapperPart::new(wrapper, writer.form)),
        }
    }
}
