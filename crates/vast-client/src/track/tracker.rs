//! The tracker: it puts the beacons that are due into the outbox and calls their URLs in the background.

mod batch;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::answer::{AnswerRef, DueAtAnswer, TrackedAnswer};
use super::beacon::{
    self, AdBreakEvent, AdEvent, Beacon, BeaconBudget, BreakRef, Moment, RefusalReason, TrackedBeacon,
};
use super::delivery::{DeliverySettings, Dispatcher, DispatcherStatus, ExtraExchanges, RunUntil};
use super::idempotency;
use super::outbox::{LedgerQuery, LedgerRow, Outbox, OutboxError, PutOutcome, Record, Timestamp, TrackingResults};
use super::session::{BreakEvent, SessionEvent};
use crate::ad::ResolvedAd;
use crate::env::Env;
use crate::policy::later;
use crate::stats::BeaconStats;
use crate::transport::{BackgroundTasks, HttpClient};
pub use batch::BeaconBatch;
use batch::{BatchDraft, BatchName, BatchPart, MAX_BATCH};

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

/// The parts of a tracker.
pub(crate) struct TrackerParts {
    pub(crate) http: HttpClient,
    pub(crate) background: BackgroundTasks,
    pub(crate) outbox: Arc<dyn Outbox>,
    pub(crate) env: Env,
    pub(crate) settings: DeliverySettings,
}

/// How many beacons were settled so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DrainReport {
    /// The number of beacons that were delivered since this tracker was created.
    pub delivered: u64,
    /// The number of dead letters since this tracker was created. The ledger has their reasons.
    pub failed: u64,
    /// The number of beacons that are not settled yet, including those of earlier processes.
    pub left: usize,
}

impl Tracker {
    pub(crate) fn new(parts: TrackerParts) -> Self {
        let TrackerParts { http, background, outbox, env, settings } = parts;
        let dispatcher = Dispatcher {
            http,
            draws: Env::draws(env.seed()),
            outbox,
            env,
            settings,
            extra_exchanges: ExtraExchanges::new(settings.max_extra_exchanges),
            wake: Notify::new(),
            woken: watch::Sender::new(0),
            status: watch::Sender::new(DispatcherStatus::default()),
            closing: CancellationToken::new(),
        };
        Self(Arc::new(TrackerShared { dispatcher, background, is_running: AtomicBool::new(false) }))
    }

