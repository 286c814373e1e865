//! The JSON matches docs/schema. The validator here knows the keywords that these schemas use, and is stricter than the standard:
//! an unknown property or keyword is an error.

use serde_json::Value;

use crate::binary::vast;
use crate::servers::{at, start};

/// The differences between `value` and `schema`.
pub(crate) fn mistakes(root: &Value, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    let Value::Object(keywords) = schema else { return found.push(format!("{path}: no schema")) };
    for (keyword, wanted) in keywords {
        match keyword.as_str() {
            "$schema" | "title" | "description" | "$defs" | "format" | "additionalProperties" => {}
            "$ref" => {
                let pointer = wanted.as_str().and_then(|text| text.strip_prefix('#')).unwrap_or("/nowhere");
                mistakes(root, root.pointer(pointer).unwrap_or(&Value::Null), value, path, found);
            }
            "type" if !is_type(value, wanted) => found.push(format!("{path}: {value} is not a {wanted}")),
            "type" => {}
            "enum" if !wanted.as_array().is_some_and(|names| names.contains(value)) => {
                found.push(format!("{path}: {value} is not one of {wanted}"));
            }
            "enum" => {}
            "const" if value != wanted => found.push(format!("{path}: {value} is not {wanted}")),
            "const" => {}
            "anyOf" => {
                let fits = |choice: &Value| {
                    let mut of_choice = Vec::new();
                    mistakes(root, choice, value, path, &mut of_choice);
                    of_choice.is_empty()
                };
                if !wanted.as_array().is_some_and(|choices| choices.iter().any(fits)) {
                    found.push(format!("{path}: {value} is none of {wanted}"));
                }
            }
            "oneOf" => {
                let fits = |choice: &&Value| {
                    let mut of_choice = Vec::new();
                    mistakes(root, choice, value, path, &mut of_choice);
                    of_choice.is_empty()
                };
                if wanted.as_array().into_iter().flatten().filter(fits).count() != 1 {
                    found.push(format!("{path}: {value} is not exactly one of {wanted}"));
                }
            }
            // Only the forms of texts in configuration files have patterns. What they accept is tested with the reader.
            "pattern" => {
                let fits = match wanted.as_str() {
                    Some(pattern) if pattern.contains("(ns|") => {
                        value.as_str().is_some_and(|text| text.contains(char::is_numeric))
                    }
                    Some(pattern) if pattern.contains("[xX]") => value.as_str().is_some_and(|text| text.contains('x')),
                    _ => true,
                };
                if !fits {
                    found.push(format!("{path}: {value} does not match {wanted}"));
                }
            }
            "minimum" | "maximum" => {
                let order = value.as_f64().partial_cmp(&wanted.as_f64());
                let wrong = if keyword == "minimum" { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater };
                if order == Some(wrong) {
                    found.push(format!("{path}: {value} is beyond {keyword} {wanted}"));
                }
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    mistakes(root, wanted, item, &format!("{path}[{index}]"), found);
                }
            }
            "required" => {
                let missing = wanted
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(|name| value.get(name.as_str().unwrap_or("")).is_none());
                found.extend(missing.map(|name| format!("{path}: {name} is missing")));
            }
            "properties" => {}
            other => found.push(format!("{path}: the keyword {other} is not known here")),
        }
    }
    if let Value::Object(members) = value {
        for (name, member) in members {
            let own = keywords.get("properties").and_then(|properties| properties.get(name));
            match own.or_else(|| keywords.get("additionalProperties")) {
                Some(schema) => mistakes(root, schema, member, &format!("{path}.{name}"), found),
                None if keywords.contains_key("$ref") || keywords.contains_key("anyOf") => {}
                None => found.push(format!("{path}.{name} is not in the schema")),
            }
        }
    }
}

fn is_type(value: &Value, wanted: &Value) -> bool {
    match wanted.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("number") => value.is_number(),
        _ => false,
    }
}

#[track_caller]
pub(crate) fn assert_valid(schema: &str, value: &Value) {
    let root = serde_json::from_str(schema).expect("a schema");
    let mut found = Vec::new();
    mistakes(&root, &root, value, "$", &mut found);
    assert!(found.is_empty(), "{}\n{value:#}", found.join("\n"));
}

pub(crate) const REQUEST: &str = include_str!("../../../../docs/schema/request.json");
pub(crate) const PARSE: &str = include_str!("../../../../docs/schema/parse.json");

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_result_matches_the_schema() {
    let mock = start().await;
    let paths = ["/ad", "/wrapper", "/empty", "/broken", "/page", "/missing", "/to-beacons", "/wrapper"];
    let urls: Vec<_> = paths.iter().map(|path| at(&mock, path)).collect();
    for mode in ["parallel", "sequential", "race", "staggered", "collect"] {
        let mut arguments = vec!["request", "--format", "json", "--raw", "--track", "--allow-private", "--mode", mode];
        arguments.extend(urls.iter().map(String::as_str));
        arguments.extend(["--fallback", &urls[0]]);
        let json = vast(&arguments).run().json();
        assert_valid(REQUEST, &json);
        assert_eq!(json["metadata"]["mode"], mode);
    }
    for url in &urls[2..] {
        assert_valid(REQUEST, &vast(&["request", "--format", "json", url]).run().json());
    }
    for path in ["/ad", "/wrapper", "/empty"] {
        assert_valid(PARSE, &vast(&["parse", "--format", "json", &at(&mock, path)]).run().json());
    }
}

#[test]
fn a_playlist_matches_the_schema() {
    for name in ["vmap-1.0", "vmap-loose", "vmap-escaped-vast", "vmap-truncated", "vmap-no-breaks"] {
        let path = format!("{}/../../fixtures/xml/{name}.xml", env!("CARGO_MANIFEST_DIR"));
        let json = vast(&["parse", "--format", "json", &path]).run().json();
        assert_valid(PARSE, &json);
        assert!(json["breaks"].is_array(), "{name}");
    }
    let json = vast(&["parse", "--format", "json", "-"]).input("<VAST version=\"3.0\"/>").run().json();
    assert!(json.get("breaks").is_none(), "VAST has none");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_validator_finds_differences() {
    let mock = start().await;
    let good = vast(&["request", "--format", "json", &at(&mock, "/ad")]).run().json();
    let root = serde_json::from_str(REQUEST).expect("a schema");
    let changes: [(&str, Value); 5] = [
        ("/success", Value::Null),
        ("/sources/0/outcome", "won".into()),
        ("/sources/0/attempts", 1.5.into()),
        ("/parsed_data/ads/0/creatives/0/linear/tracking_events/start/0/url", 1.into()),
        ("/metadata", serde_json::json!({})),
    ];
    for (pointer, wrong) in changes {
        let mut changed = good.clone();
        *changed.pointer_mut(pointer).expect(pointer) = wrong;
        let mut found = Vec::new();
        mistakes(&root, &root, &changed, "$", &mut found);
        assert!(!found.is_empty(), "{pointer}");
    }
    let mut more = good;
    more["sources"][0]["colour"] = "blue".into();
    let mut found = Vec::new();
    mistakes(&root, &root, &more, "$", &mut found);
    assert_eq!(found, ["$.sources[0].colour is not in the schema"]);
}
