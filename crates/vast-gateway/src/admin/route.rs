//! The routes of the admin port.

use http::Method;

/// Which routes a port has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AdminScope {
    /// `/healthz`, `/readyz` and `/metrics`.
    Probes,
    /// All.
    All,
}

/// A route of the admin port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AdminRoute {
    Health,
    Ready,
    Metrics,
    State,
    Sources,
    Reload,
    Live,
    OverviewPage,
    SourcesPage,
    Style,
    Script,
}

/// Who uses a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RouteKind {
    /// A program that watches the process. It needs no key.
    Probe,
    /// A program.
    Api,
    /// A browser, which asks its user for a key.
    Page,
}

impl AdminRoute {
    /// The route with this path, if a port of this scope has it.
    pub(super) fn of(path: &str, scope: AdminScope) -> Option<Self> {
        let route = match path {
            "/healthz" => Self::Health,
            "/readyz" => Self::Ready,
            "/metrics" => Self::Metrics,
            "/api/state" => Self::State,
            "/api/sources" => Self::Sources,
            "/api/config/reload" => Self::Reload,
            "/api/live" => Self::Live,
            "/" => Self::OverviewPage,
            "/sources" => Self::SourcesPage,
            "/assets/dashboard.css" => Self::Style,
            "/assets/dashboard.js" => Self::Script,
            _ => return None,
        };
        (scope == AdminScope::All || route.kind() == RouteKind::Probe).then_some(route)
    }

    pub(super) fn kind(self) -> RouteKind {
        match self {
            Self::Health | Self::Ready | Self::Metrics => RouteKind::Probe,
            Self::State | Self::Sources | Self::Reload => RouteKind::Api,
            Self::Live | Self::OverviewPage | Self::SourcesPage | Self::Style | Self::Script => RouteKind::Page,
        }
    }

    pub(super) fn method(self) -> Method {
        if self == Self::Reload { Method::POST } else { Method::GET }
    }
}
