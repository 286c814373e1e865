//! The TOML form of a gateway's configuration.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde::Deserialize;
use serde::de::{self, DeserializeOwned, Deserializer};
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vast_client::config::{DurationValue, nearest_name};
use vast_client::transport::EgressProxy;
use vast_client::{ClientConfig, ConfigError, ConfigKey, MAX_CONFIG_BYTES, read_regular_file};

use super::check::check_name;
use super::cluster::ClusterTable;
use super::placement_table::{OWN_KEYS, PlacementTable, with_own_keys};
use super::secret::{AccessKey, SecretText, TokenSecret};
use super::secret_table::{OutboxTable, SecretTable};
use super::telemetry::TelemetryTable;
use super::value::{KeyTable, ListenList, NetworkValue};
use super::{
    AddressOrigin, CLUSTER, DrainLimits, GatewayConfig, GatewayConfigError, OUTBOX, OnShed, PLACEMENT, PlacementConfig,
    SECRET, SERVER, ServerConfig, TELEMETRY, TENANT, TelemetryConfig, TenantConfig, TlsFiles,
};

/// A table of the file with its position.
type Table<'i> = Spanned<DeTable<'i>>;

/// A configuration file that was read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LoadedFile {
    /// The text.
    pub text: String,
    /// The configuration.
    pub config: GatewayConfig,
}

impl GatewayConfig {
    /// Reads a TOML file. Relative paths in it start at its folder.
    ///
    /// # Errors
    /// A [`GatewayConfigError`]: the file cannot be read, or the first wrong key with its line.
    pub fn load(path: &Path) -> Result<LoadedFile, GatewayConfigError> {
        let unreadable = |problem: String| GatewayConfigError { table: None, error: ConfigError::general(problem) };
        let bytes = read_regular_file(path, MAX_CONFIG_BYTES).map_err(|error| unreadable(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| unreadable("not UTF-8 text".to_owned()))?;
        let config = Self::parse(&text, path.parent().unwrap_or(Path::new("")))?;
        Ok(LoadedFile { text, config })
    }

    /// Whether the text is the configuration of a gateway: it has one of the tables `server`, `tenant` and `placement`, or one whose name is
    /// wrong and begins so, or is similar to that of a table of a gateway.
    pub fn is_gateway_file(text: &str) -> bool {
        let tables = DeTable::parse(text).map(Spanned::into_inner).unwrap_or_default();
        tables.iter().any(|(key, value)| {
            let key = &**key.get_ref();
            [SERVER, TENANT, PLACEMENT].iter().any(|table| key.starts_with(table))
                || matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_)) && is_nearly_table(key)
        })
    }

    /// Reads TOML. Relative paths in it are taken from `base`.
    ///
    /// # Errors
    /// A [`GatewayConfigError`] for the first unknown key or wrong value, with its line and the accepted values.
    pub fn parse(text: &str, base: &Path) -> Result<Self, GatewayConfigError> {
        let root = DeTable::parse(text).map_err(|error| of_file(ConfigError::of_toml(text, &error)))?;
        let reader = TableReader { text, base };
        let mut config = Self::default();
        for (key, value) in root.into_inner() {
            let line = reader.line(key.span().start);
            match &**key.get_ref() {
                SERVER => config.server = reader.server(as_table(value, SERVER, line)?)?,
                TENANT => config.tenants = reader.entries(value, TENANT, line, TableReader::tenant)?,
                PLACEMENT => config.placements = reader.entries(value, PLACEMENT, line, TableReader::placement)?,
                SECRET => config.secrets = reader.secrets(value)?,
                OUTBOX => {
                    let OutboxTable { path } = reader.read(OUTBOX, as_table(value, OUTBOX, line)?)?;
                    config.outbox = Some(base.join(path));
                }
                TELEMETRY => config.telemetry = Some(reader.telemetry(as_table(value, TELEMETRY, line)?)?),
                CLUSTER => {
                    let table: ClusterTable = reader.read(CLUSTER, as_table(value, CLUSTER, line)?)?;
                    let wrong = |(key, problem)| GatewayConfigError::of_key(CLUSTER, key, problem);
                    config.cluster = Some(table.read(base).map_err(wrong)?);
                }
                other => return Err(of_file(at_line(line, problem_of_table(other)))),
            }
        }
        Ok(config)
    }
}

