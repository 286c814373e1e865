//! Wrong arguments and configuration: exit code 2, one line that names the argument or key, and no request.

use std::io::Write;

use crate::binary::{RunResult, vast};
use crate::servers::{asked, at, start};

/// Checks for one message. A hint may follow after an empty line.
#[track_caller]
fn assert_complaint(ended: &RunResult, code: i32, complaint: &str) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{ended:?}");
    let lines: Vec<_> = ended.stderr.lines().collect();
    assert!(lines[0].starts_with("error: ") && lines[0].contains(complaint), "{complaint}: {ended:?}");
    let rest_is_a_hint = match &lines[1..] {
        [] => true,
        ["", hint] => hint.starts_with("hint: "),
        _ => false,
    };
    assert!(rest_is_a_hint, "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_are_named_and_nothing_is_requested() {
    let mock = start().await;
    let good = at(&mock, "/ad");
    let cases: &[(&[&str], &str)] = &[
        (&["htp://ads.example/vast"], "SOURCE: `htp://ads.example/vast`: the scheme"),
        (&["http://"], "SOURCE: `http://`: the URL has no host"),
        (&["https://user:secret@ads.example/"], "SOURCE `https://...@ads.example/`: holds a user name"),
        (&["./no-such-file.xml"], "SOURCE: `./no-such-file.xml`: No such file"),
        (&["/"], "SOURCE: `/` is a folder"),
        (&["--fallback", "./no-such-file.xml"], "--fallback: `./no-such-file.xml`: No such file"),
        (
            &["a=https://x.example", "a=https://y.example"],
            "SOURCE `a=https://y.example`: `a` is used by another source",
        ),
        (&["--timeout", "3"], "'--timeout <TIME>': `3` has no unit: write `3s` or `3ms`"),
        (&["--min-duration", "soon"], "'--min-duration <TIME>': `soon` is not a duration"),
        (&["--timeout", "0s"], "--timeout: zero leaves no time"),
        (&["--source-timeout", "0s"], "--source-timeout: zero leaves no time"),
        (&["--attempt-timeout", "0s"], "--attempt-timeout: zero leaves no time"),
        (&["--hop-timeout", "0s"], "--hop-timeout: zero leaves no time"),
        (&["--connect-timeout", "0s"], "--connect-timeout: zero leaves no time"),
        (&["--max-duration", "0s"], "--max-duration: 0 takes no ad"),
        (&["--break-duration", "0s"], "--break-duration: 0 takes no ad"),
        (&["--max-exchanges", "0"], "--max-exchanges: 0 lets no source answer"),
        (&["--break-min", "3s"], "--break-min: is the minimum of a break: set --break-duration, too"),
        (&["--foreign-macro", "[TIMESTAMP]=1"], "this is a macro of the standard: set it with --macro TIMESTAMP=VALUE"),
        (&["--dimensions", "big"], "'--dimensions <WxH>': `big` is not a size"),
        (&["--mode", "paralel"], "'--mode <MODE>' [possible values: parallel, sequential, race, staggered, collect]"),
        (
            &["--mode", "race", "--patience", "1s"],
            "--patience: only parallel mode waits for sources ahead: leave it out, or set --mode to",
        ),
        (&["--stagger", "1s"], "--stagger: only staggered mode"),
        (&["--min-bitrate", "-5"], "'-5' for '--min-bitrate <KBIT/S>': write a whole number"),
        (&["--retries", "some"], "'some' for '--retries <NUMBER>': write a whole number"),
        (&["--max-exchanges", "4.5"], "'4.5' for '--max-exchanges <NUMBER>': write a whole number"),
        (&["--min-bitrate", "9", "--max-bitrate", "8"], "--min-bitrate: the minimum is above the maximum"),
        (&["--header", "nonsense"], "'--header <'NAME: VALUE'>': write 'Name: value'"),
        (&["--header", "X Y: z"], "--header X Y: is not a header name"),
        (&["--param", "nonsense"], "'--param <NAME=VALUE>': write NAME=VALUE"),
        (&["--device-ip", "here"], "'--device-ip <ADDRESS>': write an IP address such as 203.0.113.7"),
        (&["--max-ads", "0"], "'--max-ads <NUMBER>': write a whole number from 1 to 65535"),
        (&["--timeot", "3s"], "unexpected argument '--timeot'"),
        (&["--config", "./no-such-file.toml"], "--config: `./no-such-file.toml`: No such file"),
        (&["--ca-file", "./no-such-file.pem"], "no-such-file.pem"),
        (&["--format", "yaml"], "'--format <FORMAT>'"),
        (&["--api-framework", ""], "'--api-framework <NAME>': write a value that is not empty"),
        (&["--api-framework", " "], "'--api-framework <NAME>': write a value that is not empty"),
        (&["--api-framework", "VPAID,SIMID"], "'--api-framework <NAME>': write one value, and repeat the argument"),
        (&["--mime-type", ""], "'--mime-type <TYPE>': write a MIME type such as"),
        (&["--mime-type", "video"], "'--mime-type <TYPE>': write a MIME type such as"),
        (&["--mime-type", "video/"], "'--mime-type <TYPE>': write a MIME type such as"),
        (&["--gpp-sections", ""], "'--gpp-sections <NUMBERS>': write a whole number"),
        (&["--param", ""], "'--param <NAME=VALUE>': write NAME=VALUE"),
        (&["--header", ""], "'--header <'NAME: VALUE'>': write 'Name: value'"),
        (&["--macro", ""], "'--macro <NAME=VALUE>': write NAME=VALUE"),
        (&["--foreign-macro", ""], "'--foreign-macro <TOKEN=VALUE>': write TOKEN=VALUE"),
        (&["--media-type", ""], "'--media-type <TYPE>'"),
        (&["--inject-impression", ""], "'--inject-impression <URL>': write a URL"),
        (&["--inject-tracking", ""], "'--inject-tracking <EVENT=URL>': write EVENT=URL"),
    ];
    for (arguments, complaint) in cases {
        let arguments: Vec<_> = ["request", good.as_str()].iter().chain(*arguments).copied().collect();
        assert_complaint(&vast(&arguments).run(), 2, complaint);
    }
    assert_eq!(asked(&mock), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_file_is_named_with_its_line_and_nothing_is_requested() {
    let mock = start().await;
    let good = at(&mock, "/ad");
    let cases = [
        ("timeot = \"3s\"", "`: line 1: unknown key `timeot`: did you mean `timeout`?"),
        ("\nmode = \"paralel\"", "`: line 2, `mode`: `paralel` is not one of"),
        ("timeout = 3", "`: line 1, `timeout`: `3` has no unit"),
        ("timeout = \"3s", "`: line 1"),
        ("[[source]]\nname = \"east\"", "SOURCE"),
        ("[[fallback]]\nurl = \"htp://x\"", "fallback[0].url: `htp://x`: the scheme"),
    ];
    for (text, complaint) in cases {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("it can be written");
        let path = file.path().to_str().expect("a path");
        let arguments: &[&str] = if text.contains("[[source]]") { &[] } else { &[&good] };
        let ended = vast(&[&["request", "--config", path], arguments].concat()).run();
        let complaint =
            if complaint == "SOURCE" { "source[0]: needs one of `url`, `file` and `xml`" } else { complaint };
        assert_complaint(&ended, 2, complaint);
        let is_of_the_text = complaint.starts_with('`');
        assert_eq!(ended.stderr.contains(&format!("--config: `{path}`: line ")), is_of_the_text, "{ended:?}");
    }
    assert_eq!(asked(&mock), "");
}

#[test]
fn missing_arguments_are_named() {
    assert_complaint(&vast(&["request"]).run(), 2, "SOURCE: no source: name at least one URL or file");
    assert_complaint(&vast(&["request", "--fallback", "http://x"]).run(), 2, "SOURCE: no source");
    assert_complaint(&vast(&["parse"]).run(), 2, "<INPUT>");
    assert_complaint(&vast(&["mock"]).run(), 2, "<SCENARIO>");
    assert_complaint(&vast(&["frobnicate"]).run(), 2, "'frobnicate'");
    assert_complaint(&vast(&["completions", "tcsh"]).run(), 2, "'<SHELL>'");
    assert_complaint(
        &vast(&["track", "-", "--event", ""]).run(),
        2,
        "'--event <NAME>': write a value that is not empty",
    );
    assert_complaint(&vast(&["check", "-", "--ignore", ""]).run(), 2, "'--ignore <RULE>': there is no such rule");
    assert_complaint(&vast(&["parse", "htp://x"]).run(), 2, "INPUT: `htp://x`: the scheme");
}

#[test]
fn without_a_command_the_help_is_printed_to_stderr() {
    let result = vast(&[]).run();
    assert_eq!((result.code, result.stdout.as_str()), (Some(2), ""));
    assert_eq!(result.stderr, vast(&["-h"]).run().stdout);
    assert_eq!(vast(&["outbox"]).run().code, Some(2));
}

/// Reading `/dev/zero` or a FIFO would never end.
#[cfg(unix)]
#[test]
fn files_of_settings_must_be_regular_files_of_a_sane_size() {
    let folder = tempfile::tempdir().expect("a folder");
    let fifo = folder.path().join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status().expect("mkfifo runs");
    assert!(made.success());
    let large = folder.path().join("large");
    std::fs::File::create(&large).and_then(|file| file.set_len(1 << 30)).expect("a file of 1 GiB");
    let (fifo, large) = (fifo.to_str().expect("a path"), large.to_str().expect("a path"));
    for (path, complaint) in [("/dev/zero", "not a regular file"), (fifo, "not a regular file"), (large, "larger than")]
    {
        for (arguments, code) in [
            (&["request", "-", "--config", path][..], 2),
            (&["request", "-", "--ca-file", path], 2),
            (&["parse", "http://127.0.0.1:1/", "--ca-file", path], 2),
            (&["check", "http://127.0.0.1:1/", "--ca-file", path], 2),
            (&["track", "-", "--ca-file", path], 2),
            (&["mock", path], 3),
        ] {
            assert_complaint(&vast(arguments).run(), code, complaint);
        }
    }
}

#[test]
fn an_input_that_cannot_be_read_is_a_failure() {
    assert_complaint(&vast(&["parse", "./no-such-file.xml"]).run(), 3, "INPUT: `./no-such-file.xml`: No such file");
    assert_complaint(&vast(&["mock", "./no-such-file.toml"]).run(), 3, "./no-such-file.toml");
    assert_complaint(&vast(&["mock", "--dir", "./no-such-folder"]).run(), 3, "--dir: cannot read ./no-such-folder");
}

#[test]
fn a_hint_suggests_the_right_argument() {
    let hint = |arguments: &[&str]| vast(arguments).run().stderr.lines().last().unwrap_or_default().to_owned();
    let cases: [(&[&str], &str); 9] = [
        (
            &["request", "ads.example/vast"],
            "hint: a URL begins with http:// or https://: did you mean `https://ads.example/vast`?",
        ),
        (&["request", "--timeot", "3s"], "hint: a similar argument exists: '--timeout'"),
        (&["request", "--mode", "paralel"], "hint: a similar value exists: 'parallel'"),
        (&["check"], "hint: `vast check --help` lists all arguments"),
        (&["parse", "a.xml", "b.xml"], "hint: `vast parse --help` lists all arguments"),
        (&["outbox", "list", "beacons"], "hint: `vast outbox list --help` lists all arguments"),
        (&["request", "--no-such-thing", "http://x"], "hint: `vast request --help` lists all arguments"),
        (&["frobnicate"], "hint: `vast --help` lists all commands"),
        (
            &["request", "east=htp://x"],
            "hint: `htp://x` does not begin with http: or https:, so `east=htp://x` was taken for a file",
        ),
    ];
    for (arguments, expected) in cases {
        assert_eq!(hint(arguments), expected);
    }
}

#[test]
fn messages_have_no_control_characters() {
    let ended = vast(&["request", "./\u{1b}[2Jx\ny"]).run();
    assert_complaint(&ended, 2, "\\u{1b}[2Jx\\ny");
}
