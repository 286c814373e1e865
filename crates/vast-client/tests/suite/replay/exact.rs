//! The exact replay gives the JSON of the live request byte for byte.

use std::time::Duration;

use vast_client::cache::CacheRules;
use vast_client::replay::{Difference, ReplayError, Replayer};
use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::{AdRequest, FetchConfig, FetchMode, SourceConfig};
use vast_mock::Script;

use super::live::{assert_same, exact, json, recorder};
use crate::pipeline;
use crate::scenario::file::Scenario;
use crate::scenario::run::{folder, recorded};

fn scenario_names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).expect("the folder of the scenarios");
    let names = entries.map(|entry| entry.expect("a file").file_name().into_string().expect("a name in UTF-8"));
    let mut names: Vec<_> = names.filter_map(|name| name.strip_suffix(".toml").map(str::to_owned)).collect();
    names.sort();
    names
}

#[tokio::test(start_paused = true)]
async fn every_scenario_replays_with_the_same_bytes() {
    let (mut replayed, mut different) = (0, Vec::new());
    for name in scenario_names() {
        let scenario = Scenario::load(&folder().join(format!("{name}.toml")));
        for mode in &scenario.modes {
            let recorder = recorder();
            // A wrong configuration requests nothing.
            let Some(result) = recorded(&scenario, mode.as_deref(), &recorder).await else { continue };
            let recording = recorder.recording_of(&result).expect("a recording");
            let case = format!("scenarios/{name}.toml {}", mode.as_deref().unwrap_or_default());
            let replay = exact(&recording);
            if json(&result) != json(&replay.result) || !replay.differences.is_empty() {
                let live = json(&result);
                let replayed = json(&replay.result);
                let lines = live.lines().zip(replayed.lines()).find(|(live, replayed)| live != replayed);
                different.push(format!("{case}: {lines:?} {:?}", replay.differences));
            }
            replayed += 1;
        }
    }
    assert!(different.is_empty(), "{different:#?}");
    assert!(replayed > 100, "{replayed} requests were replayed");
}

#[tokio::test]
async fn every_fault_on_the_wire_replays_with_the_same_bytes() {
    let faults = crate::pipeline_faults::faults();
    let mut script = Script::builder().server("good").answer(pipeline::inline());
    for (name, answer, _) in &faults {
        script = script.server(*name).answer(answer.clone());
    }
    let mock = pipeline::start(script.build().expect("a script")).await;
    // Only a fault that lasts until its time limit has a short one. On a busy machine, another fault could come just at its limit.
    let limit = |word: &str| if word == "timeout" { Duration::from_millis(400) } else { pipeline::LONG };
    let faulty =
        |(name, _, word): &(&str, _, &str)| pipeline::source(&mock, name, "/v").with_source_timeout(limit(word));
    let mut sources: Vec<_> = faults.iter().map(faulty).collect();
    sources.push(pipeline::source(&mock, "good", "/v?ad=shoes"));
    for mode in [FetchMode::Collect, FetchMode::Race, FetchMode::Parallel, FetchMode::Staggered] {
        let config = FetchConfig::new(sources.clone()).with_mode(mode);
        let (recorder, linger) = (recorder(), ExchangeSettings { linger: Linger::OFF, ..ExchangeSettings::default() });
        let client = pipeline::client_with(config, |builder| builder.exchange(linger).recorder(recorder.clone()));
        let result = pipeline::within(client.request_ad()).await;
        let recording = recorder.recording_of(&result).expect("a recording");
        let replay = exact(&recording);
        assert_same(&json(&result), &json(&replay.result), mode.as_str());
        assert_eq!(replay.differences, [], "{mode:?}");
    }
}

#[tokio::test]
async fn documents_of_the_cache_and_beacons_replay_with_the_same_bytes() {
    let mock = pipeline::one_server([pipeline::inline()]).await;
    let rules = CacheRules::default().with_ttl(Duration::from_secs(60));
    let config = FetchConfig::new([
        pipeline::source(&mock, "east", "/v?ad=shoes&t=[TIMESTAMP]&cb=[CACHEBUSTING]").with_cache(rules),
        SourceConfig::inline("<VAST version=\"4.2\"/>").named("house"),
    ])
    .with_mode(FetchMode::Collect);
    let recorder = recorder();
    let client = pipeline::client_with(config, |builder| builder.recorder(recorder.clone()));
    for case in ["fetched", "cached"] {
        let options = client.run_options().with_auto_track(true);
        let result = client.orchestrator().run(client.plan(), &AdRequest::default(), options).await;
        let recording = recorder.recording_of(&result).expect("a recording");
        let replay = exact(&recording);
        assert_same(&json(&result), &json(&replay.result), case);
        assert_eq!(replay.differences, [], "{case}");
        assert_eq!(result.sources[0].from_cache, case == "cached");
    }
}

#[tokio::test]
async fn a_recording_that_does_not_fit_is_told_from_one_that_does() {
    let mock = pipeline::one_server([pipeline::inline()]).await;
    let config = FetchConfig::new([pipeline::source(&mock, "east", "/v?ad=shoes")]);
    let recorder = recorder();
    let client = pipeline::client_with(config, |builder| builder.recorder(recorder.clone()));
    let result = client.request_ad().await;
    let recording = recorder.recording_of(&result).expect("a recording");
    let mut replayer = Replayer::new().expect("a runtime");

    let mut other = recording.clone();
    other.exchanges.clear();
    let replay = replayer.exact(&other).expect("it ends");
    assert!(!replay.result.success);
    let words: Vec<_> = replay.differences.iter().map(ToString::to_string).collect();
    assert_eq!(words[0], "the source of the ad was east and is none");
    assert!(replay.differences.iter().any(|one| matches!(one, Difference::NotRecorded(_))), "{words:?}");

    let mut longer = recording.clone();
    longer.exchanges.push(recording.exchanges[0].clone());
    let replay = replayer.exact(&longer).expect("it ends");
    assert_same(&json(&result), &json(&replay.result), "an exchange that is not asked for");
    assert!(matches!(&replay.differences[..], [Difference::NotAsked(_)]), "{:?}", replay.differences);

    let mut unfinished = recording.clone();
    unfinished.answer = None;
    assert!(matches!(replayer.exact(&unfinished), Err(ReplayError::Unfinished)));

    let mut unreadable = recording;
    unreadable.request.config = "mode = 7".to_owned();
    assert!(matches!(replayer.exact(&unreadable), Err(ReplayError::Config(_))));
}
