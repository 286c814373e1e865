//! The tasks that run requests, each one request after the other. The future of a request is large, so a new allocation for each
//! request, and the moves into it, would cost more than all else that this package adds to a request.

use std::cell::RefCell;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::{Either, select};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use vast_client::{AdRequest, RunOptions, VastClient};

use crate::answer::Answer;
use crate::host::CAPTURED;
use crate::port::{Reply, output};

/// How many tasks without a request are kept.
const MAX_IDLE: usize = 64;

/// A request with everything that it needs.
pub(crate) struct Asked {
    pub(crate) client: VastClient,
    pub(crate) plan: vast_client::Plan,
    pub(crate) viewer: AdRequest,
    pub(crate) options: RunOptions,
    /// Whether the document of an answer without a usable ad is kept.
    pub(crate) captures: bool,
}

impl Asked {
    /// Runs the request.
    pub(crate) async fn answer(&self) -> Answer {
        // The future is pinned where it is made: `scope` would move all of it.
        let run = pin!(self.client.orchestrator().run(&self.plan, &self.viewer, self.options));
        if !self.captures {
            return Answer::new(run.await, None);
        }
        let run = async {
            let result = run.await;
            Answer::new(result, CAPTURED.with(RefCell::take))
        };
        CAPTURED.scope(RefCell::new(None), run).await
    }
}

/// A request, and where its answer goes.
pub(crate) struct Request {
    pub(crate) asked: Asked,
    pub(crate) reply: Reply,
}

/// The tasks that wait for their next request.
type Idle = Arc<Mutex<Vec<oneshot::Sender<Box<Request>>>>>;

/// Gives each request to a task that waits, or to a new one.
///
/// Only this task is woken from other threads, which costs a system call; a batch of requests wakes it once.
pub(crate) async fn run_all(mut requests: UnboundedReceiver<Box<Request>>) {
    let idle = Idle::default();
    while let Some(request) = requests.recv().await {
        let waiting = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let refused = match waiting {
            Some(task) => task.send(request).err(),
            None => Some(request),
        };
        if let Some(request) = refused {
            drop(tokio::spawn(run_one_after_the_other(request, Arc::clone(&idle))));
        }
    }
}

async fn run_one_after_the_other(mut request: Box<Request>, idle: Idle) {
    loop {
        run(*request).await;
        let (sender, receiver) = oneshot::channel();
        {
            let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() == MAX_IDLE {
                return;
            }
            idle.push(sender);
        }
        match receiver.await {
            Ok(next) => request = next,
            Err(_) => return,
        }
    }
}

async fn run(request: Request) {
    let Request { asked, mut reply } = request;
    let answer = match select(pin!(reply.is_unwanted()), pin!(asked.answer())).await {
        Either::Left(_) => None,
        Either::Right((answer, _)) => Some(answer),
    };
    reply.finish(answer.map(output));
}
