//! The table of requirements compared with tests that prove, seem to prove, or do not exist.

use std::path::Path;

use xtask::conformance::agreement;
use xtask::conformance::proofs::{self, Proof};
use xtask::conformance::register::Register;
use xtask::conformance::{sample, table, texts, update};
use xtask::repository::Repository;

/// The tests in `xtask/tests/trees/requirements`.
fn proofs() -> Vec<Proof> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trees/requirements");
    proofs::find(&Repository::open(&root).expect("the tree is there")).expect("its files can be read")
}

/// A table that begins with `entries`. All other requirements are `later`.
fn complete(entries: &str) -> String {
    let named = |number: &u16| entries.contains(&format!("R-{number:03}"));
    let rest = (1..=196).filter(|number| !named(number));
    let rest: String =
        rest.map(|number| format!("\"R-{number:03}\" = {{ status = \"later\", why = \"x\" }}\n")).collect();
    format!("{entries}{rest}")
}

fn findings(text: &str, proofs: &[Proof]) -> Vec<String> {
    let register = Register::parse(text).expect("the case is TOML");
    agreement::check(&register, proofs).iter().map(|gap| gap.finding.to_string()).collect()
}

/// Checks the findings about `entry`, without those about the weak tests of the tree. No other requirement has tests.
fn check_entry(entry: &str, test: &str, expected: &[&str]) {
    let proofs: Vec<Proof> = proofs().into_iter().filter(|proof| proof.name == test).collect();
    assert_eq!(findings(&complete(entry), &proofs), expected, "{entry}");
}

#[test]
fn finds_the_tests_named_for_requirements() {
    let show = |proof: &Proof| {
        let numbers: Vec<String> = proof.requirements.iter().map(ToString::to_string).collect();
        format!("{}:{} {} {:?}", proof.file, proof.line, proof.name, numbers)
    };
    assert_eq!(
        proofs().iter().map(show).collect::<Vec<_>>(),
        [
            "crates/one/src/lib.rs:9 r002_asserts [\"R-002\"]",
            "crates/one/src/lib.rs:14 r003_r004_calls_a_check [\"R-003\", \"R-004\"]",
            "crates/one/src/lib.rs:19 r005_proves_nothing [\"R-005\"]",
            "crates/one/src/lib.rs:25 r006_never_runs [\"R-006\"]",
            "crates/one/src/lib.rs:30 r999_has_no_requirement []",
            "crates/one/src/lib.rs:36 r007_for_all [\"R-007\"]",
        ]
    );
}

#[test]
fn tests_that_prove_nothing_are_found() {
    let entries: String = (2..=7).map(|number| format!("\"R-{number:03}\" = {{ status = \"tested\" }}\n")).collect();
    assert_eq!(
        findings(&complete(&entries), &proofs()),
        [
            "crates/one/src/lib.rs:19: [conformance] r005_proves_nothing asserts nothing",
            "crates/one/src/lib.rs:25: [conformance] r006_never_runs is marked #[ignore]",
            "crates/one/src/lib.rs:30: [conformance] r999_has_no_requirement is named for no requirement: they are r001 to r196",
        ]
    );
}

#[test]
fn the_table_and_the_tests_must_agree() {
    let test = "r002_asserts";
    let tested = "\"R-002\" = { status = \"tested\" }\n";
    check_entry(tested, test, &[]);
    check_entry(tested, "none", &["conformance.toml:1: [conformance] R-002 has no test named r002_..."]);
    check_entry("\"R-002\" = { status = \"tested\", tests = [\"r002_asserts\"] }\n", test, &[]);
    check_entry(
        "\"R-002\" = { status = \"tested\", tests = [\"r002_gone\"] }\n",
        test,
        &["conformance.toml:1: [conformance] R-002 lists the test r002_gone, which does not exist"],
    );
    check_entry(
        "\"R-002\" = { status = \"later\", why = \"x\" }\n",
        test,
        &["conformance.toml:1: [conformance] R-002 is `later`, but r002_asserts tests it"],
    );
    check_entry(
        "\"R-002\" = { status = \"later\", why = \" \" }\n",
        "none",
        &["conformance.toml:1: [conformance] R-002 is `later` without a reason"],
    );
    check_entry("\"R-002\" = { status = \"host\", api = \"Session::click\" }\n", test, &[]);
    check_entry(
        "\"R-002\" = { status = \"host\", api = \"Session::click\" }\n",
        "none",
        &["conformance.toml:1: [conformance] R-002 has no test named r002_..."],
    );
    check_entry(
        "\"R-002\" = { status = \"host\", api = \"\" }\n",
        test,
        &["conformance.toml:1: [conformance] R-002 is `host` without an API"],
    );
}

