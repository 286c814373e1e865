//! Answers the requests of the admin port.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Request, Response, StatusCode};

use super::action::{ActionParts, act};
use super::answer::{self, AdminBody, error, json_response};
use super::config_report::ConfigReport;
use super::description::openapi;
use super::fields::fields_of;
use super::gateways_report::GatewaysReport;
use super::guard::{Caller, check_caller};
use super::live::live;
use super::metrics::metrics;
use super::outbox_report::OutboxReport;
use super::requests::{
    ExplainedRequest, RequestBeacons, RequestFilter, RequestList, RequestReport, beacons, explain, recording_of,
};
use super::route::{AdminRoute, AdminScope, RouteKind};
use super::status::{BlockedReport, HealthReport, ReadyReport, SourcesReport, StateReport};
use super::tag_test::{TagSettings, TestedTag};
use super::watch::Watch;
use super::{dashboard, tag_test};
use crate::recent::{KeptRecording, RecentRequest};
use crate::reload::Reloader;
use crate::serve::{AnswerFuture, Handler, LimitedBody, Peer};
use crate::state::GatewayState;

/// Without a measurement of the lag for this time, the process does not run its tasks.
const ALIVE: Duration = Duration::from_secs(1);

/// Why there is nothing to show of a request.
const NOT_KEPT: &str = "the gateway does not keep this request, or not any more";

/// The admin port, or the port for probes.
pub(crate) struct AdminPort {
    pub(crate) state: Arc<GatewayState>,
    pub(crate) watch: Arc<Watch>,
    pub(crate) reloader: Option<Reloader>,
    pub(crate) scope: AdminScope,
}

impl Handler for AdminPort {
    type Body = AdminBody;

    fn answer(self: &Arc<Self>, request: Request<LimitedBody>, _: Peer) -> AnswerFuture<AdminBody> {
        let port = Arc::clone(self);
        Box::pin(async move { port.reply(request).await })
    }

    fn refuse_host(&self, _: &Request<LimitedBody>, problem: &'static str) -> Response<AdminBody> {
        error(StatusCode::BAD_REQUEST, &format!("Host: {problem}"))
    }
}

