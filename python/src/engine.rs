//! [`Engine`]: a client with its outbox, as the classes of Python use it. Start reading here.

use std::collections::VecDeque;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use vast_client::track::TrackingResults;
use vast_client::track::outbox::DiskOutbox;
use vast_client::transport::Lookup;
use vast_client::{AdRequest, ConfigError, FetchConfig, RunOptions, VastClient};

use crate::answer::Answer;
use crate::host::HostTransport;
use crate::port::{Output, Port, output, read_by};
use crate::requests::{Asked, Request};
use crate::runtime::{process, runtime};
use crate::session::SessionBeacons;
use crate::settings::{Plan, duration};
use crate::tracking::{self, EventItem, TrackedState};
use crate::viewer::ViewerItem;

create_exception!(_native, OutboxInUse, PyException, "Another process uses the outbox on disk.");

/// How often a blocking call looks for a signal such as Ctrl-C.
const SIGNALS_CHECKED: Duration = Duration::from_millis(50);

/// The address that every name has for a client of Python. Nothing connects to it.
const ANY_PUBLIC_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(1, 1, 1, 1));

/// A client. The client of the crate is made at the first request of a process, so an engine can be used after a fork.
#[pyclass(frozen)]
pub(crate) struct Engine {
    ca_file: Option<PathBuf>,
    insecure: bool,
    outbox: Option<PathBuf>,
    transport: Option<HostTransport>,
    live: Mutex<Option<Live>>,
}

/// The client of one process, and its last plans, the newest last. A new plan takes over what the newest one knows of its sources.
struct Live {
    process: u32,
    client: VastClient,
    plans: VecDeque<(FetchConfig, vast_client::Plan)>,
}

