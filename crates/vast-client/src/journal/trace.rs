//! The facts of a journal as events of `tracing`, so that a log reads like the journal.
//!
//! Each fact is one event of level DEBUG in the span of its lane. The request has one event of level INFO, which the orchestrator
//! emits. URLs are shown without their query, because a log must not have personal data.

use tracing::{Level, debug};

use super::fact::{DocumentInfo, Fact, WrapperInfo};
use crate::transport::{logged_text, logged_url};

/// Whether a subscriber listens to events of level DEBUG.
pub(super) fn is_enabled() -> bool {
    tracing::level_enabled!(Level::DEBUG)
}

/// Emits the event of a fact.
pub(super) fn emit(fact: &Fact) {
    match fact {
        Fact::Asked => debug!("asked"),
        Fact::Kept => debug!("kept"),
        Fact::Attempt { hop, number, url } => debug!(hop, number, url = logged_url(url), "attempt"),
        Fact::FromCache { hop, url, age } => {
            debug!(hop, url = logged_url(url), age_ms = age.as_millis(), "from the cache");
        }
        Fact::Answered { hop, status, bytes, url } => {
            debug!(hop, status, bytes, url = logged_url(url), "answered");
        }
        Fact::Redirected { hop, step } => {
            debug!(hop, status = step.status, url = logged_url(&step.location), "redirected");
        }
        Fact::WrapperRead(wrapper) => {
            let WrapperInfo { hop, ad_system, impressions, .. } = &**wrapper;
            debug!(hop, ad_system = ad_system.as_deref(), impressions, "wrapper read");
        }
        Fact::Failed { hop, failure } => {
            debug!(hop, error.type = failure.error_type.as_str(), reason = &*logged_text(&failure.message), "failed");
        }
        Fact::BreakFailed { number, failure } => {
            debug!(number, error.type = failure.error_type.as_str(), reason = &*logged_text(&failure.message), "break failed");
        }
        Fact::Parsed { document, ads, warnings } => {
            let DocumentInfo { hop, version, .. } = &**document;
            debug!(hop, version = version.as_deref(), ads, warnings = warnings.len(), "parsed");
        }
        Fact::Followed { hop, parent, uri, ad_system } => {
            debug!(hop, parent, uri = logged_url(uri), ad_system = ad_system.as_deref(), "followed");
        }
        Fact::Judged { hop, ad_id, rejection: None } => debug!(hop, ad_id = ad_id.as_deref(), "usable"),
        Fact::Judged { hop, ad_id, rejection: Some(rejection) } => {
            debug!(hop, ad_id = ad_id.as_deref(), reason = &*logged_text(&rejection.message), "rejected");
        }
        Fact::ReportDue { hop, url, code, .. } => debug!(hop, code, url = logged_url(url), "error report due"),
        Fact::Warned { hop, kind, message } => {
            debug!(hop, kind = kind.as_str(), reason = &*logged_text(message), "warned");
        }
        Fact::Ended { outcome, reason } => {
            let shown = || reason.as_ref().map(|reason| logged_text(&reason.to_string()).into_owned());
            debug!(outcome = outcome.as_str(), reason = shown(), "ended");
        }
    }
}
