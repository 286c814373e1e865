//! The values of one request: the macro values of its URLs, and the headers of all its requests.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::time::Instant;
use vast_xml::macros::{Context, Macro, TooLong, Value, Values, expand_own_tag, expand_within};

use super::ad_request::AdRequest;
use super::disclosure::Disclosure;
use super::identity::Identity;
use super::privacy::Privacy;
use crate::env::{self, Draws, Env};

/// The longest URL of a document in bytes, after its macros are filled in. Servers and proxies have much lower limits;
/// this limit only bounds the cost of macros.
pub(crate) const MAX_URL_BYTES: usize = 64 << 10;

/// The values of one request.
pub(crate) struct RequestValues {
    env: Env,
    #[cfg(feature = "recording")]
    seed: u64,
    draws: Draws,
    request_id: String,
    /// The data that the servers of a source receive if the source has no privacy rules.
    open: Disclosure,
}

impl RequestValues {
    pub(crate) fn new(env: &Env, request: &Arc<AdRequest>, identity: &Identity) -> Self {
        let seed = request.seed.unwrap_or_else(|| env.seed());
        let draws = Env::draws(seed);
        let request_id = draws.uuid();
        let open = identity.disclose(request, &Privacy::default(), "");
        Self {
            env: env.clone(),
            #[cfg(feature = "recording")]
            seed,
            draws,
            request_id,
            open,
        }
    }

    pub(crate) fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The seed of the randomness of the request.
    #[cfg(feature = "recording")]
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// The randomness of the request.
    pub(crate) fn draws(&self) -> &Draws {
        &self.draws
    }

    /// The wall clock at the time `at`.
    pub(crate) fn wall_at(&self, at: Instant) -> SystemTime {
        self.env.wall_at(at)
    }

    /// The data about the viewer of `request` that the servers of this source's tree receive.
    pub(crate) fn disclosure(
        &self,
        identity: &Identity,
        request: &Arc<AdRequest>,
        privacy: &Privacy,
        source: &str,
    ) -> Disclosure {
        if *privacy == Privacy::default() { self.open.clone() } else { identity.disclose(request, privacy, source) }
    }

    /// A value for `[TRANSACTIONID]`. Each source's tree gets a different value.
    pub(crate) fn transaction_id(&self) -> Arc<str> {
        self.draws.uuid()
    }

    /// Fills all macros into `template`, which the operator wrote, including the macros that the host declared. `now` is the time
    /// at which the lane began.
    pub(crate) fn expand_own_tag<'t>(
        &self,
        template: &'t str,
        now: Instant,
        transaction_id: &str,
        disclosure: &Disclosure,
    ) -> Cow<'t, str> {
        if !disclosure.may_replace(template) {
            return Cow::Borrowed(template);
        }
        expand_own_tag(template, &self.of_moment(now, transaction_id, disclosure))
    }

    /// The `VASTAdTagURI` of a wrapper with the macros of the IAB registry and the foreign macros filled in. A wrapper
    /// cannot read the other values of the host. `blocked` has the categories that the wrappers above block. They are
    /// added to the categories that the host blocks (VAST 4.3 section 3.19.2). `now` is the time of the lane.
    ///
    /// # Errors
    /// [`TooLong`] above [`MAX_URL_BYTES`].
    pub(crate) fn expand_hop<'t>(
        &self,
        template: &'t str,
        now: Instant,
        transaction_id: &str,
        disclosure: &Disclosure,
        blocked: impl FnOnce() -> Vec<String>,
    ) -> Result<Cow<'t, str>, TooLong> {
        if !disclosure.may_replace(template) && template.len() <= MAX_URL_BYTES {
            return Ok(Cow::Borrowed(template));
        }
        let mut values = self.of_moment(now, transaction_id, disclosure);
        add_blocked(&mut values, blocked());
        expand_within(template, Context::AdRequest, &values, MAX_URL_BYTES)
    }

    /// [`expand_own_tag`](Self::expand_own_tag) without the values that differ in each request, for the key of a cached document.
    pub(crate) fn own_tag_for_cache<'t>(template: &'t str, disclosure: &Disclosure) -> Cow<'t, str> {
        expand_own_tag(template, &without_moment(disclosure))
    }

    /// [`expand_hop`](Self::expand_hop) without the values that differ in each request, for the key of a cached document.
    ///
    /// # Errors
    /// [`TooLong`] above [`MAX_URL_BYTES`].
    pub(crate) fn hop_for_cache<'t>(
        template: &'t str,
        disclosure: &Disclosure,
        blocked: impl FnOnce() -> Vec<String>,
    ) -> Result<Cow<'t, str>, TooLong> {
        let mut values = without_moment(disclosure);
        add_blocked(&mut values, blocked());
        expand_within(template, Context::AdRequest, &values, MAX_URL_BYTES)
    }

    /// The macro values of one URL: a new random number, and the time `now`.
    fn of_moment(&self, now: Instant, transaction_id: &str, disclosure: &Disclosure) -> Values {
        let mut values = Values::over(disclosure.values());
        values.set_moment(self.draws.cachebusting(), env::timestamp(self.env.wall_at(now)));
        values.set(Macro::TransactionId, Value::text(transaction_id.to_owned()));
        values
    }
}