    /// Puts the beacons that are due at the answer into the outbox and starts calling them. A failure here does not
    /// make the request fail.
    pub(crate) async fn track_answer(&self, due: DueAtAnswer<'_>) -> TrackedAnswer {
        let DueAtAnswer { answers, options, moment, is_seeded, errors } = due;
        // A seeded request has the same id each time, but each run of it is another occurrence of its events.
        let nonce = is_seeded.then(|| self.0.dispatcher.draws.with(|rng| rng.u32(..)));
        let nonce = nonce.map_or_else(String::new, |nonce| format!("-{nonce:08x}"));
        let put = async |answer: &AnswerRef<'_>, event, parts: Vec<Vec<Beacon>>| {
            let Some(_) = parts.first() else { return Vec::new() };
            let occurrence = format!("{}{event}{nonce}", idempotency::of_break(answer.break_number));
            self.put_parts(
                BatchName { group: answer.request_id, occurrence: &occurrence, consent: answer.consent },
                parts,
            )
            .await
        };
        let mut budget = BeaconBudget::new(options.max_beacons);
        let mut tracked = vec![Vec::new(); answers.len()];
        // Separate batches, so that a refused batch of error reports does not prevent the impressions of the answer. The impressions
        // of all breaks come before everything else.
        if options.auto_track {
            for (answer, tracked) in answers.iter().zip(&mut tracked) {
                let due = beacon::impressions(answer.ads, moment, &mut budget);
                tracked.extend(put(answer, "impression", due).await);
            }
        }
        if options.report_not_used {
            for (answer, tracked) in answers.iter().zip(&mut tracked) {
                let due = beacon::not_used(answer.ads, answer.passed_over, moment, &mut budget);
                tracked.extend(put(answer, "notUsed", due).await);
            }
        }
        if options.report_errors
            && let (Some(answer), Some(tracked)) = (answers.first(), tracked.first_mut())
        {
            tracked.extend(put(answer, "error", beacon::errors(&errors, moment, &mut budget)).await);
        }
        TrackedAnswer { tracked, omitted: budget.omitted }
    }

    /// Puts the beacons of one event into the outbox, all or none, and starts calling them. When this returns, the outbox has
    /// stored them. A beacon that it did not take is [`BeaconState::Refused`](crate::track::BeaconState::Refused) and has a
    /// [`refusal`](TrackedBeacon::refusal). A batch may have 10,000 beacons; those beyond that are refused.
    pub async fn put(&self, batch: BeaconBatch<'_>) -> Vec<TrackedBeacon> {
        let BeaconBatch { group, occurrence, consent, beacons } = batch;
        self.put_parts(BatchName { group, occurrence, consent }, vec![beacons]).await
    }

    /// [`put`](Self::put) for the beacons of many events. The outbox stores up to 10,000 beacons at once, so an outbox on disk writes
    /// once for all of them. If it has no room for all, each batch is put as a whole or not at all, in order.
    ///
    /// Returns the beacons of each batch, in order.
    pub async fn put_all(&self, batches: Vec<BeaconBatch<'_>>) -> Vec<Vec<TrackedBeacon>> {
        let mut draft = BatchDraft::new(self.now());
        let mut sizes = Vec::with_capacity(batches.len());
        for BeaconBatch { group, occurrence, consent, beacons } in batches {
            sizes.push(beacons.len());
            draft.add(BatchName { group, occurrence, consent }, vec![beacons], &self.0.dispatcher.settings);
        }
        let mut tracked = self.put_draft(draft).await.into_iter();
        sizes.into_iter().map(|size| tracked.by_ref().take(size).collect()).collect()
    }

    /// [`put`](Self::put) for a batch of several parts, for example one per ad. If the outbox has no room for all of them, each
    /// part is put as a whole or not at all, in order.
    async fn put_parts(&self, name: BatchName<'_>, parts: Vec<Vec<Beacon>>) -> Vec<TrackedBeacon> {
        let mut draft = BatchDraft::new(self.now());
        draft.add(name, parts, &self.0.dispatcher.settings);
        self.put_draft(draft).await
    }

    /// Calls the trackers of an event of a [`BreakSession`](super::session::BreakSession) that was created with the ads
    /// of `answer`. It calls [`track_event`](Self::track_event) once.
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

    /// Calls the trackers of an event of an ad: those of all levels are put into the outbox, all or none. **The caller states that
    /// the event took place, and payments depend on it.** A [`session`](super::session) knows when an event takes place.
    ///
    /// The same event of the same ad at the same moment (its [`seed`](Moment::seed) and creative) counts once within 24 hours,
    /// also if several processes with this outbox report it. Borrow `ad` from the result: a copy counts as the first ad that
    /// equals it. An impression that was put with the answer, because of [`auto_track`](crate::FetchConfig::auto_track), is not
    /// put again.
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
        let of_break = idempotency::of_break(answer.break_number);
        let occurrence = format!("{of_break}{}", idempotency::occurrence(number, ad, event, at));
        let (group, consent) = (answer.request_id, answer.consent);
        let beacons = beacon::beacons(ad, event, at);
        self.put(BeaconBatch { group, occurrence: &occurrence, consent, beacons }).await
    }

    /// Calls the trackers of a break of a playlist (VMAP 1.0.1 section 2.3.3); the ads of the break have other trackers, see
    /// [`track_session_event`](Self::track_session_event). `occurrence` counts how often the break has played, from 0. The start and
    /// the end of an occurrence count once within 24 hours; each different error counts once.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use vast_client::track::{AdBreakEvent, Moment};
    /// use vast_client::{SourceConfig, VastClient};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), vast_client::ConfigError> {
    /// let playlist = r#"<vmap:VMAP xmlns:vmap="http://www.iab.net/videosuite/vmap" version="1.0">
    ///     <vmap:AdBreak timeOffset="start" breakType="linear"><vmap:TrackingEvents>
    ///     <vmap:Tracking event="breakStart">http://ads.invalid/start</vmap:Tracking></vmap:TrackingEvents></vmap:AdBreak></vmap:VMAP>"#;
    /// let client = VastClient::new(SourceConfig::inline(playlist))?;
    /// let result = client.request_ad().await;
    ///
    /// let preroll = result.break_ref(0).expect("a break");
    /// let now = Moment::new(SystemTime::UNIX_EPOCH, 1);
    /// let tracked = client.tracker().track_break(preroll, &AdBreakEvent::Start, 0, &now).await;
    /// assert_eq!(tracked[0].url, "http://ads.invalid/start");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn track_break(
        &self,
        of: BreakRef<'_>,
        event: &AdBreakEvent,
        occurrence: u32,
        at: &Moment,
    ) -> Vec<TrackedBeacon> {
        let BreakRef { request_id, consent, number, .. } = of;
        let name = match event {
            AdBreakEvent::Start => "start".to_owned(),
            AdBreakEvent::End => "end".to_owned(),
            AdBreakEvent::Error { code, .. } => format!("error-{code}-{:016x}", at.seed),
        };
        let occurrence = format!("{}{occurrence}.{name}", idempotency::of_break(Some(number)));
        let beacons = beacon::break_beacons(of, event, at);
        self.put(BeaconBatch { group: request_id, occurrence: &occurrence, consent, beacons }).await
    }

    /// All beacons of a request or session and their sums: the rows of the ledger with this group. An outbox removes settled
    /// beacons after some time, see [`Quota`](super::outbox::Quota).
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`].
    pub async fn results(&self, group: &str) -> Result<TrackingResults, OutboxError> {
        let query = LedgerQuery { group: Some(group.to_owned()), ..LedgerQuery::default() };
        self.rows(query).await.map(TrackingResults::from)
    }

    /// Updates beacons of a request or session from the ledger: state, attempts, last status and reason. After a
    /// [`drain`](Self::drain) they are final, except those that are still [`BeaconState::Queued`](crate::track::BeaconState::Queued): an outbox on disk delivers
    /// them later, an outbox in memory loses them when the process ends.
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`].
    pub async fn refresh(&self, group: &str, tracked: &mut [TrackedBeacon]) -> Result<(), OutboxError> {
        let rows = self.results(group).await?.rows;
        let rows: HashMap<&str, &LedgerRow> = rows.iter().map(|row| (row.key.as_str(), row)).collect();
        for one in tracked {
            if let Some(row) = rows.get(one.key.as_str()) {
                one.update(row);
            }
        }
        Ok(())
    }

    /// The rows of the ledger that match the query.
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

    /// Waits at most `limit` until every beacon in the outbox is settled or is not due within `limit`.
    pub async fn drain(&self, limit: Duration) -> DrainReport {
        let deadline = self.now().after(limit);
        let until = later(Instant::now(), limit);
        let woken = self.0.dispatcher.wake();
        let mut status = self.0.dispatcher.status.subscribe();
        let is_called = self.run(RunUntil::Empty);
        let done = status.wait_for(|status| match status.idle {
            Some((seen, next)) => seen >= woken && next.is_none_or(|next| next > deadline),
            None => false,
        });
        let work = async {
            // If no background task runs, this future calls the beacons.
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

    /// The numbers of the beacons so far.
    pub(crate) fn stats(&self) -> BeaconStats {
        self.0.dispatcher.status.borrow().beacons
    }

    /// How many beacons were settled so far.
    pub async fn drained(&self) -> DrainReport {
        let BeaconStats { delivered, dead: failed, .. } = self.stats();
        let stats = self.0.dispatcher.outbox.stats().await;
        let left = usize::try_from(stats.waiting + stats.in_flight).unwrap_or(usize::MAX);
        DrainReport { delivered, failed, left }
    }

    /// Starts the outbox's own work and the calls of its beacons, also of those that other processes put. [`close`](Self::close) ends both.
    pub(crate) fn start(&self) {
        if let Some(work) = self.0.dispatcher.outbox.attend() {
            let closing = self.0.dispatcher.closing.clone();
            self.0.background.spawn(async move {
                let _ = closing.run_until_cancelled(work).await;
            });
        }
        self.run(RunUntil::Closed);
    }

    /// Ends the calling of beacons. Those in flight are in doubt. Later puts are refused.
    pub(crate) fn close(&self) {
        self.0.dispatcher.closing.cancel();
    }

    async fn put_draft(&self, draft: BatchDraft) -> Vec<TrackedBeacon> {
        let BatchDraft { mut tracked, mut parts, now } = draft;
        parts.retain(|part| !part.is_empty());
        let mut parts = parts.into_iter().peekable();
        while let Some(first) = parts.next() {
            let mut count = first.len();
            let mut together = vec![first];
            while let Some(part) = parts.next_if(|part| count + part.len() <= MAX_BATCH) {
                count += part.len();
                together.push(part);
            }
            self.put_together(together, &mut tracked, now).await;
        }
        tracked.iter_mut().for_each(TrackedBeacon::settle_refusal);
        tracked
    }

    /// Puts these parts at once, or each of them if the outbox has no room for all. Errors are ignored, because `tracked` contains them
    /// as refusals.
    async fn put_together(&self, mut parts: Vec<BatchPart>, tracked: &mut [TrackedBeacon], now: Timestamp) {
        if parts.len() == 1 {
            drop(self.take(parts.remove(0), tracked, now).await);
            return;
        }
        if matches!(self.take(parts.concat(), tracked, now).await, Err(OutboxError::Full { .. })) {
            for part in parts {
                drop(self.take(part, tracked, now).await);
            }
        }
    }

    /// Puts records into the outbox and notes in `tracked`, by their numbers, which of them were refused.
    async fn take(&self, records: BatchPart, tracked: &mut [TrackedBeacon], now: Timestamp) -> Result<(), OutboxError> {
        let (numbers, records): (Vec<_>, Vec<_>) = records.into_iter().unzip();
        let outcomes = self.put_records(records, now).await;
        for (place, number) in numbers.into_iter().enumerate() {
            let Some(one) = tracked.get_mut(number) else { continue };
            one.is_known = outcomes.as_ref().is_ok_and(|outcomes| outcomes.get(place) == Some(&PutOutcome::Duplicate));
            one.refusal = match &outcomes {
                // The key of a duplicate is known, so the outbox has stored this beacon before.
                Ok(outcomes) => match outcomes.get(place) {
                    Some(PutOutcome::Queued | PutOutcome::Duplicate) => None,
                    Some(PutOutcome::TooLarge) => Some(RefusalReason::TooLarge),
                    None => Some(RefusalReason::OutboxFailed),
                },
                Err(OutboxError::Full { .. }) => Some(RefusalReason::OutboxFull),
                Err(_) if self.0.dispatcher.closing.is_cancelled() => Some(RefusalReason::ShutDown),
                Err(_) => Some(RefusalReason::OutboxFailed),
            };
            one.reason = outcomes.as_ref().err().map(ToString::to_string);
        }
        outcomes.map(drop)
    }

    async fn put_records(&self, records: Vec<Record>, now: Timestamp) -> Result<Vec<PutOutcome>, OutboxError> {
        if self.0.dispatcher.closing.is_cancelled() {
            return Err(OutboxError::Unavailable("the client was shut down".to_owned()));
        }
        let outcomes = self.0.dispatcher.outbox.put(records, now).await?;
        self.0.dispatcher.wake();
        self.run(RunUntil::Empty);
        Ok(outcomes)
    }

    /// Runs the dispatcher in the background if it does not run yet; returns whether it runs.
    fn run(&self, end: RunUntil) -> bool {
        if self.0.is_running.swap(true, Ordering::AcqRel) {
            return true;
        }
        let inner = Arc::clone(&self.0);
        let is_started = self.0.background.spawn(async move { inner.call(end).await });
        if !is_started {
            self.0.is_running.store(false, Ordering::Release);
        }
        // Do not read `is_running` here: the task resets it at its end, perhaps already on another thread.
        is_started
    }

    fn now(&self) -> Timestamp {
        Timestamp::from(self.0.dispatcher.env.wall())
    }
}

impl TrackerShared {
    /// Runs the dispatcher until it is done, including beacons that were put while it was ending.
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

#[cfg(test)]
mod tests;