/// The tables of a file.
const TABLES: [&str; 7] = [SERVER, OUTBOX, CLUSTER, SECRET, TELEMETRY, TENANT, PLACEMENT];

/// Whether the name was probably intended to be that of a table of a gateway, and not that of a key of a client.
fn is_nearly_table(name: &str) -> bool {
    let known: Vec<&str> = ConfigKey::ALL.iter().map(|key| key.as_str()).chain(TABLES).collect();
    nearest_name(name, &known).is_some_and(|meant| meant != name && TABLES.contains(&meant))
}

/// What is wrong with a key or a table of this name outside of tables.
fn problem_of_table(name: &str) -> String {
    if ConfigKey::from_name(name).is_some() {
        return format!("`{name}` belongs to a placement: write it in [{PLACEMENT}.NAME]");
    }
    if let Some(meant) = nearest_name(name, &TABLES) {
        return format!("unknown table `{name}`: did you mean `{meant}`?");
    }
    format!(
        "unknown table `{name}`: the tables are {SERVER}, {OUTBOX}, {CLUSTER}, {SECRET}, {TELEMETRY}, {TENANT}.NAME, {PLACEMENT}.NAME"
    )
}

/// The key of a line `key = value`; `None` for any other line.
fn key_of(line: &str) -> Option<&str> {
    let key = line.split_once('=')?.0.trim();
    let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    is_key.then_some(key)
}

/// An error at this line of the file.
fn at_line(line: usize, problem: String) -> ConfigError {
    let mut error = ConfigError::general(problem);
    error.line = Some(line);
    error
}

fn of_file(error: ConfigError) -> GatewayConfigError {
    GatewayConfigError { table: None, error }
}

/// The value as a table.
fn as_table<'i>(value: Spanned<DeValue<'i>>, name: &str, line: usize) -> Result<Table<'i>, GatewayConfigError> {
    let span = value.span();
    match value.into_inner() {
        DeValue::Table(table) => Ok(Spanned::new(span, table)),
        other => {
            let form = if [TENANT, PLACEMENT].contains(&name) { format!("{name}.NAME") } else { name.to_owned() };
            let problem = format!("`{name}` is of the type {}: write a table, [{form}]", other.type_str());
            Err(of_file(at_line(line, problem)))
        }
    }
}

/// Reads the tables of one file.
#[derive(Clone, Copy)]
struct TableReader<'a> {
    text: &'a str,
    /// Where relative paths start.
    base: &'a Path,
}

