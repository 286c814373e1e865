//! The log of a race, line by line, as a subscriber of `tracing` receives it.

use std::time::{Duration, UNIX_EPOCH};

use tracing::Level;

use crate::log_lines::LogLines;
use crate::scenario::file::Names;
use crate::scenario::network::Network;
use vast_client::env::Env;
use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::{FetchConfig, FetchMode, SourceConfig, VastClient};
use vast_mock::{Answer, Fault, Script, Sink};

const INLINE: &str = include_str!("../../../../scenarios/ads/inline.xml");
const WRAPPER: &str = include_str!("../../../../scenarios/ads/wrapper.xml");

#[tokio::test(start_paused = true)]
async fn the_log_of_a_race_reads_like_its_journal() {
    let (lines, _collecting) = LogLines::collect(Level::DEBUG);
    let script = Script::builder()
        .server("broken")
        .answer(Answer::new().status(404))
        .server("hang")
        .answer(Answer::new().fault(Fault::Hang))
        .server("wrapper")
        .answer(Answer::new().body(WRAPPER))
        .server("east")
        .answer(Answer::new().delay(Duration::from_millis(100)).body(INLINE))
        .server("beacons")
        .sink(Sink::NoContent);
    let network = Network::new(&script.build().expect("a script"), Names::default(), 1);
    let sources = [
        SourceConfig::url("http://broken.test/v?key=secret").named("broken"),
        SourceConfig::url("http://hang.test/v").named("hang"),
        SourceConfig::url("http://wrapper.test/w?to=http://east.test/v?ad=shoes").named("wrapper"),
    ];
    let client = VastClient::builder()
        .transport(network.clone())
        .lookup(network.lookup())
        .env(Env::fixed(UNIX_EPOCH, 1))
        .exchange(ExchangeSettings { linger: Linger::OFF, ..ExchangeSettings::default() })
        .build(FetchConfig::new(sources).with_mode(FetchMode::Race))
        .expect("a configuration");
    let result = client.orchestrator().run(client.plan(), &Default::default(), client.run_options()).await;
    assert_eq!(result.source.as_deref(), Some("wrapper"));
    client.drain(Duration::from_secs(5)).await;

    let written = lines.lines().join("\n");
    let expected = include_str!("tracing_events.txt");
    assert!(written == expected.trim_end(), "the events of a race differ; seen:\n{written}");
    assert!(!written.contains("secret"), "the value of a query is shown");
}

#[tokio::test(start_paused = true)]
async fn a_request_has_one_line_of_level_info() {
    for (xml, expected) in [
        (
            INLINE,
            "outcome=filled source=house mode=parallel order=listed ads=1 trackers=0 sources=1 errors=0 elapsed_ms=0",
        ),
        (
            "<VAST version='3.0'/>",
            "outcome=unfilled mode=parallel order=listed ads=0 trackers=0 sources=1 errors=1 error.type=no_ad elapsed_ms=0",
        ),
    ] {
        let (lines, _collecting) = LogLines::collect(Level::INFO);
        let client = VastClient::from_config(FetchConfig::new([SourceConfig::inline(xml).named("house")]));
        client.expect("a configuration").request_ad().await;
        assert_eq!(lines.lines(), [format!("request answer {expected}")]);
    }
}
