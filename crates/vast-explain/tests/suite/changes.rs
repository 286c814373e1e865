//! What would have changed the outcome: found in the recording, and true when the servers are asked again with the change.

use std::time::Duration;

use vast_client::policy::TimeLimit;
use vast_client::replay::Replayer;
use vast_client::{ClientConfig, FetchConfig, FetchMode};
use vast_explain::{ChangeEffect, SettingChange, Story, alternatives};

use super::servers::{AdServer, ad, ask, ask_recorded, ask_repeatedly, config, empty, sources};

/// A request, and the sentences about what would have changed its outcome.
struct Case {
    name: &'static str,
    servers: Vec<AdServer>,
    config: FetchConfig,
    expected: &'static [&'static str],
}

/// A configuration of these sources with a change.
fn with(names: &[&str], change: impl FnOnce(&mut FetchConfig)) -> FetchConfig {
    let mut config = config(names);
    change(&mut config);
    config
}

fn cases() -> Vec<Case> {
    let shoes = |millis| AdServer("west", millis, 200, ad("shoes", "Shoes", 3000));
    vec![
        Case {
            name: "an answer that came after the limit of its source",
            servers: vec![AdServer("east", 20, 200, empty()), shoes(430)],
            config: with(&["east", "west"], |config| {
                config.strategy.limits.source_timeout = Some(Duration::from_millis(300));
            }),
            expected: &[
                "With 131 ms more for `source_timeout` (431 ms instead of 300 ms) west would have won after 430 ms.",
            ],
        },
        Case {
            name: "a source ahead that was cut, and another one that won",
            servers: vec![shoes(600), AdServer("house", 10, 200, ad("hats", "Hats", 2000))],
            config: with(&["west"], |config| {
                config.fallbacks = sources(&["house"]);
                config.strategy.limits.source_timeout = Some(Duration::from_millis(500));
            }),
            expected: &[
                "With 101 ms more for `source_timeout` (601 ms instead of 500 ms) west would have won after 600 ms.",
            ],
        },
        Case {
            name: "a bitrate above the bound",
            servers: vec![shoes(20)],
            config: with(&["west"], |config| config.parse_filter.max_bitrate = Some(2500)),
            expected: &["With `max_bitrate` 3000 kbit/s instead of 2500 west would have won after 20 ms."],
        },
        Case {
            name: "an ad that is too short",
            servers: vec![shoes(20)],
            config: with(&["west"], |config| config.parse_filter.min_duration = Some(Duration::from_secs(20))),
            expected: &["With `min_duration` 15000 ms instead of 20000 west would have won after 20 ms."],
        },
        Case {
            name: "a size that is not the required one",
            servers: vec![shoes(20)],
            config: with(&["west"], |config| config.parse_filter.required_dimensions = Some((1920, 1080))),
            expected: &["Without the condition `required_dimensions` west would have won after 20 ms."],
        },
        Case {
            name: "a faster source later in the list",
            servers: vec![AdServer("east", 300, 200, ad("hats", "Hats", 2000)), shoes(50)],
            config: config(&["east", "west"]),
            expected: &["In mode race west would have won after 50 ms."],
        },
        Case {
            name: "a source without an ad, and one that never answers",
            servers: vec![AdServer("east", 20, 200, empty())],
            config: config(&["east", "silent"]),
            expected: &[
                "With 58.00 s more for `source_timeout` (60.00 s instead of 2.00 s) the outcome is not known: the recording does \
                         not have the answer.",
            ],
        },
        Case {
            name: "a retry that took the time of the next source",
            servers: vec![AdServer("east", 250, 503, String::new()), shoes(300)],
            config: with(&["east", "west"], |config| {
                config.strategy.mode = FetchMode::Sequential;
                config.strategy.retry.max_retries = 2;
                config.strategy.limits.timeout = Duration::from_millis(800);
                config.strategy.limits.source_timeout = Some(Duration::from_millis(700));
            }),
            expected: &[
                "With 201 ms more for `timeout` (1.00 s instead of 800 ms) west would have won after 1.00 s.",
                "With `retries` 0 instead of 2 west would have won after 550 ms.",
            ],
        },
        Case {
            name: "a source that could be asked once more",
            servers: vec![AdServer("east", 20, 503, String::new())],
            config: with(&["east"], |config| config.strategy.retry.max_retries = 1),
            expected: &[
                "With `retries` 2 instead of 1 the outcome is not known: the recording does not have the answer.",
            ],
        },
        Case {
            name: "two conditions that reject the ad: none of them alone changes anything",
            servers: vec![shoes(20)],
            config: with(&["west"], |config| {
                config.parse_filter.max_bitrate = Some(2500);
                config.parse_filter.min_duration = Some(Duration::from_secs(20));
            }),
            expected: &[],
        },
    ]
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_told_is_true() {
    let mut replayer = Replayer::new().expect("a replayer");
    for case in cases() {
        let (result, recording) = ask_recorded(case.servers.clone(), case.config.clone()).await;
        let found = alternatives(&mut replayer, &recording, &result).expect("a replay");
        let told: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(told, case.expected, "{}", case.name);
        for alternative in found {
            let ChangeEffect::Wins { winner, elapsed } = alternative.effect else { continue };
            let mut changed = ClientConfig::from(case.config.clone());
            apply(&alternative.change, &mut changed);
            let live = ask(case.servers.clone(), changed).await;
            assert_eq!(live.source, Some(winner), "{}: {:?}", case.name, alternative.change);
            assert_eq!(live.metadata.elapsed.as_millis(), elapsed.as_millis(), "{}", case.name);
        }
    }
}

/// The change as a person would make it in the configuration.
fn apply(change: &SettingChange, config: &mut ClientConfig) {
    let (strategy, filter) = (&mut config.fetch.strategy, &mut config.fetch.parse_filter);
    match change {
        SettingChange::Time { limit: TimeLimit::Request, to, .. } => strategy.limits.timeout = *to,
        SettingChange::Time { limit: TimeLimit::Source, to, .. } => strategy.limits.source_timeout = Some(*to),
        SettingChange::Bound { key: "max_bitrate", to, .. } => filter.max_bitrate = u32::try_from(*to).ok(),
        SettingChange::Bound { key: "min_duration", to, .. } => filter.min_duration = Some(Duration::from_millis(*to)),
        SettingChange::Without { key: "required_dimensions" } => filter.required_dimensions = None,
        SettingChange::Mode(mode) => strategy.mode = *mode,
        SettingChange::Retries { to, .. } => strategy.retry.max_retries = *to,
        other => panic!("no case has {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_answer_of_a_source_that_its_breaker_skipped_is_not_known() {
    let config = with(&["east", "west"], |config| {
        config.strategy.retry.max_retries = 0;
        config.strategy.breaker.failures = 1;
    });
    let servers = vec![AdServer("east", 20, 500, String::new()), AdServer("west", 20, 200, empty())];
    let recordings = ask_repeatedly(servers, config, 2).await;
    let [_, (result, recording)] = &recordings[..] else { panic!("two requests") };
    let told = alternatives(&mut Replayer::new().expect("a replayer"), recording, result).expect("a replay");
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    let expected =
        ["Without circuit breakers the outcome is not known: the recording does not have the answer.".to_owned()];
    assert_eq!(told, expected);
}

#[tokio::test(start_paused = true)]
async fn a_story_of_a_recording_has_its_documents() {
    let servers = vec![AdServer("east", 20, 200, empty()), AdServer("west", 30, 500, "busy".to_owned())];
    let mut config = config(&["east", "west"]).with_mode(FetchMode::Race);
    config.strategy.retry.max_retries = 0;
    let (result, recording) = ask_recorded(servers, config).await;
    let story = Story::of_recording(&result, &recording);
    let documents = story
        .documents
        .iter()
        .map(|one| (&*one.place.source, one.status, String::from_utf8_lossy(&one.bytes).into_owned()));
    let expected = [("east", Some(200), empty()), ("west", Some(500), "busy".to_owned())];
    assert_eq!(documents.collect::<Vec<_>>(), expected);
}
