//! The time that the gateway adds to the last byte of the winner of a race.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::nginx::Nginx;
use super::player::{Player, Reuse, quantile};
use super::serve::{Logs, VastServe, tag};
use crate::document;
use crate::effort::{Effort, Failure};
use crate::pipeline::one_thread;
use crate::table::Table;

/// How long the servers think. The first one wins.
const THINKS: [Duration; 5] = [
    Duration::from_millis(1),
    Duration::from_millis(4),
    Duration::from_millis(5),
    Duration::from_millis(6),
    Duration::from_millis(7),
];
/// How many requests are timed.
const REQUESTS: u64 = 2_000;

/// When the winner wrote its last answer.
type Written = Arc<Mutex<Option<Instant>>>;

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = "From the moment at which the winner writes its answer to the moment at which the client has the whole answer, one request \
                at a time; the servers and the client are one process. The winner answers after 1 ms, four others after 4 to 7 ms. Directly \
                is one exchange on loopback without anything between. Goal of the gateway: median at most 100 us.";
    let mut table =
        Table::new("Time on top of the winner's last byte", note, &["side", "median, us", "p90, us", "p99, us"]);
    let runtime = one_thread()?;
    let written = Written::default();
    let mut servers = JoinSet::new();
    let addresses = runtime.block_on(async {
        let mut addresses = Vec::new();
        for (number, thinks) in THINKS.into_iter().enumerate() {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            addresses.push(listener.local_addr()?);
            servers.spawn(serve(listener, thinks, Some(Arc::clone(&written)).filter(|_| number == 0)));
        }
        Ok::<_, Failure>(addresses)
    })?;
    let vast = VastServe::start("", &placement(&addresses), Logs::Off)?;
    let nginx = if Nginx::is_installed() { Some(Nginx::proxy(addresses[0])?) } else { None };
    let sides = [
        ("directly", Some((addresses[0], "/".to_owned()))),
        ("nginx `proxy_pass` to the winner", nginx.as_ref().map(|nginx| (nginx.address, "/".to_owned()))),
        ("`vast serve`, race of five", Some((vast.address, tag("race")))),
    ];
    for (name, side) in sides {
        let Some((address, path)) = side else {
            table.row(["skipped: nginx".to_owned()]);
            continue;
        };
        let times = runtime.block_on(added(address, path, &written, REQUESTS / effort.divisor))?;
        let quantiles = [0.5, 0.9, 0.99].map(|share| format!("{:.0}", quantile(&times, share)));
        table.row([vec![name.to_owned()], quantiles.to_vec()].concat());
    }
    Ok(table)
}

fn placement(addresses: &[SocketAddr]) -> String {
    let source =
        |(number, address): (usize, &SocketAddr)| format!("{{ name = \"s{number}\", url = \"http://{address}/\" }}");
    let sources: Vec<_> = addresses.iter().enumerate().map(source).collect();
    format!("[placement.race]\nmode = \"race\"\nsource = [{}]\n", sources.join(", "))
}

/// The added times, in microseconds.
async fn added(address: SocketAddr, path: String, written: &Written, requests: u64) -> Result<Vec<f64>, Failure> {
    let mut player = Player::connect(address, &[path], Reuse::Kept).await?;
    let mut times = Vec::new();
    for _ in 0..requests {
        *written.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let played = player.keep_asking(Duration::ZERO).await?;
        let end = Instant::now();
        if played.ads.is_empty() {
            return Err("an answer without an ad".into());
        }
        // On a busy machine another server may win; only answers of the first one are timed.
        if let Some(begin) = *written.lock().unwrap_or_else(PoisonError::into_inner) {
            times.push(end.duration_since(begin).as_secs_f64() * 1e6);
        }
    }
    if times.is_empty() {
        return Err("the first server never won".into());
    }
    Ok(times)
}

/// Answers every request on every connection after `thinks`.
async fn serve(listener: TcpListener, thinks: Duration, written: Option<Written>) -> Result<(), Failure> {
    let body = document::one_ad();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {}\r\n\r\n", body.len());
    let answer: Arc<[u8]> = [head.as_bytes(), body.as_bytes()].concat().into();
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        connections.spawn(converse(stream, Arc::clone(&answer), thinks, written.clone()));
    }
}

async fn converse(
    mut stream: TcpStream,
    answer: Arc<[u8]>,
    thinks: Duration,
    written: Option<Written>,
) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    let mut request = Vec::new();
    while stream.read_buf(&mut request).await? > 0 {
        if request.ends_with(b"\r\n\r\n") {
            request.clear();
            sleep(thinks).await;
            if let Some(written) = &written {
                *written.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            }
            stream.write_all(&answer).await?;
        }
    }
    Ok(())
}
