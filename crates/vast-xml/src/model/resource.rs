//! Data that a player gets unchanged: resources (VAST 4.3, section 3.15) and `AdParameters` (sections 3.8.2, 3.12.1 and
//! 3.13.1).

use super::Extra;
use crate::text::Text;

/// One way to show a companion, non-linear ad or icon. Several resources of one creative are alternatives, of which the
/// player shows one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resource {
    /// `StaticResource`: an image, or a script.
    Static(StaticResource),
    /// `IFrameResource`: the URL of a page.
    IFrame(Text),
    /// `HTMLResource`: HTML code. Some old documents have a URL here.
    Html(HtmlResource),
}

/// `StaticResource` (3.15.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StaticResource {
    /// The URL of the resource.
    pub url: Text,
    /// `@creativeType`: the MIME type. VAST 1.0 also has words such as `JPEG`.
    pub creative_type: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}

/// `HTMLResource` (3.15.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HtmlResource {
    /// The HTML code. If `@xmlEncoded` is true, its references are decoded a second time.
    pub content: Text,
    /// The HTML code before the second decoding.
    pub raw: Text,
    /// `@xmlEncoded` (3.0, removed in 4.0).
    pub xml_encoded: Option<bool>,
    /// Unknown parts.
    pub extra: Extra,
}

/// `AdParameters`: data for the creative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdParameters {
    /// The data for the creative. If `@xmlEncoded` is true, its references are decoded a second time.
    pub value: Text,
    /// The data before the second decoding.
    pub raw: Text,
    /// `@xmlEncoded` (since 3.0). Absent means false.
    pub xml_encoded: Option<bool>,
    /// `@apiFramework` (1.0 only).
    pub api_framework: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}
