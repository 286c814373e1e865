//! The files in docs/schema must match the types. Update them with `UPDATE_SCHEMA=1 cargo test -p vast-client --features
//! replay --test suite wire_schema`.

use std::path::PathBuf;

use vast_client::wire;

fn check(name: &str, schema: &impl serde::Serialize) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema").join(name);
    let current = serde_json::to_string_pretty(schema).expect("a schema is JSON") + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("docs/schema can be made");
        std::fs::write(&path, &current).expect("docs/schema can be written");
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == current,
        "docs/schema/{name} is stale; renew it with \
         `UPDATE_SCHEMA=1 cargo test -p vast-client --features replay --test suite wire_schema`"
    );
}

#[test]
fn the_schema_of_a_request_is_checked_in() {
    check("request.json", &wire::request_schema());
}

#[test]
fn the_schema_of_a_document_is_checked_in() {
    check("parse.json", &wire::parse_schema());
}

#[test]
fn the_schema_of_trackers_is_checked_in() {
    check("track.json", &wire::track_schema());
}

#[test]
fn the_schema_of_a_summary_is_checked_in() {
    check("summary.json", &wire::run_summary_schema());
}

#[cfg(feature = "replay")]
#[test]
fn the_schemas_of_replays_are_checked_in() {
    check("replay.json", &wire::replay_schema());
    check("replay-comparison.json", &wire::replay_comparison_schema());
}

/// Absent scalars and objects are left out and never `null`, so no schema may allow `null`.
#[test]
fn nothing_may_be_null() {
    for schema in [wire::request_schema(), wire::parse_schema(), wire::track_schema(), wire::run_summary_schema()] {
        let text = serde_json::to_string(&schema).expect("a schema is JSON");
        assert!(!text.contains("\"null\""), "{text}");
    }
}
