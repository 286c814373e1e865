//! Resolves names: with a limit on lookups, a short cache, and one lookup per name at a time.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::{TransportError, TransportErrorKind};

/// Returns all addresses of a host name. For [`Resolver::with_lookup`].
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Resolves host names. Cheap to clone; clones share the cache. Hosts that are addresses are not resolved.
///
/// Failures are not cached, so a name that works again is found at once.
#[derive(Clone)]
pub struct Resolver(Arc<ResolverState>);

struct ResolverState {
    lookup: Option<Lookup>,
    permits: Arc<Semaphore>,
    names: Mutex<HashMap<String, CacheEntry>>,
}

enum CacheEntry {
    Known { addresses: Arc<[IpAddr]>, until: Instant },
    Asked { answer: PendingLookup, until: Instant },
}

/// The result of a lookup that is running. The lookup is a separate task, so it goes on when the first caller stops waiting.
type PendingLookup = Shared<BoxFuture<'static, Result<Arc<[IpAddr]>, TransportError>>>;

impl Resolver {
    /// How long an answer is used: the operating system does not tell how long it may be, and ad servers move by DNS.
    const KEPT: Duration = Duration::from_secs(30);
    /// How many names are kept; a tag can name as many as it likes.
    const NAMES: usize = 1024;
    /// How many lookups run at once. Each of the system's occupies a thread.
    const CONCURRENT: usize = 64;
    /// When a lookup is given up by all; each asker has its own, shorter limit.
    const GIVEN_UP: Duration = Duration::from_secs(30);

    /// The operating system's resolver (`getaddrinfo`).
    ///
    /// A call into it cannot be cancelled. Its thread keeps one of the 64 permits until it comes back, also when nobody
    /// waits any more: the bound is on threads, so that a dead DNS server cannot use them all up.
    pub fn system() -> Self {
        Self::build(None)
    }

    /// A resolver of your own: another DNS library, a fixed table, a test. One that does not answer is dropped after
    /// 30 s.
    pub fn with_lookup(lookup: Lookup) -> Self {
        Self::build(Some(lookup))
    }

    fn build(lookup: Option<Lookup>) -> Self {
        let permits = Arc::new(Semaphore::new(Self::CONCURRENT));
        Self(Arc::new(ResolverState { lookup, permits, names: Mutex::default() }))
    }

    /// The addresses of a name; never empty. Waits without a limit of its own: put it under the asker's.
    ///
    /// # Errors
    /// [`TransportErrorKind::Dns`].
    pub async fn resolve(&self, host: &str) -> Result<Arc<[IpAddr]>, TransportError> {
        if let Some(addresses) = self.known(host) {
            return Ok(addresses);
        }
        self.ask(host).await
    }

    /// What is remembered of a name.
    pub(super) fn known(&self, host: &str) -> Option<Arc<[IpAddr]>> {
        match self.0.names().get(host) {
            Some(CacheEntry::Known { addresses, until }) if *until > Instant::now() => Some(addresses.clone()),
            _ => None,
        }
    }

    /// Joins the lookup that is under way, or begins one.
    fn ask(&self, host: &str) -> PendingLookup {
        let now = Instant::now();
        let mut names = self.0.names();
        match names.get(host) {
            Some(CacheEntry::Asked { answer, until }) if *until > now => return answer.clone(),
            Some(CacheEntry::Known { addresses, until }) if *until > now => {
                return std::future::ready(Ok(addresses.clone())).boxed().shared();
            }
            _ => {}
        }
        make_room(&mut names, now);
        let answer = self.begin(host);
        names.insert(host.to_owned(), CacheEntry::Asked { answer: answer.clone(), until: now + Self::GIVEN_UP });
        answer
    }

    /// Starts the lookup as a task, so that it ends whoever still waits for it.
    fn begin(&self, host: &str) -> PendingLookup {
        let resolver = self.clone();
        let name = host.to_owned();
        let task = tokio::spawn(async move {
            let result = resolver.look_up(&name).await;
            resolver.remember(name, &result);
            result
        });
        // Weak, because the state holds this future.
        let state = Arc::downgrade(&self.0);
        let name = host.to_owned();
        let broken_off = move |_| {
            let result = Err(dns(&name, "the lookup was broken off"));
            state.upgrade().inspect(|state| Self(state.clone()).remember(name, &result));
            result
        };
        task.map(|ended| ended.unwrap_or_else(broken_off)).boxed().shared()
    }

