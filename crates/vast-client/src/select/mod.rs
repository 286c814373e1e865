//! Stage 4: checks which ads and which of their files may be played, and chooses the answer among the usable ads.

mod ad_break;
mod blocked;
mod candidate;
mod categories;
mod conditions;
mod default_selector;
mod filling;
mod filter;
mod highest_price;
mod media;
mod mime;
mod price;
mod selection;
mod selector;
mod verdict;

pub use crate::error::{DisplacedBy, Rejection, RejectionReason};
pub use blocked::Blocked;
pub use candidate::Candidate;
pub use default_selector::DefaultSelector;
pub use filter::{MediaType, ParseFilter, Skippability};
pub use highest_price::HighestPrice;
pub use media::{MediaChoice, MediaRank};
pub use selection::Selection;
pub use selector::{SelectWith, Selector, TierProgress, TierStep, select_with};
pub(crate) use selector::{is_enough, of_preferred_type};
pub use verdict::{Verdict, verdict};
