//! What an implementation of one of this crate's traits has to do, as tests to run against it.

mod outbox;

pub use outbox::outbox;
