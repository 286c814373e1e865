//! Replaces the personal values of a recording: those that the host gave, wherever they occur, and those in the queries of URLs.

use std::collections::HashSet;

use bytes::Bytes;
use http::HeaderMap;

use super::answer_parts::AnswerParts;
use super::exchange::{RecordedDocument, RecordedExchange, RecordedResponse};
use super::model::DeliveryRecord;
use super::personal_form::{is_personal, is_personal_name};
use super::placeholder::PlaceholderTable;
use super::query_value;
use super::replacer::Needles;
use crate::config::{FetchConfig, Location};
use crate::env::{Draws, Env};
use crate::request::{AdRequest, Device, IpPolicy, Privacy, UserAgentPolicy};
use crate::transport::decoded_start;

/// Separates the randomness of placeholders from that of the request. The placeholders do not depend on the values.
const PLACEHOLDER_DRAW: u64 = 77;

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

/// The personal values of one request and their placeholders.
pub(super) struct Personal {
    table: PlaceholderTable,
    /// The values that the host gave.
    given: Needles,
    /// Values in queries that the request made itself, such as `[TRANSACTIONID]`. A replay makes them again.
    made: HashSet<Vec<u8>>,
}

impl Personal {
    /// The values that the host gave for this request.
    pub(super) fn of(parts: &AnswerParts) -> Self {
        let rng = Env::draws(Draws::nth(parts.seed, PLACEHOLDER_DRAW)).with(|rng| rng.clone());
        let mut personal = Self { table: PlaceholderTable::new(rng), given: Needles::default(), made: HashSet::new() };
        let config = &parts.plan.config;
        let sources = config.sources.iter().chain(&config.fallbacks);
        let default = Privacy::default();
        let named = parts.plan.all.sources().map(|source| &*source.name);
        let privacies = sources.zip(named).map(|(source, name)| (&source.privacy, name)).chain([(&default, "")]);
        let privacies: Vec<_> = privacies.collect();
        personal.device(&parts.request.device, &privacies);
        let consent = &parts.request.consent;
        let texts = [&consent.gdpr_consent, &consent.gpp, &parts.request.split_key];
        texts.into_iter().flatten().for_each(|text| drop(personal.text(text)));
        let headers =
            config.headers.iter().chain(config.sources.iter().chain(&config.fallbacks).flat_map(|one| &one.headers));
        headers.for_each(|(_, value)| personal.header(value));
        for (name, value) in personal_macros(&parts.request) {
            personal.given_macro(name, value, &privacies);
        }
        personal
    }

    fn device(&mut self, device: &Device, privacies: &[(&Privacy, &str)]) {
        if let Some(ip) = device.ip {
            let placeholder = self.table.of_ip(ip);
            // Servers shorten addresses too.
            for policy in [IpPolicy::Full, IpPolicy::Truncate] {
                self.pair(policy.apply(ip), policy.apply(placeholder), true);
            }
            self.pair(Some(ip.to_canonical()), Some(placeholder.to_canonical()), true);
        }
        if let Some(user_agent) = &device.user_agent {
            self.user_agent(user_agent);
        }
        if let Some(ifa) = &device.ifa {
            self.ifa(ifa, privacies);
        }
        let texts = [&device.referer, &device.accept_language, &device.requested_with];
        let headers = device.headers.iter().map(|(_, value)| value);
        for text in texts.into_iter().flatten().chain(headers) {
            self.text(text);
        }
    }

    fn user_agent(&mut self, user_agent: &str) {
        let placeholder = self.table.of_text(user_agent);
        for policy in [UserAgentPolicy::Full, UserAgentPolicy::Generalise] {
            self.pair(policy.apply(user_agent), policy.apply(&placeholder), false);
        }
    }

    fn ifa(&mut self, ifa: &str, privacies: &[(&Privacy, &str)]) {
        let placeholder = self.table.of_text(ifa);
        for (privacy, name) in privacies {
            let salt = privacy.ifa_salt.as_deref();
            let placeholder_salt = salt.map(|salt| self.table.of_text(salt));
            let (salt, placeholder_salt) = (salt.unwrap_or(name), placeholder_salt.as_deref().unwrap_or(name));
            self.pair(privacy.ifa.apply(ifa, salt), privacy.ifa.apply(&placeholder, placeholder_salt), false);
        }
        self.pair(Some(ifa), Some(&placeholder), false);
    }

    /// A macro value of the host. The rules of a source also hold for the device's values that are given as macros.
    fn given_macro(&mut self, name: &str, value: &str, privacies: &[(&Privacy, &str)]) {
        match (name, value.trim().parse()) {
            ("DEVICEUA", _) => self.user_agent(value),
            ("IFA", _) => self.ifa(value, privacies),
            (_, Ok(ip)) => {
                let device = Device { ip: Some(ip), ..Device::default() };
                self.device(&device, privacies);
                self.text(value);
            }
            _ => drop(self.text(value)),
        }
    }

