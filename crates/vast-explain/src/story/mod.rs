//! The story of a request: the facts of its result in the order in which a reader asks for them.

mod asked;
mod course;
mod due;
mod ending;
mod exchanges;
mod limits;
mod names;
mod reasons;
mod told;

pub use asked::{AskedBecause, AskingTime};
pub use course::Step;
pub use due::{Due, EventTrackers};
pub use ending::StoryEnding;
pub use exchanges::ExchangeSpan;
pub use limits::{LimitHit, LimitKind};
pub use told::{BreakStory, Story};
