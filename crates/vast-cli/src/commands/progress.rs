//! The progress line of a request, or of many requests, on a terminal.

use std::future::Future;
use std::io::{IsTerminal, Write};
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// The time between two drawings; a faster line would flicker. A request that ends before this time draws no line.
const INTERVAL: Duration = Duration::from_millis(100);

/// Runs `work` and shows on stderr which sources are asked and for how long. The line is erased when `work` ends or is dropped.
pub(super) async fn with_progress<T>(work: impl Future<Output = T>, names: &str) -> T {
    let mut work = pin!(work);
    let began = Instant::now();
    let mut line = ProgressLine::new(true);
    loop {
        tokio::select! {
            biased;
            result = &mut work => return result,
            () = line.next_drawing() => line.draw(&text(names, began.elapsed())),
        }
    }
}

/// Whether stderr is a terminal.
pub(super) fn is_visible() -> bool {
    std::io::stderr().is_terminal()
}

fn text(names: &str, elapsed: Duration) -> String {
    // The line must not wrap: only one line can be erased.
    let most = crate::render::layout::stderr_width().saturating_sub(16);
    let shown: String = names.chars().filter(|char| !char.is_control()).take(most).collect();
    let more = if shown.chars().count() < names.chars().count() { "…" } else { "" };
    format!("asking {shown}{more} {:.1} s", elapsed.as_secs_f64())
}

/// The columns of a bar.
const BAR: u32 = 24;

/// The bar of a run: `━━━━━━──────  250 of 1000 requests, 12.3 s`.
pub(super) fn bar(ended: u32, all: u32, elapsed: Duration) -> String {
    let done = u64::from(ended) * u64::from(BAR) / u64::from(all.max(1));
    let bar: String = (0..u64::from(BAR)).map(|column| if column < done { '━' } else { '─' }).collect();
    format!("{bar} {ended} of {all} requests, {:.1} s", elapsed.as_secs_f64())
}

/// The drawn line. Dropping it erases it.
pub(super) struct ProgressLine {
    is_visible: bool,
    is_drawn: bool,
    ticks: Interval,
}

impl ProgressLine {
    fn new(is_visible: bool) -> Self {
        let mut ticks = interval_at(Instant::now() + INTERVAL, INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { is_visible, is_drawn: false, ticks }
    }

    /// The line of a run. It is drawn if stderr is a terminal, unless the run prints its answers to the same terminal.
    pub(super) fn of_run(prints_answers: bool) -> Self {
        Self::new(is_visible() && !(prints_answers && std::io::stdout().is_terminal()))
    }

    /// Waits until the line is to be drawn again; for ever if it is not visible.
    pub(super) async fn next_drawing(&mut self) {
        if self.is_visible {
            self.ticks.tick().await;
        } else {
            std::future::pending::<()>().await;
        }
    }

    pub(super) fn draw(&mut self, text: &str) {
        self.is_drawn = true;
        put(text);
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if self.is_drawn {
            put("");
        }
    }
}

/// Replaces the line.
fn put(text: &str) {
    let mut stderr = std::io::stderr().lock();
    drop(write!(stderr, "\r\u{1b}[K{text}").and_then(|()| stderr.flush()));
}
