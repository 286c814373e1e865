//! The file docs/schema/diff.json must match the types. Update it with `UPDATE_SCHEMA=1 cargo test -p vast-explain --test suite schema`.

use std::path::PathBuf;

use vast_explain::wire;

#[test]
fn the_schema_of_differences_is_checked_in() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/diff.json");
    let current = serde_json::to_string_pretty(&wire::schema()).expect("a schema is JSON") + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &current).expect("docs/schema can be written");
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == current,
        "docs/schema/diff.json is stale; renew it with `UPDATE_SCHEMA=1 cargo test -p vast-explain --test suite schema`"
    );
    assert!(!current.contains("\"null\""), "{current}");
}
