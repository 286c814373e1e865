//! The settings of a configuration as rows that people read. Secrets and values that may be secret are hidden.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use toml::{Table, Value};

use super::{
    AccessKey, AddressOrigin, CLUSTER, ClusterConfig, DrainLimits, GatewayConfig, NoAdAnswer, OnShed, PLACEMENT,
    PlacementConfig, SECRET, SERVER, ServerConfig, TELEMETRY, TENANT, TelemetryConfig, TenantConfig, TlsFiles,
};

/// The text in place of a value that may be secret.
const HIDDEN: &str = "...";

/// The value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SettingValue {
    /// The value as it may be shown.
    pub(crate) shown: String,
    /// The value itself, to see whether it has changed. It is not shown.
    exact: String,
}

impl SettingValue {
    fn open(value: impl Into<String>) -> Self {
        let shown = value.into();
        Self { exact: shown.clone(), shown }
    }
}

/// The settings by their place: the table with the key, as `server.max_lag` or `placement.preroll.source.east.url`. A key that is not
/// set has no row, except in `[server]`, where every key has its value.
pub(crate) type SettingRows = BTreeMap<String, SettingValue>;

/// A difference between two configurations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangedSetting {
    pub(crate) key: String,
    /// `None` if it is not set there.
    pub(crate) running: Option<String>,
    pub(crate) newer: Option<String>,
}

/// The settings of a configuration.
pub(crate) fn settings(config: &GatewayConfig) -> SettingRows {
    let GatewayConfig { server, tenants, secrets, outbox, telemetry, cluster, placements } = config;
    let mut rows = Rows::default();
    rows.server(server);
    tenants.iter().for_each(|(name, tenant)| rows.tenant(&format!("{TENANT}.{name}"), tenant));
    for secret in secrets {
        rows.put_value(&format!("{SECRET}.{}", secret.id), secret_value(&secret.secret.hash()));
    }
    rows.put_some("outbox.path", outbox.as_ref().map(|path| path.display()));
    if let Some(telemetry) = telemetry {
        rows.telemetry(telemetry);
    }
    if let Some(cluster) = cluster {
        rows.cluster(cluster);
    }
    placements.iter().for_each(|(name, placement)| rows.placement(&format!("{PLACEMENT}.{name}"), placement));
    rows.0
}

/// What differs between two configurations, by their places.
pub(crate) fn changes(running: &SettingRows, newer: &SettingRows) -> Vec<ChangedSetting> {
    let keys: std::collections::BTreeSet<_> = running.keys().chain(newer.keys()).collect();
    let changed = keys.into_iter().filter(|key| running.get(*key) != newer.get(*key));
    let shown = |value: Option<&SettingValue>, is_same: bool| {
        value.map(
            |value| if is_same { format!("{} (its hidden part differs)", value.shown) } else { value.shown.clone() },
        )
    };
    let one = |key: &String| {
        let (running, newer) = (running.get(key), newer.get(key));
        let is_same = running.zip(newer).is_some_and(|(one, other)| one.shown == other.shown);
        ChangedSetting { key: key.clone(), running: shown(running, false), newer: shown(newer, is_same) }
    };
    changed.map(one).collect()
}

/// Collects rows.
#[derive(Default)]
struct Rows(SettingRows);

impl Rows {
    fn put_value(&mut self, key: &str, value: SettingValue) {
        self.0.insert(key.to_owned(), value);
    }

    fn put(&mut self, key: &str, value: impl Display) {
        self.put_value(key, SettingValue::open(value.to_string()));
    }

    fn put_some(&mut self, key: &str, value: Option<impl Display>) {
        value.into_iter().for_each(|value| self.put(key, value));
    }

    fn put_list<T: Display>(&mut self, key: &str, values: impl IntoIterator<Item = T>) {
        let texts: Vec<_> = values.into_iter().map(|value| value.to_string()).collect();
        self.put(key, if texts.is_empty() { "none".to_owned() } else { texts.join(", ") });
    }

    fn put_keys(&mut self, table: &str, keys: &[AccessKey]) {
        for AccessKey { name, secret } in keys {
            self.put_value(&format!("{table}.{name}"), secret_value(&secret.hash()));
        }
    }

