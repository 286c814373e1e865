//! A transport that wraps the transport of the library and records every request.
//!
//! ```text
//! vast mock crates/vast-client/examples/servers.toml        # in another terminal
//! cargo run -p vast-client --example own_transport -- http://127.0.0.1:8080
//! ```

use std::error::Error;
use std::sync::{Arc, Mutex};

use vast_client::transport::{
    HttpRequest, HttpResponse, HttpTransport, Resolver, TlsSettings, Transport, TransportError,
};
use vast_client::{BoxFuture, FetchConfig, VastClient};

/// Records the path and the status of every exchange.
struct Noting {
    inner: HttpTransport,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Transport for Noting {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let path = request.uri.path().to_owned();
        let seen = self.seen.clone();
        let answer = self.inner.send(request);
        Box::pin(async move {
            let answer = answer.await;
            let status = answer.as_ref().map_or_else(|error| error.to_string(), |answer| answer.status.to_string());
            if let Ok(mut seen) = seen.lock() {
                seen.push(format!("{path} {status}"));
            }
            answer
        })
    }
}

/// Returns the lines to print.
pub async fn run(server: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let inner = HttpTransport::new(Resolver::system(), &TlsSettings::default())?;
    let transport = Noting { inner, seen: seen.clone() };
    let config = FetchConfig::new([format!("{server}/wrapper?ad=shoes")]);
    let client = VastClient::builder().transport(transport).build(config)?;

    let result = client.request_ad().await;
    let mut lines = vec![format!("success {}", result.success)];
    lines.extend(seen.lock().map_err(|_| "a request panicked")?.iter().cloned());
    Ok(lines)
}

#[tokio::main(flavor = "current_thread")]
#[allow(clippy::print_stdout, reason = "an example shows what it found")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = std::env::args().nth(1).ok_or("the address of the ad server is missing")?;
    for line in run(&server).await? {
        println!("{line}");
    }
    Ok(())
}
