//! JSON schemas as rows of tables.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Map, Value};

use super::markdown::{anchor, cell};

/// Reads a JSON file of the repository.
///
/// # Errors
/// If the file cannot be read or is not JSON.
pub(super) fn read(root: &Path, file: &str) -> io::Result<Value> {
    let text = fs::read_to_string(root.join(file))
        .map_err(|error| io::Error::new(error.kind(), format!("{file}: {error}")))?;
    serde_json::from_str(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("{file}: {error}")))
}

/// The properties of an object as a table, in the order of the schema. `reference` makes the text of a reference from its name.
pub(super) fn table(schema: &Value, reference: &dyn Fn(&str) -> String) -> String {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return String::new() };
    let required: BTreeSet<&str> = strings(schema.get("required")).collect();
    let mut text = String::from("| field | type | always | meaning |\n|---|---|---|---|\n");
    for (name, property) in properties {
        let always = if required.contains(name.as_str()) { "yes" } else { "" };
        text += &format!("| `{name}` | {} | {always} | {} |\n", kind(property, reference), description(property));
    }
    text
}

/// The values of a closed set as a table with their meanings; `None` if the schema is another one.
pub(super) fn values(schema: &Value) -> Option<String> {
    let choices = schema.get("oneOf").and_then(Value::as_array)?;
    let mut text = String::from("| value | meaning |\n|---|---|\n");
    for choice in choices {
        let constant = choice.get("const").or_else(|| choice.get("enum")?.get(0))?;
        text += &format!("| `{}` | {} |\n", constant.as_str()?, description(choice));
    }
    Some(text)
}

/// The description as a cell; empty if there is none.
pub(super) fn description(schema: &Value) -> String {
    schema.get("description").and_then(Value::as_str).map(cell).unwrap_or_default()
}

/// The type in words.
pub(super) fn kind(schema: &Value, reference: &dyn Fn(&str) -> String) -> String {
    let Some(schema) = schema.as_object() else { return "anything".to_owned() };
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        return reference(target.rsplit('/').next().unwrap_or(target));
    }
    if let Some(constant) = schema.get("const") {
        return format!("`{constant}`");
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(choices) = schema.get(key).and_then(Value::as_array) {
            let kinds: Vec<String> = choices.iter().map(|choice| kind(choice, reference)).collect();
            return kinds.join(" or ");
        }
    }
    if schema.contains_key("enum") {
        let names: Vec<String> = strings(schema.get("enum")).map(|name| format!("`{name}`")).collect();
        return names.join(", ");
    }
    typed(schema, reference)
}

fn typed(schema: &Map<String, Value>, reference: &dyn Fn(&str) -> String) -> String {
    let mut kinds: Vec<String> = match schema.get("type") {
        Some(Value::String(name)) => vec![name.clone()],
        names => strings(names).map(str::to_owned).collect(),
    };
    for kind_name in &mut kinds {
        *kind_name = match kind_name.as_str() {
            "array" => match schema.get("items") {
                Some(items) => format!("list of {}", kind(items, reference)),
                None => "list".to_owned(),
            },
            "object" => match schema.get("additionalProperties") {
                Some(values @ Value::Object(_)) => format!("map from names to {}", kind(values, reference)),
                _ => "object".to_owned(),
            },
            "string" => "text".to_owned(),
            "boolean" => "`true` or `false`".to_owned(),
            other => other.to_owned(),
        };
    }
    if kinds.is_empty() { "anything".to_owned() } else { kinds.join(" or ") }
}

/// A link to the heading of a type on the same page.
pub(super) fn local_link(name: &str) -> String {
    format!("[{name}](#{})", anchor(name))
}

fn strings(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_are_words() {
        for (schema, expected) in [
            (json!({ "type": "string" }), "text"),
            (json!({ "type": ["integer", "null"] }), "integer or null"),
            (
                json!({ "type": "array", "items": { "$ref": "#/$defs/ErrorEntry" } }),
                "list of [ErrorEntry](#errorentry)",
            ),
            (json!({ "type": "object", "additionalProperties": { "type": "string" } }), "map from names to text"),
            (json!({ "enum": ["a", "b"] }), "`a`, `b`"),
            (json!({ "anyOf": [{ "type": "number" }, { "type": "null" }] }), "number or null"),
            (json!(true), "anything"),
        ] {
            assert_eq!(kind(&schema, &local_link), expected, "{schema}");
        }
    }

    #[test]
    fn an_object_is_a_table_and_a_closed_set_too() {
        let object = json!({ "properties": { "a": { "type": "string", "description": "The a." } }, "required": ["a"] });
        assert!(table(&object, &local_link).ends_with("\n| `a` | text | yes | The a. |\n"));
        let set = json!({ "oneOf": [{ "const": "x", "description": "The x." }] });
        assert!(values(&set).is_some_and(|table| table.ends_with("\n| `x` | The x. |\n")));
        assert_eq!(values(&json!({ "oneOf": [{ "type": "string" }] })), None);
    }
}
