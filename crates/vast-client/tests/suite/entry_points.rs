//! All methods that request an ad: they use the same configuration, and a table says which of them call impressions.

use std::time::{Duration, UNIX_EPOCH};

use crate::scenario::file::Names;
use crate::scenario::network::Network;
use vast_client::env::Env;
use vast_client::request::Device;
use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::{AdRequest, Consent, FetchConfig, FetchMode, FetchResult, RunOptions, VastClient};
use vast_mock::{Answer, Script, Sink};

const INLINE: &str = include_str!("../../../../scenarios/ads/inline.xml");
const TAG: &str = "http://east.test/v?ad=shoes&r=[REGULATIONS]&c=[GDPRCONSENT]&ifa=[IFA]&p=[PAGEURL]";

/// Every entry point of the library.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Entry {
    RequestAd,
    RequestAdFor,
    WithFallback,
    WithFallbackFor,
    ExecutePipeline,
    ExecutePipelineFor,
    Run,
    RunAsConfigured,
}

use Entry::*;

struct Host {
    network: Network,
    client: VastClient,
    config: FetchConfig,
}

impl Host {
    fn new(toml: &str, mode: FetchMode) -> Self {
        let script = Script::builder().server("east").answer(Answer::new().body(INLINE));
        let script = script.server("beacons").sink(Sink::NoContent).build().expect("a script");
        let network = Network::new(&script, Names::default(), 1);
        let text = format!("{toml}\n[[source]]\nurl = \"{TAG}\"");
        let mut file = vast_client::ClientConfig::try_from(&*text).expect("a configuration");
        file.fetch.strategy.mode = mode;
        let config = file.fetch.clone();
        let client = VastClient::builder()
            .transport(network.clone())
            .lookup(network.lookup())
            .env(Env::fixed(UNIX_EPOCH, 1))
            .exchange(ExchangeSettings { linger: Linger::OFF, ..ExchangeSettings::default() })
            .build(file)
            .expect("a configuration");
        Self { network, client, config }
    }

    async fn ask(&self, entry: Entry, request: &AdRequest) -> FetchResult {
        let (client, none) = (&self.client, [""; 0]);
        match entry {
            RequestAd => client.request_ad().await,
            RequestAdFor => client.request_ad_for(request).await,
            WithFallback => client.request_ad_with_fallback(TAG, none).await.expect("a configuration"),
            WithFallbackFor => client.request_ad_with_fallback_for(TAG, none, request).await.expect("a configuration"),
            ExecutePipeline => client.orchestrator().execute_pipeline(&self.config).await.expect("a configuration"),
            ExecutePipelineFor => {
                let answer = client.orchestrator().execute_pipeline_for(&self.config, request);
                answer.await.expect("a configuration")
            }
            Run => client.orchestrator().run(client.plan(), request, RunOptions::default()).await,
            RunAsConfigured => client.orchestrator().run(client.plan(), request, client.run_options()).await,
        }
    }

    /// Whether an impression was called.
    async fn impression_after(&self, entry: Entry) -> bool {
        let result = self.ask(entry, &AdRequest::default()).await;
        assert!(result.success, "{entry:?}");
        self.client.drain(Duration::from_secs(10)).await;
        self.network.log().iter().any(|seen| seen.target.starts_with("/impression"))
    }

    /// The query of the tag and the device headers, as the server received them.
    async fn said_by(&self, entry: Entry, request: &AdRequest) -> String {
        self.ask(entry, request).await;
        let log = self.network.log();
        let seen = log.iter().find(|seen| seen.server == "east").expect("a request");
        let query = seen.target.split_once("&r=").map_or("", |(_, query)| query);
        let device = seen.headers.get("x-device-user-agent").and_then(|value| value.to_str().ok());
        format!("r={query} {}", device.unwrap_or("-"))
    }
}

/// The table of `RunOptions`, row by row: entry point, `auto_track` of the configuration, whether impressions are called.
#[tokio::test(start_paused = true)]
async fn each_entry_point_calls_impressions_by_the_documented_default() {
    let rows = [
        (RequestAd, None, false),
        (RequestAd, Some(true), false),
        (RequestAdFor, Some(true), false),
        (WithFallback, None, true),
        (WithFallback, Some(false), false),
        (WithFallbackFor, None, true),
        (WithFallbackFor, Some(false), false),
        (ExecutePipeline, None, true),
        (ExecutePipeline, Some(false), false),
        (ExecutePipelineFor, None, true),
        (ExecutePipelineFor, Some(false), false),
        (Run, None, false),
        (Run, Some(true), false),
        (RunAsConfigured, None, true),
        (RunAsConfigured, Some(false), false),
    ];
    for (entry, configured, expected) in rows {
        let toml = configured.map_or_else(String::new, |track| format!("auto_track = {track}"));
        let called = Host::new(&toml, FetchMode::Parallel).impression_after(entry).await;
        assert_eq!(called, expected, "{entry:?} with auto_track {configured:?}");
        // The fallback method has a separate mode for its second tier; the first tier has the client's mode.
        let collected = Host::new(&toml, FetchMode::Collect).impression_after(entry).await;
        assert!(!collected, "{entry:?} with auto_track {configured:?} in collect mode");
    }
}

/// Consent and device of the configuration reach the ad server with every method.
#[tokio::test(start_paused = true)]
async fn the_configured_request_reaches_every_entry_point() {
    let toml = "coppa = true\ngdpr_consent = \"CPconf\"\ndevice_ua = \"TV/1\"\n[macros]\nPAGEURL = \"conf\"";
    let expected = "r=coppa&c=CPconf&ifa=-1&p=conf TV/1";
    let all = [
        RequestAd,
        RequestAdFor,
        WithFallback,
        WithFallbackFor,
        ExecutePipeline,
        ExecutePipelineFor,
        Run,
        RunAsConfigured,
    ];
    for entry in all {
        let host = Host::new(toml, FetchMode::Parallel);
        assert_eq!(host.said_by(entry, &AdRequest::default()).await, expected, "{entry:?}");
    }
}

/// A request of a call has priority over the configured request, but it does not remove the configured COPPA flag: the
/// advertising id of the call's device is withheld.
#[tokio::test(start_paused = true)]
async fn the_request_of_a_call_reaches_every_entry_point_that_takes_one() {
    let toml = "coppa = true\ngdpr_consent = \"CPconf\"\ndevice_ua = \"TV/1\"\n[macros]\nPAGEURL = \"conf\"";
    let device = Device { user_agent: Some("Phone/2".into()), ifa: Some("id".into()), ..Device::default() };
    let consent = Consent { gdpr: Some(true), gdpr_consent: Some("CPcall".into()), ..Consent::default() };
    let request = AdRequest { device, consent, ..AdRequest::default() };
    for entry in [RequestAdFor, WithFallbackFor, ExecutePipelineFor, Run, RunAsConfigured] {
        let host = Host::new(toml, FetchMode::Parallel);
        let expected = "r=gdpr,coppa&c=CPcall&ifa=-2&p=conf Phone/2";
        assert_eq!(host.said_by(entry, &request).await, expected, "{entry:?}");
    }
}
