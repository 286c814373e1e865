//! Makes a [`Recording`] of what was captured.

use bytes::{Bytes, BytesMut};
use http::HeaderMap;

use super::answer_parts::AnswerParts;
use super::capture::{Captured, CapturedDocument, CapturedExchange, CapturedHead, KeptRequest};
use super::exchange::{
    BodyPiece, RecordedContent, RecordedDocument, RecordedError, RecordedExchange, RecordedFailure, RecordedResponse,
};
use super::model::{DeliveryRecord, PersonalValues, RecordedRequest, RecordedSource, Recording};
use super::personal::Personal;
use super::recorded_time::RecordedTime;
use crate::config::{ClientConfig, FetchConfig, Location, SourceConfig};
use crate::error::Failure;
use crate::lane::{Plan, PlannedSource};
use crate::request::AdRequest;
use crate::transport::{Fetched, Target, TransportError};

impl Captured {
    /// The same with bodies that share no memory with the buffers of connections, which are much larger.
    pub(super) fn compact(mut self) -> Self {
        let pieces = self.exchanges.iter_mut().flat_map(|exchange| &mut exchange.pieces);
        pieces.for_each(|(_, piece)| *piece = Bytes::copy_from_slice(piece));
        self
    }
}

impl KeptRequest {
    /// The recording of the request. `deliveries` replaces the states that the beacons had at the answer.
    pub(super) fn recording(
        &self,
        personal_values: PersonalValues,
        deliveries: Option<Vec<DeliveryRecord>>,
    ) -> Recording {
        let (mut recording, personal) = self.replaced(personal_values);
        recording.deliveries = deliveries.unwrap_or_else(|| self.answer.deliveries.clone());
        personal.into_iter().for_each(|personal| personal.deliveries(&mut recording.deliveries));
        recording
    }

    /// `text` with the placeholders of the recording.
    pub(super) fn replace(&self, mut text: String) -> String {
        let (_, personal) = self.replaced(PersonalValues::Replaced);
        personal.into_iter().for_each(|personal| personal.replace_text(&mut text));
        text
    }

    /// The recording without deliveries, and its placeholders if personal values are replaced.
    fn replaced(&self, personal_values: PersonalValues) -> (Recording, Option<Personal>) {
        let Self { captured, answer } = self;
        let fetch = configuration(&answer.plan);
        let mut personal = (personal_values == PersonalValues::Replaced).then(|| Personal::of(answer, &fetch));
        let mut exchanges: Vec<_> = captured.exchanges.iter().map(exchange).collect();
        let mut documents: Vec<_> = captured.documents.iter().map(document).collect();
        if let Some(personal) = &mut personal {
            personal.answers(&mut exchanges, &mut documents);
        }
        let recording = Recording {
            client_version: env!("CARGO_PKG_VERSION").to_owned(),
            personal_values,
            request: request(answer, fetch, personal.as_mut()),
            exchanges,
            documents,
            policy: captured.policy.clone(),
            journal: answer.journal.clone(),
            breaks: answer.breaks.clone(),
            answer: Some(answer.answer.clone()),
            deliveries: Vec::new(),
        };
        (recording, personal)
    }
}

fn request(parts: &AnswerParts, mut fetch: FetchConfig, personal: Option<&mut Personal>) -> RecordedRequest {
    let AnswerParts { plan, arm, options, has_own_selector, request, request_id, began, seed, .. } = parts;
    let mut of_file = of_configuration(request);
    if let Some(personal) = personal {
        fetch = personal.configuration(fetch);
        of_file = personal.request(&of_file);
    }
    let config = ClientConfig { fetch, request: of_file, ..ClientConfig::default() };
    let local = plan.all.sources().filter(|source| !source.is_tag());
    RecordedRequest {
        id: request_id.clone(),
        began: *began,
        seed: *seed,
        is_seeded: request.seed.is_some(),
        config: config.to_toml(),
        arm: arm.as_deref().map(str::to_owned),
        local_sources: local.map(local_source).collect(),
        timeout: request.timeout,
        max_ad_duration: request.slot.max_ad_duration,
        break_id: request.break_id.clone(),
        non_linear: request.slot.non_linear,
        any_creative: request.slot.any_creative,
        break_types: request.slot.break_types.iter().map(|kind| kind.as_str().to_owned()).collect(),
        has_own_selector: *has_own_selector,
        options: *options,
    }
}

