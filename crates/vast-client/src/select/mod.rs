//! Stage 4: which ads may be played, which files of them, and which of several usable ads are the answer.

mod categories;
mod filter;
mod media;
mod rejection;
mod selector;
mod verdict;

pub use filter::{MediaType, ParseFilter};
pub use media::MediaChoice;
pub use rejection::{Rejection, RejectionReason};
pub use selector::{Candidate, InOrder, Selection, Selector};
pub use verdict::{Verdict, verdict};
