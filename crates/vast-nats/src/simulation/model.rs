//! A model of the broker: streams and rows in memory, and faults.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use futures_util::stream::{self, BoxStream, StreamExt};
use vast_client::env::Env;
use vast_client::track::outbox::Timestamp;

use crate::broker::{Broker, BrokerError, Publicated, Publication, Receipt, Received, StoredMessage, StreamCounts};
use crate::message::BeaconRow;
use crate::names::{StreamNames, StreamRole};

pub(super) const SECOND: Duration = Duration::from_secs(1);
const ID_WINDOW: Duration = Duration::from_secs(120);
const ACK_WAIT: Duration = Duration::from_secs(30);

#[derive(Debug)]
struct QueuedMessage {
    payload: Bytes,
    stored_at: Timestamp,
    deliveries: u32,
    hidden_until: Timestamp,
}

#[derive(Default)]
struct ModelQueue {
    last: u64,
    messages: BTreeMap<u64, QueuedMessage>,
    ids: HashMap<String, (u64, Timestamp)>,
}

struct ModelState {
    queues: HashMap<StreamRole, ModelQueue>,
    rows: HashMap<StreamRole, HashMap<String, StoredMessage>>,
    last_row: u64,
    rng: Rng,
    has_faults: bool,
    down_until: Timestamp,
}

/// The broker that all gateways of a run use.
pub(super) struct Model {
    state: Mutex<ModelState>,
    env: Env,
    names: StreamNames,
}

impl Model {
    pub(super) fn new(env: Env, seed: u64) -> Arc<Self> {
        let state = ModelState {
            queues: HashMap::new(),
            rows: HashMap::new(),
            last_row: 0,
            rng: Rng::with_seed(seed),
            has_faults: true,
            down_until: Timestamp::ZERO,
        };
        Arc::new(Self { state: Mutex::new(state), env, names: names() })
    }

    fn state(&self) -> MutexGuard<'_, ModelState> {
        self.state.lock().expect("no test has panicked with the lock")
    }

    fn now(&self) -> Timestamp {
        Timestamp::from(self.env.wall())
    }

    /// No request succeeds for this time.
    pub(super) fn stop_for(&self, time: Duration) {
        self.state().down_until = self.now().after(time);
    }

    pub(super) fn end_faults(&self) {
        self.state().has_faults = false;
    }

    pub(super) fn messages(&self, place: StreamRole) -> usize {
        self.state().queues.get(&place).map_or(0, |queue| queue.messages.len())
    }

    /// The rows of a stream by the key of their beacon.
    pub(super) fn rows(&self, place: StreamRole) -> HashMap<String, BeaconRow> {
        let state = self.state();
        let rows = state.rows.get(&place).into_iter().flat_map(HashMap::values);
        let row = |message: &StoredMessage| BeaconRow::unverified(&message.payload).expect("a row");
        rows.map(row).map(|row| (row.stored.record.key.clone(), row)).collect()
    }

    fn place(&self, subject: &str) -> StreamRole {
        let places =
            StreamRole::ALL.into_iter().filter(|place| !matches!(place, StreamRole::Dead | StreamRole::Ledger));
        let mut queue = places.filter(|place| self.names.queue(*place) == subject);
        let is_dead = subject.starts_with("vast.dead.");
        queue.next().unwrap_or(if is_dead { StreamRole::Dead } else { StreamRole::Ledger })
    }

    /// Whether something happens whose share is this, in percent.
    fn happens(&self, percent: u8) -> bool {
        let mut state = self.state();
        state.has_faults && state.rng.u8(..100) < percent
    }

    fn is_down(&self) -> bool {
        let state = self.state();
        state.has_faults && self.now() < state.down_until
    }

    async fn delay(&self) {
        let most = if self.happens(5) { 5_000 } else { 20 };
        let millis = self.state().rng.u64(..most);
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }

    fn store(&self, place: StreamRole, publication: Publication) -> Result<Publicated, BrokerError> {
        let now = self.now();
        let mut state = self.state();
        let Publication { subject, id, after, payload } = publication;
        if matches!(place, StreamRole::Dead | StreamRole::Ledger) {
            let newest = state.rows.entry(place).or_default().get(&subject).map_or(0, |row| row.sequence);
            if after.is_some_and(|after| after != newest) {
                return Err(BrokerError::Changed);
            }
            state.last_row += 1;
            let sequence = state.last_row;
            state.rows.entry(place).or_default().insert(subject, StoredMessage { sequence, payload });
            return Ok(Publicated { sequence, is_duplicate: false });
        }
        let queue = state.queues.entry(place).or_default();
        let known = id.as_ref().and_then(|id| queue.ids.get(id)).filter(|(_, at)| now.since(*at) < ID_WINDOW);
        if let Some((sequence, _)) = known {
            return Ok(Publicated { sequence: *sequence, is_duplicate: true });
        }
        queue.last += 1;
        let sequence = queue.last;
        if let Some(id) = id {
            queue.ids.insert(id, (sequence, now));
        }
        let message = QueuedMessage { payload, stored_at: now, deliveries: 0, hidden_until: Timestamp::ZERO };
        queue.messages.insert(sequence, message);
        Ok(Publicated { sequence, is_duplicate: false })
    }

    /// A message that may be sent now.
    fn next(&self, place: StreamRole) -> Option<Received> {
        let now = self.now();
        let is_sent_early = self.happens(4);
        let is_out_of_order = self.happens(20);
        let mut state = self.state();
        let early = state.rng.u64(..20_000);
        let queue = state.queues.entry(place).or_default();
        let visible = queue.messages.iter().filter(|(_, message)| message.hidden_until <= now);
        let sequence = visible.map(|(sequence, _)| *sequence).nth(usize::from(is_out_of_order));
        let sequence = sequence?;
        let message = queue.messages.get_mut(&sequence)?;
        message.deliveries += 1;
        let wait = if is_sent_early { Duration::from_millis(early) } else { ack_wait(place) };
        message.hidden_until = now.after(wait);
        Some(Received {
            receipt: receipt(place, sequence),
            payload: message.payload.clone(),
            stored_at: message.stored_at,
            is_repeated: message.deliveries > 1,
        })
    }
}