impl TableReader<'_> {
    /// The number of the line at this byte, from 1.
    fn line(&self, at: usize) -> usize {
        self.text.get(..at).unwrap_or_default().matches('\n').count() + 1
    }

    /// The tables within `value`, each with its name: `[placement.NAME]`.
    fn entries<'i, T>(
        &self,
        value: Spanned<DeValue<'i>>,
        kind: &str,
        line: usize,
        read: impl Fn(&Self, &str, Table<'i>) -> Result<T, GatewayConfigError>,
    ) -> Result<BTreeMap<String, T>, GatewayConfigError> {
        let mut entries = BTreeMap::new();
        for (key, value) in as_table(value, kind, line)?.into_inner() {
            let (name, line) = (key.get_ref().to_string(), self.line(key.span().start));
            check_name(&name).map_err(|problem| GatewayConfigError::of_table(kind, at_line(line, problem)))?;
            let table = format!("{kind}.{name}");
            let entry = read(self, &table, as_table(value, &table, line)?)?;
            entries.insert(name, entry);
        }
        Ok(entries)
    }

    /// The content of `table`.
    fn read<T: DeserializeOwned>(&self, name: &str, table: Table<'_>) -> Result<T, GatewayConfigError> {
        let read = T::deserialize(toml::Deserializer::from(table));
        read.map_err(|error| self.wrong(name, &error))
    }

    /// The error of the content of the table `name`, with the key at its line where the message does not name it.
    fn wrong(&self, name: &str, error: &toml::de::Error) -> GatewayConfigError {
        let error = ConfigError::of_toml(self.text, error);
        let key = error.line.filter(|_| error.path.to_string().is_empty()).and_then(|line| self.key_above(line));
        match key.filter(|key| !error.problem.contains(&format!("`{key}`"))) {
            Some(key) => GatewayConfigError::of_table(format!("{name}.{key}"), error),
            None => GatewayConfigError::of_table(name, error),
        }
    }

    /// The key whose value is at this line, which is above it for a value of several lines. `None` if the line is the head of a table.
    fn key_above(&self, line: usize) -> Option<&str> {
        let lines: Vec<&str> = self.text.lines().take(line).map(str::trim).collect();
        let begins =
            lines.iter().rev().find(|line| line.starts_with('[') && line.ends_with(']') || key_of(line).is_some());
        begins.and_then(|line| key_of(line))
    }

    fn server(&self, table: Table<'_>) -> Result<ServerConfig, GatewayConfigError> {
        let table: ServerTable = self.read(SERVER, table)?;
        let mut server = ServerConfig::default();
        table.fill_sockets(&mut server);
        table.fill_limits(&mut server);
        server.listen = server.listen.into_iter().map(|address| address.within(self.base)).collect();
        server.ca_file = table.ca_file.map(|path| self.base.join(path));
        server.proxy = table.proxy;
        server.tls = table.tls.map(|TlsTable { certificate, key }| TlsFiles {
            certificate: self.base.join(certificate),
            key: self.base.join(key),
        });
        server.admin_keys = self.keys(SERVER, "admin_keys", table.admin_keys)?;
        Ok(server)
    }

    fn telemetry(&self, table: Table<'_>) -> Result<TelemetryConfig, GatewayConfigError> {
        let mut table: TelemetryTable = self.read(TELEMETRY, table)?;
        let headers = self.keys(TELEMETRY, "headers", std::mem::take(&mut table.headers))?;
        Ok(table.with_headers(headers))
    }

    fn tenant(&self, name: &str, table: Table<'_>) -> Result<TenantConfig, GatewayConfigError> {
        let TenantTable { keys, rate, burst, max_in_flight, origins } = self.read(name, table)?;
        let keys = self.keys(name, "keys", keys)?;
        Ok(TenantConfig { keys, rate, burst, max_in_flight, origins })
    }

    fn keys(&self, table: &str, list: &str, keys: Vec<KeyTable>) -> Result<Vec<AccessKey>, GatewayConfigError> {
        let read = |KeyTable { name, env, file }: KeyTable| {
            let secret = match (env, file) {
                (Some(variable), None) => SecretText::of_variable(&variable),
                (None, Some(path)) => SecretText::of_file(&self.base.join(path)),
                _ => Err("needs `env`, the name of a variable, or `file`, a path".to_owned()),
            };
            let wrong = |problem| GatewayConfigError::of_key(table, &format!("{list}.{name}"), problem);
            secret.map(|secret| AccessKey::new(&name, secret)).map_err(wrong)
        };
        keys.into_iter().map(read).collect()
    }

    /// The list `[[secret]]`.
    fn secrets(&self, value: Spanned<DeValue<'_>>) -> Result<Vec<TokenSecret>, GatewayConfigError> {
        if !matches!(value.get_ref(), DeValue::Array(_)) {
            let line = self.line(value.span().start);
            let problem = format!("`{SECRET}` is of the type {}: write [[{SECRET}]]", value.get_ref().type_str());
            return Err(of_file(at_line(line, problem)));
        }
        let of_toml = |error| self.wrong(SECRET, &error);
        let tables = Vec::<SecretTable>::deserialize(toml::de::ValueDeserializer::from(value)).map_err(of_toml)?;
        let mut secrets: Vec<TokenSecret> = Vec::new();
        for SecretTable { id, env, file } in tables {
            let key = KeyTable { name: id.0.to_string(), env, file };
            let read = self.keys(SECRET, "id", vec![key])?.remove(0);
            let wrong = |problem: String| GatewayConfigError::of_key(SECRET, &format!("id.{}", id.0), problem);
            if secrets.iter().any(|known| known.id == id.0) {
                return Err(wrong("stands twice: each secret needs an id of its own".to_owned()));
            }
            secrets.push(TokenSecret::new(id.0, read.secret).map_err(wrong)?);
        }
        Ok(secrets)
    }

    /// Takes the keys of a placement itself out of its table; the rest is the configuration of a client.
    fn placement(&self, name: &str, table: Table<'_>) -> Result<PlacementConfig, GatewayConfigError> {
        let span = table.span();
        let names: Vec<String> = table.get_ref().keys().map(|key| key.get_ref().to_string()).collect();
        let (own, client): (DeTable<'_>, DeTable<'_>) =
            table.into_inner().into_iter().partition(|(key, _)| OWN_KEYS.contains(&&**key.get_ref()));
        let own: PlacementTable = self.read(name, Spanned::new(span.clone(), own))?;
        let client = ClientConfig::from_table(self.text, Spanned::new(span, client), self.base);
        let client = client.map_err(|error| GatewayConfigError::of_table(name, with_own_keys(error, &names)))?;
        let PlacementTable { tenant, access, signed, track, identity, version, accept, no_ad, no_ad_url } = own;
        Ok(PlacementConfig {
            tenant,
            access,
            signed,
            track,
            identity,
            version: version.0,
            accept,
            no_ad,
            no_ad_url,
            client,
        })
    }
}

