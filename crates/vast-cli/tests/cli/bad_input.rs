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
        (
            "[break]\nrank = [\"prize\"]",
            "`: line 2, `rank`: `prize` is not one of order, price, fit, quality: did you mean `price`?",
        ),
        ("[break]\nmax = \"30s\"\nmax_ads = 0", "break.max_ads: 0 takes no ad: write 1 or more, or leave it out"),
        ("[break]\nmax = \"0s\"", "break.max: 0 takes no ad: write for example `60s`"),
        ("[break]\nmax = \"30s\"\nmin = \"31s\"", "break.min: 31s is above the maximum, 30s"),
        ("[break]\nrank = [\"price\"]", "break.currency: is missing: prices are compared in one currency"),
        (
            "[break]\nrates = { euro = 1 }\ncurrency = \"USD\"",
            "break.rates: `euro` is not a currency: write for example",
        ),
        ("device_profile = \"ctv-8k\"", "device_profile: `ctv-8k` is not a profile: did you mean `ctv-4k`?"),
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
    assert_complaint(&vast(&["mock", "servers.toml", "--port", "8080"]).run(), 2, "'--port <NUMBER>'");
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

/// Every argument that takes a path, and a file of each kind that it does not take: the command ends at once with a message that
/// names the path and says what is wrong, and nothing is changed.
#[cfg(unix)]
#[test]
fn every_path_refuses_what_is_no_file_of_its_kind() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().expect("mkfifo runs").success());
    let _listener = UnixListener::bind(at("socket")).expect("a socket");
    std::fs::create_dir(at("folder")).expect("a folder");
    std::fs::write(at("notes"), "my notes").expect("a file");
    std::fs::write(at("ad"), include_str!("house.xml")).expect("a file");
    symlink(at("notes"), at("link")).expect("a link");
    symlink(at("pipe"), at("link-to-pipe")).expect("a link");
    symlink(at("loop"), at("loop")).expect("a link");
    let (ad, toml) = (at("ad"), at("toml"));
    let names = || {
        let mut names: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").flatten().collect();
        names.sort_by_key(std::fs::DirEntry::file_name);
        names.iter().map(|entry| (entry.file_name(), entry.metadata().expect("a file").len())).collect::<Vec<_>>()
    };
    // A file of settings: it follows links. A document: it may be a pipe or a device, too. An outbox: it follows no links.
    let settings: &[(&str, &str)] = &[
        ("pipe", "a pipe, not a regular file"),
        ("link-to-pipe", "a pipe, not a regular file"),
        ("socket", "a socket, not a regular file"),
        ("folder", "is a directory"),
        ("/dev/null", "a device, not a regular file"),
        ("/dev/zero", "a device, not a regular file"),
        ("loop", "Too many levels of symbolic links"),
    ];
    let mock: &[(&str, &str)] = &[
        ("pipe", "not a regular file"),
        ("socket", "not a regular file"),
        ("folder", "directory"),
        ("/dev/zero", "not a regular file"),
        ("loop", "Too many levels of symbolic links"),
    ];
    let documents: &[(&str, &str)] =
        &[("socket", "is a socket"), ("folder", "folder"), ("loop", "Too many levels of symbolic links")];
    let folders: &[(&str, &str)] =
        &["pipe", "socket", "notes", "/dev/null", "/dev/zero"].map(|path| (path, "Not a directory"));
    let outboxes: &[(&str, &str)] = &[
        ("pipe", "it is a pipe"),
        ("socket", "it is a socket"),
        ("folder", "is a directory"),
        ("link", "it is a symbolic link"),
        ("link-to-pipe", "it is a symbolic link"),
        ("loop", "it is a symbolic link"),
        ("/dev/null", "it is a device"),
        ("/dev/zero", "it is a device"),
        ("notes", "it does not have the format of an outbox"),
    ];
    let existing: &[(&str, &str)] =
        &["pipe", "socket", "folder", "link", "loop", "/dev/null", "notes"].map(|path| (path, "exists already"));
    // The text of a TOML file, where the arguments have one, and the name in the message.
    type Case<'a> = (&'a [&'a str], Option<&'a str>, &'a str, &'a [(&'a str, &'a str)]);
    let cases: &[Case<'_>] = &[
        (&["request", &ad, "--config", "PATH"], None, "--config: ", settings),
        (&["request", &ad, "--ca-file", "PATH"], None, "--ca-file: ", settings),
        (&["track", &ad, "--ca-file", "PATH"], None, "--ca-file: ", settings),
        (&["parse", &ad, "--ca-file", "PATH"], None, "--ca-file: ", settings),
        (&["check", &ad, "--ca-file", "PATH"], None, "--ca-file: ", settings),
        (&["request", &ad, "--config", &toml], Some("ca_file = 'PATH'"), "ca_file: ", settings),
        (
            &["request", "--config", &toml],
            Some("[[source]]\nurl = 'https://127.0.0.1:9/'\nclient_certificate = 'PATH'\nclient_key = 'PATH'"),
            "source[0].client_certificate: ",
            settings,
        ),
        (&["mock", "PATH"], None, "SCENARIO: ", mock),
        (&["mock", "--dir", "PATH"], None, "--dir: ", folders),
        (&["request", "PATH"], None, "SOURCE: ", documents),
        (&["request", "a=PATH"], None, "SOURCE `a=", documents),
        (&["request", &ad, "--fallback", "PATH"], None, "--fallback: ", documents),
        (&["request", "--config", &toml], Some("[[source]]\nfile = 'PATH'"), "source[0].file: ", documents),
        (&["request", &ad, "--config", &toml], Some("[[fallback]]\nfile = 'PATH'"), "fallback[0].file: ", documents),
        (&["parse", "PATH"], None, "INPUT: ", documents),
        (&["check", "PATH"], None, "INPUT: ", documents),
        (&["check", &ad, "PATH"], None, "INPUT: ", documents),
        (&["track", "PATH"], None, "INPUT: ", documents),
        (&["request", &ad, "--track", "--outbox", "PATH"], None, "--outbox: ", outboxes),
        (&["track", &ad, "--event", "start", "--fire", "--outbox", "PATH"], None, "--outbox: ", outboxes),
        (&["outbox", "list", "--outbox", "PATH"], None, "--outbox: ", outboxes),
        (&["outbox", "show", "1", "--outbox", "PATH"], None, "--outbox: ", outboxes),
        (&["outbox", "stats", "--outbox", "PATH"], None, "--outbox: ", outboxes),
        (&["outbox", "check", "--outbox", "PATH"], None, "--outbox: ", outboxes),
        (&["outbox", "flush", "--outbox", "PATH"], None, "--outbox: ", outboxes),
        (&["outbox", "requeue", "--outbox", "PATH"], None, "--outbox: ", outboxes),
        (&["outbox", "purge", "--outbox", "PATH"], None, "--outbox: ", outboxes),
        (&["outbox", "compact", "--outbox", "PATH"], None, "--outbox: ", outboxes),
        (&["outbox", "salvage", "PATH"], None, "FILE: ", outboxes),
        (&["outbox", "salvage", &ad, "--to", "PATH"], None, "--to: ", existing),
    ];
    for (arguments, text, name, paths) in cases {
        for (path, complaint) in *paths {
            let path = if path.starts_with('/') { (*path).to_owned() } else { at(path) };
            let text = text.map(|text| text.replace("PATH", &path));
            std::fs::write(&toml, text.unwrap_or_default()).expect("a file");
            let before = names();
            let arguments: Vec<_> = arguments.iter().map(|argument| argument.replace("PATH", &path)).collect();
            let ended = vast(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).run();
            let first = ended.stderr.lines().next().unwrap_or_default();
            let is_right = first.starts_with(&format!("error: {name}")) && first.contains(complaint);
            assert!(is_right && first.contains(&path), "{arguments:?}: {complaint}: {ended:?}");
            assert!(matches!(ended.code, Some(2 | 3)), "{arguments:?}: {ended:?}");
            assert_eq!(names(), before, "{arguments:?}");
        }
    }
}

