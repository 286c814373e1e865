//! The routes of the admin port.

use http::Method;
use percent_encoding::percent_decode_str;

use crate::generation::PlacedSource;

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
    /// All gateways of the cluster.
    Gateways,
    GatewaysPage,
    Action(AdminAction<'a>),
    /// What operators have changed by hand.
    Blocked,
    BlockedPage,
    /// The tag tester: its form, and a test.
    TestPage,
    TestRun,
    Test,
    /// The configuration in use.
    Config,
    ConfigPage,
    Live,
    OverviewPage,
    SourcesPage,
    OutboxPage,
    /// The newest requests.
    Requests,
    RequestsPage,
    /// One of the newest requests, by its id.
    Request(&'a str),
    RequestPage(&'a str),
    RequestFile(&'a str),
    Style,
    Script,
}

/// A change that an operator asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(super) enum AdminAction<'a> {
    /// Reads the configuration file again.
    Reload,
    /// Makes all dead letters due again.
    Requeue,
    /// Begins the end of the gateway, as SIGTERM does.
    Drain,
    /// Ejects a source of a placement: no request asks it.
    Eject(SourcePath<'a>),
    /// Ends such an ejection.
    Restore(SourcePath<'a>),
    /// Blocks an ad in all placements.
    Block,
    /// Uses a blocked ad again.
    Unblock,
}

/// The names of a placement and of its source, as they stand in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SourcePath<'a> {
    placement: &'a str,
    source: &'a str,
}

impl SourcePath<'_> {
    /// The names.
    pub(super) fn decoded(self) -> PlacedSource {
        let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        PlacedSource { placement: decoded(self.placement), source: decoded(self.source) }
    }
}

impl<'a> AdminAction<'a> {
    /// The action on a source, from the path after `/api/sources/`.
    fn of_source(path: &'a str) -> Option<Self> {
        let (placement, rest) = path.split_once('/')?;
        let (source, action) = rest.rsplit_once('/')?;
        let path = SourcePath { placement, source };
        match action {
            "eject" => Some(Self::Eject(path)),
            "restore" => Some(Self::Restore(path)),
            _ => None,
        }
    }

    /// The page that shows the effect.
    pub(super) fn page(self) -> &'static str {
        match self {
            Self::Requeue => "/outbox",
            Self::Eject(_) | Self::Restore(_) => "/sources",
            Self::Block | Self::Unblock => "/blocked",
            Self::Reload | Self::Drain => "/",
        }
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
            "/api/gateways" => Self::Gateways,
            "/gateways" => Self::GatewaysPage,
            "/api/config/reload" => Self::Action(AdminAction::Reload),
            "/api/outbox/requeue" => Self::Action(AdminAction::Requeue),
            "/api/drain" => Self::Action(AdminAction::Drain),
            "/api/config" => Self::Config,
            "/config" => Self::ConfigPage,
            "/test" => Self::TestPage,
            "/test/run" => Self::TestRun,
            "/api/test" => Self::Test,
            "/api/block" => Self::Action(AdminAction::Block),
            "/api/unblock" => Self::Action(AdminAction::Unblock),
            "/api/blocked" => Self::Blocked,
            "/blocked" => Self::BlockedPage,
            "/api/live" => Self::Live,
            "/" => Self::OverviewPage,
            "/sources" => Self::SourcesPage,
            "/outbox" => Self::OutboxPage,
            "/requests" => Self::RequestsPage,
            "/api/requests" => Self::Requests,
            "/assets/dashboard.css" => Self::Style,
            "/assets/dashboard.js" => Self::Script,
            _ => match path.strip_prefix("/api/sources/") {
                Some(rest) => Self::Action(AdminAction::of_source(rest)?),
                None => Self::of_request(path)?,
            },
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
            | Self::Gateways
            | Self::Requests
            | Self::Blocked
            | Self::Test
            | Self::Config
            | Self::Request(_)
            | Self::Action(_) => RouteKind::Api,
            Self::Live
            | Self::OverviewPage
            | Self::SourcesPage
            | Self::OutboxPage
            | Self::GatewaysPage
            | Self::RequestsPage
            | Self::BlockedPage
            | Self::TestPage
            | Self::TestRun
            | Self::ConfigPage
            | Self::RequestPage(_)
            | Self::RequestFile(_)
            | Self::Style
            | Self::Script => RouteKind::Page,
        }
    }

    pub(super) fn method(self) -> Method {
        if matches!(self, Self::Action(_) | Self::TestRun | Self::Test) { Method::POST } else { Method::GET }
    }
}
