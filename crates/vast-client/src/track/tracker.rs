//! The tracker: it puts the beacons that are due into the outbox and calls them beside and after the answer.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::beacon::{self, AdEvent, Beacon, BeaconState, Moment, TrackedBeacon};
use super::delivery::{DeliverySettings, Dispatcher, DispatcherStatus, RunUntil};
use super::idempotency;
use super::outbox::{LedgerQuery, LedgerRow, Outbox, OutboxError, PutOutcome, Record, Timestamp, TrackingResults};
use super::session::{BreakEvent, SessionEvent};
use crate::ad::ResolvedAd;
use crate::env::Env;
use crate::journal::Entry;
use crate::request::{Consent, RequestValues, RunOptions};
use crate::select::Candidate;
use crate::transport::{BackgroundTasks, HttpClient};

/// The most beacons in one batch. A larger batch is refused as a whole.
const MAX_BATCH: usize = 10_000;

/// What the tracker has to know about an answer. A [`FetchResult`](crate::FetchResult) converts into it, so `&result` may be
/// passed wherever it is asked for.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AnswerRef<'a> {
    /// Identifies the request in the ledger.
    pub request_id: &'a str,
    /// What the viewer agreed to. It is stored with each beacon.
    pub consent: &'a Consent,
    /// The ads of the answer, in order of play.
    pub ads: &'a [Candidate],
    /// Usable ads that are not part of the answer.
    pub passed_over: &'a [Candidate],
    /// The beacons that were put with the answer.
    pub tracked: &'a [TrackedBeacon],
}

impl<'a> AnswerRef<'a> {
    /// An answer with these ads, of which no beacon was put yet.
    pub fn new(request_id: &'a str, consent: &'a Consent, ads: &'a [Candidate]) -> Self {
        Self { request_id, consent, ads, passed_over: &[], tracked: &[] }
    }
}

/// What is due at the time of an answer.
pub(crate) struct DueAtAnswer<'a> {
    pub(crate) answer: AnswerRef<'a>,
    pub(crate) options: RunOptions,
    pub(crate) values: &'a RequestValues,
    /// Whether the request has a seed: it then has the same id each time it is made.
    pub(crate) is_seeded: bool,
    /// The facts of all sources whose error reports may be sent.
    pub(crate) errors: Vec<&'a Entry>,
}

/// Calls the trackers of answers. Cheap to clone; clones share one outbox.
#[derive(Clone)]
#[doc(alias = "MultiSourceTracker")]
#[doc(alias = "VastTracker")]
pub struct Tracker(Arc<TrackerShared>);

struct TrackerShared {
    dispatcher: Dispatcher,
    background: BackgroundTasks,
    is_running: AtomicBool,
}

/// What a tracker is made of.
pub(crate) struct TrackerParts {
    pub(crate) exchange: HttpClient,
    pub(crate) background: BackgroundTasks,
    pub(crate) outbox: Arc<dyn Outbox>,
    pub(crate) env: Env,
    pub(crate) settings: DeliverySettings,
}

/// The beacons of one moment: all levels of an event, taken together or not at all.
#[derive(Debug, Clone)]
pub struct BeaconBatch<'a> {
    /// The request or session, as the ledger will be asked for it.
    pub group: &'a str,
    /// Distinguishes this occurrence of an event from the others of its group, for example `ad-1.firstQuartile`. It becomes
    /// a part of each beacon's idempotency key: the same occurrence put twice is taken once.
    pub occurrence: &'a str,
    /// What the viewer agrees to.
    pub consent: &'a Consent,
    /// The beacons.
    pub beacons: Vec<Beacon>,
}

/// What became of beacons so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DrainReport {
    /// Taken by their trackers since this tracker was made.
    pub delivered: u64,
    /// Given up since then: the ledger says why.
    pub failed: u64,
    /// Not settled yet, those of earlier processes included.
    pub left: usize,
}

impl Tracker {
    pub(crate) fn new(parts: TrackerParts) -> Self {
        let TrackerParts { exchange, background, outbox, env, settings } = parts;
        let draws = Env::draws(env.seed());
        let dispatcher = Dispatcher {
            exchange,
            draws,
            outbox,
            env,
            settings,
            wake: Notify::new(),
            woken: watch::Sender::new(0),
            status: watch::Sender::new(DispatcherStatus::default()),
            closing: CancellationToken::new(),
        };
        Self(Arc::new(TrackerShared { dispatcher, background, is_running: AtomicBool::new(false) }))
    }

