//! `Extensions` and `CreativeExtensions` (VAST 4.3, sections 3.18 and 3.7.2).

use super::Element;
use crate::Text;

/// One `Extension` or `CreativeExtension`: free XML, kept whole.
///
/// XML that stands directly in `Extensions`, as VAST 3.0 shows it, is an extension without a type whose element is that
/// XML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extension {
    /// `@type`: what the extension is. Compare it without regard to case.
    pub extension_type: Option<Text>,
    /// The `Extension` element itself with all its attributes, `type` included.
    pub element: Element,
}

impl Extension {
    /// Whether `@type` is this one, in any case.
    pub fn is(&self, extension_type: &str) -> bool {
        self.extension_type.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(extension_type))
    }
}
