//! The progress line of a request on a terminal.

use std::future::Future;
use std::io::{IsTerminal, Write};
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// The time between two drawings; a faster line would flicker. A request that ends before this time draws no line.
const INTERVAL: Duration = Duration::from_millis(100);

/// Runs `work` and shows on stderr which sources are asked and for how long. The line is erased when `work` ends or is dropped.
pub(super) async fn with_progress<T>(work: impl Future<Output = T>, names: &str) -> T {
    let mut work = pin!(work);
    let began = Instant::now();
    let mut ticks = interval_at(began + INTERVAL, INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut line = ProgressLine::default();
    loop {
        tokio::select! {
            biased;
            result = &mut work => return result,
            _ = ticks.tick() => line.draw(&text(names, began.elapsed())),
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

/// The drawn line. Dropping it erases it.
#[derive(Default)]
struct ProgressLine {
    is_drawn: bool,
}

impl ProgressLine {
    fn draw(&mut self, text: &str) {
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