    /// Puts what is due at the answer into the outbox and starts calling it. Never fails the request.
    pub(crate) async fn track_answer(&self, due: DueAtAnswer<'_>) -> Vec<TrackedBeacon> {
        let DueAtAnswer { answer, options, values, is_seeded, errors } = due;
        // A seeded request has the same id each time, but each run of it is another occurrence of its events.
        let nonce = is_seeded.then(|| self.0.dispatcher.draws.with(|rng| rng.u32(..)));
        let occurrence = |event| nonce.map_or_else(|| String::from(event), |nonce| format!("{event}-{nonce:08x}"));
        let put = async |event, beacons| {
            let (group, consent) = (answer.request_id, answer.consent);
            self.put(BeaconBatch { group, occurrence: &occurrence(event), consent, beacons }).await
        };
        let mut tracked = Vec::new();
        if options.auto_track {
            let due = beacon::impressions(answer.ads, values).take(MAX_BATCH + 1).collect();
            tracked.extend(put("impression", due).await);
        }
        if options.report_not_used {
            let due = beacon::not_used(answer.ads, answer.passed_over, values).take(MAX_BATCH + 1).collect();
            tracked.extend(put("notUsed", due).await);
        }
        // A separate batch: the error reports of other sources must not cost the answer its impressions.
        if options.report_errors {
            let due = beacon::errors(errors, values).take(MAX_BATCH + 1).collect();
            tracked.extend(put("error", due).await);
        }
        tracked
    }

    /// Puts the beacons of a moment into the outbox, all or none, and starts calling them. When this returns, the outbox has
    /// them for good, as far as it keeps anything for good. What it did not take is [`BeaconState::Refused`].
    pub async fn put(&self, batch: BeaconBatch<'_>) -> Vec<TrackedBeacon> {
        if batch.beacons.is_empty() {
            return Vec::new();
        }
        let now = self.now();
        let (mut tracked, mut records) = (Vec::new(), Vec::new());
        let consent: Arc<str> = form(batch.consent).into();
        let group: Arc<str> = batch.group.into();
        for (number, beacon) in batch.beacons.into_iter().enumerate() {
            let (event, url) = (beacon.event.clone(), beacon.url.clone());
            tracked.push(TrackedBeacon { event, url, hop: beacon.hop, state: BeaconState::Queued });
            let key = format!("{group}.{}.{number}", batch.occurrence);
            records.push(self.record(beacon, key, &group, &consent, now));
        }
        let taken = self.take(records, now).await;
        for (number, tracked) in tracked.iter_mut().enumerate() {
            // One that was put before waits, or did.
            let is_taken = taken
                .as_ref()
                .is_ok_and(|taken| matches!(taken.get(number), Some(PutOutcome::Queued | PutOutcome::Duplicate)));
            tracked.state = if is_taken { BeaconState::Queued } else { BeaconState::Refused };
        }
        tracked
    }

