//! The file docs/schema/check.json is what the types say. Renew it with
//! `UPDATE_SCHEMA=1 cargo test -p vast-check --features json --test suite schema`.

use std::path::PathBuf;

use vast_check::wire;

#[test]
fn the_schema_is_checked_in() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/check.json");
    let current = serde_json::to_string_pretty(&wire::schema()).expect("a schema is JSON") + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &current).expect("docs/schema can be written");
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == current,
        "docs/schema/check.json is stale; renew it with \
         `UPDATE_SCHEMA=1 cargo test -p vast-check --features json --test suite schema`"
    );
}

#[test]
fn nothing_may_be_null() {
    let text = serde_json::to_string(&wire::schema()).expect("a schema is JSON");
    assert!(!text.contains("\"null\""), "{text}");
}
