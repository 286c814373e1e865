//! A reported event or a click, from its head to its answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Method, Response};
use http_body_util::Full;

use super::public_request::PublicRequest;
use crate::answer::{self, HitForm, PageAccess};
use crate::beacon::{DueEvent, HitKind};
use crate::counters::{AnswerCount, millis};
use crate::generation::PermittedOrigins;
use crate::outcome::{AnswerOutcome, HitEnd, ShedReason};
use crate::route::Route;
use crate::serve::AdmissionPermit;
use crate::state::GatewayState;

/// A reported event or a click whose token was read.
pub(super) struct HitExchange {
    state: Arc<GatewayState>,
    count: AnswerCount,
    page: PageAccess,
    /// `None` after a panic.
    read: Option<ReadHit>,
    form: HitForm,
}

/// What was read of a token.
struct ReadHit {
    due: Result<DueEvent, HitEnd>,
    form: HitForm,
    _permit: Option<AdmissionPermit>,
}

impl HitExchange {
    /// `None` for another route or another method.
    pub(super) fn begin(request: &PublicRequest<'_>) -> Option<Self> {
        if !request.route.is_hit() || request.route.check_method(&request.head.method).is_err() {
            return None;
        }
        // A token can come from a page of any origin in which a player runs.
        let page = PageAccess::of(&request.head.headers, &PermittedOrigins::default());
        // A page that reports with `sendBeacon` reads no body.
        let form = if request.head.method == Method::POST { HitForm::Empty } else { HitForm::Pixel };
        let (state, count) = (Arc::clone(request.state), request.count());
        let read = catch_unwind(AssertUnwindSafe(|| ReadHit::of(request, form.clone()))).ok().flatten();
        Some(Self { state, count, page, read, form })
    }

    /// Puts the beacons of the event into the outbox.
    pub(super) fn answer(self) -> impl Future<Output = Response<Full<Bytes>>> + Send {
        let Self { state, count, page, read, form } = self;
        async move {
            let ended = match read {
                Some(read) => AssertUnwindSafe(read.end(&state)).catch_unwind().await.ok(),
                None => None,
            };
            // An event in whose handler is a bug was not taken, and may be reported again.
            let outcome = ended.as_ref().map_or(AnswerOutcome::Internal, |(end, _)| end.outcome());
            let (end, form) = ended.unwrap_or((HitEnd::Refused, form));
            state.counters.beacons.hit(end);
            let response = answer::hit(end, form, page);
            let (status, elapsed) = (response.status().as_u16(), count.finish(outcome));
            tracing::info!(outcome = end.as_str(), status, elapsed_ms = millis(elapsed), "reported");
            response
        }
    }
}

impl ReadHit {
    fn of(request: &PublicRequest<'_>, form: HitForm) -> Option<Self> {
        let permit = request.admit_hit().map_err(|reason| match reason {
            ShedReason::ClientRate => HitEnd::Limited,
            _ => HitEnd::Refused,
        });
        let (hit, query) = (request.beacon_hit(), request.head.uri.query().unwrap_or_default());
        let kind = if request.head.method == Method::HEAD { HitKind::Head } else { HitKind::Player };
        let denied = permit.as_ref().err().copied();
        let (due, form) = match request.route {
            Route::Beacon { token } => (denied.map_or_else(|| hit.event(token, query, kind), Err), form),
            Route::Click { token } => {
                let (due, page) = hit.click(token, query, kind, denied);
                (due, HitForm::Click(page))
            }
            Route::Ads { .. } | Route::Report | Route::Unwrap | Route::Check => return None,
        };
        Some(Self { due, form, _permit: permit.ok() })
    }

    async fn end(self, state: &GatewayState) -> (HitEnd, HitForm) {
        let Self { due, form, _permit } = self;
        match due {
            Ok(due) => (due.put(state).await, form),
            Err(end) => (end, form),
        }
    }
}