/// How many plans are kept. A program that changes its configuration with each request should not keep all of them.
const MAX_PLANS: usize = 8;

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn wrong(error: ConfigError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

impl Engine {
    fn build(&self) -> PyResult<VastClient> {
        let _context = runtime()?.enter();
        let mut config = FetchConfig::new(["https://unused.invalid/"]);
        config.ca_file.clone_from(&self.ca_file);
        let mut builder = VastClient::builder().insecure(self.insecure);
        if let Some(transport) = &self.transport {
            // The client of Python resolves names itself, so only hosts that are addresses can be checked here.
            let lookup: Lookup = Arc::new(|_| Box::pin(async { Ok(vec![ANY_PUBLIC_ADDRESS]) }));
            builder = builder.transport(HostTransport::clone(transport)).lookup(lookup);
        }
        if let Some(path) = &self.outbox {
            builder = builder.outbox(DiskOutbox::open(path).map_err(|error| OutboxInUse::new_err(error.to_string()))?);
        }
        let client = builder.build(config).map_err(wrong)?;
        if self.outbox.is_some() {
            client.start();
        }
        Ok(client)
    }

    /// Gives the client of this process to `use_it`.
    fn with_live<T>(&self, use_it: impl FnOnce(&mut Live) -> PyResult<T>) -> PyResult<T> {
        let process = process();
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if live.as_ref().is_none_or(|live| live.process != process) {
            // The client of the parent process belongs to threads that do not exist here, so it is not dropped.
            std::mem::forget(live.take());
            *live = Some(Live { process, client: self.build()?, plans: VecDeque::new() });
        }
        match live.as_mut() {
            Some(live) => use_it(live),
            None => Err(PyValueError::new_err("a client without a state")),
        }
    }

    fn client(&self) -> PyResult<VastClient> {
        self.with_live(|live| Ok(live.client.clone()))
    }

    /// The client and the compiled plan.
    fn compiled(&self, plan: &Plan) -> PyResult<(VastClient, vast_client::Plan)> {
        self.with_live(|live| {
            if let Some((_, compiled)) = live.plans.iter().rev().find(|(config, _)| *config == plan.config) {
                return Ok((live.client.clone(), compiled.clone()));
            }
            let orchestrator = live.client.orchestrator();
            let compiled = match live.plans.back() {
                Some((_, older)) => orchestrator.plan_after(&plan.config, older),
                None => orchestrator.plan(&plan.config),
            };
            let compiled = compiled.map_err(wrong)?;
            if live.plans.len() == MAX_PLANS {
                live.plans.pop_front();
            }
            live.plans.push_back((plan.config.clone(), compiled.clone()));
            Ok((live.client.clone(), compiled))
        })
    }

    /// The request that a plan describes.
    fn asked(&self, plan: &Plan, viewer: Option<ViewerItem>, auto_track: bool) -> PyResult<Asked> {
        let (client, compiled) = self.compiled(plan)?;
        let viewer = viewer.map(AdRequest::try_from).transpose()?.unwrap_or_default();
        let options = RunOptions::default().with_auto_track(auto_track);
        Ok(Asked { client, plan: compiled, viewer, options, captures: plan.captures })
    }
}

/// Waits for `future` with the GIL released. Ctrl-C ends the wait.
fn wait<F>(py: Python<'_>, future: F) -> PyResult<F::Output>
where
    F: Future + Send,
    F::Output: Send,
{
    let runtime = runtime()?;
    py.detach(|| {
        runtime.block_on(async {
            let mut future = pin!(future);
            loop {
                match tokio::time::timeout(SIGNALS_CHECKED, &mut future).await {
                    Ok(output) => return Ok(output),
                    Err(_) => Python::attach(|py| py.check_signals())?,
                }
            }
        })
    })
}

/// Runs a future on the runtime. Its output comes out of `Port::drain` with this ticket.
fn spawn(port: &Port, ticket: u64, future: impl Future<Output = Output> + Send + 'static) -> PyResult<()> {
    runtime()?.spawn(port.reply(ticket).with(future));
    Ok(())
}

#[pymethods]
impl Engine {
    /// `transport` is a callable of Python that sends the requests, on the event loop of `port`.
    #[new]
    #[pyo3(signature = (*, ca_file=None, insecure=false, outbox=None, transport=None, port=None))]
    fn new(
        ca_file: Option<PathBuf>,
        insecure: bool,
        outbox: Option<PathBuf>,
        transport: Option<Py<PyAny>>,
        port: Option<&Port>,
    ) -> PyResult<Self> {
        let transport = match (transport, port) {
            (None, _) => None,
            (Some(callable), Some(port)) => {
                Some(HostTransport { callable: Arc::new(callable), mailbox: port.mailbox() })
            }
            (Some(_), None) => return Err(PyValueError::new_err("a transport of Python needs an event loop")),
        };
        Ok(Self { ca_file, insecure, outbox, transport, live: Mutex::new(None) })
    }

    /// Checks a plan without a request.
    fn check(&self, plan: &Plan) -> PyResult<()> {
        self.client()?.orchestrator().plan(&plan.config).map(drop).map_err(wrong)
    }

    /// Compiles a plan for the next request.
    fn prepare(&self, plan: &Plan) -> PyResult<()> {
        self.compiled(plan).map(drop)
    }

    /// Opens the outbox and begins to call the beacons that an earlier process left in it.
    fn start(&self) -> PyResult<()> {
        self.client().map(drop)
    }

    /// Starts a request. Its `Answer` comes out of the port with this ticket.
    fn run(
        &self,
        port: &Port,
        ticket: u64,
        plan: &Plan,
        request: Option<ViewerItem>,
        auto_track: bool,
    ) -> PyResult<()> {
        let asked = self.asked(plan, request, auto_track)?;
        runtime()?.begin(Box::new(Request { asked, reply: port.reply(ticket) }));
        Ok(())
    }

    /// The same request, which blocks the thread and not the interpreter.
    fn run_blocking(
        &self,
        py: Python<'_>,
        plan: &Plan,
        request: Option<ViewerItem>,
        auto_track: bool,
    ) -> PyResult<Answer> {
        let asked = self.asked(plan, request, auto_track)?;
        wait(py, asked.answer())
    }

    /// Puts the trackers of an event into the outbox. The output is the list of what was put.
    fn track(&self, port: &Port, ticket: u64, event: EventItem) -> PyResult<()> {
        let client = self.client()?;
        spawn(port, ticket, async move { output(tracking::track(&client, event).await) })
    }

    /// Puts the impressions of an answer into the outbox, also if another engine has made the answer.
    fn track_impressions(&self, port: &Port, ticket: u64, answer: &Answer) -> PyResult<()> {
        let (client, result) = (self.client()?, Arc::clone(&answer.result));
        spawn(port, ticket, async move { output(tracking::track_impressions(&client, &result).await) })
    }

    /// `track_impressions` that blocks the thread.
    fn track_impressions_blocking(&self, py: Python<'_>, answer: &Answer) -> PyResult<Vec<TrackedState>> {
        let client = self.client()?;
        wait(py, async move { tracking::track_impressions(&client, &answer.result).await })
    }

    /// Puts the trackers of an event of a session into the outbox.
    fn track_session(&self, port: &Port, ticket: u64, beacons: &SessionBeacons) -> PyResult<()> {
        let (client, event) = (self.client()?, beacons.event_of_answer());
        spawn(port, ticket, async move {
            let (result, event) = event;
            output(tracking::states(client.tracker().track_session_event(&*result, &event).await))
        })
    }

    /// Waits at most so many seconds until no beacon is due. The output: delivered, failed, left.
    fn drain(&self, port: &Port, ticket: u64, seconds: f64) -> PyResult<()> {
        let (client, limit) = (self.client()?, duration("seconds", seconds)?);
        spawn(port, ticket, async move {
            let report = client.drain(limit).await;
            output((report.delivered, report.failed, report.left))
        })
    }

    /// `drain` that blocks the thread.
    fn drain_blocking(&self, py: Python<'_>, seconds: f64) -> PyResult<(u64, u64, usize)> {
        let (client, limit) = (self.client()?, duration("seconds", seconds)?);
        let report = wait(py, async move { client.drain(limit).await })?;
        Ok((report.delivered, report.failed, report.left))
    }

    /// The beacons of a request, from the ledger of the outbox.
    fn tracking_results(&self, port: &Port, ticket: u64, group: String) -> PyResult<()> {
        let client = self.client()?;
        spawn(port, ticket, async move {
            let results = client.tracker().results(&group).await;
            read_by(move |py| {
                let results: TrackingResults = results.map_err(|error| PyValueError::new_err(error.to_string()))?;
                tracking::rows(py, &results)
            })
        })
    }

    /// Ends the client. An outbox on disk keeps its beacons; then another process can open it.
    fn close(&self, py: Python<'_>, seconds: f64) -> PyResult<()> {
        let limit = duration("seconds", seconds)?;
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner).take();
        match live {
            Some(live) if live.process == process() => {
                wait(py, async move { live.client.shutdown(limit).await }).map(drop)
            }
            other => {
                std::mem::forget(other);
                Ok(())
            }
        }
    }
}
