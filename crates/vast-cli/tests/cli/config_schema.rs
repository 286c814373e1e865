//! The JSON schema of configuration files, docs/schema/config.json. It is made by asking the reader what it accepts, so it cannot
//! differ from the reader. Update it with `UPDATE_SCHEMA=1 cargo test -p vast-cli config_schema`.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use vast_client::{ClientConfig, ConfigKey};

use crate::schema::mistakes;

/// Texts in forms that some values need: a sample, and the pattern of the form.
const FORMS: [(&str, &str); 6] = [
    ("http://192.0.2.1:7", r"^http://[^/@?#]+/?$"),
    ("7s", r"^ *[0-9.]+ *(ns|us|µs|ms|s|m|h|min|sec|hours?|minutes?|seconds?)\b.*$"),
    ("7x7", r"^ *[0-9]+ *[xX] *[0-9]+ *$"),
    ("192.0.2.1", r"^[0-9a-fA-F.:]+$"),
    ("video/mp4", r"^[^/]+/[^/]+$"),
    ("web", ".*"),
];

/// A place in a file: it makes the text of a file that has a value there.
type Place<'a> = &'a dyn Fn(&str) -> String;

fn problem(text: &str) -> Option<String> {
    ClientConfig::try_from(text).err().map(|error| error.to_string())
}

fn accepts(place: Place<'_>, value: &str) -> bool {
    problem(&place(value)).is_none()
}

/// The keys of the closed table of this text, which has the key `zzzzz`; `None` if it is no closed table.
fn keys(text: &str) -> Option<Vec<String>> {
    let message = problem(text)?;
    let (_, names) = message.split_once("unknown key `zzzzz`: the keys here are ")?;
    Some(names.split(", ").map(str::to_owned).collect())
}

/// The schema of a table with these keys. `place` makes the file with a value at a key of the table.
fn table(keys: &[String], place: &dyn Fn(&str, &str) -> String) -> Value {
    let mut properties = Map::new();
    for key in keys {
        let mut schema = value_at(&|value| place(key, value));
        let documented = ConfigKey::from_name(key).map(ConfigKey::documentation);
        let text = documented.unwrap_or_else(|| "Another name of a key.".to_owned());
        schema.as_object_mut().expect("an object").insert("description".to_owned(), text.into());
        properties.insert(key.clone(), schema);
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// The schema of the values that the reader accepts at `place`.
fn value_at(place: Place<'_>) -> Value {
    if let Some(keys) = keys(&place("{ zzzzz = 1 }")) {
        return table(&keys, &|key, value| place(&format!("{{ {key} = {value} }}")));
    }
    if let Some(keys) = keys(&place("[{ zzzzz = 1 }]")) {
        let items = table(&keys, &|key, value| place(&format!("[{{ {key} = {value} }}]")));
        return json!({ "type": "array", "items": items });
    }
    if let Some((_, names)) =
        problem(&place("'?????????'")).unwrap_or_default().split_once("`?????????` is not one of ")
    {
        let names: Vec<&str> = names.split(", ").collect();
        return json!({ "type": "string", "enum": names });
    }
    let mut choices = Vec::new();
    if let Some((_, pattern)) = FORMS.iter().find(|(sample, _)| accepts(place, &format!("'{sample}'"))) {
        let any = accepts(place, "'web'") && accepts(place, "'7s'") && accepts(place, "'?'");
        choices.push(if any || *pattern == ".*" {
            json!({ "type": "string" })
        } else {
            json!({ "type": "string", "pattern": pattern })
        });
    }
    if accepts(place, "7.5") {
        choices.push(json!({ "type": "number" }));
    } else if accepts(place, "7") {
        choices.push(json!({ "type": "integer", "minimum": 0 }));
    }
    if accepts(place, "true") {
        choices.push(json!({ "type": "boolean" }));
    }
    if accepts(place, "[]") {
        choices.push(json!({ "type": "array", "items": value_at(&|value| place(&format!("[{value}]"))) }));
    }
    if accepts(place, "{}") {
        let entries = value_at(&|value| place(&format!("{{ zzz = {value} }}")));
        choices.push(json!({ "type": "object", "additionalProperties": entries }));
    }
    match choices.len() {
        0 => panic!("no value is accepted: {}", place("VALUE")),
        1 => choices.remove(0),
        _ => json!({ "anyOf": choices }),
    }
}

fn schema() -> Value {
    let keys = keys("zzzzz = 1").expect("the keys outside of tables");
    let mut root = table(&keys, &|key, value| format!("{key} = {value}"));
    let object = root.as_object_mut().expect("an object");
    object.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    object.insert("title".to_owned(), "A configuration file of vast-client".into());
    root
}

/// The schema of the file of a gateway: its tables, and in a placement also the keys of a configuration.
#[cfg(feature = "serve")]
fn gateway_schema() -> Value {
    let schemas = vast_gateway::config::configuration_schema().map(Value::from);
    let [server, tenant, mut placement, secret, outbox, telemetry, cluster] = schemas;
    let own = placement["properties"].as_object_mut().expect("an object");
    let of_client = schema()["properties"].take();
    for (key, value) in of_client.as_object().expect("an object") {
        own.entry(key.clone()).or_insert_with(|| value.clone());
    }
    let by_name = |schema: Value| json!({ "type": "object", "additionalProperties": schema });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A configuration file of a gateway (vast serve)",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "server": server,
            "tenant": by_name(tenant),
            "placement": by_name(placement),
            "secret": { "type": "array", "items": secret },
            "outbox": outbox,
            "telemetry": telemetry,
            "cluster": cluster,
        },
    })
}