    fn server(&mut self, server: &ServerConfig) {
        let ServerConfig {
            listen,
            public_url,
            beacon_ttl,
            drop_robots,
            admin,
            probes,
            admin_keys,
            trusted_proxies,
            proxy_protocol,
            tls,
            trusted_callers,
            device_ip_from,
            max_connections,
            max_in_flight,
            rate_per_client,
            max_lag,
            on_shed,
            header_timeout,
            body_timeout,
            write_timeout,
            idle_timeout,
            max_streams,
            max_unread_bytes,
            max_document_bytes,
            answer_reserve,
            drain: DrainLimits { announce, requests, beacons },
            ca_file,
            keep_requests,
            proxy,
            unwrap_private,
        } = server;
        let of = |key: &str| format!("{SERVER}.{key}");
        self.put_list(&of("listen"), listen);
        self.put_some(&of("public_url"), public_url.as_ref());
        self.put(&of("admin"), admin);
        self.put_some(&of("probes"), *probes);
        self.put_keys(&of("admin_keys"), admin_keys);
        self.put_list(&of("trusted_proxies"), trusted_proxies);
        self.put_list(&of("trusted_callers"), trusted_callers);
        self.put_list(&of("device_ip_from"), device_ip_from.iter().map(origin));
        self.put_some(&of("rate_per_client"), *rate_per_client);
        self.put(&of("on_shed"), if *on_shed == OnShed::Empty { "empty" } else { "503" });
        self.put_some(&of("ca_file"), ca_file.as_ref().map(|path| path.display()));
        self.put_some(&of("proxy"), proxy.as_ref());
        if let Some(TlsFiles { certificate, key }) = tls {
            self.put(&of("tls.certificate"), certificate.display());
            self.put(&of("tls.key"), key.display());
        }
        for (key, is_on) in
            [("drop_robots", drop_robots), ("proxy_protocol", proxy_protocol), ("unwrap_private", unwrap_private)]
        {
            self.put(&of(key), is_on);
        }
        for (key, count) in [
            ("max_connections", *max_connections),
            ("max_in_flight", *max_in_flight),
            ("max_streams", usize::try_from(*max_streams).unwrap_or(usize::MAX)),
            ("max_unread_bytes", *max_unread_bytes),
            ("max_document_bytes", usize::try_from(*max_document_bytes).unwrap_or(usize::MAX)),
            ("keep_requests", *keep_requests),
        ] {
            self.put(&of(key), count);
        }
        for (key, time) in [
            ("beacon_ttl", beacon_ttl),
            ("max_lag", max_lag),
            ("header_timeout", header_timeout),
            ("body_timeout", body_timeout),
            ("write_timeout", write_timeout),
            ("idle_timeout", idle_timeout),
            ("answer_reserve", answer_reserve),
            ("drain.announce", announce),
            ("drain.requests", requests),
            ("drain.beacons", beacons),
        ] {
            self.put(&of(key), duration(*time));
        }
    }

    fn telemetry(&mut self, telemetry: &TelemetryConfig) {
        let TelemetryConfig { otlp, headers, signals, sample, slowest, propagate, metrics_interval, service_name } =
            telemetry;
        let of = |key: &str| format!("{TELEMETRY}.{key}");
        // A URL can have a user and a password.
        self.put_value(&of("otlp"), SettingValue { shown: without_values(otlp), exact: otlp.clone() });
        self.put_keys(&of("headers"), headers);
        self.put_list(&of("signals"), signals.iter().map(|signal| signal.as_str()));
        self.put(&of("sample"), sample);
        self.put(&of("slowest"), slowest);
        self.put(&of("propagate"), propagate);
        self.put(&of("metrics_interval"), duration(*metrics_interval));
        self.put(&of("service_name"), service_name);
    }

    fn cluster(&mut self, cluster: &ClusterConfig) {
        let ClusterConfig { nats, prefix, name, user, login, authority, client } = cluster;
        let of = |key: &str| format!("{CLUSTER}.{key}");
        // A URL can have a user and a password.
        for (number, url) in nats.iter().enumerate() {
            let value = SettingValue { shown: without_values(url), exact: url.clone() };
            self.put_value(&of(&format!("nats.{number}")), value);
        }
        self.put(&of("prefix"), prefix);
        self.put_some(&of("name"), name.as_ref());
        self.put_some(&of("user"), user.as_ref());
        if let Some(login) = login {
            self.put_value(&of("login"), secret_value(&login.hash()));
        }
        self.put_some(&of("ca_file"), authority.as_ref().map(|path| path.display()));
        if let Some((certificate, key)) = client {
            self.put(&of("certificate"), certificate.display());
            self.put(&of("key"), key.display());
        }
    }

