//! The lines of the log that wait, and the thread that writes them.
//!
//! A request adds its line to one buffer, and the thread swaps the buffer for an empty one and writes it. A line costs a request
//! one copy, and usually no allocation and no wake-up. The request does not wait until the line is written. The buffer has a bound: a line
//! for which it has no room is dropped and counted.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// How many bytes of lines wait at most. As many are being written at most.
const MOST_WAITING: usize = 4 << 20;
/// The memory of a buffer that is kept for the next lines: enough for those that gather under load. After a burst the rest is given back.
const KEPT_ROOM: usize = 256 << 10;
/// The time that the thread waits after it has written lines, so that more of them are written at once. Without it, each line would wake the
/// thread, and that costs more than the line. When no line was written for this time, the next one is written at once.
const GATHER: Duration = Duration::from_millis(10);

/// The lines that wait for the thread. Clones are the same buffer.
#[derive(Clone, Default)]
pub(super) struct LineBuffer(Arc<SharedLines>);

#[derive(Default)]
struct SharedLines {
    waiting: Mutex<WaitingLines>,
    /// The thread waits here, and who waits for its end.
    changed: Condvar,
}

#[derive(Default)]
struct WaitingLines {
    text: Vec<u8>,
    dropped: u64,
    /// Whether the thread sleeps until a line wakes it. If not, it looks for lines by itself within [`GATHER`].
    is_idle: bool,
    is_closed: bool,
    has_ended: bool,
}

impl LineBuffer {
    /// A buffer whose lines a new thread writes to `out`. Without a thread, because the system has no room for one, no line is written.
    pub(super) fn written_to(mut out: impl Write + Send + 'static) -> Self {
        let buffer = Self::default();
        let of_thread = buffer.clone();
        let thread = thread::Builder::new().name("log".to_owned()).spawn(move || of_thread.write_all_to(&mut out));
        if thread.is_err() {
            buffer.end();
        }
        buffer
    }

    fn push(&self, line: &[u8]) {
        let mut waiting = self.lock();
        if waiting.is_closed || waiting.text.len() + line.len() > MOST_WAITING {
            waiting.dropped += 1;
            return;
        }
        waiting.text.extend_from_slice(line);
        if std::mem::take(&mut waiting.is_idle) {
            drop(waiting);
            self.0.changed.notify_all();
        }
    }

    /// The thread: writes until the buffer is closed.
    fn write_all_to(&self, out: &mut impl Write) {
        let mut block = Vec::new();
        while self.take(&mut block) {
            // If stderr is closed, nobody can be told.
            drop(out.write_all(&block));
            block.clear();
            block.shrink_to(KEPT_ROOM);
        }
        self.end();
    }

    /// Waits for lines and moves them to `block`, which is empty. Returns `false` if the buffer is closed and has none.
    fn take(&self, block: &mut Vec<u8>) -> bool {
        let gathering = self.0.changed.wait_timeout_while(self.lock(), GATHER, |waiting| !waiting.is_closed);
        let mut waiting = gathering.unwrap_or_else(PoisonError::into_inner).0;
        while waiting.text.is_empty() && !waiting.is_closed {
            waiting.is_idle = true;
            waiting = self.0.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::swap(&mut waiting.text, block);
        !block.is_empty()
    }

    fn end(&self) {
        let mut waiting = self.lock();
        (waiting.is_closed, waiting.has_ended) = (true, true);
        drop(waiting);
        self.0.changed.notify_all();
    }

    /// Lets the thread write what waits, for at most `longest`. Later lines are dropped. Returns how many lines were dropped so far.
    pub(super) fn close(&self, longest: Duration) -> u64 {
        let mut waiting = self.lock();
        waiting.is_closed = true;
        self.0.changed.notify_all();
        let ended = self.0.changed.wait_timeout_while(waiting, longest, |waiting| !waiting.has_ended);
        ended.unwrap_or_else(PoisonError::into_inner).0.dropped
    }

    fn lock(&self) -> MutexGuard<'_, WaitingLines> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes one line.
pub(super) struct LineWriter<'a>(&'a LineBuffer);

impl Write for LineWriter<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LineBuffer {
    type Writer = LineWriter<'a>;

    fn make_writer(&'a self) -> LineWriter<'a> {
        LineWriter(self)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// Passes each block on, and writes the next one only when it is permitted.
    struct SlowPipe {
        blocks: mpsc::Sender<Vec<u8>>,
        permits: mpsc::Receiver<()>,
    }

    impl Write for SlowPipe {
        fn write(&mut self, block: &[u8]) -> io::Result<usize> {
            self.blocks.send(block.to_vec()).map_err(io::Error::other)?;
            self.permits.recv().map_err(io::Error::other)?;
            Ok(block.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow_pipe() -> (LineBuffer, mpsc::Receiver<Vec<u8>>, mpsc::Sender<()>) {
        let ((blocks, written), (permit, permits)) = (mpsc::channel(), mpsc::channel());
        (LineBuffer::written_to(SlowPipe { blocks, permits }), written, permit)
    }

    #[test]
    fn lines_that_come_while_others_are_written_are_one_block() {
        let (buffer, written, permit) = slow_pipe();
        buffer.push(b"first\n");
        assert_eq!(written.recv().as_deref(), Ok(&b"first\n"[..]), "a line wakes the thread");
        buffer.push(b"second\n");
        buffer.push(b"third\n");
        (0..2).for_each(|_| permit.send(()).expect("the thread writes"));
        assert_eq!(buffer.close(LONG), 0);
        assert_eq!(written.try_iter().collect::<Vec<_>>(), [b"second\nthird\n"], "the end writes what waits");
        buffer.push(b"too late\n");
        assert_eq!((buffer.close(LONG), written.try_iter().count()), (1, 0));
    }

    #[test]
    fn a_pipe_that_nobody_reads_costs_lines_and_no_time() {
        let line = [b'x'; 1 << 10];
        let lines = MOST_WAITING / line.len();
        for (pushed, dropped) in [(lines, 0), (lines + 1, 1), (lines + 7, 7)] {
            let (buffer, written, permit) = slow_pipe();
            buffer.push(b"first\n");
            assert!(written.recv().is_ok(), "the thread is in the pipe now");
            (0..pushed).for_each(|_| buffer.push(&line));
            assert_eq!(buffer.close(Duration::ZERO), dropped, "the end does not wait longer than it may");
            (0..2).for_each(|_| permit.send(()).expect("the thread writes"));
            assert_eq!(buffer.close(LONG), dropped);
            assert_eq!(written.recv().map(|block| block.len()), Ok(MOST_WAITING), "the other lines are whole");
        }
    }

    #[test]
    fn a_closed_stderr_does_not_end_the_thread() {
        let (buffer, written, permit) = slow_pipe();
        drop((written, permit));
        buffer.push(b"first\n");
        assert_eq!(buffer.close(LONG), 0);
        assert!(buffer.lock().has_ended);
    }
}
