//! `vast request --record`, and `record` of a configuration file.

use std::fs;
use std::path::{Path, PathBuf};

use vast_client::recording::{PersonalValues, Recording, read_file};

use crate::binary::vast;
use crate::servers::{at, start};

fn read(path: &Path) -> Recording {
    let mut recordings = read_file(path).expect("a file");
    let recording = recordings.next().expect("a recording").expect("it can be read");
    assert!(recordings.next().is_none(), "one recording");
    recording
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_recorded_to_a_new_file() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("answer.vastrec");
    let (shown, url) = (path.display().to_string(), at(&mock, "/ad"));
    let arguments = [
        "request",
        &url,
        "--format",
        "json",
        "--device-ifa",
        "8d8ac610-566d-4ef0-9c22-186b2a5ed793",
        "--record",
        &shown,
    ];
    let run = vast(&arguments).run();
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let recording = read(&path);
    assert_eq!(recording.personal_values, PersonalValues::Replaced);
    assert_eq!(recording.exchanges.len(), 1);
    assert!(!recording.request.config.contains("8d8ac610"), "{}", recording.request.config);
    let again = vast(&arguments).run();
    assert_eq!(again.code, Some(2));
    assert!(again.stderr.contains("exists already") && again.stderr.contains("--force"), "{}", again.stderr);
    let full = vast(&[&arguments[..], &["--force", "--record-full"]].concat()).run();
    assert_eq!(full.code, Some(0));
    assert!(full.stderr.contains("personal values"), "{}", full.stderr);
    let recording = read(&path);
    assert_eq!(recording.personal_values, PersonalValues::Kept);
    assert!(recording.request.config.contains("8d8ac610"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_gets_a_file_for_each_request() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new");
    let (shown, url) = (format!("{}/", path.display()), at(&mock, "/ad"));
    let run = vast(&["request", &url, "--format", "json", "--record", &shown]).run();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.starts_with("recorded: "), "{}", run.stderr);
    assert_eq!(files(&path).len(), 1);
    let run = vast(&["request", &url, "--format", "json", "--repeat", "3", "--record", &shown]).run();
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(files(&path).len(), 4);
    files(&path).iter().for_each(|path| drop(read(path)));
    let file = folder.path().join("one").display().to_string();
    let run = vast(&["request", &url, "--format", "json", "--repeat", "3", "--record", &file]).run();
    assert_eq!(run.code, Some(2), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_file_records_what_it_names() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("prod.toml");
    let write = |record: &str| {
        let text = format!("record = {record}\n[[source]]\nname = 'missing'\nurl = '{}'\n", at(&mock, "/missing"));
        fs::write(&config, text).expect("a file");
    };
    let shown = config.display().to_string();
    write("{ dir = 'kept', sample = 0.0, always = ['failed'], max_files = 2 }");
    let run = vast(&["request", "--config", &shown, "--format", "json", "--repeat", "3"]).run();
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(files(&folder.path().join("kept")).len(), 2);
    let check = vast(&["config", "check", &shown]).run();
    assert!(check.stdout.contains("record") && check.stdout.contains("failed"), "{}", check.stdout);
    for (record, expected) in [
        ("{ sample = 0.5 }", "record.dir"),
        ("{ dir = 'x', sample = 2.0 }", "0 to 1"),
        ("{ dir = 'x', max_file = 2 }", "max_files"),
        ("{ dir = 'x', always = ['slow'] }", "no_ad"),
    ] {
        write(record);
        for arguments in [["config", "check", &shown], ["request", "--config", &shown]] {
            let run = vast(&arguments).run();
            assert_eq!(run.code, Some(2), "{run:?}");
            assert!(run.stderr.contains(expected), "{}", run.stderr);
        }
        assert!(!folder.path().join("x").exists(), "a wrong configuration makes no folder");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_a_warning() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let shown = format!("{}/", folder.path().display());
    let arguments = ["request", &at(&mock, "/ad"), "--format", "json", "--repeat", "2", "--record", &shown];
    let run = vast(&arguments).on_a_disk_of(0).run();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("2 of 2 recordings are lost"), "{}", run.stderr);
}