    fn tenant(&mut self, table: &str, tenant: &TenantConfig) {
        let TenantConfig { keys, rate, burst, max_in_flight, origins } = tenant;
        self.put_keys(&format!("{table}.keys"), keys);
        self.put_some(&format!("{table}.rate"), *rate);
        self.put_some(&format!("{table}.burst"), *burst);
        self.put_some(&format!("{table}.max_in_flight"), *max_in_flight);
        if let Some(origins) = origins {
            self.put_list(&format!("{table}.origins"), origins);
        }
    }

    fn placement(&mut self, table: &str, placement: &PlacementConfig) {
        let PlacementConfig { tenant, access, signed, track, version, accept, identity, no_ad, no_ad_url, client } =
            placement;
        let of = |key: &str| format!("{table}.{key}");
        self.put_some(&of("tenant"), tenant.as_ref());
        for (key, word) in [
            ("access", format!("{access:?}")),
            ("track", format!("{track:?}")),
            ("identity", format!("{identity:?}")),
            ("no_ad", if *no_ad == NoAdAnswer::Empty { "empty".to_owned() } else { "204".to_owned() }),
        ] {
            self.put(&of(key), word.to_lowercase());
        }
        self.put_some(&of("version"), version.map(|version| version.as_str()));
        for (key, names) in [("signed", signed), ("accept", accept)] {
            if !names.is_empty() {
                self.put_list(&of(key), names);
            }
        }
        if let Some(url) = no_ad_url {
            self.put_value(&of("no_ad_url"), SettingValue { shown: without_values(url), exact: url.clone() });
        }
        // What a client's configuration writes can be read again.
        let client: Table = client.to_toml().parse().unwrap_or_default();
        self.table(table, &client);
    }

    /// The entries of a table.
    fn table(&mut self, place: &str, table: &Table) {
        table.iter().for_each(|(key, value)| self.entry(&format!("{place}.{key}"), key, value));
    }

    /// A setting of a client's configuration. `key` is the last part of its place.
    fn entry(&mut self, place: &str, key: &str, value: &Value) {
        match value {
            Value::Table(values) if key == "headers" || key == "params" => {
                for (name, value) in values {
                    let exact = text(value);
                    let is_open = key == "params" && is_macro(&exact);
                    let shown = if is_open { exact.clone() } else { HIDDEN.to_owned() };
                    self.put_value(&format!("{place}.{name}"), SettingValue { shown, exact });
                }
            }
            Value::Table(table) => self.table(place, table),
            Value::Array(values) if values.iter().any(Value::is_table) => {
                for (index, value) in values.iter().enumerate() {
                    let name = value.get("name").map_or_else(|| index.to_string(), text);
                    self.entry(&format!("{place}.{name}"), key, value);
                }
            }
            Value::String(exact) if key == "url" => {
                self.put_value(place, SettingValue { shown: without_values(exact), exact: exact.clone() });
            }
            Value::String(exact) if key == "xml" => {
                let shown = format!("a document of {} bytes", exact.len());
                self.put_value(place, SettingValue { shown, exact: exact.clone() });
            }
            value => self.put(place, text(value)),
        }
    }
}

/// A secret as the beginning of its hash, which is enough to see that two gateways have the same one.
fn secret_value(hash: &[u8; 32]) -> SettingValue {
    let exact: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    SettingValue { shown: format!("sha256 {}...", exact.get(..8).unwrap_or_default()), exact }
}

