//! What a configuration must fulfil, whether a file or a program gives it. What concerns the sources of a placement is checked when they
//! are compiled.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::time::Duration;

use url::Url;

use super::secret::AccessKey;
use super::{
    AddressOrigin, GatewayConfig, GatewayConfigError, OUTBOX, PLACEMENT, SERVER, ServerConfig, TELEMETRY, TENANT,
    TelemetryConfig, TenantConfig,
};
use vast_client::ConfigError;

/// The smallest `max_unread_bytes`: one answer may be as large.
const LEAST_UNREAD: usize = 1_000_000;
/// The longest name of a tenant or a placement, in bytes.
const LONGEST_NAME: usize = 64;
/// The longest time limit of the server: one day.
const LONGEST_TIME: Duration = Duration::from_secs(24 * 60 * 60);
/// The shortest time between two exports of metrics.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);
/// The highest limit for connections, requests in flight and streams.
const HIGHEST_COUNT: usize = 10_000_000;
/// The largest number of requests that the dashboard keeps.
const MOST_KEPT: usize = 1_000;
/// The highest rate and burst.
const HIGHEST_RATE: f64 = 1e9;

impl GatewayConfig {
    /// Checks everything except the sources of the placements.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub(crate) fn check(&self) -> Result<(), GatewayConfigError> {
        let of = |table: &str, problem: String| GatewayConfigError::of_table(table, ConfigError::general(problem));
        self.server.check()?;
        for (name, tenant) in &self.tenants {
            check_name(name).map_err(|problem| of(TENANT, problem))?;
            tenant.check(&format!("{TENANT}.{name}"))?;
        }
        for name in self.placements.keys() {
            check_name(name).map_err(|problem| of(PLACEMENT, problem))?;
        }
        if self.placements.is_empty() {
            let problem = "no placement: add [placement.NAME] with at least one source";
            return Err(of(PLACEMENT, problem.to_owned()));
        }
        if self.outbox.as_ref().is_some_and(|path| path.file_name().is_none()) {
            return Err(GatewayConfigError::of_key(OUTBOX, "path", "names no file"));
        }
        self.telemetry.as_ref().map_or(Ok(()), TelemetryConfig::check)?;
        self.check_keys()
    }

    /// Each key has a name, and a value that no other key has: the value alone says who a caller is.
    fn check_keys(&self) -> Result<(), GatewayConfigError> {
        let tenants = self.tenants.iter().map(|(name, tenant)| (format!("{TENANT}.{name}"), "keys", &*tenant.keys));
        let admin = (SERVER.to_owned(), "admin_keys", &*self.server.admin_keys);
        let mut places = HashMap::new();
        for (table, list, keys) in std::iter::once(admin).chain(tenants) {
            let mut names = BTreeSet::new();
            for AccessKey { name, secret } in keys {
                let wrong = |problem: &str| Err(GatewayConfigError::of_key(&table, &format!("{list}.{name}"), problem));
                if name.trim().is_empty() {
                    return Err(GatewayConfigError::of_key(&table, list, "a key has no name"));
                }
                if !names.insert(name) {
                    return wrong("is the name of two keys");
                }
                if let Some(other) = places.insert(secret.hash(), format!("{table}.{list}.{name}")) {
                    return wrong(&format!("has the same value as {other}: give each key its own value"));
                }
            }
        }
        Ok(())
    }
}

