//! The outbox on disk, as the command line writes and shows it.

use std::path::{Path, PathBuf};

use serde_json::Value;
use vast_mock::{Mock, Script};

use crate::binary::{RunResult, vast};

/// An ad server with a tracker that gives these answers in turn.
async fn tracked_by(answers: &[&str]) -> Mock {
    let answers: Vec<_> =
        answers.iter().map(|answer| format!("[[server.answer]]\npath = \"/seen\"\n{answer}\n")).collect();
    let script = format!(
        r#"
        [[server]]
        name = "ads"
        [[server.answer]]
        path = "/ad"
        body = '''<VAST version="3.0"><Ad><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>
        <Impression>{{{{self}}}}/seen?user=secret</Impression><Creatives><Creative><Linear><Duration>00:00:05</Duration>
        <MediaFiles><MediaFile type="video/mp4" width="1" height="1">https://cdn.example/a.mp4</MediaFile></MediaFiles></Linear>
        </Creative></Creatives></InLine></Ad></VAST>'''
        {}"#,
        answers.concat()
    );
    Mock::start(Script::parse(&script, Path::new("")).expect("a good script")).await.expect("the server starts")
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("beacons");
    (folder, path)
}

/// Asks for the ad and tracks it.
fn request(mock: &Mock, outbox: &Path, drain: &str) -> RunResult {
    let url = format!("{}/ad", mock.url("ads"));
    let outbox = outbox.to_str().expect("text");
    let arguments = ["--device-ip", "203.0.113.9", "--format", "json", "--drain", drain];
    vast(&[&["request", "--track", "--outbox", outbox, &url], &arguments[..]].concat()).run()
}

fn outbox(path: &Path, arguments: &[&str]) -> RunResult {
    vast(&[&["outbox"], arguments, &["--outbox", path.to_str().expect("text")]].concat()).run()
}

fn beacons(path: &Path, arguments: &[&str]) -> Vec<Value> {
    let ended = outbox(path, &[&["list", "--format", "json"], arguments].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.json()["beacons"].as_array().expect("a list").clone()
}

#[cfg(not(feature = "nats"))]
#[test]
fn a_program_without_nats_says_how_to_build_it() {
    for arguments in [["outbox", "stats", "--outbox", "nats://127.0.0.1:1"], ["nats", "status", "--nats", "nats://a"]] {
        let ended = vast(&arguments).run();
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains("this program is built without NATS"), "{ended:?}");
        assert!(ended.stderr.contains("--features nats"), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn undelivered_beacons_are_kept_shown_and_delivered_later() {
    let mock = tracked_by(&["status = 503\nheaders = { \"Retry-After\" = \"3600\" }", "status = 204"]).await;
    let (_folder, path) = folder();
    let ended = request(&mock, &path, "20s");
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (Some(0), "trackers: 0 of 1 called, 0 failed, 1 kept for the next process\n")
    );
    let id = ended.json()["metadata"]["request_id"].as_str().expect("an id").to_owned();

    let kept = &beacons(&path, &["--request", &id])[0];
    assert_eq!(
        (kept["state"].as_str(), kept["attempts"].as_u64(), kept["last_status"].as_u64()),
        (Some("waiting"), Some(1), Some(503))
    );
    assert!(kept["next_try_ms"].as_u64() > kept["created_ms"].as_u64().map(|created| created + 3_000_000), "{kept}");
    assert_eq!(beacons(&path, &["--request", "another"]).len(), 0);

    let flushed = outbox(&path, &["flush", "--drain", "20s"]);
    assert_eq!((flushed.code, flushed.stderr.as_str()), (Some(0), "called: 1, failed: 0, left: 0\n"));
    assert_eq!(beacons(&path, &["--state", "delivered"]).len(), 1);
    let seen: Vec<_> = mock.log().into_iter().filter(|one| one.request.path() == "/seen").collect();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|one| one.request.header("x-device-ip") == Some("203.0.113.9")), "{seen:?}");
}

