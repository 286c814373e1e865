//! Limits the cost of a source's tree and of a request, so that the work is bounded for any response of the servers.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::Semaphore;

use crate::error::{ErrorType, Failure};
use crate::policy::{CostLimits, PooledBytes};
use crate::transport::cut_url;

/// The largest number of wrapper documents in one source's tree.
const TREE_DOCUMENTS: u32 = 20;
/// The largest number of wrapper documents of one request, for all its sources together.
const REQUEST_DOCUMENTS: u32 = 200;
/// The largest number of ads in one source's tree.
pub(crate) const TREE_ADS: usize = 100;
/// The largest size of a URL of a redirect in the result, in bytes. Real ones are shorter; a server may send 64 KiB.
const RECORDED_URL: usize = 8 << 10;
/// The size of all URLs of redirects in the result, in bytes. Only the start of further URLs is recorded.
const RECORDED_URLS: u64 = 4 << 20;
/// The size of that start, in bytes.
const SHORT_URL: usize = 100;

/// The largest number of error reports of one source, with all breaks of its playlist. Every ad that fails is reported to each
/// `<Error>` URL of each wrapper above it. Without a limit, a hundred ads below five wrappers with many URLs would cause a
/// million reports.
pub(crate) const MAX_REPORTS: u32 = 500;

/// Counts the documents and bytes that all lanes of a request use.
#[derive(Debug)]
pub(crate) struct RequestBudget {
    limits: CostLimits,
    documents: AtomicU32,
    /// The bytes that are left for any document of the request.
    free_bytes: AtomicU64,
    /// The bytes that are reserved for each source's own document.
    share: u64,
    /// The bytes that are left for the URLs of redirects in the result.
    recorded_urls: AtomicU64,
    /// Made with the first large document.
    parsing: OnceLock<Arc<Semaphore>>,
    /// Its part of the bytes that all requests, or all fetches for the cache, may have.
    pooled: PooledBytes,
}

/// Counts the documents, exchanges and bytes that one lane uses. The breaks of a playlist share the exchanges and bytes of
/// its lane. Each break counts its documents separately, because it is a separate tree.
#[derive(Debug)]
pub(super) struct LaneBudget {
    documents: AtomicU32,
    source: Arc<SourceBudget>,
}

/// Counts the exchanges, bytes and error reports of one source, with all breaks of its playlist.
#[derive(Debug)]
struct SourceBudget {
    exchanges: AtomicU32,
    bytes: AtomicU64,
    reports: AtomicU32,
    /// The rest of the bytes that are reserved for the lane's own document.
    share: AtomicU64,
}

impl RequestBudget {
    /// The budget of a request to this number of sources. `pooled` is its part of the bytes of all requests.
    pub(super) fn new(limits: CostLimits, sources: usize, pooled: PooledBytes) -> Self {
        let sources = u64::try_from(sources.max(1)).unwrap_or(u64::MAX);
        let share = limits.max_request_bytes / 2 / sources;
        let free = limits.max_request_bytes - share * sources;
        let (documents, free_bytes) = (AtomicU32::new(0), AtomicU64::new(free));
        Self {
            limits,
            documents,
            free_bytes,
            share,
            recorded_urls: AtomicU64::new(RECORDED_URLS),
            parsing: OnceLock::new(),
            pooled,
        }
    }

    /// Permits one large document to be parsed at a time: its parts can need 20 times its size, and are counted only after parsing.
    pub(crate) fn parsing(&self) -> Arc<Semaphore> {
        Arc::clone(self.parsing.get_or_init(|| Arc::new(Semaphore::new(1))))
    }

    /// `url` as the result shows it in the redirects: a long one is cut.
    pub(super) fn recorded_url(&self, url: &str) -> Arc<str> {
        let wanted = url.len().min(RECORDED_URL);
        let is_free = take_up_to(&self.recorded_urls, wanted as u64) == wanted as u64;
        cut_url(url, if is_free { RECORDED_URL } else { SHORT_URL }).into()
    }

    pub(super) fn lane(&self) -> LaneBudget {
        let source = SourceBudget {
            exchanges: AtomicU32::new(0),
            bytes: AtomicU64::new(0),
            reports: AtomicU32::new(0),
            share: AtomicU64::new(self.share),
        };
        LaneBudget { documents: AtomicU32::new(0), source: Arc::new(source) }
    }
}

