//! Errors: the table of error types, and the types for failures, rejections and configuration errors.

mod config_error;
mod config_key;
mod error_type;
mod failure;
mod rejection;

pub use config_error::{ConfigError, ConfigPath, ConfigTable};
pub(crate) use config_error::{check_entries, check_words};
pub use config_key::ConfigKey;
pub use error_type::{ErrorRow, ErrorType, FailureOrigin, Phase};
pub use failure::Failure;
pub use rejection::{DisplacedBy, Rejection, RejectionReason};