/// Adds the categories that the wrappers above block to those that the host blocks.
fn add_blocked(values: &mut Values, mut categories: Vec<String>) {
    if categories.is_empty() {
        return;
    }
    if let Some(Value::List(own)) = values.get(Macro::BlockedAdCategories) {
        categories.splice(0..0, own.iter().map(|category| category.clone().into_owned()));
    }
    values.set(Macro::BlockedAdCategories, Value::list(categories));
}

/// The values that are the same in the whole request. Those that differ in each request are empty.
fn without_moment(disclosure: &Disclosure) -> Values {
    let mut values = Values::over(disclosure.values());
    values.set_moment(0, String::new());
    values.set(Macro::TransactionId, Value::text(String::new()));
    values
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use http::HeaderValue;

    use super::*;
    use crate::request::{Consent, Device};

    fn env() -> Env {
        Env::fixed(UNIX_EPOCH + Duration::from_millis(1_795_335_307_127), 1)
    }

    fn identity() -> Identity {
        Identity::new(HeaderValue::from_static("vast-client/1"))
    }

    fn open(values: &RequestValues) -> Disclosure {
        values.open.clone()
    }

    #[test]
    fn r001_r004_r005_macros_of_the_first_tag_are_filled_in() {
        let request = AdRequest { macros: vec![("zone".into(), "a b".into())], ..AdRequest::default() };
        let (env, identity) = (env(), identity());
        let values = RequestValues::new(&env, &Arc::new(request), &identity);
        let url = values.expand_own_tag(
            "https://a/?t=[TIMESTAMP]&cb=[CACHEBUSTING]&z=[zone]&x=[OTHER]",
            env.now(),
            "tx",
            &open(&values),
        );
        let (start, rest) = url.split_once("&cb=").expect("a cachebuster");
        let (cachebusting, rest) = rest.split_once('&').expect("more");
        assert!(start.starts_with("https://a/?t=2026-11-22T08%3A15%3A07.1"), "{start}");
        assert!(start.ends_with("%2B00%3A00"), "{start}");
        assert!(cachebusting.len() == 8 && cachebusting.bytes().all(|byte| byte.is_ascii_digit()), "{cachebusting}");
        assert_eq!(rest, "z=a%20b&x=[OTHER]");
    }

    #[test]
    fn r004_every_url_has_its_own_cachebuster() {
        let (env, identity, request) = (env(), identity(), Arc::new(AdRequest::default()));
        let values = RequestValues::new(&env, &request, &identity);
        let expand =
            || values.expand_hop("[CACHEBUSTING]", env.now(), "tx-1", &open(&values), Vec::new).map(Cow::into_owned);
        assert_ne!(expand(), expand());
    }

    #[test]
    fn a_document_cannot_read_what_the_host_declared_for_its_own_tags() {
        let request = AdRequest { macros: vec![("USER_EMAIL".into(), "a@b".into())], ..AdRequest::default() };
        let (env, identity) = (env(), identity());
        let values = RequestValues::new(&env, &Arc::new(request), &identity);
        assert_eq!(values.expand_own_tag("u=[USER_EMAIL]", env.now(), "tx", &open(&values)), "u=a%40b");
        assert_eq!(
            values.expand_hop("u=[USER_EMAIL]", env.now(), "tx-1", &open(&values), Vec::new),
            Ok("u=[USER_EMAIL]".into())
        );
    }

    #[test]
    fn device_and_consent_arrive_encoded() {
        let request = AdRequest {
            device: Device {
                ip: Some([203, 0, 113, 9].into()),
                user_agent: Some("TV/1 (x)".into()),
                ..Device::default()
            },
            consent: Consent { gdpr: Some(true), gpp_sections: vec![2, 6], ..Consent::default() },
            macros: vec![("PLAYERSIZE".into(), "640,360".into())],
            ..AdRequest::default()
        };
        let (env, identity) = (env(), identity());
        let values = RequestValues::new(&env, &Arc::new(request), &identity);
        let template = "[DEVICEIP] [DEVICEUA] [REGULATIONS] [GPPSECTIONID] [PLAYERSIZE] [TRANSACTIONID]";
        let expanded = values.expand_hop(template, env.now(), "tx-1", &open(&values), Vec::new);
        assert_eq!(expanded, Ok("203.0.113.9 TV%2F1%20(x) gdpr 2,6 640,360 tx-1".into()));
    }
}
