//! Checks `docs/requirements.md`: it must have one sentence per requirement.

use std::collections::BTreeMap;

use crate::finding::{Finding, Rule};

use super::requirement::Requirement;

/// The document, in the repository's root.
pub const FILE: &str = "docs/requirements.md";

/// The first word of a sentence says how binding it is.
const FORCES: [&str; 3] = ["MUST ", "SHOULD ", "MAY "];

/// One finding per requirement that does not have exactly one sentence, and one per line that is not a valid sentence.
pub fn check(text: &str) -> Vec<Finding> {
    let mut lines: BTreeMap<Requirement, usize> = BTreeMap::new();
    let mut findings = Vec::new();
    for (line, entry) in (1..).zip(text.lines()).filter_map(|(line, text)| Some((line, text.strip_prefix("- **")?))) {
        match read(entry) {
            Ok(requirement) => {
                if let Some(first) = lines.insert(requirement, line) {
                    findings.push(finding(line, format!("{requirement} has another sentence on line {first}")));
                }
            }
            Err(message) => findings.push(finding(line, message)),
        }
    }
    let silent = Requirement::all().filter(|requirement| !lines.contains_key(requirement));
    findings.extend(silent.map(|requirement| finding(1, format!("{requirement} has no sentence"))));
    findings
}

/// The requirement of a line such as `R-034** MUST join ... .`.
fn read(entry: &str) -> Result<Requirement, String> {
    let (number, sentence) = entry.split_once("** ").ok_or("a line that is no requirement")?;
    let requirement = number.parse::<Requirement>()?;
    if FORCES.iter().any(|force| sentence.starts_with(force)) && sentence.ends_with('.') {
        Ok(requirement)
    } else {
        Err(format!("the sentence of {requirement} must begin with MUST, SHOULD or MAY and end with a full stop"))
    }
}

fn finding(line: usize, message: String) -> Finding {
    Finding::line(FILE, line, Rule::Conformance, message)
}
