//! The pages of the dashboard. They are made on the server and work without a script; the script only replaces numbers.
//!
//! Each number has a key. `numbers` makes its text once, for the page and for the events of `/api/live`.

mod assets;
mod blocked;
mod config;
mod figures;
mod frame;
mod gateways;
mod graphs;
mod health_text;
mod numbers;
mod outbox;
mod overview;
mod request;
mod requests;
mod sources;
mod tag_test;

use std::sync::Arc;

use bytes::Bytes;
use maud::html;

pub(super) use assets::{SCRIPT, STYLE};
use frame::PageFrame;

use super::config_report::ConfigReport;
use super::gateways_report::GatewaysReport;
use super::outbox_report::OutboxReport;
use super::requests::{ExplainedRequest, RequestBeacons, RequestFilter};
use super::tag_test::TestedTag;
use super::watch::Past;
use crate::recent::RecentRequest;
use crate::state::GatewayState;

/// The page `/`.
pub(super) fn overview_page(state: &GatewayState, past: &Past) -> String {
    let generation = state.generation();
    let frame = PageFrame { name: "Overview", generation: &generation, figures: &numbers::figures(state, past) };
    frame.page(&overview::content(&frame, past))
}

/// The page `/sources`.
pub(super) fn sources_page(state: &GatewayState, past: &Past) -> String {
    let generation = state.generation();
    let frame = PageFrame { name: "Sources", generation: &generation, figures: &numbers::figures(state, past) };
    frame.page(&sources::content(&frame))
}

/// The page `/outbox`.
pub(super) fn outbox_page(state: &GatewayState, past: &Past, report: &OutboxReport) -> String {
    let generation = state.generation();
    let frame = PageFrame { name: "Outbox", generation: &generation, figures: &numbers::figures(state, past) };
    frame.page(&outbox::content(&frame, report))
}

/// The page `/gateways`.
pub(super) fn gateways_page(state: &GatewayState, past: &Past) -> String {
    let generation = state.generation();
    let frame = PageFrame { name: "Gateways", generation: &generation, figures: &numbers::figures(state, past) };
    frame.page(&gateways::content(&GatewaysReport::of(state, past), state.env.wall()))
}

/// The page `/requests`.
pub(super) fn requests_page(state: &GatewayState, past: &Past, filter: &RequestFilter) -> String {
    let generation = state.generation();
    let frame = PageFrame { name: "Requests", generation: &generation, figures: &numbers::figures(state, past) };
    let taken = state.recent.taken();
    let content = requests::content(&frame, &state.recent.newest(), filter);
    frame.page(&html! { div data-taken=(taken) {} (content) })
}

/// The page `/blocked`.
pub(super) fn blocked_page(state: &GatewayState, past: &Past) -> String {
    let generation = state.generation();
    let frame = PageFrame { name: "Blocked", generation: &generation, figures: &numbers::figures(state, past) };
    frame.page(&blocked::content(&frame, state.env.wall()))
}

/// The page `/config`.
pub(super) fn config_page(state: &GatewayState, past: &Past, report: &ConfigReport) -> String {
    let generation = state.generation();
    let frame = PageFrame { name: "Configuration", generation: &generation, figures: &numbers::figures(state, past) };
    frame.page(&config::content(&frame, report, state.env.wall()))
}

/// The page `/test`. `problem` says why the last test has not run.
pub(super) fn test_page(state: &GatewayState, past: &Past, problem: Option<&str>) -> String {
    let generation = state.generation();
    let frame = PageFrame { name: "Test", generation: &generation, figures: &numbers::figures(state, past) };
    frame.page(&tag_test::form(&frame, problem))
}

/// The page of a test: the page of `vast explain` with a section of the test.
pub(super) fn tested_page(tested: &TestedTag) -> String {
    vast_explain::html::page_with(&tested.first.explained.story(), &tag_test::section(tested))
}

/// The page `/requests/ID`: the page of `vast explain` with a section of the gateway. `None` if the request has no answer yet.
pub(super) fn request_page(
    request: &RecentRequest,
    explained: &ExplainedRequest,
    beacons: &RequestBeacons,
) -> Option<String> {
    let section = request::section(request, request.served.get()?, beacons, Some(explained));
    Some(vast_explain::html::page_with(&explained.story(), &section))
}

/// The page `/requests/ID` without a story, or of a request that is not kept.
pub(super) fn request_page_without_story(
    state: &GatewayState,
    past: &Past,
    request: Option<(&Arc<RecentRequest>, &RequestBeacons)>,
    problem: &str,
) -> String {
    let generation = state.generation();
    let frame = PageFrame { name: "Request", generation: &generation, figures: &numbers::figures(state, past) };
    let known =
        request.and_then(|(request, beacons)| Some(request::section(request, request.served.get()?, beacons, None)));
    frame.page(&request::without_story(&known.unwrap_or_default(), problem))
}

/// An event of `/api/live`.
pub(super) fn event(state: &GatewayState, past: &Past) -> Bytes {
    let (number, requests) = (state.generation().number, state.recent.taken());
    let figures = numbers::figures(state, past);
    let json = serde_json::json!({ "generation": number, "requests": requests, "figures": figures });
    format!("data: {json}\n\n").into()
}
