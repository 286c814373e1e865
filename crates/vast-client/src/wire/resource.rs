//! The resources of a companion, a nonlinear ad or an icon.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::model;

/// The kinds of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ResourceKind {
    /// An image or a script.
    Static,
    /// A page.
    IFrame,
    /// HTML code.
    Html,
    /// A kind that this version does not know.
    Other,
}

/// A resource of a creative (VAST 4.3 section 3.15). Several resources of one creative are alternatives.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Resource<'a> {
    /// The kind of the resource.
    pub kind: ResourceKind,
    /// The URL of the image, script or page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<&'a str>,
    /// The MIME type of the image or script.
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<&'a str>,
    /// The HTML code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<&'a str>,
}

impl<'a> Resource<'a> {
    pub(super) fn list(resources: &'a [model::Resource]) -> Vec<Self> {
        resources.iter().map(Self::from).collect()
    }
}

impl<'a> From<&'a model::Resource> for Resource<'a> {
    fn from(resource: &'a model::Resource) -> Self {
        let empty = |kind| Self { kind, url: None, mime_type: None, content: None };
        match resource {
            model::Resource::Static(file) => {
                Self { url: Some(&file.url), mime_type: file.creative_type.as_deref(), ..empty(ResourceKind::Static) }
            }
            model::Resource::IFrame(url) => Self { url: Some(url), ..empty(ResourceKind::IFrame) },
            model::Resource::Html(html) => Self { content: Some(&html.content), ..empty(ResourceKind::Html) },
            _ => empty(ResourceKind::Other),
        }
    }
}
