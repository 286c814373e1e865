//! [`Port`]: the queue between the runtime and one event loop of Python.
//!
//! A finished request puts its answer into the queue and wakes the loop through a socket pair. No thread of the runtime takes the
//! GIL, so a busy interpreter does not block the runtime, and a loop that was closed is only a queue that nothing reads.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{Either, select};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyOSError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::PyList;
use tokio::sync::oneshot;

use crate::call::{Called, HostCall};

/// What a finished task gives to Python.
pub(crate) type Output = Box<dyn for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyAny>> + Send>;

/// The kinds of a message, as `drain` gives them to Python.
const FINISHED: u8 = 0;
const FAILED: u8 = 1;
const CALL: u8 = 2;
const CANCEL_CALL: u8 = 3;

enum Message {
    Finished { ticket: u64, output: Output },
    Call { number: u64, call: HostCall },
    CancelCall { number: u64 },
}

/// The queue of one event loop, shared with the tasks of the runtime.
pub(crate) struct Mailbox {
    messages: Mutex<Vec<Message>>,
    is_woken: AtomicBool,
    bell: UnixStream,
    calls: Mutex<HashMap<u64, oneshot::Sender<Called>>>,
    next_call: AtomicU64,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Mailbox {
    fn push(&self, message: Message) {
        locked(&self.messages).push(message);
        if !self.is_woken.swap(true, Ordering::AcqRel) {
            // An error means that the loop is gone, and then nothing waits for the message.
            let _ = (&self.bell).write(&[1]);
        }
    }

    /// Calls code of Python on the loop and waits for its result. Dropping the future cancels the task of the call.
    pub(crate) async fn call(self: &Arc<Self>, call: HostCall) -> Called {
        let number = self.next_call.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        locked(&self.calls).insert(number, sender);
        let mut guard = CallGuard { mailbox: self, number, is_done: false };
        self.push(Message::Call { number, call });
        let called = receiver.await.unwrap_or_else(|_| Called::gone());
        guard.is_done = true;
        called
    }
}

/// Tells the loop that the result of a call is no longer wanted.
struct CallGuard<'a> {
    mailbox: &'a Mailbox,
    number: u64,
    is_done: bool,
}

impl Drop for CallGuard<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            locked(&self.mailbox.calls).remove(&self.number);
            self.mailbox.push(Message::CancelCall { number: self.number });
        }
    }
}

/// The end of the queue that the event loop reads. When it is dropped with its loop, the tasks that are left are ended.
#[pyclass(frozen)]
pub(crate) struct Port {
    mailbox: Arc<Mailbox>,
    ear: UnixStream,
    /// The running calls whose results the event loop waits for. Removing an entry cancels its call.
    wanted: Mutex<HashMap<u64, oneshot::Sender<Infallible>>>,
}

impl Port {
    pub(crate) fn mailbox(&self) -> Arc<Mailbox> {
        Arc::clone(&self.mailbox)
    }

    /// The reply to the call of Python with this ticket.
    pub(crate) fn reply(&self, ticket: u64) -> Reply {
        let (wanted, unwanted) = oneshot::channel();
        locked(&self.wanted).insert(ticket, wanted);
        Reply { mailbox: self.mailbox(), ticket, unwanted, is_finished: false }
    }
}

/// The place of the output of one call. If it is dropped without one, the call ends with an error.
pub(crate) struct Reply {
    mailbox: Arc<Mailbox>,
    ticket: u64,
    unwanted: oneshot::Receiver<Infallible>,
    is_finished: bool,
}

impl Reply {
    /// Ends when the call was cancelled, or its event loop was closed.
    pub(crate) async fn is_unwanted(&mut self) {
        let _ = (&mut self.unwanted).await;
    }

    /// Waits for the output of `future` and gives it to Python. The future ends early when its output is unwanted.
    pub(crate) async fn with(mut self, future: impl Future<Output = Output>) {
        let output = match select(pin!(self.is_unwanted()), pin!(future)).await {
            Either::Left(_) => None,
            Either::Right((output, _)) => Some(output),
        };
        self.finish(output);
    }

