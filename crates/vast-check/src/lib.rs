//! Lints VAST: finds the mistakes in a document, each with its position, its rule and the section of the standard.
//!
//! [`check`] takes the bytes of a document and returns a [`Report`]. Its [`Finding`]s come from three independent checkers:
//! the parser of `vast-xml`, which reports each deviation that it accepts; our own [`Rule`]s on the elements of the document;
//! and, with the feature `vastlint`, the rules of [vastlint-core] with their ids and severities unchanged. Known false
//! findings of that release are omitted, each for a documented reason. A mistake that two checkers find is reported once.
//!
//! This crate does no I/O. Time and memory per document are limited by the [`Limits`](vast_xml::Limits) of the parser and by
//! [`CheckOptions::findings`].
//!
//! ```
//! use vast_check::{CheckOptions, Severity, check};
//!
//! let document = br#"<VAST version="3.0"><Ad id="1"><Wrapper><AdSystem>example</AdSystem>
//!   <Impression><![CDATA[https://t.example/seen?cb=[CACHEBUSTNG]]]></Impression>
//!   <VASTAdTagURI><![CDATA[https://ads.example/vast]]></VASTAdTagURI></Wrapper></Ad></VAST>"#;
//! let report = check(document, &CheckOptions::default());
//! let misspelt = report.findings.iter().find(|finding| format!("{finding:?}").contains("[CACHEBUSTING]")).expect("it is found");
//! assert_eq!(misspelt.severity, Severity::Warning);
//! assert_eq!(misspelt.span.map(|span| span.start.to_string()).as_deref(), Some("line 2, column 50"));
//! assert!(!report.has_errors());
//! ```
//!
//! [vastlint-core]: https://docs.rs/vastlint-core

mod catalogue;
mod check;
mod drafts;
mod finding;
mod model;
mod options;
mod outline;
mod parser;
mod report;
mod rule;
#[cfg(feature = "json")]
pub mod sarif;
#[cfg(feature = "vastlint")]
mod vastlint;
#[cfg(feature = "json")]
pub mod wire;

pub use catalogue::known_rules;
pub use check::{CheckedText, check, checked_text};
pub use finding::{Finding, FoundBy, Severity, Span};
pub use options::CheckOptions;
pub use report::{DocumentKind, Remark, Report};
pub use rule::{KnownRule, Rule};
