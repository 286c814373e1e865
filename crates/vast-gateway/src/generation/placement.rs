//! A placement: its plan, and what its callers may say.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use vast_client::stats::PlanStats;
use vast_client::xml::Version;
use vast_client::xml::macros::Macro;
use vast_client::{
    AdRequest, ConfigError, ConfigKey, ConfigPath, ConfigTable, Device, Location, Orchestrator, Plan, RunOptions,
    SourceConfig,
};

use super::operator_rules::OperatorRules;
use super::tenant::{PermittedOrigins, Tenant};
use crate::config::{Access, BeaconIdentity, GatewayConfigError, NoAdAnswer, PlacementConfig, TrackedBy};
use crate::counters::{PlacementCounters, RemovedPlacements};
use crate::parameter::{MACRO_PREFIX, problem_of_signed};

/// A placement.
pub(crate) struct Placement {
    pub(crate) name: String,
    pub(crate) tenant: Option<Arc<Tenant>>,
    /// The origins whose pages may read the answers.
    pub(crate) origins: PermittedOrigins,
    pub(crate) access: Access,
    /// The parameters that a signature covers, in the order of their names.
    pub(crate) signed: Vec<String>,
    pub(crate) track: TrackedBy,
    pub(crate) identity: BeaconIdentity,
    /// A URL that is called for each answer without an ad.
    pub(crate) no_ad_url: Option<String>,
    pub(crate) version: Option<Version>,
    pub(crate) accept: Vec<String>,
    pub(crate) no_ad: NoAdAnswer,
    /// The sources and their rules.
    pub(crate) plan: Plan,
    /// The default values of each request.
    pub(crate) request: AdRequest,
    pub(crate) options: RunOptions,
    /// The time limit of a request.
    pub(crate) timeout: Duration,
    /// Whether `ads.json` contains the document of the source.
    pub(crate) shows_document: bool,
    pub(crate) counters: Arc<PlacementCounters>,
}

/// What the placements of a configuration share.
#[derive(Clone, Copy)]
pub(super) struct PlacementParts<'a> {
    pub(super) tenants: &'a BTreeMap<String, Arc<Tenant>>,
    pub(super) orchestrator: &'a Orchestrator,
    pub(super) rules: &'a OperatorRules,
    pub(super) removed: &'a Arc<RemovedPlacements>,
}

impl Placement {
    pub(super) fn compile(
        name: &str,
        config: &PlacementConfig,
        parts: PlacementParts<'_>,
        older: Option<&Self>,
    ) -> Result<Self, GatewayConfigError> {
        let PlacementParts { tenants, orchestrator, rules, removed } = parts;
        let table = format!("placement.{name}");
        let tenant = tenant(&table, config, tenants)?;
        let of_client = |error| GatewayConfigError::of_table(&table, error);
        check_request(config).map_err(of_client)?;
        check_accepted(&config.accept).map_err(|problem| GatewayConfigError::of_key(&table, "accept", problem))?;
        check_signed(&config.signed).map_err(|problem| GatewayConfigError::of_key(&table, "signed", problem))?;
        let mut fetch = config.client.fetch.clone();
        for (tier, sources) in
            [(ConfigTable::Source as fn(usize) -> _, &fetch.sources), (ConfigTable::Fallback, &fetch.fallbacks)]
        {
            for (index, source) in sources.iter().enumerate() {
                check_host(tier(index), source).map_err(of_client)?;
            }
        }
        rules.add_to(&mut fetch.parse_filter.blocked);
        let shows_document = fetch.keep_raw;
        // Own bytes are the answer where nothing has to change.
        fetch.keep_raw = true;
        // Only the player knows when the ad is played.
        fetch.auto_track = false;
        let plan = match older {
            Some(older) => orchestrator.plan_after(&fetch, &older.plan),
            None => orchestrator.plan(&fetch),
        };
        let mut signed = config.signed.clone();
        signed.sort_unstable();
        Ok(Self {
            name: name.to_owned(),
            origins: tenant.as_ref().map(|tenant| tenant.origins.clone()).unwrap_or_default(),
            tenant,
            access: config.access,
            signed,
            track: config.track,
            identity: config.identity,
            no_ad_url: config.no_ad_url.clone(),
            version: config.version,
            accept: config.accept.clone(),
            no_ad: config.no_ad,
            plan: plan.map_err(of_client)?,
            request: config.client.request.clone(),
            options: fetch.run_options(),
            timeout: config.client.request.timeout.unwrap_or(fetch.strategy.limits.timeout),
            shows_document,
            counters: match older {
                Some(older) => Arc::clone(&older.counters),
                None => Arc::new(PlacementCounters::new(removed)),
            },
        })
    }

    /// Ejects the sources that operators have ejected, and no other.
    pub(super) fn eject_by(&self, rules: &OperatorRules) {
        for source in self.plan.source_names() {
            match rules.ejection(&self.name, source) {
                Some(_) => self.plan.eject(source),
                None => self.plan.restore(source),
            };
        }
    }

    /// Whether documents have sealed URLs in place of trackers, or beside them.
    pub(crate) fn seals_documents(&self) -> bool {
        matches!(self.track, TrackedBy::Inject | TrackedBy::Relay)
    }

    /// The numbers of its sources.
    pub(crate) fn stats(&self) -> PlanStats {
        self.plan.stats()
    }
}

