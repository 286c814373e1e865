//! The files docs/schema/check*.json must match the types. Update them with `UPDATE_SCHEMA=1 cargo test -p vast-check
//! --features json --test suite schema`.

use std::path::PathBuf;

use vast_check::wire;

#[test]
fn the_schemas_are_checked_in() {
    is_checked_in("check.json", &wire::schema());
    is_checked_in("check-files.json", &wire::files_schema());
}

fn is_checked_in(name: &str, schema: &schemars::Schema) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema").join(name);
    let current = serde_json::to_string_pretty(schema).expect("a schema is JSON") + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &current).expect("docs/schema can be written");
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == current,
        "docs/schema/{name} is stale; renew it with \
         `UPDATE_SCHEMA=1 cargo test -p vast-check --features json --test suite schema`"
    );
}

#[test]
fn nothing_may_be_null() {
    let text = serde_json::to_string(&wire::files_schema()).expect("a schema is JSON");
    assert!(!text.contains("\"null\""), "{text}");
}
