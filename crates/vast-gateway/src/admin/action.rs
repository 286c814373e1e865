//! The routes that change something. Each use is a line in the log, with the target `vast_gateway::audit`.

use http::header::{ACCEPT, LOCATION};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};
use vast_client::track::outbox::{DeliveryState, LedgerQuery, Timestamp};

use super::answer::{AdminBody, error, json_response, text};
use super::guard::Caller;
use super::route::AdminAction;
use crate::reload::{Reload, Reloader};
use crate::state::GatewayState;

/// Why an action had no effect.
struct ActionFailure(StatusCode, String);

/// Carries out an action. A form of a page gets its page again, a program JSON.
pub(super) async fn act(
    (state, reloader): (&GatewayState, Option<&Reloader>),
    action: AdminAction,
    caller: &Caller,
    headers: &HeaderMap,
) -> Response<AdminBody> {
    let name: &str = action.into();
    let done = match action {
        AdminAction::Reload => reload(reloader).await,
        AdminAction::Requeue => requeue(state).await,
        AdminAction::Drain => {
            state.stop.drain();
            Ok(json!({ "draining": true }))
        }
    };
    let key = caller.key.as_deref().unwrap_or("none");
    match done {
        Ok(done) => {
            tracing::info!(target: "vast_gateway::audit", action = name, key, result = %done, "an action of the admin port");
            if is_form(headers) { see(action.page()) } else { json_response(StatusCode::OK, &done) }
        }
        Err(ActionFailure(status, problem)) => {
            tracing::info!(target: "vast_gateway::audit", action = name, key, %problem, "an action of the admin port had no effect");
            error(status, &problem)
        }
    }
}

async fn reload(reloader: Option<&Reloader>) -> Result<Value, ActionFailure> {
    let Some(reloader) = reloader else {
        return Err(ActionFailure(StatusCode::CONFLICT, "the gateway has no configuration file".to_owned()));
    };
    match reloader.reload_in_background().await {
        Ok(Reload::Replaced(number)) => Ok(json!({ "replaced": true, "generation": number })),
        Ok(Reload::Unchanged) => Ok(json!({ "replaced": false })),
        Err(mistake) => Err(ActionFailure(StatusCode::UNPROCESSABLE_ENTITY, mistake.to_string())),
    }
}

async fn requeue(state: &GatewayState) -> Result<Value, ActionFailure> {
    let query = LedgerQuery { state: Some(DeliveryState::Dead), ..LedgerQuery::default() };
    let now = Timestamp::from(state.env.wall());
    let requeued = state.client.tracker().outbox().requeue(query, now).await;
    let requeued = requeued.map_err(|error| ActionFailure(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
    // The dispatcher delivers them, also if nothing was tracked since the start.
    state.client.start();
    Ok(json!({ "requeued": requeued }))
}

/// Whether a form of a page has sent the request.
fn is_form(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// Leads a browser to a page.
fn see(page: &'static str) -> Response<AdminBody> {
    let mut response = text(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", "");
    response.headers_mut().insert(LOCATION, HeaderValue::from_static(page));
    response
}
