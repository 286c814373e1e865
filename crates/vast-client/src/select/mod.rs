//! Stage 4: which ads may be played, which files of them, and which of several usable ads are the answer.

mod categories;
mod filter;
mod media;
mod mime;
mod price;
mod selector;
mod verdict;

pub use crate::error::{Rejection, RejectionReason};
pub use filter::{MediaType, ParseFilter};
pub use media::MediaChoice;
pub use price::HighestPrice;
pub use selector::{Candidate, InOrder, SelectWith, Selection, Selector, select_with};
pub use verdict::{Verdict, verdict};
