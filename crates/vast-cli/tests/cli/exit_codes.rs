//! Exit codes and closed pipes.

use std::process::Command;

use crate::binary::{RunResult, vast};
use crate::servers::{at, start};

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_of_a_request_follows_from_its_sources() {
    let mock = start().await;
    let cases: &[(&[&str], &[&str], i32)] = &[
        (&["/ad"], &[], 0),
        (&["/wrapper"], &[], 0),
        (&["/broken", "/ad"], &[], 0),
        (&["/empty"], &[], 1),
        (&["/empty", "/empty"], &[], 1),
        (&["/ad"], &["--min-bitrate", "9000"], 1),
        (&["/wrapper"], &["--no-wrappers"], 1),
        (&["/ad"], &["--break-duration", "16s"], 0),
        (&["/ad"], &["--break-duration", "15s"], 1),
        (&["/ad"], &["--break-duration", "60s", "--break-min", "17s"], 1),
        (&["/ad", "/missing"], &["--break-duration", "15s", "--mode", "collect"], 3),
        (&["/empty", "/ad"], &["--media-type", "audio"], 1),
        (&["/empty", "/missing"], &[], 3),
        (&["/broken"], &[], 3),
        (&["/page"], &[], 3),
        (&["/to-beacons"], &[], 3),
        (&["/hang"], &["--timeout", "300ms"], 3),
    ];
    for (paths, arguments, code) in cases {
        let urls: Vec<_> = paths.iter().map(|path| at(&mock, path)).collect();
        for format in ["human", "json", "xml"] {
            let mut all = vec!["request", "--format", format];
            all.extend(urls.iter().map(String::as_str));
            all.extend_from_slice(arguments);
            let ended = vast(&all).run();
            assert_eq!(ended.code, Some(*code), "{all:?}: {ended:?}");
            assert!(!ended.stdout.is_empty(), "{all:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fallback_counts_as_a_source() {
    let mock = start().await;
    let (missing, empty, ad) = (at(&mock, "/missing"), at(&mock, "/empty"), at(&mock, "/ad"));
    let code = |source: &str, fallback: &str| vast(&["request", source, "--fallback", fallback]).run().code;
    assert_eq!([code(&missing, &ad), code(&empty, &empty), code(&empty, &missing)], [Some(0), Some(1), Some(3)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_of_parse_follows_from_the_document() {
    let mock = start().await;
    let cases: &[(&str, &[&str], i32, &str)] = &[
        ("/ad", &[], 0, ""),
        ("/empty", &[], 0, ""),
        ("/broken", &[], 4, "line 1, column"),
        ("/page", &[], 4, "html at line 1, column 1"),
        ("/missing", &[], 3, "status 404"),
        ("/hang", &["--timeout", "300ms"], 3, "no answer within"),
    ];
    for (path, arguments, code, complaint) in cases {
        let url = at(&mock, path);
        let ended = vast(&[&["parse", &url], *arguments].concat()).run();
        assert_eq!(ended.code, Some(*code), "{path}: {ended:?}");
        assert!(ended.stderr.contains(complaint) && (complaint.is_empty() == ended.stderr.is_empty()), "{ended:?}");
    }
}

#[test]
fn a_document_from_standard_input() {
    let parse = |input: &str, arguments: &[&str]| vast(&[&["parse", "-"], arguments].concat()).input(input).run();
    assert_eq!(parse("<VAST version=\"4.2\"/>", &[]).code, Some(0));
    assert_eq!(parse("<VAST version=\"4.2\" colour=\"red\"/>", &[]).code, Some(0));
    let strict = parse("<VAST version=\"4.2\" colour=\"red\"/>", &["--strict"]);
    assert_eq!(strict.code, Some(4));
    assert!(strict.stderr.starts_with("error: stdin: strict at line 1, column "), "{strict:?}");
    assert_eq!(parse("", &[]).code, Some(4));
    assert_eq!(parse("<rss/>", &[]).code, Some(4));
    assert_eq!(parse(&" ".repeat((4 << 20) + 1), &[]).code, Some(4), "a limit");
    let deep = "<a>".repeat(100);
    assert!(parse(&format!("<VAST version=\"4.2\"><Ad>{deep}"), &[]).stderr.contains("limit at line 1, column"));
}

#[test]
fn a_request_from_standard_input_reads_it_once_for_all_sources() {
    let ended = vast(&["request", "-", "in=-", "--format", "json"]).input("<VAST version=\"4.2\"/>").run();
    let json = ended.json();
    let sources: Vec<_> =
        json["sources"].as_array().into_iter().flatten().map(|source| source["name"].as_str()).collect();
    assert_eq!((ended.code, sources), (Some(1), vec![Some("stdin"), Some("in")]));
    assert_eq!(json["sources"][1]["bytes"], 21);
    let large = vast(&["request", "-"]).input(" ".repeat((4 << 20) + 1)).run();
    assert_eq!((large.code, large.stdout.as_str()), (Some(3), ""));
    assert!(large.stderr.starts_with("error: -: standard input is larger than 4194304 bytes"), "{large:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_pipe_is_no_failure() {
    let mock = start().await;
    for arguments in [vec!["request", "--format", "json", "--raw"], vec!["parse"]] {
        let url = at(&mock, "/ad");
        let mut child = vast(&[&arguments[..], &[&url]].concat()).start();
        drop(child.stdout.take());
        let ended = RunResult::from(child.wait_with_output().expect("it ends"));
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
    let mut help = vast(&["request", "--help"]).start();
    drop(help.stdout.take());
    assert_eq!(help.wait().expect("it ends").code(), Some(0));
}

/// A full disk is a failure, unlike a closed pipe.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_cannot_be_written_is_a_failure() {
    let mock = start().await;
    let full = std::fs::File::create("/dev/full").expect("a full disk");
    let mut command = Command::new(env!("CARGO_BIN_EXE_vast"));
    let output = command.args(["request", &at(&mock, "/ad")]).stdout(full).output().expect("it ends");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: the output cannot be written"));
}

/// The table of docs/exit-codes.md, the help and the program have the same codes and meanings.
#[test]
fn the_exit_codes_are_documented() {
    let document = include_str!("../../../../docs/exit-codes.md");
    let rows = document.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    let rows: Vec<_> = rows.filter_map(|(code, meaning)| Some((code.trim().parse::<i32>().ok()?, meaning))).collect();
    let codes: Vec<i32> = rows.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 130, 143]);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let help = words(&vast(&["--help"]).run().stdout);
    let table = rows.iter().map(|(code, meaning)| format!("{code} {meaning} ")).collect::<String>();
    assert!(help.ends_with(table.trim_end()), "{table}\n{help}");
}
