//! Verification code of vendors that measure ads.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::model;

use super::tracker::TrackingEvents;
use crate::ad::Inherited;

/// The code of a vendor that measures the ad (VAST 4.3 section 3.17).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Verification<'a> {
    /// The vendor, for example `company.com-omid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<&'a str>,
    /// The document that contains it. 0 is the source's own document.
    pub hop: u32,
    /// The code: alternatives for different players.
    pub resources: Vec<VerificationResource<'a>>,
    /// The parameters for the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<&'a str>,
    /// Trackers by event. For verifications VAST defines `verificationNotExecuted` only.
    pub tracking_events: TrackingEvents<'a>,
}

impl<'a> Verification<'a> {
    /// The verifications of a single document, without wrappers.
    pub(super) fn own(verifications: &'a [model::Verification]) -> Vec<Self> {
        verifications.iter().map(|item| Inherited { hop: 0, item }.into()).collect()
    }
}

impl<'a> From<Inherited<'a, model::Verification>> for Verification<'a> {
    fn from(Inherited { hop, item: verification }: Inherited<'a, model::Verification>) -> Self {
        Self {
            vendor: verification.vendor.as_deref(),
            hop,
            resources: verification.resources.iter().map(VerificationResource::from).collect(),
            parameters: verification.parameters.as_deref(),
            tracking_events: TrackingEvents::own(&verification.tracking_events, hop),
        }
    }
}

/// The runtime that verification code needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ResourceRuntime {
    /// A script.
    JavaScript,
    /// A native program.
    Executable,
}

/// Verification code (VAST 4.3 sections 3.17.1 and 3.17.2).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct VerificationResource<'a> {
    /// The runtime that the code needs.
    pub kind: ResourceRuntime,
    /// The URL of the code.
    pub url: &'a str,
    /// The API that the code uses: `omid` for Open Measurement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_framework: Option<&'a str>,
    /// For a script: whether it also runs without a browser. Absent means no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser_optional: Option<bool>,
    /// For a native program: the MIME type.
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<&'a str>,
}

impl<'a> From<&'a model::VerificationResource> for VerificationResource<'a> {
    fn from(resource: &'a model::VerificationResource) -> Self {
        let (kind, browser_optional, mime_type) = match &resource.executable {
            model::Executable::Native { mime_type } => (ResourceRuntime::Executable, None, mime_type.as_deref()),
            model::Executable::JavaScript { browser_optional } => {
                (ResourceRuntime::JavaScript, *browser_optional, None)
            }
            _ => (ResourceRuntime::JavaScript, None, None),
        };
        let api_framework = resource.api_framework.as_deref();
        Self { kind, url: &resource.url, api_framework, browser_optional, mime_type }
    }
}
