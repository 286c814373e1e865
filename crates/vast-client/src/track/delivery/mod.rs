//! Calling trackers: the time and the number of attempts, and the meaning of responses.

mod dispatcher;
mod extra_exchanges;
mod hosts;
mod outcome;
mod settings;

pub(in crate::track) use dispatcher::{Dispatcher, DispatcherStatus, RunUntil};
pub(in crate::track) use extra_exchanges::ExtraExchanges;
pub use outcome::DeliveryOutcome;
pub use settings::DeliverySettings;