#[cfg(feature = "serve")]
#[test]
fn the_schema_of_a_gateway_is_checked_in_and_accepts_the_documented_file() {
    let path = repository().join("docs/schema/gateway.json");
    let schema = gateway_schema();
    let current = serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &current).expect("the file can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == current,
        "docs/schema/gateway.json is out of date: `UPDATE_SCHEMA=1 cargo test -p vast-cli config_schema`"
    );
    let text = std::fs::read_to_string(repository().join("docs/gateway.md")).expect("the documentation");
    let file = text.split("```toml\n").nth(1).and_then(|block| block.split("```").next()).expect("an example");
    let mut config = vast_gateway::config::GatewayConfig::parse(file, Path::new("")).expect("a configuration");
    assert!(config.server.tls.take().is_some(), "its certificate is not here");
    vast_gateway::check_config(&config).expect("a configuration");
    let value = serde_json::to_value(file.parse::<toml::Table>().expect("TOML")).expect("TOML as JSON");
    let mut found = Vec::new();
    mistakes(&schema, &schema, &value, "$", &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
    for wrong in [
        json!({ "servr": {} }),
        json!({ "placement": { "a": { "timeot": "3s" } } }),
        json!({ "tenant": { "a": { "keys": 1 } } }),
    ] {
        let mut found = Vec::new();
        mistakes(&schema, &schema, &wrong, "$", &mut found);
        assert!(!found.is_empty(), "{wrong}");
    }
}

