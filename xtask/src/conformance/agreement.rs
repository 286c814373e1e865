//! Compares the table with the tests.

use crate::finding::{Finding, Rule};

use super::proofs::Proof;
use super::register::{Entry, FILE, Register};
use super::requirement::{LAST, Requirement};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The requirement that it concerns, if there is one.
    pub requirement: Option<Requirement>,
    /// The problem and its position.
    pub finding: Finding,
}

/// All differences, sorted by position.
pub fn check(register: &Register, proofs: &[Proof]) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = register.unreadable.iter().map(unreadable).collect();
    gaps.extend(proofs.iter().flat_map(weak_proof));
    for requirement in Requirement::all() {
        let named: Vec<&Proof> = named_for(requirement, proofs).collect();
        let line = register.line(requirement);
        gaps.extend(complaints(register, requirement, &named).into_iter().map(|message| Gap {
            requirement: Some(requirement),
            finding: Finding::line(FILE, line, Rule::Conformance, format!("{requirement} {message}")),
        }));
    }
    gaps.sort_by(|one, other| one.finding.cmp(&other.finding));
    gaps
}

/// The tests that are named for a requirement.
pub fn named_for(requirement: Requirement, proofs: &[Proof]) -> impl Iterator<Item = &Proof> {
    proofs.iter().filter(move |proof| proof.requirements.contains(&requirement))
}

fn unreadable(entry: &super::register::Unreadable) -> Gap {
    let finding = Finding::line(FILE, entry.line, Rule::Conformance, entry.message.clone());
    Gap { requirement: entry.requirement, finding }
}

/// The problems of a test that do not depend on the table.
fn weak_proof(proof: &Proof) -> Vec<Gap> {
    let wrong_number = proof.requirements.is_empty();
    let complaints = [
        (wrong_number, format!("is named for no requirement: they are r001 to r{LAST:03}")),
        (!proof.asserts, "asserts nothing".to_owned()),
        (proof.ignored, "is marked #[ignore]".to_owned()),
    ];
    let gap = |message: String| Gap {
        requirement: proof.requirements.first().copied(),
        finding: Finding::line(&proof.file, proof.line, Rule::Conformance, format!("{} {message}", proof.name)),
    };
    complaints.into_iter().filter(|(applies, _)| *applies).map(|(_, message)| gap(message)).collect()
}

fn complaints(register: &Register, requirement: Requirement, named: &[&Proof]) -> Vec<String> {
    match register.entries.get(&requirement) {
        None if register.unreadable.iter().any(|entry| entry.requirement == Some(requirement)) => Vec::new(),
        None => vec!["is missing".to_owned()],
        Some(Entry::Later { why }) if why.trim().is_empty() => vec!["is `later` without a reason".to_owned()],
        Some(Entry::Later { .. }) => {
            named.first().map(|proof| format!("is `later`, but {} tests it", proof.name)).into_iter().collect()
        }
        Some(Entry::Host { api, .. }) if api.trim().is_empty() => vec!["is `host` without an API".to_owned()],
        Some(Entry::Tested { tests } | Entry::Host { tests, .. }) => missing_tests(requirement, tests, named),
    }
}

fn missing_tests(requirement: Requirement, listed: &[String], named: &[&Proof]) -> Vec<String> {
    if named.is_empty() {
        return vec![format!("has no test named {}_...", requirement.to_string().to_lowercase().replace('-', ""))];
    }
    let absent = listed.iter().filter(|name| !named.iter().any(|proof| proof.name == **name));
    absent.map(|name| format!("lists the test {name}, which does not exist")).collect()
}
