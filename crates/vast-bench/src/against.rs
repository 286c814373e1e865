//! One side of the comparison with other clients, against a server that is already running: `clients` and `bench-peers/python.sh` run the
//! sides in alternating rounds.

use vast_client::FetchMode;

use crate::bare::Bare;
use crate::document;
use crate::effort::Failure;
use crate::load::{Amount, keep_busy};
use crate::pipeline::{Pipeline, one_thread};
use crate::units::Cost;

/// The argument that makes this binary one side of that comparison.
pub(crate) const ARGUMENT: &str = "--against";
/// The argument that makes this binary print the document that the server has to give.
pub(crate) const DOCUMENT: &str = "--document";
/// Requests before the measurement, which open connections and fill caches.
const WARM_UP: u64 = 2_000;

/// `SIDE URL COUNT IN_FLIGHT`: requests `URL`, whose body is the document of [`DOCUMENT`], `COUNT` times, `IN_FLIGHT` at a time, and prints the CPU time per request.
/// `SIDE` is `bare` or `ours`.
pub(crate) fn request(arguments: &[String]) -> Result<(), Failure> {
    let [side, url, count, in_flight] = arguments else { return Err("SIDE URL COUNT IN_FLIGHT".into()) };
    let (count, in_flight) = (count.parse()?, in_flight.parse()?);
    let cost = one_thread()?.block_on(cost(url, side, count, in_flight))?;
    say(&format!("{side} in_flight={in_flight} cpu_us_per_request={:.3}\n", cost.micros()));
    Ok(())
}

async fn cost(url: &str, side: &str, count: u64, in_flight: usize) -> Result<Cost, Failure> {
    match side {
        "bare" => {
            let bare = Bare::new(url, document::one_ad().len())?;
            keep_busy(&bare, in_flight, Amount::Units(WARM_UP)).await?;
            keep_busy(&bare, in_flight, Amount::Units(count)).await
        }
        "ours" => {
            let ours = Pipeline::new(&[url.to_owned()], FetchMode::Parallel)?;
            keep_busy(&ours, in_flight, Amount::Units(WARM_UP)).await?;
            keep_busy(&ours, in_flight, Amount::Units(count)).await
        }
        other => Err(format!("no side has the name {other}").into()),
    }
}

/// Prints the document that the server has to give.
pub(crate) fn print_document() {
    say(document::one_ad());
}

#[allow(clippy::print_stdout)] // This is one of a program's answers.
fn say(text: &str) {
    print!("{text}");
}
