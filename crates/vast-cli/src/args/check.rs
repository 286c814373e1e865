//! `vast check`.

use std::time::Duration;

use clap::{Args, ValueEnum};
use vast_check::Severity;

use super::source::{NetworkArgs, SourceArgument};
use super::value;

const EXAMPLES: &str = "\
Examples:
  vast check ad.xml
  vast check creatives/ house.xml --severity error
  vast check https://ads.example/vast --follow --severity warning
  vast check - --ignore VAST-2.0-url-cdata,VC-no-error-url < ad.xml
  vast check ad.xml --format json | jq -r '.findings[] | .rule' | sort | uniq -c
  vast check creatives/ --format sarif > check.sarif
  vast check --explain VC-escaped-ampersand

Of a folder all *.xml files in it and below it are checked. Rules that begin with VC- are ours,
the others are vastlint-core's. The exit code is the worst of all inputs: 4 not VAST, 3 not
readable, 1 errors, 0 no errors.";

/// The output format of the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Text for people, with the lines of the document.
    Human,
    /// JSON for programs; the schema is in docs/schema. Several inputs, a folder and --follow give a list with a sum.
    Json,
    /// SARIF 2.1.0, which code hosting services and editors show beside the lines.
    Sarif,
}

/// The arguments of `vast check`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, after_help = "`--help` shows examples.")]
pub(crate) struct CheckArgs {
    /// The documents: URLs, paths, folders, or `-` for standard input.
    #[arg(value_name = "INPUT", value_parser = SourceArgument::parse, required_unless_present_any = ["list_rules", "explain"])]
    pub(crate) inputs: Vec<SourceArgument>,
    /// Also check the documents that wrappers lead to: 5 deep, at most 20.
    #[arg(long)]
    pub(crate) follow: bool,
    /// List all rules with their severities, and check nothing.
    #[arg(long, conflicts_with_all = ["inputs", "explain"])]
    pub(crate) list_rules: bool,
    /// Explain a rule, and check nothing.
    #[arg(long, value_name = "RULE", value_parser = rule, conflicts_with = "inputs")]
    pub(crate) explain: Option<String>,
    /// Report only findings with at least this severity.
    #[arg(long, value_name = "SEVERITY", value_parser = value::severity(), default_value = "info")]
    pub(crate) severity: Severity,
    /// Do not report this rule; may be repeated, and a list with commas.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule)]
    pub(crate) ignore: Vec<String>,
    /// How long fetching a URL may take, with unit [default: 3s].
    #[arg(long, value_name = "TIME", value_parser = value::duration, help_heading = "Network")]
    pub(crate) timeout: Option<Duration>,
    /// Send a header with the request; may be repeated.
    #[arg(long = "header", value_name = "'NAME: VALUE'", value_parser = value::header, help_heading = "Network")]
    pub(crate) headers: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// In what form the findings are shown.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = CheckFormat::Human, help_heading = "Output")]
    pub(crate) format: CheckFormat,
    /// Show every finding with its lines; else the first three of each rule.
    #[arg(long, short, help_heading = "Output")]
    pub(crate) verbose: bool,
}

/// The id of a rule, in any case.
fn rule(text: &str) -> Result<String, String> {
    let known = || vast_check::known_rules().map(|rule| rule.id);
    if let Some(id) = known().find(|id| id.eq_ignore_ascii_case(text.trim())) {
        return Ok(id.to_owned());
    }
    let given = text.trim().to_ascii_lowercase();
    let similar = known().map(|id| (strsim::jaro_winkler(&given, &id.to_ascii_lowercase()), id));
    let nearest =
        similar.max_by(|(one, _), (other, _)| one.total_cmp(other)).filter(|(similarity, _)| *similarity > 0.9);
    let meant = nearest.map_or_else(String::new, |(_, id)| format!(": did you mean {id}?"));
    Err(format!("there is no such rule{meant}; `vast check --list-rules` shows all of them"))
}
