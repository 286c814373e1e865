//! `http-clients URL CLIENT COUNT IN_FLIGHT`: gets the URL COUNT times, IN_FLIGHT at a time, and prints the CPU time of
//! this process per exchange in microseconds. CLIENT is `reqwest`, `hyper-util` (its legacy client, which has a pool) or
//! `hyper` (one connection per task without a pool: the floor).

#![forbid(unsafe_code)]

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::try_join_all;
use http::{Request, Uri};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustix::time::{ClockId, clock_gettime};
use tokio::net::TcpStream;

type Failure = Box<dyn Error + Send + Sync>;

/// Exchanges before the measurement, which fill connections, buffers and branch predictors.
const WARM_UP: usize = 2000;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, client, count, in_flight] = arguments.as_slice() else {
        return Err("usage: http-clients URL reqwest|hyper-util|hyper COUNT IN_FLIGHT".into());
    };
    let (count, in_flight) = (count.parse()?, in_flight.parse()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let spent = match client.as_str() {
        "reqwest" => runtime.block_on(with_reqwest(url, count, in_flight))?,
        "hyper-util" => runtime.block_on(with_hyper_util(url, count, in_flight))?,
        "hyper" => runtime.block_on(with_hyper(url, count, in_flight))?,
        other => return Err(format!("no client is called {other}").into()),
    };
    println!("{client} in_flight={in_flight} cpu_us_per_exchange={:.3}", spent.as_secs_f64() * 1e6 / count as f64);
    Ok(())
}

/// The CPU time of `count` exchanges after the warm-up, split evenly over `in_flight` tasks.
async fn measured<F>(count: usize, in_flight: usize, run: impl Fn(usize) -> F) -> Result<Duration, Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    try_join_all((0..in_flight).map(|_| run(WARM_UP / in_flight))).await?;
    let before = cpu_time();
    try_join_all((0..in_flight).map(|_| run(count / in_flight))).await?;
    Ok(cpu_time() - before)
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

async fn with_reqwest(url: &str, count: usize, in_flight: usize) -> Result<Duration, Failure> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .build()?;
    let url: reqwest::Url = url.parse()?;
    let run = |count| {
        let (client, url) = (client.clone(), url.clone());
        async move {
            for _ in 0..count {
                let answer =
                    client.get(url.clone()).header("user-agent", "bench").header("accept", "*/*").send().await?;
                assert!(answer.status().is_success() && answer.bytes().await?.len() > 1);
            }
            Ok(())
        }
    };
    measured(count, in_flight, run).await
}

fn request(uri: &Uri) -> Result<Request<Empty<Bytes>>, Failure> {
    Ok(Request::get(uri.clone()).header("user-agent", "bench").header("accept", "*/*").body(Empty::new())?)
}

async fn with_hyper_util(url: &str, count: usize, in_flight: usize) -> Result<Duration, Failure> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let uri: Uri = url.parse()?;
    let run = |count| {
        let (client, uri) = (client.clone(), uri.clone());
        async move {
            for _ in 0..count {
                let answer = client.request(request(&uri)?).await?;
                assert!(answer.status().is_success() && answer.into_body().collect().await?.to_bytes().len() > 1);
            }
            Ok(())
        }
    };
    measured(count, in_flight, run).await
}

async fn with_hyper(url: &str, count: usize, in_flight: usize) -> Result<Duration, Failure> {
    let uri: Uri = url.parse()?;
    let authority = uri.authority().ok_or("the URL has no host")?.to_string();
    let path: Uri = uri.path_and_query().ok_or("the URL has no path")?.as_str().parse()?;
    let run = |count| {
        let (authority, path) = (authority.clone(), path.clone());
        async move {
            let stream = TcpStream::connect(&authority).await?;
            stream.set_nodelay(true)?;
            let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            for _ in 0..count {
                let mut request = request(&path)?;
                request.headers_mut().insert("host", authority.parse()?);
                let answer = sender.send_request(request).await?;
                assert!(answer.status().is_success() && answer.into_body().collect().await?.to_bytes().len() > 1);
                sender.ready().await?;
            }
            Ok(())
        }
    };
    measured(count, in_flight, run).await
}
