//! [`Page`]: what a command shows.

/// A result as text.
pub(crate) struct Page {
    /// For stdout.
    pub(crate) bytes: Vec<u8>,
    /// Lines for stderr.
    pub(crate) said: Vec<String>,
}

impl From<Vec<u8>> for Page {
    /// With nothing to say.
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, said: Vec::new() }
    }
}