    /// Calls the trackers of an event of a [`BreakSession`](super::session::BreakSession) that was made of the ads of
    /// `answer`: one [`track_event`](Self::track_event).
    pub async fn track_session_event<'a>(
        &self,
        answer: impl Into<AnswerRef<'a>>,
        event: &BreakEvent,
    ) -> Vec<TrackedBeacon> {
        let answer = answer.into();
        let BreakEvent { ad, event: SessionEvent { event, moment } } = event;
        match answer.ads.get(*ad) {
            Some(candidate) => self.track_event(answer, &candidate.ad, event, moment).await,
            None => Vec::new(),
        }
    }

    /// Calls the impression trackers of an ad: [`track_event`](Self::track_event) with [`AdEvent::Impression`].
    pub async fn track_impression<'a>(
        &self,
        answer: impl Into<AnswerRef<'a>>,
        ad: &ResolvedAd,
        at: &Moment,
    ) -> Vec<TrackedBeacon> {
        self.track_event(answer, ad, &AdEvent::Impression, at).await
    }

    /// Says that `event` event to an ad of `result`: the trackers of all levels are put into the outbox, all or none, and
    /// called. What a caller states by this is money: when to say it, a [`session`](super::session) knows.
    ///
    /// The same event of the same ad at the same moment (its [`seed`](Moment::seed) and creative) counts once, however often
    /// and by whichever process with this outbox it is said, for 24 hours. `ad` is best borrowed from `result` itself: a copy
    /// is taken for the first ad that equals it. An impression that was put with the answer, because
    /// [`auto_track`](crate::FetchConfig::auto_track) said that the answer is the moment of play, is not put again.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use vast_client::track::session::{BreakSession, ReportContext, SessionOptions};
    /// use vast_client::{SourceConfig, VastClient};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let vast = r#"<VAST version="3.0"><Ad><InLine><AdSystem>house</AdSystem><AdTitle>Shoes</AdTitle>
    /// #     <Impression>http://ads.invalid/seen</Impression><Creatives><Creative><Linear><Duration>00:00:20</Duration>
    /// #     <TrackingEvents><Tracking event="firstQuartile">http://ads.invalid/25</Tracking></TrackingEvents>
    /// #     <MediaFiles><MediaFile type="video/mp4" width="640" height="360">https://cdn.example/shoes.mp4</MediaFile></MediaFiles>
    /// #     </Linear></Creative></Creatives></InLine></Ad></VAST>"#;
    /// let client = VastClient::new(SourceConfig::inline(vast))?;
    /// let result = client.request_ad().await;
    ///
    /// // The position in the break, from a player or from the segments that were sent.
    /// let mut playing = BreakSession::new(&result.ads, &SessionOptions::default(), 42);
    /// for seconds in [0, 5] {
    ///     for event in playing.playhead(Duration::from_secs(seconds), &ReportContext::new(SystemTime::UNIX_EPOCH)) {
    ///         client.tracker().track_session_event(&result, &event).await;
    ///     }
    /// }
    /// let results = client.tracker().results(&result.metadata.request_id).await?;
    /// let urls: Vec<_> = results.rows.iter().map(|row| row.url.as_str()).collect();
    /// assert_eq!(urls, ["http://ads.invalid/seen", "http://ads.invalid/25"]);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn track_event<'a>(
        &self,
        answer: impl Into<AnswerRef<'a>>,
        ad: &ResolvedAd,
        event: &AdEvent,
        at: &Moment,
    ) -> Vec<TrackedBeacon> {
        let answer = answer.into();
        let number = idempotency::number_of(&answer, ad);
        if *event == AdEvent::Impression && idempotency::had_impression(&answer, number) {
            return Vec::new();
        }
        let occurrence = idempotency::occurrence(number, ad, event, at);
        let (group, consent) = (answer.request_id, answer.consent);
        let beacons = beacon::beacons(ad, event, at);
        self.put(BeaconBatch { group, occurrence: &occurrence, consent, beacons }).await
    }

    /// What became of all beacons of a request or session so far, put with its answer or said later: the ledger's lines of
    /// this group and their sums. An outbox forgets what was settled long ago, see [`Quota`](super::outbox::Quota).
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`].
    pub async fn results(&self, group: &str) -> Result<TrackingResults, OutboxError> {
        self.rows(LedgerQuery { group: Some(group.to_owned()), ..LedgerQuery::default() })
            .await
            .map(TrackingResults::from)
    }

    /// The lines of the ledger: what became of each beacon.
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`].
    pub async fn rows(&self, query: LedgerQuery) -> Result<Vec<LedgerRow>, OutboxError> {
        self.0.dispatcher.outbox.rows(query).await
    }

    /// The outbox.
    pub fn outbox(&self) -> &Arc<dyn Outbox> {
        &self.0.dispatcher.outbox
    }

    /// Waits until everything in the outbox is settled or will not be due within `limit`, at most `limit`.
    pub async fn drain(&self, limit: Duration) -> DrainReport {
        let deadline = self.now().after(limit);
        let until = Instant::now() + limit;
        let woken = self.0.dispatcher.wake();
        let mut status = self.0.dispatcher.status.subscribe();
        let is_called = self.run(RunUntil::Empty);
        let done = status.wait_for(|status| match status.idle {
            Some((seen, next)) => seen >= woken && next.is_none_or(|next| next > deadline),
            None => false,
        });
        let work = async {
            // Where nothing runs in the background, what waits is called from here.
            if is_called {
                drop(done.await);
            } else {
                tokio::select! {
                    _ = done => {}
                    () = self.0.dispatcher.run(RunUntil::Empty) => {}
                }
            }
        };
        drop(tokio::time::timeout_at(until, work).await);
        self.drained().await
    }

    /// What became of all beacons so far.
    pub async fn drained(&self) -> DrainReport {
        let DispatcherStatus { delivered, failed, .. } = *self.0.dispatcher.status.borrow();
        let stats = self.0.dispatcher.outbox.stats().await;
        let left = usize::try_from(stats.waiting + stats.in_flight).unwrap_or(usize::MAX);
        DrainReport { delivered, failed, left }
    }

    /// Starts calling what waits in the outbox, and goes on although nothing waits: others may put something into it. Also
    /// starts what the outbox does beside. Ends with [`close`](Self::close).
    pub(crate) fn start(&self) {
        if let Some(work) = self.0.dispatcher.outbox.attend() {
            let closing = self.0.dispatcher.closing.clone();
            self.0.background.spawn(async move {
                let _ = closing.run_until_cancelled(work).await;
            });
        }
        self.run(RunUntil::Closed);
    }

    /// Ends the calling. What is under way is dropped: it is in doubt. Nothing is taken afterwards.
    pub(crate) fn close(&self) {
        self.0.dispatcher.closing.cancel();
    }

    async fn take(&self, records: Vec<Record>, now: Timestamp) -> Result<Vec<PutOutcome>, OutboxError> {
        if self.0.dispatcher.closing.is_cancelled() {
            return Err(OutboxError::Unavailable("the client is shut down".to_owned()));
        }
        if records.len() > MAX_BATCH {
            return Err(OutboxError::Full { waiting: 0 });
        }
        let taken = self.0.dispatcher.outbox.put(records, now).await?;
        self.0.dispatcher.wake();
        self.run(RunUntil::Empty);
        Ok(taken)
    }

    fn record(&self, beacon: Beacon, key: String, group: &Arc<str>, consent: &Arc<str>, now: Timestamp) -> Record {
        let Beacon { event, url, hop, source, rule, headers, .. } = beacon;
        let expires = now.after(self.0.dispatcher.settings.age_limit(event.as_str()));
        let event = event.as_str().to_owned().into();
        let (group, consent) = (Arc::clone(group), Arc::clone(consent));
        Record { key, group, event, source, hop, url, rule, headers, consent, created: now, expires }
    }

    /// Runs the dispatcher in the background unless it runs; says whether it does.
    fn run(&self, end: RunUntil) -> bool {
        if self.0.is_running.swap(true, Ordering::AcqRel) {
            return true;
        }
        let inner = Arc::clone(&self.0);
        let is_started = self.0.background.spawn(async move { inner.call(end).await });
        if !is_started {
            self.0.is_running.store(false, Ordering::Release);
        }
        // Otherwise the task says so itself: on another thread it may have ended by now.
        is_started
    }

    fn now(&self) -> Timestamp {
        Timestamp::from(self.0.dispatcher.env.wall())
    }
}

