//! Which requests are answered when there are more than the gateway or a tenant may have. This is decided before anything of a request
//! is read except its path and its key, so that refusing costs little.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use quick_cache::sync::Cache;
use tokio::time::Instant;

use crate::config::ServerConfig;
use crate::generation::Tenant;
use crate::outcome::ShedReason;
use crate::rate::RateLimiter;

/// The number of client addresses whose rate is known.
const MOST_CLIENTS: usize = 200_000;
/// How often the lag is measured.
const TICK: Duration = Duration::from_millis(10);
/// The number of measurements from which the share is decided.
const TICKS: u32 = 100;
/// By how much the share changes at once, and its highest value, in parts of 1,000.
const STEP: u32 = 100;
const MOST_SHED: u32 = 900;

/// The limits of all requests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AdmissionLimits {
    max_in_flight: usize,
    rate_per_client: Option<f64>,
}

impl From<&ServerConfig> for AdmissionLimits {
    fn from(config: &ServerConfig) -> Self {
        Self { max_in_flight: config.max_in_flight, rate_per_client: config.rate_per_client }
    }
}

/// Decides which requests are answered.
pub(crate) struct AdmissionControl {
    began: Instant,
    in_flight: AtomicUsize,
    lag: Lag,
    clients: Cache<IpAddr, Arc<RateLimiter>>,
}

/// The place of a request among those in flight.
pub(crate) struct AdmissionPermit {
    admission: Arc<AdmissionControl>,
    tenant: Option<Arc<Tenant>>,
}

