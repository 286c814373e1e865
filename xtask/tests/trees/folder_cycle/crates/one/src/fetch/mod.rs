//! Re-exports are no use: this file makes no circle with its children.
mod request;
mod source;
pub use request::Request;
pub use source::Source;
