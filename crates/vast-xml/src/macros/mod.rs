//! The `[MACRO]`s in ad URLs (VAST 4.3, section 6, and the IAB's macro registry, which replaces this section).
//!
//! [`expand`] replaces the macros of the standard in a URL from a document; [`expand_own_tag`] does the same in the
//! operator's own tag and also replaces the names that the operator declared. All values come from [`Values`],
//! including the time and random numbers. [`ForeignMacros`] has macros that the standard does not define, such as
//! `${AUCTION_PRICE}`.
//!
//! ```
//! use std::sync::Arc;
//! use vast_xml::macros::{Context, Macro, Value, Values, expand};
//!
//! let mut viewer = Values::new();
//! viewer.set(Macro::PlayerSize, Value::separated("1280,720"));
//! let viewer = Arc::new(viewer);
//!
//! let mut call = Values::over(&viewer); // cheap: one for each call
//! call.set_moment(42, "2026-01-17T08:15:07.127+00:00");
//! assert_eq!(
//!     expand("https://t.example/i?cb=[CACHEBUSTING]&size=[PLAYERSIZE]&p=[PODSEQUENCE]&x=[THEIRS]", Context::Tracking, &call),
//!     "https://t.example/i?cb=00000042&size=1280,720&p=-1&x=[THEIRS]",
//! );
//! ```

mod encode;
mod expand;
mod foreign;
mod spelling;
mod table;
mod values;

pub use encode::{encode, timecode};
pub use expand::{TooLong, expand, expand_own_tag, expand_within};
pub use foreign::{ForeignMacroError, ForeignMacros};
pub use table::{Context, Macro, Scope, Support, ValueForm, ValueSource};
pub use values::{Value, Values};