/// The schema is made of the configuration, and the reader has other tables.
#[cfg(feature = "serve")]
#[test]
fn the_schema_of_a_gateway_has_the_keys_that_the_reader_accepts_with_a_text_for_each() {
    let schema = gateway_schema();
    let tables = &schema["properties"];
    let of_name = |table: &str| &tables[table]["additionalProperties"]["properties"];
    let [server, tenant] = [&tables["server"]["properties"], of_name("tenant")];
    for (table, keys) in [
        ("[server]\nzzzzz = 1", server),
        ("[server]\ntls = { zzzzz = 1 }", &server["tls"]["properties"]),
        ("[server]\ndrain = { zzzzz = 1 }", &server["drain"]["properties"]),
        ("[server]\nadmin_keys = [{ zzzzz = 1 }]", &server["admin_keys"]["items"]["properties"]),
        ("[tenant.a]\nzzzzz = 1", tenant),
        ("[telemetry]\nzzzzz = 1", &tables["telemetry"]["properties"]),
        ("[placement.a]\nzzzzz = 1", of_name("placement")),
    ] {
        let error = vast_gateway::config::GatewayConfig::parse(table, Path::new("")).expect_err(table).to_string();
        let (_, accepted) = error.split_once("the keys here are ").unwrap_or_else(|| panic!("{error}"));
        let mut accepted: Vec<&str> = accepted.split(", ").collect();
        accepted.sort_unstable();
        let keys = keys.as_object().expect("an object");
        let mut found: Vec<&str> = keys.keys().map(String::as_str).collect();
        found.sort_unstable();
        assert_eq!(found, accepted, "{table}");
        for (key, schema) in keys {
            let text = schema["description"].as_str().unwrap_or_default();
            assert!(text.ends_with('.') && text.len() > 10, "{table}: {key}: {text:?}");
        }
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_schema_of_a_configuration_is_checked_in() {
    let path = repository().join("docs/schema/config.json");
    let current = serde_json::to_string_pretty(&schema()).expect("a schema is JSON") + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &current).expect("the file can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == current,
        "docs/schema/config.json is out of date: `UPDATE_SCHEMA=1 cargo test -p vast-cli config_schema`"
    );
    for key in ConfigKey::ALL {
        assert!(found.contains(&format!("\"{key}\": {{")), "{key} is missing");
    }
}

/// The configurations of the repository: in the documentation, and the requests of the scenarios.
fn examples() -> Vec<(String, toml::Table)> {
    let read =
        |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let parse = |text: &str, from: &str| text.parse::<toml::Table>().unwrap_or_else(|error| panic!("{from}: {error}"));
    let mut found = Vec::new();
    for name in ["README.md", "docs/config.md"] {
        let text = read(&repository().join(name));
        let blocks = text.split("```toml\n").skip(1).filter_map(|block| block.split("```").next());
        let tables = blocks.map(|block| (name.to_owned(), parse(block, name)));
        // A file of the gateway has another schema; the test of the documentation runs `vast serve` with it.
        found.extend(tables.filter(|(_, table)| !table.contains_key("placement")));
    }
    for entry in std::fs::read_dir(repository().join("scenarios")).expect("the scenarios") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.display().to_string();
            let Some(toml::Value::Table(request)) = parse(&read(&path), &name).remove("request") else { continue };
            found.push((name, request));
        }
    }
    found
}

#[test]
fn the_configurations_of_the_repository_match_the_schema() {
    let (schema, examples) = (schema(), examples());
    assert!(examples.len() > 50, "{} examples", examples.len());
    for (name, example) in examples {
        let value = serde_json::to_value(&example).expect("TOML as JSON");
        let mut found = Vec::new();
        mistakes(&schema, &schema, &value, "$", &mut found);
        assert!(found.is_empty(), "{name}: {}", found.join("\n"));
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let schema = schema();
    for wrong in [
        json!({ "timeot": "3s" }),
        json!({ "timeout": 3 }),
        json!({ "timeout": "soon" }),
        json!({ "mode": "paralel" }),
        json!({ "source": { "url": "https://a" } }),
        json!({ "source": [{ "uri": "https://a" }] }),
        json!({ "arm": [{ "share": "90" }] }),
        json!({ "arm": [{ "filter": { "max_bitrate": "x" } }] }),
        json!({ "filter": { "required_dimensions": "big" } }),
        json!({ "filter": { "blocked": { "advertiser": [] } } }),
        json!({ "profile": { "tv": { "codec": [] } } }),
        json!({ "retries": -1 }),
        json!({ "break": { "rank": ["money"] } }),
    ] {
        let mut found = Vec::new();
        mistakes(&schema, &schema, &wrong, "$", &mut found);
        assert!(!found.is_empty(), "{wrong}");
    }
}