impl TrackerShared {
    /// Runs the dispatcher until it is done, also with what was put while it was ending.
    async fn call(&self, end: RunUntil) {
        loop {
            let woken = *self.dispatcher.woken.borrow();
            self.dispatcher.run(end).await;
            self.is_running.store(false, Ordering::Release);
            let is_over = self.dispatcher.closing.is_cancelled() || *self.dispatcher.woken.borrow() == woken;
            if is_over || self.is_running.swap(true, Ordering::AcqRel) {
                return;
            }
        }
    }
}

/// Consent in the form of a query.
fn form(consent: &Consent) -> String {
    let mut form = String::new();
    let mut add = |name: &str, value: &str| {
        let separator = if form.is_empty() { "" } else { "&" };
        // Writing into a String cannot fail.
        let _ = write!(form, "{separator}{name}={value}");
    };
    let flag = |flag: bool| if flag { "1" } else { "0" };
    for (name, value) in [("gdpr", consent.gdpr), ("coppa", consent.coppa), ("lmt", consent.limit_ad_tracking)] {
        value.into_iter().for_each(|value| add(name, flag(value)));
    }
    for (name, value) in [("gdpr_consent", &consent.gdpr_consent), ("gpp", &consent.gpp)] {
        value.iter().for_each(|value| add(name, value));
    }
    let sections: Vec<_> = consent.gpp_sections.iter().map(u16::to_string).collect();
    if !sections.is_empty() {
        add("gpp_sid", &sections.join(","));
    }
    form
}

#[cfg(test)]
mod tests;