/// A URL without its user and without the values of its query that are no macros: keys of ad servers stand there.
fn without_values(url: &str) -> String {
    let (rest, query) = url.split_once('?').map_or((url, None), |(rest, query)| (rest, Some(query)));
    let (scheme, rest) = rest.split_once("://").map_or(("", rest), |(scheme, rest)| (scheme, rest));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or_else(|| authority.to_owned(), |(_, host)| format!("{HIDDEN}@{host}"));
    let mut shown = if scheme.is_empty() { format!("{host}{path}") } else { format!("{scheme}://{host}{path}") };
    if let Some(query) = query {
        let one = |pair: &str| match pair.split_once('=') {
            Some((name, value)) if !is_macro(value) => format!("{name}={HIDDEN}"),
            _ => pair.to_owned(),
        };
        shown.push('?');
        shown.push_str(&query.split('&').map(one).collect::<Vec<_>>().join("&"));
    }
    shown
}

/// Whether the value is one macro, as `[CACHEBUSTING]`, or empty.
fn is_macro(value: &str) -> bool {
    let inner = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    value.is_empty() || inner.is_some_and(|name| !name.contains(['[', ']']))
}

fn origin(origin: &AddressOrigin) -> String {
    match origin {
        AddressOrigin::Parameter => "param".to_owned(),
        AddressOrigin::ForwardedFor => "xff".to_owned(),
        AddressOrigin::Forwarded => "forwarded".to_owned(),
        AddressOrigin::Header(name) => format!("header:{name}"),
        AddressOrigin::Peer => "peer".to_owned(),
    }
}

fn duration(time: Duration) -> String {
    format!("{time:?}")
}

/// A value without the quotes of a text.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::SecretText;

    fn config(text: &str) -> GatewayConfig {
        GatewayConfig::parse(text, Path::new("")).unwrap_or_else(|error| panic!("{error}"))
    }

    const TEXT: &str = r#"
[server]
max_lag = "20ms"
[placement.preroll]
mode = "race"
headers = { Authorization = "Bearer hidden-1" }
params = { key = "hidden-2", cb = "[CACHEBUSTING]" }
source = [{ name = "east", url = "https://user:hidden-3@east.example/vast?key=hidden-4&cb=[CACHEBUSTING]&empty=&flag" },
  { xml = "<VAST version='4.2'/>" }]
"#;

    #[test]
    fn settings_have_their_places_and_what_may_be_secret_is_hidden() {
        let mut config = config(TEXT);
        let secret = SecretText::new("hidden-5-hidden-5").expect("long enough");
        config.server.admin_keys = vec![AccessKey::new("ops", secret)];
        let rows = settings(&config);
        for (key, expected) in [
            ("server.max_lag", "20ms"),
            ("server.keep_requests", "100"),
            ("server.device_ip_from", "param, xff, peer"),
            ("server.trusted_proxies", "none"),
            ("placement.preroll.mode", "race"),
            ("placement.preroll.access", "open"),
            ("placement.preroll.headers.Authorization", "..."),
            ("placement.preroll.params.key", "..."),
            ("placement.preroll.params.cb", "[CACHEBUSTING]"),
            (
                "placement.preroll.source.east.url",
                "https://...@east.example/vast?key=...&cb=[CACHEBUSTING]&empty=&flag",
            ),
            ("placement.preroll.source.1.xml", "a document of 21 bytes"),
        ] {
            assert_eq!(rows.get(key).map(|value| &*value.shown), Some(expected), "{key}: {rows:#?}");
        }
        let key = &rows["server.admin_keys.ops"].shown;
        assert!(key.starts_with("sha256 ") && key.len() == 18, "{key}");
        assert!(rows.values().all(|value| !value.shown.contains("hidden-")), "{rows:#?}");
    }

    #[test]
    fn changes_show_both_values_and_that_a_hidden_one_differs() {
        let running = settings(&config(TEXT));
        assert_eq!(changes(&running, &running), []);
        let newer = TEXT.replace("20ms", "30ms").replace("hidden-4", "hidden-6").replace("mode = \"race\"", "");
        let found = changes(&running, &settings(&config(&newer)));
        let url = "https://...@east.example/vast?key=...&cb=[CACHEBUSTING]&empty=&flag";
        let expected = [
            ("placement.preroll.mode", Some("race"), None),
            ("placement.preroll.source.east.url", Some(url), Some(format!("{url} (its hidden part differs)"))),
            ("server.max_lag", Some("20ms"), Some("30ms".to_owned())),
        ];
        let expected = expected.map(|(key, running, newer)| ChangedSetting {
            key: key.to_owned(),
            running: running.map(str::to_owned),
            newer,
        });
        assert_eq!(found, expected);
    }
}
