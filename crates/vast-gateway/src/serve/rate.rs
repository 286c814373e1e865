//! Limits of requests per second for a tenant and for a client: the generic cell rate algorithm (GCRA), which behaves as a
//! token bucket and needs one number of state. The time is an argument.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use quick_cache::sync::Cache;
use tokio::time::Instant;

use super::load::Shed;

/// How many requests per second are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RateLimit {
    pub(crate) per_second: NonZeroU32,
    /// So many requests may come at the same time after a pause.
    pub(crate) burst: NonZeroU32,
}

/// The state of one rate limit: the time at which the requests taken so far are used up, in nanoseconds.
#[derive(Debug, Default)]
struct RequestBucket(AtomicU64);

impl RequestBucket {
    /// Whether a request at the time `now` is within the limit. A refused request does not count.
    fn take(&self, now: Duration, limit: RateLimit) -> bool {
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let interval = 1_000_000_000 / u64::from(limit.per_second.get());
        let tolerance = interval.saturating_mul(u64::from(limit.burst.get() - 1));
        let next = |used_up: u64| {
            (used_up <= now.saturating_add(tolerance)).then(|| used_up.max(now).saturating_add(interval))
        };
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }
}

/// The limits of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct TenantLimits {
    pub(crate) rate: Option<RateLimit>,
    /// Requests at the same time.
    pub(crate) max_in_flight: Option<usize>,
}

/// The load of one tenant. It outlives the configuration that named its limits.
#[derive(Debug)]
pub(crate) struct TenantLoad {
    origin: Instant,
    bucket: RequestBucket,
    in_flight: AtomicUsize,
}

/// A request of a tenant in flight. Dropping it ends the request.
#[derive(Debug)]
pub(crate) struct TenantRequest(Arc<TenantLoad>);

impl Drop for TenantRequest {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl TenantLoad {
    pub(crate) fn new(now: Instant) -> Arc<Self> {
        Arc::new(Self { origin: now, bucket: RequestBucket::default(), in_flight: AtomicUsize::new(0) })
    }

    /// Takes a request of the tenant or sheds it.
    ///
    /// # Errors
    /// The reason for which it is shed.
    pub(crate) fn enter(self: &Arc<Self>, now: Instant, limits: &TenantLimits) -> Result<TenantRequest, Shed> {
        if limits.rate.is_some_and(|limit| !self.bucket.take(now.saturating_duration_since(self.origin), limit)) {
            return Err(Shed::TenantRate);
        }
        let before = self.in_flight.fetch_add(1, Ordering::Relaxed);
        let entered = TenantRequest(Arc::clone(self));
        if limits.max_in_flight.is_some_and(|most| before >= most) {
            return Err(Shed::TenantInFlight);
        }
        Ok(entered)
    }

    /// Requests in flight.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }
}

/// How many clients are remembered. A client that was forgotten begins with a full burst.
const MAX_CLIENTS: usize = 200_000;

/// The rate of each client.
#[derive(Debug)]
pub(crate) struct ClientRates {
    origin: Instant,
    limit: RateLimit,
    clients: Cache<u64, Arc<RequestBucket>>,
}

impl ClientRates {
    pub(crate) fn new(now: Instant, limit: RateLimit) -> Self {
        Self { origin: now, limit, clients: Cache::new(MAX_CLIENTS) }
    }

    /// Takes a request of the client or sheds it.
    ///
    /// # Errors
    /// The reason for which it is shed.
    pub(crate) fn enter(&self, now: Instant, client: IpAddr) -> Result<(), Shed> {
        let bucket =
            self.clients.get_or_insert_with(&client_key(client), || Ok::<_, std::convert::Infallible>(Arc::default()));
        let Ok(bucket) = bucket;
        let taken = bucket.take(now.saturating_duration_since(self.origin), self.limit);
        if taken { Ok(()) } else { Err(Shed::ClientRate) }
    }
}

/// One key per IPv4 address and per IPv6 network of 64 bits, which is the smallest that a subscriber gets. IPv4 addresses
/// are below 2^32, which no public IPv6 network is.
fn client_key(client: IpAddr) -> u64 {
    match client.to_canonical() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => (address.to_bits() >> 64) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(per_second: u32, burst: u32) -> RateLimit {
        RateLimit { per_second: NonZeroU32::new(per_second).unwrap(), burst: NonZeroU32::new(burst).unwrap() }
    }

    /// The requests that are taken of `sent` requests at each time in milliseconds.
    #[track_caller]
    fn check(limit: RateLimit, requests: &[(u64, usize)], expected: &[usize]) {
        let bucket = RequestBucket::default();
        let taken =
            |&(at, sent): &(u64, usize)| (0..sent).filter(|_| bucket.take(Duration::from_millis(at), limit)).count();
        assert_eq!(requests.iter().map(taken).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_bucket_takes_its_burst_and_then_its_rate() {
        check(limit(10, 1), &[(0, 3), (99, 1), (100, 2), (1_000, 5)], &[1, 0, 1, 1]);
        check(limit(10, 5), &[(0, 9), (100, 9), (350, 9), (60_000, 9)], &[5, 1, 2, 5]);
        check(limit(1_000, 1), &[(0, 2), (1, 2), (2, 2)], &[1, 1, 1]);
        check(limit(u32::MAX, 1), &[(0, 3)], &[3]);
        check(limit(1, u32::MAX), &[(0, 1_000)], &[1_000]);
    }

    #[test]
    fn a_refused_request_does_not_count() {
        check(limit(10, 1), &[(0, 1), (50, 1_000), (100, 1)], &[1, 0, 1]);
    }

    #[test]
    fn a_tenant_is_shed_by_its_rate_first() {
        let now = Instant::now();
        let tenant = TenantLoad::new(now);
        let limits = TenantLimits { rate: Some(limit(10, 2)), max_in_flight: Some(1) };
        let first = tenant.enter(now, &limits).unwrap();
        assert_eq!(tenant.enter(now, &limits).unwrap_err(), Shed::TenantInFlight);
        assert_eq!(tenant.enter(now, &limits).unwrap_err(), Shed::TenantRate);
        assert_eq!(tenant.in_flight(), 1);
        drop(first);
        tenant.enter(now + Duration::from_millis(100), &limits).unwrap();
        assert_eq!(tenant.in_flight(), 0);
        let unlimited: Vec<_> = (0..100).map(|_| tenant.enter(now, &TenantLimits::default()).unwrap()).collect();
        assert_eq!(tenant.in_flight(), unlimited.len());
    }

    #[test]
    fn the_clients_of_one_ipv6_network_share_a_rate() {
        let now = Instant::now();
        let rates = ClientRates::new(now, limit(1, 1));
        let requests = [
            ("192.0.2.1", true),
            ("192.0.2.1", false),
            ("::ffff:192.0.2.1", false),
            ("192.0.2.2", true),
            ("2001:db8:0:1::1", true),
            ("2001:db8:0:1:ffff::2", false),
            ("2001:db8:0:2::1", true),
        ];
        for (client, taken) in requests {
            assert_eq!(rates.enter(now, client.parse().unwrap()).is_ok(), taken, "{client}");
        }
    }

    #[test]
    fn the_table_of_clients_is_bounded() {
        let now = Instant::now();
        let rates = ClientRates { origin: now, limit: limit(1, 1), clients: Cache::new(100) };
        for client in 0..10_000u32 {
            rates.enter(now, IpAddr::from(client.to_be_bytes())).unwrap();
        }
        assert!(rates.clients.len() <= 100);
    }
}
