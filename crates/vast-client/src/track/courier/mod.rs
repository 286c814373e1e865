//! Calling trackers: when, how often, and what their answers mean.

mod breaker;
mod fate;
mod hosts;
mod run;
mod settings;
#[cfg(test)]
mod tests;

pub use fate::Fate;
pub(super) use run::{Courier, Pulse, Stay};
pub use settings::CourierSettings;
