//! A line that shows that something is going on, for a terminal.

use std::future::Future;
use std::io::{IsTerminal, Write};
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// How often the line is drawn. Faster is only flicker; an answer within the first of them draws nothing.
const BETWEEN: Duration = Duration::from_millis(100);

/// Runs `work`, drawing who is asked and for how long on stderr. The line is gone when it ends or is dropped.
pub(super) async fn beside<T>(work: impl Future<Output = T>, names: &str) -> T {
    let mut work = pin!(work);
    let began = Instant::now();
    let mut ticks = interval_at(began + BETWEEN, BETWEEN);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut line = Line::default();
    loop {
        tokio::select! {
            biased;
            ended = &mut work => return ended,
            _ = ticks.tick() => line.draw(&text(names, began.elapsed())),
        }
    }
}

/// Whether somebody would see the line.
pub(super) fn is_seen() -> bool {
    std::io::stderr().is_terminal()
}

fn text(names: &str, elapsed: Duration) -> String {
    // What would be broken over two lines cannot be erased.
    let most = crate::render::human::width().saturating_sub(16);
    let shown: String = names.chars().filter(|char| !char.is_control()).take(most).collect();
    let more = if shown.chars().count() < names.chars().count() { "…" } else { "" };
    format!("asking {shown}{more} {:.1} s", elapsed.as_secs_f64())
}

/// The line; erased when dropped.
#[derive(Default)]
struct Line {
    is_drawn: bool,
}

impl Line {
    fn draw(&mut self, text: &str) {
        self.is_drawn = true;
        put(text);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.is_drawn {
            put("");
        }
    }
}

/// To the line's begin, erase it, write.
fn put(text: &str) {
    let mut stderr = std::io::stderr().lock();
    drop(write!(stderr, "\r\u{1b}[K{text}").and_then(|()| stderr.flush()));
}
