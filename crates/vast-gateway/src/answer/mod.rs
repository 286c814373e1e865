//! From a result or a refusal to the response: the document, the status and the headers.

mod document;
mod hit;
mod refusal;
mod reply;

pub(crate) use document::{outcome_of, vast, vmap, without_breaks};
pub(crate) use hit::{HitForm, hit, report};
pub(crate) use refusal::{Refusal, RefusalText};
pub(crate) use reply::{Form, GatewayAnswer, PageAccess, options};
