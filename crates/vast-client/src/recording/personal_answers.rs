//! Replaces the personal values in the answers of servers.

use bytes::Bytes;
use http::HeaderMap;

use super::BodyPiece;
use super::exchange::{ExchangeEnd, RecordedContent, RecordedDocument, RecordedExchange, RecordedResponse};
use super::model::DeliveryRecord;
use super::personal::{LearntText, Personal};
use crate::transport::decoded_start;

/// The response headers whose values are recorded. The values of all others are replaced, because they may identify the viewer.
const RECORDED_HEADERS: [&str; 14] = [
    "accept-ranges",
    "age",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "date",
    "expires",
    "location",
    "retry-after",
    "transfer-encoding",
    "vary",
];

/// An event of a request at which values come from outside.
#[derive(Clone, Copy)]
enum OutsideEvent {
    Requested(usize),
    Answered(usize),
    Document(usize),
}

/// A body whose personal values are learnt.
struct LearntBody {
    text: Vec<u8>,
    learnt: LearntText,
    /// Whether the body was compressed.
    is_decoded: bool,
}

impl LearntBody {
    fn new(personal: &mut Personal, mut text: Vec<u8>, is_decoded: bool) -> Self {
        let learnt = personal.learn(&mut text);
        Self { text, learnt, is_decoded }
    }

    /// The body with placeholders; `None` if it has no personal value.
    fn replaced(self, personal: &Personal) -> Option<Bytes> {
        let Self { mut text, learnt, .. } = self;
        personal.replace_learnt(&mut text, learnt).then(|| text.into())
    }
}

impl Personal {
    /// Replaces the values in the exchanges and documents. A value that is in an answer before the request sends it belongs to a server.
    /// A value that the request sends first was made by the request.
    pub(super) fn answers(&mut self, exchanges: &mut [RecordedExchange], documents: &mut [RecordedDocument]) {
        let (of_exchanges, of_documents) = self.learn_answers(exchanges, documents);
        for (exchange, body) in exchanges.iter_mut().zip(of_exchanges) {
            self.replace_text(&mut exchange.url);
            if let ExchangeEnd::Failed(error) = &mut exchange.end {
                self.replace_text(&mut error.message);
            }
            if let Some((response, body)) = exchange.response.as_mut().zip(body) {
                self.response(response, body);
            }
        }
        for (document, body) in documents.iter_mut().zip(of_documents) {
            self.document(document, body);
        }
    }

    /// Learns the values of all answers, in the order in which they came.
    fn learn_answers(
        &mut self,
        exchanges: &[RecordedExchange],
        documents: &[RecordedDocument],
    ) -> (Vec<Option<LearntBody>>, Vec<Option<LearntBody>>) {
        let none = |count: usize| std::iter::repeat_with(|| None).take(count).collect::<Vec<_>>();
        let (mut of_exchanges, mut of_documents) = (none(exchanges.len()), none(documents.len()));
        for event in events(exchanges, documents) {
            match event {
                OutsideEvent::Requested(index) => {
                    exchanges.get(index).into_iter().for_each(|exchange| self.learn_made(&exchange.url));
                }
                OutsideEvent::Answered(index) => {
                    let response = exchanges.get(index).and_then(|exchange| exchange.response.as_ref());
                    of_exchanges[index] = response.map(|response| self.learn_response(response));
                }
                OutsideEvent::Document(index) => {
                    of_documents[index] = documents.get(index).and_then(|document| self.learn_document(document));
                }
            }
        }
        (of_exchanges, of_documents)
    }

    fn learn_response(&mut self, response: &RecordedResponse) -> LearntBody {
        for (_, location) in response.headers.iter().filter(|(name, _)| name == "location") {
            self.learn_text(location);
        }
        let decoded = decoded_start(&http_headers(&response.headers), &response.body);
        let is_decoded = decoded.is_some();
        LearntBody::new(self, decoded.unwrap_or_else(|| response.body.to_vec()), is_decoded)
    }

    fn learn_document(&mut self, document: &RecordedDocument) -> Option<LearntBody> {
        self.learn_text(&document.url);
        document.target.iter().for_each(|target| self.learn_text(target));
        let Some(Ok(content)) = &document.content else { return None };
        let body = LearntBody::new(self, content.body.to_vec(), false);
        content.base.iter().for_each(|base| self.learn_text(base));
        for (_, url, location) in &content.redirects {
            self.learn_text(url);
            self.learn_text(location);
        }
        Some(body)
    }

    fn response(&mut self, response: &mut RecordedResponse, body: LearntBody) {
        for (name, value) in &mut response.headers {
            if !RECORDED_HEADERS.contains(&name.as_str()) {
                *value = self.of_header(value);
            } else if name == "location" {
                self.replace_text(value);
            }
        }
        let is_decoded = body.is_decoded;
        let Some(body) = body.replaced(self) else { return };
        if is_decoded {
            response.headers.retain(|(name, _)| name != "content-encoding" && name != "content-length");
            response.set_decoded(body);
        } else {
            response.body = body;
        }
    }

    fn document(&self, document: &mut RecordedDocument, body: Option<LearntBody>) {
        self.replace_text(&mut document.url);
        document.target.iter_mut().for_each(|target| self.replace_text(target));
        match &mut document.content {
            Some(Ok(content)) => {
                let RecordedContent { base, redirects, .. } = content;
                base.iter_mut().for_each(|base| self.replace_text(base));
                for (_, url, location) in redirects {
                    self.replace_text(url);
                    self.replace_text(location);
                }
                content.body = body.and_then(|body| body.replaced(self)).unwrap_or_else(|| content.body.clone());
            }
            Some(Err(failure)) => self.replace_text(&mut failure.message),
            None => {}
        }
    }

    pub(super) fn deliveries(&self, deliveries: &mut [DeliveryRecord]) {
        for delivery in deliveries {
            self.replace_text(&mut delivery.url);
            delivery.reason.iter_mut().for_each(|reason| self.replace_text(reason));
        }
    }
}

/// What came from outside, and the requests, in the order of the recording.
fn events(exchanges: &[RecordedExchange], documents: &[RecordedDocument]) -> Vec<OutsideEvent> {
    let mut events: Vec<(u32, OutsideEvent)> = Vec::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        events.push((exchange.began.rank, OutsideEvent::Requested(index)));
        events.extend(exchange.response.as_ref().map(|response| (response.head.rank, OutsideEvent::Answered(index))));
    }
    events.extend(documents.iter().enumerate().map(|(index, document)| {
        (document.ended.map_or(document.began.rank, |ended| ended.rank), OutsideEvent::Document(index))
    }));
    events.sort_by_key(|(rank, _)| *rank);
    events.into_iter().map(|(_, event)| event).collect()
}

fn http_headers(headers: &[(String, String)]) -> HeaderMap {
    headers
        .iter()
        .filter_map(|(name, value)| Some((name.parse::<http::HeaderName>().ok()?, value.parse().ok()?)))
        .collect()
}

impl RecordedResponse {
    /// Replaces the body by the decoded one, as one piece that arrives with the last one.
    fn set_decoded(&mut self, body: Bytes) {
        if let Some(last) = self.pieces.pop() {
            let bytes = body.len();
            self.pieces = vec![BodyPiece { bytes, ..last }];
            self.body = body;
        }
    }
}
