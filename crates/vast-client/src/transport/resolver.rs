//! Resolves names: a short cache, one lookup per name at a time, and a memory of names that hang.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::Instant;

use super::lookups::{Lookup, LookupEnd, LookupPurpose, Lookups};
use super::{TransportError, TransportErrorKind};

/// Resolves host names. Cheap to clone; clones share the cache. A host that is an address is not resolved.
///
/// Addresses are cached for 30 s. An error of the name server is not cached, so a name that works again is found at
/// once. A name without an answer in time counts as failing for 5 s. Documents and trackers have separate lookups: at
/// most 128 of each run at a time, and a lookup that hangs gives its slot to the next one after 100 ms.
///
/// By default names are resolved by the operating system (`getaddrinfo`), so that `/etc/hosts` and the name services of
/// the machine apply.
#[derive(Clone)]
pub struct Resolver(Arc<ResolverState>);

struct ResolverState {
    lookup: Option<Lookup>,
    documents: Lookups,
    trackers: Lookups,
    names: Mutex<NameCache>,
}

#[derive(Default)]
struct NameCache {
    entries: HashMap<String, CacheEntry>,
    /// The number of names of each domain that have hung, and the time until which this counts.
    hanging: HashMap<String, (usize, Instant)>,
}

enum CacheEntry {
    Known { addresses: Arc<[IpAddr]>, until: Instant },
    Pending { lookup: PendingLookup, until: Instant },
    Failing { error: TransportError, until: Instant },
}

/// The result of a lookup that is running. The lookup is a separate task, so it continues if the first caller stops
/// waiting.
type PendingLookup = Shared<BoxFuture<'static, ResolveResult>>;
type ResolveResult = Result<Arc<[IpAddr]>, TransportError>;

impl Resolver {
    /// The time for which addresses are used. The system does not report how long they are valid, and ad servers often
    /// change their addresses.
    const KEPT: Duration = Duration::from_secs(30);
    /// How long a name counts as failing after a lookup without an answer.
    const FAILING: Duration = Duration::from_secs(5);
    /// How many names are kept. Ads can name any number of hosts.
    const MAX_NAMES: usize = 1024;
    /// The largest number of lookups without an answer under one domain. Until one of them ends, no new name under it is looked up.
    const MAX_HANGING_PER_DOMAIN: usize = 8;
    /// The time after which a pending lookup is forgotten. Waiting for a slot and the lookup together take less time.
    const FORGOTTEN: Duration = Duration::from_secs(30);

    /// The resolver of the operating system.
    pub fn system() -> Self {
        Self::build(None)
    }

    /// A resolver that calls `lookup`: another DNS library, a fixed table, a test. A call without an answer is dropped after
    /// 5 s, or after 100 ms if other names wait.
    pub fn with_lookup(lookup: Lookup) -> Self {
        Self::build(Some(lookup))
    }

    fn build(lookup: Option<Lookup>) -> Self {
        let (documents, trackers) = (Lookups::new(), Lookups::new());
        Self(Arc::new(ResolverState { lookup, documents, trackers, names: Mutex::default() }))
    }

    /// The addresses of a name; never empty. Callers must set a time limit, because the wait may be long.
    ///
    /// # Errors
    /// [`TransportErrorKind::Dns`].
    pub async fn resolve(&self, host: &str) -> Result<Arc<[IpAddr]>, TransportError> {
        self.resolve_for(LookupPurpose::Document, host).await
    }

    /// Like [`resolve`](Self::resolve), with a purpose.
    pub(super) async fn resolve_for(&self, purpose: LookupPurpose, host: &str) -> ResolveResult {
        if let Some(addresses) = self.known(host) {
            return Ok(addresses);
        }
        self.pending(purpose, host)?.await
    }

    /// The addresses that are in the cache.
    pub(super) fn known(&self, host: &str) -> Option<Arc<[IpAddr]>> {
        match self.0.names().entries.get(host) {
            Some(CacheEntry::Known { addresses, until }) if *until > Instant::now() => Some(addresses.clone()),
            _ => None,
        }
    }

