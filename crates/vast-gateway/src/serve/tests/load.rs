//! Many connections.

use std::sync::atomic::Ordering;

use super::clients::Http1Client;
use super::site::Site;

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
