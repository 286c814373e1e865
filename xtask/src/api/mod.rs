//! `cargo xtask api`: the public items of the published libraries as text, one line each, compared with the listings in docs/api.
//!
//! A change of the public API thus changes a checked-in file, which a reviewer sees. The listing is made from the sources
//! with all features (a line names the condition of its item), so it needs no nightly compiler. A definition by a macro
//! call is listed as the call, and so are methods that a call inside an `impl` block makes. Methods of an `impl` block in
//! a `macro_rules!` body are not listed.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use crate::finding::{Finding, Rule};
use crate::modules::scan;
use crate::repository::Repository;

mod describe;
mod impls;
mod library;
mod paths;

use library::Library;

/// The folder of the listings.
const FOLDER: &str = "docs/api";

/// The libraries whose public API is listed.
const LIBRARIES: [&str; 5] = ["vast-xml", "vast-check", "vast-client", "vast-explain", "vast-gateway"];

/// One finding per line that a listing lacks, and one per line that it should not have.
///
/// # Errors
/// If a source or listing cannot be read.
pub fn check(root: &Path) -> io::Result<Vec<Finding>> {
    let repository = Repository::open(root)?;
    let mut findings = Vec::new();
    for (name, text) in listings(&repository)? {
        let file = format!("{FOLDER}/{name}.txt");
        let listed = if repository.has(&file) { repository.text(&file)?.unwrap_or_default() } else { String::new() };
        findings.extend(compare(&file, &listed, &text));
    }
    Ok(findings)
}

/// Writes the listings.
///
/// # Errors
/// If a source cannot be read or a listing cannot be written.
pub fn update(root: &Path) -> io::Result<()> {
    std::fs::create_dir_all(root.join(FOLDER))?;
    for (name, text) in listings(&Repository::open(root)?)? {
        std::fs::write(root.join(FOLDER).join(format!("{name}.txt")), text)?;
    }
    Ok(())
}

/// The name and the listing of each library that exists.
fn listings(repository: &Repository) -> io::Result<Vec<(String, String)>> {
    let (trees, _) = scan::trees(repository);
    let libraries = trees.into_iter().filter(|tree| LIBRARIES.contains(&tree.package.as_str()) && tree.is_library());
    libraries.map(|tree| Ok((tree.package.clone(), listing(&Library::read(repository, tree)?)))).collect()
}

/// The public items of a library, one line each, sorted.
fn listing(library: &Library) -> String {
    let public = paths::public(library);
    let mut lines: BTreeSet<String> = public.lines().collect();
    lines.extend(public.definitions().flat_map(|definition| describe::lines(library, &definition)));
    lines.extend(impls::lines(library, &public));
    lines.into_iter().map(|line| line + "\n").collect()
}

fn compare(file: &str, listed: &str, actual: &str) -> Vec<Finding> {
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) = (listed.lines().collect(), actual.lines().collect());
    let finding = |sign: &str, line: &&str| Finding::file(file, Rule::Api, format!("{sign} {line}"));
    let gone = old.difference(&new).map(|line| finding("-", line));
    gone.chain(new.difference(&old).map(|line| finding("+", line))).collect()
}
