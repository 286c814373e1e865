//! The `notUsed` trackers of usable ads that lost.

use std::time::Duration;

use crate::pipeline::{client_with, open_source, start, within};
use vast_client::{FetchConfig, FetchMode};
use vast_mock::{Answer, Script, Sink};

fn ad(name: &str) -> Answer {
    Answer::new().body(format!(
        "<VAST version='4.2'><Ad><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle><Impression>{{{{beacons}}}}/seen?{name}</Impression>
         <Creatives><Creative><Linear><Duration>00:00:15</Duration><TrackingEvents>
         <Tracking event='notUsed'>{{{{beacons}}}}/unused?{name}</Tracking></TrackingEvents><MediaFiles>
         <MediaFile type='video/mp4' width='1' height='1'>https://cdn/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives>
         </InLine></Ad></VAST>"
    ))
}

/// The second and the third source have usable ads before the first one responds without an ad. The second source wins in
/// listed order; the ad of the third is not used.
async fn called(mode: FetchMode, report_not_used: bool) -> Vec<String> {
    let script = Script::builder()
        .server("first")
        .answer(Answer::new().delay(Duration::from_millis(300)).body("<VAST version='4.2'/>"))
        .server("second")
        .answer(ad("second"))
        .server("third")
        .answer(ad("third"))
        .server("beacons")
        .sink(Sink::NoContent);
    let mock = start(script.build().expect("a script")).await;
    let sources = ["first", "second", "third"].map(|name| open_source(&mock, name, "/v"));
    let config = FetchConfig::new(sources).with_mode(mode).with_report_not_used(report_not_used).with_auto_track(false);
    let client = client_with(config, |builder| builder);
    let result = within(client.request_ad()).await;
    assert_eq!(result.source.as_deref(), Some("second"));
    within(client.drain(Duration::from_secs(20))).await;
    mock.beacons().iter().map(|beacon| format!("{} {:?}", beacon.path, beacon.query)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn r152_not_used_trackers_of_ads_that_lost_are_called_if_the_host_wants_it() {
    assert_eq!(called(FetchMode::Parallel, true).await, ["/unused [(\"third\", \"\")]"]);
    assert_eq!(called(FetchMode::Parallel, false).await, [""; 0]);
    assert_eq!(called(FetchMode::Collect, true).await, [""; 0], "the host gets all ads and decides");
}
