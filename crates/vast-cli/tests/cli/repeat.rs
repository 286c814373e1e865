//! `vast request --repeat` and `--metrics-file`.

use std::io::Read;
use std::path::Path;

use serde_json::Value;

use crate::binary::{RunResult, vast};
use crate::schema::{REQUEST, assert_valid};
use crate::servers::{asked, at, start};
use crate::signals::send;

const SUMMARY: &str = include_str!("../../../../docs/schema/summary.json");

/// The answers of a run, and its summary.
#[track_caller]
fn lines(run: &RunResult) -> (Vec<Value>, Value) {
    let mut lines: Vec<Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{run:?}"))).collect();
    let last = lines.pop().unwrap_or_else(|| panic!("{run:?}"));
    assert_valid(SUMMARY, &last);
    lines.iter().for_each(|line| assert_valid(REQUEST, line));
    (lines, last["summary"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_summary_has_the_answers_added_up() {
    let mock = start().await;
    let sources = [format!("ad={}", at(&mock, "/ad")), format!("missing={}", at(&mock, "/missing"))];
    let arguments = ["request", &sources[0], &sources[1], "--format", "json", "--mode", "collect"];
    let run = vast(&[&arguments[..], &["--repeat", "4", "--concurrency", "2"]].concat()).run();
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let (answers, summary) = lines(&run);
    assert_eq!(answers.len(), 4);
    let requests = &summary["requests"];
    assert_eq!([&requests["total"], &requests["filled"], &requests["unfilled"]], [4, 4, 0]);
    let sum = |source: usize, key: &str| -> u64 {
        answers.iter().map(|answer| answer["sources"][source][key].as_u64().expect("a number")).sum()
    };
    for (number, source) in summary["sources"].as_array().expect("sources").iter().enumerate() {
        assert_eq!(
            (&source["attempts"], &source["bytes"]),
            (&sum(number, "attempts").into(), &sum(number, "bytes").into())
        );
        assert_eq!((&source["requests"], &source["latency"]["count"]), (&4.into(), &4.into()));
    }
    let [ad, missing] = [&summary["sources"][0], &summary["sources"][1]];
    assert_eq!((&ad["outcomes"]["filled"], &ad["wins"], &ad["fill_rate"]), (&4.into(), &4.into(), &1.0.into()));
    assert_eq!((&missing["errors"]["http_status"], &missing["fill_rate"]), (&4.into(), &0.0.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_of_a_seeded_run_has_the_next_seed() {
    let mock = start().await;
    let url = at(&mock, "/ad");
    let (answers, _) = lines(&vast(&["request", &url, "--format", "json", "--repeat", "3", "--seed", "7"]).run());
    for (answer, seed) in answers.iter().zip(["7", "8", "9"]) {
        let single = vast(&["request", &url, "--format", "json", "--seed", seed]).run().json();
        assert_eq!(answer["metadata"]["request_id"], single["metadata"]["request_id"], "{seed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_is_that_of_the_worst_request() {
    let mock = start().await;
    for (path, code) in [("/ad", 0), ("/empty", 1), ("/missing", 3)] {
        for format in ["human", "json"] {
            let run = vast(&["request", &at(&mock, path), "--repeat", "2", "--format", format]).run();
            assert_eq!(run.code, Some(code), "{path} {format}");
        }
    }
    // Each path answers the first request in one way, and all others in another way.
    let script = r#"
        [[server]]
        name = "ads"
        [[server.answer]]
        path = "/worse"
        status = 404
        [[server.answer]]
        path = "/worse"
        status = 204
    "#;
    let script = vast_mock::Script::parse(script, Path::new("")).expect("a good script");
    let mock = vast_mock::Mock::start(script).await.expect("it starts");
    let run = vast(&["request", &at(&mock, "/worse"), "--repeat", "3"]).run();
    assert_eq!(run.code, Some(3), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_spreads_the_requests() {
    let mock = start().await;
    let began = tokio::time::Instant::now();
    vast(&["request", &at(&mock, "/ad"), "--repeat", "5", "--rate", "20", "--concurrency", "5"]).run();
    assert!(began.elapsed() >= std::time::Duration::from_millis(200), "{:?}", began.elapsed());
    assert_eq!(mock.log().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_get_tables() {
    let mock = start().await;
    let sources = [format!("ad={}", at(&mock, "/ad")), format!("missing={}", at(&mock, "/missing"))];
    let run = vast(&["request", &sources[0], &sources[1], "--mode", "collect", "--repeat", "3"]).run();
    for text in ["✓ 3 of 3 requests filled (100.0 %) in ", "fill rate", "http_status 3", "time of ad", "median"] {
        assert!(run.stdout.contains(text), "{text}: {}", run.stdout);
    }
    assert_eq!(run.stderr, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_would_call_trackers_is_refused_and_nothing_is_requested() {
    let mock = start().await;
    let url = at(&mock, "/ad");
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("track.toml");
    std::fs::write(&config, "track = true").expect("a file");
    let config = config.to_str().expect("a path");
    let cases: [(&[&str], &str); 9] = [
        (&["--repeat", "2", "--track"], "leave out `--track` and `track = true`"),
        (&["--repeat", "2", "--report-errors"], "leave out `--report-errors` and `report_errors = true`"),
        (&["--repeat", "2", "--report-not-used"], "leave out `--report-not-used` and `report_not_used = true`"),
        (&["--repeat", "2", "--config", config], "leave out `--track` and `track = true`"),
        (&["--repeat", "2", "--format", "xml"], "use --format human or json"),
        (&["--repeat", "0"], "'--repeat <NUMBER>': write a whole number from 1 to 10000000"),
        (&["--repeat", "2", "--rate", "0"], "write how many requests to start per second, from 0.001"),
        (&["--repeat", "2", "--concurrency", "0"], "'--concurrency <NUMBER>': write a whole number from 1 to 1000"),
        (&["--rate", "5"], "--repeat <NUMBER>"),
    ];
    for (arguments, complaint) in cases {
        let run = vast(&[&["request", &url], arguments].concat()).run();
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.stderr.contains(complaint), "{arguments:?}: {}", run.stderr);
    }
    for rate in ["-1", "inf", "nan", "1e-300", "fast"] {
        let run = vast(&["request", &url, "--repeat", "2", "--rate", rate]).run();
        assert_eq!(run.code, Some(2), "{rate}: {run:?}");
    }
    assert_eq!(asked(&mock), "");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_a_run_with_the_summary_so_far() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("vast.prom");
    let file = file.to_str().expect("a path");
    let url = at(&mock, "/hang");
    let arguments = ["request", &url, "--repeat", "9", "--timeout", "20s", "--format", "json", "--metrics-file", file];
    let mut child = vast(&arguments).start();
    mock.wait_for(|log| log.len() == 1).await.expect("it asks");
    send("-INT", &child);
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let mut stdout = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut stdout).expect("text");
    let summary: Value = serde_json::from_str(&stdout).expect("one line");
    assert_valid(SUMMARY, &summary);
    assert_eq!(summary["summary"]["requests"]["cancelled"], 1);
    let metrics = std::fs::read_to_string(file).expect("the file");
    assert!(metrics.contains("vast_requests_total{outcome=\"cancelled\"} 1\n"), "{metrics}");
}

/// The names of the files in a folder.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_file_is_replaced_as_a_whole() {
    let mock = start().await;
    let url = format!("ad={}", at(&mock, "/ad"));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("vast.prom");
    std::fs::write(&file, "older").expect("a file");
    let path = file.to_str().expect("a path");
    let run = vast(&["request", &url, "--metrics-file", path, "--timeout", "0s"]).run();
    assert_eq!((run.code, std::fs::read_to_string(&file).expect("the file").as_str()), (Some(2), "older"));
    assert_eq!(files(folder.path()), ["vast.prom"], "no temporary file is left");
    let run = vast(&["request", &url, "--metrics-file", path, "--track", "--allow-private"]).run();
    assert_eq!(run.code, Some(0), "{run:?}");
    let metrics = std::fs::read_to_string(&file).expect("the file");
    for line in [
        "vast_source_requests_total{source=\"ad\",outcome=\"filled\"} 1",
        "vast_source_wins_total{source=\"ad\"} 1",
        "vast_beacons_total{outcome=\"delivered\"} 1",
    ] {
        assert!(metrics.lines().any(|one| one == line), "{line}: {metrics}");
    }
    assert_eq!(files(folder.path()), ["vast.prom"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metrics_file_that_cannot_be_written_is_refused_before_any_request() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().to_str().expect("a path");
    for path in [folder, &format!("{folder}/no/such/file"), ""] {
        let run = vast(&["request", &at(&mock, "/ad"), "--metrics-file", path]).run();
        assert_eq!(run.code, Some(2), "{path}: {run:?}");
        assert!(run.stderr.contains("--metrics-file"), "{path}: {}", run.stderr);
    }
    assert_eq!(asked(&mock), "");
}
