//! Documents of the caller: without their wrappers (`/v1/unwrap`), and their mistakes (`/v1/check`). A URL in such a request is a
//! stranger's: only public addresses and the ports 80 and 443 are requested, without headers of the operator.

mod ask;
mod unwrapped;

pub(crate) use ask::{InspectBody, InspectRequest, Inspector};
pub(crate) use unwrapped::Unwrapped;