    /// Gives the output to Python; nothing, if it is unwanted.
    pub(crate) fn finish(mut self, output: Option<Output>) {
        self.is_finished = true;
        if let Some(output) = output {
            self.mailbox.push(Message::Finished { ticket: self.ticket, output });
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if !self.is_finished {
            self.mailbox.push(Message::Finished { ticket: self.ticket, output: panicked() });
        }
    }
}

/// The output of a task that panicked.
fn panicked() -> Output {
    Box::new(|_| Err(PyRuntimeError::new_err("a bug in vast_client: the request panicked")))
}

/// An output that `read` makes when the event loop takes it.
pub(crate) fn read_by<F>(read: F) -> Output
where
    F: for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyAny>> + Send + 'static,
{
    Box::new(read)
}

/// An output that is a value of Rust.
pub(crate) fn output<T>(value: T) -> Output
where
    T: for<'py> IntoPyObject<'py> + Send + 'static,
{
    read_by(move |py| value.into_bound_py_any(py))
}

#[pymethods]
impl Port {
    #[new]
    fn new() -> PyResult<Self> {
        let failed = |error: std::io::Error| PyOSError::new_err(format!("no socket pair for the event loop: {error}"));
        let (bell, ear) = UnixStream::pair().map_err(failed)?;
        bell.set_nonblocking(true).map_err(failed)?;
        ear.set_nonblocking(true).map_err(failed)?;
        let mailbox = Mailbox {
            messages: Mutex::default(),
            is_woken: AtomicBool::new(false),
            bell,
            calls: Mutex::default(),
            next_call: AtomicU64::new(0),
        };
        Ok(Self { mailbox: Arc::new(mailbox), ear, wanted: Mutex::default() })
    }

    /// The descriptor that is readable when there are messages.
    fn fileno(&self) -> i32 {
        self.ear.as_raw_fd()
    }

    /// The messages: pairs of a number and a value, after their kind.
    fn drain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let mut discarded = [0; 64];
        let _ = (&self.ear).read(&mut discarded);
        self.mailbox.is_woken.store(false, Ordering::Release);
        let messages = std::mem::take(&mut *locked(&self.mailbox.messages));
        let list = PyList::empty(py);
        for message in messages {
            match message {
                Message::Finished { ticket, output } => {
                    if locked(&self.wanted).remove(&ticket).is_none() {
                        continue;
                    }
                    match output(py) {
                        Ok(value) => list.append((FINISHED, ticket, value))?,
                        Err(error) => list.append((FAILED, ticket, error.into_value(py)))?,
                    }
                }
                Message::Call { number, call } => list.append((CALL, number, call.into_python(py)?))?,
                Message::CancelCall { number } => list.append((CANCEL_CALL, number, py.None()))?,
            }
        }
        Ok(list)
    }

    /// Ends the call with this ticket.
    fn cancel(&self, ticket: u64) {
        locked(&self.wanted).remove(&ticket);
    }

    /// The number of calls that have not been drained.
    fn __len__(&self) -> usize {
        locked(&self.wanted).len()
    }

    /// Gives the result of a call that `drain` returned: a document with its status and headers.
    #[pyo3(signature = (number, body, status=200, headers=Vec::new()))]
    fn answer(&self, number: u64, body: Vec<u8>, status: u16, headers: Vec<(String, String)>) {
        if let Some(sender) = locked(&self.mailbox.calls).remove(&number) {
            let _ = sender.send(Called::Answered { body, status, headers });
        }
    }

    /// Says that a call that `drain` returned has failed. `kind` is `status`, `timeout`, `connect` or `internal`.
    #[pyo3(signature = (number, kind, message, status=None))]
    fn fail(&self, number: u64, kind: String, message: String, status: Option<u16>) {
        if let Some(sender) = locked(&self.mailbox.calls).remove(&number) {
            let _ = sender.send(Called::Failed { kind, message, status });
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        locked(&self.wanted).clear();
        locked(&self.mailbox.calls).clear();
    }
}
