//! Every way a request can go wrong: one table for what each means, and the values that say what happened.

mod error_type;
mod failure;
mod rejection;

pub use error_type::{ErrorRow, ErrorType, Phase};
pub use failure::{ConfigError, Failure};
pub use rejection::{Rejection, RejectionReason};
