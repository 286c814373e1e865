//! The facts of a journal as events of `tracing`, so that a log reads like the journal.
//!
//! Each fact is one event in the span of its lane: how a lane ended at level INFO, everything else at DEBUG. URLs are shown
//! without the values of their query.

use tracing::{debug, info};

use super::fact::{DocumentInfo, Fact, WrapperInfo};
use crate::transport::redacted_url;

/// Emits the event of a fact.
pub(super) fn emit(fact: &Fact) {
    match fact {
        Fact::Asked => debug!("asked"),
        Fact::Kept => debug!("kept"),
        Fact::Attempt { hop, number, url } => debug!(hop, number, url = redacted_url(url), "attempt"),
        Fact::FromCache { hop, url, age } => {
            debug!(hop, url = redacted_url(url), age_ms = age.as_millis(), "from the cache");
        }
        Fact::Answered { hop, status, bytes, url } => {
            debug!(hop, status, bytes, url = redacted_url(url), "answered");
        }
        Fact::Redirected { hop, step } => {
            debug!(hop, status = step.status, url = redacted_url(&step.location), "redirected");
        }
        Fact::WrapperRead(WrapperInfo { hop, ad_system, impressions, .. }) => {
            debug!(hop, ad_system = ad_system.as_deref(), impressions, "wrapper read");
        }
        Fact::Failed { hop, failure } => {
            debug!(hop, error_type = failure.error_type.as_str(), reason = &*failure.message, "failed");
        }
        Fact::BreakFailed { number, failure } => {
            debug!(number, error_type = failure.error_type.as_str(), reason = &*failure.message, "break failed");
        }
        Fact::Parsed { document, ads, warnings } => {
            let DocumentInfo { hop, version, .. } = &**document;
            debug!(hop, version = version.as_deref(), ads, warnings = warnings.len(), "parsed");
        }
        Fact::Followed { hop, parent, uri, ad_system } => {
            debug!(hop, parent, uri = redacted_url(uri), ad_system = ad_system.as_deref(), "followed");
        }
        Fact::Judged { hop, ad_id, rejection: None } => debug!(hop, ad_id = ad_id.as_deref(), "usable"),
        Fact::Judged { hop, ad_id, rejection: Some(rejection) } => {
            debug!(hop, ad_id = ad_id.as_deref(), reason = &*rejection.message, "rejected");
        }
        Fact::ReportDue { hop, url, code, .. } => debug!(hop, code, url = redacted_url(url), "error report due"),
        Fact::Warned { hop, kind, message } => debug!(hop, kind = kind.as_str(), reason = &**message, "warned"),
        Fact::Ended { outcome, reason } => {
            let reason = reason.as_ref().map(ToString::to_string);
            info!(outcome = outcome.as_str(), reason = reason.as_deref(), "ended");
        }
    }
}
