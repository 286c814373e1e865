//! The commands that wait for the writer thread.
//!
//! A sender wakes the thread only when the thread has what it waits for: one wake for all the callers of a commit, and none while the
//! thread writes.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The most commands in one commit. It limits how long the first of them waits.
const MOST_IN_COMMIT: usize = 1024;

/// The commands, in the order in which they were sent.
pub(super) struct Inbox<C> {
    fields: Mutex<InboxFields<C>>,
    /// The thread waits here.
    filled: Condvar,
}

struct InboxFields<C> {
    commands: VecDeque<C>,
    /// How many of them are puts.
    puts: usize,
    /// What the thread waits for; `None` while it works.
    awaited: Option<Awaited>,
    is_closed: bool,
}

#[derive(Debug, Clone, Copy)]
enum Awaited {
    Command,
    Puts(usize),
}

/// How many callers put beacons at the same time, each after the answer to its last one.
///
/// The callers of the last commit have their answers and are about to send the next puts; those that sent theirs during that commit wait
/// already. The next commit waits for both: if it had only those that wait, the callers would divide into two groups, each of which
/// waits for the sync of the other, and there would be twice as many syncs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PutCallers(usize);

impl PutCallers {
    /// Before the first commit.
    pub(super) const FIRST: Self = Self(1);

    /// After a commit of `committed` puts, before their answers are sent. `waiting` puts have come meanwhile.
    pub(super) fn of_commit(committed: usize, waiting: usize) -> Self {
        Self(committed + waiting)
    }
}

/// A command of an inbox.
pub(super) trait IsPut {
    /// Whether its sender waits for a beacon to be durable.
    fn is_put(&self) -> bool;
}

impl<C: IsPut> Inbox<C> {
    pub(super) fn new() -> Self {
        let fields = InboxFields { commands: VecDeque::new(), puts: 0, awaited: None, is_closed: false };
        Self { fields: Mutex::new(fields), filled: Condvar::new() }
    }

    /// Adds a command; returns whether the inbox is open.
    pub(super) fn send(&self, command: C) -> bool {
        let mut fields = self.lock();
        if fields.is_closed {
            return false;
        }
        fields.puts += usize::from(command.is_put());
        fields.commands.push_back(command);
        let is_there = fields.awaited.is_some_and(|awaited| fields.has(awaited));
        if is_there {
            fields.awaited = None;
            drop(fields);
            self.filled.notify_one();
        }
        true
    }

    /// Waits until there is a command or the inbox is closed, but at most for this time. Returns whether that is so.
    pub(super) fn is_filled_within(&self, time: Duration) -> bool {
        let mut fields = self.wait_for(Awaited::Command, self.lock(), time);
        fields.awaited = None;
        fields.has(Awaited::Command) || fields.is_closed
    }