/// A pipe may be a document, as in `vast parse <(command)`. One to which no process writes ends at the time limit, with its name.
#[cfg(unix)]
#[test]
fn a_pipe_without_a_writer_ends_at_the_time_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let pipe = pipe.to_str().expect("a path");
    // All at the same time.
    let started = ["parse", "check", "track"].map(|command| vast(&[command, pipe, "--timeout", "1s"]).start());
    // At the end of the whole time, a lane is not asked for the reason if the machine was busy for longer than 20 ms.
    let request = ["request", pipe, "--timeout", "60s", "--source-timeout", "2s", "--format", "json"];
    let request = vast(&request).start();
    for child in started {
        let ended = RunResult::from(child.wait_with_output().expect("the binary ends"));
        // If the machine was busy when the time was over, the message does not say that it is a pipe.
        let stderr = ended.stderr.replace("it is a pipe: ", "");
        assert_complaint(&RunResult { stderr, ..ended }, 3, &format!("error: {pipe}: no answer within --timeout"));
    }
    let ended = RunResult::from(request.wait_with_output().expect("the binary ends"));
    let reason = ended.json()["sources"][0]["reason"].as_str().map(str::to_owned);
    assert!(reason.is_some_and(|reason| reason.starts_with("it is a pipe: no answer within")), "{ended:?}");
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
