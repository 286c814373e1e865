//! `--log` and `--log-format`: what is on stderr, and what never is.

use std::io::Read as _;

use serde_json::Value;

use crate::binary::vast;
use crate::servers::{at, start};

const IFA: &str = "8d8ac610-566d-4ef0-9c22-186b2a5ed793";
const CONSENT: &str = "CPokAsAPokAsABEACBENC7CgAP_AAH_AAAAAI";

#[tokio::test(flavor = "multi_thread")]
async fn info_is_one_line_per_request_and_nothing_is_logged_without_the_flag() {
    let mock = start().await;
    let (ad, empty) = (at(&mock, "/ad"), at(&mock, "/empty"));
    for (level, lines) in [("off", 0), ("error", 0), ("warn", 0), ("info", 1)] {
        let run = vast(&["request", &ad, &empty, "--log", level]).run();
        assert_eq!((run.code, run.stderr.lines().count()), (Some(0), lines), "{level}: {run:?}");
    }
    let run = vast(&["request", &ad, &empty, "--log", "info"]).run();
    assert!(run.stderr.contains("INFO request{id="), "{run:?}");
    assert!(run.stderr.contains("answer outcome=\"filled\" source=\"127.0.0.1\" mode=\"parallel\""), "{run:?}");
    assert!(vast(&["request", &ad]).run().stderr.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_one_object_per_line_with_the_names_of_the_field() {
    let mock = start().await;
    let run = vast(&["request", "--log", "debug", "--log-format", "json", "-v", &at(&mock, "/wrapper")]).run();
    let lines: Vec<Value> = run
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let has = |check: &dyn Fn(&Value) -> bool| lines.iter().any(check);
    let in_span = |line: &Value, name: &str| {
        line["spans"].as_array().is_some_and(|spans| spans.iter().any(|span| span["name"] == name))
    };
    assert!(
        has(&|line| line["message"] == "answer" && line["level"] == "INFO" && line["outcome"] == "filled"),
        "{run:?}"
    );
    for name in ["request", "lane", "hop", "exchange"] {
        assert!(has(&|line| in_span(line, name)), "no line in the span {name}: {run:?}");
    }
    let is_exchange = |line: &Value| {
        let span = &line["span"];
        span["http.request.method"] == "GET"
            && span["server.address"] == "127.0.0.1"
            && span["http.response.status_code"] == 200
    };
    assert!(has(&is_exchange), "{run:?}");
    assert_eq!(lines.iter().filter(|line| line["level"] == "INFO").count(), 1, "{run:?}");
    let failed = vast(&["request", "--log", "debug", "--log-format", "json", &at(&mock, "/missing")]).run();
    assert!(failed.stderr.contains("\"error.type\":\"http_status\""), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_level_and_no_form_shows_personal_data_or_a_query() {
    let mock = start().await;
    let values =
        "[DEVICEIP]/[IFA]/[GDPRCONSENT]?ip=[DEVICEIP]&ifa=[IFA]&ua=[DEVICEUA]&c=[GDPRCONSENT]&g=[GPPSTRING]&z=[zone]";
    let urls = ["/ad", "/wrapper", "/missing", "/to-beacons"].map(|path| format!("{}/{values}", at(&mock, path)));
    let good = format!("{}?{values}", at(&mock, "/ad"));
    let personal = [
        "--device-ip",
        "203.0.113.77",
        "--device-ifa",
        IFA,
        "--device-ua",
        "TV/1.2 (Box; 7)",
        "--gdpr",
        "--gdpr-consent",
        CONSENT,
        "--gpp",
        "DBABMA~CPXxRfAPXxRfAAfKABENB",
        "--macro",
        "zone=secret",
        "--track",
        "--allow-private",
    ];
    let urls: Vec<&str> = urls.iter().map(String::as_str).chain([good.as_str()]).collect();
    for format in ["text", "json"] {
        let arguments = [&["request", "--log", "debug", "--log-format", format], &urls[..], &personal[..]].concat();
        let run = vast(&arguments).run();
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.stderr.contains("exchange") && run.stderr.contains("beacon"), "{run:?}");
        for value in ["203.0.113", IFA, "Box", CONSENT, "DBABMA", "secret", "?"] {
            assert!(!run.stderr.contains(value), "{value}: {}", run.stderr);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_not_read_does_not_hold_up_the_answer() {
    let mock = start().await;
    let url = at(&mock, "/empty");
    let mut arguments =
        vec!["request", "--log", "debug", "--log-format", "json", "--mode", "sequential", "--timeout", "600s"];
    // Each source has about 3 KiB of log, and a pipe takes 64 KiB.
    arguments.extend(std::iter::repeat_n(url.as_str(), 100));
    let mut child = vast(&arguments).start();
    let unread = child.stderr.take();
    let mut answer = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut answer).expect("text");
    assert!(answer.starts_with("✗ no ad: 100 sources asked"), "{answer}");
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    drop(unread);
}

#[test]
fn a_wrong_level_is_refused_with_the_levels() {
    let run = vast(&["request", "--log", "loud", "-"]).run();
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("off, error, warn, info, debug"), "{run:?}");
}