    /// Waits until it has what is awaited or is closed, but at most for this time.
    fn wait_for<'a>(
        &'a self,
        awaited: Awaited,
        fields: MutexGuard<'a, InboxFields<C>>,
        time: Duration,
    ) -> MutexGuard<'a, InboxFields<C>> {
        let waits = |fields: &mut InboxFields<C>| {
            fields.awaited = Some(awaited);
            !fields.has(awaited) && !fields.is_closed
        };
        self.filled.wait_timeout_while(fields, time, waits).unwrap_or_else(PoisonError::into_inner).0
    }

    /// The commands of the next commit; `None` when the inbox is closed and has none.
    ///
    /// When there is a command, it waits until each caller has sent a put, but at most for `longest_wait`, which may be zero.
    pub(super) fn take(&self, PutCallers(puts): PutCallers, longest_wait: Duration) -> Option<VecDeque<C>> {
        let mut fields = self.lock();
        while fields.commands.is_empty() {
            if fields.is_closed {
                return None;
            }
            fields.awaited = Some(Awaited::Command);
            fields = self.filled.wait(fields).unwrap_or_else(PoisonError::into_inner);
        }
        if puts == 0 {
            fields = self.while_they_come(fields);
        }
        if !longest_wait.is_zero() {
            fields = self.wait_for(Awaited::Puts(puts), fields, longest_wait);
        }
        fields.awaited = None;
        let taken = fields.commands.len().min(MOST_IN_COMMIT);
        let left = fields.commands.split_off(taken);
        let batch = std::mem::replace(&mut fields.commands, left);
        fields.puts = fields.commands.iter().filter(|command| command.is_put()).count();
        Some(batch)
    }

    /// How many puts wait.
    pub(super) fn waiting_puts(&self) -> usize {
        self.lock().puts
    }

    /// Lets the senders run as long as each of their turns brings commands: settlements are sent several in a row.
    fn while_they_come<'a>(&'a self, mut fields: MutexGuard<'a, InboxFields<C>>) -> MutexGuard<'a, InboxFields<C>> {
        loop {
            let known = fields.commands.len();
            drop(fields);
            thread::yield_now();
            fields = self.lock();
            if fields.commands.len() == known || known >= MOST_IN_COMMIT {
                return fields;
            }
        }
    }

    /// No command is accepted any more. Those that wait are still executed.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.filled.notify_all();
    }

    /// The end of the thread: commands that still wait are dropped, which tells their senders.
    pub(super) fn end(&self) {
        let mut fields = self.lock();
        fields.is_closed = true;
        drop(std::mem::take(&mut fields.commands));
    }

    fn lock(&self) -> MutexGuard<'_, InboxFields<C>> {
        self.fields.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C> InboxFields<C> {
    fn has(&self, awaited: Awaited) -> bool {
        match awaited {
            Awaited::Command => !self.commands.is_empty(),
            Awaited::Puts(puts) => self.puts >= puts || self.commands.len() >= MOST_IN_COMMIT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl IsPut for bool {
        fn is_put(&self) -> bool {
            *self
        }
    }

    const LONG: Duration = Duration::from_secs(60);

    fn inbox(commands: &[bool]) -> Inbox<bool> {
        let inbox = Inbox::new();
        assert!(commands.iter().all(|command| inbox.send(*command)));
        inbox
    }

    #[test]
    fn a_commit_has_all_that_waits() {
        for (commands, puts) in [(&[true, false, true][..], 2), (&[false], 0), (&[true, true], 1)] {
            assert_eq!(inbox(commands).take(PutCallers(puts), LONG), Some(commands.to_vec().into()));
        }
        let many = inbox(&[true; MOST_IN_COMMIT + 5]);
        assert_eq!(many.take(PutCallers(0), LONG).map(|batch| batch.len()), Some(MOST_IN_COMMIT));
        assert_eq!(many.take(PutCallers(5), LONG).map(|batch| batch.len()), Some(5), "the count of puts is right");
    }

    /// Callers that have come to put in two groups put together from the next commit on.
    #[test]
    fn a_commit_waits_for_the_callers_of_the_last_one_and_for_those_that_came_meanwhile() {
        let inbox = inbox(&[true; 3]);
        let first = inbox.take(PutCallers::FIRST, LONG).map(|batch| batch.len());
        assert_eq!(first, Some(3));
        (0..2).for_each(|_| assert!(inbox.send(true) && inbox.send(false)));
        let callers = PutCallers::of_commit(3, inbox.waiting_puts());
        assert_eq!(callers, PutCallers(5));
        std::thread::scope(|scope| {
            let taken = scope.spawn(|| inbox.take(callers, LONG));
            assert!((0..3).all(|_| inbox.send(true)));
            assert_eq!(taken.join().expect("it takes").map(|batch| batch.len()), Some(7));
        });
        assert_eq!(PutCallers::of_commit(5, inbox.waiting_puts()), callers);
    }

    #[test]
    fn it_waits_for_the_expected_puts_and_not_longer_than_it_may() {
        let inbox = inbox(&[true, false]);
        let began = tokio::time::Instant::now();
        std::thread::scope(|scope| {
            let taken = scope.spawn(|| inbox.take(PutCallers(3), LONG));
            // The thread may not have begun to wait: then it finds them without waiting.
            assert!(inbox.send(true) && inbox.send(true));
            assert_eq!(taken.join().expect("it takes").map(|batch| batch.iter().filter(|put| **put).count()), Some(3));
        });
        assert!(began.elapsed() < LONG / 2, "the last put has woken it");
        for wait in [Duration::from_micros(1), Duration::ZERO] {
            assert!(inbox.send(false));
            assert_eq!(inbox.take(PutCallers(9), wait).map(|batch| batch.len()), Some(1));
        }
    }

    #[test]
    fn it_tells_whether_a_command_comes_in_time() {
        let inbox = Inbox::new();
        assert!(!inbox.is_filled_within(Duration::from_micros(1)));
        std::thread::scope(|scope| {
            let filled = scope.spawn(|| inbox.is_filled_within(LONG));
            assert!(inbox.send(true));
            assert!(filled.join().expect("it waits"));
        });
        assert!(inbox.is_filled_within(LONG), "it is there");
        assert!(inbox.take(PutCallers(0), LONG).is_some() && !inbox.is_filled_within(Duration::ZERO));
        inbox.close();
        assert!(inbox.is_filled_within(LONG), "it is closed");
    }

    #[test]
    fn what_waits_at_the_close_is_executed() {
        let inbox = inbox(&[true]);
        inbox.close();
        assert!(!inbox.send(true));
        assert_eq!(inbox.take(PutCallers(9), LONG).map(|batch| batch.len()), Some(1), "and it does not wait for more");
        assert_eq!(inbox.take(PutCallers(9), LONG), None);
    }

    #[test]
    fn close_wakes_the_thread_and_its_end_drops_what_waits() {
        let inbox = Inbox::<bool>::new();
        std::thread::scope(|scope| {
            let taken = scope.spawn(|| inbox.take(PutCallers(1), LONG));
            inbox.close();
            assert_eq!(taken.join().expect("it ends"), None);
        });
        let inbox = self::inbox(&[true]);
        inbox.end();
        assert_eq!((inbox.send(true), inbox.take(PutCallers(1), LONG)), (false, None));
    }
}
