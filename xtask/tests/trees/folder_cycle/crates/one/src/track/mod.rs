mod event;
mod queue;
mod tracker;
pub use event::{Event, Late};
pub use queue::Queue;
pub use tracker::Tracker;
