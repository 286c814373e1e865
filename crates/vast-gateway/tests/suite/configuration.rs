//! Configurations that are wrong, and their messages.

use std::path::Path;

use std::time::Duration;

use vast_client::SourceConfig;
use vast_gateway::check_config;
use vast_gateway::config::{Access, AccessKey, DrainLimits, GatewayConfig, PlacementConfig, SecretText, TenantConfig};

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
        (with("[servr]\n"), "line 3: unknown table `servr`: did you mean `server`?"),
        ("[placment.a]\n".to_owned(), "line 1: unknown table `placment`: did you mean `placement`?"),
        (with("[moon]\n"), "line 3: unknown table `moon`: the tables are server, "),
        ("timeout = \"1s\"\n".to_owned(), "line 1: `timeout` belongs to a placement: write it in [placement.NAME]"),
        ("[[source]]\nurl = \"https://a/\"\n".to_owned(), "line 1: `source` belongs to a placement"),
        (with("[server]\nlissen = 1\n"), "line 4, `server`: unknown key `lissen`: did you mean `listen`?"),
        (with("[server]\nidle_timeout = 3\n"), "line 4, `server.idle_timeout`: `3` has no unit"),
        (
            with("[server]\nadmin = \"0.0.0.0:1\"\n"),
            "server.admin: 0.0.0.0:1 can be reached from other machines: add `admin_keys`",
        ),
        (
            with("[server]\ndevice_ip_from = [\"moon\"]\n"),
            "line 4, `server.device_ip_from`: `moon` is not one of param, xff, forwarded, peer, header:NAME",
        ),
        (
            with("[server]\ndevice_ip_from = [\"forwarded\"]\n"),
            "server.device_ip_from: `forwarded` has no effect without `trusted_proxies`",
        ),
        (
            with("[server]\nlisten = 8080\n"),
            "line 4, `server.listen`: is neither an address in quotes nor a list of them",
        ),
        (
            with("[server]\nadmin = \"localhost\"\n"),
            "line 4, `server.admin`: is not an address with a port: write for example",
        ),
        (with("[server]\non_shed = 503\n"), "line 4, `server.on_shed`: is not a text in quotes"),
        (
            with("[server]\nmax_streams = -1\n"),
            "line 4, `server.max_streams`: invalid value: number `-1`, expected a whole number",
        ),
        (with("[server]\ndrain = \"9s\"\n"), "line 4, `server.drain`: invalid type: string \"9s\", expected a table"),
        (with("[server]\ntls = { certificate = \"x\" }\n"), "line 4, `server.tls`: `key` is missing"),
        (
            with("[server]\ntrusted_proxies = [\n  \"10.0.0.0/8\",\n  \"10.0.0.0/33\",\n]\n"),
            "line 4, `server.trusted_proxies`: `10.0.0.0/33` is not a network: write for example `10.0.0.0/8`",
        ),
        (with("no_ad = 204\n"), "line 3, `placement.a.no_ad`: is not a text in quotes"),
        (with("access = \"open\"\naccess = \"key\"\n"), "line 4: `access` is there twice"),
        (with("[secret]\nid = 1\n"), "line 3: `secret` is of the type table: write [[secret]]"),
        (with("[outbox]\npath = \"\"\n"), "outbox.path: names no file"),
        (
            "[[placement]]\nname = \"a\"\n".to_owned(),
            "line 1: `placement` is of the type array: write a table, [placement.NAME]",
        ),
        (
            with("[server]\nlisten = \"127.0.0.1:9090\"\n"),
            "server.admin: 127.0.0.1:9090 is taken by `listen` (127.0.0.1:9090): choose another port",
        ),
        (
            with("[server]\nlisten = \"0.0.0.0:9090\"\n"),
            "server.admin: 127.0.0.1:9090 is taken by `listen` (0.0.0.0:9090)",
        ),
        (with("[server]\nprobes = \"127.0.0.1:9090\"\n"), "server.probes: 127.0.0.1:9090 is taken by `admin`"),
        (
            with("[server]\nlisten = [\"127.0.0.1:1\", \"127.0.0.1:1\"]\n"),
            "server.listen: 127.0.0.1:1 is taken by `listen`",
        ),
        (
            with("[server]\ndevice_ip_from = [\"header:x-real-ip\", \"peer\"]\n"),
            "server.device_ip_from: `header:x-real-ip` has no effect without `trusted_proxies`",
        ),
        (
            with("accept = [\"m.genre\"]\n"),
            "placement.a.accept: `m.genre` has the prefix of the parameter: write `genre`",
        ),
        (with("accept = [\"genre\", \"genre\"]\n"), "placement.a.accept: `genre` is there twice"),
        (
            "[placement.a]\nsource = [{ url = \"[scheme]://ads.example/\" }]\n".to_owned(),
            "placement.a.source[0].url: `[scheme]://ads.example/`: a macro before the path would let a caller choose",
        ),
        (
            "[placement.a]\nsource = [{ url = \"https://ads.example/\", xml = \"<VAST/>\" }]\n".to_owned(),
            "placement.a.source[0]: has more than one of `url`, `file` and `xml`",
        ),
        (with("tenant = \"x\"\n"), "placement.a.tenant: there is no [tenant.x]"),
        (with("access = \"key\"\n"), "placement.a.access: needs a `tenant` with `keys`"),
        (with("acess = \"key\"\n"), "line 3, `placement.a`: unknown key `acess`: did you mean `access`?"),
        (with("mod = \"race\"\n"), "line 3, `placement.a`: unknown key `mod`: did you mean `mode`?"),
        (
            with("frequency = 1\n"),
            "line 3, `placement.a`: unknown key `frequency`: the keys here are tenant, access, signed, track, version, accept, identity, no_ad, \
             no_ad_url, mode, ",
        ),
        (
            with("[placement.a.filter]\nfrequency = 1\n"),
            "line 4, `placement.a`: unknown key `frequency`: the keys here are media_type, ",
        ),
        (
            with("track = \"replay\"\n"),
            "line 3, `placement.a.track`: `replay` is not one of player, inject, relay, timeline",
        ),
        (with("version = \"5\"\n"), "line 3, `placement.a.version`: `5` is not a version: as_read, 2.0"),
        (with("timeout = 3\n"), "line 3, `placement.a.timeout`: `3` has no unit"),
        (with("timeout = \"0s\"\n"), "placement.a.timeout: zero leaves no time"),
        (
            with("[[secret]]\nid = 12\nenv = \"HOME\"\n"),
            "line 4, `secret.id`: `12` is not an id: use one letter or digit",
        ),
        (with("[[secret]]\nid = 1\n"), "secret.id.1: needs `env`"),
        (with("[telemetry]\notlp = \"collector:4318\"\n"), "telemetry.otlp: is not the URL of a collector"),
        (with("[telemetry]\notlp = \"http://x\"\nsample = 1.1\n"), "telemetry.sample: is not a share from 0 to 1"),
        (with("[telemetry]\notlp = \"http://x\"\nslowest = nan\n"), "telemetry.slowest: is not a share from 0 to 1"),
        (
            with("[telemetry]\notlp = \"http://x\"\nmetrics_interval = \"10ms\"\n"),
            "telemetry.metrics_interval: is not between",
        ),
        (with("[telemetry]\notlp = \"http://x\"\nsignals = []\n"), "telemetry.signals: names nothing"),
        (
            with("[telemetry]\notlp = \"http://x\"\nsignals = [\"spans\"]\n"),
            "line 5, `telemetry.signals`: `spans` is not one of traces",
        ),
        (with("[telemetry]\notlp = \"http://x\"\nheaders = [{ name = \"a\" }]\n"), "telemetry.headers.a: needs `env`"),
        (with("[telemetry]\nsample = 0.5\n"), "line 3, `telemetry`: `otlp` is missing"),
        (with("[outbox]\npaths = \"x\"\n"), "line 4, `outbox`: unknown key `paths`"),
        (with("[cluster]\nnat = \"nats://a\"\n"), "line 4, `cluster`: unknown key `nat`"),
        (with("[cluster]\nnats = []\n"), "cluster.nats: has no address"),
        (with("[cluster]\nnats = \"nats://a\"\nuser = \"u\"\n"), "cluster.user: needs `login_env`"),
        (
            with("[cluster]\nnats = \"nats://a\"\nlogin_env = \"NO_SUCH_VARIABLE\"\n"),
            "cluster.login_env: the environment variable",
        ),
        (with("[cluster]\nnats = \"nats://a\"\nkey = \"k\"\n"), "cluster.certificate: needs `key`"),
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
        (with("proxy = \"http://p\"\n"), "placement.a.proxy: holds for all placements"),
        (with("[server]\nproxy = \"https://p\"\n"), "line 4, `server.proxy`: `https://p` is not a proxy"),
        (with("[tenant.t]\nrate = 0\n"), "tenant.t.rate: is not above 0"),
        (with("[tenant.t]\nrate = inf\n"), "tenant.t.rate: is above"),
        (with("[server]\nmax_connections = 0\n"), "server.max_connections: is 0"),
        (with("[server]\nlisten = []\n"), "server.listen: has no address"),
        (with("[server]\nlisten = \"localhost:80\"\n"), "line 4, `server.listen`: `localhost:80` is not an address"),
        (with("[server]\nlisten = [\"[::]:80\", \"unix:\"]\n"), "line 4, `server.listen`: `unix:` is not an address"),
        (with("[server]\nidle_timeout = \"9999999999s\"\n"), "server.idle_timeout: is longer than a day"),
        (with("[placement.\"a/b\"]\n"), "line 3, `placement`: `a/b` is not a name"),
        ("placement = 1\n".to_owned(), "line 1: `placement` is of the type integer"),
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

