//! Configurations that are wrong, and their messages.

use std::path::Path;

use vast_gateway::check_config;
use vast_gateway::config::GatewayConfig;

const GOOD: &str = "[placement.a]\nsource = [{ url = \"https://ads.example/\" }]\n";

fn mistake(text: &str) -> String {
    match GatewayConfig::parse(text, Path::new("")) {
        Ok(config) => check_config(&config).map(|()| String::new()).unwrap_or_else(|error| error.to_string()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_mistake_is_named_with_its_table_its_key_and_its_line() {
    let with = |more: &str| format!("{GOOD}{more}");
    let cases = [
        (String::new(), "placement: no placement: add [placement.NAME]"),
        (with("[servr]\n"), "line 3: unknown table `servr`"),
        (with("[server]\nlissen = 1\n"), "line 4, `server`: unknown key `lissen`: did you mean `listen`?"),
        (with("[server]\nidle_timeout = 3\n"), "line 4, `server.idle_timeout`: `3` has no unit"),
        (
            with("[server]\nadmin = \"0.0.0.0:1\"\n"),
            "server.admin: 0.0.0.0:1 can be reached from other machines: add `admin_keys`",
        ),
        (
            with("[server]\ndevice_ip_from = [\"moon\"]\n"),
            "line 4, `server`: `moon` is not one of param, xff, peer, header:NAME",
        ),
        (with("tenant = \"x\"\n"), "placement.a.tenant: there is no [tenant.x]"),
        (with("access = \"key\"\n"), "placement.a.access: needs a `tenant` with `keys`"),
        (with("acess = \"key\"\n"), "line 3, `placement.a`: unknown key `acess`"),
        (
            with("track = \"replay\"\n"),
            "line 3, `placement.a.track`: `replay` is not one of player, inject, relay, timeline",
        ),
        (with("version = \"5\"\n"), "line 3, `placement.a`: `5` is not a version: as_read, 2.0"),
        (with("timeout = 3\n"), "line 3, `placement.a.timeout`: `3` has no unit"),
        (with("timeout = \"0s\"\n"), "placement.a.timeout: zero leaves no time"),
        (with("[[secret]]\nid = 12\nenv = \"HOME\"\n"), "line 4, `secret`: `12` is not an id: use one letter or digit"),
        (with("[[secret]]\nid = 1\n"), "secret.id.1: needs `env`"),
        (with("[outbox]\npaths = \"x\"\n"), "line 4, `outbox`: unknown key `paths`"),
        (with("device_ip = \"192.0.2.1\"\n"), "placement.a: the gateway takes the device from each request"),
        (with("seed = 1\n"), "placement.a.seed: would give all requests the same random numbers"),
        (with("auto_track = true\n"), "placement.a.track: only the player knows when an ad is played"),
        (with("ca_file = \"x\"\n"), "placement.a.ca_file: holds for all placements"),
        (with("signed = [\"sid\"]\n"), "placement.a.signed: has no effect without"),
        (with("accept = [\"DEVICEIP\"]\n"), "placement.a.accept: `DEVICEIP` is a macro of the standard"),
        (with("[tenant.t]\nkeys = [{ name = \"k\" }]\n"), "tenant.t.keys.k: needs `env`"),
        (
            with("[tenant.t]\nkeys = [{ name = \"k\", env = \"NO_SUCH_VARIABLE\" }]\n"),
            "tenant.t.keys.k: the environment variable",
        ),
        (with("[tenant.t]\nrate = 0\n"), "tenant.t.rate: is not above 0"),
        (with("[placement.\"a/b\"]\n"), "line 3, `placement`: `a/b` is not a name"),
        ("placement = 1\n".to_owned(), "line 1: `placement` is integer"),
        ("[placement.a]\nsource = []\n".to_owned(), "placement.a.source: no source"),
        (
            "[placement.a]\nsource = [{ url = \"https://[host].example/\" }]\n".to_owned(),
            "placement.a.source[0].url: `https://[host].example/`: a macro before the path",
        ),
        ("[placement.a]\nsource = [{ url = \"https://x.${shop}/\" }]\n".to_owned(), "placement.a.source[0].url: "),
        ("[placement.a\n".to_owned(), "line 1: "),
    ];
    for (text, expected) in cases {
        let found = mistake(&text);
        assert!(found.starts_with(expected), "{text}\nfound:    {found}\nexpected: {expected}");
    }
    assert_eq!(mistake(GOOD), "");
    assert_eq!(mistake("[placement.a]\nsource = [{ url = \"http://[2001:db8::1]:80/?x=[CACHEBUSTING]\" }]\n"), "");
}

#[test]
fn a_key_in_a_file_is_read_and_not_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("key"), "0123456789abcdef-value\n").expect("a file");
    let text =
        format!("{GOOD}tenant = \"t\"\naccess = \"key\"\n[tenant.t]\nkeys = [{{ name = \"k\", file = \"key\" }}]\n");
    let config = GatewayConfig::parse(&text, folder.path()).expect("a configuration");
    assert_eq!(config.tenants["t"].keys[0].name, "k");
    assert!(!format!("{config:?}").contains("-value"), "{config:?}");
    check_config(&config).expect("a configuration");
}

#[test]
fn a_file_of_a_gateway_is_known_by_its_tables() {
    for (text, expected) in
        [(GOOD, true), ("[server]\n", true), ("[[source]]\nurl = \"x\"\n", false), ("[tenant", false)]
    {
        assert_eq!(GatewayConfig::is_gateway_file(text), expected, "{text}");
    }
}
