//! `docs/http-api.md`: the routes of the gateway.

use std::io;
use std::path::Path;

use serde_json::Value;

use super::markdown::cell;
use super::schema::{description, kind, read};

const HEAD: &str = "# Routes of the gateway

<!-- Made by `cargo xtask docs --update` from docs/openapi.json. -->

The routes of both ports of `vast serve`, as [openapi.json](openapi.json) (OpenAPI 3.1) describes them. [The gateway](gateway.md) explains them.
The admin port answers the same description as `/openapi.json`.
";

const METHODS: [&str; 3] = ["get", "post", "put"];

pub(super) fn text(root: &Path) -> io::Result<String> {
    let api = read(root, "docs/openapi.json")?;
    let mut text = HEAD.to_owned();
    for (title, is_admin) in [("Public port", false), ("Admin port", true)] {
        text += &format!("\n## {title}\n");
        for (path, operations) in api["paths"].as_object().into_iter().flatten() {
            for method in METHODS {
                let Some(operation) = operations.get(method) else { continue };
                if is_admin == on_admin_port(operation) {
                    text += &route(path, method, operation);
                }
            }
        }
    }
    Ok(text)
}

fn on_admin_port(operation: &Value) -> bool {
    operation["tags"].as_array().into_iter().flatten().any(|tag| tag == "admin")
}

fn route(path: &str, method: &str, operation: &Value) -> String {
    let summary = operation["summary"].as_str().map(cell).unwrap_or_default();
    // As code: braces at the end of a heading are attributes for a renderer.
    let mut text = format!("\n### `{} {path}`\n\n{}.\n", method.to_uppercase(), capitalized(&summary));
    let parameters: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().collect();
    if !parameters.is_empty() {
        text += "\n| parameter | in | type | meaning |\n|---|---|---|---|\n";
    }
    for parameter in parameters {
        let (name, place) =
            (parameter["name"].as_str().unwrap_or_default(), parameter["in"].as_str().unwrap_or_default());
        let kind = kind(&parameter["schema"], &type_name);
        text += &format!("| `{name}` | {place} | {kind} | {} |\n", description(parameter));
    }
    if let Some(body) = operation.get("requestBody") {
        text += &format!("\nBody: {}.\n", content(body));
    }
    text += "\n| status | answer | content |\n|---|---|---|\n";
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        text += &format!("| {status} | {} | {} |\n", description(response), content(response));
    }
    text
}

/// The media types of a body with their types.
fn content(body: &Value) -> String {
    let kinds = body["content"].as_object().into_iter().flatten();
    let kinds = kinds.map(|(media, content)| format!("`{media}`: {}", kind(&content["schema"], &type_name)));
    kinds.collect::<Vec<_>>().join(", ")
}

fn type_name(name: &str) -> String {
    format!("`{name}`")
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + characters.as_str())
}
