//! Parts that documents of older versions have in extensions (VAST CTV Addendum 2024; VAST 4.3, section 1.8).
//!
//! The extensions are kept as they are. The standard's parts in them are also read into the fields of the model, unless the
//! document already has such a part in the standard's own place.

use super::extension::ExtensionParts;
use super::icon::icon;
use super::leaf::universal_ad_id;
use super::media::{interactive_creative_file, mezzanine};
use super::verification::{verification, verifications};
use crate::attributes::{Attributed, Placed};
use crate::model::{
    Creative, Extra, Icon, InteractiveCreativeFile, Linear, Mezzanine, Place, UniversalAdId, Verification,
};
use crate::text::Text;
use crate::xml::{Cursor, Name, Parsed};
use std::collections::{HashMap, HashSet};

/// The standard's parts in the extensions of an ad or a creative.
#[derive(Default)]
pub(super) struct Addendum {
    verifications: Vec<Verification>,
    universal_ad_ids: Vec<UniversalAdId>,
    interactive_creative_files: Vec<InteractiveCreativeFile>,
    mezzanines: Vec<Mezzanine>,
    icons: Vec<Icon>,
}

impl Addendum {
    /// Reads these extensions a second time, each for the part that its `type` names.
    pub(super) fn read(cursor: &mut Cursor<'_>, extensions: ExtensionParts) -> Parsed<Addendum> {
        let mut addendum = Addendum::default();
        for (part, range) in extensions {
            cursor.again(range, |cursor| {
                // This child is the extension itself, or `AdVerifications` in the place of an extension.
                cursor.child()?;
                while let Some(child) = cursor.child()? {
                    addendum.part(cursor, part, child)?;
                }
                Ok(())
            })?;
        }
        Ok(addendum)
    }

    fn part(&mut self, cursor: &mut Cursor<'_>, part: Name, child: Name) -> Parsed<()> {
        match (part, child) {
            (Name::AdVerifications, Name::AdVerifications) => {
                verifications(cursor, &mut self.verifications, &mut Extra::default())
            }
            (Name::AdVerifications, Name::Verification) => {
                self.verifications.push(verification(cursor)?);
                Ok(())
            }
            (Name::UniversalAdId, Name::UniversalAdId) => {
                universal_ad_id(cursor, &mut self.universal_ad_ids, &mut Extra::default())
            }
            (Name::InteractiveCreativeFile, Name::InteractiveCreativeFile) => {
                self.interactive_creative_files.extend(interactive_creative_file(cursor, &mut Extra::default())?);
                Ok(())
            }
            (Name::Mezzanine, Name::Mezzanine) => mezzanine(cursor, &mut self.mezzanines, &mut Extra::default()),
            (Name::Icon, Name::Icon) => {
                self.icons.push(icon(cursor)?);
                Ok(())
            }
            _ => cursor.skip(),
        }
    }

    /// Adds to an ad the verifications that it does not have yet. Some servers write a verification twice, once for old
    /// players.
    pub(super) fn give_verifications(&mut self, into: &mut Vec<Verification>) {
        let carried = std::mem::take(&mut self.verifications);
        // The verifications are compared as texts in a set, because comparing all pairs of a hostile document would
        // take too long.
        let said = |verification: &Verification| format!("{verification:?}");
        let native: HashSet<String> = if carried.is_empty() { HashSet::new() } else { into.iter().map(said).collect() };
        for mut verification in carried {
            if native.is_empty() || !native.contains(&said(&verification)) {
                verification.place = Place::Extension;
                into.push(verification);
            }
        }
    }

    /// Adds the other parts to the creatives that they name, or else to the first suitable one.
    pub(super) fn give(self, creatives: &mut [Creative]) {
        if !self.universal_ad_ids.is_empty() {
            give_ids(self.universal_ad_ids, creatives);
        }
        if self.interactive_creative_files.is_empty() && self.mezzanines.is_empty() && self.icons.is_empty() {
            return;
        }
        let media_files = MediaFiles::of(creatives);
        give_to_linears(self.interactive_creative_files, creatives, &media_files);
        give_to_linears(self.mezzanines, creatives, &media_files);
        give_to_linears(self.icons, creatives, &media_files);
    }
}

fn give_ids(ids: Vec<UniversalAdId>, creatives: &mut [Creative]) {
    let named = creatives.iter().enumerate().rev();
    let named: HashMap<Text, usize> =
        named.filter_map(|(index, creative)| Some((creative.id.clone()?, index))).collect();
    for mut id in ids {
        id.place = Place::Extension;
        let target = link(&id.extra, "creativeId").and_then(|creative| named.get(&creative)).copied().unwrap_or(0);
        if let Some(creative) = creatives.get_mut(target)
            && creative.universal_ad_ids.first().is_none_or(|first| first.place == Place::Extension)
        {
            creative.universal_ad_ids.push(id);
        }
    }
}

/// The index of the creative for each `MediaFile@id`, and the index of the first linear creative.
struct MediaFiles {
    by_id: HashMap<Text, usize>,
    first_linear: Option<usize>,
}

impl MediaFiles {
    fn of(creatives: &[Creative]) -> MediaFiles {
        let mut found = MediaFiles { by_id: HashMap::new(), first_linear: None };
        for (index, linear) in
            creatives.iter().enumerate().filter_map(|(index, own)| Some((index, own.linear.as_ref()?)))
        {
            found.first_linear.get_or_insert(index);
            for id in linear.media_files.iter().filter_map(|file| file.id.as_ref()) {
                found.by_id.entry(id.clone()).or_insert(index);
            }
        }
        found
    }

    /// The creative with this media file, or else the first linear one.
    fn creative(&self, media_file: Option<Text>) -> Option<usize> {
        media_file.and_then(|id| self.by_id.get(&id).copied()).or(self.first_linear)
    }
}

/// A part of linear ads.
trait LinearPart: Attributed + Placed + Sized {
    fn list(linear: &mut Linear) -> &mut Vec<Self>;
}

impl LinearPart for InteractiveCreativeFile {
    fn list(linear: &mut Linear) -> &mut Vec<InteractiveCreativeFile> {
        &mut linear.interactive_creative_files
    }
}

impl LinearPart for Mezzanine {
    fn list(linear: &mut Linear) -> &mut Vec<Mezzanine> {
        &mut linear.mezzanines
    }
}

impl LinearPart for Icon {
    fn list(linear: &mut Linear) -> &mut Vec<Icon> {
        &mut linear.icons
    }
}

/// Adds each part to the linear ad with the media file that it names, or else to the first linear ad. A linear ad that has
/// such parts in the standard's own place gets none.
fn give_to_linears<T: LinearPart>(parts: Vec<T>, creatives: &mut [Creative], media_files: &MediaFiles) {
    for mut part in parts {
        *part.place_mut() = Place::Extension;
        let target = media_files.creative(link(part.extra(), "mediaFileId"));
        let Some(linear) = target.and_then(|index| creatives.get_mut(index)?.linear.as_mut()) else { return };
        let list = T::list(linear);
        if list.first().is_none_or(|first| first.place() == Place::Extension) {
            list.push(part);
        }
    }
}

/// The value of the attribute that names the creative or media file of a part.
fn link(extra: &Extra, name: &str) -> Option<Text> {
    let mut attributes = extra.attributes.iter();
    attributes.find(|attribute| attribute.name.eq_ignore_ascii_case(name)).map(|found| found.value.clone())
}
