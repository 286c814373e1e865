//! `request-naive URL COUNT IN_FLIGHT`: the shortest program that gets an ad: reqwest, then the structs of vast4-rs. It has no time limits,
//! follows no wrapper, judges no ad, calls no tracker and reports nothing. It prints the CPU time of this process per request.

#![forbid(unsafe_code)]

use std::error::Error;

use futures_util::future::try_join_all;
use rustix::time::{ClockId, clock_gettime};

type Failure = Box<dyn Error + Send + Sync>;

/// Requests before the measurement, which open connections and fill caches.
const WARM_UP: usize = 2_000;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, count, in_flight] = arguments.as_slice() else { return Err("usage: request-naive URL COUNT IN_FLIGHT".into()) };
    let (count, in_flight): (usize, usize) = (count.parse()?, in_flight.parse()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let spent = runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build()?;
        try_join_all((0..in_flight).map(|_| requests(&client, url, WARM_UP / in_flight))).await?;
        let before = cpu_time();
        try_join_all((0..in_flight).map(|_| requests(&client, url, count / in_flight))).await?;
        Ok::<_, Failure>(cpu_time() - before)
    })?;
    let requests = (count / in_flight * in_flight) as f64;
    println!("naive in_flight={in_flight} cpu_us_per_request={:.3}", spent / requests);
    Ok(())
}

async fn requests(client: &reqwest::Client, url: &str, count: usize) -> Result<(), Failure> {
    for _ in 0..count {
        let text = client.get(url).send().await?.error_for_status()?.text().await?;
        let vast: vast4_rs::Vast<'_> = vast4_rs::from_str(&text).map_err(|error| format!("{error:?}"))?;
        if vast.ads.len() != 1 {
            return Err("the document is not whole".into());
        }
    }
    Ok(())
}

/// User and system time of this process so far, in microseconds.
fn cpu_time() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}
