//! The style and the script of the pages.

/// The style.
pub(in crate::admin) const STYLE: &[u8] = include_bytes!("dashboard.css");
/// The script.
pub(in crate::admin) const SCRIPT: &[u8] = include_bytes!("dashboard.js");
