//! `Extensions` and `CreativeExtensions` (VAST 4.3, sections 3.18 and 3.7.2).

use super::element::{attributes, content};
use super::form::Form;
use super::part::Writer;
use crate::model::{Creative, Extension};
use crate::xml::{Key, Name, Script};

/// Writes an extension, of which `own` is the name. The element has its type among its attributes, unless it was put
/// together by hand.
pub(crate) fn extension(writer: &mut Writer, extension: &Extension, own: Name) {
    let out = &mut writer.out;
    let tree = &extension.element;
    if tree.name.is_empty() {
        out.start(own);
    } else {
        out.start_named(&tree.name);
    }
    attributes(out, tree);
    if let (None, Some(extension_type)) = (tree.attribute(Key::Type.as_str()), &extension.extension_type) {
        out.attribute_named(Key::Type.as_str(), extension_type);
    }
    content(out, tree);
}

/// Where the extensions of a creative stand: VAST 3.0 has them under `Linear` and `NonLinear`, and what was read there is
/// written there.
pub(super) struct Claims<'a> {
    pub(super) own: Vec<&'a Extension>,
    pub(super) linear: &'a [Extension],
    pub(super) non_linears: Vec<&'a [Extension]>,
}

impl<'a> Claims<'a> {
    pub(super) fn of(creative: &'a Creative, form: Form) -> Claims<'a> {
        let mut claims = Claims { own: Vec::new(), linear: &[], non_linears: Vec::new() };
        let mut list = creative.creative_extensions.as_slice();
        if list.is_empty() {
            return claims;
        }
        let script = creative.extra.layout.script();
        if form == Form::AsRead && script.has_content() {
            script.children().for_each(|(name, body)| claims.claim(creative, name, body, &mut list));
        } else if form == Form::AsRead {
            claims.share(creative, &mut list);
        }
        claims.own.extend(list);
        claims
    }

    /// Gives a child of the creative those that the document had in it.
    fn claim(&mut self, creative: &'a Creative, name: Name, body: Script<'a>, list: &mut &'a [Extension]) {
        match name {
            Name::CreativeExtensions => self.own.extend(take(list, count(body))),
            Name::Linear => {
                let number = creative.linear.as_ref().map_or(0, |linear| in_groups(linear.extra.layout.script()));
                self.linear = take(list, number);
            }
            Name::NonLinearAds => {
                let ads = creative.non_linear_ads.iter().flat_map(|ads| &ads.non_linears);
                let numbers = ads.map(|ad| in_groups(ad.extra.layout.script()));
                self.non_linears.extend(numbers.map(|number| take(list, number)));
            }
            _ => {}
        }
    }

    /// The same where the children stand in canonical order: the creative's own ones first.
    fn share(&mut self, creative: &'a Creative, list: &mut &'a [Extension]) {
        let linear = creative.linear.iter().map(|linear| &linear.extra);
        let ads = creative.non_linear_ads.iter().flat_map(|ads| &ads.non_linears).map(|ad| &ad.extra);
        let claimed: usize = linear.chain(ads).map(|extra| in_groups(extra.layout.script())).sum();
        self.own.extend(take(list, list.len().saturating_sub(claimed)));
        self.claim(creative, Name::Linear, Script::default(), list);
        self.claim(creative, Name::NonLinearAds, Script::default(), list);
    }
}

/// How many extensions the document had in the groups of a part.
fn in_groups(script: Script<'_>) -> usize {
    script.children().filter(|(name, _)| *name == Name::CreativeExtensions).map(|(_, body)| count(body)).sum()
}

fn count(group: Script<'_>) -> usize {
    group.children().filter(|(name, _)| *name == Name::CreativeExtension).count()
}

fn take<'a>(list: &mut &'a [Extension], number: usize) -> &'a [Extension] {
    let (taken, rest) = list.split_at(number.min(list.len()));
    *list = rest;
    taken
}
