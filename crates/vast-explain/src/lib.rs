//! Explains the answer to a request: why this ad, or no ad.
//!
//! [`Story`] has the facts of a [`FetchResult`](vast_client::FetchResult) in the order in which an operator asks for them: how the
//! request ended, why, what happened when, which limit fired, which trackers are due, and what would have changed the outcome.
//! [`html::page`] shows it as one page that loads nothing, [`Story::to_text`] as text; [`Story::sections`] gives the parts of the text
//! to a renderer with colours, such as that of `vast explain`.
//!
//! [`diff()`] says what differs between two documents, for example between the answer of a tag yesterday and today;
//! [`diff_answers()`] says it of the answers to two requests.
//!
//! Texts quote documents and URLs of strangers. [`sanitize`] makes them safe for a terminal; a page shows them as text and never
//! as markup.
//!
//! ```
//! use vast_client::{FetchConfig, SourceConfig, VastClient};
//! use vast_explain::Story;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), vast_client::ConfigError> {
//! let config = FetchConfig::new([SourceConfig::inline("<VAST version=\"4.2\"/>").named("east")]);
//! let result = VastClient::from_config(config)?.request_ad().await;
//! let story = Story::new(&result);
//! assert!(story.ending.to_string().ends_with("east had no ad."));
//! # Ok(())
//! # }
//! ```

mod alternatives;
mod change;
mod diff;
pub mod html;
mod sanitize;
mod statement;
mod story;
mod story_text;
pub mod units;
pub mod wire;

pub use alternatives::alternatives;
pub use change::{Alternative, ChangeEffect, SettingChange};
pub use diff::{DiffOptions, DiffPart, DiffRow, diff, diff_answers};
pub use sanitize::sanitize;
pub use statement::{Statement, Tone};
pub use story::{
    AskedBecause, AskingTime, BreakStory, Due, EventTrackers, ExchangeSpan, LimitHit, LimitKind, Step, Story,
    StoryEnding,
};
pub use story_text::{StoryCell, StoryColumn, StorySection};
