use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, stream};
use tokio::time::{Instant, sleep};
use vast_client::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use vast_client::{AdRequest, FetchConfig, SourceConfig};

use super::*;

const MILLISECOND: Duration = Duration::from_millis(1);

/// A tracker that answers after this time.
struct Tracker(Duration);

impl Transport for Tracker {
    fn send(&self, _: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let answered = sleep(self.0);
        async move {
            answered.await;
            Ok(HttpResponse::new(http::StatusCode::NO_CONTENT, http::HeaderMap::new(), Box::pin(stream::empty())))
        }
        .boxed()
    }
}

/// A client that calls a tracker which answers after this time.
async fn calling(answers_after: Duration) -> VastClient {
    let ad = "<VAST version='3.0'><Ad><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle><Impression>https://t.example/seen</Impression>\
              <Creatives><Creative><Linear><Duration>00:00:05</Duration><MediaFiles><MediaFile type='video/mp4' width='1' height='1'>\
              https://cdn.example/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>";
    let address = IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34));
    let client = VastClient::builder()
        .transport(Tracker(answers_after))
        .lookup(Arc::new(move |_| async move { Ok(vec![address]) }.boxed()))
        .build(FetchConfig::new([SourceConfig::inline(ad)]).with_auto_track(true))
        .expect("a configuration");
    let result = client.orchestrator().run(client.plan(), &AdRequest::default(), client.run_options()).await;
    assert_eq!(result.tracked.len(), 1, "{result:?}");
    client
}

/// The columns are: when the tracker answers, when a second signal comes, how long the wait is, and whether the tracker is delivered. The
/// first signal comes after 100 ms.
#[tokio::test(start_paused = true)]
async fn a_tracker_under_way_is_delivered_after_a_signal() {
    for (answers_after, second, took, delivered) in
        [(250, 9_000, 250, 1), (599, 9_000, 599, 1), (700, 9_000, 600, 0), (250, 50, 150, 0), (50, 9_000, 50, 1)]
    {
        let client = calling(answers_after * MILLISECOND).await;
        let (began, signals) = (Instant::now(), Cell::new(0));
        let next_signal = || {
            signals.set(signals.get() + 1);
            let after = if signals.get() == 1 { 100 } else { second };
            async move {
                sleep(after * MILLISECOND).await;
                Signal::Interrupt
            }
        };
        let signal = drained(&client, Duration::from_secs(20), next_signal).await;
        let report = client.shutdown(Duration::ZERO).await;
        let case = format!("{answers_after} ms, {second} ms");
        assert_eq!((began.elapsed().as_millis(), report.delivered), (took, delivered), "{case}");
        assert_eq!((signal.is_some(), report.left), (took > 100, usize::from(delivered == 0)), "{case}");
    }
}
