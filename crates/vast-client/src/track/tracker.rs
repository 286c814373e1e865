//! The trackers of answers: put into the outbox with the answer, called beside and after it.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::beacons::{self, Beacon, BeaconState, Tracked};
use super::courier::{Courier, CourierSettings, Pulse, Stay};
use super::moment::Moment;
use super::occasion;
use super::occurrence::AdEvent;
use super::outbox::{Outbox, OutboxError, Put, Query, Record, Row, Timestamp};
use super::results::TrackingResults;
use super::session::InBreak;
use crate::ad::ResolvedAd;
use crate::env::Env;
use crate::report::FetchResult;
use crate::request::{Consent, RequestValues, RunOptions};
use crate::transport::Background;
use crate::transport::Exchange;

/// The most trackers of one moment that are put: a batch's worth of memory. Beyond it none of the batch is taken.
const MOST_IN_BATCH: usize = 10_000;

/// Calls the trackers of answers. Cheap to clone; clones share one outbox.
#[derive(Clone)]
#[doc(alias = "MultiSourceTracker")]
#[doc(alias = "VastTracker")]
pub struct Tracker(Arc<Inner>);

struct Inner {
    courier: Courier,
    background: Background,
    is_running: AtomicBool,
}

/// What a tracker is made of.
pub(crate) struct TrackerParts {
    pub(crate) exchange: Exchange,
    pub(crate) background: Background,
    pub(crate) outbox: Arc<dyn Outbox>,
    pub(crate) env: Env,
    pub(crate) settings: CourierSettings,
}

/// The beacons of one moment: all levels of an event, taken together or not at all.
#[derive(Debug, Clone)]
pub struct Batch<'a> {
    /// The request or session, as the ledger will be asked for it.
    pub group: &'a str,
    /// What makes this moment unlike the others of its group, for example `ad-1.firstQuartile`: the same moment put twice is
    /// taken once.
    pub moment: &'a str,
    /// What the viewer agrees to.
    pub consent: &'a Consent,
    /// The beacons.
    pub beacons: Vec<Beacon>,
}