impl ServerConfig {
    fn check(&self) -> Result<(), GatewayConfigError> {
        let wrong = |key: &str, problem: &str| Err(GatewayConfigError::of_key(SERVER, key, problem));
        if self.listen.is_empty() {
            return wrong("listen", "has no address");
        }
        if !self.admin.ip().to_canonical().is_loopback() && self.admin_keys.is_empty() {
            return wrong("admin", &format!("{} can be reached from other machines: add `admin_keys`", self.admin));
        }
        if self.proxy_protocol && self.trusted_proxies.is_empty() {
            return wrong(
                "proxy_protocol",
                "has no effect without `trusted_proxies`: only they may send a PROXY header",
            );
        }
        self.check_ports()?;
        let of_header = self.device_ip_from.iter().find_map(|origin| match origin {
            AddressOrigin::Header(name) => Some(format!("header:{name}")),
            AddressOrigin::Forwarded => Some("forwarded".to_owned()),
            _ => None,
        });
        if let Some(origin) = of_header.filter(|_| self.trusted_proxies.is_empty()) {
            let problem = "has no effect without `trusted_proxies`: only they are believed about a header";
            return wrong("device_ip_from", &format!("`{origin}` {problem}"));
        }
        if self.device_ip_from.is_empty() {
            return wrong("device_ip_from", "has no entry: write [\"peer\"] for the address of the connection");
        }
        let streams = usize::try_from(self.max_streams).unwrap_or(usize::MAX);
        for (key, count) in
            [("max_connections", self.max_connections), ("max_in_flight", self.max_in_flight), ("max_streams", streams)]
        {
            check_count(SERVER, key, count)?;
        }
        if self.max_unread_bytes < LEAST_UNREAD {
            return wrong(
                "max_unread_bytes",
                &format!("is below {LEAST_UNREAD}: clients that read would lose their connections"),
            );
        }
        if self.keep_requests > MOST_KEPT {
            return wrong("keep_requests", &format!("is above {MOST_KEPT}: the requests are kept in memory"));
        }
        let drain = self.drain;
        for (key, time, may_be_zero) in [
            ("max_lag", self.max_lag, false),
            ("header_timeout", self.header_timeout, false),
            ("body_timeout", self.body_timeout, false),
            ("write_timeout", self.write_timeout, false),
            ("idle_timeout", self.idle_timeout, false),
            ("answer_reserve", self.answer_reserve, true),
            ("drain.announce", drain.announce, true),
            ("drain.requests", drain.requests, true),
            ("drain.beacons", drain.beacons, true),
        ] {
            if time.is_zero() && !may_be_zero {
                return wrong(key, "is zero: no request would be answered");
            }
            if time > LONGEST_TIME {
                return wrong(key, "is longer than a day");
            }
        }
        check_rate(SERVER, "rate_per_client", self.rate_per_client, 0.0)
    }

    /// Two sockets cannot listen on the same address.
    fn check_ports(&self) -> Result<(), GatewayConfigError> {
        let listen = self.listen.iter().filter_map(|address| Some(("listen", address.tcp()?)));
        let inner = [("admin", Some(self.admin)), ("probes", self.probes)];
        let inner = inner.into_iter().filter_map(|(key, address)| Some((key, address?)));
        let mut taken: Vec<(&str, SocketAddr)> = Vec::new();
        for (key, address) in listen.chain(inner) {
            if let Some((other, taken)) = taken.iter().find(|(_, taken)| is_same_socket(*taken, address)) {
                let problem = format!("{address} is taken by `{other}` ({taken}): choose another port");
                return Err(GatewayConfigError::of_key(SERVER, key, problem));
            }
            taken.push((key, address));
        }
        Ok(())
    }
}

impl TelemetryConfig {
    fn check(&self) -> Result<(), GatewayConfigError> {
        let wrong = |key: &str, problem: &str| Err(GatewayConfigError::of_key(TELEMETRY, key, problem));
        let is_right =
            |url: &Url| ["http", "https"].contains(&url.scheme()) && url.query().is_none() && url.fragment().is_none();
        if !Url::parse(&self.otlp).is_ok_and(|url| is_right(&url)) {
            return wrong("otlp", "is not the URL of a collector: write for example `http://127.0.0.1:4318`");
        }
        for (key, share) in [("sample", self.sample), ("slowest", self.slowest)] {
            if !(0.0..=1.0).contains(&share) {
                return wrong(key, "is not a share from 0 to 1");
            }
        }
        if !(SHORTEST_INTERVAL..=LONGEST_TIME).contains(&self.metrics_interval) {
            return wrong("metrics_interval", "is not between a second and a day");
        }
        if self.service_name.trim().is_empty() || self.service_name.len() > LONGEST_NAME {
            return wrong("service_name", &format!("is empty, or longer than {LONGEST_NAME} bytes"));
        }
        for AccessKey { name, secret } in &self.headers {
            let is_name = name.parse::<http::HeaderName>().is_ok();
            if !is_name || http::HeaderValue::from_str(secret.reveal()).is_err() {
                return wrong(&format!("headers.{name}"), "has a character that a header cannot have");
            }
        }
        if self.signals.is_empty() {
            return wrong("signals", "names nothing that is sent: leave the table out");
        }
        Ok(())
    }
}