#[test]
fn entries_that_are_not_understood_are_found() {
    check_entry(
        "\"R-197\" = { status = \"tested\" }\n",
        "none",
        &["conformance.toml:1: [conformance] `R-197` is no requirement: they are R-001 to R-196"],
    );
    let unknown_status = findings(&complete("\"R-002\" = { status = \"done\" }\n"), &[]);
    assert_eq!(unknown_status.len(), 1);
    assert!(unknown_status[0].starts_with("conformance.toml:1: [conformance] R-002: unknown variant `done`"));
    let unknown_key = findings(&complete("\"R-002\" = { status = \"later\", why = \"x\", when = \"y\" }\n"), &[]);
    assert_eq!(unknown_key.len(), 1);
    assert!(unknown_key[0].contains("unknown field `when`"), "{unknown_key:?}");
}

#[test]
fn a_missing_requirement_is_found() {
    let text: String =
        complete("").lines().filter(|line| !line.contains("R-100")).map(|line| format!("{line}\n")).collect();
    assert_eq!(findings(&text, &[]), ["conformance.toml:1: [conformance] R-100 is missing"]);
}

#[test]
fn every_requirement_has_one_sentence() {
    let whole: String = (1..=196).map(|number| format!("- **R-{number:03}** MUST hold.\n")).collect();
    let check = |text: &str| texts::check(text).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(check(&whole), Vec::<String>::new());
    assert_eq!(
        check(&whole.replace("- **R-100** MUST hold.\n", "")),
        ["docs/requirements.md:1: [conformance] R-100 has no sentence"]
    );
    assert_eq!(
        check(&whole.replace("R-100** MUST hold", "R-099** MUST hold")),
        [
            "docs/requirements.md:100: [conformance] R-099 has another sentence on line 99",
            "docs/requirements.md:1: [conformance] R-100 has no sentence",
        ]
    );
    assert_eq!(
        check(&whole.replace("R-196** MUST hold.", "R-196** holds")),
        [
            "docs/requirements.md:196: [conformance] the sentence of R-196 must begin with MUST, SHOULD or MAY and end with a full stop",
            "docs/requirements.md:1: [conformance] R-196 has no sentence",
        ]
    );
}

#[test]
fn the_table_counts_by_stage() {
    let text = complete("\"R-002\" = { status = \"tested\" }\n\"R-150\" = { status = \"host\", api = \"x\" }\n");
    let register = Register::parse(&text).unwrap();
    let only: Vec<Proof> = proofs().into_iter().filter(|proof| proof.name == "r002_asserts").collect();
    let table = table::render(&register, &agreement::check(&register, &only));
    let expected = "\
stage      all tested later host gaps
FETCH       28      1    27    0    0
PARSE       44      0    44    0    0
RESOLVE     36      0    36    0    0
SELECT      33      0    33    0    0
TRACK       35      0    34    1    1
WRITE       20      0    20    0    0
total      196      1   194    1    1
";
    assert_eq!(table, expected);
}

#[test]
fn the_update_turns_later_into_tested_and_leaves_the_rest() {
    let text = "# a comment\n\"R-003\" = { status = \"later\", why = \"x\" }\n\n\"R-004\" = { status = \"host\", api = \"x\" }\n\"R-001\" = { status = \"later\", why = \"x\" }\n";
    let register = Register::parse(text).unwrap();
    let expected = text.replacen("{ status = \"later\", why = \"x\" }", "{ status = \"tested\" }", 1);
    assert_eq!(update::update(text, &register, &proofs()), expected);
}

#[test]
fn a_sample_is_the_same_for_the_same_seed() {
    let entries: String = (2..=7).map(|number| format!("\"R-{number:03}\" = {{ status = \"tested\" }}\n")).collect();
    let register = Register::parse(&complete(&entries)).unwrap();
    let named = |seed| sample::sample(&register, &proofs(), 2, seed);
    assert_eq!(named(1), named(1));
    assert!((2..9).any(|seed| named(seed).lines().nth(1) != named(1).lines().nth(1)), "every seed names the same");
    let all = sample::sample(&register, &proofs(), 10, 1);
    assert_eq!(
        all.lines().take(3).collect::<Vec<_>>(),
        ["6 of the tested requirements, seed 1", "R-002 FETCH", "  r002_asserts  crates/one/src/lib.rs:9",]
    );
}
