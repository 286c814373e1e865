//! The floor: the same HTTP client in a bare loop. It sends the same headers and reads the same body, and does nothing
//! else: no deadline, no redirects, no limits, no parsing, no report.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, Uri};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use vast_xml::ParseOptions;

use crate::effort::Failure;
use crate::load::Work;

#[derive(Clone)]
pub(crate) struct Bare {
    client: Client<HttpConnector, Empty<Bytes>>,
    headers: HeaderMap,
    uri: Uri,
    /// The length of the body.
    bytes: usize,
}

impl Bare {
    /// Gets `url`, whose body has `length` bytes.
    pub(crate) fn new(url: &str, bytes: usize) -> Result<Self, Failure> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let headers = [
            (USER_AGENT, HeaderValue::from_static(concat!("vast-client/", env!("CARGO_PKG_VERSION")))),
            (ACCEPT, HeaderValue::from_static("application/xml, text/xml, */*;q=0.1")),
            (ACCEPT_ENCODING, HeaderValue::from_static("gzip, br, deflate")),
        ];
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, headers: headers.into_iter().collect(), uri: url.parse()?, bytes })
    }

    /// The same client for another URL, with the same connections.
    pub(crate) fn at(&self, url: &str, bytes: usize) -> Result<Self, Failure> {
        Ok(Self { uri: url.parse()?, bytes, ..self.clone() })
    }

    /// The body of one exchange.
    pub(crate) async fn body(&self) -> Result<Bytes, Failure> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        let response = self.client.request(request).await?;
        let body = response.into_body().collect().await?.to_bytes();
        if body.len() == self.bytes { Ok(body) } else { Err("the body is not whole".into()) }
    }
}

impl Work for Bare {
    async fn once(&self) -> Result<(), Failure> {
        self.body().await.map(drop)
    }
}

/// The floor of a client that reads the document: one exchange and the parser.
#[derive(Clone)]
pub(crate) struct BareAndParse(pub(crate) Bare);

impl Work for BareAndParse {
    async fn once(&self) -> Result<(), Failure> {
        let body = self.0.body().await?;
        let document = vast_xml::parse(&body, &ParseOptions::default())?;
        if document.vast.ads.len() == 1 { Ok(()) } else { Err("the document is not whole".into()) }
    }
}

/// The floor of a chain of wrappers: each document is fetched and parsed, and nothing else.
#[derive(Clone)]
pub(crate) struct Each(pub(crate) Vec<BareAndParse>);

impl Work for Each {
    async fn once(&self) -> Result<(), Failure> {
        for document in &self.0 {
            document.once().await?;
        }
        Ok(())
    }
}
