//! The pages of the dashboard. They are made on the server and work without a script; the script only replaces numbers.
//!
//! Each number has a key. `numbers` makes its text once, for the page and for the events of `/api/live`.

mod assets;
mod figures;
mod frame;
mod health_text;
mod numbers;
mod overview;
mod sources;

use bytes::Bytes;

pub(super) use assets::{SCRIPT, STYLE};
use frame::PageFrame;

use super::watch::Past;
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
    frame.page(&sources::content(&frame, past))
}

/// An event of `/api/live`.
pub(super) fn event(state: &GatewayState, past: &Past) -> Bytes {
    let number = state.generation().number;
    let json = serde_json::json!({ "generation": number, "figures": numbers::figures(state, past) });
    format!("data: {json}\n\n").into()
}