/// What became of beacons so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drained {
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
        let courier = Courier {
            exchange,
            draws,
            outbox,
            env,
            settings,
            wake: Notify::new(),
            woken: watch::Sender::new(0),
            pulse: watch::Sender::new(Pulse::default()),
            closing: CancellationToken::new(),
        };
        Self(Arc::new(Inner { courier, background, is_running: AtomicBool::new(false) }))
    }

    /// Puts what is due at the answer into the outbox and starts calling it. Never fails the request.
    pub(crate) async fn track_answer(
        &self,
        options: RunOptions,
        values: &RequestValues,
        result: &FetchResult,
    ) -> Vec<Tracked> {
        // A seeded request has the same id whenever it is made, and is another moment each time.
        let nonce = result.request.seed.map(|_| self.0.courier.draws.with(|rng| rng.u32(..)));
        let moment = |event| nonce.map_or_else(|| String::from(event), |nonce| format!("{event}-{nonce:08x}"));
        let put = async |event, beacons| {
            let (group, consent) = (&*result.metadata.request_id, &result.request.consent);
            self.put(Batch { group, moment: &moment(event), consent, beacons }).await
        };
        let mut tracked = Vec::new();
        if options.auto_track {
            let due = beacons::impressions(&result.ads, values).take(MOST_IN_BATCH + 1).collect();
            tracked.extend(put("impression", due).await);
        }
        if options.report_not_used {
            let due = beacons::not_used(&result.ads, &result.passed_over, values).take(MOST_IN_BATCH + 1).collect();
            tracked.extend(put("notUsed", due).await);
        }
        // A batch of its own: what other sources failed at must not cost the answer its impressions.
        if options.report_errors {
            let due = beacons::errors(&result.journal, &result.sources, values).take(MOST_IN_BATCH + 1).collect();
            tracked.extend(put("error", due).await);
        }
        tracked
    }

    /// Puts the beacons of a moment into the outbox, all or none, and starts calling them. When this returns, the outbox has
    /// them for good, as far as it keeps anything for good. What it did not take is [`BeaconState::Refused`].
    pub async fn put(&self, batch: Batch<'_>) -> Vec<Tracked> {
        if batch.beacons.is_empty() {
            return Vec::new();
        }
        let now = self.now();
        let (mut tracked, mut records) = (Vec::new(), Vec::new());
        let consent: Arc<str> = form(batch.consent).into();
        let group: Arc<str> = batch.group.into();
        for (number, beacon) in batch.beacons.into_iter().enumerate() {
            let (event, url) = (beacon.event.clone(), beacon.url.clone());
            tracked.push(Tracked { event, url, hop: beacon.hop, state: BeaconState::Queued });
            let key = format!("{group}.{}.{number}", batch.moment);
            records.push(self.record(beacon, key, &group, &consent, now));
        }
        let taken = self.take(records, now).await;
        for (number, tracked) in tracked.iter_mut().enumerate() {
            // One that was put before waits, or did.
            let is_taken =
                taken.as_ref().is_ok_and(|taken| matches!(taken.get(number), Some(Put::Queued | Put::Known)));
            tracked.state = if is_taken { BeaconState::Queued } else { BeaconState::Refused };
        }
        tracked
    }

    /// Says what a [`BreakSession`](super::session::BreakSession) made of the ads of `result` gave: one
    /// [`track_event`](Self::track_event).
    pub async fn track_happened(&self, result: &FetchResult, in_break: &InBreak) -> Vec<Tracked> {
        let InBreak { ad, happened } = in_break;
        match result.ads.get(*ad) {
            Some(candidate) => self.track_event(result, &candidate.ad, &happened.event, &happened.moment).await,
            None => Vec::new(),
        }
    }

    /// Says that the ad is shown: [`track_event`](Self::track_event) with [`AdEvent::Impression`].
    pub async fn track_impression(&self, result: &FetchResult, ad: &ResolvedAd, at: &Moment) -> Vec<Tracked> {
        self.track_event(result, ad, &AdEvent::Impression, at).await
    }

    /// Says that `event` happened to an ad of `result`: the trackers of all levels are put into the outbox, all or none, and
    /// called. What a caller states by this is money: when to say it, a [`session`](super::session) knows.
    ///
    /// The same event of the same ad at the same moment (its [`seed`](Moment::seed) and creative) counts once, however often
    /// and by whichever process with this outbox it is said, for 24 hours. `ad` is best borrowed from `result` itself: a copy
    /// is taken for the first ad that equals it. An impression that was put with the answer, because
    /// [`auto_track`](crate::FetchConfig::auto_track) said that the answer is the moment of play, is not put again.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use vast_client::track::session::{BreakSession, Now, SessionOptions};
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
    ///     for happened in playing.playhead(Duration::from_secs(seconds), &Now::new(SystemTime::UNIX_EPOCH)) {
    ///         client.tracker().track_happened(&result, &happened).await;
    ///     }
    /// }
    /// let results = client.tracker().results(&result.metadata.request_id).await?;
    /// let urls: Vec<_> = results.rows.iter().map(|row| row.url.as_str()).collect();
    /// assert_eq!(urls, ["http://ads.invalid/seen", "http://ads.invalid/25"]);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn track_event(
        &self,
        result: &FetchResult,
        ad: &ResolvedAd,
        event: &AdEvent,
        at: &Moment,
    ) -> Vec<Tracked> {
        let place = occasion::place(result, ad);
        if *event == AdEvent::Impression && occasion::had_impression(result, place) {
            return Vec::new();
        }
        let (group, consent) = (&*result.metadata.request_id, &result.request.consent);
        let moment = occasion::name(place, ad, event, at);
        self.put(Batch { group, moment: &moment, consent, beacons: beacons::beacons(ad, event, at) }).await
    }

    /// What became of all beacons of a request or session so far, put with its answer or said later: the ledger's lines of
    /// this group and their sums. An outbox forgets what was settled long ago, see [`Quota`](super::outbox::Quota).
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`].
    pub async fn results(&self, group: &str) -> Result<TrackingResults, OutboxError> {
        self.rows(Query { group: Some(group.to_owned()), ..Query::default() }).await.map(TrackingResults::from)
    }

    /// The lines of the ledger: what became of each beacon.
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`].
    pub async fn rows(&self, query: Query) -> Result<Vec<Row>, OutboxError> {
        self.0.courier.outbox.rows(query).await
    }

    /// The outbox.
    pub fn outbox(&self) -> &Arc<dyn Outbox> {
        &self.0.courier.outbox
    }

    /// Waits until everything in the outbox is settled or will not be due within `limit`, at most `limit`.
    pub async fn drain(&self, limit: Duration) -> Drained {
        let deadline = self.now().after(limit);
        let until = Instant::now() + limit;
        let woken = self.0.courier.wake();
        let mut pulse = self.0.courier.pulse.subscribe();
        let is_called = self.run(Stay::UntilEmpty);
        let done = pulse.wait_for(|pulse| match pulse.idle {
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
                    () = self.0.courier.run(Stay::UntilEmpty) => {}
                }
            }
        };
        drop(tokio::time::timeout_at(until, work).await);
        self.drained().await
    }

    /// What became of all beacons so far.
    pub async fn drained(&self) -> Drained {
        let Pulse { delivered, failed, .. } = *self.0.courier.pulse.borrow();
        let stats = self.0.courier.outbox.stats().await;
        let left = usize::try_from(stats.waiting + stats.in_flight).unwrap_or(usize::MAX);
        Drained { delivered, failed, left }
    }

    /// Starts calling what waits in the outbox, and goes on although nothing waits: others may put something into it. Also
    /// starts what the outbox does beside. Ends with [`close`](Self::close).
    pub(crate) fn start(&self) {
        if let Some(work) = self.0.courier.outbox.attend() {
            let closing = self.0.courier.closing.clone();
            self.0.background.spawn(async move {
                let _ = closing.run_until_cancelled(work).await;
            });
        }
        self.run(Stay::Always);
    }

    /// Ends the calling. What is under way is dropped: it is in doubt. Nothing is taken afterwards.
    pub(crate) fn close(&self) {
        self.0.courier.closing.cancel();
    }

    async fn take(&self, records: Vec<Record>, now: Timestamp) -> Result<Vec<Put>, OutboxError> {
        if self.0.courier.closing.is_cancelled() {
            return Err(OutboxError::Unavailable("the client is shut down".to_owned()));
        }
        if records.len() > MOST_IN_BATCH {
            return Err(OutboxError::Full { waiting: 0 });
        }
        let taken = self.0.courier.outbox.put(records, now).await?;
        self.0.courier.wake();
        self.run(Stay::UntilEmpty);
        Ok(taken)
    }

    fn record(&self, beacon: Beacon, key: String, group: &Arc<str>, consent: &Arc<str>, now: Timestamp) -> Record {
        let Beacon { event, url, hop, source, rule, headers, .. } = beacon;
        let expires = now.after(self.0.courier.settings.age_limit(event.as_str()));
        let event = event.as_str().to_owned().into();
        let (group, consent) = (Arc::clone(group), Arc::clone(consent));
        Record { key, group, event, source, hop, url, rule, headers, consent, created: now, expires }
    }

    /// Runs the courier in the background unless it runs; says whether it does.
    fn run(&self, stay: Stay) -> bool {
        if self.0.is_running.swap(true, Ordering::AcqRel) {
            return true;
        }
        let inner = Arc::clone(&self.0);
        let is_started = self.0.background.spawn(async move { inner.call(stay).await });
        if !is_started {
            self.0.is_running.store(false, Ordering::Release);
        }
        // Otherwise the task says so itself: on another thread it may have ended by now.
        is_started
    }

    fn now(&self) -> Timestamp {
        Timestamp::from(self.0.courier.env.wall())
    }
}

impl Inner {
    /// Runs the courier until it is done, also with what was put while it was ending.
    async fn call(&self, stay: Stay) {
        loop {
            let woken = *self.courier.woken.borrow();
            self.courier.run(stay).await;
            self.is_running.store(false, Ordering::Release);
            let is_over = self.courier.closing.is_cancelled() || *self.courier.woken.borrow() == woken;
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
mod tests {
    use super::*;

    #[test]
    fn consent_is_written_down_as_it_was_given() {
        let consent = Consent {
            gdpr: Some(true),
            gdpr_consent: Some("CPx".into()),
            gpp_sections: vec![2, 6],
            limit_ad_tracking: Some(false),
            ..Consent::default()
        };
        assert_eq!(form(&consent), "gdpr=1&lmt=0&gdpr_consent=CPx&gpp_sid=2,6");
        assert_eq!(form(&Consent::default()), "");
    }
}
