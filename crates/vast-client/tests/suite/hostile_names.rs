//! Names that never resolve. They must not delay live sources or live trackers.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use vast_client::transport::Lookup;
use vast_client::{AdRequest, FetchConfig, FetchMode, RunOptions, SourceConfig};
use vast_mock::{Answer, Script, Sink};

use crate::pipeline::{ads, client_with, inline, one_server, start, within};

/// More names than all lookup slots together.
const DEAD: usize = 400;

/// `live.example` resolves to this machine; lookups of all other names never end.
fn lookup() -> Lookup {
    Arc::new(|name| {
        async move {
            match name.as_str() {
                "live.example" => Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]),
                _ => std::future::pending().await,
            }
        }
        .boxed()
    })
}

fn port(url: &str) -> &str {
    url.rsplit(':').next().expect("a port")
}

#[tokio::test]
async fn names_that_never_resolve_keep_no_live_source_waiting() {
    let mock = one_server([inline()]).await;
    let live = SourceConfig::url(format!("http://live.example:{}/v?ad=shoes", port(mock.url("east"))));
    for mode in [FetchMode::Parallel, FetchMode::Race, FetchMode::Collect] {
        let dead = (0..DEAD).map(|number| SourceConfig::url(format!("http://a.dead{number}.example/v")));
        let mut config = FetchConfig::new(dead.chain([live.clone()])).with_mode(mode);
        config.strategy.limits.timeout = Duration::from_secs(4);
        let client = client_with(config, |builder| builder.lookup(lookup()));
        assert_eq!(ads(&within(client.request_ad()).await), ["shoes"], "{mode}");
    }
}

#[tokio::test]
async fn names_that_never_resolve_keep_no_live_tracker_waiting() {
    let script = Script::builder().server("trackers").sink(Sink::NoContent).build().expect("a script");
    let trackers = start(script).await;
    let dead = (0..DEAD).map(|number| format!("<Impression>http://a.dead{number}.example/i</Impression>"));
    let live = format!("<Impression>http://live.example:{}/live</Impression>", port(trackers.url("trackers")));
    let impressions: String = dead.chain([live]).collect();
    let body = format!(
        "<VAST version='4.2'><Ad id='shoes'><InLine><AdSystem>x</AdSystem><AdTitle>x</AdTitle>{impressions}<Creatives>\
         <Creative><Linear><Duration>00:00:10</Duration><MediaFiles><MediaFile delivery='progressive' type='video/mp4' \
         width='640' height='360'>http://live.example/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives>\
         </InLine></Ad></VAST>"
    );
    let mock = one_server([Answer::new().body(body)]).await;
    let url = format!("http://live.example:{}/v", port(mock.url("east")));
    for allow_private in [true, false] {
        let source = SourceConfig::url(url.clone()).with_allow_private(allow_private);
        let config = FetchConfig::new([source]);
        let client = client_with(config, |builder| builder.lookup(lookup()));
        let options = RunOptions { auto_track: true, ..RunOptions::default() };
        let orchestrator = client.orchestrator();
        let result = within(orchestrator.run(client.plan(), &AdRequest::default(), options)).await;
        assert_eq!(ads(&result), ["shoes"]);
        if allow_private {
            let called =
                |log: &[vast_mock::Exchange]| log.iter().any(|exchange| exchange.request.path_and_query == "/live");
            trackers.wait_for(called).await.expect("the live tracker is called");
        }
        // While the trackers' names hang, the next request is served.
        let again = within(orchestrator.run(client.plan(), &AdRequest::default(), RunOptions::default())).await;
        assert_eq!(ads(&again), ["shoes"]);
    }
}
