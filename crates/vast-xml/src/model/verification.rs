//! `AdVerifications` (VAST 4.3, sections 3.16 and 3.17).

use super::{Extra, Place, Tracking};
use crate::text::Text;

/// A vendor's code that measures the ad.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Verification {
    /// `@vendor`, such as `company.com-omid`.
    pub vendor: Option<Text>,
    /// `JavaScriptResource` and `ExecutableResource`: alternatives for different players.
    pub resources: Vec<VerificationResource>,
    /// `VerificationParameters` (3.17.5), unchanged, with all white space.
    pub parameters: Option<Text>,
    /// `TrackingEvents`. Only the event `verificationNotExecuted` has a meaning for verifications.
    pub tracking_events: Vec<Tracking>,
    /// Whether the verification is in its own element or in an extension.
    pub place: Place,
    /// Unknown parts.
    pub extra: Extra,
}

/// Code of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerificationResource {
    /// The URL of the code.
    pub url: Text,
    /// `@apiFramework`: the interface that the code uses; `omid` for Open Measurement.
    pub api_framework: Option<Text>,
    /// The kind of the code.
    pub executable: Executable,
    /// Unknown parts.
    pub extra: Extra,
}

/// The kind of code in a [`VerificationResource`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Executable {
    /// `JavaScriptResource` (3.17.1): JavaScript.
    JavaScript {
        /// `@browserOptional`: whether the code also runs without a browser. Absent means false.
        browser_optional: Option<bool>,
    },
    /// `ExecutableResource` (3.17.2): code that is not JavaScript.
    Native {
        /// `@type`: the MIME type.
        mime_type: Option<Text>,
    },
}

impl Default for Executable {
    /// JavaScript without `@browserOptional`.
    fn default() -> Executable {
        Executable::JavaScript { browser_optional: None }
    }
}
