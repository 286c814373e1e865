//! Each rule on a small tree that breaks it, and all rules on a tree that only seems to break them.

use std::path::{Path, PathBuf};

use xtask::tidy;

fn findings_below(root: &Path) -> Vec<String> {
    tidy::check(root).expect("the tree can be read").iter().map(ToString::to_string).collect()
}

/// The folder `xtask/tests/trees/<tree>`.
fn tree_root(tree: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trees").join(tree);
    assert!(root.is_dir(), "there is no tree {tree}");
    root
}

/// The findings about a tree, as printed.
fn check(tree: &str, expected: &[&str]) {
    assert_eq!(findings_below(&tree_root(tree)), expected, "{tree}");
}

#[test]
fn reexports_of_the_root_are_no_cycle() {
    let finding = |place: &str, path: &str| {
        format!(
            "crates/one/src/{place}: [root-import] `crate::{path}` is defined in `one::facade::inner`; name it by that module"
        )
    };
    let expected =
        [finding("parse.rs:3", "Inner"), finding("parse.rs:3", "plain"), finding("words.rs:4", "Inner::new")];
    check("reexports", &expected.each_ref().map(String::as_str));
}

#[test]
fn siblings_that_use_each_other_are_a_cycle() {
    check(
        "cycle_super",
        &["crates/one/src/first.rs:1: [cycle] one::first -> one::second -> one::first; \
         crates/one/src/first.rs:1 names `super::second::Second`, crates/one/src/second.rs:1 names `super::first::First`"],
    );
}

#[test]
fn an_item_is_named_by_its_module_and_not_by_a_reexport_of_the_root() {
    check(
        "root_import",
        &[
            "crates/one/src/street.rs:1: [root-import] `crate::House` is defined in `one::house`; name it by that module",
            "crates/one/src/street.rs:5: [root-import] `crate::House` is defined in `one::house`; name it by that module",
        ],
    );
}

#[test]
fn a_parent_that_privately_uses_a_child_of_its_own_items_is_a_cycle() {
    check(
        "cycle_private_use",
        &["crates/one/src/parent/mod.rs:3: [cycle] one::parent -> one::parent::child -> one::parent; \
         crates/one/src/parent/mod.rs:3 names `child::Child`, crates/one/src/parent/child.rs:1 names `super::Parent`"],
    );
}

#[test]
fn a_parent_whose_code_names_a_reexported_child_is_a_cycle() {
    check(
        "cycle_parent_code",
        &["crates/one/src/lib.rs:8: [cycle] one::parent -> one::parent::child -> one::parent; \
         crates/one/src/lib.rs:8 names `Child`, crates/one/src/lib.rs:3 names `super::Parent`"],
    );
}

#[test]
fn a_name_is_followed_through_reexports_to_where_it_is_defined() {
    check(
        "cycle_reexport",
        &["crates/one/src/facade/hidden.rs:3: [cycle] one::facade::hidden -> one::user -> one::facade::hidden; \
         crates/one/src/facade/hidden.rs:3 names `user::User`, crates/one/src/user.rs:1 names `crate::facade::Hidden`"],
    );
}

#[test]
fn a_reexport_of_anything_but_a_child_is_an_edge() {
    check(
        "cycle_upward_reexport",
        &["crates/one/src/lib.rs:2: [cycle] one::first -> one::second -> one::first; \
         crates/one/src/lib.rs:2 names `crate::second::Second`, crates/one/src/lib.rs:7 names `crate::first::First`"],
    );
}

#[test]
fn paths_in_expressions_are_edges() {
    check(
        "cycle_expression",
        &["crates/one/src/lib.rs:3: [cycle] one::first -> one::second -> one::third -> one::first; \
         crates/one/src/lib.rs:3 names `crate::second::go_on`, crates/one/src/lib.rs:9 names `super::third::end`, \
         crates/one/src/lib.rs:15 names `crate::first::start`"],
    );
}

#[test]
fn paths_in_macros_are_edges_and_macros_are_found_by_textual_order() {
    check(
        "cycle_macro",
        &["crates/one/src/lib.rs:5: [cycle] one::third -> one::first -> one::second -> one::third; \
         crates/one/src/lib.rs:5 names `crate::first::WIDTH`, crates/one/src/lib.rs:14 names `crate::second::name`, \
         crates/one/src/lib.rs:20 names `width`"],
    );
}

#[test]
fn names_from_globs_are_edges() {
    check(
        "cycle_glob",
        &["crates/one/src/lib.rs:7: [cycle] one::parent -> one::parent::child -> one::parent; \
         crates/one/src/lib.rs:7 names `count`, crates/one/src/lib.rs:14 names `Parent`"],
    );
}

#[test]
fn paths_in_derive_attributes_are_edges() {
    check(
        "cycle_attribute",
        &["crates/one/src/lib.rs:4: [cycle] one::first -> one::second -> one::first; \
         crates/one/src/lib.rs:4 names `crate::second`, crates/one/src/lib.rs:10 names `super::first::First`"],
    );
}

#[test]
fn folders_that_use_each_other_are_a_cycle_at_every_level() {
    check(
        "folder_cycle",
        &[
            "crates/one/src/fetch/source.rs:1: [folder-cycle] fetch -> track -> fetch in crates/one/src; \
             crates/one/src/fetch/source.rs:1 names `crate::track::Tracker`, \
             crates/one/src/track/tracker.rs:1 names `crate::fetch::Request`",
            "crates/one/src/track/event.rs:3: [folder-cycle] event -> queue -> event in crates/one/src/track; \
             crates/one/src/track/event.rs:3 names `super::queue::Queue`, \
             crates/one/src/track/queue/entry.rs:1 names `crate::track::event::late::Late`",
        ],
    );
}