/// `[server]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ServerTable {
    listen: Option<ListenList>,
    public_url: Option<String>,
    beacon_ttl: Option<DurationValue>,
    drop_robots: bool,
    admin: Option<SocketAddr>,
    probes: Option<SocketAddr>,
    admin_keys: Vec<KeyTable>,
    trusted_proxies: Vec<NetworkValue>,
    proxy_protocol: bool,
    tls: Option<TlsTable>,
    trusted_callers: Vec<NetworkValue>,
    device_ip_from: Option<Vec<AddressOrigin>>,
    max_connections: Option<usize>,
    max_in_flight: Option<usize>,
    rate_per_client: Option<f64>,
    max_lag: Option<DurationValue>,
    on_shed: OnShed,
    header_timeout: Option<DurationValue>,
    body_timeout: Option<DurationValue>,
    write_timeout: Option<DurationValue>,
    idle_timeout: Option<DurationValue>,
    max_streams: Option<u32>,
    max_unread_bytes: Option<usize>,
    max_document_bytes: Option<u64>,
    answer_reserve: Option<DurationValue>,
    drain: DrainTable,
    ca_file: Option<PathBuf>,
    keep_requests: Option<usize>,
    proxy: Option<EgressProxy>,
    unwrap_private: bool,
}

impl ServerTable {
    fn fill_sockets(&self, server: &mut ServerConfig) {
        if let Some(listen) = &self.listen {
            server.listen.clone_from(&listen.0);
        }
        server.public_url.clone_from(&self.public_url);
        set(&mut server.beacon_ttl, self.beacon_ttl.map(|value| value.0));
        server.drop_robots = self.drop_robots;
        set(&mut server.admin, self.admin);
        server.probes = self.probes;
        server.trusted_proxies = self.trusted_proxies.iter().map(|network| network.0).collect();
        server.proxy_protocol = self.proxy_protocol;
        server.trusted_callers = self.trusted_callers.iter().map(|network| network.0).collect();
        if let Some(origins) = &self.device_ip_from {
            server.device_ip_from.clone_from(origins);
        }
    }

