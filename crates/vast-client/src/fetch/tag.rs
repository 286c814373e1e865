//! An ad tag: a URL template that is requested over HTTP.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::context::{FetchContext, Prepared};
use super::source::Source;
use crate::error::{ErrorType, Failure};
use crate::transport::Fetched;
use crate::transport::{Target, Transport};

/// All bytes except those that `encodeURIComponent` does not encode: letters, digits and `-_.!~*'()`.
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// An ad tag.
pub struct HttpTag {
    template: String,
    /// The parsed template, used when no macro changes it.
    fixed: Option<(Arc<str>, Target)>,
    own_headers: HeaderMap,
    transport: Option<Arc<dyn Transport>>,
}

impl HttpTag {
    /// A tag with `params` appended to its query. The existing bytes of the tag do not change, because it may be signed
    /// and may contain macros in any form. The values of the names in `raw` are appended without encoding.
    pub fn new(tag: &str, params: &[(String, String)], raw: &[String]) -> Self {
        let template = with_params(tag, params, raw);
        let fixed = Target::parse(&template, None).ok().map(|target| (Arc::from(template.as_str()), target));
        Self { template, fixed, own_headers: HeaderMap::new(), transport: None }
    }

    /// Headers for the tag's own origin.
    #[must_use]
    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.own_headers = headers;
        self
    }

    /// Sets the transport for the tag's own origin, for example one with a client certificate.
    #[must_use]
    pub fn with_transport(mut self, transport: Option<Arc<dyn Transport>>) -> Self {
        self.transport = transport;
        self
    }
}

impl Source for HttpTag {
    fn url(&self) -> &str {
        &self.template
    }

    fn default_name(&self) -> String {
        Target::parse(&self.template, None)
            .map_or_else(|_| self.template.clone(), |target| target.origin().host.to_string())
    }

    fn prepare(&self, context: &FetchContext<'_>) -> Result<Prepared, Failure> {
        let url = context.expand(&self.template);
        let (url, target) = match &self.fixed {
            Some(fixed) if *url == *self.template => fixed.clone(),
            _ => (Arc::from(&*url), target(&url)?),
        };
        Ok(Prepared { url, target: Some(target) })
    }

    fn fetch<'a>(
        &'a self,
        prepared: &'a Prepared,
        context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>> {
        context.get(prepared, &self.own_headers, self.transport.as_ref()).boxed()
    }
}

fn target(url: &str) -> Result<Target, Failure> {
    Target::parse(url, None).map_err(|error| {
        Failure::new(ErrorType::Connect, format!("the URL cannot be requested: {error}")).after_answer()
    })
}

fn with_params(tag: &str, params: &[(String, String)], raw: &[String]) -> String {
    let (tag, fragment) = tag.find('#').map_or((tag, ""), |at| tag.split_at(at));
    let mut template = tag.to_owned();
    for (key, value) in params {
        let joint = match template.find('?') {
            None => "?",
            Some(_) if template.ends_with(['?', '&']) => "",
            Some(_) => "&",
        };
        template.push_str(joint);
        template.extend(utf8_percent_encode(key, QUERY_VALUE));
        template.push('=');
        if raw.contains(key) {
            template.push_str(value);
        } else {
            template.extend(utf8_percent_encode(value, QUERY_VALUE));
        }
    }
    template + fragment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn params_are_appended_and_the_tags_own_bytes_stay() {
        let param = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let params = [param("slot", "a b&c"), param("q", "привет"), param("q", "[PAGEURL]")];
        let cases = [
            ("https://a/v", "https://a/v?slot=a%20b%26c&q=привет&q=[PAGEURL]"),
            ("https://a/v?", "https://a/v?slot=a%20b%26c&q=привет&q=[PAGEURL]"),
            ("https://a/v?x=%7c{y}|&x=1&", "https://a/v?x=%7c{y}|&x=1&slot=a%20b%26c&q=привет&q=[PAGEURL]"),
            ("https://a/v?x=1#top?", "https://a/v?x=1&slot=a%20b%26c&q=привет&q=[PAGEURL]#top?"),
        ];
        for (tag, expected) in cases {
            assert_eq!(with_params(tag, &params, &["q".to_owned()]), expected);
        }
        assert_eq!(with_params("https://a/?s=%2B+b", &[], &[]), "https://a/?s=%2B+b");
    }

    #[test]
    fn a_macro_in_an_encoded_parameter_stays_a_macro() {
        let params = [("cb".to_owned(), "[CACHEBUSTING]".to_owned())];
        assert_eq!(with_params("https://a/v", &params, &[]), "https://a/v?cb=%5BCACHEBUSTING%5D");
    }
}
