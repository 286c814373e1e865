//! Checks Cargo's metadata of packages: the oldest compiler that dependencies accept, and the metadata of our packages.
//!
//! This checks our `rust-version` on a machine that has only the newest compiler. It relies on the `rust-version` of the
//! dependencies; `just msrv` builds with the old compiler if it is installed.

use std::io;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::finding::{Finding, Rule};

/// The parts of `cargo metadata` that are used.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    rust_version: Option<String>,
    /// The registries that may publish it; `None` means any, an empty list none.
    #[serde(default)]
    publish: Option<Vec<String>>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
}

/// Runs `cargo metadata` in `root`: first offline, then with the network.
///
/// # Errors
/// If Cargo cannot be run or fails both times. The error contains its output.
pub fn run_cargo(root: &Path) -> io::Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--format-version", "1"];
    let offline = Command::new(&cargo).args(arguments).arg("--offline").current_dir(root).output()?;
    let output = match offline.status.success() {
        true => offline,
        false => Command::new(&cargo).args(arguments).current_dir(root).output()?,
    };
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(io::Error::other(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim())))
}

/// One finding per dependency with a newer `rust-version` than the oldest one of the workspace's members, one per member
/// without `rust-version`, and one per missing metadata of a published member.
///
/// # Errors
/// If `json` is not the output of `cargo metadata`.
pub fn check(json: &str) -> io::Result<Vec<Finding>> {
    let metadata: Metadata = serde_json::from_str(json)?;
    let (members, dependencies): (Vec<&Package>, Vec<&Package>) =
        metadata.packages.iter().partition(|package| metadata.workspace_members.contains(&package.id));
    let silent = members.iter().filter(|member| member.rust_version.is_none());
    let mut findings: Vec<Finding> = silent.map(|member| finding(member, "states no rust-version")).collect();
    findings.extend(members.iter().flat_map(|member| unstated(member)));
    let Some(ours) = members.iter().filter_map(|member| stated(member)).min() else { return Ok(findings) };
    let newer = dependencies.iter().filter(|package| stated(package).is_some_and(|needed| needed > ours));
    findings.extend(newer.map(|package| {
        let needed = package.rust_version.as_deref().unwrap_or_default();
        finding(package, &format!("needs Rust {needed}, but we promise {}.{}", ours.0, ours.1))
    }));
    Ok(findings)
}

/// The missing metadata of a published package. Registries and search engines need it.
fn unstated(package: &Package) -> Vec<Finding> {
    if package.publish.as_ref().is_some_and(Vec::is_empty) {
        return Vec::new();
    }
    let facts = [
        ("description", package.description.is_some()),
        ("keywords", !package.keywords.is_empty()),
        ("categories", !package.categories.is_empty()),
    ];
    let missing = facts.into_iter().filter(|(_, stated)| !stated);
    let message = |name: &str| format!("{} {} states no {name}", package.name, package.version);
    missing.map(|(name, _)| Finding::file("Cargo.toml", Rule::Package, message(name))).collect()
}

fn finding(package: &Package, what: &str) -> Finding {
    Finding::file("Cargo.toml", Rule::RustVersion, format!("{} {} {what}", package.name, package.version))
}

/// The version as numbers: `1.90` is `(1, 90, 0)`.
fn stated(package: &Package) -> Option<(u32, u32, u32)> {
    let mut numbers = package.rust_version.as_deref()?.split('.').map(|part| part.parse().unwrap_or(0));
    Some((numbers.next()?, numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)))
}
