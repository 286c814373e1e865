//! `docs/gateway-config.md`: the tables of a configuration file of the gateway.

use std::io;
use std::path::Path;

use serde_json::Value;

use super::schema::{description, kind, read, table};

const HEAD: &str = "# Configuration of the gateway

<!-- Made by `cargo xtask docs --update` from docs/schema/gateway.json. -->

The keys of a file for `vast serve --config FILE`, as TOML. `vast config check FILE` checks such a file. A placement has every key of
[the configuration of the client](config.md) too; they are not repeated here. A time is a text with its unit, for example `\"1500ms\"` or `\"2s\"`.
Networks are written as `\"10.0.0.0/8\"`, or as one address. Relative paths start at the folder of the file.
";

/// The tables in the order of the page: what starts one in TOML, and the key of the schema.
const TABLES: [(&str, &str); 7] = [
    ("[server]", "server"),
    ("[tenant.NAME]", "tenant"),
    ("[placement.NAME]", "placement"),
    ("[[secret]]", "secret"),
    ("[outbox]", "outbox"),
    ("[telemetry]", "telemetry"),
    ("[cluster]", "cluster"),
];

/// The table that has the keys of the configuration of the client too.
const HAS_CLIENT_KEYS: &str = "placement";

pub(super) fn text(root: &Path) -> io::Result<String> {
    let gateway = read(root, "docs/schema/gateway.json")?;
    let client = read(root, "docs/schema/config.json")?;
    let mut text = HEAD.to_owned();
    for (title, key) in TABLES {
        let schema = &gateway["properties"][key];
        let entry =
            ["items", "additionalProperties"].iter().find_map(|part| schema.get(part).filter(|part| part.is_object()));
        let mut entry = entry.unwrap_or(schema).clone();
        if let Some(properties) = entry.get_mut("properties").and_then(Value::as_object_mut) {
            // Other tables have keys of the same name with another meaning, such as `idle_timeout` of `[server]`.
            properties.retain(|name, property| key != HAS_CLIENT_KEYS || client["properties"][name] != *property);
        }
        text += &format!("\n## `{title}`\n\n{}\n\n", description(&entry));
        text += &keys(&entry);
        text += &nested(&entry);
    }
    Ok(text)
}

/// The keys of a table.
fn keys(schema: &Value) -> String {
    table(schema, &str::to_owned).replacen("| field | type | always |", "| key | type | required |", 1)
}

/// The tables inside of a table, such as `tls` and `drain` of `[server]`.
fn nested(schema: &Value) -> String {
    let mut text = String::new();
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let inner = property.get("items").unwrap_or(property);
        if inner.get("properties").is_some() {
            let is_list = kind(property, &str::to_owned).starts_with("list");
            text += &format!(
                "\n### `{name}`\n\n{}\n\n",
                if is_list { "Each table of the list has:" } else { "The table has:" }
            );
            text += &keys(inner);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_its_keys_also_those_that_the_client_has_with_another_meaning() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let page = text(&root).expect("the page");
        let server = page.split("\n## ").find(|part| part.starts_with("`[server]`")).expect("a table");
        let placement = page.split("\n## ").find(|part| part.starts_with("`[placement.NAME]`")).expect("a table");
        assert!(server.contains("| `idle_timeout` |") && placement.contains("| `track` |"), "{page}");
        assert!(!placement.contains("| `source` |") && !placement.contains("| `mode` |"), "{placement}");
    }
}
