//! `[filter]` of a configuration file.

use serde::Deserialize;

use super::value::{DimensionsValue, DurationValue};
use crate::select::{Blocked, MediaType, ParseFilter, Skippability};

/// The conditions that an ad must meet.
#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FilterTable {
    #[serde(alias = "media_type")]
    media_types: Vec<MediaType>,
    min_duration: Option<DurationValue>,
    max_duration: Option<DurationValue>,
    min_bitrate: Option<u32>,
    max_bitrate: Option<u32>,
    #[serde(alias = "dimensions")]
    required_dimensions: Option<DimensionsValue>,
    accept_unknown: Option<bool>,
    check_categories: Option<bool>,
    require_category: Option<bool>,
    blocked_categories: Vec<String>,
    blocked: Blocked,
    skippable: Option<Skippability>,
    accept_conditional: Option<bool>,
    require_secure: Option<bool>,
    require_mezzanine: Option<bool>,
    versions: Vec<String>,
    accept_wrappers: Option<bool>,
    max_wrapper_depth: Option<u32>,
}

impl FilterTable {
    pub(super) fn into_filter(self) -> ParseFilter {
        let default = ParseFilter::default();
        ParseFilter {
            media_types: self.media_types,
            min_duration: self.min_duration.map(|span| span.0),
            max_duration: self.max_duration.map(|span| span.0),
            min_bitrate: self.min_bitrate,
            max_bitrate: self.max_bitrate,
            required_dimensions: self.required_dimensions.map(|dimensions| dimensions.0),
            accept_unknown: self.accept_unknown.unwrap_or(default.accept_unknown),
            check_categories: self.check_categories.unwrap_or(default.check_categories),
            require_category: self.require_category.unwrap_or(default.require_category),
            blocked_categories: self.blocked_categories,
            blocked: self.blocked,
            skippable: self.skippable.unwrap_or(default.skippable),
            accept_conditional: self.accept_conditional.unwrap_or(default.accept_conditional),
            require_secure: self.require_secure.unwrap_or(default.require_secure),
            require_mezzanine: self.require_mezzanine.unwrap_or(default.require_mezzanine),
            versions: self.versions,
            accept_wrappers: self.accept_wrappers.unwrap_or(default.accept_wrappers),
            max_wrapper_depth: self.max_wrapper_depth.unwrap_or(default.max_wrapper_depth),
        }
    }
}
