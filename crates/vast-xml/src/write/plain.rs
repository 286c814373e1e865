//! Writing a part in canonical order: one that the document had so, that was made by hand, or that has to be so.

use super::follow::Follow;
use super::part::{Leaf, Part, Writer};
use super::rest::Rest;
use crate::xml::{Name, children, is_group};

impl Writer {
    /// Writes a part with everything in it.
    pub(crate) fn part(&mut self, name: Name, part: &dyn Part) {
        let Some(script) = self.start_part(name, part) else { return };
        if script.has_content() {
            Follow::new(self, part, script).run(name, &part.extra().elements);
        } else {
            let rest = Rest::of(name, part.extra());
            self.children(name, part, &rest);
            rest.close(&mut self.out, name);
        }
        self.out.end();
    }

    fn children(&mut self, parent: Name, part: &dyn Part, rest: &Rest<'_>) {
        for name in children(parent) {
            if is_group(*name) {
                self.group(*name, part, rest);
            } else {
                (0..part.count(*name)).for_each(|index| part.item(self, *name, index, Leaf::New(rest, index)));
            }
        }
    }

    fn group(&mut self, name: Name, part: &dyn Part, rest: &Rest<'_>) {
        if has_any(name, part) || rest.is_in(name) {
            self.start_group(name, Default::default(), &rest.attributes_of(name));
            self.children(name, part, rest);
            rest.close_group(&mut self.out, name);
            self.out.end();
        }
    }
}

/// Whether there is anything in a group.
fn has_any(group: Name, part: &dyn Part) -> bool {
    children(group).iter().any(|name| if is_group(*name) { has_any(*name, part) } else { part.count(*name) > 0 })
}