    /// The running lookup of a name, or a new one.
    fn pending(&self, purpose: LookupPurpose, host: &str) -> Result<PendingLookup, TransportError> {
        let now = Instant::now();
        let mut names = self.0.names();
        match names.entries.get(host).filter(|entry| entry.until() > now) {
            Some(CacheEntry::Pending { lookup, .. }) => return Ok(lookup.clone()),
            Some(CacheEntry::Failing { error, .. }) => return Err(error.clone()),
            Some(CacheEntry::Known { addresses, .. }) => {
                return Ok(std::future::ready(Ok(addresses.clone())).boxed().shared());
            }
            None => {}
        }
        let domain = domain_of(host);
        match names.hanging.get(domain) {
            Some((count, until)) if *count >= Self::MAX_HANGING_PER_DOMAIN && *until > now => {
                return Err(dns(host, &format!("other names of {domain} get no answer")));
            }
            _ => {}
        }
        names.make_room(now);
        let lookup = self.begin(purpose, host);
        names
            .entries
            .insert(host.to_owned(), CacheEntry::Pending { lookup: lookup.clone(), until: now + Self::FORGOTTEN });
        Ok(lookup)
    }

    /// Starts a lookup as a task, so that it continues if a caller stops waiting.
    fn begin(&self, purpose: LookupPurpose, host: &str) -> PendingLookup {
        let resolver = self.clone();
        let name = host.to_owned();
        let task = tokio::spawn(async move { resolver.look_up(purpose, &name).await });
        // The reference is weak, because the state owns this future.
        let state = Arc::downgrade(&self.0);
        let name = host.to_owned();
        let cancelled = move |_| {
            let error = dns(&name, "the lookup was cancelled");
            state.upgrade().inspect(|state| drop(state.names().entries.remove(&name)));
            Err(error)
        };
        task.map(|ended| ended.unwrap_or_else(cancelled)).boxed().shared()
    }

    async fn look_up(&self, purpose: LookupPurpose, name: &str) -> ResolveResult {
        let lookups = match purpose {
            LookupPurpose::Document => &self.0.documents,
            LookupPurpose::Tracker => &self.0.trackers,
        };
        let (state, late_name) = (Arc::downgrade(&self.0), name.to_owned());
        let late = move |addresses: &[IpAddr]| {
            if let Some(state) = state.upgrade().filter(|_| !addresses.is_empty()) {
                state.keep(late_name, addresses.into());
            }
        };
        let result: ResolveResult = match lookups.run(self.0.lookup.as_ref(), name, late).await {
            LookupEnd::Answered(Ok(addresses)) if addresses.is_empty() => Err(dns(name, "it has no address")),
            LookupEnd::Answered(Ok(addresses)) => Ok(Arc::from(addresses)),
            LookupEnd::Answered(Err(error)) => Err(dns(name, &error.to_string())),
            LookupEnd::Hung => {
                let error = dns(name, "there is no answer from the name server");
                self.0.fail(name, error.clone());
                return Err(error);
            }
        };
        match &result {
            Ok(addresses) => self.0.keep(name.to_owned(), addresses.clone()),
            Err(_) => drop(self.0.names().entries.remove(name)),
        }
        result
    }
}

impl ResolverState {
    fn names(&self) -> MutexGuard<'_, NameCache> {
        // Every change of the map is complete, so a panic elsewhere cannot damage it.
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, name: String, addresses: Arc<[IpAddr]>) {
        let until = Instant::now() + Resolver::KEPT;
        self.names().entries.insert(name, CacheEntry::Known { addresses, until });
    }

    fn fail(&self, name: &str, error: TransportError) {
        let now = Instant::now();
        let until = now + Resolver::FAILING;
        let mut names = self.names();
        names.entries.insert(name.to_owned(), CacheEntry::Failing { error, until });
        names.hanging.retain(|_, (_, until)| *until > now);
        if names.hanging.len() < Resolver::MAX_NAMES {
            let (count, counted_until) = names.hanging.entry(domain_of(name).to_owned()).or_insert((0, until));
            (*count, *counted_until) = (*count + 1, until);
        }
    }
}

