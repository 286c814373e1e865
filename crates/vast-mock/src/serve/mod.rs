//! Performs a script on real sockets.

mod beacon;
mod connection;
mod exchange;
mod free_address;
mod head;
mod listener;
mod log;
mod mock;
mod respond;

pub use beacon::ReceivedBeacon;
pub use exchange::{Answered, Exchange, ExchangeEnding};
pub use free_address::free_address;
pub use log::WaitError;
pub use mock::{Mock, MockBuilder};
