//! A result as text, with messages about it.

/// A result as text.
pub(crate) struct Rendered {
    /// The text for stdout.
    pub(crate) bytes: Vec<u8>,
    /// Lines for stderr.
    pub(crate) messages: Vec<String>,
}

impl From<Vec<u8>> for Rendered {
    /// Text without messages.
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, messages: Vec::new() }
    }
}
