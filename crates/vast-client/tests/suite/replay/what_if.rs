//! A what-if gives the JSON that a live request with the other configuration gives with the same servers.

use std::path::Path;
use std::time::Duration;

use vast_client::journal::SkipReason;
use vast_client::replay::recorded_config;
use vast_client::{ClientConfig, FetchMode, FetchResult, Outcome};
use vast_mock::{Answer, Fault, Script};

use super::live::{assert_same, json, replayed_json, request, what_if};

const INLINE: &str = include_str!("../../../../../scenarios/ads/inline.xml");
const WRAPPER: &str = include_str!("../../../../../scenarios/ads/wrapper.xml");
const MODES: [FetchMode; 5] =
    [FetchMode::Sequential, FetchMode::Parallel, FetchMode::Race, FetchMode::Staggered, FetchMode::Collect];

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// `empty` has no ad, `down` fails twice, `tree` leads to an ad by a wrapper, and `late` has an ad at last.
fn servers() -> Script {
    let script = Script::builder()
        .server("empty")
        .answer(Answer::new().delay(millis(120)).body("<VAST version=\"4.2\"/>"))
        .server("down")
        .answer(Answer::new().delay(millis(70)).status(503))
        .server("tree")
        .answer(Answer::new().delay(millis(90)).body(WRAPPER))
        .server("inner")
        .answer(Answer::new().delay(millis(210)).pieces_of(300).piece_delay(millis(5)).body(INLINE))
        .server("late")
        .answer(Answer::new().delay(millis(450)).body(INLINE));
    script.build().expect("a script")
}

/// The configuration of a request to these servers.
fn config(mode: FetchMode, settings: &str) -> ClientConfig {
    let text = format!(
        r#"
        mode = "{}"
        timeout = "5s"
        {settings}
        source = [
          {{ name = "empty", url = "http://empty.test/vast" }},
          {{ name = "down", url = "http://down.test/vast?t=[TIMESTAMP]" }},
          {{ name = "tree", url = "http://tree.test/vast?to=http://inner.test/vast?ad=shoes" }},
        ]
        fallback = [{{ name = "late", url = "http://late.test/vast?ad=hats" }}]
        "#,
        mode.as_str()
    );
    ClientConfig::parse(&text, Path::new("")).expect("a configuration")
}

#[tokio::test(start_paused = true)]
async fn another_mode_is_answered_as_a_live_request_would_be() {
    for recorded in MODES {
        let (_, recording) = request(&servers(), &config(recorded, "")).await;
        for mode in MODES {
            let mut changed = recorded_config(&recording).expect("a configuration");
            changed.fetch.strategy.mode = mode;
            let replay = what_if(&recording, changed);
            let (live, _) = request(&servers(), &config(mode, "")).await;
            let case = format!("{} as {}", recorded.as_str(), mode.as_str());
            assert!(!replay.is_undecidable, "{case}: {}", replayed_json(&replay));
            assert_same(&json(&live), &replayed_json(&replay), &case);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn other_limits_are_answered_as_a_live_request_would_be() {
    for settings in [
        "source_timeout = \"150ms\"",
        "hop_timeout = \"100ms\"",
        "max_retries = 0",
        "patience = \"20ms\"",
        "min_useful = \"50ms\"",
        "[filter]\nmin_duration = \"60s\"",
        "[filter]\naccept_wrappers = false",
    ] {
        let (settings, filter) =
            settings.split_once("[filter]").map_or((settings, None), |(head, filter)| (head, Some(filter)));
        let changed = |mode| {
            let mut changed = config(mode, settings);
            if let Some(filter) = filter {
                let text = format!("source = [{{ url = \"http://x.test/\" }}]\n[filter]{filter}");
                changed.fetch.parse_filter =
                    ClientConfig::parse(&text, Path::new("")).expect("a filter").fetch.parse_filter;
            }
            changed
        };
        let (_, recording) = request(&servers(), &config(FetchMode::Collect, "")).await;
        let is_of_parallel = settings.contains("patience");
        let mode = if is_of_parallel { FetchMode::Parallel } else { FetchMode::Collect };
        let (live, _) = request(&servers(), &changed(mode)).await;
        let replay = what_if(&recording, changed(mode));
        let needs_fallback = !live.success || live.metadata.used_fallback;
        assert_eq!(replay.is_undecidable, needs_fallback, "{settings}{filter:?}");
        if !needs_fallback {
            assert_same(&json(&live), &replayed_json(&replay), &format!("{settings}{filter:?}"));
        }
    }
}

fn end_of(result: &FetchResult, name: &str) -> (Outcome, Option<SkipReason>) {
    let report = result.source_report(name).expect("a source");
    let reason = match &report.reason {
        Some(vast_client::journal::EndReason::Skipped(reason)) => Some(*reason),
        _ => None,
    };
    (report.outcome, reason)
}

const NOT_RECORDED: (Outcome, Option<SkipReason>) = (Outcome::Skipped, Some(SkipReason::NotRecorded));

/// `slow` was cut when `fast` won, and `spare` was never asked.
#[tokio::test(start_paused = true)]
async fn what_the_recording_does_not_have_is_undecidable() {
    let answer = |delay| Answer::new().delay(millis(delay)).body(INLINE);
    let script = Script::builder().server("slow").answer(answer(400)).server("fast").answer(answer(100));
    let script = script.server("spare").answer(Answer::new().fault(Fault::Hang)).build().expect("a script");
    let text = r#"
        mode = "race"
        source = [{ name = "slow", url = "http://slow.test/" }, { name = "fast", url = "http://fast.test/" }]
        fallback = [{ name = "spare", url = "http://spare.test/" }]"#;
    let config = ClientConfig::parse(text, Path::new("")).expect("a configuration");
    let (_, recording) = request(&script, &config).await;

    let mut sequential = config.clone();
    sequential.fetch.strategy.mode = FetchMode::Sequential;
    let replay = what_if(&recording, sequential);
    assert!(replay.is_undecidable);
    assert_eq!(end_of(&replay.result, "slow"), NOT_RECORDED);
    assert_eq!(replay.result.source_report("slow").and_then(|slow| slow.elapsed), Some(millis(101)));
    assert_eq!((replay.result.source.as_deref(), replay.result.metadata.elapsed), (Some("fast"), millis(201)));
    assert!(replayed_json(&replay).ends_with("\"undecidable\": true\n}"));

    let mut strict = config.clone();
    strict.fetch.parse_filter.min_duration = Some(Duration::from_secs(3600));
    let replay = what_if(&recording, strict);
    assert!(replay.is_undecidable && !replay.result.success);
    assert_eq!(end_of(&replay.result, "fast"), (Outcome::Rejected, None));
    assert_eq!([end_of(&replay.result, "slow"), end_of(&replay.result, "spare")], [NOT_RECORDED; 2]);

    let mut short = config;
    short.fetch.strategy.mode = FetchMode::Sequential;
    short.fetch.strategy.limits.source_timeout = Some(millis(90));
    let replay = what_if(&recording, short);
    assert!(end_of(&replay.result, "slow").1.is_none(), "its limit fired before the recording ends");
}

#[tokio::test(start_paused = true)]
async fn a_replay_with_a_configuration_that_records_is_not_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let recordings = folder.path().join("recordings");
    let (_, recording) = request(&servers(), &config(FetchMode::Parallel, "")).await;
    let record = format!("record = {{ dir = {:?}, sample = 1.0 }}", recordings.display().to_string());
    what_if(&recording, config(FetchMode::Race, &record));
    assert!(!recordings.exists());
}
