//! The writer thread: it takes all commands that wait, executes them in one commit (group commit: one sync for all), and
//! answers when the commit is durable. No async worker waits for the disk.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use tokio::time::Instant;

use super::super::interface::OutboxError;
use super::super::quota::Quota;
use super::super::record::Timestamp;
use super::commit::{OpenStore, PendingReply, StoreCommand, StoreStatus};
use super::file::{self, FileLock, OpenFailure, OpenedFile};
use crate::env::Env;

/// The most commands in one commit. It limits how long the first of them waits.
const MOST_IN_COMMIT: usize = 1024;
/// The longest wait of a commit for the next command of the callers that the last commits answered. Without this wait, every commit
/// would have half of the callers or fewer. On a fast disk the wait is shorter: not longer than the sync that it saves.
const GATHER: Duration = Duration::from_micros(300);
/// After a wait for more callers than before in which too few came, this many commits do not try it again.
const PAUSE: u32 = 32;
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
    /// Executes commands until no sender is left.
    pub(super) fn run(mut self, commands: &Receiver<StoreCommand>) {
        // Reading the rows may take long, so it is not done by the caller who opened the outbox.
        self.recover();
        let mut crowd = Crowd::default();
        while let Some(batch) = crowd.gather(commands, self.longest_wait()) {
            self.write(batch);
        }
        self.status.close();
        file::close(self.store.take());
        drop(self.lock.take());
    }

    fn longest_wait(&self) -> Duration {
        self.store.as_ref().map_or(GATHER, |store| store.last_sync.min(GATHER))
    }

    fn write(&mut self, mut batch: VecDeque<StoreCommand>) {
        self.recover();
        let mut answers = Vec::with_capacity(batch.len());
        let failed = match &mut self.store {
            None => self.failed.as_ref().map_or_else(closed, |(error, _)| error.clone()),
            Some(store) => {
                // After a panic the store is dropped, so no partial state is used.
                let done = catch_unwind(AssertUnwindSafe(|| store.commit(&mut batch, &mut answers)));
                match done {
                    Ok(Ok(())) => {
                        self.status.count(store.queue());
                        return answers.into_iter().for_each(PendingReply::send);
                    }
                    Ok(Err(error)) => self.fail(error.to_string()),
                    Err(_) => self.fail("writing it failed".to_owned()),
                }
            }
        };
        answers.into_iter().for_each(|answer| answer.fail(&failed));
        batch.into_iter().for_each(|command| command.refuse(&failed));
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
        let opened = opened.and_then(|OpenedFile { database, repaired }| {
            self.status.repaired(repaired);
            let read = || OpenStore::new(database, self.quota, Timestamp::from(self.env.wall()));
            let read = catch_unwind(AssertUnwindSafe(read));
            let read = read.map_err(|_| OpenFailure::Failing("reading it failed".to_owned()))?;
            read.map_err(|error| OpenFailure::Failing(error.to_string()))
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

/// The callers that send their next command as soon as the last one is answered. All of them should share a commit.
#[derive(Debug, Default)]
struct Crowd {
    /// How many commands of one commit are expected.
    expected: usize,
    /// The commands of the last commit.
    last: usize,
    /// The commits until it is tried again whether those that wait and those that were just answered are a larger crowd.
    pause: u32,
}

impl Crowd {
    /// All commands that wait, and those that are expected immediately; `None` if no sender is left.
    fn gather<C>(&mut self, commands: &Receiver<C>, longest_wait: Duration) -> Option<VecDeque<C>> {
        let mut batch = VecDeque::from([commands.recv().ok()?]);
        batch.extend(commands.try_iter().take(MOST_IN_COMMIT - 1));
        let target = self.target(batch.len());
        while batch.len() < target {
            match commands.recv_timeout(longest_wait) {
                Ok(command) => batch.push_back(command),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        self.learn(target, batch.len());
        Some(batch)
    }

    /// How many commands a commit should have for which `waiting` commands wait.
    fn target(&self, waiting: usize) -> usize {
        let target = match self.pause {
            _ if waiting < self.expected => self.expected,
            0 if self.last > 1 => waiting + self.last,
            _ => waiting,
        };
        target.min(MOST_IN_COMMIT)
    }

    /// A commit that should have had `target` commands has `found`.
    fn learn(&mut self, target: usize, found: usize) {
        self.pause = match target > self.expected {
            true if found < target - target / 4 => PAUSE,
            true => 0,
            false => self.pause.saturating_sub(1),
        };
        // If fewer come, the number falls slowly, because some callers may be late once.
        self.expected = if found < self.expected { found + (self.expected - found) / 2 } else { found };
        self.last = found;
    }
}

pub(super) fn closed() -> OutboxError {
    OutboxError::Unavailable("it has been closed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Commits of `callers` that send their next command while the next commit is gathered, after those of the other half that wait.
    fn commits(crowd: &mut Crowd, callers: usize) -> Vec<usize> {
        let (mut waiting, mut answered) = (callers / 2, callers - callers / 2);
        let mut sizes = Vec::new();
        for _ in 0..40 {
            let target = crowd.target(waiting);
            let found = target.clamp(waiting, waiting + answered);
            crowd.learn(target, found);
            sizes.push(found);
            // Those that were not in this commit wait for the next one.
            (waiting, answered) = (waiting + answered - found, found);
            if waiting == 0 {
                (waiting, answered) = (1, found - 1);
            }
        }
        sizes
    }

    #[test]
    fn callers_that_come_again_at_once_share_one_commit() {
        let mut crowd = Crowd::default();
        let sizes = commits(&mut crowd, 16);
        assert!(sizes[2..].iter().all(|size| *size == 16), "{sizes:?}");
    }

    #[test]
    fn callers_that_do_not_come_again_are_rarely_waited_for() {
        let mut crowd = Crowd::default();
        let mut waits = 0;
        for _ in 0..330 {
            let target = crowd.target(8);
            waits += u32::from(target > 8);
            crowd.learn(target, 8);
        }
        assert!((5..=12).contains(&waits), "{waits}");
    }

    #[test]
    fn a_caller_alone_is_never_waited_for() {
        let mut crowd = Crowd::default();
        for _ in 0..5 {
            assert_eq!(crowd.target(1), 1);
            crowd.learn(1, 1);
        }
    }

    #[test]
    fn a_commit_has_all_commands_that_wait_and_no_more_than_its_limit() {
        let (send, receive) = std::sync::mpsc::channel();
        (0..MOST_IN_COMMIT + 5).for_each(|number| send.send(number).expect("received"));
        let mut crowd = Crowd::default();
        let sizes = [(); 2].map(|()| crowd.gather(&receive, Duration::ZERO).map(|batch| batch.len()));
        assert_eq!(sizes, [Some(MOST_IN_COMMIT), Some(5)]);
        drop(send);
        assert_eq!(crowd.gather(&receive, Duration::ZERO), None);
    }
}
