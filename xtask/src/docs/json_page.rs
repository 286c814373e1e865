//! `docs/json.md`: what programs read from the command and from the library.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::schema::{description, kind, local_link, read, table, values};

/// Each document: the schema and what prints it.
const DOCUMENTS: [(&str, &str); 9] = [
    ("request", "`vast request --format json`, `vast explain --format json` and `GET /v1/PLACEMENT/ads.json`"),
    ("parse", "`vast parse --format json`"),
    ("track", "`vast track --format json`"),
    ("check", "`vast check --format json` for one document"),
    ("check-files", "`vast check --format json` for several documents"),
    ("diff", "`vast diff --format json`"),
    ("summary", "The last line of `vast request --repeat --format json`"),
    ("replay", "`vast replay --format json` with other settings"),
    ("replay-comparison", "`vast replay --format json` for many recordings"),
];

const HEAD: &str = "# JSON of the command

<!-- Made by `cargo xtask docs --update` from docs/schema. -->

The documents that `vast` and the library (`vast_client::wire`, feature `json`) write for programs. The JSON Schemas (draft 2020-12) are
the files in `docs/schema`. A field whose column \"always\" is empty is left out if it has no value. `schema` is the version of a format: a new
field does not change it, so readers must ignore fields that they do not know.
";

pub(super) fn text(root: &Path) -> io::Result<String> {
    let mut text = HEAD.to_owned();
    let mut types: BTreeMap<String, Value> = BTreeMap::new();
    for (name, printed_by) in DOCUMENTS {
        let schema = read(root, &format!("docs/schema/{name}.json"))?;
        text += &format!("\n## {name}\n\n{printed_by}. Schema: `docs/schema/{name}.json`.\n\n");
        let meaning = description(&schema);
        if meaning != format!("{printed_by}.") {
            text += &format!("{meaning}\n\n");
        }
        text += &table(&schema, &local_link);
        for (name, definition) in schema.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            // A type has one name and one definition in all schemas; the first one is shown.
            types.entry(name.clone()).or_insert_with(|| definition.clone());
        }
    }
    text += "\n## Types\n";
    for (name, definition) in &types {
        text += &format!("\n### {name}\n\n{}\n\n", description(definition));
        let rows = values(definition).unwrap_or_else(|| table(definition, &local_link));
        text += &if rows.is_empty() { format!("Type: {}.\n", kind(definition, &local_link)) } else { rows };
    }
    Ok(text)
}
