//! The allowed dependencies between our crates.

use crate::finding::{Finding, Rule};
use crate::modules::cycles::{Adjacency, shortest_cycles};
use crate::repository::{Crate, Repository};

/// Crates whose dependencies on our crates are restricted; all others may use any. Development dependencies are not
/// checked.
const ALLOWED: [(&str, &[&str]); 5] = [
    ("vast-xml", &[]),
    ("vast-client", &["vast-xml"]),
    ("vast-mock", &[]),
    ("vast-nats", &["vast-client"]),
    ("vast-gateway", &["vast-check", "vast-client", "vast-explain", "vast-nats"]),
];

/// One finding per dependency that is not allowed, and one per cycle of crates.
pub fn check(repository: &Repository) -> Vec<Finding> {
    let crates = &repository.crates;
    let mut findings: Vec<Finding> = crates.iter().flat_map(|unit| forbidden(unit, crates)).collect();
    for cycle in shortest_cycles(&adjacency(crates)) {
        let names: Vec<&str> = cycle.iter().chain(&cycle[..1]).map(|&unit| crates[unit].name.as_str()).collect();
        findings.push(finding(&crates[cycle[0]], names.join(" -> ")));
    }
    findings
}

fn forbidden(unit: &Crate, crates: &[Crate]) -> Vec<Finding> {
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == unit.name) else { return Vec::new() };
    let ours = unit.dependencies.iter().filter(|name| crates.iter().any(|other| other.name == **name));
    let forbidden = ours.filter(|name| !allowed.contains(&name.as_str()));
    forbidden.map(|name| finding(unit, format!("{} must not depend on {name}", unit.name))).collect()
}

fn adjacency(crates: &[Crate]) -> Adjacency {
    let place = |name: &String| crates.iter().position(|unit| unit.name == *name);
    crates.iter().enumerate().map(|(from, unit)| (from, unit.dependencies.iter().filter_map(place).collect())).collect()
}

fn finding(unit: &Crate, message: String) -> Finding {
    Finding::file(&format!("{}/Cargo.toml", unit.folder), Rule::CrateEdge, message)
}
