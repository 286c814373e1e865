//! The attributes of a start tag.

use super::form::Form;
use crate::Text;
use crate::model::{self, Offset};
use crate::spelling::Spelled;
use crate::xml::{Emit, Key, Script, Step};

/// A start tag that is given its attributes. Where the document had them in another order or spelling, they are collected
/// first.
pub(crate) struct Tag<'w> {
    out: &'w mut Emit,
    form: Form,
    /// It is one of a list of URLs: what holds for all of them is said around them.
    pub(crate) is_listed: bool,
    collected: Option<Vec<Collected>>,
}

struct Collected {
    key: Key,
    /// The name of an unknown attribute, or of a known one at the wrong place.
    name: Option<Text>,
    value: String,
}

impl<'w> Tag<'w> {
    /// The tag in hand; `script` says how its attributes were written.
    pub(crate) fn new(out: &'w mut Emit, form: Form, is_listed: bool, script: Script<'_>) -> Tag<'w> {
        let collected = script.has_attributes().then(Vec::new);
        Tag { out, form, is_listed, collected }
    }

    /// A text, if there is one.
    pub(crate) fn text(&mut self, key: Key, value: Option<&Text>) {
        self.word(key, value.map(Text::as_str));
    }

    /// One of a few words, if it is said.
    pub(crate) fn word(&mut self, key: Key, value: Option<&str>) {
        let Some(value) = value else { return };
        match &mut self.collected {
            None => self.out.attribute(key, value),
            Some(collected) => collected.push(Collected { key, name: None, value: value.to_owned() }),
        }
    }

    /// A number or a truth value, if there is one.
    pub(crate) fn value(&mut self, key: Key, value: Option<impl Spelled>) {
        let Some(value) = value else { return };
        match &mut self.collected {
            None => self.out.plain_attribute(key, |out| value.spell(out)),
            Some(collected) => collected.push(Collected { key, name: None, value: value.spelled() }),
        }
    }

    /// A point in time, if there is one.
    pub(crate) fn offset(&mut self, key: Key, offset: Option<Offset>) {
        match (self.form, offset) {
            (Form::Canonical, Some(offset)) => self.word(key, Some(&offset.to_string())),
            _ => self.value(key, offset),
        }
    }

    /// One that the model does not know.
    pub(crate) fn unknown(&mut self, name: &str, value: &str) {
        self.out.attribute_named(name, value);
    }

    /// The unknown ones, and the end of the tag.
    pub(crate) fn close(mut self, script: Script<'_>, unknown: &[model::Attribute]) {
        let Some(mut collected) = self.collected.take() else {
            unknown.iter().for_each(|attribute| self.out.attribute_named(&attribute.name, &attribute.value));
            return;
        };
        collected.extend(unknown.iter().map(|attribute| Collected {
            key: Key::find(&attribute.name).0,
            name: Some(attribute.name.clone()),
            value: attribute.value.to_string(),
        }));
        follow(self.out, script, &mut collected);
        for attribute in collected {
            self.out.attribute_named(attribute.name.as_deref().unwrap_or(attribute.key.as_str()), &attribute.value);
        }
    }
}

/// Writes the attributes that the document had, in its order, and leaves the others.
fn follow(out: &mut Emit, script: Script<'_>, collected: &mut Vec<Collected>) {
    let mut name = None;
    let mut spelling = (None, None);
    for step in script {
        match step {
            Step::AttributeNamed(written) => name = Some(written),
            Step::Spelled(canonical, written) => spelling = (canonical, written),
            Step::Attribute(key) => {
                let found = collected.iter().position(|attribute| attribute.key == key);
                let found = found.map(|index| collected.remove(index));
                one(out, key, found.as_ref(), name.take(), std::mem::take(&mut spelling));
            }
            _ => {}
        }
    }
}

/// Writes one attribute that the document had. It may have had it where the model has no value, and the other way round.
fn one(
    out: &mut Emit,
    key: Key,
    found: Option<&Collected>,
    name: Option<&Text>,
    (canonical, written): (Option<&Text>, Option<&Text>),
) {
    let is_spelled = canonical.is_some() || written.is_some();
    let is_unchanged = found.map(|found| found.value.as_str()) == canonical.map(Text::as_str);
    let value = match found {
        _ if is_spelled && is_unchanged => written.map(Text::as_str),
        found => found.map(|found| found.value.as_str()),
    };
    let own_name = found.and_then(|found| found.name.as_ref());
    let name = own_name.or(name).map_or(key.as_str(), Text::as_str);
    if let Some(value) = value {
        out.attribute_named(name, value);
    }
}
