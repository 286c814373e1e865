//! The report in SARIF 2.1.0 (OASIS), which code hosting services and editors show beside the lines of a file.

use serde::Serialize;

use crate::catalogue::known_rules;
use crate::finding::{Finding, Severity, Span};
use crate::report::Report;
use crate::rule::KnownRule;

/// A log with one run: what `vast check --format sarif` prints.
#[derive(Debug, Clone, Serialize)]
pub struct SarifLog<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [SarifRun<'a>; 1],
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRun<'a> {
    tool: Tool,
    /// The unit of the columns: characters.
    column_kind: &'static str,
    results: Vec<SarifResult<'a>>,
}

#[derive(Debug, Clone, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Clone, Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<SarifRule>,
}

/// A rule that was broken.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRule {
    id: &'static str,
    short_description: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Message>,
    default_configuration: Configuration,
}

#[derive(Debug, Clone, Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Debug, Clone, Serialize)]
struct Message {
    text: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [SarifLocation<'a>; 1],
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifLocation<'a> {
    physical_location: PhysicalLocation<'a>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation<'a> {
    artifact_location: ArtifactLocation<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Debug, Clone, Serialize)]
struct ArtifactLocation<'a> {
    uri: std::borrow::Cow<'a, str>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

impl<'a> SarifLog<'a> {
    /// The log for these inputs and their reports. An input is a URL or a path.
    pub fn new(reports: impl IntoIterator<Item = (&'a Report, &'a str)>) -> Self {
        let mut rules = Vec::new();
        let mut results = Vec::new();
        for (report, input) in reports {
            for finding in &report.findings {
                let number = rules.iter().position(|known| *known == finding.rule).unwrap_or_else(|| {
                    rules.push(finding.rule);
                    rules.len() - 1
                });
                results.push(SarifResult::new(finding, number, input));
            }
        }
        let rules = rules.into_iter().filter_map(|id| known_rules().find(|rule| rule.id == id)).map(SarifRule::from);
        let driver = Driver { name: "vast check", version: env!("CARGO_PKG_VERSION"), rules: rules.collect() };
        Self {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            version: "2.1.0",
            runs: [SarifRun { tool: Tool { driver }, column_kind: "unicodeCodePoints", results }],
        }
    }
}

impl From<KnownRule> for SarifRule {
    fn from(rule: KnownRule) -> Self {
        let message = |text: &str| Message { text: text.to_owned() };
        Self {
            id: rule.id,
            short_description: message(rule.description),
            help: rule.help.map(message),
            default_configuration: Configuration { level: level(rule.severity) },
        }
    }
}

impl<'a> SarifResult<'a> {
    fn new(finding: &'a Finding, rule_index: usize, input: &'a str) -> Self {
        let note = finding.note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
        let artifact_location = ArtifactLocation { uri: uri(input) };
        let physical_location = PhysicalLocation { artifact_location, region: finding.span.map(Region::from) };
        Self {
            rule_id: finding.rule,
            rule_index,
            level: level(finding.severity),
            message: Message { text: format!("{}{note} [{}]", finding.message, finding.section) },
            locations: [SarifLocation { physical_location }],
        }
    }
}

impl From<Span> for Region {
    fn from(Span { start, end }: Span) -> Self {
        Self { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
    }
}

/// The SARIF level of a severity. SARIF has `note` for our `info`.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// An input as a URI reference: a path needs its special characters escaped.
fn uri(input: &str) -> std::borrow::Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"%\"<>\\^`{|}".contains(&byte);
    let is_special = |byte: u8| matches!(byte, b'?' | b'#' | b':');
    if input.contains("://") || input.bytes().all(|byte| is_plain(byte) && !is_special(byte)) {
        return input.into();
    }
    let escaped = input.bytes().map(|byte| match byte {
        _ if is_plain(byte) && !is_special(byte) => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    escaped.collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_uri_references() {
        for (input, expected) in [
            ("ads/a.xml", "ads/a.xml"),
            ("ads/a b#1.xml", "ads/a%20b%231.xml"),
            ("é", "%C3%A9"),
            ("https://a.example/?x=1#y", "https://a.example/?x=1#y"),
        ] {
            assert_eq!(uri(input), expected);
        }
    }
}
