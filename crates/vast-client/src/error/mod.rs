//! Every way a request can go wrong: one table for what each means, and the values that say what happened.

mod config_error;
mod error_type;
mod failure;
mod rejection;

pub use config_error::{ConfigError, ConfigKey, ConfigPath, ConfigTable};
pub(crate) use config_error::{check_entries, check_words};
pub use error_type::{ErrorRow, ErrorType, Phase};
pub use failure::Failure;
pub use rejection::{DisplacedBy, Rejection, RejectionReason};
