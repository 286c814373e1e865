//! `vast replay`.

use std::fs;

use crate::binary::vast;
use crate::servers::{asked, at, start};

/// The path of a file in a folder, as an argument.
fn path(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_str().expect("a path in UTF-8").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_replayed_without_its_servers() {
    let (mock, folder) = (start().await, tempfile::tempdir().expect("a folder"));
    for (name, sources, extra) in [
        ("ad", vec!["/ad"], &[][..]),
        ("chain", vec!["/empty", "/wrapper"], &["--mode", "sequential"]),
        ("race", vec!["/hang", "/ad"], &["--mode", "race"]),
        ("playlist", vec!["/playlist"], &[]),
        ("failed", vec!["/page", "/missing"], &[]),
        ("tracked", vec!["/wrapper"], &["--track"]),
    ] {
        let file = path(&folder, name);
        let sources: Vec<String> = sources.iter().map(|path| at(&mock, path)).collect();
        let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
        let always = ["--allow-private", "--format", "json", "--record-full", "--record", &file];
        let live = vast(&[&["request"][..], &sources, extra, &always].concat()).run();
        let before = asked(&mock);
        let again = vast(&["replay", &file, "--format", "json"]).run();
        assert_eq!((again.code, &again.stdout), (live.code, &live.stdout), "{name}: {}", again.stderr);
        assert!(!again.stderr.contains("differs"), "{name}: {}", again.stderr);
        assert_eq!(asked(&mock), before, "{name}: nothing is asked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_settings_and_folders_are_compared() {
    let (mock, folder) = (start().await, tempfile::tempdir().expect("a folder"));
    let records = path(&folder, "many/");
    let source = format!("ad={}", at(&mock, "/ad"));
    let run = vast(&["request", &source, "--repeat", "3", "--record", &records, "--format", "json"]).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);

    let strict = vast(&["replay", &records, "--format", "json", "--min-duration", "60s"]).run();
    let json = strict.json();
    assert_eq!((strict.code, json["recordings"].as_u64(), json["undecidable"].as_u64()), (Some(1), Some(3), Some(0)));
    assert_eq!((json["then"]["filled"].as_u64(), json["now"]["filled"].as_u64()), (Some(3), Some(0)));
    assert_eq!(json["differing"].as_array().map(Vec::len), Some(3));

    let text = vast(&["replay", &records]).run();
    assert!(text.stdout.starts_with("3 recordings: none is answered in another way\n"), "{}", text.stdout);

    let other = path(&folder, "other.toml");
    fs::write(&other, "source = [{ name = \"spare\", url = \"https://spare.example/\" }]").expect("a file");
    let spare = vast(&["replay", &records, "--config", &other]).run();
    assert_eq!(spare.code, Some(3), "{}", spare.stdout);
    assert!(spare.stdout.contains("3 are undecidable"), "{}", spare.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_change_nothing_make_no_what_if() {
    let (mock, folder) = (start().await, tempfile::tempdir().expect("a folder"));
    let (file, other) = (path(&folder, "ad"), path(&folder, "other.toml"));
    let source = format!("ad={}", at(&mock, "/ad"));
    let limited = ["--timeout", "2900ms"];
    let asked = ["request", &source, "--format", "json", "--record-full", "--record", &file];
    let live = vast(&[&asked[..], &limited].concat()).run();
    for (text, arguments) in [
        ("record = { dir = \"recordings\" }", &[][..]),
        ("# nothing", &[]),
        ("timeout = \"2900ms\"", &[]),
        ("", &limited),
    ] {
        fs::write(&other, text).expect("a file");
        let again = vast(&[&["replay", &file, "--config", &other, "--format", "json"], arguments].concat()).run();
        assert_eq!((again.code, &again.stdout), (live.code, &live.stdout), "{text} {arguments:?}: {}", again.stderr);
    }
    assert!(!folder.path().join("recordings").exists());
    fs::write(&other, "timeout = \"3s\"").expect("a file");
    let default = vast(&["replay", &file, "--config", &other, "--format", "json"]).run();
    assert_ne!(default.stdout, live.stdout, "a value that is the default is a setting too");
}

#[test]
fn a_file_that_is_no_recording_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = path(&folder, "ad.xml");
    fs::write(&file, "<VAST/>").expect("a file");
    let cases = [
        (file, "not a recording"),
        (path(&folder, "missing"), "No such file"),
        (path(&folder, ""), "there is no recording"),
    ];
    for (file, words) in cases {
        let run = vast(&["replay", &file]).run();
        assert_eq!((run.code, run.stdout.as_str()), (Some(3), ""), "{file}");
        assert!(run.stderr.starts_with("error: `") && run.stderr.contains(words), "{}", run.stderr);
    }
}
