//! Parts that the document has in extensions (VAST CTV Addendum 2024; VAST 4.3, section 1.8): they are written with
//! those, not a second time.

use crate::model::{Extension, Icon, InteractiveCreativeFile, Mezzanine, Place, UniversalAdId, Verification};
use crate::xml::Name;

/// The extensions in which parts of an ad or a creative may stand.
#[derive(Clone, Copy)]
pub(super) struct Carried<'a> {
    pub(super) of_ad: &'a [Extension],
    pub(super) of_creative: &'a [Extension],
}

impl<'a> Carried<'a> {
    /// What of a list has to be written at its own place: nothing if an extension has it all. Of a mixed list
    /// everything, since readers look into extensions only when there is nothing at the place itself.
    pub(super) fn others<'l, T: Placed>(&self, part: Name, list: &'l [T]) -> &'l [T] {
        let all = list.iter().all(|item| item.place() == Place::Extension);
        if all && self.has(part) { &[] } else { list }
    }

    fn has(&self, part: Name) -> bool {
        let mut types = self.of_ad.iter().chain(self.of_creative).filter_map(|one| one.extension_type.as_deref());
        types.any(|extension_type| extension_type.trim().eq_ignore_ascii_case(part.as_str()))
    }
}

/// A part that knows where its document has it.
pub(super) trait Placed {
    fn place(&self) -> Place;
}

macro_rules! placed {
    ($($part:ident)*) => {
        $(impl Placed for $part {
            fn place(&self) -> Place {
                self.place
            }
        })*
    };
}

placed! { Icon InteractiveCreativeFile Mezzanine UniversalAdId Verification }
