//! The commands of the writer thread, one commit of them, and the status that others can read.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redb::{Database, ReadableTable, WriteTransaction};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::super::interface::{Claim, Claims, OutboxError, PutOutcome, Settlement};
use super::super::ledger::{LedgerQuery, OutboxStats};
use super::super::queue::{OutboxQueue, Storage};
use super::super::quota::Quota;
use super::super::record::{DeliveryProgress, Record, StoredBeacon, Timestamp};
use super::answers::{PendingReply, Responder, reply};
use super::codec;
use super::commit_log::{CommitLog, ReadLog};
use super::file::OpenedLog;
use super::folded::LazyTransaction;
use super::inbox::IsPut;
use super::layout::{Error, FORMAT, LOG_FORMAT, META, META_FORMAT, META_FRAME, META_LAST};
use super::pending::RowMemory;
use super::tables::{self, RowCounts, Tables};

/// A command to the writer thread.
pub(super) enum StoreCommand {
    PutBatch(Vec<Record>, Timestamp, Responder<Vec<PutOutcome>>),
    Claim(Claim, Responder<Claims>),
    Settle(Vec<Settlement>, Timestamp, Responder<usize>),
    Requeue(LedgerQuery, Timestamp, Responder<u64>),
    Purge(LedgerQuery, Timestamp, Responder<u64>),
    /// Writes the changes of the commit log to their tables, so that a reader finds them there.
    Fold(Responder<()>),
}

impl StoreCommand {
    /// Executes the command in a transaction. There is an answer also if the store fails.
    pub(super) fn apply(self, queue: &mut OutboxQueue, tables: &mut Tables<'_>) -> (PendingReply, Result<(), Error>) {
        match self {
            Self::PutBatch(batch, now, reply) => answered(reply, queue.put(tables, batch, now)),
            Self::Claim(claim, reply) => answered(reply, queue.claim(tables, &claim).map(Ok)),
            Self::Settle(settlements, _, reply) => answered(reply, queue.settle(tables, settlements).map(Ok)),
            Self::Requeue(query, now, reply) => answered(reply, queue.requeue(tables, &query, now)),
            Self::Purge(query, _, reply) => answered(reply, queue.purge(tables, &query).map(Ok)),
            Self::Fold(reply) => answered(reply, tables.fold().map(Ok)),
        }
    }

    /// The time of the command, as its sender gave it.
    pub(super) fn now(&self) -> Timestamp {
        match self {
            Self::PutBatch(_, now, _) | Self::Settle(_, now, _) | Self::Requeue(_, now, _) | Self::Purge(_, now, _) => {
                *now
            }
            Self::Claim(claim, _) => claim.now,
            Self::Fold(_) => Timestamp::ZERO,
        }
    }

    /// Answers the command with an error.
    pub(super) fn refuse(self, error: &OutboxError) {
        let error = error.clone();
        match self {
            Self::PutBatch(.., responder) => reply(responder, Err(error)),
            Self::Claim(_, responder) => reply(responder, Err(error)),
            Self::Settle(.., responder) => reply(responder, Err(error)),
            Self::Requeue(.., responder) | Self::Purge(.., responder) => reply(responder, Err(error)),
            Self::Fold(responder) => reply(responder, Err(error)),
        }
    }
}

impl IsPut for StoreCommand {
    fn is_put(&self) -> bool {
        matches!(self, Self::PutBatch(..))
    }
}

fn answered<T: Send + 'static>(
    reply: Responder<T>,
    done: Result<Result<T, OutboxError>, Error>,
) -> (PendingReply, Result<(), Error>) {
    match done {
        Ok(answer) => (PendingReply::new(reply, answer), Ok(())),
        Err(error) => (PendingReply::new(reply, Err(OutboxError::Unavailable(error.to_string()))), Err(error)),
    }
}

/// An open file and its queue. After a failed commit the queue does not agree with the file, so both are opened again.
pub(super) struct OpenStore {
    /// Before `database`, so that its tables are closed first.
    memory: RowMemory,
    pub(super) database: Arc<Database>,
    queue: OutboxQueue,
    /// The numbers of rows without those that are only in the commit log.
    folded: RowCounts,
    /// The time of the last commit.
    last: Timestamp,
    /// `None` if the file is only read: changes are in memory and no commit has to be durable.
    log: Option<CommitLog>,
    /// How long the last commit took to become durable, without the work on its rows.
    pub(super) last_sync: Duration,
    /// The number of rows that could not be read when the file was opened.
    pub(super) unreadable: u64,
}

