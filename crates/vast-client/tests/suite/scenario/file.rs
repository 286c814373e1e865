//! A scenario file: the servers, the request, the host names, and the expectation.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;

use serde::Deserialize;
use vast_mock::Script;

use super::expectation::Expectation;

/// A scenario that is ready to run.
pub struct Scenario {
    pub script: Script,
    /// The `[request]` table as the text of a configuration file, with placeholders filled in.
    pub request: String,
    pub names: Names,
    /// The modes to run. All of them must give the expected result. One empty entry means that the request sets the mode.
    pub modes: Vec<Option<String>>,
    pub seed: u64,
    pub expect: Expectation,
}

/// The `[resolver]` table: the addresses of host names, and the names whose lookups never end.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Names {
    #[serde(default)]
    pub never: Vec<String>,
    #[serde(flatten)]
    pub addresses: BTreeMap<String, Vec<IpAddr>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioFile {
    /// Only `vast_mock` reads it.
    #[serde(rename = "server")]
    _servers: Vec<toml::Table>,
    request: toml::Table,
    #[serde(default)]
    resolver: Names,
    #[serde(default)]
    modes: Vec<String>,
    #[serde(default = "default_seed")]
    seed: u64,
    expect: Expectation,
}

fn default_seed() -> u64 {
    1
}

impl Scenario {
    /// Reads a scenario file.
    pub fn load(path: &Path) -> Self {
        let shown = path.display();
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{shown}: {error}"));
        let file: ScenarioFile = toml::from_str(&text).unwrap_or_else(|error| panic!("{shown}: {error}"));
        let script = Script::load(path).unwrap_or_else(|error| panic!("{shown}: {error}"));
        let mut request = toml::to_string(&file.request).expect("a table is TOML");
        for server in script.servers() {
            request = request.replace(&format!("{{{{{}}}}}", server.name()), &base_url(server.name()));
        }
        let own = file.modes.is_empty().then_some(None);
        let modes = own.into_iter().chain(file.modes.into_iter().map(Some)).collect();
        Self { script, request, names: file.resolver, modes, seed: file.seed, expect: file.expect }
    }
}

/// The base URL of a server of the script.
pub fn base_url(server: &str) -> String {
    format!("http://{server}.test")
}
