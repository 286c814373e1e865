//! `vast diff`.

use crate::binary::{RunResult, vast};
use crate::schema::assert_valid;
use crate::servers::{at, start};

const SCHEMA: &str = include_str!("../../../../docs/schema/diff.json");

fn ad(title: &str, number: u32) -> String {
    format!(
        "<VAST version='4.2'><Ad id='1'><InLine><AdSystem>house</AdSystem><AdTitle>{title}</AdTitle><Impression>https://a.example/i?cb={number}\
         </Impression><Creatives><Creative><Linear><Duration>00:00:15</Duration></Linear></Creative></Creatives></InLine></Ad></VAST>"
    )
}

/// Compares two documents with these arguments after their paths.
fn diff(a: &str, b: &str, arguments: &[&str]) -> RunResult {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("the file can be written");
        path.display().to_string()
    };
    let (a, b) = (path("a.xml", a), path("b.xml", b));
    let mut run = vast(&[&["diff", a.as_str(), b.as_str()], arguments].concat()).run();
    for output in [&mut run.stdout, &mut run.stderr] {
        *output = output.replace(&folder.path().display().to_string(), "FOLDER");
    }
    run
}

#[test]
fn the_exit_code_says_whether_something_differs() {
    let shoes = ad("Shoes", 1);
    let cases: [(&str, String, &[&str], i32); 5] = [
        ("the same", shoes.clone(), &[], 0),
        ("another cachebuster", ad("Shoes", 2), &[], 0),
        ("another cachebuster, exact", ad("Shoes", 2), &["--exact"], 1),
        ("another title", ad("Boots", 1), &[], 1),
        ("no VAST", "<html/>".to_owned(), &[], 4),
    ];
    for (case, other, arguments, expected) in cases {
        let run = diff(&shoes, &other, arguments);
        assert_eq!(run.code, Some(expected), "{case}: {run:?}");
    }
}

#[test]
fn wrong_arguments_end_with_2_and_an_unreadable_document_with_3() {
    for (arguments, expected, message) in [
        (&["diff", "a.xml"][..], 2, "B"),
        (&["diff", "-", "-"], 2, "standard input can be read once"),
        (&["diff", "./no-such-file.xml", "./no-such-file.xml"], 3, "no-such-file.xml"),
    ] {
        let run = vast(arguments).run();
        assert_eq!(run.code, Some(expected), "{run:?}");
        assert!(run.stderr.contains(message), "{run:?}");
    }
}

#[test]
fn the_differences_are_a_table_or_json() {
    let (a, b) = (ad("Shoes", 1), ad("Boots", 2).replace("00:00:15", "00:00:30"));
    insta::assert_snapshot!("diff", diff(&a, &b, &[]).stdout);
    insta::assert_snapshot!("diff-json", diff(&a, &b, &["--format", "json"]).stdout);
    assert_valid(SCHEMA, &diff(&a, &b, &["--format", "json"]).json());
    let equal = diff(&a, &a, &[]).stdout;
    assert_eq!(equal, "✓ no differences between FOLDER/a.xml and FOLDER/b.xml\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answers_of_two_recordings_are_compared() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let record = |name: &str, east: &str, west: &str| {
        let file = folder.path().join(name).display().to_string();
        let (east, west) = (format!("east={}", at(&mock, east)), format!("west={}", at(&mock, west)));
        let run = vast(&["request", "--allow-private", "--mode", "sequential", &east, &west, "--record", &file]).run();
        assert_eq!(run.code, Some(0), "{run:?}");
        file
    };
    let (east, again, west) =
        (record("east", "/ad", "/empty"), record("again", "/ad", "/empty"), record("west", "/empty", "/wrapper"));
    drop(mock);
    let run = |arguments: &[&str]| {
        let mut run = vast(&[&["diff"], arguments].concat()).run();
        run.stdout = run.stdout.replace(&folder.path().display().to_string(), "FOLDER");
        run
    };
    let equal = run(&[&east, &again]);
    assert_eq!((equal.code, equal.stderr.as_str()), (Some(0), ""), "{equal:?}");
    assert_eq!(
        equal.stdout,
        "✓ no differences between FOLDER/east and FOLDER/again\neast won; east: filled, west: not_started\n"
    );
    let table = run(&[&east, &west]);
    assert_eq!((table.code, table.stderr.as_str()), (Some(1), ""), "{table:?}");
    for line in ["- east won; east: filled, west: not_started", "+ west won; east: no_ad, west: filled"] {
        assert!(table.stdout.lines().any(|printed| printed == line), "{}", table.stdout);
    }
    let json = run(&[&east, &west, "--format", "json"]).json();
    assert_valid(SCHEMA, &json);
    assert_eq!(json["b_answer"]["winner"], "west");
    let rows: Vec<_> = json["differences"].as_array().expect("rows").iter().map(|row| row["name"].as_str()).collect();
    for name in ["winner", "outcome of east", "outcome of west", "source", "wrapper", "impression", "start"] {
        assert!(rows.contains(&Some(name)), "{name}: {rows:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_cannot_be_compared_has_a_message() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (one, two, both, cut, xml) = (path("one"), path("two"), path("both"), path("cut"), path("a.xml"));
    let mut ids = Vec::new();
    for file in [&one, &two] {
        let arguments = ["request", "--allow-private", &at(&mock, "/ad"), "--record", file, "--format", "json"];
        ids.push(vast(&arguments).run().json()["metadata"]["request_id"].as_str().expect("an id").to_owned());
    }
    let read = |file: &String| vast_client::read_regular_file(file.as_ref(), 1 << 20).expect("a recording");
    std::fs::write(&both, [read(&one), read(&two)].concat()).expect("it can be written");
    std::fs::write(&cut, &read(&one)[..40]).expect("it can be written");
    std::fs::write(&xml, ad("Shoes", 1)).expect("it can be written");
    let cases: [(&[&str], i32, &str); 14] = [
        (&[&one, &both, "--request-b", &ids[1]], 0, ""),
        (&[&both, &both, "--request-a", &ids[0], "--request-b", &ids[1]], 0, ""),
        (&[&one, &both], 2, "has 2 recordings: select one with --request-b ID"),
        (&[&both, &one, "--request-a", "other"], 3, "there is no such recording"),
        (&[&one, &xml], 2, "A is a recording and B is a document"),
        (&[&xml, &one], 2, "B is a recording and A is a document"),
        (&[&xml, &xml, "--request-a", "x"], 2, "--request-a: selects a recording"),
        (&[&one, "https://ads.invalid/"], 2, "A is a recording and B is a document"),
        (&[&one, "./no-such-file"], 3, "no-such-file"),
        (&[&one, &cut], 3, "recording 1 at byte 0"),
        (&[&one, &two, "--timeout", "1s"], 2, "--timeout: two recordings are compared, so nothing is requested"),
        (&[&one, &two, "--header", "a: b"], 2, "--header: two recordings"),
        (&[&one, &two, "--ca-file", "ca.pem"], 2, "--ca-file: two recordings"),
        (&[&one, &two, "--insecure"], 2, "--insecure: two recordings"),
    ];
    for (arguments, code, message) in cases {
        let run = vast(&[&["diff"], arguments].concat()).run();
        assert_eq!(run.code, Some(code), "{arguments:?}: {run:?}");
        assert!(run.stderr.contains(message), "{run:?}");
    }
}
