//! `vast diff`.

use crate::binary::{RunResult, vast};

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
    let equal = diff(&a, &a, &[]).stdout;
    assert_eq!(equal, "✓ no differences between FOLDER/a.xml and FOLDER/b.xml\n");
}