/// Beacons that were printed as queued are in the file. A second run of the same seeded command adds new beacons.
#[tokio::test(flavor = "multi_thread")]
async fn beacons_of_track_fire_are_stored_too() {
    let mock = tracked_by(&["status = 503\nheaders = { \"Retry-After\" = \"3600\" }"]).await;
    let (_folder, path) = folder();
    let (url, file) = (format!("{}/ad", mock.url("ads")), path.to_str().expect("text").to_owned());
    let fire =
        ["track", &url, "--event", "impression", "--fire", "--outbox", &file, "--drain", "20s", "--format", "json"];
    for times in 1..=2 {
        let ended = vast(&[&fire[..], &["--seed", "1"]].concat()).run();
        let said = format!("trackers: 0 of {times} called, 0 failed, {times} kept for the next process\n");
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), said.as_str()));
        assert_eq!(ended.json()["trackers"][0]["state"].as_str(), Some("queued"));
        assert_eq!(beacons(&path, &["--state", "waiting"]).len(), times);
    }
    let ended = vast(&["track", &url, "--event", "rewind", "--fire", "--outbox", &file]).run();
    assert_eq!((ended.code, beacons(&path, &[]).len()), (Some(1), 2), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn personal_data_is_shown_only_with_reveal() {
    let mock = tracked_by(&["status = 404"]).await;
    let (_folder, path) = folder();
    request(&mock, &path, "20s");
    let shown = outbox(&path, &["list"]).stdout;
    assert!(shown.contains("dead (refused)") && shown.contains("/seen?..."), "{shown}");
    for arguments in [&["list"][..], &["list", "--format", "json"], &["show", "1"], &["show", "1", "--format", "json"]]
    {
        let hidden = outbox(&path, arguments).stdout;
        assert!(!hidden.contains("secret") && !hidden.contains("203.0.113.9"), "{hidden}");
        let revealed = outbox(&path, &[arguments, &["--reveal"]].concat()).stdout;
        assert!(revealed.contains("secret"), "{revealed}");
    }
    assert!(outbox(&path, &["show", "1", "--reveal"]).stdout.contains("x-device-ip: 203.0.113.9"));
    assert_eq!(outbox(&path, &["show", "2"]).code, Some(1));
    let requeued = outbox(&path, &["requeue", "--state", "dead"]);
    let hint = "hint: no process uses this outbox; `vast outbox flush` calls what is due";
    assert_eq!(requeued.stderr, format!("requeued: 1\n{hint}\n"));
    assert_eq!(beacons(&path, &["--state", "waiting"]).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn stats_and_check_show_the_state_of_the_outbox() {
    let mock = tracked_by(&["status = 204"]).await;
    let (_folder, path) = folder();
    request(&mock, &path, "20s");
    let checked = outbox(&path, &["check"]);
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), "no damage found\n"), "{checked:?}");
    assert!(checked.stdout.contains("format"), "{checked:?}");
    let stats = outbox(&path, &["stats", "--format", "json"]).json();
    assert_eq!((stats["delivered"].as_u64(), stats["waiting"].as_u64()), (Some(1), Some(0)));
    assert_eq!(stats["format"].as_u64(), Some(1));
    let purged = outbox(&path, &["purge", "--state", "delivered"]);
    assert_eq!((purged.code, purged.stderr.as_str()), (Some(0), "removed: 1\n"));
    assert!(beacons(&path, &[]).is_empty());
    let compacted = outbox(&path, &["compact"]);
    assert_eq!(compacted.code, Some(0), "{compacted:?}");
}

const COMMANDS: [&[&str]; 8] =
    [&["list"], &["show", "1"], &["stats"], &["check"], &["requeue"], &["flush"], &["purge"], &["compact"]];

/// A file that is not an outbox, or one of a newer format: every command refuses it with code 3 and does not change it.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_an_outbox_is_refused_by_every_command() {
    let mock = tracked_by(&["status = 204"]).await;
    let (folder, path) = folder();
    let document = "<VAST version='4.2'/>";
    std::fs::write(&path, document).expect("a file");
    let expected =
        format!("error: --outbox: {} is not an outbox: it does not have the format of an outbox\n", path.display());
    for command in COMMANDS {
        let ended = outbox(&path, command);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(3), expected.as_str()), "{command:?}");
    }
    let ended = request(&mock, &path, "1s");
    assert_eq!((ended.code, ended.stderr.as_str(), ended.stdout.as_str()), (Some(3), expected.as_str(), ""));
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), document);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing was created beside it");
}

/// Every command reports that a file is damaged; `salvage` copies the undamaged rows.
#[expect(clippy::disallowed_methods, reason = "a small file that the test made")]
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_reported_by_every_command_and_salvaged() {
    let mock = tracked_by(&["status = 404"]).await;
    let (folder, path) = folder();
    for _ in 0..3 {
        request(&mock, &path, "20s");
    }
    let mut file = std::fs::read(&path).expect("the file");
    let places: Vec<_> =
        file.windows(12).enumerate().filter(|(_, part)| part == b"/seen?user=s").map(|(at, _)| at).collect();
    // Old pages contain copies of single rows. The current page of dead letters contains all three.
    let page = places.windows(3).rev().find(|rows| rows[2] - rows[0] < 4096).expect("three rows");
    file[page[2] + 2] ^= 1;
    std::fs::write(&path, &file).expect("a damaged file");
    for command in [&["list"][..], &["stats"], &["check"]] {
        let ended = outbox(&path, command);
        assert_eq!(ended.code, Some(3), "{ended:?}");
        assert!(ended.stderr.contains("damaged"), "{ended:?}");
    }
    assert_eq!(std::fs::read(&path).expect("the file"), file, "inspection changed it");
    let target = folder.path().join("new");
    let (from, to) = (path.to_str().expect("text"), target.to_str().expect("text"));
    let salvaged = vast(&["outbox", "salvage", from, "--to", to]).run();
    assert_eq!(salvaged.code, Some(0), "{salvaged:?}");
    assert!(salvaged.stderr.contains("2 dead; 1 rows cannot be read"), "{salvaged:?}");
    assert_eq!(beacons(&target, &["--state", "dead"]).len(), 2);
    let again = vast(&["outbox", "salvage", from, "--to", to]).run();
    assert_eq!(again.code, Some(3), "{again:?}");
}

