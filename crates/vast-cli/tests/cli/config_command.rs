//! `vast config check`.

use crate::binary::{RunResult, vast};

fn check(text: &str) -> RunResult {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("prod.toml");
    std::fs::write(&path, text).expect("the file can be written");
    let mut run = vast(&["config", "check", &path.display().to_string()]).run();
    for output in [&mut run.stdout, &mut run.stderr] {
        *output = output.replace(&folder.path().display().to_string(), "FOLDER");
    }
    run
}

#[test]
fn a_configuration_is_shown_as_tables_with_warnings() {
    let run = check(
        r#"
        mode = "staggered"
        timeout = "2500ms"
        order = "split"
        breaker = { failures = 3 }
        [[source]]
        name = "east"
        url = "https://ads.example/vast?cb=[CACHEBUSTING]&t=[TRANSACTIONID]"
        cache_ttl = "10s"
        max_concurrent = 8
        [[source]]
        name = "west"
        url = "https://west.example/vast"
        source_timeout = "4s"
        weight = 3
        ip = "truncate"
        breaker = { enabled = false }
        [[source]]
        url = "https://north.example/vast"
        allow_private = true
        [[fallback]]
        name = "house"
        xml = "<VAST version='3.0'/>"
        [[arm]]
        name = "control"
        share = 100
        sources = ["east", "west"]
        [[arm]]
        name = "new"
        share = 0
        sources = ["west", "east"]
        mode = "race"
        timeout = "2s"
        filter = { max_duration = "20s" }
        [filter]
        media_types = ["video"]
        min_duration = "15s"
        max_duration = "30s"
        blocked_categories = ["IAB1"]
        "#,
    );
    assert_eq!(run.code, Some(0), "{run:?}");
    insta::assert_snapshot!("config-check", run.stdout);
}

#[test]
fn a_configuration_without_anything_special_has_no_warnings() {
    let run = check("[[source]]\nurl = \"https://ads.example/vast\"\n");
    assert_eq!((run.code, run.stdout.contains("warning")), (Some(0), false), "{run:?}");
    assert!(run.stdout.starts_with("✓ FOLDER/prod.toml: 1 source, 0 fallbacks\n"), "{run:?}");
}

#[test]
fn a_wrong_configuration_ends_with_2_and_names_the_key_and_the_remedy() {
    let source = "[[source]]\nname = \"a\"\nurl = \"https://ads.example/vast\"\n";
    let arm = |share: u32| format!("[[arm]]\nname = \"x\"\nshare = {share}\nsources = [\"a\"]\n");
    let cases = [
        ("timeot = \"3s\"\n".to_owned(), "line 1: unknown key `timeot`: did you mean `timeout`?"),
        ("[placment.a]\n".to_owned(), "line 1: unknown table `placment`: did you mean `placement`?"),
        ("timeout = 3\n".to_owned(), "line 1, `timeout`: `3` has no unit: write \"3s\" or \"3ms\""),
        (arm(90), "arm[0].share: the shares of all arms are 90 percent together: change them so that they are 100"),
        (arm(50) + &arm(50), "arm[1].name: `x` is used by another arm: give each its own name"),
        ("order = \"weighted\"\n".to_owned(), "source[0].weight: all sources have `weight = 0`"),
        ("[[source]]\nurl = \"htp://x\"\n".to_owned(), "source[0].url: `htp://x`: the scheme"),
    ];
    for (start, expected) in cases {
        let source = if start.starts_with("order") { format!("{source}weight = 0\n") } else { source.to_owned() };
        let text = if start.starts_with("[[arm") { format!("{source}{start}") } else { format!("{start}{source}") };
        let run = check(&text);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
        assert!(run.stderr.starts_with(&format!("error: FILE: `FOLDER/prod.toml`: {expected}")), "{run:?}");
    }
    let missing = vast(&["config", "check", "./no-such-file.toml"]).run();
    assert_eq!(missing.code, Some(2), "{missing:?}");
}