/// The request without what is recorded elsewhere, or only sent in headers.
fn of_configuration(request: &AdRequest) -> AdRequest {
    let mut request = AdRequest { seed: None, ..request.clone() };
    request.device.headers.clear();
    request
}

/// The configuration as a replay needs it: with the names and complete tags of its sources, and without what only concerns sending,
/// which may be secret.
fn configuration(plan: &Plan) -> FetchConfig {
    let mut config = (*plan.config).clone();
    config.params.clear();
    config.headers.clear();
    config.ca_file = None;
    config.proxy = None;
    let planned = plan.all.sources();
    for (source, planned) in config.sources.iter_mut().chain(&mut config.fallbacks).zip(planned) {
        let location = if planned.is_tag() {
            Location::Url(planned.source.url().to_owned())
        } else {
            Location::Inline("recorded".to_owned())
        };
        let mut recorded = SourceConfig::new(location).named(&*planned.name);
        recorded.source_timeout = source.source_timeout;
        recorded.weight = source.weight;
        recorded.privacy = source.privacy.clone();
        recorded.allow_private = source.allow_private;
        recorded.cache = source.cache;
        *source = recorded;
    }
    config
}

fn local_source(source: &PlannedSource) -> RecordedSource {
    RecordedSource { name: source.name.to_string(), label: source.source.url().to_owned() }
}

fn exchange(captured: &CapturedExchange) -> RecordedExchange {
    let CapturedExchange { place, url, began, sent, head, pieces, end, ended, cut } = captured;
    RecordedExchange {
        place: (**place).clone(),
        url: url.to_string(),
        began: *began,
        sent: *sent,
        response: head.as_ref().map(|head| response(head, pieces)),
        end: end.clone(),
        ended: *ended,
        cut: *cut,
    }
}

fn response(head: &CapturedHead, pieces: &[(RecordedTime, Bytes)]) -> RecordedResponse {
    let CapturedHead { arrived, status, headers, multiplexed } = head;
    let body = whole(pieces);
    RecordedResponse {
        head: *arrived,
        status: status.as_u16(),
        headers: texts(headers),
        multiplexed: *multiplexed,
        pieces: pieces.iter().map(|(arrived, piece)| BodyPiece { arrived: *arrived, bytes: piece.len() }).collect(),
        wire_bytes: body.len() as u64,
        body,
    }
}

fn whole(pieces: &[(RecordedTime, Bytes)]) -> Bytes {
    match pieces {
        [(_, only)] => only.clone(),
        pieces => {
            let mut body = BytesMut::with_capacity(pieces.iter().map(|(_, piece)| piece.len()).sum());
            pieces.iter().for_each(|(_, piece)| body.extend_from_slice(piece));
            body.freeze()
        }
    }
}

/// The headers as texts. Bytes that are not UTF-8 are replaced by U+FFFD.
fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    headers.iter().map(text).collect()
}

fn document(captured: &CapturedDocument) -> RecordedDocument {
    let CapturedDocument { place, url, target, began, ended, age, content } = captured;
    let content = content.as_ref().map(|content| match content {
        Ok(fetched) => Ok(RecordedContent::from(fetched)),
        Err(failure) => Err(RecordedFailure::from(failure)),
    });
    RecordedDocument {
        place: place.clone(),
        url: url.to_string(),
        target: target.as_deref().map(str::to_owned),
        began: *began,
        ended: *ended,
        age: *age,
        content,
    }
}

impl From<&Fetched> for RecordedContent {
    fn from(fetched: &Fetched) -> Self {
        let redirects = fetched.redirects.iter();
        Self {
            status: fetched.status,
            charset: fetched.charset.as_deref().map(str::to_owned),
            wire_bytes: fetched.wire_bytes,
            base: fetched.base.as_ref().map(Target::as_str).map(str::to_owned),
            redirects: redirects.map(|step| (step.status, step.url.to_string(), step.location.to_string())).collect(),
            encoding_warning: fetched.encoding_warning.clone(),
            bytes: fetched.body.len(),
            body: fetched.body.clone(),
        }
    }
}

impl From<&Failure> for RecordedFailure {
    fn from(failure: &Failure) -> Self {
        let Failure { error_type, message, vast_error_code, limit, status, retry_after, answered } = failure.clone();
        let message = message.into_owned();
        Self { error_type, message, vast_error_code, limit, status, retry_after, answered }
    }
}

impl From<&TransportError> for RecordedError {
    fn from(error: &TransportError) -> Self {
        let TransportError { kind, message, answered } = error.clone();
        Self { kind, message, answered }
    }
}
