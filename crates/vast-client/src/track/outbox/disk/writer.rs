//! The writer thread: it takes all commands that wait, executes them in one commit (group commit: one sync for all), and
//! answers when the commit is durable. No async worker waits for the disk.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::interface::OutboxError;
use super::super::quota::Quota;
use super::super::record::Timestamp;
use super::answers::{PendingReply, UnsentAnswers};
use super::commit::{OpenStore, StoreCommand, StoreStatus};
use super::file::{self, FileLock, OpenFailure, OpenedFile};
use super::inbox::{Inbox, IsPut, PutCallers};
use crate::env::Env;

/// The longest wait of a commit for the next puts of the callers that the last commit answered.
const GATHER: Duration = Duration::from_micros(300);
/// How long a caller that was answered may take to send the other answers of its commit, while no command comes.
const SLOW_CALLER: Duration = Duration::from_millis(1);
/// The wait after a failure before the store is opened again. During this time an operator may free space on the disk.
pub(super) const RECOVERY: Duration = Duration::from_millis(500);

/// Opens the file: at the start, and again after a failure.
pub(super) type Opener = Box<dyn FnMut() -> Result<OpenedFile, OpenFailure> + Send>;

/// The thread's state.
pub(super) struct WriterThread {
    pub(super) opener: Opener,
    pub(super) quota: Quota,
    /// The wait after a failure before the store is opened again.
    pub(super) recovery: Duration,
    pub(super) env: Env,
    pub(super) status: Arc<StoreStatus>,
    /// The opened file, whose rows are not loaded yet.
    pub(super) opened: Option<Result<OpenedFile, OpenFailure>>,
    pub(super) store: Option<OpenStore>,
    /// The error that closed the store, and its time.
    pub(super) failed: Option<(OutboxError, Instant)>,
    /// Released after the file is closed.
    pub(super) lock: Option<FileLock>,
}

impl WriterThread {
    /// Executes commands until the inbox is closed.
    pub(super) fn run(mut self, inbox: &Inbox<StoreCommand>) {
        // After a panic too, nobody may wait for an answer.
        let _end = InboxEnd(inbox);
        // Reading the rows may take long, so it is not done by the caller who opened the outbox.
        self.recover();
        let mut callers = PutCallers::FIRST;
        let mut unsent = UnsentAnswers::default();
        loop {
            if !unsent.is_empty() && !inbox.is_filled_within(SLOW_CALLER) {
                unsent = UnsentAnswers::default();
            }
            let Some(batch) = inbox.take(callers, self.longest_wait()) else { break };
            let puts = batch.iter().filter(|command| command.is_put()).count();
            let answers = self.write(batch);
            callers = PutCallers::of_commit(puts, inbox.waiting_puts());
            // This sends what is left of the commit before.
            unsent = UnsentAnswers::send_first(answers);
        }
        drop(unsent);
        self.status.close();
        if let Some(store) = &mut self.store {
            // After a failure here the commit log stays, which the next process reads.
            drop(catch_unwind(AssertUnwindSafe(|| store.close())));
        }
        file::close(self.store.take());
        drop(self.lock.take());
    }

    fn longest_wait(&self) -> Duration {
        gather_after(self.store.as_ref().map_or(GATHER, |store| store.last_sync))
    }

    /// Executes commands. Returns their answers, which may be sent now; after a failure it has sent them.
    fn write(&mut self, mut batch: VecDeque<StoreCommand>) -> Vec<PendingReply> {
        self.recover();
        let mut answers = Vec::with_capacity(batch.len());
        let failed = match &mut self.store {
            None => self.failed.as_ref().map_or_else(closed, |(error, _)| error.clone()),
            Some(store) => {
                // After a panic the store is dropped, so no partial state is used.
                let done = catch_unwind(AssertUnwindSafe(|| store.commit(&mut batch, &mut answers)));
                match done {
                    Ok(Ok(())) => {
                        self.status.count(store);
                        return answers;
                    }
                    Ok(Err(error)) => self.fail(error.to_string()),
                    Err(_) => self.fail("writing it failed".to_owned()),
                }
            }
        };
        answers.into_iter().for_each(|answer| answer.fail(&failed));
        batch.into_iter().for_each(|command| command.refuse(&failed));
        Vec::new()
    }

    fn fail(&mut self, reason: String) -> OutboxError {
        self.status.fail(&reason);
        file::close(self.store.take());
        let error = OutboxError::Unavailable(reason);
        self.failed = Some((error.clone(), Instant::now()));
        error
    }

    /// Opens the store again after a failure, if the recovery time has passed.
    fn recover(&mut self) {
        let is_due = self.failed.as_ref().is_none_or(|(_, since)| since.elapsed() >= self.recovery);
        if self.store.is_none() && is_due {
            self.open();
        }
    }

    /// Opens the store.
    fn open(&mut self) {
        let opened = self.opened.take().unwrap_or_else(|| (self.opener)());
        let opened = opened.and_then(|OpenedFile { database, repaired, log }| {
            self.status.repaired(repaired);
            let database = Arc::new(database);
            let (id, now) = (self.env.seed(), Timestamp::from(self.env.wall()));
            let read = || OpenStore::new(&database, log, id, self.quota, now);
            let read = file::caught(read)
                .map_or(Err("reading it failed".to_owned()), |read| read.map_err(|error| error.to_string()));
            file::close(database);
            read.map_err(OpenFailure::Failing)
        });
        match opened {
            Ok(store) => {
                self.status.open(&store);
                self.store = Some(store);
                self.failed = None;
            }
            Err(failure) => drop(self.fail(failure.to_string())),
        }
    }
}

/// The longest wait of a commit after a sync of this duration.
///
/// On a slow disk the wait saves a sync: see [`PutCallers`]. On a fast one there is none, because a sync takes less time than the callers
/// need for their next puts: it runs while some of them work, and waiting would let the disk and the callers work in turns.
fn gather_after(sync: Duration) -> Duration {
    if sync < GATHER { Duration::ZERO } else { GATHER }
}

/// Ends the inbox when it is dropped.
struct InboxEnd<'a>(&'a Inbox<StoreCommand>);

impl Drop for InboxEnd<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

pub(super) fn closed() -> OutboxError {
    OutboxError::Unavailable("it has been closed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_waits_for_puts_only_if_a_sync_takes_longer_than_the_wait() {
        for (sync, wait) in [(0, 0), (80, 0), (299, 0), (300, 300), (4_000, 300)] {
            assert_eq!(gather_after(Duration::from_micros(sync)), Duration::from_micros(wait), "{sync}");
        }
    }
}
