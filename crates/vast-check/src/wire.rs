//! The report for programs: `vast check --format json` prints [`CheckResult`] for one input and [`CheckResults`] for
//! several. The JSON Schemas are docs/schema/check.json and docs/schema/check-files.json.
//!
//! A list without entries is present and empty. Any other value that is absent is left out; it is never `null`.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::finding::{Finding, Severity, Span};
use crate::report::{DocumentKind, Remark, Report};

/// The result of a check.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CheckResult<'a> {
    /// The version of this format.
    pub schema: u32,
    /// The input that was checked: a URL, a path or `stdin`.
    pub input: &'a str,
    /// `vast`, `vmap` or `unreadable`.
    pub document: &'static str,
    /// The version that the document declares, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub version: Option<&'a str>,
    /// The number of errors, including omitted ones.
    pub errors: usize,
    /// The number of warnings, including omitted ones.
    pub warnings: usize,
    /// The number of findings with the severity `info`, including omitted ones.
    pub infos: usize,
    /// The findings: the most severe first, within one severity by position, those without a position first.
    pub findings: Vec<FindingEntry<'a>>,
    /// The number of findings that were omitted because there were too many.
    pub omitted: usize,
    /// The parts of the document and the rules that were not checked.
    pub remarks: Vec<RemarkEntry>,
}

/// The result of a check of several inputs.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct CheckResults<'a> {
    /// The version of this format.
    pub schema: u32,
    /// The results of the inputs that could be read, in the order of the inputs.
    pub files: Vec<CheckResult<'a>>,
    /// The numbers of all inputs.
    pub sum: CheckSum,
}

/// The numbers of several inputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct CheckSum {
    /// How many documents were checked.
    pub files: usize,
    /// The number of documents that could not be read as VAST or VMAP.
    pub unreadable: usize,
    /// The number of inputs that could not be fetched or opened; `files` does not contain them.
    pub failed: usize,
    /// The number of errors.
    pub errors: usize,
    /// The number of warnings.
    pub warnings: usize,
    /// The number of findings with the severity `info`.
    pub infos: usize,
}

impl CheckSum {
    /// Adds the numbers of one document.
    pub fn add(&mut self, report: &Report) {
        self.files += 1;
        self.unreadable += usize::from(matches!(report.kind, DocumentKind::Unreadable(_)));
        self.errors += report.count(Severity::Error);
        self.warnings += report.count(Severity::Warning);
        self.infos += report.count(Severity::Info);
    }
}

impl<'a> CheckResults<'a> {
    /// The result for several reports. `failed` is the number of inputs without a report, because they could not be
    /// fetched or opened.
    pub fn new(reports: impl IntoIterator<Item = (&'a Report, &'a str)>, failed: usize) -> Self {
        let mut sum = CheckSum { failed, ..CheckSum::default() };
        let files = reports.into_iter().map(|(report, input)| {
            sum.add(report);
            CheckResult::new(report, input)
        });
        Self { schema: 1, files: files.collect(), sum }
    }
}

/// One finding: a mistake in the document.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FindingEntry<'a> {
    /// The id of the rule: ids that begin with `VC-` are ours, all others are those of vastlint-core.
    pub rule: &'a str,
    /// The checker that found the mistake: `parser`, `model` or `vastlint`.
    pub origin: &'static str,
    /// `error`, `warning` or `info`.
    pub severity: &'static str,
    /// The mistake, in one line.
    pub message: &'a str,
    /// The message of another checker about the same mistake.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub note: Option<&'a str>,
    /// The section of the standard that has the requirement.
    pub section: &'a str,
    /// How to correct the mistake.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub help: Option<&'a str>,
    /// The position of the mistake. Absent if it is not certain, or if the finding concerns the whole document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "SpanEntry")]
    pub span: Option<SpanEntry>,
}

/// A range of the document after its conversion to UTF-8.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SpanEntry {
    /// Line of the first character, from 1.
    pub line: u32,
    /// Column of the first character, from 1, in characters.
    pub column: u32,
    /// Bytes before the first character, a byte order mark included.
    pub offset: usize,
    /// Line of the position after the last character.
    pub end_line: u32,
    /// Column of the position after the last character.
    pub end_column: u32,
    /// Bytes before the position after the last character.
    pub end_offset: usize,
}

/// A part of the document or a group of rules that was not checked.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RemarkEntry {
    /// A stable name.
    pub code: &'static str,
    /// A description for people.
    pub message: String,
}

impl<'a> CheckResult<'a> {
    /// The report about `input`.
    pub fn new(report: &'a Report, input: &'a str) -> Self {
        let remark = |remark: &Remark| RemarkEntry { code: remark.as_str(), message: remark.to_string() };
        Self {
            schema: 1,
            input,
            document: report.kind.as_str(),
            version: report.version.as_deref(),
            errors: report.count(Severity::Error),
            warnings: report.count(Severity::Warning),
            infos: report.count(Severity::Info),
            findings: report.findings.iter().map(FindingEntry::from).collect(),
            omitted: report.omitted.iter().sum(),
            remarks: report.remarks.iter().map(remark).collect(),
        }
    }
}

impl<'a> From<&'a Finding> for FindingEntry<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            rule: finding.rule,
            origin: finding.origin.as_str(),
            severity: finding.severity.as_str(),
            message: &finding.message,
            note: finding.note.as_deref(),
            section: finding.section,
            help: finding.help,
            span: finding.span.map(SpanEntry::from),
        }
    }
}

impl From<Span> for SpanEntry {
    fn from(Span { start, end }: Span) -> Self {
        Self {
            line: start.line,
            column: start.column,
            offset: start.offset,
            end_line: end.line,
            end_column: end.column,
            end_offset: end.offset,
        }
    }
}

/// The JSON Schema (draft 2020-12) of [`CheckResult`]. The file docs/schema/check.json is made from it.
pub fn schema() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<CheckResult<'static>>()
}

/// The JSON Schema of [`CheckResults`]. The file docs/schema/check-files.json is made from it.
pub fn files_schema() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<CheckResults<'static>>()
}
