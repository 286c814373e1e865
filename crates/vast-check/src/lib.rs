//! Lints VAST: what is wrong in a document, where exactly, by which rule and which section of the standard.
//!
//! [`check`] takes the bytes of a document and gives a [`Report`]. Its [`Finding`]s come from three independent readers:
//! the parser of `vast-xml`, which says what it had to be lenient about; our own [`Rule`]s on the elements of the document; and,
//! with the feature `vastlint`, the rules of [vastlint-core] with their ids and severities unchanged. What that
//! release is known to get wrong is left out, each with its reason, and what two of the three find is reported once.
//!
//! Nothing here does I/O. A document costs bounded time and memory: the parser's [`Limits`](vast_xml::Limits), and
//! [`CheckOptions::findings`] findings.
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