#[cfg(not(feature = "nats"))]
#[tokio::test]
async fn a_program_without_nats_says_how_to_build_it() {
    let text = "[placement.a]\nsource = [{ url = \"https://a.example/\" }]\n[cluster]\nnats = \"nats://127.0.0.1:1\"\n";
    let config = GatewayConfig::parse(text, std::path::Path::new("")).expect("a good file");
    let error = vast_gateway::Gateway::builder().bind(config).await.err().map(|error| error.to_string());
    assert!(error.is_some_and(|error| error.contains("--features nats")));
}

fn key(name: &str, value: &str) -> AccessKey {
    AccessKey::new(name, SecretText::new(format!("0123456789abcdef-{value}")).expect("long enough"))
}

fn tenant(config: &mut GatewayConfig) -> &mut TenantConfig {
    config.tenants.get_mut("acme").expect("a tenant")
}

fn placement(config: &mut GatewayConfig) -> &mut PlacementConfig {
    config.placements.get_mut("default").expect("a placement")
}

/// A change that makes a good configuration wrong.
type Mistake = dyn Fn(&mut GatewayConfig);

/// The same checks hold for a file: its tables are read into the same configuration.
#[test]
fn a_configuration_of_a_program_is_checked_like_a_file() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    // The mistake, the message.
    let cases: [(&Mistake, &str); 42] = [
        (&|config| config.placements.clear(), "placement: no placement"),
        (&|config| placement(config).client.fetch.sources.clear(), "placement.default.source: no source"),
        (
            &|config| drop(config.placements.insert("a b".into(), config.placements["default"].clone())),
            "placement: `a b` is not a name",
        ),
        (&|config| drop(config.tenants.insert(String::new(), TenantConfig::default())), "tenant: `` is not a name"),
        (&|config| drop(config.tenants.insert("x".repeat(65), TenantConfig::default())), "tenant: `xxx"),
        (&|config| config.server.listen.clear(), "server.listen: has no address"),
        (
            &|config| config.server.admin = "0.0.0.0:1".parse().expect("an address"),
            "server.admin: 0.0.0.0:1 can be reached",
        ),
        (&|config| config.server.admin = "[::]:1".parse().expect("an address"), "server.admin: [::]:1 can be reached"),
        (&|config| config.server.proxy_protocol = true, "server.proxy_protocol: has no effect"),
        (&|config| config.server.device_ip_from.clear(), "server.device_ip_from: has no entry"),
        (&|config| config.server.max_connections = 0, "server.max_connections: is 0"),
        (&|config| config.server.max_connections = usize::MAX, "server.max_connections: is above"),
        (&|config| config.server.max_in_flight = 0, "server.max_in_flight: is 0"),
        (&|config| config.server.max_streams = 0, "server.max_streams: is 0"),
        (&|config| config.server.max_unread_bytes = 999_999, "server.max_unread_bytes: is below 1000000"),
        (&|config| config.server.keep_requests = 1_001, "server.keep_requests: is above 1000"),
        (&|config| config.server.rate_per_client = Some(0.0), "server.rate_per_client: is not above 0"),
        (&|config| config.server.rate_per_client = Some(f64::NAN), "server.rate_per_client: is not above 0"),
        (&|config| config.server.max_lag = Duration::ZERO, "server.max_lag: is zero"),
        (&|config| config.server.header_timeout = Duration::ZERO, "server.header_timeout: is zero"),
        (&|config| config.server.body_timeout = Duration::ZERO, "server.body_timeout: is zero"),
        (&|config| config.server.write_timeout = Duration::ZERO, "server.write_timeout: is zero"),
        (&|config| config.server.idle_timeout = Duration::MAX, "server.idle_timeout: is longer than a day"),
        (&|config| config.server.answer_reserve = DAY * 2, "server.answer_reserve: is longer than a day"),
        (&|config| config.server.drain = DrainLimits::new(DAY, DAY * 2, DAY), "server.drain.requests: is longer"),
        (&|config| tenant(config).rate = Some(-1.0), "tenant.acme.rate: is not above 0"),
        (&|config| tenant(config).rate = Some(f64::INFINITY), "tenant.acme.rate: is above"),
        (&|config| tenant(config).burst = Some(5.0), "tenant.acme.burst: has no effect without `rate`"),
        (
            &|config| (tenant(config).rate, tenant(config).burst) = (Some(1.0), Some(0.5)),
            "tenant.acme.burst: is below 1",
        ),
        (&|config| tenant(config).max_in_flight = Some(0), "tenant.acme.max_in_flight: is 0"),
        (&|config| tenant(config).keys.push(key("ssai", "b")), "tenant.acme.keys.ssai: is the name of two keys"),
        (&|config| tenant(config).keys.push(key("", "b")), "tenant.acme.keys: a key has no name"),
        (
            &|config| tenant(config).keys.push(key("b", "a")),
            "tenant.acme.keys.b: has the same value as tenant.acme.keys.ssai",
        ),
        (
            &|config| config.server.admin_keys.push(key("b", "a")),
            "tenant.acme.keys.ssai: has the same value as server.admin_keys.b",
        ),
        (
            &|config| tenant(config).origins = Some(vec!["player.example".into()]),
            "tenant.acme.origins: `player.example` is not an origin",
        ),
        (
            &|config| tenant(config).origins = Some(vec!["https://a.example/".into()]),
            "tenant.acme.origins: `https://a.example/` is not",
        ),
        (
            &|config| tenant(config).origins = Some(vec!["https://a.example:443".into()]),
            "tenant.acme.origins: `https://a.example:443` is sent by browsers as `https://a.example`",
        ),
        (
            &|config| placement(config).accept = vec!["[genre]".into()],
            "placement.default.accept: `[genre]` is not a name",
        ),
        (
            &|config| placement(config).signed = vec!["sidd".into()],
            "placement.default.signed: `sidd` is not a parameter",
        ),
        (
            &|config| placement(config).signed = vec!["exp".into()],
            "placement.default.signed: `exp` belongs to every signature",
        ),
        (
            &|config| placement(config).signed = vec!["sid".into(), "sid".into()],
            "placement.default.signed: `sid` is there twice",
        ),
        (&|config| placement(config).tenant = None, "placement.default.access: needs a `tenant`"),
    ];
    let good = || {
        let mut config = GatewayConfig::of_sources([SourceConfig::inline(crate::support::AD)]);
        let mut acme = TenantConfig::default();
        acme.keys = vec![key("ssai", "a")];
        acme.origins =
            Some(["*", "null", "https://A.example:8443", "capacitor://localhost"].map(str::to_owned).to_vec());
        config.tenants.insert("acme".to_owned(), acme);
        let default = placement(&mut config);
        (default.tenant, default.access) = (Some("acme".to_owned()), Access::Signed);
        default.signed = ["sid", "ip", "m.genre", "h.dnt"].map(str::to_owned).to_vec();
        default.accept = vec!["genre".to_owned()];
        config
    };
    assert_eq!(check_config(&good()), Ok(()));
    for (change, expected) in cases {
        let mut config = good();
        change(&mut config);
        let found = check_config(&config).expect_err(expected).to_string();
        assert!(found.starts_with(expected), "found:    {found}\nexpected: {expected}");
    }
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
fn the_files_of_tls_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("{GOOD}[server]\ntls = {{ certificate = \"tls.crt\", key = \"tls.key\" }}\n");
    let check = || check_config(&GatewayConfig::parse(&text, folder.path()).expect("a configuration"));
    let issued = || rcgen::generate_simple_self_signed(["ads.example".to_owned()]).expect("a certificate");
    let (one, other) = (issued(), issued());
    // The files, and the beginning of the message after the name of the key.
    let cases = [
        (None, None, Some("cannot read ")),
        (Some(one.cert.pem()), None, Some("cannot read ")),
        (Some("no certificate".to_owned()), Some(one.signing_key.serialize_pem()), Some("")),
        (Some(one.cert.pem()), Some(other.signing_key.serialize_pem()), Some("the certificate in ")),
        (Some(one.cert.pem()), Some(one.signing_key.serialize_pem()), None),
    ];
    for (certificate, key, expected) in cases {
        for (name, content) in [("tls.crt", certificate), ("tls.key", key)] {
            content.map_or(Ok(()), |content| std::fs::write(folder.path().join(name), content)).expect("a file");
        }
        let found = check().err().map(|error| error.to_string());
        let is_expected = match (&found, expected) {
            (Some(found), Some(start)) => found.starts_with(&format!("server.tls: {start}")),
            (found, expected) => found.is_none() && expected.is_none(),
        };
        assert!(is_expected, "found: {found:?}, expected: {expected:?}");
    }
}

#[test]
fn a_file_of_a_gateway_is_known_by_its_tables() {
    for (text, expected) in [
        (GOOD, true),
        ("[server]\n", true),
        ("[placements.a]\n", true),
        ("[placment.a]\n", true),
        ("[plcaement.a]\n", true),
        ("[sever]\n", true),
        ("[tennant.a]\n", true),
        ("[[secrt]]\nid = 1\n", true),
        ("sever = \"x\"\n", false),
        ("[filter]\n", false),
        ("[[sorce]]\nurl = \"x\"\n", false),
        ("[[source]]\nurl = \"x\"\n", false),
        ("[tenant", false),
    ] {
        assert_eq!(GatewayConfig::is_gateway_file(text), expected, "{text}");
    }
}
