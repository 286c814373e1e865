//! The options of a check.

use vast_xml::Limits;

use crate::finding::Severity;

/// How to check a document. `CheckOptions::default()` has the parser's default limits, reports
/// everything and keeps 1,000 findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckOptions<'a> {
    /// The `charset` of the HTTP `Content-Type`, if any, as in [`ParseOptions`](vast_xml::ParseOptions::charset). Default: none.
    pub charset: Option<&'a str>,
    /// The limits of the parser. A document above one of them gets a finding.
    pub limits: Limits,
    /// The least severity that is reported. Default [`Severity::Info`]: everything.
    pub least: Severity,
    /// Ids of rules that are not reported, ours and vastlint-core's ([`known_rules`](crate::known_rules)). Default: none.
    pub ignored: Vec<&'a str>,
    /// The most findings. If there are more, the most severe are kept and
    /// [`Report::omitted`](crate::Report::omitted) counts the others. Default 1,000.
    pub findings: usize,
}

impl Default for CheckOptions<'_> {
    fn default() -> Self {
        Self { charset: None, limits: Limits::default(), least: Severity::Info, ignored: Vec::new(), findings: 1_000 }
    }
}
