//! The routes of the public port.

use http::Method;

use crate::answer::{Form, Refusal};

/// A route of the public port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// `/v1/PLACEMENT/vast`, `/vmap`, `/ads.json`: an ad.
    Ads { placement: &'a str, form: Form },
    /// `/b/TOKEN`: an event of an ad.
    Beacon { token: &'a str },
    /// `/c/TOKEN`: a click on an ad.
    Click { token: &'a str },
    /// `/v1/beacons`: events that a server reports.
    Report,
    /// `/v1/unwrap`: a document without its wrappers.
    Unwrap,
    /// `/v1/check`: the mistakes in a document.
    Check,
}

impl<'a> Route<'a> {
    /// The route with this path.
    pub(crate) fn of(path: &'a str) -> Option<Self> {
        if let Some(token) = path.strip_prefix("/b/") {
            return Some(Self::Beacon { token });
        }
        if let Some(token) = path.strip_prefix("/c/") {
            return Some(Self::Click { token });
        }
        let rest = path.strip_prefix("/v1/")?;
        match rest.split_once('/') {
            None => match rest {
                "beacons" => Some(Self::Report),
                "unwrap" => Some(Self::Unwrap),
                "check" => Some(Self::Check),
                _ => None,
            },
            Some((placement, form)) => {
                let form = match form {
                    "vast" | "vast.xml" => Form::Vast,
                    "vmap" | "vmap.xml" => Form::Vmap,
                    "ads.json" => Form::Json,
                    _ => return None,
                };
                Some(Self::Ads { placement, form })
            }
        }
    }

    /// The form of its answers.
    pub(crate) fn form(self) -> Form {
        match self {
            Self::Ads { form, .. } => form,
            Self::Beacon { .. } | Self::Click { .. } | Self::Report | Self::Unwrap | Self::Check => Form::Json,
        }
    }

    /// The path without its values, as in the description of the routes.
    pub(crate) fn pattern(self) -> &'static str {
        match self {
            Self::Ads { form: Form::Vast, .. } => "/v1/{placement}/vast",
            Self::Ads { form: Form::Vmap, .. } => "/v1/{placement}/vmap",
            Self::Ads { form: Form::Json, .. } => "/v1/{placement}/ads.json",
            Self::Beacon { .. } => "/b/{token}",
            Self::Click { .. } => "/c/{token}",
            Self::Report => "/v1/beacons",
            Self::Unwrap => "/v1/unwrap",
            Self::Check => "/v1/check",
        }
    }

    /// Whether players in pages of other origins use it.
    pub(crate) fn is_for_players(self) -> bool {
        matches!(self, Self::Ads { form: Form::Vast | Form::Vmap, .. } | Self::Beacon { .. } | Self::Click { .. })
    }

    /// Whether it takes an event of an ad.
    pub(crate) fn is_hit(self) -> bool {
        matches!(self, Self::Beacon { .. } | Self::Click { .. })
    }

    /// The methods that the route has.
    pub(crate) fn methods(self) -> &'static str {
        match self {
            Self::Ads { form: Form::Json, .. } => "GET, POST, OPTIONS",
            Self::Ads { .. } => "GET, OPTIONS",
            Self::Beacon { .. } => "GET, HEAD, POST, OPTIONS",
            Self::Click { .. } => "GET, HEAD, OPTIONS",
            Self::Report | Self::Unwrap | Self::Check => "POST, OPTIONS",
        }
    }

    /// Checks the method.
    ///
    /// # Errors
    /// The methods that the route has.
    pub(crate) fn check_method(self, method: &Method) -> Result<(), Refusal> {
        let allowed = self.methods();
        let is_allowed = allowed.split(',').any(|one| one.trim_start() == method.as_str());
        if is_allowed { Ok(()) } else { Err(Refusal::Method(allowed)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_its_route() {
        let ads = |placement, form| Some(Route::Ads { placement, form });
        for (path, expected) in [
            ("/v1/preroll/vast", ads("preroll", Form::Vast)),
            ("/v1/preroll/vast.xml", ads("preroll", Form::Vast)),
            ("/v1/a-b_c/vmap", ads("a-b_c", Form::Vmap)),
            ("/v1/preroll/ads.json", ads("preroll", Form::Json)),
            ("/v1/unwrap", Some(Route::Unwrap)),
            ("/v1/check", Some(Route::Check)),
            ("/v1/beacons", Some(Route::Report)),
            ("/b/1Kabc", Some(Route::Beacon { token: "1Kabc" })),
            ("/c/1Kabc", Some(Route::Click { token: "1Kabc" })),
            ("/v1/preroll", None),
            ("/v1/preroll/vast/", None),
            ("/v1//../vast", None),
            ("/v2/preroll/vast", None),
            ("/", None),
        ] {
            assert_eq!(Route::of(path), expected, "{path}");
        }
    }
}
