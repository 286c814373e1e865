//! The trait [`Source`]: something that yields VAST bytes.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::error::{ErrorType, Failure};
use crate::policy::{Deadline, TimeLimits};
use crate::request::AdRequest;
use crate::request::Disclosure;
use crate::request::RequestValues;
use crate::transport::{AddressRule, GetRequest, GetResponse, HttpClient, Target, Transport};

/// Something that yields VAST bytes. A source makes exactly one attempt; retries, time limits and all other policy stand
/// around it.
pub trait Source: Send + Sync + 'static {
    /// What is shown of it before it is asked: its URL template, path or label.
    fn url(&self) -> &str;

    /// The host that gives the source its name when none is configured; by default all of [`url`](Self::url).
    fn default_name(&self) -> String {
        self.url().to_owned()
    }

    /// What is asked, macros filled in. Made once per request; all attempts ask the same.
    ///
    /// # Errors
    /// A [`Failure`] when the macros' values make it something that cannot be asked.
    fn prepare(&self, context: &FetchContext<'_>) -> Result<Prepared, Failure> {
        let _ = context;
        Ok(Prepared { url: self.url().into(), target: None })
    }

    /// Makes one attempt.
    ///
    /// # Errors
    /// A [`Failure`] that says what happened; it also decides whether another attempt is made.
    fn fetch<'a>(
        &'a self,
        prepared: &'a Prepared,
        context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>>;
}

/// What an attempt will ask.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The URL, path or label.
    pub url: Arc<str>,
    /// The URL taken apart, for an HTTP source: the origin that the operator named, which alone may be private.
    pub target: Option<Target>,
}

impl Prepared {
    /// Which addresses the request and everything that follows from its answer may lead to. `allow_private` is the
    /// operator's word that it may lead anywhere.
    pub(crate) fn rule(&self, allow_private: bool) -> AddressRule {
        AddressRule { named: self.target.as_ref().map(|target| target.origin().clone()), allow_private }
    }
}

/// What a source gave.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The document; empty means "no ad".
    pub body: Bytes,
    /// The character set the transport names.
    pub charset: Option<String>,
    /// The HTTP status, where there is one.
    pub status: Option<u16>,
    /// Bytes as sent, before decoding.
    pub wire_bytes: u64,
    /// The URL after redirects, which relative URLs in the document are taken from.
    pub base: Option<Target>,
}

/// What a source may use for an attempt.
#[derive(Clone, Copy)]
pub struct FetchContext<'a> {
    /// For whom and for what the ad is asked.
    pub request: &'a AdRequest,
    /// When the attempt is over.
    pub deadline: Deadline,
    pub(crate) limits: &'a TimeLimits,
    pub(crate) allow_private: bool,
    pub(crate) exchange: &'a HttpClient,
    pub(crate) values: &'a RequestValues<'a>,
    pub(crate) transaction_id: &'a str,
    pub(crate) disclosure: &'a Disclosure,
}

impl FetchContext<'_> {
    /// `template`, which the operator wrote, with all macros filled in.
    pub fn expand<'t>(&self, template: &'t str) -> Cow<'t, str> {
        self.values.expand_own_tag(template, self.transaction_id, self.disclosure)
    }

    /// Asks the target of `prepared` by HTTP, under the rules that hold for all requests: `origin_headers` go to its origin
    /// only, through `transport` where one is given.
    ///
    /// # Errors
    /// See [`HttpClient::get`]; `internal` when there is no target.
    pub async fn get(
        &self,
        prepared: &Prepared,
        origin_headers: &http::HeaderMap,
        transport: Option<&Arc<dyn Transport>>,
    ) -> Result<Fetched, Failure> {
        let Some(target) = &prepared.target else {
            return Err(Failure::new(ErrorType::Internal, "a source that asks by HTTP without a target"));
        };
        self.get_within(target, &prepared.rule(self.allow_private), origin_headers, transport).await
    }

    /// Asks `target` by HTTP as part of a tree that `rule` holds for.
    pub(crate) async fn get_within(
        &self,
        target: &Target,
        rule: &AddressRule,
        origin_headers: &http::HeaderMap,
        transport: Option<&Arc<dyn Transport>>,
    ) -> Result<Fetched, Failure> {
        let answer = self.exchange.get(GetRequest {
            target,
            rule,
            origin_headers,
            headers: &self.disclosure.headers,
            deadline: self.deadline,
            connect_timeout: self.limits.connect_timeout,
            idle_timeout: self.limits.idle_timeout,
            transport,
        });
        answer.await.map(Fetched::from)
    }
}

impl From<GetResponse> for Fetched {
    fn from(answer: GetResponse) -> Self {
        let GetResponse { status, target, charset, body, wire_bytes, .. } = answer;
        Self { body, charset, status: Some(status), wire_bytes, base: Some(target) }
    }
}