impl OpenStore {
    /// Reads the beacons that wait. For an attempt that an earlier process had begun, nobody knows whether it
    /// arrived. `id` is the id of a new file.
    ///
    /// The database is shared, because closing a damaged one can panic: after a panic here the caller closes it.
    pub(super) fn new(
        database: &Arc<Database>,
        log: OpenedLog,
        id: u64,
        quota: Quota,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let txn = LazyTransaction::new(database);
        tables::try_open(txn.get()?)?;
        let (log, rows) = read_log(txn.get()?, log, id)?;
        let mut memory = RowMemory::default();
        let replayed = tables::change(&txn, &mut memory, |tables| tables.replay(&rows))?;
        let mut meta = txn.get()?.open_table(META)?;
        meta.insert(META_FORMAT, if log.is_some() { LOG_FORMAT } else { FORMAT })?;
        if let Some(log) = &log {
            meta.insert(META_FRAME, log.next())?;
        }
        let last = meta.get(META_LAST)?.map_or(Timestamp::ZERO, |last| Timestamp::from_millis(last.value()));
        let last = last.max(replayed.last);
        meta.insert(META_LAST, last.min(now).millis())?;
        drop(meta);
        if last > now {
            move_times(&txn, &mut memory, last.since(now))?;
        }
        let (queue, unreadable, folded) = tables::change(&txn, &mut memory, |tables| read_queue(tables, quota, now))?;
        txn.commit()?;
        let mut store = Self {
            database: Arc::clone(database),
            queue,
            memory,
            folded,
            last: last.min(now),
            log,
            last_sync: Duration::ZERO,
            unreadable: unreadable + replayed.unreadable,
        };
        store.log.iter_mut().for_each(CommitLog::restart);
        Ok(store)
    }

    /// The numbers of rows.
    pub(super) fn row_counts(&self) -> RowCounts {
        let (RowCounts { delivered, dead, keys }, pending) = (self.folded, &self.memory.pending);
        RowCounts {
            delivered: delivered + pending.delivered.len() as u64,
            dead: dead + pending.dead.len() as u64,
            keys: keys + pending.keys.len() as u64,
        }
    }

    /// Writes everything to the tables and removes the commit log. Earlier versions can use the file then.
    pub(super) fn close(&mut self) -> Result<(), Error> {
        let (reply, _) = oneshot::channel();
        self.commit(&mut VecDeque::from([StoreCommand::Fold(reply)]), &mut Vec::new())?;
        let Some(log) = self.log.take() else { return Ok(()) };
        let txn = self.database.begin_write()?;
        txn.open_table(META)?.insert(META_FORMAT, FORMAT)?;
        txn.commit()?;
        Ok(log.remove()?)
    }

    pub(super) fn queue(&self) -> &OutboxQueue {
        &self.queue
    }

    /// Executes commands in one commit. After `Ok` the commit is durable, and `answers` may be sent. After an error the commands
    /// that were not executed are still in `commands`.
    pub(super) fn commit(
        &mut self,
        commands: &mut VecDeque<StoreCommand>,
        answers: &mut Vec<PendingReply>,
    ) -> Result<(), Error> {
        let txn = LazyTransaction::new(&self.database);
        let mut last = self.last;
        let (queue, log) = (&mut self.queue, &mut self.log);
        let done = tables::change(&txn, &mut self.memory, |tables| {
            while let Some(command) = commands.pop_front() {
                last = last.max(command.now());
                let (answer, done) = command.apply(queue, tables);
                answers.push(answer);
                done?;
            }
            if !tables.is_written {
                let Some(row) = tables.journal_row(last) else { return Ok(Durable::Nothing) };
                let began = Instant::now();
                if let Some(log) = log
                    && log.append(&row)?
                {
                    return Ok(Durable::Log(began.elapsed()));
                }
            }
            tables.fold()?;
            queue.trim(tables, last)?;
            Ok(Durable::Tables(tables.row_counts()?))
        })?;
        self.last = last;
        match done {
            // Without changes no sync is needed.
            Durable::Nothing => txn.abort(),
            Durable::Log(sync) => {
                self.last_sync = sync;
                txn.abort()
            }
            Durable::Tables(folded) => {
                self.folded = folded;
                let mut meta = txn.get()?.open_table(META)?;
                meta.insert(META_LAST, last.millis())?;
                if let Some(log) = &self.log {
                    meta.insert(META_FRAME, log.next())?;
                }
                drop(meta);
                let began = Instant::now();
                txn.commit()?;
                self.last_sync = began.elapsed();
                self.log.iter_mut().for_each(CommitLog::restart);
                Ok(())
            }
        }
    }
}

/// Where the changes of a commit are durable.
enum Durable {
    /// There are none.
    Nothing,
    /// In the commit log, after a write and a sync of this duration.
    Log(Duration),
    /// In the tables, which have these numbers of rows, when the transaction is committed.
    Tables(RowCounts),
}

/// The commit log, if the file is written, and its rows. `id` is the id of a file that has none.
pub(super) fn read_log(
    txn: &WriteTransaction,
    log: OpenedLog,
    id: u64,
) -> Result<(Option<CommitLog>, Vec<Vec<u8>>), Error> {
    let (id, frame) = tables::log_place(txn, id)?;
    Ok(match log {
        OpenedLog::None => (None, Vec::new()),
        OpenedLog::ReadOnly(bytes) => (None, ReadLog::of(&bytes, id, frame).rows),
        OpenedLog::Writable(storage) => {
            let (log, rows) = CommitLog::open(storage, id, frame)?;
            (Some(log), rows)
        }
    })
}