/// The tenant of the placement. Access by key or signature needs one with keys.
fn tenant(
    table: &str,
    config: &PlacementConfig,
    tenants: &BTreeMap<String, Arc<Tenant>>,
) -> Result<Option<Arc<Tenant>>, GatewayConfigError> {
    let tenant = match &config.tenant {
        None => None,
        Some(name) => {
            let problem = || format!("there is no [tenant.{name}]");
            let found = tenants.get(name).cloned();
            Some(found.ok_or_else(|| GatewayConfigError::of_key(table, "tenant", problem()))?)
        }
    };
    let has_keys = tenant.as_ref().is_some_and(|tenant| !tenant.keys.is_empty());
    if config.access != Access::Open && !has_keys {
        let problem = "needs a `tenant` with `keys`: without a key nobody could ask this placement";
        return Err(GatewayConfigError::of_key(table, "access", problem));
    }
    if config.access != Access::Signed && !config.signed.is_empty() {
        let problem = "has no effect without `access = \"signed\"`";
        return Err(GatewayConfigError::of_key(table, "signed", problem));
    }
    Ok(tenant)
}

/// Refuses names that callers cannot set as macros.
fn check_accepted(names: &[String]) -> Result<(), String> {
    for (index, name) in names.iter().enumerate() {
        if let Some(name) = name.strip_prefix(MACRO_PREFIX) {
            return Err(format!("`{MACRO_PREFIX}{name}` has the prefix of the parameter: write `{name}`"));
        }
        if names[..index].contains(name) {
            return Err(format!("`{name}` is there twice"));
        }
        if Macro::from_name(name).is_some() {
            return Err(format!("`{name}` is a macro of the standard, which the gateway fills in itself"));
        }
        if name.is_empty() || name.contains(|char: char| "[]&=".contains(char) || char.is_whitespace()) {
            return Err(format!("`{name}` is not a name: write for example `genre`, without brackets"));
        }
    }
    Ok(())
}

/// Refuses names that a signature cannot cover.
fn check_signed(names: &[String]) -> Result<(), String> {
    for (index, name) in names.iter().enumerate() {
        if let Some(problem) = problem_of_signed(name) {
            return Err(format!("`{name}` {problem}"));
        }
        if names[..index].contains(name) {
            return Err(format!("`{name}` is there twice"));
        }
    }
    Ok(())
}

/// Refuses what has another meaning in a gateway than in a client: values that belong to one request.
fn check_request(config: &PlacementConfig) -> Result<(), ConfigError> {
    let request = &config.client.request;
    if request.device != Device::default() {
        let problem = "the gateway takes the device from each request: leave the keys `device_...` out";
        return Err(ConfigError::general(problem));
    }
    if request.seed.is_some() {
        let problem = "would give all requests the same random numbers: leave it out";
        return Err(ConfigError::new(ConfigKey::Seed, problem));
    }
    if config.client.fetch.ca_file.is_some() {
        let problem = "holds for all placements: write it in [server]";
        return Err(ConfigError::new(ConfigKey::CaFile, problem));
    }
    if config.client.fetch.proxy.is_some() {
        let problem = "holds for all placements: write it in [server]";
        return Err(ConfigError::new(ConfigKey::Proxy, problem));
    }
    if config.client.track == Some(true) {
        let problem = "only the player knows when an ad is played: leave `auto_track` out";
        return Err(ConfigError::new(ConfigKey::Track, problem));
    }
    request.check()
}

/// Refuses a macro in the host of a source: its value would choose the server.
fn check_host(table: ConfigTable, source: &SourceConfig) -> Result<(), ConfigError> {
    let Location::Url(url) = &source.location else { return Ok(()) };
    if !has_macro(url) || has_fixed_host(url) {
        return Ok(());
    }
    let path: ConfigPath = table.key(ConfigKey::Url);
    let problem = "a macro before the path would let a caller choose the server: begin with `https://` and the host";
    Err(ConfigError::new(path, format!("`{url}`: {problem}")))
}

fn has_macro(text: &str) -> bool {
    text.contains(['[', '$', '{', '%'])
}

/// Whether scheme, host and port are the same for all values of macros. Only the usual form is accepted, because readers of URLs disagree
/// about others: for some `http:/a/b` and `http:\\a\b` name the host `a`.
fn has_fixed_host(url: &str) -> bool {
    let is_scheme = |scheme: &str| ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let Some((_, rest)) = url.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // The brackets of an IPv6 address contain colons, those of a macro do not.
    let outside = match authority.split_once('[').and_then(|(before, rest)| Some((before, rest.split_once(']')?))) {
        Some((before, (inside, after))) if inside.contains(':') => format!("{before}{inside}{after}"),
        _ => authority.to_owned(),
    };
    !outside.is_empty() && !outside.contains('\\') && !has_macro(&outside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s18_macros_stand_behind_the_host() {
        for (url, is_right) in [
            ("https://a.example/[path]?g=[genre]", true),
            ("https://a.example?g=[genre]", true),
            ("HTTPS://a.example:8080/%%g%%", true),
            ("http://[::1]:8080/?g=[genre]", true),
            ("http://[host].example/", false),
            ("http://%%host%%/", false),
            ("http://${HOST}/", false),
            ("http://{{host}}/", false),
            ("http://a.example:[port]/", false),
            ("http://[::1]:[port]/", false),
            ("http://[::[host]]/", false),
            ("[scheme]://a.example/", false),
            ("http[s]://a.example/", false),
            ("[url]", false),
            ("//[host]/", false),
            ("http:[host]/", false),
            ("http:/[host]/", false),
            ("http:///[host]/", false),
            ("http:\\\\[host]\\", false),
            ("http://a.example\\@[host]/", false),
            ("ht\ttp://a.example/[x]", false),
            ("http:/\t/[host]/", false),
            (" http://a.example/[x]", false),
        ] {
            assert_eq!(has_fixed_host(url), is_right, "{url}");
        }
    }
}
