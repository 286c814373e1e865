//! `AdParameters` (VAST 4.3, sections 3.8.2, 3.12.1 and 3.13.1).

use super::Extra;
use crate::Text;

/// `AdParameters`: data for the creative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdParameters {
    /// The data to hand to the creative: decoded once more where `@xmlEncoded` asks for it.
    pub value: Text,
    /// The data as the document has it.
    pub raw: Text,
    /// `@xmlEncoded` (since 3.0). Absent means false.
    pub xml_encoded: Option<bool>,
    /// `@apiFramework` (1.0 only).
    pub api_framework: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}
