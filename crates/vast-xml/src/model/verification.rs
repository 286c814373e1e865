//! `AdVerifications` (VAST 4.3, sections 3.16 and 3.17).

use super::{Extra, Place, Tracking};
use crate::Text;

/// A vendor's code that measures the ad.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Verification {
    /// `@vendor`, such as `company.com-omid`.
    pub vendor: Option<Text>,
    /// `JavaScriptResource` and `ExecutableResource`: alternatives for different players.
    pub resources: Vec<VerificationResource>,
    /// `VerificationParameters` (3.17.5), every character of it.
    pub parameters: Option<Text>,
    /// `TrackingEvents`: only `verificationNotExecuted` means something here.
    pub tracking_events: Vec<Tracking>,
    /// Whether the document has it in its own element or in an extension.
    pub place: Place,
    /// Unknown parts.
    pub extra: Extra,
}

/// Code of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerificationResource {
    /// Where it is.
    pub url: Text,
    /// `@apiFramework`, `omid` for Open Measurement.
    pub api_framework: Option<Text>,
    /// What it runs on.
    pub executable: Executable,
    /// Unknown parts.
    pub extra: Extra,
}

/// What a [`VerificationResource`] runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Executable {
    /// `JavaScriptResource` (3.17.1).
    JavaScript {
        /// `@browserOptional`: also runs where there is no browser around it. Absent means false.
        browser_optional: Option<bool>,
    },
    /// `ExecutableResource` (3.17.2).
    Native {
        /// `@type`: the MIME type.
        mime_type: Option<Text>,
    },
}

impl Default for Executable {
    /// JavaScript.
    fn default() -> Executable {
        Executable::JavaScript { browser_optional: None }
    }
}
