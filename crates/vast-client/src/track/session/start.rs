//! Lists the verification code and the media file that a player starts for an ad, in order.

use vast_xml::model::{Executable, MediaFile, Verification, VerificationResource};

use crate::ad::PartIndex;
use crate::select::Candidate;
use crate::track::beacon::NotExecutedReason;

/// Which verification code the player can run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerificationHost {
    /// Where the code runs. Default: nowhere.
    pub environment: ScriptEnvironment,
    /// The `apiFramework`s for which the player has an interface, compared without regard to case. Default: none.
    pub api_frameworks: Vec<String>,
    /// The MIME types of other code than JavaScript that the player runs. Default: none.
    pub native_types: Vec<String>,
    /// The vendors whose code may run, compared without regard to case. Default: all.
    pub vendors: Option<Vec<String>>,
}

/// Where a player runs JavaScript.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScriptEnvironment {
    /// The player does not run JavaScript.
    #[default]
    None,
    /// In a browser or a web view.
    Browser,
    /// In an engine without a browser. Only code with `browserOptional="true"` runs there.
    ScriptEngine,
}

impl VerificationHost {
    /// A player with the Open Measurement SDK, whose `apiFramework` is `omid`.
    pub fn open_measurement(environment: ScriptEnvironment) -> Self {
        Self { environment, api_frameworks: vec!["omid".to_owned()], ..Self::default() }
    }

    /// The code of `verification` to execute: at most one of its resources. In a browser, code that needs a browser is preferred (VAST 4.3
    /// section 3.17.1).
    ///
    /// # Errors
    /// The reason for which no code is executed.
    pub fn resource<'v>(&self, verification: &'v Verification) -> Result<&'v VerificationResource, NotExecutedReason> {
        let is_same = |one: &str, other: &str| one.trim().eq_ignore_ascii_case(other.trim());
        if let Some(allowed) = &self.vendors {
            let vendor = verification.vendor.as_deref().unwrap_or_default();
            if !allowed.iter().any(|allowed| is_same(allowed, vendor)) {
                return Err(NotExecutedReason::Rejected);
            }
        }
        let has_interface = |resource: &VerificationResource| {
            let framework = resource.api_framework.as_deref().unwrap_or_default();
            self.api_frameworks.iter().any(|known| is_same(known, framework))
        };
        let usable =
            verification.resources.iter().filter(|resource| !resource.url.is_empty() && has_interface(resource));
        let ranked = usable.filter_map(|resource| Some((self.rank(&resource.executable)?, resource)));
        ranked.min_by_key(|(rank, _)| *rank).map(|(_, resource)| resource).ok_or(NotExecutedReason::NotSupported)
    }

    /// The rank of code, a lower one is better; `None` when it cannot run here.
    fn rank(&self, executable: &Executable) -> Option<u8> {
        match (executable, self.environment) {
            (Executable::JavaScript { browser_optional }, ScriptEnvironment::Browser) => {
                Some(u8::from(*browser_optional == Some(true)))
            }
            (Executable::JavaScript { browser_optional: Some(true) }, ScriptEnvironment::ScriptEngine) => Some(0),
            (Executable::Native { mime_type: Some(own) }, _) => {
                self.native_types.iter().any(|known| known.trim().eq_ignore_ascii_case(own.trim())).then_some(2)
            }
            _ => None,
        }
    }
}

/// The verification code and then the media file that a player starts for an ad, in this order (VAST 4.3 sections 1.8 and 2.4).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StartPlan<'a> {
    /// The code of verifications of all levels, outermost first. It is executed before the ad plays.
    pub verifications: Vec<(PartIndex, &'a VerificationResource)>,
    /// The verifications without code to execute: each is reported as
    /// [`PlayerReport::VerificationNotExecuted`](super::PlayerReport::VerificationNotExecuted).
    pub not_executed: Vec<(PartIndex, NotExecutedReason)>,
    /// The media file. A file for an API that the [`Slot`](crate::Slot) lists, such as VPAID, comes before files without an API.
    pub media: Option<&'a MediaFile>,
}

impl<'a> StartPlan<'a> {
    /// Lists the verification code and the media file that a player with these abilities starts for an ad of an answer.
    pub fn new(candidate: &'a Candidate, host: &VerificationHost) -> Self {
        let mut plan = Self { verifications: Vec::new(), not_executed: Vec::new(), media: candidate.media_file() };
        for verification in candidate.ad.levels().flat_map(|level| level.indexed_verifications()) {
            match host.resource(verification.item) {
                Ok(resource) => plan.verifications.push((verification.index, resource)),
                Err(reason) => plan.not_executed.push((verification.index, reason)),
            }
        }
        plan
    }
}