impl CacheEntry {
    fn until(&self) -> Instant {
        match self {
            Self::Known { until, .. } | Self::Pending { until, .. } | Self::Failing { until, .. } => *until,
        }
    }
}

impl NameCache {
    /// Keeps the map within its bound: entries that have expired go first, then the one that expires next.
    fn make_room(&mut self, now: Instant) {
        if self.entries.len() < Resolver::MAX_NAMES {
            return;
        }
        self.entries.retain(|_, entry| entry.until() > now);
        if self.entries.len() >= Resolver::MAX_NAMES {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.until()).map(|(name, _)| name.clone());
            oldest.map(|name| self.entries.remove(&name));
        }
    }
}

/// The domain under which a name was probably registered: `ads.example` for `a.b.ads.example`, `ads.co.uk` for
/// `x.ads.co.uk`. The list of public suffixes would give it exactly, but a guess is enough here.
fn domain_of(name: &str) -> &str {
    let mut dots = name.rmatch_indices('.').map(|(at, _)| at);
    let (Some(last), Some(second)) = (dots.next(), dots.next()) else { return name };
    let (top_level, second_level) = (name.len() - last - 1, last - second - 1);
    let start = if top_level == 2 && second_level <= 3 { dots.next() } else { Some(second) };
    start.and_then(|start| name.get(start + 1..)).unwrap_or(name)
}

