//! What the servers of a source learn about a device that reports an event after the answer.

use std::sync::Arc;

use http::HeaderMap;

use super::plan::Plan;
use crate::request::{Device, Privacy};

impl Plan {
    /// The rules for personal data of the source with this name; `None` if the plan has no such source.
    pub fn privacy_of(&self, source: &str) -> Option<&Privacy> {
        self.sources().find(|planned| &*planned.name == source).map(|planned| &planned.privacy)
    }

    /// The headers of a beacon for an event that `device` reports: the same as those of an ad request of this device to a source with
    /// these rules (VAST 4.3 section 1.1.3).
    pub fn beacon_headers(&self, device: &Device, privacy: &Privacy) -> Arc<HeaderMap> {
        self.all.settings.identity.headers(device, privacy)
    }
}
