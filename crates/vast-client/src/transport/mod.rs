//! One HTTP exchange, and what stands above it.
//!
//! [`Transport`] is a single request and its answer: no redirects, retries, decompression, cookies or proxies. The
//! redirects, the address rule, the byte limits and the decoding are in [`Exchange`], above the trait, so they hold for
//! a transport of your own too and a recording sees them.

mod address;
mod background;
#[cfg(feature = "http")]
mod connect;
mod decode;
mod exchange;
#[cfg(feature = "http")]
mod http;
mod linger;
mod request;
mod resolver;
#[cfg(feature = "http")]
mod stream;
mod target;
#[cfg(feature = "http")]
mod tls;
mod transports;

pub use address::{AddressRule, Reach};
// [`Exchange::new`] takes one.
pub use background::Background;
pub use decode::Limits;
pub use exchange::{Answer, Ask, Exchange, ExchangeSettings};
#[cfg(feature = "http")]
pub use http::HttpTransport;
pub use linger::Linger;
pub use request::{Body, HttpRequest, HttpResponse, Interest, Transport, TransportError, TransportErrorKind};
pub use resolver::{Lookup, Resolver};
pub use target::{Origin, Scheme, Target, TargetError};
#[cfg(feature = "http")]
pub use tls::{ClientIdentity, TlsSettings};
pub(crate) use transports::Transports;