#[test]
fn a_type_name_is_defined_once_outside_of_wire_modules() {
    check(
        "doubled_name",
        &[
            "crates/one/src/lib.rs:15: [doubled-name] `Kind` is defined 2 times: \
             crates/one/src/lib.rs:15, crates/two/src/lib.rs:3",
            "crates/one/src/lib.rs:3: [doubled-name] `Order` is defined 2 times: \
             crates/one/src/lib.rs:3, crates/two/src/lib.rs:6",
        ],
    );
}

#[test]
fn banned_names_are_found_at_every_place() {
    check(
        "banned_name",
        &[
            "crates/one/src/helpers.rs: [banned-name] `helpers` says nothing about the job; name it for what it does",
            "crates/one/src/lib.rs: [banned-name] `types` says nothing about the job; name it for what it does",
            "crates/two/Cargo.toml: [banned-name] `core` says nothing about the job; name it for what it does",
            "crates/two/tests/common: [banned-name] `common` says nothing about the job; name it for what it does",
        ],
    );
}

#[test]
fn paths_of_one_machine_are_found() {
    check("machine_path", &["crates/one/src/lib.rs:3: [machine-path] names a path below `/home` of one machine"]);
}

#[test]
fn the_architecture_document_names_only_what_exists() {
    check(
        "architecture",
        &[
            "ARCHITECTURE.md:3: [architecture] `one::Gone` does not exist",
            "ARCHITECTURE.md:7: [architecture] `crates/one/src/gone.rs` does not exist",
            "ARCHITECTURE.md:8: [architecture] `gone/` does not exist",
            "ARCHITECTURE.md:8: [architecture] `one::inner::gone` does not exist",
        ],
    );
}

#[test]
fn crates_depend_only_on_permitted_crates() {
    check(
        "crate_edge",
        &[
            "crates/vast-mock/Cargo.toml: [crate-edge] vast-mock -> vast-xml -> vast-mock",
            "crates/vast-mock/Cargo.toml: [crate-edge] vast-mock must not depend on vast-xml",
            "crates/vast-xml/Cargo.toml: [crate-edge] vast-xml must not depend on vast-mock",
        ],
    );
}

#[test]
fn sources_that_cannot_be_seen_into_are_found() {
    check(
        "source",
        &[
            "crates/one/src/broken.rs:2: [source] does not parse: expected identifier",
            "crates/one/src/lib.rs:2: [source] `mod gone` has no file",
        ],
    );
}

#[test]
fn a_file_may_have_500_lines_and_no_more() {
    let tree = tempfile::tempdir().unwrap();
    for (file, lines) in [("fits.rs", 500), ("long.rs", 501)] {
        std::fs::write(tree.path().join(file), "// line\n".repeat(lines)).unwrap();
    }
    assert_eq!(findings_below(tree.path()), ["long.rs: [long-file] 501 lines, at most 500"]);
}

#[test]
fn dependencies_must_not_need_a_newer_compiler_than_we_promise() {
    let metadata = r#"{
        "packages": [
            { "id": "ours", "name": "ours", "version": "0.1.0", "rust_version": "1.90", "publish": [] },
            { "id": "silent", "name": "silent", "version": "0.1.0", "rust_version": null, "publish": [] },
            { "id": "old", "name": "old", "version": "1.0.0", "rust_version": "1.90.0" },
            { "id": "unknown", "name": "unknown", "version": "1.0.0", "rust_version": null },
            { "id": "new", "name": "new", "version": "2.0.0", "rust_version": "1.90.1" }
        ],
        "workspace_members": ["ours", "silent"]
    }"#;
    let findings: Vec<String> = tidy::metadata::check(metadata).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        findings,
        [
            "Cargo.toml: [rust-version] silent 0.1.0 states no rust-version",
            "Cargo.toml: [rust-version] new 2.0.0 needs Rust 1.90.1, but we promise 1.90",
        ]
    );
}

#[test]
fn a_published_package_has_its_metadata() {
    let metadata = r#"{
        "packages": [
            { "id": "whole", "name": "whole", "version": "0.1.0", "rust_version": "1.90", "publish": null,
              "description": "d", "keywords": ["k"], "categories": ["c"] },
            { "id": "bare", "name": "bare", "version": "0.1.0", "rust_version": "1.90", "publish": null },
            { "id": "private", "name": "private", "version": "0.1.0", "rust_version": "1.90", "publish": [] }
        ],
        "workspace_members": ["whole", "bare", "private"]
    }"#;
    let findings: Vec<String> = tidy::metadata::check(metadata).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        findings,
        [
            "Cargo.toml: [package] bare 0.1.0 states no description",
            "Cargo.toml: [package] bare 0.1.0 states no keywords",
            "Cargo.toml: [package] bare 0.1.0 states no categories",
        ]
    );
}

#[test]
fn the_graph_is_printed_as_text_and_as_dot() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trees/cycle_super");
    let text = "one\none::first -> one::second\none::second -> one::first\n";
    assert_eq!(tidy::graph_text(&root).unwrap(), text);
    let dot = tidy::graph_dot(&root).unwrap();
    assert!(dot.starts_with("digraph modules {") && dot.contains("\"one::first\" -> \"one::second\";"), "{dot}");
}

#[test]
fn links_lead_to_files_and_headings_and_the_book_has_every_page() {
    check(
        "broken_link",
        &[
            "README.md:3: [broken-link] the link docs/none.md leads to no file",
            "docs/first.md:5: [broken-link] the link #none leads to no heading of docs/first.md",
            "docs/first.md:5: [broken-link] the link ../README.md leads out of the book",
            "docs/second.md: [unlisted-page] docs/SUMMARY.md does not have this page",
        ],
    );
}
