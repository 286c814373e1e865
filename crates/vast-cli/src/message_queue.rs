//! Messages of a program that must run on, or end, even if stderr is a full pipe that nobody reads.
//!
//! One thread writes them, and ends when it has written all. While it cannot write, a few messages wait for it, and nobody waits for
//! the program's messages any more.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::stdio;

/// For how long a program that runs on waits until a message is written.
const LONGEST_WAIT: Duration = Duration::from_millis(200);
/// How many messages wait at most. Further ones are counted.
const MOST_WAITING: usize = 16;

static STDERR: MessageQueue = MessageQueue::new(stdio::message);

/// Like [`stdio::message`], for a program that must not stop: it waits only a moment until the message is written.
pub(crate) fn message_in_time(text: &str) {
    STDERR.send(text);
}

/// The messages that wait for their thread.
struct MessageQueue {
    /// Writes one message. It may take any time.
    write: fn(&str),
    state: Mutex<WaitingMessages>,
    /// A message was written.
    changed: Condvar,
}

struct WaitingMessages {
    waiting: VecDeque<String>,
    /// The messages that were taken, and those of them that were written.
    taken: u64,
    written: u64,
    /// The messages for which there was no room since the last one that says so.
    lost: u64,
    has_thread: bool,
    /// Whether the thread has not written a message in time. Until it has caught up, no sender waits.
    is_late: bool,
}

impl MessageQueue {
    const fn new(write: fn(&str)) -> Self {
        let waiting = VecDeque::new();
        let state = WaitingMessages { waiting, taken: 0, written: 0, lost: 0, has_thread: false, is_late: false };
        Self { write, state: Mutex::new(state), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, WaitingMessages> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&'static self, text: &str) {
        let mut state = self.lock();
        if state.waiting.len() >= MOST_WAITING {
            state.lost += 1;
            return;
        }
        state.waiting.push_back(text.to_owned());
        state.taken += 1;
        let number = state.taken;
        if !state.has_thread {
            let started = thread::Builder::new().name("message".to_owned()).spawn(|| self.write_all());
            // Without a thread, because the system has no room for one, the message waits for the next one.
            state.has_thread = started.is_ok();
        }
        if state.is_late || !state.has_thread {
            return;
        }
        let waited = self.changed.wait_timeout_while(state, LONGEST_WAIT, |state| state.written < number);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.is_late = state.written < number;
    }

    /// The thread: writes until no message waits.
    fn write_all(&self) {
        while let Some(text) = self.next() {
            (self.write)(&text);
        }
    }

    /// The next message, and after them how many there was no room for. `None` ends the thread.
    fn next(&self) -> Option<String> {
        let mut state = self.lock();
        state.written = state.taken - state.waiting.len() as u64;
        self.changed.notify_all();
        if let Some(text) = state.waiting.pop_front() {
            return Some(text);
        }
        if state.lost == 0 {
            (state.has_thread, state.is_late) = (false, false);
            return None;
        }
        let lost = std::mem::take(&mut state.lost);
        let messages = if lost == 1 { "message was" } else { "messages were" };
        Some(format!("{lost} {messages} dropped, because stderr was not read fast enough"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that is not read at first.
    #[derive(Default)]
    struct Stream {
        is_read: bool,
        writers: usize,
        most_writers: usize,
        written: Vec<String>,
    }

    static STREAM: Mutex<Option<Stream>> = Mutex::new(None);
    static CHANGED: Condvar = Condvar::new();

    /// Waits until `is_so` of the stream.
    fn wait(is_so: impl Fn(&Stream) -> bool) -> MutexGuard<'static, Option<Stream>> {
        let stream = STREAM.lock().expect("a lock");
        CHANGED.wait_while(stream, |stream| !is_so(stream.get_or_insert_default())).expect("a lock")
    }

    fn change(change: impl FnOnce(&mut Stream)) {
        change(wait(|_| true).get_or_insert_default());
        CHANGED.notify_all();
    }

    fn write(text: &str) {
        change(|stream| {
            stream.writers += 1;
            stream.most_writers = stream.most_writers.max(stream.writers);
        });
        drop(wait(|stream| stream.is_read));
        change(|stream| {
            stream.writers -= 1;
            stream.written.push(text.to_owned());
        });
    }

    #[test]
    fn messages_that_nobody_reads_have_one_thread_and_a_bound() {
        static QUEUE: MessageQueue = MessageQueue::new(write);
        QUEUE.send("0");
        drop(wait(|stream| stream.writers == 1));
        // The first one is being written, and the last three have no room.
        (1..=MOST_WAITING + 3).for_each(|number| QUEUE.send(&number.to_string()));
        change(|stream| stream.is_read = true);
        let ended = QUEUE.changed.wait_while(QUEUE.lock(), |state| state.has_thread);
        drop(ended.expect("a lock"));
        QUEUE.send("read again");
        let mut expected: Vec<_> = (0..=MOST_WAITING).map(|number| number.to_string()).collect();
        expected.push("3 messages were dropped, because stderr was not read fast enough".to_owned());
        expected.push("read again".to_owned());
        let stream = wait(|stream| stream.written.len() >= expected.len()).take().expect("a stream");
        assert_eq!((stream.written, stream.most_writers), (expected, 1));
    }
}