    fn fill_limits(&self, server: &mut ServerConfig) {
        let time = |value: Option<DurationValue>| value.map(|value| value.0);
        set(&mut server.max_connections, self.max_connections);
        set(&mut server.max_in_flight, self.max_in_flight);
        server.rate_per_client = self.rate_per_client;
        set(&mut server.max_lag, time(self.max_lag));
        server.on_shed = self.on_shed;
        set(&mut server.header_timeout, time(self.header_timeout));
        set(&mut server.body_timeout, time(self.body_timeout));
        set(&mut server.write_timeout, time(self.write_timeout));
        set(&mut server.idle_timeout, time(self.idle_timeout));
        set(&mut server.max_streams, self.max_streams);
        set(&mut server.max_unread_bytes, self.max_unread_bytes);
        set(&mut server.max_document_bytes, self.max_document_bytes);
        set(&mut server.answer_reserve, time(self.answer_reserve));
        let default = DrainLimits::default();
        let DrainTable { announce, requests, beacons } = self.drain;
        let or = |value: Option<DurationValue>, default: Duration| time(value).unwrap_or(default);
        server.drain = DrainLimits::new(
            or(announce, default.announce),
            or(requests, default.requests),
            or(beacons, default.beacons),
        );
        set(&mut server.keep_requests, self.keep_requests);
        server.unwrap_private = self.unwrap_private;
    }
}

/// `tls` of `[server]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsTable {
    certificate: PathBuf,
    key: PathBuf,
}

/// `drain` of `[server]`.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DrainTable {
    announce: Option<DurationValue>,
    requests: Option<DurationValue>,
    beacons: Option<DurationValue>,
}

/// `[tenant.NAME]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TenantTable {
    keys: Vec<KeyTable>,
    rate: Option<f64>,
    burst: Option<f64>,
    max_in_flight: Option<usize>,
    origins: Option<Vec<String>>,
}

impl<'de> Deserialize<'de> for AddressOrigin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let problem = || de::Error::custom(format!("`{text}` is not one of param, xff, forwarded, peer, header:NAME"));
        match (&*text, text.strip_prefix("header:")) {
            ("param", _) => Ok(Self::Parameter),
            ("xff", _) => Ok(Self::ForwardedFor),
            ("forwarded", _) => Ok(Self::Forwarded),
            ("peer", _) => Ok(Self::Peer),
            (_, Some(name)) => http::HeaderName::from_str(name).map(Self::Header).map_err(|_| problem()),
            _ => Err(problem()),
        }
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// The tables of a gateway's file as JSON schemas, in the order server, tenant, placement, secret, outbox, telemetry, cluster. That of a
/// placement has only the keys that are not those of a client's configuration.
pub fn configuration_schema() -> [Schema; 7] {
    let schemas = SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .with_transform(RecursiveTransform(without_null));
    let [server, tenant, placement, secret, outbox, telemetry, cluster] =
        std::array::from_fn(|_| schemas.clone().into_generator());
    let mut tables = [
        server.into_root_schema_for::<ServerConfig>(),
        tenant.into_root_schema_for::<TenantConfig>(),
        placement.into_root_schema_for::<PlacementConfig>(),
        secret.into_root_schema_for::<SecretTable>(),
        outbox.into_root_schema_for::<OutboxTable>(),
        telemetry.into_root_schema_for::<TelemetryTable>(),
        cluster.into_root_schema_for::<ClusterTable>(),
    ];
    for table in tables.iter_mut().take(3) {
        // Every key has a default.
        table.remove("required");
        let drain = table.get_mut("properties").and_then(|keys| keys.get_mut("drain"));
        drain.and_then(Value::as_object_mut).and_then(|drain| drain.remove("required"));
    }
    tables
}

/// TOML has no null: a key that is not there is left out.
fn without_null(schema: &mut Schema) {
    schema.remove("default");
    for keyword in ["type", "enum", "anyOf"] {
        let Some(Value::Array(choices)) = schema.get_mut(keyword) else { continue };
        choices.retain(|choice| !choice.is_null() && choice != "null" && choice.get("type") != Some(&"null".into()));
        if let ("type", [only]) = (keyword, &**choices) {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
}
