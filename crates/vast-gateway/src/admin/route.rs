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
pub(super) enum AdminRoute<'a> {
    Health,
    Ready,
    Metrics,
    Description,
    State,
    Sources,
    Outbox,
    Action(AdminAction),
    Live,
    OverviewPage,
    SourcesPage,
    OutboxPage,
    /// The newest requests.
    Requests,
    RequestsPage,
    /// One of them, by its id.
    Request(&'a str),
    RequestPage(&'a str),
    RequestFile(&'a str),
    Style,
    Script,
}

/// A change that an operator asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(super) enum AdminAction {
    /// Reads the configuration file again.
    Reload,
    /// Makes all dead letters due again.
    Requeue,
    /// Begins the end of the gateway, as SIGTERM does.
    Drain,
}

impl AdminAction {
    /// The page that shows the effect.
    pub(super) fn page(self) -> &'static str {
        if self == Self::Requeue { "/outbox" } else { "/" }
    }
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

impl<'a> AdminRoute<'a> {
    /// The route with this path, if a port of this scope has it.
    pub(super) fn of(path: &'a str, scope: AdminScope) -> Option<Self> {
        let route = match path {
            "/healthz" => Self::Health,
            "/readyz" => Self::Ready,
            "/metrics" => Self::Metrics,
            "/openapi.json" => Self::Description,
            "/api/state" => Self::State,
            "/api/sources" => Self::Sources,
            "/api/outbox" => Self::Outbox,
            "/api/config/reload" => Self::Action(AdminAction::Reload),
            "/api/outbox/requeue" => Self::Action(AdminAction::Requeue),
            "/api/drain" => Self::Action(AdminAction::Drain),
            "/api/live" => Self::Live,
            "/" => Self::OverviewPage,
            "/sources" => Self::SourcesPage,
            "/outbox" => Self::OutboxPage,
            "/requests" => Self::RequestsPage,
            "/api/requests" => Self::Requests,
            "/assets/dashboard.css" => Self::Style,
            "/assets/dashboard.js" => Self::Script,
            _ => Self::of_request(path)?,
        };
        (scope == AdminScope::All || route.kind() == RouteKind::Probe).then_some(route)
    }

    /// A route of one request.
    fn of_request(path: &'a str) -> Option<Self> {
        if let Some(id) = path.strip_prefix("/api/requests/") {
            return Some(Self::Request(id));
        }
        let id = path.strip_prefix("/requests/")?;
        Some(id.strip_suffix("/recording").map_or(Self::RequestPage(id), Self::RequestFile))
    }

    pub(super) fn kind(self) -> RouteKind {
        match self {
            Self::Health | Self::Ready | Self::Metrics => RouteKind::Probe,
            Self::Description
            | Self::State
            | Self::Sources
            | Self::Outbox
            | Self::Requests
            | Self::Request(_)
            | Self::Action(_) => RouteKind::Api,
            Self::Live
            | Self::OverviewPage
            | Self::SourcesPage
            | Self::OutboxPage
            | Self::RequestsPage
            | Self::RequestPage(_)
            | Self::RequestFile(_)
            | Self::Style
            | Self::Script => RouteKind::Page,
        }
    }

    pub(super) fn method(self) -> Method {
        if matches!(self, Self::Action(_)) { Method::POST } else { Method::GET }
    }
}