impl AdminPort {
    async fn reply(&self, request: Request<LimitedBody>) -> Response<AdminBody> {
        let (head, body) = request.into_parts();
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
        let filter = RequestFilter::of(head.uri.query().unwrap_or_default());
        match route {
            AdminRoute::Health => self.health(),
            AdminRoute::Ready => self.ready(),
            AdminRoute::Metrics => {
                answer::text(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", metrics(&self.state))
            }
            AdminRoute::Description => json_response(StatusCode::OK, &openapi()),
            AdminRoute::State => answer::json_of(&StateReport::of(&self.state)),
            AdminRoute::Sources => answer::json_of(&SourcesReport::of(&self.state)),
            AdminRoute::Outbox => answer::json_of(&self.outbox().await),
            AdminRoute::Gateways => answer::json_of(&GatewaysReport::of(&self.state, &self.watch.past())),
            AdminRoute::GatewaysPage => answer::page(dashboard::gateways_page(&self.state, &self.watch.past())),
            AdminRoute::Requests => self.requests(&filter),
            AdminRoute::Request(id) => self.request(id).await,
            AdminRoute::RequestsPage => {
                answer::page(dashboard::requests_page(&self.state, &self.watch.past(), &filter))
            }
            AdminRoute::RequestPage(id) => self.request_page(id).await,
            AdminRoute::RequestFile(id) => self.request_file(id),
            AdminRoute::Action(action) => {
                let parts = ActionParts { state: &self.state, reloader: self.reloader.as_ref(), caller: &caller };
                act(parts, action, &head.headers, body).await
            }
            AdminRoute::TestPage => answer::page(self.test_form(None)),
            AdminRoute::TestRun => match self.test(&caller, &head.headers, body).await {
                Ok(tested) => answer::story_page(dashboard::tested_page(&tested)),
                Err(problem) => answer::unusable_page(self.test_form(Some(&problem))),
            },
            AdminRoute::Test => match self.test(&caller, &head.headers, body).await {
                Ok(tested) => answer::json_of(&tested.report()),
                Err(problem) => error(StatusCode::UNPROCESSABLE_ENTITY, &problem),
            },
            AdminRoute::Config => answer::json_of(&self.config().await),
            AdminRoute::ConfigPage => {
                let report = self.config().await;
                answer::page(dashboard::config_page(&self.state, &self.watch.past(), &report))
            }
            AdminRoute::Blocked => answer::json_of(&BlockedReport::of(&self.state)),
            AdminRoute::BlockedPage => answer::page(dashboard::blocked_page(&self.state, &self.watch.past())),
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

    fn health(&self) -> Response<AdminBody> {
        let since = self.state.admission.since_measured();
        let (status, word) = if since < ALIVE {
            (StatusCode::OK, "alive")
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, "tasks do not run")
        };
        answer::json_under(status, &HealthReport { status: word })
    }

    fn ready(&self) -> Response<AdminBody> {
        let reasons = self.state.reasons_not_ready();
        let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        answer::json_under(status, &ReadyReport { ready: reasons.is_empty(), reasons, degraded: self.state.degraded() })
    }

    fn requests(&self, filter: &RequestFilter) -> Response<AdminBody> {
        let all = self.state.recent.newest();
        let found = all.iter().map(|request| &**request).filter(|request| filter.matches(request));
        answer::json_of(&RequestList::new(self.state.generation().server.keep_requests, found))
    }

    async fn request(&self, id: &str) -> Response<AdminBody> {
        let Some(request) = self.state.recent.find(id) else { return error(StatusCode::NOT_FOUND, NOT_KEPT) };
        let (explained, beacons) = (self.explained(&request).await, self.beacons(&request).await);
        match RequestReport::new(&request, &explained, beacons) {
            Some(report) => answer::json_of(&report),
            None => error(StatusCode::NOT_FOUND, NOT_KEPT),
        }
    }

    async fn request_page(&self, id: &str) -> Response<AdminBody> {
        let page = |known: Option<_>, problem: &str| {
            dashboard::request_page_without_story(&self.state, &self.watch.past(), known, problem)
        };
        let Some(request) = self.state.recent.find(id) else { return answer::missing_page(page(None, NOT_KEPT)) };
        let beacons = self.beacons(&request).await;
        let story = match self.explained(&request).await {
            Ok(explained) => dashboard::request_page(&request, &explained, &beacons).ok_or_else(|| NOT_KEPT.to_owned()),
            Err(problem) => Err(problem),
        };
        match story {
            Ok(story) => answer::story_page(story),
            Err(problem) => answer::page(page(Some((&request, &beacons)), &problem)),
        }
    }

    fn request_file(&self, id: &str) -> Response<AdminBody> {
        match self.state.recent.find(id).and_then(|request| Some((request.recording.get().cloned()?, request))) {
            Some((KeptRecording::Whole(file), request)) => {
                answer::file(&format!("{}.vastrec", request.id), file.to_vec())
            }
            _ => error(StatusCode::NOT_FOUND, NOT_KEPT),
        }
    }

    /// The replay of a request.
    async fn explained(&self, request: &RecentRequest) -> Result<ExplainedRequest, String> {
        match request.recording.get() {
            Some(KeptRecording::Whole(file)) => {
                let file = Arc::clone(file);
                explain(&self.watch.replays, move || recording_of(&file)).await
            }
            Some(KeptRecording::TooLarge(bytes)) => {
                Err(format!("its recording has {bytes} bytes, and the gateway keeps at most 32 kB of a request"))
            }
            None => Err("its recording is not complete yet, reload the page".to_owned()),
        }
    }

    async fn beacons(&self, request: &RecentRequest) -> RequestBeacons {
        beacons(&**self.state.client.tracker().outbox(), request, self.state.env.wall()).await
    }

    fn test_form(&self, problem: Option<&str>) -> String {
        dashboard::test_page(&self.state, &self.watch.past(), problem)
    }

    /// Runs the test that the body describes.
    async fn test(&self, caller: &Caller, headers: &HeaderMap, body: LimitedBody) -> Result<TestedTag, String> {
        let fields = fields_of(headers, body).await?;
        let (first, second) = (TagSettings::tested(&fields), TagSettings::compared(&fields));
        let key = caller.key.as_deref().unwrap_or("none");
        tracing::info!(target: "vast_gateway::audit", action = "test", key, placement = first.placement, "a test of a tag");
        let _permit = self.watch.tests.try_acquire().map_err(|_| "too many tests run at the same time".to_owned())?;
        Box::pin(tag_test::run(&self.state, &self.watch.replays, (first, second))).await
    }

    async fn config(&self) -> ConfigReport {
        ConfigReport::read(&self.state, self.reloader.as_ref()).await
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
        let state = GatewayState::new(client, Env::system(), Arc::default(), generation, None);
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
