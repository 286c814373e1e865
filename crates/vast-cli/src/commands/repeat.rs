//! `vast request --repeat`.

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, sleep_until};
use vast_client::{AdRequest, FetchResult, VastClient};

use super::progress::{self, ProgressLine};
use super::runtime;
use crate::args::{Format, OutputArgs, Repetition};
use crate::error::{CommandError, Signal};
use crate::exit::Exit;
use crate::stdio::Reader;
use crate::{hints, render, stdio};

/// Runs the request many times with one client and one plan, prints the answers in the order in which they come, and the summary. A signal
/// ends the run; the summary then has the requests so far.
///
/// # Errors
/// A [`CommandError`]: the output cannot be written, or a signal came.
pub(super) async fn run(
    client: &VastClient,
    request: &AdRequest,
    repetition: Repetition,
    output: &OutputArgs,
) -> Result<Exit, CommandError> {
    let began = Instant::now();
    let mut run =
        EndedRequests { output, began, requests: repetition.requests, exit: Exit::Done, ended: 0, hint: None };
    let signal = run.requests(client, request, repetition).await?;
    let summary = render::summary(&client.stats(), began.elapsed(), output)?;
    stdio::print(&summary)?;
    if let Some(hint) = run.hint {
        stdio::message(&format!("hint: {hint}"));
    }
    match signal {
        Some(signal) => Err(CommandError::Signal(signal)),
        None => Ok(run.exit),
    }
}

/// The requests of a run that have ended.
struct EndedRequests<'a> {
    output: &'a OutputArgs,
    began: Instant,
    requests: u32,
    /// The exit code over all requests: that of the worst one.
    exit: Exit,
    ended: u32,
    hint: Option<&'static str>,
}

impl EndedRequests<'_> {
    /// Runs the requests until the last one has ended, a signal comes, or nothing reads the output any more.
    async fn requests(
        &mut self,
        client: &VastClient,
        request: &AdRequest,
        repetition: Repetition,
    ) -> Result<Option<Signal>, CommandError> {
        let mut signal = pin!(runtime::signal());
        let mut line = ProgressLine::of_run(self.output.format == Format::Json);
        let mut running = FuturesUnordered::new();
        let mut started = 0;
        loop {
            let may_start = started < repetition.requests && running.len() < repetition.concurrency;
            if !may_start && running.is_empty() {
                return Ok(None);
            }
            let start = self.began + start_of(started, repetition.rate);
            tokio::select! {
                biased;
                signal = &mut signal => return Ok(Some(signal)),
                Some(result) = running.next(), if !running.is_empty() => {
                    if self.ended(&result)? == Reader::Gone {
                        return Ok(None);
                    }
                }
                () = sleep_until(start), if may_start => {
                    running.push(Box::pin(answer(client, nth(request, started))));
                    started += 1;
                }
                () = line.next_drawing() => line.draw(&self.progress()),
            }
        }
    }

    fn ended(&mut self, result: &FetchResult) -> Result<Reader, CommandError> {
        self.ended += 1;
        self.exit = self.exit.or_worse(Exit::of_request(result));
        self.hint = self.hint.or_else(|| hints::of_result(result));
        match self.output.format {
            Format::Json => stdio::write(&render::request_line(result)?),
            _ => Ok(Reader::Reads),
        }
    }

    fn progress(&self) -> String {
        progress::bar(self.ended, self.requests, self.began.elapsed())
    }
}

async fn answer(client: &VastClient, request: AdRequest) -> FetchResult {
    client.orchestrator().run(client.plan(), &request, client.run_options()).await
}

/// When the request with this number starts, counted from the start of the run.
fn start_of(number: u32, rate: Option<f64>) -> Duration {
    let after = |rate| Duration::try_from_secs_f64(f64::from(number) / rate).unwrap_or_default();
    rate.map_or(Duration::ZERO, after)
}

/// The request with this number. The requests of a seeded run have different seeds, and the same ones each time.
fn nth(request: &AdRequest, number: u32) -> AdRequest {
    AdRequest { seed: request.seed.map(|seed| seed.wrapping_add(number.into())), ..request.clone() }
}