impl TenantConfig {
    /// `table` is its table in the file.
    fn check(&self, table: &str) -> Result<(), GatewayConfigError> {
        check_rate(table, "rate", self.rate, 0.0)?;
        check_rate(table, "burst", self.burst, 1.0)?;
        if self.burst.is_some() && self.rate.is_none() {
            return Err(GatewayConfigError::of_key(table, "burst", "has no effect without `rate`"));
        }
        self.max_in_flight.map_or(Ok(()), |count| check_count(table, "max_in_flight", count))?;
        for origin in self.origins.iter().flatten() {
            check_origin(origin).map_err(|problem| GatewayConfigError::of_key(table, "origins", problem))?;
        }
        Ok(())
    }
}

/// Whether a socket for one of the addresses keeps the other one from listening. The operating system chooses another port for each 0.
fn is_same_socket(one: SocketAddr, other: SocketAddr) -> bool {
    let (ip, other_ip) = (one.ip().to_canonical(), other.ip().to_canonical());
    let is_any = ip.is_unspecified() || other_ip.is_unspecified();
    one.port() == other.port() && one.port() != 0 && (ip == other_ip || (is_any && ip.is_ipv4() == other_ip.is_ipv4()))
}

/// Checks the name of a tenant or a placement, which is a part of URLs and labels.
///
/// # Errors
/// What a name may be.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let is_name_char = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(is_name_char) {
        return Ok(());
    }
    Err(format!("`{name}` is not a name: use letters, digits, `-` and `_`, at most {LONGEST_NAME} of them"))
}

fn check_count(table: &str, key: &str, count: usize) -> Result<(), GatewayConfigError> {
    match count {
        0 => Err(GatewayConfigError::of_key(table, key, "is 0: no request would be answered")),
        1..=HIGHEST_COUNT => Ok(()),
        _ => Err(GatewayConfigError::of_key(table, key, format!("is above {HIGHEST_COUNT}"))),
    }
}

/// Checks a rate or a burst, which must be above 0 and at least `least`.
fn check_rate(table: &str, key: &str, rate: Option<f64>, least: f64) -> Result<(), GatewayConfigError> {
    let wrong = |problem: String| Err(GatewayConfigError::of_key(table, key, problem));
    match rate {
        Some(rate) if rate.is_nan() || rate <= 0.0 => wrong("is not above 0: every request would be shed".to_owned()),
        Some(rate) if rate < least => wrong(format!("is below {least}")),
        Some(rate) if rate > HIGHEST_RATE => wrong(format!("is above {HIGHEST_RATE}: leave it out for no limit")),
        _ => Ok(()),
    }
}

/// Checks an origin, which is compared with the text that browsers send.
fn check_origin(origin: &str) -> Result<(), String> {
    if ["*", "null"].contains(&origin) {
        return Ok(());
    }
    let form =
        || format!("`{origin}` is not an origin: write for example `https://player.example`, without a path, or `*`");
    let (scheme, authority) = origin.split_once("://").ok_or_else(form)?;
    if scheme.is_empty() || authority.contains(['/', '?', '#', '@', '*']) || origin.contains(char::is_whitespace) {
        return Err(form());
    }
    // Browsers send these origins without a default port, and names in other scripts as ASCII.
    if ["http", "https"].contains(&&*scheme.to_ascii_lowercase()) {
        let sent = Url::parse(origin).map_err(|_| form())?.origin().ascii_serialization();
        if !sent.eq_ignore_ascii_case(origin) {
            return Err(format!("`{origin}` is sent by browsers as `{sent}`: write that"));
        }
    }
    Ok(())
}
