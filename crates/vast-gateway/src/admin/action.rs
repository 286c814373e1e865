//! The routes that change something. Each use is a line in the log, with the target `vast_gateway::audit`.

use http::header::{ACCEPT, LOCATION};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};
use vast_client::track::outbox::{DeliveryState, LedgerQuery, Timestamp};

use super::answer::{AdminBody, error, json_response, text};
use super::fields::fields_of;
use super::guard::Caller;
use super::route::AdminAction;
use crate::config::GatewayConfigError;
use crate::generation::{BlockKind, BlockRule, OperatorMark, PlacedSource};
use crate::reload::{Reload, Reloader};
use crate::serve::LimitedBody;
use crate::state::GatewayState;

/// Why an action had no effect.
struct ActionFailure(StatusCode, String);

/// What an action needs.
#[derive(Clone, Copy)]
pub(super) struct ActionParts<'a> {
    pub(super) state: &'a GatewayState,
    pub(super) reloader: Option<&'a Reloader>,
    pub(super) caller: &'a Caller,
}

/// Carries out an action. A form of a page gets its page again, a program JSON.
pub(super) async fn act(
    parts: ActionParts<'_>,
    action: AdminAction<'_>,
    headers: &HeaderMap,
    body: LimitedBody,
) -> Response<AdminBody> {
    let ActionParts { state, reloader, caller } = parts;
    let name: &str = action.into();
    let done = match action {
        AdminAction::Reload => reload(reloader).await,
        AdminAction::Requeue => requeue(state).await,
        AdminAction::Eject(path) => eject(parts, path.decoded()),
        AdminAction::Restore(path) => restore(state, &path.decoded()),
        AdminAction::Block => block(parts, headers, body).await,
        AdminAction::Unblock => unblock(parts, headers, body).await,
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

fn eject(parts: ActionParts<'_>, source: PlacedSource) -> Result<Value, ActionFailure> {
    let state = parts.state;
    let generation = state.generation();
    let placement = generation.placement(&source.placement);
    if !placement.is_some_and(|placement| placement.plan.source_names().any(|name| name == source.source)) {
        return Err(ActionFailure(StatusCode::NOT_FOUND, "there is no such source of a placement".to_owned()));
    }
    let done = json!({ "ejected": true, "placement": source.placement, "source": source.source });
    changed(state.set_rules(|rules| rules.eject(source, parts.mark())))?;
    Ok(done)
}

fn restore(state: &GatewayState, source: &PlacedSource) -> Result<Value, ActionFailure> {
    let mut was_ejected = false;
    changed(state.set_rules(|rules| was_ejected = rules.restore(source)))?;
    if was_ejected {
        return Ok(json!({ "ejected": false, "placement": source.placement, "source": source.source }));
    }
    Err(ActionFailure(StatusCode::CONFLICT, "no operator has ejected such a source".to_owned()))
}

async fn block(parts: ActionParts<'_>, headers: &HeaderMap, body: LimitedBody) -> Result<Value, ActionFailure> {
    let rule = rule_of(headers, body).await?;
    let done = json!({ "blocked": true, "kind": rule.kind.as_str(), "value": rule.value });
    let mut added = Ok(());
    changed(parts.state.set_rules(|rules| added = rules.block(rule, parts.mark())))?;
    added.map_err(unusable)?;
    Ok(done)
}

async fn unblock(parts: ActionParts<'_>, headers: &HeaderMap, body: LimitedBody) -> Result<Value, ActionFailure> {
    let rule = rule_of(headers, body).await?;
    let mut was_blocked = false;
    changed(parts.state.set_rules(|rules| was_blocked = rules.unblock(&rule)))?;
    if was_blocked {
        return Ok(json!({ "blocked": false, "kind": rule.kind.as_str(), "value": rule.value }));
    }
    Err(ActionFailure(StatusCode::CONFLICT, "no operator has blocked this".to_owned()))
}

/// The rule in a form or in JSON: `kind` and `value`.
async fn rule_of(headers: &HeaderMap, body: LimitedBody) -> Result<BlockRule, ActionFailure> {
    let fields = fields_of(headers, body).await.map_err(unusable)?;
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let kinds = || BlockKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
    let kind = BlockKind::of_name(field("kind")).ok_or_else(|| unusable(format!("`kind` is none of {}", kinds())))?;
    BlockRule::new(kind, field("value")).map_err(unusable)
}

fn unusable(problem: String) -> ActionFailure {
    ActionFailure(StatusCode::UNPROCESSABLE_ENTITY, problem)
}

fn changed(changed: Result<usize, GatewayConfigError>) -> Result<(), ActionFailure> {
    changed.map(drop).map_err(|error| unusable(error.to_string()))
}

impl ActionParts<'_> {
    /// The mark of a change that is made now.
    fn mark(self) -> OperatorMark {
        OperatorMark { since: self.state.env.wall(), key: self.caller.key.clone() }
    }
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
