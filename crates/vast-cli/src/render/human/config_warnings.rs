//! Warnings about a configuration: settings that are valid and have no effect, or not the effect that was probably meant.

use vast_client::config::Location;
use vast_client::{ClientConfig, FetchConfig, SourceConfig, SourceOrder};

/// The warnings, each with the source or arm that it is about. `names` are those of the sources and then of the fallbacks.
pub(super) fn warnings(config: &ClientConfig, names: &[&str]) -> Vec<(String, String)> {
    let fetch = &config.fetch;
    let all = fetch.sources.iter().chain(&fetch.fallbacks);
    let of_sources = all.zip(names).flat_map(|(source, name)| {
        let texts =
            [cache(source), macros(source), timeout(source, fetch), weight(source, fetch), open_network(source)];
        texts.into_iter().flatten().map(|text| ((*name).to_owned(), text))
    });
    let mut found: Vec<_> = of_sources.collect();
    found.extend(of_arms(fetch, names));
    found
}

/// A cache that requests with a viewer do not use.
fn cache(source: &SourceConfig) -> Option<String> {
    let is_unshared = (source.cache.ttl.is_some() || source.cache.negative.is_some()) && !source.cache.shared;
    is_unshared.then(|| {
        "requests with a device or consent do not use this cache, and in a gateway every request has a device: set \
         `cache_shared = true` to use it for them"
            .to_owned()
    })
}

/// Macros whose values differ from viewer to viewer or from request to request.
const OWN_VALUES: [&str; 4] = ["[TRANSACTIONID]", "[IFA]", "[DEVICEIP]", "[CLIENTUA]"];

/// A cache whose key is different in each request.
fn macros(source: &SourceConfig) -> Option<String> {
    let Location::Url(url) = &source.location else { return None };
    source.cache.ttl?;
    let found = OWN_VALUES.into_iter().find(|name| url.contains(name))?;
    Some(format!("the URL has {found}, so few requests have the same URL and the cache seldom has an answer"))
}

fn timeout(source: &SourceConfig, fetch: &FetchConfig) -> Option<String> {
    let of_request = fetch.strategy.limits.timeout;
    let own = source.source_timeout.filter(|own| *own > of_request)?;
    Some(format!("`source_timeout` ({own:?}) is longer than `timeout` ({of_request:?}), which ends it"))
}

fn weight(source: &SourceConfig, fetch: &FetchConfig) -> Option<String> {
    let uses = |order: SourceOrder| matches!(order, SourceOrder::Weighted | SourceOrder::Split);
    let is_used = uses(fetch.strategy.order) || fetch.arms.iter().filter_map(|arm| arm.order).any(uses);
    let problem = "`weight` has no effect: only `order = \"weighted\"` and `order = \"split\"` use it";
    (source.weight != 1 && !is_used).then(|| problem.to_owned())
}

fn open_network(source: &SourceConfig) -> Option<String> {
    let problem = "`allow_private = true`: redirects, wrappers and trackers of this source may call private addresses";
    source.allow_private.then(|| problem.to_owned())
}

fn of_arms(fetch: &FetchConfig, names: &[&str]) -> Vec<(String, String)> {
    if fetch.arms.is_empty() {
        return Vec::new();
    }
    let is_in_an_arm = |name: &str| fetch.arms.iter().any(|arm| arm.sources.iter().any(|source| source == name));
    let unused = names.iter().take(fetch.sources.len()).filter(|name| !is_in_an_arm(name));
    let unused = unused.map(|name| ((*name).to_owned(), "no arm asks this source".to_owned()));
    let empty = fetch.arms.iter().filter(|arm| arm.share == 0.0);
    let empty = empty.map(|arm| (arm.name.clone(), "this arm gets no request: its share is 0".to_owned()));
    unused.chain(empty).collect()
}
