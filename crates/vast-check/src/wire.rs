//! The report for programs: what `vast check --format json` prints, of one input [`CheckResult`], of several
//! [`CheckResults`]. The JSON Schemas are docs/schema/check.json and docs/schema/check-files.json.
//!
//! Lists are always there, possibly empty; what is absent is left out, never `null`.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::finding::{Finding, Severity, Span};
use crate::report::Report;

/// What a check gives.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CheckResult<'a> {
    /// The version of this format.
    pub schema: u32,
    /// What was checked: a URL, a path, `stdin`.
    pub input: &'a str,
    /// `vast`, `vmap` or `unreadable`.
    pub document: &'static str,
    /// The version that the document declares, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub version: Option<&'a str>,
    /// How many errors there are, those left out included.
    pub errors: usize,
    /// How many warnings there are, those left out included.
    pub warnings: usize,
    /// How many findings are worth knowing only, those left out included.
    pub infos: usize,
    /// What is wrong: the most severe first, those of one severity in the order of the places; what has no place comes first
    /// among them.
    pub findings: Vec<FindingEntry<'a>>,
    /// How many findings were left out because there were too many.
    pub omitted: usize,
    /// What could not be looked at.
    pub remarks: Vec<RemarkEntry>,
}

/// What a check of several inputs gives.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct CheckResults<'a> {
    /// The version of this format.
    pub schema: u32,
    /// The result of each input that could be read, in their order.
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
    /// How many of them are neither VAST nor VMAP.
    pub unreadable: usize,
    /// How many inputs could not be fetched or opened; they are not among the files.
    pub failed: usize,
    /// How many errors there are.
    pub errors: usize,
    /// How many warnings there are.
    pub warnings: usize,
    /// How many findings are worth knowing only.
    pub infos: usize,
}

impl CheckSum {
    /// Adds the numbers of a document.
    pub fn add(&mut self, report: &Report) {
        self.files += 1;
        self.unreadable += usize::from(matches!(report.kind, crate::DocumentKind::Unreadable(_)));
        self.errors += report.count(Severity::Error);
        self.warnings += report.count(Severity::Warning);
        self.infos += report.count(Severity::Info);
    }
}

impl<'a> CheckResults<'a> {
    /// The reports about several inputs. `failed` is how many more could not be read.
    pub fn new(reports: impl IntoIterator<Item = (&'a Report, &'a str)>, failed: usize) -> Self {
        let mut sum = CheckSum { failed, ..CheckSum::default() };
        let files = reports.into_iter().map(|(report, input)| {
            sum.add(report);
            CheckResult::new(report, input)
        });
        Self { schema: 1, files: files.collect(), sum }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FindingEntry<'a> {
    /// The rule's id: `VC-...` is ours, all others are vastlint-core's.
    pub rule: &'a str,
    /// Who found it: `parser`, `model` or `vastlint`.
    pub origin: &'static str,
    /// `error`, `warning` or `info`.
    pub severity: &'static str,
    /// What is wrong, in one line.
    pub message: &'a str,
    /// More about this very place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub note: Option<&'a str>,
    /// The section of the standard that says so.
    pub section: &'a str,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub help: Option<&'a str>,
    /// Where it is. Absent where that is not known for certain, and where it is about the document as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "SpanEntry")]
    pub span: Option<SpanEntry>,
}

/// A piece of the document, as characters after its conversion to UTF-8.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SpanEntry {
    /// Line of the first character, from 1.
    pub line: u32,
    /// Column of the first character, from 1, in characters.
    pub column: u32,
    /// Bytes before the first character, a byte order mark included.
    pub offset: usize,
    /// Line behind the last character.
    pub end_line: u32,
    /// Column behind the last character.
    pub end_column: u32,
    /// Bytes before what follows.
    pub end_offset: usize,
}

/// Something that could not be looked at.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RemarkEntry {
    /// A stable name.
    pub code: &'static str,
    /// The same in words.
    pub message: String,
}

impl<'a> CheckResult<'a> {
    /// The report about `input`.
    pub fn new(report: &'a Report, input: &'a str) -> Self {
        let remark = |remark: &crate::Remark| RemarkEntry { code: remark.as_str(), message: remark.to_string() };
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
