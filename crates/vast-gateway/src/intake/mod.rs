//! From the head and the body of a request to what is asked: who asks, which parameters are believed, and the [`AdRequest`] of them.

mod access;
mod body;
mod caller;
mod passes;
mod query;
mod request;
mod unrepeated;

pub(crate) use access::{Grant, KeyClaim, key_of};
pub(crate) use body::{parameters_of_json, read_body};
pub(crate) use caller::{client_address, is_trusted_caller};
pub(crate) use passes::loop_header;
pub(crate) use query::MAX_URL_BYTES;
pub(crate) use query::{BadParameter, Query};
pub(crate) use request::{AskedAd, Sender, Trust, ask};

#[cfg(doc)]
use vast_client::AdRequest;
