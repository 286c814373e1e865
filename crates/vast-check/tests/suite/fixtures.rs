//! False positives: which of our rules fire in each fixture. A person has read the table: each rule in it has a cause in the document.
//! A rule that fires in one more document changes the table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use vast_check::{CheckOptions, Rule, check, known_rules};

/// A mistake that vastlint-core also finds has the id of vastlint-core's rule. With vastlint-core, fewer findings of
/// our rules are therefore in the table.
const TABLE: &str = if cfg!(feature = "vastlint") { "rules-that-fire-with-vastlint" } else { "rules-that-fire" };

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads fixtures of the repository")]
fn our_rules_fire_in_the_fixtures_that_give_a_cause() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let paths = documents(&root);
    assert!(paths.len() > 90, "{} fixtures", paths.len());
    let mut table = String::new();
    for path in paths {
        let shown = path.strip_prefix(&root).expect("a path in the folder").display().to_string().replace('\\', "/");
        let text = std::fs::read(&path).expect("a fixture");
        writeln!(table, "{shown}: {}", fired(&text)).expect("a text grows");
    }
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(TABLE, table) });
}

/// Our rules that fire, with the number of their findings.
fn fired(document: &[u8]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in check(document, &CheckOptions::default()).findings {
        if Rule::ALL.iter().any(|rule| rule.id() == finding.rule) {
            *counts.entry(finding.rule).or_default() += 1;
        }
    }
    let shown: Vec<_> = counts.into_iter().map(|(rule, count)| format!("{rule} {count}")).collect();
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}

/// The *.xml files in a folder and below it, in order.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the fixtures").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> =
        entries.flat_map(|path| if path.is_dir() { documents(&path) } else { vec![path] }).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "xml"));
    paths.sort();
    paths
}

#[test]
fn ids_of_rules_are_unique_and_show_their_origin() {
    let ids: BTreeSet<_> = known_rules().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), known_rules().count());
    assert!(Rule::ALL.iter().all(|rule| rule.id().starts_with("VC-") && !rule.section().is_empty()));
    assert!(known_rules().all(|rule| !rule.description.is_empty() && rule.description.trim() == rule.description));
}
