//! Which icons are shown.

use std::collections::HashSet;

use vast_xml::model::Icon;

use super::inherited::Inherited;
use super::resolved::ResolvedAd;

impl ResolvedAd {
    /// Icons of the `InLine`'s creative number `creative` and of every `Linear` above it, nearest first: of several of one
    /// program only the first (VAST 4.3 section 3.11). One without a program is a program of its own.
    pub fn icons(&self, creative: usize) -> Vec<Inherited<'_, Icon>> {
        let Some(own) = self.inline.creatives.get(creative).and_then(|creative| creative.linear.as_ref()) else {
            return Vec::new();
        };
        let above = self.levels_above().rev();
        let above = above.flat_map(|level| level.linears().flat_map(move |linear| level.inherit(&linear.icons)));
        let icons = self.own_level().inherit(&own.icons).chain(above);
        let mut programs = HashSet::new();
        icons.filter(|icon| program(icon.item).is_none_or(|program| programs.insert(program))).collect()
    }
}

fn program(icon: &Icon) -> Option<String> {
    let name = icon.program.as_deref().map(str::trim).filter(|name| !name.is_empty())?;
    Some(name.to_ascii_lowercase())
}
