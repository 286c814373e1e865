//! Runs a scenario.

use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use tokio::time::Instant;
use vast_client::env::Env;
use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::{ClientBuilder, ClientConfig, ConfigError, FetchMode, FetchResult, VastClient};

use super::expectation::{Expectation, difference};
use super::file::Scenario;
use super::network::{Network, Seen};
use super::observed::observed;

/// How long the runner waits after the answer for requests that must not be made.
const AFTERWARDS: Duration = Duration::from_secs(60);

/// The folder of the scenarios.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

/// Runs the scenario with this name in all its modes. Fails with the difference.
pub async fn run(name: &str) {
    let scenario = Scenario::load(&folder().join(format!("{name}.toml")));
    let expected = scenario.expect.text();
    for mode in &scenario.modes {
        let seen = once(&scenario, mode.as_deref()).await;
        if let Some(difference) = difference(&expected, &seen.limited_to(&scenario.expect).text()) {
            let mode = mode.as_deref().map_or_else(String::new, |mode| format!(" in mode {mode}"));
            panic!("scenarios/{name}.toml{mode}: - is expected and missing, + was seen instead\n{difference}");
        }
    }
}

async fn once(scenario: &Scenario, mode: Option<&str>) -> Expectation {
    let network = Network::new(&scenario.script, scenario.names.clone(), scenario.seed);
    let made = made(scenario, mode, &network);
    let (client, config) = match made {
        Ok(made) => made,
        Err(error) => return refused(&error, &network),
    };
    let called = Instant::now();
    let result = answer(&client, &config).await;
    let answer_at = called.elapsed();
    assert_eq!(result.metadata.elapsed, answer_at, "the answer knows how long it took");
    // Late requests happen during this wait.
    tokio::time::sleep(AFTERWARDS).await;
    let log = network.log();
    check_nothing_goes_on(&log, answer_at);
    observed(&result, answer_at, &log)
}

/// Runs the scenario with a recorder; `None` if its configuration is wrong.
#[cfg(feature = "recording")]
pub async fn recorded(
    scenario: &Scenario,
    mode: Option<&str>,
    recorder: &vast_client::recording::Recorder,
) -> Option<FetchResult> {
    let network = Network::new(&scenario.script, scenario.names.clone(), scenario.seed);
    let (client, config) = made_with(scenario, mode, &network, |builder| builder.recorder(recorder.clone())).ok()?;
    Some(answer(&client, &config).await)
}

fn made(scenario: &Scenario, mode: Option<&str>, network: &Network) -> Result<(VastClient, ClientConfig), ConfigError> {
    made_with(scenario, mode, network, |builder| builder)
}

fn made_with(
    scenario: &Scenario,
    mode: Option<&str>,
    network: &Network,
    with: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<(VastClient, ClientConfig), ConfigError> {
    let mut config = ClientConfig::parse(&scenario.request, &folder())?;
    if let Some(mode) = mode {
        config.fetch.strategy.mode = FetchMode::from_name(mode).unwrap_or_else(|| panic!("no mode is called {mode}"));
    }
    let builder = VastClient::builder()
        .transport(network.clone())
        .lookup(network.lookup())
        .env(Env::fixed(UNIX_EPOCH + Duration::from_secs(1_800_000_000), scenario.seed))
        // The log then shows when the exchange of a loser is dropped.
        .exchange(ExchangeSettings { linger: Linger::OFF, ..ExchangeSettings::default() });
    let client = with(builder).build(config.clone())?;
    Ok((client, config))
}

/// Impressions are due only if the scenario says `track = true`, so the value is passed as an option of the run.
async fn answer(client: &VastClient, config: &ClientConfig) -> FetchResult {
    if config.track == Some(true) {
        client.orchestrator().run(client.plan(), &config.request, client.run_options()).await
    } else {
        client.request_ad_for(&config.request).await
    }
}

fn refused(error: &ConfigError, network: &Network) -> Expectation {
    assert!(network.log().is_empty(), "a wrong configuration is found before anything is asked");
    Expectation { config_error: Some(error.to_string()), ..Expectation::default() }
}

/// After the answer no request is made and no exchange continues.
fn check_nothing_goes_on(log: &[Seen], answer_at: Duration) {
    for seen in log.iter().filter(|seen| !seen.is_sink) {
        let in_time = seen.began <= answer_at && seen.ended.is_some_and(|ended| ended <= answer_at);
        assert!(in_time, "it goes on after the answer at {answer_at:?}: {seen:?}");
    }
}