fn dns(name: &str, problem: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Dns, format!("the name {name} could not be resolved: {problem}"))
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::Ipv4Addr;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    /// Answers after a second, and counts how often it was asked.
    fn slow(answer: fn() -> io::Result<Vec<IpAddr>>) -> (Resolver, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let lookup: Lookup = Arc::new(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::time::sleep(SECOND).await;
                answer()
            }
            .boxed()
        });
        (Resolver::with_lookup(lookup), asked)
    }

    #[tokio::test(start_paused = true)]
    async fn one_name_is_looked_up_once_and_kept_for_thirty_seconds() {
        let (resolver, asked) = slow(|| Ok(vec![HERE]));
        let all = futures_util::future::join_all((0..10).map(|_| resolver.resolve("ads.example"))).await;
        assert!(all.iter().all(|answer| answer.as_deref() == Ok(&[HERE])));
        tokio::time::advance(29 * SECOND).await;
        assert!(resolver.resolve("ads.example").await.is_ok());
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        tokio::time::advance(2 * SECOND).await;
        assert!(resolver.resolve("ads.example").await.is_ok());
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lookup_continues_when_its_first_caller_stops_waiting() {
        let (resolver, asked) = slow(|| Ok(vec![HERE]));
        assert!(tokio::time::timeout(SECOND / 2, resolver.resolve("ads.example")).await.is_err());
        let before = Instant::now();
        assert!(resolver.resolve("ads.example").await.is_ok());
        assert_eq!((before.elapsed(), asked.load(Ordering::Relaxed)), (SECOND / 2, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn errors_of_the_name_server_are_not_cached() {
        let (resolver, asked) = slow(|| Err(io::Error::other("no such host")));
        for count in 1..=3 {
            let error = resolver.resolve("gone.example").await.expect_err("a failure");
            assert_eq!(error.kind, TransportErrorKind::Dns);
            assert_eq!(asked.load(Ordering::Relaxed), count);
        }
        let (resolver, _) = slow(|| Ok(vec![]));
        assert_eq!(resolver.resolve("empty.example").await.expect_err("no address").kind, TransportErrorKind::Dns);
    }

    /// Answers for names that begin with `live`, and never for others. Counts the calls.
    fn dead_but_for_live() -> (Resolver, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let resolver = Resolver::with_lookup(Arc::new(move |name| {
            count.fetch_add(1, Ordering::Relaxed);
            async move { if name.starts_with("live") { Ok(vec![HERE]) } else { std::future::pending().await } }.boxed()
        }));
        (resolver, asked)
    }

    /// The time that a lookup of a live name takes while these dead names are looked up.
    async fn live_name_beside(dead: impl Iterator<Item = String>, dead_for: LookupPurpose) -> Duration {
        let (resolver, _) = dead_but_for_live();
        for name in dead {
            let resolver = resolver.clone();
            tokio::spawn(async move { resolver.resolve_for(dead_for, &name).await });
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
        let begun = Instant::now();
        assert!(resolver.resolve("live.example").await.is_ok());
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn names_that_hang_keep_no_live_name_waiting() {
        use LookupPurpose::{Document, Tracker};
        let names = |count: usize| (0..count).map(|number| format!("a.dead{number}.example"));
        let of_one_domain = |count: usize| (0..count).map(|number| format!("a{number}.dead.example"));
        for (dead, purpose, at_most) in
            [(64, Document, 0), (128, Document, 100), (500, Document, 500), (5000, Tracker, 0)]
        {
            let took = live_name_beside(names(dead), purpose).await;
            assert!(took <= Duration::from_millis(at_most), "{dead} names, {purpose:?}: {took:?}");
        }
        let took = live_name_beside(of_one_domain(5000), Document).await;
        assert!(took <= Duration::from_millis(4100), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_that_hangs_fails_for_five_seconds() {
        let (resolver, asked) = dead_but_for_live();
        let begun = Instant::now();
        assert_eq!(resolver.resolve("dead.example").await.expect_err("no answer").kind, TransportErrorKind::Dns);
        assert_eq!(begun.elapsed(), 5 * SECOND);
        assert!(resolver.resolve("dead.example").await.is_err());
        assert_eq!((begun.elapsed(), asked.load(Ordering::Relaxed)), (5 * SECOND, 1));
        tokio::time::advance(6 * SECOND).await;
        assert!(resolver.resolve("dead.example").await.is_err());
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_domain_whose_names_hang_is_not_asked_for_more_names() {
        let (resolver, asked) = dead_but_for_live();
        let names: Vec<_> = (0..8).map(|number| format!("a{number}.dead.example")).collect();
        futures_util::future::join_all(names.iter().map(|name| resolver.resolve(name))).await;
        let begun = Instant::now();
        assert!(resolver.resolve("live.dead.example").await.is_err());
        assert!(resolver.resolve("live.example").await.is_ok());
        assert_eq!((begun.elapsed(), asked.load(Ordering::Relaxed)), (Duration::ZERO, 9));
        tokio::time::advance(6 * SECOND).await;
        assert!(resolver.resolve("live.dead.example").await.is_ok());
    }

    #[test]
    fn the_domain_of_a_name_is_guessed() {
        for (name, domain) in [
            ("localhost", "localhost"),
            ("ads.example", "ads.example"),
            ("a.ads.example", "ads.example"),
            ("a.b.ads.example", "ads.example"),
            ("ads.co.uk", "ads.co.uk"),
            ("a.ads.co.uk", "ads.co.uk"),
            ("a.longer.uk", "longer.uk"),
            (".", "."),
            ("..", "."),
        ] {
            assert_eq!(domain_of(name), domain, "{name}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_names_is_bounded() {
        let resolver = Resolver::with_lookup(Arc::new(|_| async { Ok(vec![HERE]) }.boxed()));
        for number in 0..3000 {
            assert!(resolver.resolve(&format!("n{number}.example")).await.is_ok());
        }
        assert!(resolver.0.names().entries.len() <= Resolver::MAX_NAMES);
    }

    #[tokio::test]
    async fn the_system_knows_localhost() {
        let addresses = Resolver::system().resolve("localhost").await.expect("localhost");
        assert!(addresses.iter().all(IpAddr::is_loopback), "{addresses:?}");
    }
}
