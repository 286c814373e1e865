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

use crate::document;
use crate::effort::Failure;
use crate::load::Work;

#[derive(Clone)]
pub(crate) struct Bare {
    client: Client<HttpConnector, Empty<Bytes>>,
    headers: HeaderMap,
    uri: Uri,
}

impl Bare {
    pub(crate) fn new(url: &str) -> Result<Self, Failure> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let headers = [
            (USER_AGENT, HeaderValue::from_static("vast-client/0.1.0")),
            (ACCEPT, HeaderValue::from_static("application/xml, text/xml, */*;q=0.1")),
            (ACCEPT_ENCODING, HeaderValue::from_static("gzip, br, deflate")),
        ];
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, headers: headers.into_iter().collect(), uri: url.parse()? })
    }
}

impl Bare {
    async fn body(&self) -> Result<Bytes, Failure> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        let response = self.client.request(request).await?;
        let body = response.into_body().collect().await?.to_bytes();
        if body.len() == document::one_ad().len() { Ok(body) } else { Err("the body is not whole".into()) }
    }
}

impl Work for Bare {
    async fn once(&self) -> Result<(), Failure> {
        self.body().await.map(drop)
    }
}

/// The floor of anything that has to know what is in the body: a bare exchange whose document is read.
#[derive(Clone)]
pub(crate) struct BareAndParse(pub(crate) Bare);

impl Work for BareAndParse {
    async fn once(&self) -> Result<(), Failure> {
        let body = self.0.body().await?;
        let document = vast_xml::parse(&body, &ParseOptions::default())?;
        if document.vast.ads.len() == 1 { Ok(()) } else { Err("the document is not whole".into()) }
    }
}
