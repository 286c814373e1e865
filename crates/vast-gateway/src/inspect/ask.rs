//! The request for an inspection, and running it.

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue};
use schemars::JsonSchema;
use serde::Deserialize;
use vast_check::CheckOptions;
use vast_check::wire::CheckResult;
use vast_client::fetch::{FetchContext, Fetched, Prepared, Source};
use vast_client::transport::AddressRule;
use vast_client::xml::Version;
use vast_client::{AdRequest, Failure, FetchConfig, FetchResult, RunOptions, SourceConfig, VastClient};

use super::unwrapped::Unwrapped;
use crate::answer::{self, Form, GatewayAnswer};
use crate::intake::BadParameter;

/// The highest value of `max_depth`.
const DEEPEST: u32 = 20;

/// What is to be inspected.
#[derive(Debug, Clone)]
pub(crate) struct InspectRequest {
    document: Given,
    max_depth: Option<u32>,
    to_version: Option<Version>,
}

#[derive(Debug, Clone)]
enum Given {
    Url(String),
    Document(Fetched),
}

/// A document by its URL.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InspectBody {
    /// The document. Only public addresses are requested.
    url: String,
    /// The largest number of wrappers, at most 20.
    max_depth: Option<u32>,
    /// The version of the document that is returned.
    to_version: Option<String>,
}

impl InspectRequest {
    /// Reads a body with this `Content-Type`: a document, or JSON with `url`, `max_depth` and `to_version`.
    ///
    /// # Errors
    /// The part of the JSON that is wrong.
    pub(crate) fn read(body: &Bytes, content_type: Option<&HeaderValue>) -> Result<Self, BadParameter> {
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        if first != Some(&b'{') {
            let document = Fetched::local(body.clone());
            let document = match content_type {
                Some(value) => document.with_content_type(value.as_bytes()),
                None => document,
            };
            return Ok(Self { document: Given::Document(document), max_depth: None, to_version: None });
        }
        let wrong = |error: serde_json::Error| BadParameter::new("body", format!("{error}"));
        let InspectBody { url, max_depth, to_version } = serde_json::from_slice(body).map_err(wrong)?;
        if max_depth.is_some_and(|depth| depth > DEEPEST) {
            return Err(BadParameter::new("max_depth", format!("is above {DEEPEST}")));
        }
        let known = || Version::ALL.map(Version::as_str).join(", ");
        let wrong = |_| BadParameter::new("to_version", format!("is not one of {}", known()));
        let to_version = to_version.map(|text| text.parse().map_err(wrong)).transpose()?;
        Ok(Self { document: Given::Url(url), max_depth, to_version })
    }
}

/// Fetches, reads and checks documents of strangers.
pub(crate) struct Inspector<'a> {
    client: &'a VastClient,
    rule: AddressRule,
    /// The value of `CDN-Loop` for the requests for wrappers.
    loop_header: String,
}

impl<'a> Inspector<'a> {
    pub(crate) fn new(client: &'a VastClient, allow_private: bool, loop_header: String) -> Self {
        Self { client, rule: AddressRule { named: None, allow_private }, loop_header }
    }

    /// The mistakes in the document, as `vast check --format json` prints them.
    ///
    /// # Errors
    /// The document cannot be fetched.
    pub(crate) async fn check(&self, asked: &InspectRequest) -> Result<GatewayAnswer, BadParameter> {
        let (fetched, origin) = self.fetch(&asked.document).await?;
        let checked = tokio::task::spawn_blocking(move || {
            let options = CheckOptions { charset: fetched.charset.as_deref(), ..CheckOptions::default() };
            let report = vast_check::check(&fetched.body, &options);
            serde_json::to_vec(&CheckResult::new(&report, &origin)).unwrap_or_default()
        });
        let json = checked.await.map_err(|_| BadParameter::new("body", "could not be checked: a bug"))?;
        Ok(GatewayAnswer::json(json))
    }

    /// The document without its wrappers as XML, or what is known of it as JSON where the caller prefers that.
    ///
    /// # Errors
    /// The document cannot be fetched.
    pub(crate) async fn unwrap(
        &self,
        asked: &InspectRequest,
        headers: &HeaderMap,
    ) -> Result<GatewayAnswer, BadParameter> {
        let (fetched, origin) = self.fetch(&asked.document).await?;
        let result = self.resolved(fetched, origin, asked.max_depth).await?;
        let outcome = answer::outcome_of(&result);
        let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
        if accepted.is_some_and(|accepted| accepted.contains("application/json")) {
            let json = serde_json::to_vec(&Unwrapped::from(&result)).unwrap_or_default();
            return Ok(GatewayAnswer::document(Form::Json, outcome, json));
        }
        Ok(GatewayAnswer::document(Form::Vast, outcome, answer::vast(&result, asked.to_version, None)))
    }

    async fn fetch(&self, given: &Given) -> Result<(Fetched, String), BadParameter> {
        match given {
            Given::Document(document) => Ok((document.clone(), "body".to_owned())),
            Given::Url(url) => {
                let fetched = self.client.get(url, &self.rule).await;
                // The message of a failure can show a part of what the server sent, and that could be a secret of an inner network.
                let wrong = |failure: Failure| {
                    BadParameter::new("url", format!("cannot be fetched: {}", failure.error_type.as_str()))
                };
                fetched.map(|fetched| (fetched, url.clone())).map_err(wrong)
            }
        }
    }

    async fn resolved(
        &self,
        fetched: Fetched,
        url: String,
        max_depth: Option<u32>,
    ) -> Result<FetchResult, BadParameter> {
        let source =
            SourceConfig::custom(StrangerDocument { fetched, url }).with_allow_private(self.rule.allow_private);
        let mut config = FetchConfig::new([source.named("document")]);
        config.parse_filter.max_wrapper_depth = max_depth.unwrap_or(config.parse_filter.max_wrapper_depth);
        let mut request = AdRequest::default();
        request.slot.any_creative = true;
        request.cdn_loop = Some(self.loop_header.clone());
        let orchestrator = self.client.orchestrator();
        let plan = orchestrator.plan(&config).map_err(|error| BadParameter::new("body", error.to_string()))?;
        Ok(orchestrator.run(&plan, &request, RunOptions::NONE).await)
    }
}

/// A source with a document that was fetched before, under the rule for strangers.
struct StrangerDocument {
    fetched: Fetched,
    url: String,
}

impl Source for StrangerDocument {
    fn url(&self) -> &str {
        &self.url
    }

    fn fetch<'a>(&'a self, _: &'a Prepared, _: &'a FetchContext<'a>) -> BoxFuture<'a, Result<Fetched, Failure>> {
        ready(Ok(self.fetched.clone())).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_a_document_or_names_one() {
        let read = |body: &'static str| InspectRequest::read(&Bytes::from_static(body.as_bytes()), None);
        let document = read("<VAST/>").expect("a request").document;
        assert!(matches!(document, Given::Document(document) if document.body == "<VAST/>"));
        let asked = read(" {\"url\": \"https://a/\", \"max_depth\": 3, \"to_version\": \"3.0\"}").expect("a request");
        assert_eq!((asked.max_depth, asked.to_version), (Some(3), Some(Version::V3_0)));
        for (body, name) in [
            ("{\"url\": 1}", "body"),
            ("{\"url\": \"\", \"max_depth\": 21}", "max_depth"),
            ("{\"url\": \"\", \"to_version\": \"9\"}", "to_version"),
        ] {
            assert_eq!(read(body).expect_err(body).name, name, "{body}");
        }
    }
}
