//! Shedding, and many connections.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::super::{LoadShedder, Shed};
use super::clients::{Http1Client, Http2Client};
use super::site::Site;

#[tokio::test]
async fn requests_over_the_limit_are_shed_in_both_versions() {
    let site = Site::open_with(Site::patient(), LoadShedder::new(1));
    let mut first = Http1Client::connect(site.address).await;
    first.send("GET /wait HTTP/1.1\r\nhost: a\r\n\r\n").await;
    site.until_waiting(1).await;
    let mut http1 = Http1Client::connect(site.address).await;
    let mut http2 = Http2Client::connect(site.address).await;
    assert_eq!(http1.get("/ad").await.body, "/ad shed: in_flight");
    assert_eq!(http2.get("/ad").await.unwrap().1, "/ad shed: in_flight");
    assert_eq!(site.counts.shed(Shed::InFlight), 2);
    site.release();
    assert_eq!(first.receive().await.body, "released");
    assert_eq!(http1.get("/").await.body, "hello");
}

#[tokio::test]
async fn a_blocked_event_loop_is_seen() {
    let site = Site::open(Site::patient());
    Http1Client::connect(site.address).await.get("/").await;
    // This test has one thread, so that the work blocks the server too.
    let start = tokio::time::Instant::now();
    while start.elapsed() < Duration::from_millis(100) {
        std::hint::spin_loop();
    }
    site.until(|_| site.load.lag() > Duration::from_millis(50)).await;
    assert_eq!(site.load.lag_percent(), 10);
}

/// Opened at the same time if the process may have so many files: both ends of a connection are in this process.
const MANY: usize = 9_500;

#[tokio::test]
async fn many_idle_connections_do_not_disturb_a_request() {
    let site = Site::open(Site::patient());
    let mut idle = Vec::new();
    for _ in 0..MANY {
        match tokio::net::TcpStream::connect(site.address).await {
            Ok(stream) => idle.push(stream),
            Err(error) => {
                eprintln!("only {} connections, because of the limits of this machine: {error}", idle.len());
                idle.truncate(idle.len().saturating_sub(200));
                break;
            }
        }
    }
    let open = idle.len();
    site.until(|counts| counts.open.load(Ordering::Relaxed) >= open).await;
    let mut client = Http1Client::connect(site.address).await;
    assert_eq!(client.get("/").await.body, "hello");
    drop(idle);
    site.until(|counts| counts.open.load(Ordering::Relaxed) == 1).await;
    assert_eq!(client.get("/").await.body, "hello");
}
