//! HTTP: the requests for documents and trackers.
//!
//! [`Transport`] makes one HTTP exchange: one GET request and its response, without redirects, retries, decompression,
//! cookies or proxies. `HttpClient` uses the trait. It follows redirects, checks addresses, applies time and byte
//! limits and decodes bodies, so all of that holds for a [`Transport`] that the user wrote, too.

mod address;
mod background;
#[cfg(feature = "http")]
mod connect;
mod decode;
mod exchange_span;
mod factory;
mod fetched;
mod http_client;
#[cfg(feature = "http")]
mod http_transport;
mod linger;
mod linger_task;
mod lookups;
mod next_part;
mod observer;
mod place;
#[cfg(feature = "http")]
mod pool;
mod proxy;
mod redact;
mod request;
mod request_headers;
mod resolver;
mod response_headers;
mod spare_timer;
#[cfg(feature = "http")]
mod stream;
mod target;
#[cfg(feature = "http")]
mod tls;

pub use address::{AddressRule, AddressScope};
pub(crate) use background::BackgroundTasks;
pub(crate) use decode::ACCEPTED_ENCODINGS;
#[cfg(feature = "recording")]
pub(crate) use decode::decoded_start;
pub use decode::{BodyLimits, EncodingWarning};
pub(crate) use factory::TransportFactory;
pub use fetched::Fetched;
pub use http_client::ExchangeSettings;
pub(crate) use http_client::{GetRequest, GetResponse, HttpClient};
#[cfg(feature = "http")]
pub use http_transport::HttpTransport;
pub use linger::Linger;
pub use lookups::Lookup;
#[cfg(feature = "recording")]
pub(crate) use observer::ExchangeLog;
pub use observer::RedirectStep;
pub(crate) use observer::{ExchangeObserver, ObservedExchange};
pub use place::ExchangePlace;
pub use proxy::{EgressProxy, EgressProxyError};
pub(crate) use redact::{cut_url, logged_text};
pub use redact::{logged_url, redacted_url};
pub use request::{Body, Cancellation, HttpRequest, HttpResponse, Transport, TransportError, TransportErrorKind};
pub(crate) use request_headers::ClientHeaders;
pub use resolver::Resolver;
#[cfg(feature = "recording")]
pub(crate) use response_headers::charset;
pub(crate) use spare_timer::SpareTimer;
pub use target::{Origin, Scheme, Target, TargetError};
#[cfg(feature = "http")]
pub use tls::{ClientIdentity, TlsSettings};
