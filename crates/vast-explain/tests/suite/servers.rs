//! Ad servers in memory.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use vast_client::env::Env;
use vast_client::http::{HeaderMap, StatusCode};
use vast_client::recording::{Recorder, RecorderSettings, Recording};
use vast_client::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use vast_client::{BoxFuture, Bytes, ClientConfig, FetchConfig, FetchResult, SourceConfig, VastClient};

/// An ad server: name, delay in milliseconds, status, body.
#[derive(Clone)]
pub(crate) struct AdServer(pub(crate) &'static str, pub(crate) u64, pub(crate) u16, pub(crate) String);

/// Answers as the server whose name is the first label of the host; a host without a server never answers.
struct InMemory(Vec<AdServer>);

impl Transport for InMemory {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let host = request.uri.host().unwrap_or_default();
        let answer = self.0.iter().find(|server| server.0 == host.trim_end_matches(".example")).cloned();
        Box::pin(async move {
            let Some(AdServer(_, millis, status, body)) = answer else { return std::future::pending().await };
            tokio::time::sleep(Duration::from_millis(millis)).await;
            let status = StatusCode::from_u16(status).expect("a status");
            let body = futures_util::stream::once(async { Ok(Bytes::from(body)) });
            Ok(HttpResponse::new(status, HeaderMap::new(), Box::pin(body)))
        })
    }
}

/// A configuration of sources of these names that calls no trackers.
pub(crate) fn config(names: &[&str]) -> FetchConfig {
    FetchConfig::new(sources(names)).with_auto_track(false).with_report_errors(false)
}

/// Sources of these names.
pub(crate) fn sources(names: &[&str]) -> Vec<SourceConfig> {
    names.iter().map(|name| SourceConfig::url(format!("https://{name}.example/vast")).named(*name)).collect()
}

/// Makes a request of this configuration. Must run on a paused clock.
pub(crate) async fn ask(servers: Vec<AdServer>, config: impl Into<ClientConfig>) -> FetchResult {
    client(servers, config, None).request_ad().await
}

/// Makes a request and records it, with answers that come within a second after its end.
pub(crate) async fn ask_recorded(servers: Vec<AdServer>, config: impl Into<ClientConfig>) -> (FetchResult, Recording) {
    ask_repeatedly(servers, config, 1).await.pop().expect("a request")
}

/// Makes requests one after the other with the same client, and records them.
pub(crate) async fn ask_repeatedly(
    servers: Vec<AdServer>,
    config: impl Into<ClientConfig>,
    requests: usize,
) -> Vec<(FetchResult, Recording)> {
    let recorder = Recorder::in_memory(requests, RecorderSettings::default());
    let client = client(servers, config, Some(recorder.clone()));
    let mut results = Vec::new();
    for _ in 0..requests {
        results.push(client.request_ad().await);
    }
    client.shutdown(Duration::from_secs(2)).await;
    let recording = |result: FetchResult| {
        let recording = recorder.recording_of(&result).expect("a recording");
        (result, recording)
    };
    results.into_iter().map(recording).collect()
}

fn client(servers: Vec<AdServer>, config: impl Into<ClientConfig>, recorder: Option<Recorder>) -> VastClient {
    let address = IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34));
    let builder = VastClient::builder();
    let builder = match recorder {
        Some(recorder) => builder.recorder(recorder),
        None => builder,
    };
    builder
        .transport(InMemory(servers))
        .lookup(Arc::new(move |_| -> BoxFuture<'static, _> { Box::pin(async move { Ok(vec![address]) }) }))
        .env(Env::fixed(UNIX_EPOCH, 7))
        .build(config)
        .expect("a configuration")
}

/// An ad with this id, title and bitrate.
pub(crate) fn ad(id: &str, title: &str, bitrate: u32) -> String {
    format!(
        r#"<VAST version="4.2"><Ad id="{id}"><InLine><AdSystem>Example Ads</AdSystem><AdTitle><![CDATA[{title}]]></AdTitle>
  <AdServingId>1</AdServingId><Impression>https://ads.example/seen</Impression><Error>https://ads.example/error?c=[ERRORCODE]</Error>
  <Creatives><Creative><UniversalAdId idRegistry="ad-id.org">X1</UniversalAdId><Linear><Duration>00:00:15</Duration>
    <TrackingEvents><Tracking event="start">https://ads.example/start</Tracking></TrackingEvents>
    <MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="1280" height="720" bitrate="{bitrate}">https://cdn.example/{id}.mp4</MediaFile></MediaFiles>
  </Linear></Creative></Creatives></InLine></Ad></VAST>"#
    )
}

/// A wrapper around the answer of the server `next`.
pub(crate) fn wrapper(system: &str, next: &str) -> String {
    format!(
        r#"<VAST version="3.0"><Ad id="w"><Wrapper><AdSystem>{system}</AdSystem><VASTAdTagURI>https://{next}.example/vast</VASTAdTagURI>
  <Impression>https://{next}.example/seen</Impression><Creatives/></Wrapper></Ad></VAST>"#
    )
}

/// A document without an ad.
pub(crate) fn empty() -> String {
    r#"<VAST version="4.2"/>"#.to_owned()
}