impl LaneBudget {
    /// The budget of a break of the lane's playlist.
    pub(super) fn of_break(&self) -> Self {
        Self { documents: AtomicU32::new(0), source: Arc::clone(&self.source) }
    }

    /// The number of the next wrapper document, from 1.
    ///
    /// # Errors
    /// A [`Failure`] when the limit of this lane or of the request is exceeded.
    pub(super) fn next_document(&self, request: &RequestBudget) -> Result<u32, Failure> {
        let number = document(&self.documents, TREE_DOCUMENTS, "one source")?;
        document(&request.documents, REQUEST_DOCUMENTS, "one request")?;
        Ok(number)
    }

    /// Counts one more exchange.
    ///
    /// # Errors
    /// A [`Failure`] when the limit of this lane is exceeded.
    pub(super) fn take_exchange(&self, request: &RequestBudget) -> Result<(), Failure> {
        let most = request.limits.max_exchanges;
        if self.source.exchanges.fetch_add(1, Ordering::Relaxed) < most {
            return Ok(());
        }
        Err(limit(format!("more than {most} HTTP exchanges of one source (raise `max_exchanges`)")))
    }

    /// Counts `more` bytes of a document. `is_own` says whether it is the source's own document.
    ///
    /// # Errors
    /// A [`Failure`] when the limit of this lane, of the request, or of all requests is exceeded.
    pub(super) fn take_bytes(&self, request: &RequestBudget, more: u64, is_own: bool) -> Result<(), Failure> {
        let CostLimits { max_source_bytes, max_request_bytes, .. } = request.limits;
        if self.source.bytes.fetch_add(more, Ordering::Relaxed).saturating_add(more) > max_source_bytes {
            let message =
                format!("more than {max_source_bytes} bytes of documents of one source (raise `max_source_bytes`)");
            return Err(limit(message));
        }
        let of_share = if is_own { take_up_to(&self.source.share, more) } else { 0 };
        let free = request
            .free_bytes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free| free.checked_sub(more - of_share));
        let message =
            || format!("more than {max_request_bytes} bytes of documents of one request (raise `max_request_bytes`)");
        free.map_err(|_| limit(message()))?;
        request.pooled.take(more).map_err(|message| Failure::new(ErrorType::Overloaded, message).after_answer())
    }

    /// Counts one more error report; returns how many there were before it.
    pub(super) fn take_report(&self) -> u32 {
        self.source.reports.fetch_add(1, Ordering::Relaxed)
    }

    /// Makes the rest of the reserved bytes available to all lanes: the own document has arrived, or the lane has ended.
    pub(super) fn free_share(&self, request: &RequestBudget) {
        request.free_bytes.fetch_add(self.source.share.swap(0, Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// Takes up to `wanted` from `count`, and returns how much it took.
fn take_up_to(count: &AtomicU64, wanted: u64) -> u64 {
    let before = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(wanted)));
    before.map_or(0, |before| before.min(wanted))
}

fn document(count: &AtomicU32, most: u32, of: &str) -> Result<u32, Failure> {
    let number = count.fetch_add(1, Ordering::Relaxed) + 1;
    if number > most {
        return Err(Failure::new(ErrorType::WrapperLimit, format!("more than {most} wrapper documents of {of}")));
    }
    Ok(number)
}

fn limit(message: String) -> Failure {
    Failure::new(ErrorType::Limit, message).after_answer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::BytePool;

    /// A budget of these limits, with a pool of its own.
    fn budget(limits: CostLimits, sources: usize) -> RequestBudget {
        RequestBudget::new(limits, sources, BytePool::new(1 << 30, "documents").part())
    }

    const LIMITS: CostLimits = CostLimits {
        max_exchanges: 40,
        max_redirects: 5,
        max_source_bytes: 80,
        max_request_bytes: 160,
        max_breaks: 50,
    };

    #[test]
    fn r012_documents_are_counted_per_tree_and_per_request() {
        let request = RequestBudget { documents: AtomicU32::new(185), ..budget(LIMITS, 1) };
        let taken = |lane: &LaneBudget, request| (0..30).map_while(|_| lane.next_document(request).ok()).max();
        assert_eq!(taken(&request.lane(), &request), Some(15), "the request has had 185 of its 200");
        let request = budget(LIMITS, 1);
        let lane = request.lane();
        assert_eq!(taken(&lane, &request), Some(20));
        let refused = lane.next_document(&request).expect_err("the twenty-first");
        assert_eq!((refused.error_type, refused.vast_error_code), (ErrorType::WrapperLimit, Some(302)));
        assert_eq!(
            request.documents.load(Ordering::Relaxed),
            20,
            "a document that one tree may not have does not count for the others"
        );
    }

    #[test]
    fn the_urls_of_redirects_are_bounded_in_sum() {
        let request = budget(LIMITS, 1);
        let long = format!("http://ads.example/{}", "a".repeat(60_000));
        assert_eq!(&*request.recorded_url("http://ads.example/short"), "http://ads.example/short");
        assert_eq!(&*request.recorded_url(&long), format!("{}... (60019 bytes)", &long[..RECORDED_URL]));
        let sum: usize = (0..10_000).map(|_| request.recorded_url(&long).len()).sum();
        assert!(sum < 6 << 20, "{sum}");
        let after = format!("{}... (60019 bytes)", &long[..SHORT_URL]);
        assert_eq!(&*request.recorded_url(&long), after, "the start still identifies it");
    }

    #[test]
    fn exchanges_are_counted_per_source() {
        let request = budget(LIMITS, 2);
        for lane in [request.lane(), request.lane()] {
            assert_eq!((0..100).filter(|_| lane.take_exchange(&request).is_ok()).count(), 40);
            let refused = lane.take_exchange(&request).expect_err("the forty-first");
            assert_eq!(refused.message, "more than 40 HTTP exchanges of one source (raise `max_exchanges`)");
        }
    }

    /// Two sources share 160 bytes: 40 are kept for the own document of each, 80 are free.
    #[test]
    fn the_own_document_of_a_source_has_its_reserved_share() {
        let request = budget(LIMITS, 2);
        let (greedy, other) = (request.lane(), request.lane());
        let take = |lane: &LaneBudget, more, is_own| lane.take_bytes(&request, more, is_own).map_err(|f| f.message);
        assert_eq!(take(&greedy, 10, true), Ok(()));
        greedy.free_share(&request);
        assert_eq!(take(&greedy, 70, false), Ok(()), "a source may have 80");
        let of_source = "more than 80 bytes of documents of one source (raise `max_source_bytes`)";
        assert_eq!(take(&greedy, 1, false), Err(of_source.into()));
        assert_eq!(take(&other, 39, true), Ok(()), "its own share");
        assert_eq!(take(&other, 41, true), Ok(()), "the rest of the share, and what is free");
        let third = request.lane();
        let of_request = "more than 160 bytes of documents of one request (raise `max_request_bytes`)";
        assert_eq!(take(&third, 1, false), Err(of_request.into()));
    }

    #[test]
    fn a_request_counts_for_all_requests() {
        let limits = CostLimits { max_source_bytes: 1 << 30, max_request_bytes: 1 << 30, ..LIMITS };
        let pool = BytePool::new(64 << 20, "documents");
        let requests = [(); 2].map(|()| RequestBudget::new(limits, 1, pool.part()));
        let lanes = requests.each_ref().map(RequestBudget::lane);
        assert_eq!(lanes[0].take_bytes(&requests[0], 60 << 20, true), Ok(()));
        let refused = lanes[1].take_bytes(&requests[1], 60 << 20, true).expect_err("both have more");
        assert_eq!(refused.error_type, ErrorType::Overloaded);
        assert_eq!(lanes[1].take_bytes(&requests[1], 100 << 10, true), Ok(()), "a usual document");
    }

    #[test]
    fn the_breaks_of_a_playlist_share_the_exchanges_and_bytes_of_their_source() {
        let request = budget(LIMITS, 1);
        let lane = request.lane();
        let breaks = [lane.of_break(), lane.of_break()];
        assert_eq!((0..50).filter(|number| breaks[number % 2].take_exchange(&request).is_ok()).count(), 40);
        assert!(lane.take_exchange(&request).is_err(), "the breaks have used them up");
        assert!(breaks[0].take_bytes(&request, 80, true).is_ok() && breaks[1].take_bytes(&request, 1, true).is_err());
        let documents = breaks.each_ref().map(|one| one.next_document(&request).ok());
        assert_eq!(documents, [Some(1), Some(1)], "each break numbers its own documents");
    }
}
