//! Ad servers in memory.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, stream};
use vast_client::env::Env;
use vast_client::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use vast_client::{ClientConfig, FetchConfig, FetchResult, SourceConfig, VastClient};

/// An ad server: name, delay in milliseconds, status, body.
#[derive(Clone)]
pub(super) struct AdServer(pub(super) &'static str, pub(super) u64, pub(super) u16, pub(super) String);

/// Answers as the server whose name is the first label of the host. A second request gets the answer of the next server of that name.
struct InMemory {
    servers: Vec<AdServer>,
    asked: std::sync::Mutex<Vec<String>>,
}

impl Transport for InMemory {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let host = request.uri.host().unwrap_or_default().to_owned();
        let name = host.trim_end_matches(".example");
        let mut asked = self.asked.lock().expect("no panic");
        let before = asked.iter().filter(|other| **other == host).count();
        asked.push(host.clone());
        let answers: Vec<_> = self.servers.iter().filter(|server| server.0 == name).collect();
        let answer = answers.get(before).or(answers.last()).map(|server| (*server).clone());
        async move {
            let Some(AdServer(_, millis, status, body)) = answer else { return std::future::pending().await };
            tokio::time::sleep(Duration::from_millis(millis)).await;
            let status = http::StatusCode::from_u16(status).expect("a status");
            let body = stream::once(async { Ok(Bytes::from(body)) });
            Ok(HttpResponse::new(status, http::HeaderMap::new(), Box::pin(body)))
        }
        .boxed()
    }
}

/// Sources of these names. A name without a server never answers.
pub(super) fn sources(names: &[&str]) -> Vec<SourceConfig> {
    names.iter().map(|name| SourceConfig::url(format!("https://{name}.example/vast?slot=1")).named(*name)).collect()
}

/// Makes a request of this configuration. Must run on a paused clock.
pub(super) async fn ask(servers: Vec<AdServer>, config: impl Into<ClientConfig>) -> FetchResult {
    let config: ClientConfig = config.into();
    let (track, fetch) = (config.fetch.auto_track, config.fetch.clone());
    let address = IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34));
    let client = VastClient::builder()
        .transport(InMemory { servers, asked: std::sync::Mutex::default() })
        .lookup(Arc::new(move |_| async move { Ok(vec![address]) }.boxed()))
        .env(Env::fixed(UNIX_EPOCH, 7))
        .build(config)
        .expect("a configuration");
    match track {
        true => client.orchestrator().execute_pipeline(&fetch).await.expect("a configuration"),
        false => client.request_ad().await,
    }
}

/// A configuration of these sources that calls no trackers.
pub(super) fn untracked(names: &[&str]) -> FetchConfig {
    FetchConfig::new(sources(names)).with_auto_track(false).with_report_errors(false)
}

/// An ad of `seconds` with this title.
pub(super) fn ad(title: &str, seconds: u32, bitrate: u32) -> String {
    format!(
        r#"<VAST version="4.2"><Ad id="ad-{seconds}"><InLine>
  <AdSystem version="2.1">Example Ads</AdSystem><AdTitle><![CDATA[{title}]]></AdTitle><AdServingId>1</AdServingId>
  <Impression>https://ads.example/seen</Impression><Advertiser>shoes.example</Advertiser>
  <Error>https://ads.example/error?code=[ERRORCODE]</Error><Oddity/>
  <Creatives><Creative><UniversalAdId idRegistry="ad-id.org">X{seconds}</UniversalAdId><Linear>
    <Duration>00:00:{seconds:02}</Duration>
    <TrackingEvents><Tracking event="start">https://ads.example/start</Tracking></TrackingEvents>
    <VideoClicks><ClickThrough>https://shoes.example/landing</ClickThrough></VideoClicks>
    <MediaFiles>
      <MediaFile delivery="progressive" type="video/mp4" width="1280" height="720" bitrate="{bitrate}">https://cdn.example/a/very/long/path/that/no/line/has/room/for/at/all/or/nearly/so/shoes-1280x720-{bitrate}.mp4</MediaFile>
      <MediaFile delivery="progressive" type="video/webm" width="640" height="360" bitrate="{bitrate}">https://cdn.example/shoes.webm</MediaFile>
    </MediaFiles></Linear></Creative></Creatives>
</InLine></Ad></VAST>"#
    )
}

/// A wrapper around the answer of the server `next`.
pub(super) fn wrapper(system: &str, next: &str) -> String {
    format!(
        r#"<VAST version="3.0"><Ad id="w"><Wrapper><AdSystem>{system}</AdSystem>
  <VASTAdTagURI>https://{next}.example/vast</VASTAdTagURI><Impression>https://{next}.example/seen</Impression>
  <Creatives><Creative><Linear><TrackingEvents><Tracking event="start">https://{next}.example/start</Tracking>
  </TrackingEvents></Linear></Creative></Creatives></Wrapper></Ad></VAST>"#
    )
}
