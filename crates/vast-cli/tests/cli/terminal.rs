//! Colours, widths and messages: output that depends on the terminal, and text that must never reach it.

use crate::binary::{VastRun, vast};
use crate::servers::{at, start};

const HOUSE: &str = include_str!("house.xml");

fn request_from_stdin(arguments: &[&str]) -> VastRun {
    vast(&[&["request", "-"], arguments].concat()).input(HOUSE)
}

#[test]
fn the_argument_the_environment_and_the_terminal_decide_about_colours() {
    type Environment = [(&'static str, &'static str)];
    let cases: [(&[&str], &Environment, bool); 12] = [
        (&[], &[], false),
        (&["--color", "auto"], &[], false),
        (&["--color", "always"], &[], true),
        (&["--color", "always"], &[("NO_COLOR", "1")], true),
        (&["--color", "never"], &[("FORCE_COLOR", "1")], false),
        (&[], &[("FORCE_COLOR", "1")], true),
        (&[], &[("FORCE_COLOR", "0")], false),
        (&[], &[("FORCE_COLOR", "0"), ("CLICOLOR_FORCE", "1")], false),
        (&[], &[("FORCE_COLOR", "")], false),
        (&[], &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], false),
        (&[], &[("CLICOLOR_FORCE", "1")], true),
        (&["--color", "auto"], &[("FORCE_COLOR", "1")], true),
    ];
    for (arguments, environment, expected) in cases {
        let run =
            environment.iter().fold(request_from_stdin(arguments), |run, (name, value)| run.environment(name, value));
        let stdout = run.run().stdout;
        assert_eq!(stdout.contains('\u{1b}'), expected, "{arguments:?} {environment:?}: {stdout}");
    }
    let help = vast(&["request", "--help"]).environment("FORCE_COLOR", "1").run();
    assert!(help.stdout.contains('\u{1b}'), "help too");
}

/// Yellow text cannot be read on a light background.
#[tokio::test(flavor = "multi_thread")]
async fn yellow_is_not_used() {
    let mock = start().await;
    let (empty, wrapper) = (at(&mock, "/empty"), at(&mock, "/wrapper"));
    for arguments in [
        &["request", "--color", "always", "-v", empty.as_str(), &wrapper][..],
        &["parse", "--color", "always", "-v", &wrapper],
        &["check", "--color", "always", "-v", &wrapper],
    ] {
        let stdout = vast(arguments).run().stdout;
        assert!(stdout.contains('\u{1b}'), "{arguments:?}");
        for yellow in ["[33m", "[93m", ";33m", ";93m", "[33;", "[93;"] {
            assert!(!stdout.contains(yellow), "{arguments:?}: {stdout}");
        }
    }
}

/// A document whose title, id and URLs are wider than any terminal.
fn wide() -> String {
    let url = format!("https://cdn.example/{}/shoes.mp4", "path/".repeat(60));
    let impression = format!("https://ads.example/{}?end", "seen/".repeat(60));
    HOUSE
        .replace("<Impression>", &format!("<Impression>{impression}</Impression><Impression>"))
        .replace("<MediaFiles>", &format!("<MediaFiles><MediaFile delivery=\"progressive\" type=\"video/mp4\" width=\"1920\" height=\"1080\">{url}</MediaFile>"))
}

#[test]
fn without_a_terminal_nothing_is_shortened() {
    let url = format!("https://cdn.example/{}/shoes.mp4", "path/".repeat(60));
    let impression = format!("https://ads.example/{}?end", "seen/".repeat(60));
    for arguments in [&["parse", "-"][..], &["parse", "-", "-v"], &["request", "-", "--dimensions", "1920x1080"]] {
        let shown = vast(arguments).without_columns().input(wide()).run();
        assert!(shown.stdout.contains(&url), "{arguments:?}: {}", shown.stdout);
        assert!(!shown.stdout.contains('…'), "{arguments:?}: {}", shown.stdout);
    }
    for arguments in [&["parse", "-", "-v"][..], &["track", "-"], &["request", "-", "-v"]] {
        let shown = vast(arguments).without_columns().input(wide()).run();
        assert!(shown.stdout.contains(&impression), "{arguments:?}: {}", shown.stdout);
    }
    let shortened = vast(&["parse", "-"]).input(wide()).run();
    assert!(shortened.stdout.contains('…'), "COLUMNS gives a width: {}", shortened.stdout);
}

/// The URLs of trackers in the JSON of `parse` or `request`, at any depth.
fn tracker_urls(json: &serde_json::Value, is_tracker: bool, found: &mut Vec<String>) {
    match json {
        serde_json::Value::String(text) if is_tracker && text.starts_with("http") => found.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| tracker_urls(item, is_tracker, found)),
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                let names = ["tracking", "impressions", "error", "viewable", "custom_clicks"];
                let is_tracker = is_tracker || names.iter().any(|part| name.contains(part));
                tracker_urls(member, is_tracker, found);
            }
        }
        _ => {}
    }
}

