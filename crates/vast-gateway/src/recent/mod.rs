//! The newest requests with what they received, for the dashboard.
//!
//! Two lists: all requests, and those without an ad, so that a rare failure is not pushed out by requests that went well. Personal
//! values are replaced, and the bytes are made, by the thread of a [`Recorder`]. Under load only some requests are recorded, so the
//! cost is bounded; the sum of the memory is bounded too.

mod request;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use vast_client::FetchResult;
use vast_client::recording::{Recorder, RecorderSettings, Recording, RecordingReceiver};

use crate::outcome::AnswerOutcome;
use crate::rate::RateLimiter;
use crate::token::SessionId;
pub(crate) use request::{KeptRecording, RecentLane, RecentRequest, ServedAs};

/// The largest number of requests per second that each list takes, and how many it takes at once. With more, a request would be gone before
/// a person has read its row.
const PER_SECOND: f64 = 2.0;
const AT_ONCE: f64 = 20.0;
/// The largest number of requests per second that are captured. Whether a request has an ad is known only at its end, so more requests
/// are captured than kept.
const CAPTURED_PER_SECOND: f64 = 200.0;

/// Records the newest requests.
pub(crate) struct RecentRequests {
    lists: Arc<RecentLists>,
    /// `None` if its thread could not be started.
    recorder: Option<Recorder>,
}

/// The lists, which the thread of the recorder fills.
struct RecentLists {
    began: Instant,
    /// The largest number of requests per list; 0 records nothing.
    most: AtomicUsize,
    /// How many requests were recorded so far.
    taken: AtomicU64,
    /// How many recorded requests have no [`ServedAs`] yet. It is 0 most of the time, so most requests look for nothing.
    unserved: AtomicUsize,
    lists: Mutex<[RecentList; 2]>,
    /// The rates of the lists.
    rates: [RateLimiter; 2],
    captured: RateLimiter,
}

/// The newest request is the last one.
type RecentList = VecDeque<Arc<RecentRequest>>;

impl RecentRequests {
    /// Keeps `most` requests, and `most` without an ad.
    pub(crate) fn new(most: usize) -> Self {
        let lists = Arc::new(RecentLists {
            began: Instant::now(),
            most: AtomicUsize::new(most),
            taken: AtomicU64::new(0),
            unserved: AtomicUsize::new(0),
            lists: Mutex::default(),
            rates: Default::default(),
            captured: RateLimiter::default(),
        });
        let recorder = Recorder::to_receiver(Arc::<RecentLists>::clone(&lists), RecorderSettings::default());
        let recorder = recorder.inspect_err(|error| tracing::warn!(%error, "the dashboard can keep no requests"));
        Self { lists, recorder: recorder.ok() }
    }

    /// Changes the number of requests that are kept.
    pub(crate) fn set_most(&self, most: usize) {
        self.lists.most.store(most, Ordering::Relaxed);
        self.lists.lock().iter_mut().for_each(|list| cut(list, most));
    }

    /// The recorder for the next request; `None` if no requests are kept, or enough of them are captured in this second.
    pub(crate) fn recorder(&self) -> Option<&Recorder> {
        let recorder = self.recorder.as_ref().filter(|_| self.lists.most.load(Ordering::Relaxed) > 0)?;
        let now = self.lists.began.elapsed();
        self.lists.captured.take(CAPTURED_PER_SECOND, CAPTURED_PER_SECOND, now).then_some(recorder)
    }

    /// Notes how a request was answered, if it was taken.
    pub(crate) fn served(&self, id: &str, placement: &str, outcome: AnswerOutcome, session: Option<SessionId>) {
        if self.lists.unserved.load(Ordering::Relaxed) == 0 {
            return;
        }
        if let Some(request) = self.lists.find(id) {
            let served = ServedAs { placement: placement.to_owned(), outcome, session };
            if request.served.set(served).is_ok() {
                self.lists.unserved.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    /// How many requests were taken so far. It grows with each new row.
    pub(crate) fn taken(&self) -> u64 {
        self.lists.taken.load(Ordering::Relaxed)
    }

    /// The requests of both lists, the newest first.
    pub(crate) fn newest(&self) -> Vec<Arc<RecentRequest>> {
        let mut all: Vec<_> = self.lists.lock().iter().flatten().map(Arc::clone).collect();
        all.sort_by_key(|request| std::cmp::Reverse(request.number));
        all.dedup_by_key(|request| request.number);
        all.retain(|request| request.served.get().is_some());
        all
    }

    /// The request with this id.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<RecentRequest>> {
        self.lists.find(id).filter(|request| request.served.get().is_some())
    }
}

impl RecentLists {
    fn lock(&self) -> MutexGuard<'_, [RecentList; 2]> {
        // A panic cannot leave the lists in a wrong state, so a poisoned lock is no problem.
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, id: &str) -> Option<Arc<RecentRequest>> {
        let lists = self.lock();
        lists.iter().find_map(|list| list.iter().rev().find(|request| request.id == id)).map(Arc::clone)
    }
}

impl RecordingReceiver for RecentLists {
    fn wants(&self, result: &FetchResult) -> bool {
        let now = self.began.elapsed();
        let may_take = [true, !result.success];
        let takes: [bool; 2] = std::array::from_fn(|list| {
            may_take.get(list).is_some_and(|may| *may)
                && self.rates.get(list).is_some_and(|rate| rate.take(PER_SECOND, AT_ONCE, now))
        });
        if takes == [false, false] {
            return false;
        }
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        let request = Arc::new(RecentRequest::new(number, result));
        self.unserved.fetch_add(1, Ordering::Relaxed);
        let most = self.most.load(Ordering::Relaxed);
        for (list, _) in self.lock().iter_mut().zip(takes).filter(|(_, takes)| *takes) {
            list.push_back(Arc::clone(&request));
            cut(list, most);
        }
        true
    }

