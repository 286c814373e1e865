//! Which icons are shown.

use std::collections::HashSet;

use vast_xml::model::{Creative, Icon};

use super::inherited::Inherited;
use super::place::{Placed, placed};
use super::resolved::ResolvedAd;

impl ResolvedAd {
    /// Icons of the `InLine`'s creative number `creative` and of every creative of its kind above it, nearest first: of several
    /// of one program only the first (VAST 4.3 section 3.11). One without a program is a program of its own.
    pub fn icons(&self, creative: usize) -> Vec<Inherited<'_, Icon>> {
        let icons = self.placed_icons(creative).into_iter();
        icons.map(|icon| Inherited { hop: icon.place.hop, item: icon.item }).collect()
    }

    /// The same with their places.
    pub fn placed_icons(&self, creative: usize) -> Vec<Placed<'_, Icon>> {
        let Some(own) = self.inline.creatives.get(creative) else { return Vec::new() };
        let icons_of = match own {
            Creative { linear: Some(_), .. } => of_linear,
            Creative { non_linear_ads: Some(_), .. } => of_non_linear_ads,
            _ => return Vec::new(),
        };
        let above = self.levels_above().rev().flat_map(|level| {
            let creatives = level.creatives.iter().enumerate();
            creatives.flat_map(move |(number, creative)| placed(level.hop(), number, icons_of(creative)))
        });
        let icons = placed(self.hop(), creative, icons_of(own)).chain(above);
        let mut programs = HashSet::new();
        icons.filter(|icon| program(icon.item).is_none_or(|program| programs.insert(program))).collect()
    }
}

fn of_linear(creative: &Creative) -> &[Icon] {
    creative.linear.as_ref().map_or(&[], |linear| &linear.icons)
}

/// Since VAST 4.4.
fn of_non_linear_ads(creative: &Creative) -> &[Icon] {
    creative.non_linear_ads.as_ref().map_or(&[], |ads| &ads.icons)
}

fn program(icon: &Icon) -> Option<String> {
    let name = icon.program.as_deref().map(str::trim).filter(|name| !name.is_empty())?;
    Some(name.to_ascii_lowercase())
}