pub(super) fn names() -> StreamNames {
    StreamNames::new("vast").expect("a prefix")
}

fn ack_wait(place: StreamRole) -> Duration {
    match place {
        StreamRole::Retry(delay) => delay.length(SECOND) + ACK_WAIT,
        _ => ACK_WAIT,
    }
}

fn receipt(place: StreamRole, sequence: u64) -> Receipt {
    let index = StreamRole::ALL.iter().position(|known| *known == place).unwrap_or_default();
    Receipt(format!("{index}:{sequence}"))
}

fn of_receipt(receipt: &Receipt) -> (StreamRole, u64) {
    let (index, sequence) = receipt.0.split_once(':').expect("a receipt");
    (StreamRole::ALL[index.parse::<usize>().expect("an index")], sequence.parse().expect("a number"))
}

/// The connection of one gateway to the model.
pub(super) struct ModelBroker(pub(super) Arc<Model>);

impl Broker for ModelBroker {
    fn publish(&self, publication: Publication) -> BoxFuture<'_, Result<Publicated, BrokerError>> {
        async move {
            let model = &self.0;
            model.delay().await;
            if model.is_down() || model.happens(4) {
                return Err(BrokerError::Unavailable("the request was lost".to_owned()));
            }
            let stored = model.store(model.place(&publication.subject), publication);
            model.delay().await;
            if model.happens(4) {
                return Err(BrokerError::Unavailable("the answer was lost".to_owned()));
            }
            stored
        }
        .boxed()
    }

    fn newest(&self, place: StreamRole, subject: String) -> BoxFuture<'_, Result<Option<StoredMessage>, BrokerError>> {
        async move {
            self.0.delay().await;
            if self.0.is_down() || self.0.happens(4) {
                return Err(BrokerError::Unavailable("the answer was lost".to_owned()));
            }
            Ok(self.0.state().rows.get(&place).and_then(|rows| rows.get(&subject)).cloned())
        }
        .boxed()
    }

    fn receive(&self, place: StreamRole, limit: usize) -> BoxStream<'_, Result<Received, BrokerError>> {
        let end = self.0.now().after(Duration::from_secs(2));
        let next = move |count: usize| async move {
            loop {
                let message = if self.0.is_down() || count >= limit { None } else { self.0.next(place) };
                if let Some(message) = message {
                    return Some((Ok(message), count + 1));
                }
                if count >= limit || self.0.now() >= end {
                    return None;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        stream::unfold(0, next).boxed()
    }

    fn remove(&self, receipt: Receipt) -> BoxFuture<'_, ()> {
        if !self.0.happens(5) {
            let (place, sequence) = of_receipt(&receipt);
            self.0.state().queues.entry(place).or_default().messages.remove(&sequence);
        }
        ready(()).boxed()
    }

    fn extend(&self, receipt: Receipt) -> BoxFuture<'_, ()> {
        if !self.0.happens(10) {
            let (place, sequence) = of_receipt(&receipt);
            let end = self.0.now().after(ack_wait(place));
            let mut state = self.0.state();
            if let Some(message) = state.queues.entry(place).or_default().messages.get_mut(&sequence) {
                message.hidden_until = message.hidden_until.max(end);
            }
        }
        ready(()).boxed()
    }

    fn counts(&self, _: StreamRole) -> BoxFuture<'_, Result<StreamCounts, BrokerError>> {
        ready(Ok(StreamCounts::default())).boxed()
    }

    fn read(&self, _: StreamRole, _: String, _: usize) -> BoxFuture<'_, Result<Vec<StoredMessage>, BrokerError>> {
        ready(Ok(Vec::new())).boxed()
    }

    fn delete(&self, _: StreamRole, _: u64) -> BoxFuture<'_, Result<(), BrokerError>> {
        ready(Ok(())).boxed()
    }

    fn flush(&self) -> BoxFuture<'_, ()> {
        ready(()).boxed()
    }

    fn problem(&self) -> Option<String> {
        None
    }
}
