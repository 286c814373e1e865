//! Runs lookups of names. A lookup that hangs does not delay other names: it gives its slot to the next one.

use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit, oneshot};

/// Returns all addresses of a host name. For [`Resolver::with_lookup`](super::Resolver::with_lookup).
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The purpose of resolving a name. Each purpose has separate slots, so that the names of trackers, which ads choose
/// freely, cannot delay the requests for ads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LookupPurpose {
    Document,
    Tracker,
}

/// How many lookups run at the same time for one purpose. Each lookup of the system needs a thread and a socket.
pub(super) const SLOTS: usize = 128;
/// How many lookups of the system may hang for one purpose, besides those that have a slot. A call into the system's
/// resolver cannot be cancelled; the usual resolver returns after 10 s.
const MAX_HANGING: usize = 128;
/// After this time a lookup gives its slot to a name that waits for one. A name server that is up answers earlier.
const SLOT_TIME: Duration = Duration::from_millis(100);
/// A lookup ends after this time at the latest. Each caller has its own, shorter limit.
const MAX_TIME: Duration = Duration::from_secs(5);
/// The stack of a thread that calls the system's resolver.
const STACK: usize = 256 * 1024;

/// How a lookup ended.
pub(super) enum LookupEnd {
    Answered(io::Result<Vec<IpAddr>>),
    /// There was no answer in time.
    Hung,
}

/// The running lookups of one purpose.
pub(super) struct Lookups {
    slots: Semaphore,
    /// Has one permit for each name that waits for a slot, except names for which a hanging lookup has already given up
    /// its slot.
    slots_wanted: Semaphore,
    /// How many hanging lookups have given up a slot that no waiting name has taken yet.
    slots_given_up: AtomicUsize,
    threads: Arc<Semaphore>,
}

impl Lookups {
    pub(super) fn new() -> Self {
        Self {
            slots: Semaphore::new(SLOTS),
            slots_wanted: Semaphore::new(0),
            slots_given_up: AtomicUsize::new(0),
            threads: Arc::new(Semaphore::new(SLOTS + MAX_HANGING)),
        }
    }

    /// Runs `lookup`, or the system's resolver. `late` gets the addresses that the system finds, also after this function has
    /// returned [`LookupEnd::Hung`].
    pub(super) async fn run(
        &self,
        lookup: Option<&Lookup>,
        name: &str,
        late: impl FnOnce(&[IpAddr]) + Send + 'static,
    ) -> LookupEnd {
        let _slot = match self.slots.try_acquire() {
            Ok(slot) => Ok(slot),
            Err(_) => self.wait_for_slot().await,
        };
        let answer = async {
            match lookup {
                Some(lookup) => lookup(name.to_owned()).await,
                None => self.ask_system(name.to_owned(), late).await,
            }
        };
        tokio::select! {
            biased;
            answer = answer => LookupEnd::Answered(answer),
            () = self.slot_is_wanted() => LookupEnd::Hung,
            () = tokio::time::sleep(MAX_TIME) => LookupEnd::Hung,
        }
    }

    async fn wait_for_slot(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.slots_wanted.add_permits(1);
        let slot = self.slots.acquire().await;
        let given_up = self.slots_given_up.fetch_update(Relaxed, Relaxed, |count| count.checked_sub(1));
        if given_up.is_err() {
            // A lookup has ended by itself, so no other one has to give up its slot.
            self.slots_wanted.forget_permits(1);
        }
        slot
    }

    /// Waits until this lookup has to give up its slot. The oldest lookup is the first one that has to.
    async fn slot_is_wanted(&self) {
        tokio::time::sleep(SLOT_TIME).await;
        match self.slots_wanted.acquire().await {
            Ok(permit) => {
                permit.forget();
                self.slots_given_up.fetch_add(1, Relaxed);
            }
            Err(_) => std::future::pending().await,
        }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that resolves names")]
    async fn ask_system(&self, name: String, late: impl FnOnce(&[IpAddr]) + Send + 'static) -> io::Result<Vec<IpAddr>> {
        let permit = self.threads.clone().try_acquire_owned();
        let permit = permit.map_err(|_| io::Error::other("too many names get no answer"))?;
        let (send, answer) = oneshot::channel();
        // The lookup gets a separate thread. In the thread pool of the runtime, lookups that hang would block the
        // reading of files.
        std::thread::Builder::new().name("vast-dns".into()).stack_size(STACK).spawn(move || {
            let addresses: io::Result<Vec<_>> =
                (name, 0).to_socket_addrs().map(|found| found.map(|address| address.ip()).collect());
            if let Ok(addresses) = &addresses {
                late(addresses);
            }
            // The receiver has ended if the lookup had to give up its slot.
            let _ = send.send(addresses);
            drop(permit);
        })?;
        answer.await.map_err(io::Error::other)?
    }
}
