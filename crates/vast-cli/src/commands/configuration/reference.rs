//! The file docs/config.md must match the keys, their documentation, the reader and the command line. Update it with
//! `UPDATE_DOCS=1 cargo test -p vast-cli reference`.

use std::path::Path;

use vast_client::VastClient;

use super::*;
use crate::args;
use crate::flag_names::flag_name;

/// A table of the file.
struct Table {
    /// What starts it in TOML.
    start: &'static str,
    title: &'static str,
    /// Older names of keys that are names of other keys outside of this table.
    aliases: &'static [&'static str],
    /// Whether flags set its keys.
    has_flags: bool,
}

const TABLES: [Table; 8] = [
    Table { start: "", title: "Outside of tables", aliases: &[], has_flags: true },
    Table { start: "[[source]]", title: "`[[source]]` and `[[fallback]]`", aliases: &["timeout"], has_flags: false },
    Table { start: "[[arm]]", title: "`[[arm]]`", aliases: &[], has_flags: false },
    Table { start: "[filter]", title: "`[filter]`", aliases: &[], has_flags: true },
    Table { start: "[break]", title: "`[break]`", aliases: &[], has_flags: true },
    Table { start: "[breaker]", title: "`[breaker]`, and `breaker` in `[[source]]`", aliases: &[], has_flags: false },
    Table { start: "[record]", title: "`[record]`", aliases: &[], has_flags: false },
    Table { start: "[profile.NAME]", title: "`[profile.NAME]`", aliases: &[], has_flags: false },
];

/// The types of values: the name, a value that the type accepts, and one that it refuses.
const TYPES: [(&str, &str, &str); 12] = [
    ("`true` or `false`", "true", "7"),
    ("number", "7", "true"),
    ("duration", "'7s'", "'x'"),
    ("size", "'7x7'", "'x'"),
    ("IP address", "'192.0.2.1'", "'x'"),
    ("URL", "'http://a.example:7'", "'x'"),
    ("text", "'web'", "7"),
    ("list of sizes", "['7x7']", "['x']"),
    ("list of numbers", "[7]", "['x']"),
    ("list of texts", "['video/mp4']", "[7]"),
    ("table", "{}", "7"),
    ("list of tables", "[]", "7"),
];

const HEAD: &str = "# Configuration file

`vast request --config FILE` and `ClientConfig::parse` of the library read TOML. A flag of the command line wins over the file, the file over the
default. A key has the name of its flag, with `_` for `-`. Only the sources are required. A duration has a unit (`1500ms`, `3s`), a size is
`WIDTHxHEIGHT` in pixels, a bitrate is in kbit/s. Relative paths begin at the folder of the file.

```toml
EXAMPLE```
";

const EXAMPLE: &str = r#"timeout = "2s"                  # the whole request
source_timeout = "1500ms"       # one source with its retries and wrappers
mode = "collect"                # compare the ads of all sources

[[source]]
name = "east"
url = "https://ads.example/vast?cb=[CACHEBUSTING]"
params = { slot = "preroll" }

[[source]]
name = "west"
url = "https://west.example/vast"
source_timeout = "800ms"        # for this source only

[[fallback]]
name = "house"
url = "https://house.example/vast"

[filter]
media_types = ["video"]
max_duration = "30s"
blocked = { advertisers = ["shoes.example"] }

[break]                         # several ads, the dearest that fill at least half of it
min = "30s"
max = "60s"
max_ads = 4
rank = ["price", "fit", "order"]
separate = ["category", "advertiser"]
currency = "USD"
rates = { EUR = 1.08 }
"#;

fn read(table: &Table, key: &str, value: &str) -> Result<(), String> {
    ClientConfig::try_from(format!("{}\n{key} = {value}", table.start).as_str())
        .map(drop)
        .map_err(|error| error.to_string())
}

/// The keys of a table, as listed in the message about an unknown key.
fn keys(table: &Table) -> Vec<ConfigKey> {
    let message = read(table, "zzzzz", "1").expect_err("an unknown key");
    let (_, names) = message.split_once("the keys here are ").expect("a list of keys");
    let names = names.split(", ").filter(|name| !table.aliases.contains(name));
    names.filter_map(ConfigKey::from_name).collect()
}

/// The type of a key: what the reader accepts.
fn type_of(table: &Table, key: ConfigKey) -> String {
    let read = |value: &str| read(table, key.as_str(), value);
    for (value, before) in [("'?????????'", "one of "), ("['?????????']", "list of ")] {
        let message = read(value).err().unwrap_or_default();
        if let Some((_, names)) = message.split_once("`?????????` is not one of ") {
            let names: Vec<String> = names.split(", ").map(|name| format!("`{name}`")).collect();
            return format!("{before}{}", names.join(", "));
        }
    }
    let fits = |accepted: &str, refused: &str| read(accepted).is_ok() && read(refused).is_err();
    let found = TYPES.iter().find(|(_, accepted, refused)| fits(accepted, refused));
    found.unwrap_or_else(|| panic!("`{key}` has a type that TYPES does not have")).0.to_owned()
}

fn flag_of(table: &Table, key: ConfigKey, command: &clap::Command) -> String {
    let name = if key == ConfigKey::AcceptWrappers { Some("no-wrappers".to_owned()) } else { flag_name(key) };
    let Some(name) = name else { return String::new() };
    let exists = command.get_arguments().any(|argument| argument.get_long() == Some(name.as_str()));
    if table.has_flags && exists { format!(" `--{name}`") } else { String::new() }
}

fn document() -> String {
    let definition = args::definition();
    let command = definition.find_subcommand("request").expect("the command");
    let mut text = HEAD.replace("EXAMPLE", EXAMPLE);
    for table in &TABLES {
        text += &format!("\n## {}\n\n| key, flag | type | default | meaning |\n|---|---|---|---|\n", table.title);
        for key in keys(table) {
            let documentation = key.documentation();
            let (meaning, default) = documentation.split_once(" Default").unwrap_or((&documentation, ""));
            let default = default.trim_start_matches(':').trim().trim_end_matches('.');
            assert!(!default.is_empty(), "the documentation of `{key}` does not say its default");
            let (of_type, flag) = (type_of(table, key), flag_of(table, key, command));
            text += &format!("| `{key}`{flag} | {of_type} | {default} | {meaning} |\n");
        }
    }
    text
}

#[test]
fn docs_config_has_every_key_with_its_type_its_default_and_its_flag() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/config.md");
    let expected = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).expect("the file can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "docs/config.md is out of date: `UPDATE_DOCS=1 cargo test -p vast-cli reference`");
    for key in ConfigKey::ALL {
        assert!(found.contains(&format!("\n| `{key}` ")), "{key} is missing");
    }
}

#[test]
fn the_example_of_docs_config_is_a_good_configuration() {
    VastClient::from_config(EXAMPLE).expect("a configuration");
}