    /// A header that the operator configured, which may hold a secret: the whole value, and its parts, such as the token of `Bearer`
    /// or a cookie.
    fn header(&mut self, value: &str) {
        self.text(value);
        let parts = value.split([' ', ';', ',']).map(|part| part.split_once('=').map_or(part, |(_, value)| value));
        parts.filter(|part| is_id_part(part)).for_each(|part| drop(self.text(part)));
    }

    /// The placeholder of a text, which is replaced wherever it occurs.
    fn text(&mut self, text: &str) -> String {
        let placeholder = match text.trim().parse() {
            Ok(ip) if text.trim() == text => self.table.of_ip(ip).to_string(),
            _ => self.table.of_text(text),
        };
        self.given.add(text, &placeholder, false);
        placeholder
    }

    /// Replaces `value`, as a source receives it, by the same form of the placeholder.
    fn pair<T: ToString>(&mut self, value: Option<T>, placeholder: Option<T>, is_word: bool) {
        if let (Some(value), Some(placeholder)) = (value, placeholder) {
            let (value, placeholder) = (value.to_string(), placeholder.to_string());
            self.table.issue(value.as_bytes(), placeholder.clone().into_bytes());
            self.given.add(&value, &placeholder, is_word);
        }
    }

    /// The request with placeholders.
    pub(super) fn request(&mut self, request: &AdRequest) -> AdRequest {
        let mut request = request.clone();
        let personal: Vec<String> = personal_macros(&request).map(|(name, _)| name.to_owned()).collect();
        request.device.ip = request.device.ip.map(|ip| self.table.of_ip(ip));
        let device = &mut request.device;
        let texts = [
            &mut device.user_agent,
            &mut device.ifa,
            &mut device.referer,
            &mut device.accept_language,
            &mut device.requested_with,
            &mut request.consent.gdpr_consent,
            &mut request.consent.gpp,
            &mut request.split_key,
        ];
        for text in texts.into_iter().flatten() {
            *text = self.text(text);
        }
        for (name, value) in &mut request.macros {
            if personal.contains(name) {
                *value = self.text(value);
            }
        }
        request
    }

    /// The configuration with placeholders in its tags, and for its salts.
    pub(super) fn configuration(&mut self, mut config: FetchConfig) -> FetchConfig {
        for source in config.sources.iter_mut().chain(&mut config.fallbacks) {
            if let Location::Url(url) = &mut source.location {
                *url = self.learnt(url);
            }
            if let Some(salt) = &mut source.privacy.ifa_salt {
                *salt = self.table.of_text(salt);
            }
        }
        config
    }

    /// Notes the values that the request made itself. They are in a requested URL, and nothing from outside had them before.
    fn learn_made(&mut self, url: &str) {
        let mut text = url.as_bytes().to_vec();
        self.given.replace(&mut text);
        for value in query_value::ranges(&text) {
            let value = text[value.bytes].to_vec();
            if self.table.get(&value).is_none() && !self.table.has_issued(&value) {
                self.made.insert(value);
            }
        }
    }

