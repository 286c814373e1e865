//! [`Place`]: where a document has what older versions put elsewhere.

/// Where a document has a part that older versions put into an extension (VAST CTV Addendum 2024; VAST 4.3,
/// section 1.8). The extension itself is kept too, so a writer need not write such a part twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Place {
    /// At the place that the standard gives it.
    #[default]
    Native,
    /// In an `Extension` or `CreativeExtension` of the part's name.
    Extension,
}