impl AdmissionControl {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            in_flight: AtomicUsize::new(0),
            lag: Lag::default(),
            clients: Cache::new(MOST_CLIENTS),
        })
    }

    /// Permits a request, in this order: requests in flight, lag, rate of the client. `client` is the address of a caller without a key.
    /// The client comes before its tenant ([`AdmissionPermit::take_from`]), so that what one client sends too much takes nothing of it.
    ///
    /// # Errors
    /// The limit that the request exceeds.
    pub(crate) fn admit(
        self: &Arc<Self>,
        limits: AdmissionLimits,
        client: Option<IpAddr>,
    ) -> Result<AdmissionPermit, ShedReason> {
        let permit = self.enter(limits)?;
        if self.lag.sheds() {
            return Err(ShedReason::Lag);
        }
        self.check_client(limits, client)?;
        Ok(permit)
    }

    /// Permits the report of an event, if not too many requests are in flight and the client has not sent too many. The other limits
    /// do not hold for it: an event that is refused is lost, and it costs less than a request for an ad.
    ///
    /// # Errors
    /// [`ShedReason::InFlight`], [`ShedReason::ClientRate`].
    pub(crate) fn admit_report(
        self: &Arc<Self>,
        limits: AdmissionLimits,
        client: Option<IpAddr>,
    ) -> Result<AdmissionPermit, ShedReason> {
        let permit = self.enter(limits)?;
        self.check_client(limits, client)?;
        Ok(permit)
    }

    /// Counts a request among those in flight.
    fn enter(self: &Arc<Self>, limits: AdmissionLimits) -> Result<AdmissionPermit, ShedReason> {
        let permit = AdmissionPermit { admission: Arc::clone(self), tenant: None };
        let in_flight = self.in_flight.fetch_add(1, Ordering::Relaxed);
        if in_flight >= limits.max_in_flight { Err(ShedReason::InFlight) } else { Ok(permit) }
    }

    /// Checks the rate of the client.
    fn check_client(&self, limits: AdmissionLimits, client: Option<IpAddr>) -> Result<(), ShedReason> {
        let (Some(rate), Some(client)) = (limits.rate_per_client, client) else { return Ok(()) };
        let network = network_of(client);
        let limiter = self.clients.get_or_insert_with(&network, || Ok::<_, ShedReason>(Arc::default()))?;
        if limiter.take(rate, 2.0 * rate, self.began.elapsed()) { Ok(()) } else { Err(ShedReason::ClientRate) }
    }

    /// Sets the share of requests that is shed because of the lag.
    #[cfg(test)]
    pub(crate) fn set_shed_share(&self, share: f64) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is from 0 to 1")]
        self.lag.share.store((share * 1000.0) as u32, Ordering::Relaxed);
    }

    /// The requests in flight.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// How late tasks run, on average over the last second.
    pub(crate) fn lag(&self) -> Duration {
        Duration::from_micros(self.lag.micros.load(Ordering::Relaxed))
    }

    /// The share of requests that is shed because of the lag.
    pub(crate) fn shed_share(&self) -> f64 {
        f64::from(self.lag.share.load(Ordering::Relaxed)) / 1000.0
    }

    /// When the lag was measured last, from the start of the gateway. It stands still if the process does.
    pub(crate) fn since_measured(&self) -> Duration {
        let at = Duration::from_micros(self.lag.measured_at.load(Ordering::Relaxed));
        self.began.elapsed().saturating_sub(at)
    }

    /// Measures the lag until it is dropped. Above `highest` more requests are shed each second, below two fifths of it fewer.
    pub(crate) async fn measure_lag(&self, highest: impl Fn() -> Duration) {
        loop {
            let mut late = Duration::ZERO;
            for _ in 0..TICKS {
                let due = Instant::now() + TICK;
                tokio::time::sleep_until(due).await;
                late += due.elapsed();
                let at = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
                self.lag.measured_at.store(at, Ordering::Relaxed);
            }
            let mean = late / TICKS;
            self.lag.micros.store(u64::try_from(mean.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
            let share = next_share(self.lag.share.load(Ordering::Relaxed), mean, highest());
            self.lag.share.store(share, Ordering::Relaxed);
        }
    }
}

impl AdmissionPermit {
    /// Takes the place of the request in the rate of its tenant and among the requests of the tenant that are in flight.
    ///
    /// # Errors
    /// [`ShedReason::TenantRate`], [`ShedReason::TenantInFlight`].
    pub(crate) fn take_from(&mut self, tenant: &Arc<Tenant>) -> Result<(), ShedReason> {
        let now = self.admission.began.elapsed();
        if tenant.rate.is_some_and(|rate| !tenant.usage.rate.take(rate, tenant.burst, now)) {
            return Err(ShedReason::TenantRate);
        }
        self.tenant = Some(Arc::clone(tenant));
        let in_flight = tenant.usage.in_flight.fetch_add(1, Ordering::Relaxed);
        if tenant.max_in_flight.is_some_and(|most| in_flight >= most) {
            return Err(ShedReason::TenantInFlight);
        }
        Ok(())
    }
}

impl Drop for AdmissionPermit {
    fn drop(&mut self) {
        self.admission.in_flight.fetch_sub(1, Ordering::Relaxed);
        if let Some(tenant) = &self.tenant {
            tenant.usage.in_flight.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// How late tasks run, and the share of requests that is shed because of that.
#[derive(Debug, Default)]
struct Lag {
    micros: AtomicU64,
    measured_at: AtomicU64,
    /// In parts of 1,000.
    share: AtomicU32,
    requests: AtomicU64,
}

impl Lag {
    /// Whether this request is shed. The shed ones are spread evenly.
    fn sheds(&self) -> bool {
        let share = u64::from(self.share.load(Ordering::Relaxed));
        if share == 0 {
            return false;
        }
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        (number.wrapping_add(1).wrapping_mul(share)) / 1000 != number.wrapping_mul(share) / 1000
    }
}

/// The share after a second with this lag.
fn next_share(share: u32, lag: Duration, highest: Duration) -> u32 {
    if lag > highest {
        (share + STEP).min(MOST_SHED)
    } else if lag < highest * 2 / 5 {
        share.saturating_sub(STEP)
    } else {
        share
    }
}

/// The network of one client: the /64 of an IPv6 address, because a client has all addresses of it.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{AccessKey, TenantConfig};

    fn limits(max_in_flight: usize, rate_per_client: Option<f64>) -> AdmissionLimits {
        AdmissionLimits { max_in_flight, rate_per_client }
    }

    fn tenant(rate: Option<f64>, max_in_flight: Option<usize>) -> Arc<Tenant> {
        let config = TenantConfig { keys: Vec::<AccessKey>::new(), rate, burst: rate, max_in_flight, origins: None };
        Arc::new(Tenant::compile("acme", &config, None))
    }

    #[tokio::test(start_paused = true)]
    async fn each_limit_sheds_with_its_reason_and_gives_its_place_back() {
        let client = |last| Some(IpAddr::from([192, 0, 2, last]));
        let none = limits(10, None);
        // Name, limits, tenant, client, permitted requests, reason.
        let cases = [
            ("in flight", limits(2, None), None, None, 2, ShedReason::InFlight),
            ("tenant in flight", none, Some(tenant(None, Some(3))), None, 3, ShedReason::TenantInFlight),
            ("tenant rate", none, Some(tenant(Some(4.0), None)), None, 4, ShedReason::TenantRate),
            ("client rate", limits(10, Some(2.0)), None, client(1), 4, ShedReason::ClientRate),
        ];
        for (name, limits, tenant, client, permitted, reason) in cases {
            let admission = AdmissionControl::new();
            let admit = || {
                let mut permit = admission.admit(limits, client)?;
                tenant.as_ref().map_or(Ok(()), |tenant| permit.take_from(tenant)).map(|()| permit)
            };
            let permits: Vec<_> = (0..permitted).map(|_| admit()).collect();
            assert!(permits.iter().all(Result::is_ok), "{name}");
            assert_eq!(admit().err(), Some(reason), "{name}");
            assert_eq!(admission.in_flight(), permitted, "{name}: a shed request is not in flight");
            drop(permits);
            tokio::time::advance(Duration::from_secs(2)).await;
            assert!(admit().is_ok(), "{name}");
            assert_eq!(admission.in_flight(), 0, "{name}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn clients_of_one_ipv6_network_share_a_rate() {
        let admission = AdmissionControl::new();
        let admit = |text: &str| admission.admit(limits(9, Some(1.0)), Some(text.parse().expect("an address")));
        assert!(admit("2001:db8:1:2::1").is_ok() && admit("2001:db8:1:2::2").is_ok());
        assert_eq!(admit("2001:db8:1:2:ffff::3").err(), Some(ShedReason::ClientRate));
        assert!(admit("2001:db8:1:3::1").is_ok());
    }

    #[test]
    fn the_share_follows_the_lag() {
        let highest = Duration::from_millis(50);
        for (share, lag, expected) in
            [(0, 51, 100), (100, 80, 200), (900, 500, 900), (200, 30, 200), (200, 19, 100), (0, 0, 0)]
        {
            assert_eq!(next_share(share, Duration::from_millis(lag), highest), expected, "{share} {lag}");
        }
    }

    #[test]
    fn shed_requests_are_spread_evenly() {
        let lag = Lag::default();
        lag.share.store(300, Ordering::Relaxed);
        let shed: Vec<bool> = (0..1000).map(|_| lag.sheds()).collect();
        assert_eq!(shed.iter().filter(|shed| **shed).count(), 300);
        assert!(shed.chunks(10).all(|ten| ten.iter().filter(|shed| **shed).count() == 3));
    }
}
