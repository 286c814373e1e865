//! A tenant: its keys, its limits and how much of them is used.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use http::HeaderValue;

use super::keys::KeyRing;
use crate::config::TenantConfig;
use crate::rate::RateLimiter;

/// A tenant.
pub(crate) struct Tenant {
    pub(crate) name: String,
    pub(crate) keys: KeyRing,
    pub(crate) rate: Option<f64>,
    pub(crate) burst: f64,
    pub(crate) max_in_flight: Option<usize>,
    pub(crate) origins: PermittedOrigins,
    /// How much of the limits is used. A newer configuration goes on with it.
    pub(crate) usage: Arc<TenantUsage>,
}

/// How much of the limits of a tenant is used.
#[derive(Debug, Default)]
pub(crate) struct TenantUsage {
    pub(crate) in_flight: AtomicUsize,
    pub(crate) rate: RateLimiter,
}

impl Tenant {
    pub(crate) fn compile(name: &str, config: &TenantConfig, older: Option<&Self>) -> Self {
        Self {
            name: name.to_owned(),
            keys: KeyRing::new(&config.keys),
            rate: config.rate,
            burst: config.burst.or(config.rate.map(|rate| 2.0 * rate)).unwrap_or(1.0),
            max_in_flight: config.max_in_flight,
            origins: PermittedOrigins::new(config.origins.as_deref()),
            usage: older.map(|older| Arc::clone(&older.usage)).unwrap_or_default(),
        }
    }
}

/// The origins whose pages may read the answers of player routes.
#[derive(Debug, Clone, Default)]
pub(crate) struct PermittedOrigins {
    /// `None` for all.
    permitted: Option<Vec<String>>,
}

impl PermittedOrigins {
    fn new(origins: Option<&[String]>) -> Self {
        let listed = origins.filter(|origins| !origins.iter().any(|origin| origin == "*"));
        Self { permitted: listed.map(<[String]>::to_vec) }
    }

    /// The origin as it is sent back, if its pages may read the answer.
    pub(crate) fn echo(&self, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
        let origin = origin?;
        let is_permitted = match &self.permitted {
            None => true,
            Some(permitted) => {
                permitted.iter().any(|one| origin.to_str().is_ok_and(|origin| origin.eq_ignore_ascii_case(one)))
            }
        };
        is_permitted.then(|| origin.clone())
    }
}
