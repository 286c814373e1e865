//! The time from the last piece of the winner's body to the return of the request.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use tokio::time::Instant;
use vast_client::transport::{
    HttpRequest, HttpResponse, HttpTransport, Resolver, TlsSettings, Transport, TransportError,
};
use vast_client::{FetchConfig, FetchMode, VastClient};

use crate::effort::{Effort, Failure};
use crate::opponent::{Opponent, Thinks};
use crate::pipeline::one_thread;
use crate::table::Table;
use crate::units::percentile;

/// How many requests are timed.
const REQUESTS: u64 = 4_000;

/// The HTTP transport, which notes when it gives out the pieces of bodies from one port.
struct Stamping {
    inner: HttpTransport,
    port: Option<u16>,
    last: Stamp,
}

/// The time at which the last piece of the answer was returned to the reader.
type Stamp = Arc<Mutex<Option<Instant>>>;

impl Transport for Stamping {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let is_watched = request.uri.port_u16() == self.port;
        let (sent, last) = (self.inner.send(request), Arc::clone(&self.last));
        if !is_watched {
            return sent;
        }
        Box::pin(async move {
            let HttpResponse { status, headers, body, multiplexed, .. } = sent.await?;
            let body =
                body.inspect(move |_| *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now()));
            Ok(HttpResponse::new(status, headers, Box::pin(body)).with_multiplexed(multiplexed))
        })
    }
}

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = "From the moment the transport hands over the last piece of the winner's body to the return of \
                `request_ad`: PARSE, RESOLVE, SELECT, cancelling the losers and the report; wall clock, one thread, one \
                request at a time. The winner answers after 1 ms, the others think for 3 to 6 ms. Target: median at \
                most 50 us.";
    let columns = &["mode", "sources", "median, us", "p90, us", "p99, us"];
    let mut table = Table::new("Last byte to answer", note, columns);
    for (mode, sources) in
        [(FetchMode::Parallel, 1), (FetchMode::Parallel, 5), (FetchMode::Race, 5), (FetchMode::Sequential, 1)]
    {
        let mut thinks = vec![Thinks(3, 6); sources];
        thinks[0] = Thinks(1, 1);
        let opponent = Opponent::start(&thinks)?;
        let mut micros = one_thread()?.block_on(waits(&opponent, mode, REQUESTS / effort.divisor))?;
        micros.sort_by(f64::total_cmp);
        let [median, p90, p99] = [0.5, 0.9, 0.99].map(|share| format!("{:.1}", percentile(&micros, share)));
        table.row([mode.to_string(), sources.to_string(), median, p90, p99]);
    }
    Ok(table)
}

async fn waits(opponent: &Opponent, mode: FetchMode, requests: u64) -> Result<Vec<f64>, Failure> {
    let last = Stamp::default();
    let inner = HttpTransport::new(Resolver::system(), &TlsSettings::default())?;
    let port = opponent.url().parse::<http::Uri>()?.port_u16();
    let config = FetchConfig::new(opponent.urls().iter().map(String::as_str)).with_mode(mode);
    let transport = Stamping { inner, port, last: Arc::clone(&last) };
    let client = VastClient::builder().transport(transport).build(config)?;
    let mut micros = Vec::new();
    for _ in 0..requests {
        let result = client.request_ad().await;
        let returned = Instant::now();
        let winner = result.sources.first().map(|source| &source.name);
        if !result.success {
            return Err(format!("no ad: {:?}", result.errors).into());
        }
        if result.source.as_ref() != winner {
            // On a busy machine another source may win; only bodies of the first source are timed.
            continue;
        }
        let handed_over = last.lock().unwrap_or_else(PoisonError::into_inner).ok_or("no body was handed over")?;
        micros.push(returned.saturating_duration_since(handed_over).as_secs_f64() * 1e6);
    }
    Ok(micros)
}