/// `request` and `track` also report rows of waiting beacons that cannot be read. Their exit codes do not change.
#[expect(clippy::disallowed_methods, reason = "a small file that the test made")]
#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_row_that_cannot_be_read_is_reported_by_request_and_track() {
    let mock = tracked_by(&["status = 503\nheaders = { \"Retry-After\" = \"3600\" }"]).await;
    let (_folder, path) = folder();
    request(&mock, &path, "20s");
    let mut file = std::fs::read(&path).expect("the file");
    let places: Vec<_> =
        file.windows(12).enumerate().filter(|(_, part)| part == b"/seen?user=s").map(|(at, _)| at).collect();
    places.into_iter().for_each(|place| file[place + 2] ^= 1);
    std::fs::write(&path, &file).expect("a damaged file");
    let (url, name) = (format!("{}/ad", mock.url("ads")), path.to_str().expect("text").to_owned());
    let fire = ["track", &url, "--event", "impression", "--fire", "--outbox", &name, "--drain", "1s"];
    for ended in [request(&mock, &path, "1s"), vast(&fire).run()] {
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let said = format!("warning: {name} is damaged: 1 rows cannot be read; `vast outbox salvage {name}`");
        assert!(ended.stderr.contains(&said), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_owner_ends_at_once_and_the_first_one_answers() {
    let mock = tracked_by(&["fault = \"hang\""]).await;
    let (_folder, path) = folder();
    let file = path.to_str().expect("text").to_owned();
    let url = format!("{}/ad", mock.url("ads"));
    let mut first = vast(&["request", "--track", "--outbox", &file, &url, "--drain", "60s"]).start();
    mock.wait_for(|log| log.iter().any(|one| one.request.path() == "/seen")).await.expect("the tracker is called");

    let second = request(&mock, &path, "1s");
    let expected = format!("error: --outbox: {file}: in use by process {}\n", first.id());
    assert_eq!((second.code, second.stderr, second.stdout), (Some(5), expected, String::new()));
    // The first process may not have opened its socket yet.
    let mut tries = (0..200).map(|_| outbox(&path, &["list", "--format", "json"]));
    let listed = tries.find(|listed| listed.code == Some(0)).expect("it answers");
    assert_eq!(listed.json()["beacons"][0]["state"].as_str(), Some("in_flight"), "{listed:?}");
    first.kill().expect("it runs");
    first.wait().expect("it ends");
    let kept = &beacons(&path, &[])[0];
    assert_eq!(
        (kept["state"].as_str(), kept["attempts"].as_u64(), kept["in_doubt"].as_u64()),
        (Some("waiting"), Some(1), Some(1))
    );
}

#[test]
fn mistakes_are_named() {
    let (_folder, path) = folder();
    let missing = outbox(&path, &["list"]);
    assert_eq!(missing.code, Some(3), "{missing:?}");
    assert!(!path.exists());
    for (arguments, code, said) in [
        (&["outbox", "list"][..], 2, "error: --outbox: name the outbox\n"),
        (
            &["request", "a.xml", "--outbox", "x"],
            2,
            "error: --outbox: nothing is called without --track or --report-errors\n",
        ),
    ] {
        let ended = vast(arguments).run();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(code), said));
    }
    for arguments in [
        &["request", "a.xml", "--track", "--outbox", "/no/such/folder/x"][..],
        &["track", "a.xml", "--event", "start", "--fire", "--outbox", "/no/such/folder/x"],
        &["track", "a.xml", "--event", "start", "--outbox", "x"],
    ] {
        let ended = vast(arguments).run();
        assert_eq!(ended.code, Some(2), "{ended:?}");
    }
}

/// An outbox that cannot grow takes no beacons: each one is named with the reason, in both formats, and the ad is still the answer.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_the_trackers_with_a_reason() {
    let mock = tracked_by(&["status = 204"]).await;
    let url = format!("{}/ad", mock.url("ads"));
    for format in ["human", "json"] {
        let (_folder, path) = folder();
        let outbox = path.to_str().expect("text");
        let arguments = ["request", "--track", "--drain", "5s", "--format", format, "--outbox", outbox, &url];
        let ended = vast(&arguments).on_a_disk_of(40).run();
        assert_eq!(ended.code, Some(0), "{format}: {ended:?}");
        let sum = ended.stderr.lines().next().unwrap_or_default();
        assert_eq!(sum, "trackers: 0 of 1 called, 0 failed, 1 not taken by the outbox", "{format}: {ended:?}");
        let output = format!("{}{}", ended.stdout, ended.stderr);
        assert!(output.contains("refused") && output.contains("File too large"), "{format}: {ended:?}");
    }
    assert!(mock.log().iter().all(|exchange| exchange.request.path() != "/seen"), "no tracker was called");
}