    async fn look_up(&self, name: &str) -> Result<Arc<[IpAddr]>, TransportError> {
        let Ok(permit) = self.0.permits.clone().acquire_owned().await else {
            return Err(dns(name, "the resolver has ended"));
        };
        let addresses = match &self.0.lookup {
            None => look_up_by_system(name.to_owned(), permit).await,
            Some(lookup) => match tokio::time::timeout(Self::GIVEN_UP, lookup(name.to_owned())).await {
                Ok(answer) => answer,
                Err(_) => Err(io::ErrorKind::TimedOut.into()),
            },
        };
        match addresses {
            Ok(addresses) if addresses.is_empty() => Err(dns(name, "it has no address")),
            Ok(addresses) => Ok(addresses.into()),
            Err(error) => Err(dns(name, &error.to_string())),
        }
    }

    fn remember(&self, name: String, result: &Result<Arc<[IpAddr]>, TransportError>) {
        let mut names = self.0.names();
        match result {
            Ok(addresses) => {
                let until = Instant::now() + Self::KEPT;
                names.insert(name, CacheEntry::Known { addresses: addresses.clone(), until });
            }
            Err(_) => drop(names.remove(&name)),
        }
    }
}

impl ResolverState {
    fn names(&self) -> MutexGuard<'_, HashMap<String, CacheEntry>> {
        // The map is whole at every moment, so a panic elsewhere does not spoil it.
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CacheEntry {
    fn until(&self) -> Instant {
        match self {
            Self::Known { until, .. } | Self::Asked { until, .. } => *until,
        }
    }
}

/// Keeps the map within its bound: what has passed goes first, then what would pass next.
fn make_room(names: &mut HashMap<String, CacheEntry>, now: Instant) {
    if names.len() < Resolver::NAMES {
        return;
    }
    names.retain(|_, entry| entry.until() > now);
    if names.len() >= Resolver::NAMES {
        let oldest = names.iter().min_by_key(|(_, entry)| entry.until()).map(|(name, _)| name.clone());
        oldest.map(|name| names.remove(&name));
    }
}

async fn look_up_by_system(name: String, permit: OwnedSemaphorePermit) -> io::Result<Vec<IpAddr>> {
    let call = tokio::task::spawn_blocking(move || {
        let _until_the_thread_is_back = permit;
        Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
    });
    call.await.unwrap_or_else(|error| Err(io::Error::other(error)))
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
    async fn who_asked_first_may_go_away() {
        let (resolver, asked) = slow(|| Ok(vec![HERE]));
        assert!(tokio::time::timeout(SECOND / 2, resolver.resolve("ads.example")).await.is_err());
        let before = Instant::now();
        assert!(resolver.resolve("ads.example").await.is_ok());
        assert_eq!((before.elapsed(), asked.load(Ordering::Relaxed)), (SECOND / 2, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_not_remembered() {
        let (resolver, asked) = slow(|| Err(io::Error::other("no such host")));
        for count in 1..=3 {
            let error = resolver.resolve("gone.example").await.expect_err("a failure");
            assert_eq!(error.kind, TransportErrorKind::Dns);
            assert_eq!(asked.load(Ordering::Relaxed), count);
        }
        let (resolver, _) = slow(|| Ok(vec![]));
        assert_eq!(resolver.resolve("empty.example").await.expect_err("no address").kind, TransportErrorKind::Dns);
    }

    #[tokio::test(start_paused = true)]
    async fn lookups_that_never_answer_are_bounded_and_given_up() {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let resolver = Resolver::with_lookup(Arc::new(move |name| {
            count.fetch_add(1, Ordering::Relaxed);
            async move { if name.starts_with("dead") { std::future::pending().await } else { Ok(vec![HERE]) } }.boxed()
        }));
        for number in 0..100 {
            let name = format!("dead{number}.example");
            assert!(tokio::time::timeout(SECOND / 100, resolver.resolve(&name)).await.is_err());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 64);
        tokio::time::sleep(31 * SECOND).await;
        tokio::time::sleep(31 * SECOND).await;
        assert_eq!(resolver.resolve("live.example").await.as_deref(), Ok(&[HERE][..]));
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_names_is_bounded() {
        let resolver = Resolver::with_lookup(Arc::new(|_| async { Ok(vec![HERE]) }.boxed()));
        for number in 0..3000 {
            assert!(resolver.resolve(&format!("n{number}.example")).await.is_ok());
        }
        assert!(resolver.0.names().len() <= Resolver::NAMES);
    }

    #[tokio::test]
    async fn the_system_knows_localhost() {
        let addresses = Resolver::system().resolve("localhost").await.expect("localhost");
        assert!(addresses.iter().all(IpAddr::is_loopback), "{addresses:?}");
    }
}
