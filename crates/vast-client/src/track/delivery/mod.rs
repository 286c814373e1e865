//! Calling trackers: when, how often, and what their answers mean.

mod dispatcher;
mod hosts;
mod outcome;
mod settings;

pub(in crate::track) use dispatcher::{Dispatcher, DispatcherStatus, RunUntil};
pub use outcome::DeliveryOutcome;
pub use settings::DeliverySettings;
