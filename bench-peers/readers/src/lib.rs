//! `read-PEER FILE...`: reads documents with one library and prints the cost.
//!
//! The files are read into memory once. Then every line of the input, `INDEX MILLISECONDS`, is a request: file number INDEX
//! is read repeatedly, at least once, until MILLISECONDS of CPU time have passed. The response is one line:
//!
//! ```text
//! read DOCUMENTS NANOSECONDS ADS    how often, in how much CPU time of this process; the ads found, `-` if not counted
//! cannot REASON                     the library does not read this document
//! ```

#![forbid(unsafe_code)]

use std::error::Error;
use std::fmt::Display;
use std::hint::black_box;
use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A failure of this program. If the library refuses a document, that is not a failure.
pub type Failure = Box<dyn Error + Send + Sync>;
/// The number of ads, if the library counts them, or the reason why it does not read the document.
pub type Ads = Result<Option<usize>, String>;

/// How many bytes of documents are read between two readings of the clock.
const BATCH: usize = 1 << 20;

/// Responds to requests about the files of the command line until the input ends.
#[allow(clippy::disallowed_methods, reason = "the root's rule for async workers; here nothing else runs")]
pub fn serve(read: fn(&str) -> Ads) -> Result<(), Failure> {
    let files = std::env::args_os().skip(1).map(std::fs::read).collect::<Result<Vec<_>, _>>()?;
    // The message of a library's panic would be mixed with our output.
    std::panic::set_hook(Box::new(|_| ()));
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (index, time) = line.split_once(' ').ok_or("a question is INDEX MILLISECONDS")?;
        let file = files.get(index.parse::<usize>()?).ok_or("no such file")?;
        writeln!(output, "{}", answer(file, Duration::from_millis(time.parse()?), read))?;
        output.flush()?;
    }
    Ok(())
}

/// The message of an error on one line.
pub fn words(error: impl Display) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn answer(file: &[u8], time: Duration, read: fn(&str) -> Ads) -> String {
    let Ok(text) = std::str::from_utf8(file) else { return "cannot not UTF-8".to_owned() };
    let cost = catch_unwind(AssertUnwindSafe(|| repeat(text, time, read)));
    match cost.unwrap_or_else(|_| Err("it panicked".to_owned())) {
        Ok((documents, cpu, ads)) => {
            let ads = ads.map_or_else(|| "-".to_owned(), |ads| ads.to_string());
            format!("read {documents} {} {ads}", cpu.as_nanos())
        }
        Err(reason) => format!("cannot {reason}"),
    }
}

fn repeat(text: &str, time: Duration, read: fn(&str) -> Ads) -> Result<(u64, Duration, Option<usize>), String> {
    let before = cpu_time();
    let mut ads = read(text)?;
    let mut documents = 1;
    while cpu_time().saturating_sub(before) < time {
        for _ in 0..(BATCH / text.len().max(1)).max(1) {
            // The compiler may remove the computation of a result that is not used.
            ads = black_box(read(black_box(text)))?;
            documents += 1;
        }
    }
    Ok((documents, cpu_time().saturating_sub(before), ads))
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or_default(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