/// The help of `-v` promises that the URLs of all trackers are printed.
#[test]
fn verbose_lists_every_tracker_url() {
    let mut documents = 0;
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/xml")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let path = path.to_str().expect("a path");
        let parsed = vast(&["parse", "--format", "json", path]).run();
        let name = path.rsplit('/').next().unwrap_or_default();
        if parsed.code != Some(0) || name.contains("vmap") || name.contains("playlist") {
            continue;
        }
        let mut urls = Vec::new();
        tracker_urls(&parsed.json(), false, &mut urls);
        let shown = vast(&["parse", "-v", path]).without_columns().run().stdout;
        for url in urls {
            assert!(shown.contains(&url), "{path}: {url}\n{shown}");
        }
        documents += 1;
    }
    assert!(documents > 20, "{documents}");
    let house = vast(&["track", "-", "--format", "json"]).input(HOUSE).run().json();
    let shown = request_from_stdin(&["-v"]).without_columns().run().stdout;
    for tracker in house["trackers"].as_array().expect("a list") {
        let url = tracker["url"].as_str().expect("a URL");
        let start = url.split("[").next().unwrap_or_default();
        assert!(shown.contains(start), "{url}\n{shown}");
    }
}

/// Tags contain secrets in user names, passwords and queries, and stderr is often stored in logs.
#[tokio::test(flavor = "multi_thread")]
async fn passwords_and_queries_never_reach_stderr() {
    let mock = start().await;
    let missing = at(&mock, "/missing?key=SECRET");
    let with_user = missing.replace("http://", "http://USER:SECRET@");
    let page = at(&mock, "/page?key=SECRET#SECRET");
    let cases: &[&[&str]] = &[
        &["request", &with_user],
        &["request", "htp://ads.example/?key=SECRET"],
        &["request", "ads.example/vast?key=SECRET"],
        &["request", "./no-such-file.xml?key=SECRET"],
        &["request", "east=https://USER:SECRET@ads.example/"],
        &["request", "--fallback", &with_user, &missing],
        &["request", "--allow-private", "--track", &missing],
        &["parse", &missing],
        &["parse", &with_user],
        &["parse", &page],
        &["check", &missing],
        &["track", &missing],
        &["track", &page, "--event", "start"],
        &["track", &with_user, "--event", "start"],
        &["track", "https://ads.invalid/?key=SECRET", "--timeout", "300ms"],
    ];
    for arguments in cases {
        let result = vast(arguments).run();
        assert!(
            !result.stderr.contains("SECRET") && !result.stderr.contains("USER"),
            "{arguments:?}: {}",
            result.stderr
        );
    }
    let named = vast(&["parse", &missing]).run();
    assert!(named.stderr.contains(&at(&mock, "/missing?...: the server answered")), "{}", named.stderr);
}

#[test]
fn messages_have_no_direction_marks() {
    for character in ['\u{202e}', '\u{2066}', '\u{200f}', '\u{61c}', '\u{9b}', '\u{feff}', '\n', '\u{1b}'] {
        for arguments in [&["request"][..], &["parse"], &["track"], &["mock"], &["outbox", "list", "--outbox"]] {
            let path = format!("./no-such-{character}file");
            let result = vast(&[arguments, &[path.as_str()]].concat()).run();
            let first = result.stderr.lines().next().unwrap_or_default();
            assert!(!first.contains(character) && first.contains("no-such-\\"), "{arguments:?}: {result:?}");
        }
    }
}

/// The names in messages are those of the flags. The JSON has the keys of the configuration.
#[tokio::test(flavor = "multi_thread")]
async fn messages_about_limits_name_the_flags() {
    let mock = start().await;
    let (hang, wrapper) = (at(&mock, "/hang"), at(&mock, "/wrapper"));
    let cases: [(&[&str], &str, &str); 6] = [
        (&[&hang, "--timeout", "250ms"], "within --timeout", "within `timeout`"),
        (&[&hang, "--source-timeout", "250ms"], "within --source-timeout", "within `source_timeout`"),
        (&[&hang, "--attempt-timeout", "250ms"], "within --attempt-timeout", "within `attempt_timeout`"),
        (&[&wrapper, "--max-wrapper-depth", "0"], "(--max-wrapper-depth)", "(`max_wrapper_depth`)"),
        (&[&wrapper, "--max-exchanges", "1"], "(raise --max-exchanges)", "(raise `max_exchanges`)"),
        (&[&wrapper, "--max-source-bytes", "10"], "(raise --max-source-bytes)", "(raise `max_source_bytes`)"),
    ];
    for (arguments, flag, key) in cases {
        let human = vast(&[&["request"], arguments].concat()).without_columns().run().stdout;
        assert!(human.contains(flag) && !human.contains(key), "{arguments:?}: {human}");
        let json = vast(&[&["request", "--format", "json"], arguments].concat()).run().json();
        let reason = json["sources"][0]["reason"].as_str().unwrap_or_default();
        assert!(reason.contains(key), "{arguments:?}: {reason}");
    }
    let parsed = vast(&["parse", &hang, "--timeout", "250ms"]).run();
    assert!(parsed.stderr.contains("within --timeout"), "{parsed:?}");
}
