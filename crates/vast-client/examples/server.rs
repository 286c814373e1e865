//! A service for many viewers: one client, answers that several tasks share, and an orderly end at SIGTERM.
//!
//! The protocol is one line per connection, so that the program needs no web framework: `ad VIEWER` asks for an ad;
//! `impression VIEWER`, `start VIEWER` and `complete VIEWER` report what the player shows.
//!
//! ```text
//! vast mock crates/vast-client/examples/servers.toml        # in another terminal
//! cargo run -p vast-client --example server -- http://127.0.0.1:8080 127.0.0.1:8081
//! echo "ad viewer-1" | nc 127.0.0.1 8081                    # in a third one
//! ```
//!
//! On systems without SIGTERM, Ctrl-C ends the program.
#![expect(clippy::disallowed_methods, reason = "a program of a user reads its own clock")]

use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use vast_client::track::{AdEvent, DrainReport, Moment};
use vast_client::xml::model::Event;
use vast_client::{AdRequest, FetchResult, VastClient};

/// The longest line of a player, in bytes.
const LONGEST_LINE: u64 = 1_000;

struct Service {
    client: VastClient,
    /// The answers whose ads are being played, by viewer. A real service also removes the answers of viewers that have
    /// left.
    playing: Mutex<HashMap<String, Arc<FetchResult>>>,
}

impl Service {
    async fn connection(self: Arc<Self>, socket: TcpStream) -> io::Result<()> {
        let mut socket = BufReader::new(socket);
        let mut line = String::new();
        (&mut socket).take(LONGEST_LINE).read_line(&mut line).await?;
        let reply = match line.trim().split_once(' ') {
            Some(("ad", viewer)) => self.ad(viewer).await,
            Some(("impression", viewer)) => self.event(viewer, &AdEvent::Impression).await,
            Some(("start", viewer)) => self.event(viewer, &AdEvent::Linear(Event::Start)).await,
            Some(("complete", viewer)) => self.event(viewer, &AdEvent::Linear(Event::Complete)).await,
            _ => "unknown".to_owned(),
        };
        socket.write_all(reply.as_bytes()).await
    }

    async fn ad(&self, viewer: &str) -> String {
        let request = AdRequest { split_key: Some(viewer.to_owned()), ..AdRequest::default() };
        let result = Arc::new(self.client.request_ad_for(&request).await);
        let reply = result.selected_media().map_or("no ad".to_owned(), |file| format!("play {}", file.url));
        // The player reports events over other connections, so the answer is kept. It is shared and not copied.
        self.playing.lock().unwrap_or_else(PoisonError::into_inner).insert(viewer.to_owned(), result);
        reply
    }

    async fn event(&self, viewer: &str, event: &AdEvent) -> String {
        let found = {
            let mut playing = self.playing.lock().unwrap_or_else(PoisonError::into_inner);
            let is_over = *event == AdEvent::Linear(Event::Complete);
            if is_over { playing.remove(viewer) } else { playing.get(viewer).cloned() }
        };
        let Some(result) = found else { return "unknown viewer".to_owned() };
        let Some(first) = result.ads.first() else { return "no ad".to_owned() };
        // The seed determines the random numbers in the URLs. If the same report comes twice with the same seed, its
        // trackers are called only once.
        let moment = Moment::new(SystemTime::now(), 1);
        let tracked = self.client.tracker().track_event(&*result, &first.ad, event, &moment).await;
        format!("{} tracked", tracked.len())
    }
}

/// Answers viewers until `stop`. Then it finishes the connections that are open, and calls the trackers that are due.
pub async fn serve(
    listener: TcpListener,
    ad_server: &str,
    stop: impl Future<Output = ()>,
) -> Result<DrainReport, Box<dyn Error>> {
    let client = VastClient::new(format!("{ad_server}/wrapper?ad=shoes"))?;
    let service = Arc::new(Service { client, playing: Mutex::default() });
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => {
                let (socket, _) = accepted?;
                connections.spawn(Arc::clone(&service).connection(socket));
            }
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    let finished = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(Duration::from_secs(5), finished).await;
    // Together with the 5 s above, this is less than the 30 s after which container platforms kill a process.
    Ok(service.client.shutdown(Duration::from_secs(20)).await)
}

/// Ready when the process receives SIGTERM. After this call, the signal does not end the process any more.
#[cfg(unix)]
pub fn terminated() -> io::Result<impl Future<Output = ()>> {
    let mut signals = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    Ok(async move {
        signals.recv().await;
    })
}

/// Ready when the user presses Ctrl-C, on systems without SIGTERM.
#[cfg(not(unix))]
pub fn terminated() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a way to notice Ctrl-C, the service ends at once: it could not be ended otherwise.
        let _ = tokio::signal::ctrl_c().await;
    })
}

#[tokio::main(flavor = "current_thread")]
#[allow(clippy::print_stdout, reason = "an example shows what it found")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [ad_server, address] = arguments.as_slice() else {
        return Err("the address of the ad server and an address to listen on are missing".into());
    };
    let stop = terminated()?;
    let drained = serve(TcpListener::bind(address).await?, ad_server, stop).await?;
    println!("delivered {}, failed {}, left {}", drained.delivered, drained.failed, drained.left);
    Ok(())
}
