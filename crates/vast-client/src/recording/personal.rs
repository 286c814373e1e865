//! Replaces the personal values of a recording: those that the host gave, wherever they occur, and those in the queries of URLs.
//!
//! All texts of a recording are learnt first and replaced then. So a value that is recognized in one document is also replaced in those
//! before it, as in the JSON of the answer.

use std::collections::HashSet;

use super::answer_parts::AnswerParts;
use super::decoded_text::DecodedText;
use super::personal_form::{is_personal, is_personal_name};
use super::placeholder::PlaceholderTable;
use super::query_value;
use super::replacer::{Needles, is_distinctive};
use crate::config::{FetchConfig, Location};
use crate::env::{Draws, Env};
use crate::request::{AdRequest, Device, IpPolicy, Privacy, UserAgentPolicy};

/// Separates the randomness of placeholders from that of the request. The placeholders do not depend on the values.
const PLACEHOLDER_DRAW: u64 = 77;

/// A value of the host from this length on is replaced in each query that has it.
const SHORTEST_GIVEN: usize = 4;

/// The personal values of one request and their placeholders.
pub(super) struct Personal {
    table: PlaceholderTable,
    /// The values that the host gave.
    given: Needles,
    /// Values in queries that came from outside.
    seen: HashSet<Vec<u8>>,
    /// Values in queries that the request made itself, such as `[TRANSACTIONID]`. A replay makes them again.
    made: HashSet<Vec<u8>>,
}

impl Personal {
    /// The values that the host gave for this request, and those in the tags of its configuration `fetch`.
    pub(super) fn of(parts: &AnswerParts, fetch: &FetchConfig) -> Self {
        let rng = Env::draws(Draws::nth(parts.seed, PLACEHOLDER_DRAW)).with(|rng| rng.clone());
        let table = PlaceholderTable::new(rng);
        let mut personal = Self { table, given: Needles::default(), seen: HashSet::new(), made: HashSet::new() };
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
        personal.learn_tags(fetch);
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
        self.table.set_given(text.as_bytes());
        self.given.add(text, &placeholder, false);
        placeholder
    }

    /// Replaces `value`, as a source receives it, by the same form of the placeholder.
    fn pair<T: ToString>(&mut self, value: Option<T>, placeholder: Option<T>, is_word: bool) {
        if let (Some(value), Some(placeholder)) = (value, placeholder) {
            let (value, placeholder) = (value.to_string(), placeholder.to_string());
            self.table.issue(value.as_bytes(), placeholder.clone().into_bytes());
            self.table.set_given(value.as_bytes());
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

    /// Learns the personal values in the tags of a configuration.
    fn learn_tags(&mut self, config: &FetchConfig) {
        for source in config.sources.iter().chain(&config.fallbacks) {
            if let Location::Url(url) = &source.location {
                self.learn_text(url);
            }
        }
    }

    /// The configuration with placeholders in its tags, and for its salts.
    pub(super) fn configuration(&mut self, mut config: FetchConfig) -> FetchConfig {
        for source in config.sources.iter_mut().chain(&mut config.fallbacks) {
            if let Location::Url(url) = &mut source.location {
                self.replace_text(url);
            }
            if let Some(salt) = &mut source.privacy.ifa_salt {
                *salt = self.table.of_text(salt);
            }
        }
        config
    }

    /// Learns the personal values in the queries of `text`, and replaces those that the host gave.
    pub(super) fn learn(&mut self, text: &mut [u8]) -> LearntText {
        let mut decoded = DecodedText::new(text);
        let is_changed = self.given.replace(text, &mut decoded);
        query_value::visit(&decoded, &mut |name, range| {
            let value = &decoded.bytes()[range];
            let is_known = self.table.get(value).is_some() || self.table.has_issued(value);
            let is_new = !is_known && is_personal(name, value) && !self.made.contains(value);
            if is_new {
                self.table.of_bytes(value);
            }
            if !self.seen.contains(value) {
                self.seen.insert(value.to_vec());
            }
            is_new
        });
        LearntText { decoded, is_changed }
    }

    /// [`learn`](Self::learn) for a text that is replaced later.
    pub(super) fn learn_text(&mut self, text: &str) {
        self.learn(&mut text.as_bytes().to_vec());
    }

    /// Notes the values that the request made itself. They are in a requested URL, and nothing from outside had them before.
    pub(super) fn learn_made(&mut self, url: &str) {
        let mut text = url.as_bytes().to_vec();
        let mut decoded = DecodedText::new(&text);
        self.given.replace(&mut text, &mut decoded);
        query_value::visit(&decoded, &mut |_, range| {
            let value = &decoded.bytes()[range];
            if !self.seen.contains(value) && self.table.get(value).is_none() && !self.table.has_issued(value) {
                self.made.insert(value.to_vec());
            }
            false
        });
    }

    /// Replaces the values in the queries of a text that was learnt. Returns whether the text has any placeholder.
    pub(super) fn replace_learnt(&self, text: &mut [u8], mut learnt: LearntText) -> bool {
        let mut found = Vec::new();
        query_value::visit(&learnt.decoded, &mut |name, range| {
            let value = &learnt.decoded.bytes()[range.clone()];
            let placeholder = self.of_query(name, value);
            found.extend(placeholder.map(|placeholder| (range.start, placeholder)));
            placeholder.is_some()
        });
        for (start, placeholder) in &found {
            learnt.decoded.write(text, *start, placeholder);
        }
        learnt.is_changed || !found.is_empty()
    }

    /// The placeholder of a value in a query. A short value may be anything, so it is replaced only if its name or its form is personal, or
    /// if the host gave it.
    fn of_query(&self, name: &[u8], value: &[u8]) -> Option<&[u8]> {
        let placeholder = self.table.get(value).filter(|placeholder| placeholder.len() == value.len())?;
        let is_long_enough = value.len() >= SHORTEST_GIVEN && self.table.is_given(value);
        (is_long_enough || is_distinctive(value) || is_personal(name, value)).then_some(placeholder)
    }

    /// Replaces all known values in `text`.
    pub(super) fn replace_text(&self, text: &mut String) {
        let mut bytes = std::mem::take(text).into_bytes();
        let mut decoded = DecodedText::new(&bytes);
        let is_changed = self.given.replace(&mut bytes, &mut decoded);
        self.replace_learnt(&mut bytes, LearntText { decoded, is_changed });
        *text = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    }

    /// A placeholder for the value of a response header. It is not searched elsewhere.
    pub(super) fn of_header(&mut self, value: &str) -> String {
        self.table.of_text(value)
    }
}

/// A text whose personal values are learnt. Those that the host gave are replaced.
pub(super) struct LearntText {
    decoded: DecodedText,
    is_changed: bool,
}

/// Whether a part of a header may be a secret. A short part is usually a word, such as `Bearer`.
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
