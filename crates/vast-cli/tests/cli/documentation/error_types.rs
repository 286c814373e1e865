//! docs/error-types.md: made from the tables of the library and the descriptions in the JSON schema.

use serde_json::Value;
use vast_client::{ErrorType, FailureOrigin};

use super::{is_update, repository};

const HEAD: &str = "# Error types

<!-- Made by `UPDATE_DOCS=1 cargo test -p vast-cli --test cli error_types`. -->

Each failure of a request has one type from this closed set: `error_type` in [the JSON](json.md), `Failure::error_type` in the library. The
[exit codes](exit-codes.md) of the command are another thing: they say how the whole request ended.

| column | meaning |
|---|---|
| stage | where it occurred if it concerns a source's own document; below a wrapper it is `resolve`, but `filtered` is always `select` |
| VAST code | what `[ERRORCODE]` becomes in `<Error>` URLs (VAST 4.3, 2.3.6; from 1000 on VMAP 1.0.1, 2.5); without one it is 900; exceptions are below the table |
| retried | whether another attempt is made if `retries` and the remaining time allow it; `reset` and `http_status` only in some cases |
| origin | what it says about the health of the source: `network`, `server`, `content`; empty: the source works. `client` is no fault of the source |

| type | meaning | stage | VAST code | retried | origin |
|---|---|---|---|---|---|
";

const REASONS: &str = "
Exceptions of the code:

- `filtered` has the code of the reason against the ad: the second table.
- If the first document of a break (VMAP) fails, its code is one of VMAP: 1007 for `timeout`; 1008 for `dns`, `connect`, `tls`, `reset`, `http_status`,
  `redirect` and `blocked_address`; 1006 for `encoding`, `not_xml`, `not_vast` and `too_large`; 900 for `limit`, `wrapper_uri` and `internal`.
- `break_invalid` has 1003 if the `breakType` is not known, and 1005 if the ad data is not VAST.

## Reasons against an ad

An ad that is not used has one of these reasons: `reason` of a candidate, `RejectionReason` in the library. Its error trackers get the code.

| reason | meaning | VAST code |
|---|---|---|
";

/// The values of a closed set of the schema with their descriptions, as cells.
fn described(schema: &Value, name: &str) -> Vec<(String, String)> {
    let values = schema["$defs"][name]["oneOf"].as_array().expect("a closed set");
    let text =
        |value: &Value| value.as_str().expect("a text").replace("[`Failure::limit`](crate::Failure::limit)", "`limit`");
    values.iter().map(|value| (text(&value["const"]), text(&value["description"]).replace('\n', " "))).collect()
}

fn document() -> String {
    let path = repository().join("docs/schema/request.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("JSON");
    let mut text = HEAD.to_owned();
    for (name, meaning) in described(&schema, "ErrorType") {
        let row = ErrorType::ALL.iter().map(|of| of.row()).find(|row| row.name == name).expect("a type of the library");
        let code = row.vast_error_code.map(|code| code.to_string()).unwrap_or_default();
        let origin = row.origin.map(FailureOrigin::as_str).map(|origin| format!("`{origin}`")).unwrap_or_default();
        let retried = if row.retried { "yes" } else { "" };
        text += &format!("| `{name}` | {meaning} | {} | {code} | {retried} | {origin} |\n", row.phase);
    }
    text += REASONS;
    for (name, meaning) in described(&schema, "RejectionReason") {
        let reason: vast_client::select::RejectionReason =
            serde_json::from_value(Value::String(name.clone())).expect("a reason of the library");
        text += &format!("| `{name}` | {meaning} | {} |\n", reason.vast_error_code());
    }
    text
}

#[test]
fn the_page_of_error_types_is_made_from_their_table() {
    let (path, expected) = (repository().join("docs/error-types.md"), document());
    if is_update() {
        std::fs::write(&path, &expected).expect("the page can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let update = "`UPDATE_DOCS=1 cargo test -p vast-cli --test cli error_types`";
    assert!(found == expected, "docs/error-types.md is out of date: {update}");
    assert!(ErrorType::ALL.iter().all(|of| found.contains(&format!("\n| `{of}` |"))), "a type is missing");
}
