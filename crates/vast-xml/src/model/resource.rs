//! What is handed to a player as it is: resources (VAST 4.3, section 3.15) and `AdParameters` (sections 3.8.2, 3.12.1 and
//! 3.13.1).

use super::Extra;
use crate::Text;

/// One way to show a companion, non-linear ad or icon. Several of one creative are alternatives, not parts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resource {
    /// `StaticResource`: an image, or a script.
    Static(StaticResource),
    /// `IFrameResource`: the URL of a page.
    IFrame(Text),
    /// `HTMLResource`: HTML code, in old tags sometimes a URL.
    Html(HtmlResource),
}

/// `StaticResource` (3.15.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StaticResource {
    /// Where it is.
    pub url: Text,
    /// `@creativeType`: the MIME type, in 1.0 also bare words such as `JPEG`.
    pub creative_type: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}

/// `HTMLResource` (3.15.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HtmlResource {
    /// The code, decoded once more where `@xmlEncoded` asks for it.
    pub content: Text,
    /// The code as the document has it.
    pub raw: Text,
    /// `@xmlEncoded` (3.0, withdrawn in 4.0).
    pub xml_encoded: Option<bool>,
    /// Unknown parts.
    pub extra: Extra,
}

/// `AdParameters`: data for the creative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
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
