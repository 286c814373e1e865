//! Requests to servers in memory on a paused clock, with a recorder.

use std::time::{Duration, UNIX_EPOCH};

use vast_client::env::Env;
use vast_client::recording::{PersonalValues, Recorder, RecorderSettings, Recording};
use vast_client::replay::{ExactReplay, Replayer, WhatIf};
use vast_client::request::RunOptions;
use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::wire::{ReplayResult, RequestResult};
use vast_client::{ClientBuilder, ClientConfig, FetchResult, VastClient};
use vast_mock::Script;

use crate::scenario::file::Names;
use crate::scenario::network::Network;

/// A recorder that keeps personal values, so that the JSON of the replay has to be that of the request.
pub(super) fn recorder() -> Recorder {
    Recorder::in_memory(8, RecorderSettings::default().with_personal_values(PersonalValues::Kept))
}

/// A client of the servers of `network`.
pub(super) fn builder(network: &Network) -> ClientBuilder {
    VastClient::builder()
        .transport(network.clone())
        .lookup(network.lookup())
        .env(Env::fixed(UNIX_EPOCH + Duration::from_secs(1_800_000_000), 7))
        .exchange(ExchangeSettings { linger: Linger::OFF, ..ExchangeSettings::default() })
}

/// A request to the servers of `script` with this configuration, and its recording. Nothing is tracked.
pub(super) async fn request(script: &Script, config: &ClientConfig) -> (FetchResult, Recording) {
    let network = Network::new(script, Names::default(), 1);
    let recorder = recorder();
    let client = builder(&network).recorder(recorder.clone()).build(config.clone()).expect("a configuration");
    let result = client.orchestrator().run(client.plan(), &config.request, RunOptions::NONE).await;
    let recording = recorder.recording_of(&result).expect("a recording");
    (result, recording)
}

pub(crate) fn exact(recording: &Recording) -> ExactReplay {
    Replayer::new().expect("a runtime").exact(recording).expect("a recording that can be replayed")
}

pub(super) fn what_if(recording: &Recording, config: ClientConfig) -> WhatIf {
    Replayer::new().expect("a runtime").what_if(recording, config).expect("a recording that can be replayed")
}

/// The JSON that `vast request` prints, with one line for each value, so that differences can be read.
pub(crate) fn json(result: &FetchResult) -> String {
    serde_json::to_string_pretty(&RequestResult::from(result)).expect("a result is JSON")
}

/// The JSON that `vast replay` prints.
pub(super) fn replayed_json(what_if: &WhatIf) -> String {
    serde_json::to_string_pretty(&ReplayResult::from(what_if)).expect("a result is JSON")
}

/// Fails with the first lines that differ.
#[track_caller]
pub(crate) fn assert_same(live: &str, replayed: &str, case: &str) {
    if live == replayed {
        return;
    }
    let lines = live.lines().zip(replayed.lines()).enumerate();
    let different: Vec<_> = lines.filter(|(_, (live, replayed))| live != replayed).take(8).collect();
    let lengths = (live.lines().count(), replayed.lines().count());
    panic!("{case}: the replay gives another JSON; lines {lengths:?}; (live, replayed): {different:#?}");
}