    fn receive(&self, recording: &Recording, file: &[u8]) {
        // It is gone if newer requests have pushed it out.
        if let Some(request) = self.find(&recording.request.id) {
            request.keep(file);
        }
    }
}

/// Removes the oldest requests.
fn cut(list: &mut RecentList, most: usize) {
    list.drain(..list.len().saturating_sub(most));
}

#[cfg(test)]
mod tests {
    use vast_client::{AdRequest, ClientConfig, FetchConfig, RunOptions, SourceConfig, VastClient};

    use super::request::MOST_BYTES;
    use super::*;

    const AD: &str = "<VAST version='4.2'><Ad id='a'><InLine><AdSystem>s</AdSystem><AdTitle>t</AdTitle><Impression>https://t.example/
        </Impression><Creatives><Creative><Linear><Duration>00:00:15</Duration><MediaFiles><MediaFile delivery='progressive'
        type='video/mp4' width='1' height='1'>https://cdn.example/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives>
        </InLine></Ad></VAST>";

    fn client(document: String) -> VastClient {
        let source = SourceConfig::inline(document).named("one");
        VastClient::from_config(ClientConfig::from(FetchConfig::new([source]))).expect("a client")
    }

    /// Asks the client once, as the gateway does. Gives the id of the request.
    async fn ask(client: &VastClient, recent: &RecentRequests) -> String {
        let request = AdRequest::default();
        let orchestrator = client.orchestrator();
        let result = match recent.recorder() {
            Some(recorder) => orchestrator.run_recorded(client.plan(), &request, RunOptions::NONE, recorder).await,
            None => orchestrator.run(client.plan(), &request, RunOptions::NONE).await,
        };
        let outcome = if result.success { AnswerOutcome::Filled } else { AnswerOutcome::NoAd };
        recent.served(&result.metadata.request_id, "preroll", outcome, None);
        result.metadata.request_id
    }

    #[tokio::test(start_paused = true)]
    async fn a_rare_request_without_an_ad_is_not_pushed_out_by_those_with_one() {
        let (full, empty) = (client(AD.to_owned()), client("<VAST version='4.2'/>".to_owned()));
        let recent = RecentRequests::new(5);
        let rare = ask(&empty, &recent).await;
        let mut newest = String::new();
        for _ in 0..12 {
            newest = ask(&full, &recent).await;
        }
        let ids: Vec<_> = recent.newest().iter().map(|request| request.id.clone()).collect();
        assert_eq!((ids.len(), &ids[0], ids.last()), (6, &newest, Some(&rare)));
        assert!(recent.find(&rare).is_some() && recent.find("other").is_none());
        recent.set_most(2);
        assert_eq!(recent.newest().len(), 3);
        recent.set_most(0);
        assert!(recent.recorder().is_none() && recent.newest().is_empty());
        ask(&full, &recent).await;
        assert!(recent.newest().is_empty(), "0 records nothing");
    }

    #[tokio::test(start_paused = true)]
    async fn under_load_only_some_requests_are_recorded() {
        let full = client(AD.to_owned());
        let recent = RecentRequests::new(100);
        for _ in 0..60 {
            ask(&full, &recent).await;
        }
        assert_eq!(recent.newest().len(), 20, "the burst");
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
        for _ in 0..60 {
            ask(&full, &recent).await;
        }
        assert_eq!(recent.newest().len(), 22, "two per second");
    }

    #[tokio::test(start_paused = true)]
    async fn at_most_200_requests_per_second_are_captured() {
        let recent = RecentRequests::new(100);
        let captured = || (0..1_000).filter(|_| recent.recorder().is_some()).count();
        assert_eq!(captured(), 200);
        tokio::time::advance(std::time::Duration::from_millis(500)).await;
        assert_eq!(captured(), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn a_recording_has_at_most_32_kilobytes() {
        // Text that cannot be compressed.
        let mut random = 1_u64;
        let noise: String = std::iter::repeat_with(|| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'a' + u8::try_from((random >> 33) % 26).unwrap_or_default())
        })
        .take(80_000)
        .collect();
        let (small, large) = (client(AD.to_owned()), client(AD.replace("<AdTitle>t", &format!("<AdTitle>{noise}"))));
        let recent = RecentRequests::new(5);
        let (small, large) = (ask(&small, &recent).await, ask(&large, &recent).await);
        let recorder = recent.recorder().expect("a recorder");
        assert!(recorder.flush(std::time::Duration::from_secs(60)).await);
        let recording = |id: &str| recent.find(id).expect("a request").recording.get().cloned();
        assert!(matches!(recording(&small), Some(KeptRecording::Whole(bytes)) if bytes.len() < MOST_BYTES));
        assert!(matches!(recording(&large), Some(KeptRecording::TooLarge(bytes)) if bytes > MOST_BYTES));
    }
}
