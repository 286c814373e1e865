//! Answers the requests of the admin port.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use serde_json::json;

use super::action::act;
use super::answer::{self, AdminBody, error, json_response};
use super::guard::{Caller, check_caller};
use super::live::live;
use super::metrics::metrics;
use super::outbox_report::OutboxReport;
use super::route::{AdminRoute, AdminScope, RouteKind};
use super::watch::Watch;
use super::{dashboard, status};
use crate::openapi::openapi;
use crate::reload::Reloader;
use crate::serve::{Handler, LimitedBody, Peer};
use crate::state::GatewayState;

/// Without a measurement of the lag for this time, the process does not run its tasks.
const ALIVE: Duration = Duration::from_secs(1);

/// The admin port, or the port for probes.
pub(crate) struct AdminPort {
    pub(crate) state: Arc<GatewayState>,
    pub(crate) watch: Arc<Watch>,
    pub(crate) reloader: Option<Reloader>,
    pub(crate) scope: AdminScope,
}

impl Handler for AdminPort {
    type Body = AdminBody;

    async fn answer(&self, request: Request<LimitedBody>, _: Peer) -> Response<AdminBody> {
        let (head, _) = request.into_parts();
        let Some(route) = AdminRoute::of(head.uri.path(), self.scope) else {
            return error(StatusCode::NOT_FOUND, "there is no such route");
        };
        if head.method != route.method() {
            return answer::wrong_method(&route.method());
        }
        let generation = self.state.generation();
        let caller = match check_caller(&generation.admin_keys, &head.method, &head.headers, head.uri.host()) {
            Ok(caller) => caller,
            Err(_) if route.kind() == RouteKind::Probe => Caller { key: None },
            Err(denial) => return answer::denied(denial, route.kind()),
        };
        match route {
            AdminRoute::Health => self.health(),
            AdminRoute::Ready => self.ready(),
            AdminRoute::Metrics => {
                answer::text(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", metrics(&self.state))
            }
            AdminRoute::Description => json_response(StatusCode::OK, &openapi()),
            AdminRoute::State => json_response(StatusCode::OK, &status::state(&self.state)),
            AdminRoute::Sources => json_response(StatusCode::OK, &status::sources(&self.state)),
            AdminRoute::Outbox => match serde_json::to_value(self.outbox().await) {
                Ok(report) => json_response(StatusCode::OK, &report),
                Err(problem) => error(StatusCode::INTERNAL_SERVER_ERROR, &problem.to_string()),
            },
            AdminRoute::Action(action) => {
                act((&self.state, self.reloader.as_ref()), action, &caller, &head.headers).await
            }
            AdminRoute::Live => live(&self.watch),
            AdminRoute::OverviewPage => answer::page(dashboard::overview_page(&self.state, &self.watch.past())),
            AdminRoute::SourcesPage => answer::page(dashboard::sources_page(&self.state, &self.watch.past())),
            AdminRoute::OutboxPage => {
                let report = self.outbox().await;
                answer::page(dashboard::outbox_page(&self.state, &self.watch.past(), &report))
            }
            AdminRoute::Style => answer::text(StatusCode::OK, "text/css; charset=utf-8", dashboard::STYLE),
            AdminRoute::Script => answer::text(StatusCode::OK, "text/javascript; charset=utf-8", dashboard::SCRIPT),
        }
    }
}

impl AdminPort {
    fn health(&self) -> Response<AdminBody> {
        let since = self.state.admission.since_measured();
        let (status, word) = if since < ALIVE {
            (StatusCode::OK, "alive")
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, "tasks do not run")
        };
        json_response(status, &json!({ "status": word }))
    }

    fn ready(&self) -> Response<AdminBody> {
        let reasons = self.state.reasons_not_ready();
        let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let mut body = json!({ "ready": reasons.is_empty(), "reasons": reasons });
        if let Some(degraded) = self.state.degraded() {
            body["degraded"] = degraded.into();
        }
        json_response(status, &body)
    }

    async fn outbox(&self) -> OutboxReport {
        OutboxReport::read(&**self.state.client.tracker().outbox(), self.state.env.wall()).await
    }
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
        let watch = Watch::new(&state);
        let port = AdminPort { state: Arc::clone(&state), watch, reloader: None, scope: AdminScope::All };
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
        state.set_outbox_refused(true);
        assert_eq!(statuses().1, 503);
        // Without reports nothing shows that the outbox works again, so a refusal counts for some time only.
        tokio::time::advance(std::time::Duration::from_secs(10)).await;
        assert_eq!(statuses().1, 200);
        state.stop.drain();
        assert_eq!(statuses().1, 503);
    }
}
