//! The text before the first tag.

use crate::drafts::Drafts;
use crate::outline::Outline;
use crate::rule::Rule;

/// Reports blanks before the XML declaration, which must be at the start of the document.
pub(super) fn blank_before_declaration(outline: &Outline<'_>, drafts: &mut Drafts) {
    let rest = outline.text.trim_start();
    let blanks = outline.text.len() - rest.len();
    if blanks > 0 && rest.starts_with("<?xml ") {
        let declaration = blanks..blanks + rest.find("?>").map_or("<?xml".len(), |end| end + 2);
        drafts.add(Rule::BlankBeforeDeclaration, declaration, "blanks stand before the XML declaration");
    }
}