    /// The text with all placeholders. Personal values in queries that are new get one.
    fn learnt(&mut self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        self.learn(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// [`learnt`](Self::learnt) for the target of a redirect, which may be relative.
    fn location(&mut self, location: &str) -> String {
        /// Makes a relative URL one that is recognized.
        const SCHEME: &str = "relative://";
        let absolute = self.learnt(&format!("{SCHEME}{location}"));
        absolute.strip_prefix(SCHEME).unwrap_or(&absolute).to_owned()
    }

    /// Replaces all values in `text`, and gives personal values in queries that are new a placeholder.
    fn learn(&mut self, text: &mut [u8]) -> bool {
        let mut found = self.given.replace(text);
        for value in query_value::ranges(text) {
            let (name, bytes) = (text[value.name].to_vec(), text[value.bytes.clone()].to_vec());
            let decoded = query_value::decoded(&bytes);
            let is_known = [&bytes, &decoded].into_iter().any(|form| self.table.get(form).is_some());
            let is_issued = [&bytes, &decoded].into_iter().any(|form| self.table.has_issued(form));
            let is_left = self.made.contains(&bytes) || is_issued;
            if is_left || !(is_known || is_personal(&name, &bytes)) {
                continue;
            }
            let placeholder = query_value::placeholder(&bytes, |decoded| self.table.of_bytes(decoded));
            self.table.issue(&bytes, placeholder.clone());
            text[value.bytes].copy_from_slice(&placeholder);
            found = true;
        }
        found
    }

    /// Replaces all known values in `text`.
    pub(super) fn replace(&self, text: &mut [u8]) -> bool {
        let mut found = self.given.replace(text);
        for value in query_value::ranges(text) {
            if let Some(placeholder) = self.known(&text[value.bytes.clone()])
                && placeholder.len() == value.bytes.len()
            {
                text[value.bytes].copy_from_slice(&placeholder);
                found = true;
            }
        }
        found
    }

    /// The placeholder of a value of a query that is known, in the same percent-encoded form or in another one.
    fn known(&self, encoded: &[u8]) -> Option<Vec<u8>> {
        if let Some(placeholder) = self.table.get(encoded) {
            return Some(placeholder.to_vec());
        }
        let decoded = self.table.get(&query_value::decoded(encoded))?;
        Some(query_value::placeholder(encoded, |_| decoded.to_vec()))
    }

    /// [`replace`](Self::replace) for a text.
    pub(super) fn replace_text(&self, text: &mut String) {
        let mut bytes = std::mem::take(text).into_bytes();
        self.replace(&mut bytes);
        *text = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    }

    /// Replaces the values in the exchanges and documents. A value is new where it comes first: a server's, or the request's.
    pub(super) fn answers(&mut self, exchanges: &mut [RecordedExchange], documents: &mut [RecordedDocument]) {
        let mut events: Vec<(u32, OutsideEvent)> = Vec::new();
        for (index, exchange) in exchanges.iter().enumerate() {
            events.push((exchange.began.rank, OutsideEvent::Requested(index)));
            events
                .extend(exchange.response.as_ref().map(|response| (response.head.rank, OutsideEvent::Answered(index))));
        }
        events.extend(documents.iter().enumerate().map(|(index, document)| {
            (document.ended.map_or(document.began.rank, |ended| ended.rank), OutsideEvent::Document(index))
        }));
        events.sort_by_key(|(rank, _)| *rank);
        for (_, event) in events {
            match event {
                OutsideEvent::Requested(index) => {
                    exchanges.get(index).into_iter().for_each(|exchange| self.learn_made(&exchange.url));
                }
                OutsideEvent::Answered(index) => {
                    let response = exchanges.get_mut(index).and_then(|exchange| exchange.response.as_mut());
                    response.into_iter().for_each(|response| self.response(response));
                }
                OutsideEvent::Document(index) => {
                    documents.get_mut(index).into_iter().for_each(|document| self.document(document));
                }
            }
        }
        for exchange in exchanges {
            self.replace_text(&mut exchange.url);
            if let super::ExchangeEnd::Failed(error) = &mut exchange.end {
                self.replace_text(&mut error.message);
            }
        }
    }

    fn response(&mut self, response: &mut RecordedResponse) {
        let headers = http_headers(&response.headers);
        for (name, value) in &mut response.headers {
            if !RECORDED_HEADERS.contains(&name.as_str()) {
                *value = self.table.of_text(value);
            } else if name == "location" {
                *value = self.location(value);
            }
        }
        let mut body = response.body.to_vec();
        match decoded_start(&headers, &response.body) {
            None => {
                if self.learn(&mut body) {
                    response.body = body.into();
                }
            }
            Some(mut decoded) => {
                if self.learn(&mut decoded) {
                    response.headers.retain(|(name, _)| name != "content-encoding" && name != "content-length");
                    response.set_decoded(decoded.into());
                }
            }
        }
    }

    fn document(&mut self, document: &mut RecordedDocument) {
        document.url = self.learnt(&document.url);
        document.target = document.target.take().map(|target| self.learnt(&target));
        match &mut document.content {
            Some(Ok(content)) => {
                let mut body = content.body.to_vec();
                if self.learn(&mut body) {
                    content.body = body.into();
                }
                content.base = content.base.take().map(|base| self.learnt(&base));
                for (_, url, location) in &mut content.redirects {
                    (*url, *location) = (self.learnt(url), self.learnt(location));
                }
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

/// An event of a request at which values come from outside.
#[derive(Clone, Copy)]
enum OutsideEvent {
    Requested(usize),
    Answered(usize),
    Document(usize),
}

/// Whether a part of a header may be secret. Shorter parts are words.
fn is_id_part(part: &str) -> bool {
    /// The shortest part that is replaced by itself.
    const SHORTEST: usize = 8;
    part.len() >= SHORTEST
}

/// The macros of the request whose values are personal.
fn personal_macros(request: &AdRequest) -> impl Iterator<Item = (&str, &str)> {
    let macros = request.macros.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    macros.filter(|(name, value)| is_personal_name(name.as_bytes()) || is_personal(name.as_bytes(), value.as_bytes()))
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
            self.pieces = vec![super::BodyPiece { bytes, ..last }];
            self.body = body;
        }
    }
}
