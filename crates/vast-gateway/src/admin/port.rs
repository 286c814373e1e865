//! The routes of the admin port.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

use super::metrics::metrics;
use super::status;
use crate::intake;
use crate::openapi::openapi;
use crate::reload::{Reload, Reloader};
use crate::serve::{Handler, LimitedBody, Peer};
use crate::state::GatewayState;

/// Without a measurement of the lag for this time, the process does not run its tasks.
const ALIVE: Duration = Duration::from_secs(1);

/// Which routes a port has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AdminScope {
    /// `/healthz`, `/readyz` and `/metrics`.
    Probes,
    /// All.
    All,
}

/// The admin port, or the port for probes.
pub(crate) struct AdminPort {
    pub(crate) state: Arc<GatewayState>,
    pub(crate) reloader: Option<Reloader>,
    pub(crate) scope: AdminScope,
}

/// A route of the admin port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AdminRoute {
    Health,
    Ready,
    Metrics,
    Description,
    State,
    Sources,
    Reload,
}

impl AdminRoute {
    fn of(path: &str) -> Option<Self> {
        match path {
            "/healthz" => Some(Self::Health),
            "/readyz" => Some(Self::Ready),
            "/metrics" => Some(Self::Metrics),
            "/openapi.json" => Some(Self::Description),
            "/api/state" => Some(Self::State),
            "/api/sources" => Some(Self::Sources),
            "/api/config/reload" => Some(Self::Reload),
            _ => None,
        }
    }

    /// Probes need no key.
    fn is_probe(self) -> bool {
        matches!(self, Self::Health | Self::Ready | Self::Metrics)
    }

    fn method(self) -> Method {
        if self == Self::Reload { Method::POST } else { Method::GET }
    }
}

impl Handler for AdminPort {
    async fn answer(&self, request: Request<LimitedBody>, _: Peer) -> Response<Full<Bytes>> {
        let (head, _) = request.into_parts();
        let is_in_scope = |route: &AdminRoute| self.scope == AdminScope::All || route.is_probe();
        let Some(route) = AdminRoute::of(head.uri.path()).filter(is_in_scope) else {
            return error(StatusCode::NOT_FOUND, "there is no such route");
        };
        if head.method != route.method() {
            let mut response = error(StatusCode::METHOD_NOT_ALLOWED, "the route has another method");
            let allowed = if route == AdminRoute::Reload { "POST" } else { "GET" };
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
            return response;
        }
        if !route.is_probe()
            && let Err(reason) = self.check_caller(&head.headers, head.uri.host())
        {
            return error(StatusCode::FORBIDDEN, reason);
        }
        match route {
            AdminRoute::Health => self.health(),
            AdminRoute::Ready => self.ready(),
            AdminRoute::Metrics => {
                text(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", metrics(&self.state).into())
            }
            AdminRoute::Description => json_response(StatusCode::OK, &openapi()),
            AdminRoute::State => json_response(StatusCode::OK, &status::state(&self.state)),
            AdminRoute::Sources => json_response(StatusCode::OK, &status::sources(&self.state)),
            AdminRoute::Reload => self.reload().await,
        }
    }
}

impl AdminPort {
    /// Whether a caller may use a route that is not a probe: with a key if there are keys, and never from a page of a browser. Such a
    /// page could reach the port of the machine that it runs on.
    fn check_caller(&self, headers: &HeaderMap, authority: Option<&str>) -> Result<(), &'static str> {
        let keys = &self.state.generation().admin_keys;
        if headers.contains_key(ORIGIN) {
            return Err("requests of pages are refused");
        }
        if !keys.is_empty() {
            let key = intake::key_of(headers, None);
            return if key.is_some_and(|key| keys.name_of(&key).is_some()) { Ok(()) } else { Err("a key is needed") };
        }
        let host = authority.or_else(|| headers.get(HOST)?.to_str().ok()).unwrap_or_default();
        if is_local_name(host) { Ok(()) } else { Err("the host is not this machine") }
    }

    fn health(&self) -> Response<Full<Bytes>> {
        let since = self.state.admission.since_measured();
        let (status, word) = if since < ALIVE {
            (StatusCode::OK, "alive")
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, "tasks do not run")
        };
        json_response(status, &json!({ "status": word }))
    }

    fn ready(&self) -> Response<Full<Bytes>> {
        let reasons = self.state.reasons_not_ready();
        let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        json_response(status, &json!({ "ready": reasons.is_empty(), "reasons": reasons }))
    }

    async fn reload(&self) -> Response<Full<Bytes>> {
        let Some(reloader) = &self.reloader else {
            return error(StatusCode::CONFLICT, "the gateway has no configuration file");
        };
        match reloader.reload_in_background().await {
            Ok(Reload::Replaced(number)) => {
                json_response(StatusCode::OK, &json!({ "replaced": true, "generation": number }))
            }
            Ok(Reload::Unchanged) => json_response(StatusCode::OK, &json!({ "replaced": false })),
            Err(mistake) => error(StatusCode::UNPROCESSABLE_ENTITY, &mistake.to_string()),
        }
    }
}

/// Whether `Host` names this machine by an address or as `localhost`. Another name could be one of an attacker that leads here (DNS
/// rebinding).
fn is_local_name(host: &str) -> bool {
    if host.parse::<IpAddr>().is_ok() {
        return true;
    }
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

fn error(status: StatusCode, message: &str) -> Response<Full<Bytes>> {
    json_response(status, &json!({ "error": message }))
}

fn json_response(status: StatusCode, value: &Value) -> Response<Full<Bytes>> {
    text(status, "application/json", value.to_string().into())
}

fn text(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use vast_client::env::Env;
    use vast_client::{ClientConfig, FetchConfig, SourceConfig, VastClient};

    use super::*;
    use crate::config::GatewayConfig;
    use crate::generation::Generation;

    #[tokio::test(start_paused = true)]
    async fn probes_fail_while_tasks_do_not_run_and_while_half_of_the_requests_are_shed() {
        let source = || SourceConfig::inline("<VAST version='4.2'/>");
        let client = VastClient::from_config(ClientConfig::from(FetchConfig::new([source()]))).expect("a client");
        let config = GatewayConfig::of_sources([source()]);
        let generation = Generation::compile(&config, client.orchestrator(), None, None).expect("a configuration");
        let state = GatewayState::new(client, Env::system(), Arc::default(), generation);
        let port = AdminPort { state: Arc::clone(&state), reloader: None, scope: AdminScope::All };
        let statuses = || (port.health().status().as_u16(), port.ready().status().as_u16());
        assert_eq!(statuses(), (200, 200));
        // Nothing measures the lag in this test.
        tokio::time::advance(ALIVE).await;
        assert_eq!(statuses(), (503, 200));
        for (share, ready) in [(0.4, 200), (0.5, 503), (0.9, 503)] {
            state.admission.set_shed_share(share);
            assert_eq!(statuses().1, ready, "{share}");
        }
        state.admission.set_shed_share(0.0);
        state.stop.drain();
        assert_eq!(statuses().1, 503);
    }

    #[test]
    fn a_name_of_this_machine_is_an_address_or_localhost() {
        for (host, expected) in [
            ("127.0.0.1:9090", true),
            ("[::1]:9090", true),
            ("::1", true),
            ("LocalHost", true),
            ("10.1.2.3", true),
            ("evil.example:9090", false),
            ("127.0.0.1.evil.example", false),
            ("", false),
        ] {
            assert_eq!(is_local_name(host), expected, "{host}");
        }
    }
}
