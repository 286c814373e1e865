//! [`Layout`]: how a document wrote a part, where that is not how the writer would.

use crate::Text;
use crate::xml::Script;
use std::fmt;

/// How the document wrote a part: the order of its children and attributes, names in another case or with a prefix,
/// values in another spelling (`640px`, `1` for `true`), empty elements, comments.
///
/// Empty, and without any cost, where the document wrote the part as [`write`](crate::write) would. Otherwise it is what
/// [`write_as_read`](crate::write_as_read) follows. It says nothing that is not also in the fields beside it, and the
/// fields win: a spelling is used only as long as its field has the value that it was read as, and what is not there
/// any more is left out. To let a part be written anew, put the default here.
///
/// All layouts are equal: parts that differ only in how they were written are the same part.
#[derive(Clone, Default)]
pub struct Layout {
    /// The steps of writing the part, as `xml::shape` has them.
    pub(crate) script: Vec<u8>,
    /// The texts that they need, in the order in which they need them.
    pub(crate) texts: Vec<Text>,
}

impl Layout {
    /// The layout of a part that is written as the writer would; constant, so that the absent one is too.
    pub(super) const NONE: Layout = Layout { script: Vec::new(), texts: Vec::new() };

    /// Adds steps behind all others, with the text that they need.
    pub(crate) fn add(&mut self, steps: impl IntoIterator<Item = u8>, text: Option<Text>) {
        self.script.extend(steps);
        self.texts.extend(text);
    }

    pub(crate) fn script(&self) -> Script<'_> {
        Script::new(&self.script, &self.texts)
    }

    /// Whether the document wrote the part as the writer would.
    pub fn is_empty(&self) -> bool {
        self.script.is_empty()
    }
}

impl PartialEq for Layout {
    fn eq(&self, _: &Layout) -> bool {
        true
    }
}

impl Eq for Layout {}

impl fmt::Debug for Layout {
    /// The steps in short, on one line: `Duration TrackingEvents[Tracking] MediaFiles[MediaFile]`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Layout({})", self.script())
    }
}