/// Moves the times of all beacons that wait back by this much, because the clock was set back: they must not wait longer, and not
/// live longer, than before.
fn move_times(txn: &LazyTransaction<'_>, memory: &mut RowMemory, by: Duration) -> Result<(), Error> {
    let moved = |time: Timestamp| Timestamp::ZERO.after(time.since(Timestamp::ZERO.after(by)));
    tables::change(txn, memory, |tables| {
        let mut waiting = Vec::new();
        tables.each_waiting(|id, bytes| waiting.extend(codec::decode(bytes).ok().map(|(stored, _)| (id, stored))))?;
        for (id, StoredBeacon { record, progress }) in waiting {
            let record = Record { expires: moved(record.expires), created: moved(record.created), ..(*record).clone() };
            let progress = DeliveryProgress { due: moved(progress.due), ..progress };
            tables.insert_waiting(id, &StoredBeacon { record: Arc::new(record), progress })?;
        }
        tables.fold()
    })
}

fn read_queue(tables: &mut Tables<'_>, quota: Quota, now: Timestamp) -> Result<(OutboxQueue, u64, RowCounts), Error> {
    let claims = tables.open_claims()?;
    let (last_id, last_claim) = (tables.last_id()?, claims.last().map_or(0, |(claim, _)| *claim));
    tables.begin(last_id, last_claim);
    let keys = tables.key_state()?;
    let mut queue = OutboxQueue::new(quota, last_id, last_claim, keys.young, keys.since);
    let mut unreadable = 0;
    tables.each_waiting(|id, bytes| match codec::decode(bytes) {
        Ok((stored, _)) => queue.enter(id, &stored),
        Err(_) => unreadable += 1,
    })?;
    for (claim, beacons) in claims {
        queue.doubt(tables, claim, &beacons, now)?;
    }
    tables.fold()?;
    Ok((queue, unreadable, tables.row_counts()?))
}

/// The longest time that a reader waits until the rows are loaded.
const LOADING: Duration = Duration::from_secs(30);

/// The status of the store: written by the writer thread, read by any thread.
pub(super) struct StoreStatus(Mutex<StatusFields>, Condvar);

#[derive(Default)]
struct StatusFields {
    /// Whether the rows are still being read after the file was opened.
    is_loading: bool,
    database: Option<Arc<Database>>,
    stats: OutboxStats,
}

impl StoreStatus {
    pub(super) fn new(set_aside: &[PathBuf]) -> Self {
        let set_aside = set_aside.iter().map(|file| file.display().to_string()).collect();
        let stats = OutboxStats { set_aside, ..OutboxStats::default() };
        Self(Mutex::new(StatusFields { is_loading: true, stats, ..StatusFields::default() }), Condvar::new())
    }

    /// The statistics after the last commit.
    pub(super) fn stats(&self) -> OutboxStats {
        self.loaded().stats.clone()
    }

    /// The reason why the store does not work now; `None` if it works.
    pub(super) fn problem(&self) -> Option<String> {
        self.lock().stats.problem.clone()
    }

    /// The database, while it is open.
    pub(super) fn database(&self) -> Option<Arc<Database>> {
        self.loaded().database.clone()
    }

    /// The fields after the rows were read. The wait is bounded: a disk that hangs must not block its own status.
    fn loaded(&self) -> MutexGuard<'_, StatusFields> {
        let loaded = self.1.wait_timeout_while(self.lock(), LOADING, |fields| fields.is_loading);
        loaded.unwrap_or_else(PoisonError::into_inner).0
    }

    pub(super) fn open(&self, store: &OpenStore) {
        let mut known = self.lock();
        known.database = Some(Arc::clone(&store.database));
        known.stats.problem = None;
        known.stats.unreadable = store.unreadable;
        known.stats.format = FORMAT;
        drop(known);
        self.count(store);
        self.end_loading();
    }

    pub(super) fn count(&self, store: &OpenStore) {
        let (queue, rows) = (store.queue(), store.row_counts());
        let stats = &mut self.lock().stats;
        (stats.waiting, stats.in_flight, stats.bytes) = queue.counts();
        (stats.delivered, stats.dead, stats.keys) = (rows.delivered, rows.dead, rows.keys);
        stats.keys_forgotten_early = queue.keys_forgotten_early();
    }

    pub(super) fn repaired(&self, repaired: bool) {
        self.lock().stats.repaired |= repaired;
    }

    fn end_loading(&self) {
        self.lock().is_loading = false;
        self.1.notify_all();
    }

    pub(super) fn fail(&self, problem: &str) {
        let mut known = self.lock();
        known.database = None;
        known.stats.problem = Some(problem.to_owned());
        drop(known);
        self.end_loading();
    }

    pub(super) fn close(&self) {
        self.lock().database = None;
        self.end_loading();
    }

    fn lock(&self) -> MutexGuard<'_, StatusFields> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
