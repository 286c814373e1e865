//! `vast check`: findings with their lines, exit codes, JSON.

use insta::assert_snapshot;

use crate::binary::{RunResult, vast};
use crate::schema::assert_valid;
use crate::servers::{at, start};

const SCHEMA: &str = include_str!("../../../../docs/schema/check.json");
const FILES_SCHEMA: &str = include_str!("../../../../docs/schema/check-files.json");
const SARIF: &str = include_str!("check/sarif.json");

/// A document without findings, vastlint-core included.
const CLEAN: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<VAST version="4.2"><Ad id="1"><InLine>
<AdSystem version="1.0">Acme</AdSystem><AdTitle>Shoes for two</AdTitle><AdServingId>serving-1</AdServingId>
<Impression id="acme"><![CDATA[https://t.example/seen?cb=[CACHEBUSTING]]]></Impression>
<Error><![CDATA[https://t.example/error?code=[ERRORCODE]]]></Error>
<Creatives><Creative id="c-1"><UniversalAdId idRegistry="ad-id.org">CNPA0484000H</UniversalAdId>
<Linear><Duration>00:00:15</Duration>
<TrackingEvents><Tracking event="start"><![CDATA[https://t.example/start]]></Tracking></TrackingEvents>
<MediaFiles><Mezzanine delivery="progressive" type="video/mp4" width="1920" height="1080"><![CDATA[https://cdn.example/m.mp4]]></Mezzanine>
<MediaFile delivery="progressive" type="video/mp4" width="1280" height="720"><![CDATA[https://cdn.example/a.mp4]]></MediaFile></MediaFiles>
</Linear></Creative></Creatives></InLine></Ad></VAST>
"#;

/// A wrapper with mistakes that are common in real tags.
const WRAPPER: &str = include_str!("check/wrapper.xml");

fn check(document: impl Into<Vec<u8>>, arguments: &[&str]) -> RunResult {
    vast(&[&["check", "-"], arguments].concat()).input(document).run()
}

#[track_caller]
fn assert_shown(name: &str, ended: &RunResult, code: i32) {
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(code), ""), "{ended:?}");
    insta::with_settings!({ omit_expression => true }, { assert_snapshot!(name, ended.stdout) });
}

#[test]
fn a_clean_document() {
    assert_shown("check-clean", &check(CLEAN, &[]), 0);
}

#[test]
fn a_wrapper_with_mistakes() {
    assert_shown("check-wrapper", &check(WRAPPER, &[]), 1);
    assert_shown("check-wrapper-json", &check(WRAPPER, &["--format", "json"]), 1);
}

#[test]
fn a_long_line_is_cut_around_the_position() {
    let trackers = "<Impression><![CDATA[https://t.example/impression]]></Impression>".repeat(1_600);
    let document = CLEAN.replace('\n', "").replace("<Error>", &format!("{trackers}<Error>"));
    let document = document.replace("<Duration>00:00:15<", "<Duration>15 s<");
    assert!(document.len() > 100_000);
    let ended = check(document, &[]);
    assert!(ended.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ended.stdout);
    assert_shown("check-one-line", &ended, 1);
}

#[test]
fn broken_xml_is_shown_at_its_position() {
    assert_shown("check-broken", &check("<VAST version=\"4.2\">\n  <Ad>\n    <InLine></Wrapper>\n</VAST>", &[]), 4);
}

#[test]
fn a_document_that_is_not_vast_ends_with_4() {
    for (document, rule) in [
        ("", "VC-empty"),
        ("<html></html>", "VC-html"),
        ("<rss/>", "VC-not-vast"),
        ("<!DOCTYPE VAST [<!ENTITY a \"b\">]><VAST/>", "VC-doctype"),
        (&"<VAST>".repeat(100), "VC-limit"),
    ] {
        let ended = check(document, &["--format", "json"]);
        let json = ended.json();
        assert_valid(SCHEMA, &json);
        assert_eq!(
            (ended.code, &json["findings"][0]["rule"], &json["document"]),
            (Some(4), &rule.into(), &"unreadable".into())
        );
    }
}

#[test]
fn control_characters_and_wide_characters_do_not_move_the_mark() {
    let title = "\u{9b}31m\u{202e}\u{7}広告\t";
    let document =
        CLEAN.replace("<AdTitle>Shoes for two</AdTitle>", &format!("<AdTitle>{title}</AdTitle><{title}x/><Deal/>"));
    let ended = check(document.replace("CNPA", "\u{1b}[2J"), &["--verbose"]);
    let is_safe = |char: char| char == '\n' || !(char.is_control() || char == '\u{202e}');
    assert!(ended.stdout.chars().all(is_safe), "{ended:?}");
    assert_shown("check-hostile", &ended, 1);
}

#[test]
fn a_playlist_is_checked_too() {
    let ad = CLEAN.split_once("?>").expect("a declaration").1.replace("CACHEBUSTING", "CACHEBUSTIN");
    let playlist = format!(
        "<vmap:VMAP xmlns:vmap=\"http://www.iab.net/videosuite/vmap\" version=\"1.0\"><vmap:AdBreak timeOffset=\"start\" breakType=\"linear\">\n\
         <vmap:AdSource id=\"1\"><vmap:VASTAdData>{ad}</vmap:VASTAdData></vmap:AdSource></vmap:AdBreak></vmap:VMAP>"
    );
    assert_shown("check-playlist", &check(playlist, &[]), 0);
}

#[test]
fn findings_can_be_filtered() {
    let rules = |arguments: &[&str]| {
        let ended = check(WRAPPER, &[arguments, &["--format", "json"]].concat());
        let json = ended.json();
        assert_valid(SCHEMA, &json);
        let rules = json["findings"].as_array().expect("a list").iter();
        (ended.code, rules.map(|finding| finding["rule"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>())
    };
    let (code, all) = rules(&[]);
    assert_eq!(code, Some(1));
    let (code, errors) = rules(&["--severity", "error"]);
    assert_eq!((code, errors.as_slice()), (Some(1), &["VC-progress-without-offset".to_owned()][..]));
    let (code, others) = rules(&["--ignore", "vc-progress-without-offset,VAST-2.0-macro-unknown"]);
    assert_eq!((code, others.len()), (Some(0), all.len() - 2));
}

/// A folder with a document for each exit code, in the order of the names.
fn documents() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let below = folder.path().join("below it");
    std::fs::create_dir(&below).expect("a folder");
    let files = [("clean.xml", CLEAN), ("wrapper.xml", WRAPPER), ("ignored.txt", "not XML")];
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    std::fs::write(below.join("page.XML"), "<html></html>").expect("a file");
    folder
}

#[test]
fn several_inputs_have_a_sum_and_the_worst_exit_code() {
    let folder = documents();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (clean, wrapper, page, missing) =
        (path("clean.xml"), path("wrapper.xml"), path("below it/page.XML"), path("no.xml"));
    let cases: &[(&[&str], i32, &str)] = &[
        (&[&clean, &clean], 0, "2 documents checked: nothing found"),
        (&[&clean, &wrapper], 1, "2 documents checked: 1 error, "),
        (&[&wrapper, &missing, &clean], 3, " 1 not readable"),
        (&[&page, &missing, &wrapper], 4, " 1 not VAST, 1 not readable"),
        (&[&path("")], 4, "3 documents checked: "),
    ];
    for (inputs, code, sum) in cases {
        let ended = vast(&[&["check"], *inputs].concat()).run();
        let last = ended.stdout.lines().last().unwrap_or_default();
        assert!(ended.code == Some(*code) && last.contains(sum), "{inputs:?}: {ended:?}");
        let json = vast(&[&["check", "--format", "json"], *inputs].concat()).run().json();
        assert_valid(FILES_SCHEMA, &json);
        let failed = inputs.iter().filter(|input| **input == missing).count();
        let files = json["files"].as_array().expect("a list").len();
        assert_eq!((&json["sum"]["files"], &json["sum"]["failed"]), (&files.into(), &failed.into()), "{json:#}");
    }
    let in_order = vast(&["check", "--format", "json", &path("")]).run().json();
    let names = ["below it/page.XML", "clean.xml", "wrapper.xml"].map(|name| serde_json::Value::from(path(name)));
    let inputs: Vec<_> =
        in_order["files"].as_array().expect("a list").iter().map(|file| file["input"].clone()).collect();
    assert_eq!(inputs, names);
}

#[test]
fn a_folder_without_documents_and_a_second_standard_input_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let ended = vast(&["check", &folder.path().display().to_string()]).run();
    assert!(ended.code == Some(3) && ended.stderr.contains("has no *.xml files"), "{ended:?}");
    let ended = vast(&["check", "-", "-"]).input(CLEAN).run();
    assert!(ended.code == Some(2) && ended.stderr.contains("standard input can be checked once"), "{ended:?}");
    assert_eq!(vast(&["check"]).run().code, Some(2));
}

/// `parse`, `check` and `request` agree about each fixture: whether it can be read at all, and how severe each warning of the reader
/// is.
#[test]
fn parse_check_and_request_agree_about_every_fixture() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/xml");
    let files = std::fs::read_dir(folder).expect("the fixtures").map(|entry| entry.expect("a file").path());
    let mut count = 0;
    for path in files.filter(|path| path.extension().is_some_and(|extension| extension == "xml")) {
        count += 1;
        let path = path.display().to_string();
        let parsed = vast(&["parse", "--format", "json", &path]).run();
        let checked = vast(&["check", "--format", "json", &path]).run();
        let (is_read, json) = (parsed.code == Some(0), checked.json());
        assert_eq!(is_read, checked.code != Some(4), "{path}: {parsed:?} {checked:?}");
        assert_eq!(is_read, json["document"] != "unreadable", "{path}");
        // For `request` an empty document is an answer without an ad. The breaks of playlists are not run, because nothing is requested
        // here.
        let expected = match (json["document"].as_str(), json["findings"][0]["rule"].as_str()) {
            (Some("unreadable"), Some("VC-empty")) => Some("no_ad"),
            (Some("unreadable"), _) => Some("not_xml"),
            _ => None,
        };
        let requested =
            vast(&["request", "--no-wrappers", "--max-breaks", "0", "--format", "json", &path]).run().json();
        let last = requested["errors"].as_array().and_then(|errors| errors.last());
        let error = last.and_then(|error| error["error_type"].as_str());
        match expected {
            Some(expected) => assert_eq!(error, Some(expected), "{path}: {requested:#}"),
            None => assert!(!matches!(error, Some("not_xml" | "not_vast")), "{path}: {requested:#}"),
        }
        if !is_read {
            continue;
        }
        let warnings = parsed.json()["warnings"].as_array().expect("a list").clone();
        let has_error = warnings.iter().any(|warning| warning["severity"] == "error");
        assert!(!has_error || checked.code == Some(1), "{path}: an error of `parse` is none of `check`: {json:#}");
    }
    assert!(count > 40, "{count} fixtures");
}

#[test]
fn sarif_has_the_required_form() {
    let folder = documents();
    let ended = vast(&["check", "--format", "sarif", &folder.path().display().to_string()]).run();
    let json = ended.json();
    assert_valid(SARIF, &json);
    let run = &json["runs"][0];
    let results = run["results"].as_array().expect("a list");
    assert!(ended.code == Some(4) && results.len() > 3, "{json:#}");
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("a small number");
        assert_eq!(result["ruleId"], run["tool"]["driver"]["rules"][index]["id"], "{result:#}");
    }
    let uris =
        results.iter().map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str());
    assert!(uris.flatten().any(|uri| uri.ends_with("/below%20it/page.XML")), "{json:#}");
    assert_eq!(check(CLEAN, &["--format", "sarif"]).json()["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn rules_are_listed_and_explained() {
    let list = vast(&["check", "--list-rules"]).run();
    assert_eq!(list.code, Some(0));
    assert!(
        list.stdout.lines().any(|line| line.starts_with("VC-escaped-ampersand") && line.contains("warning")),
        "{list:?}"
    );
    assert!(list.stdout.contains("VAST-2.0-url-cdata"), "{list:?}");
    let rule = vast(&["check", "--explain", "vc-escaped-ampersand"]).run();
    let parts = ["VC-escaped-ampersand (warning)", "XML 1.0, 2.7", "the server gets &amp;"];
    assert!(rule.code == Some(0) && parts.iter().all(|part| rule.stdout.contains(part)), "{rule:?}");
    let unknown = vast(&["check", "--explain", "VC-escaped-ampersands"]).run();
    let parts = ["did you mean VC-escaped-ampersand?", "`vast check --list-rules` shows all of them"];
    assert!(parts.iter().all(|part| unknown.stderr.contains(part)), "{unknown:?}");
    for wrong in
        [&["--explain", "VC-no-such-rule"][..], &["--list-rules", "a.xml"], &["--explain", "VC-empty", "a.xml"]]
    {
        assert_eq!(vast(&[&["check"], wrong].concat()).run().code, Some(2), "{wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrappers_are_followed_when_asked_for() {
    let mock = start().await;
    let not_followed = vast(&["check", &at(&mock, "/wrapper")]).run();
    assert!(not_followed.stdout.contains("note: a wrapper or a break was not followed"), "{not_followed:?}");
    let followed = vast(&["check", &at(&mock, "/wrapper"), "--follow", "--format", "json"]).run();
    let json = followed.json();
    assert_valid(FILES_SCHEMA, &json);
    let inputs: Vec<_> = json["files"].as_array().expect("a list").iter().map(|file| file["input"].clone()).collect();
    assert_eq!(inputs, [at(&mock, "/wrapper"), at(&mock, "/ad")]);
    assert!(!followed.stdout.contains("wrapper_not_followed"), "{json:#}");
    // The server that the user named may have a private address; other servers may not.
    let refused = vast(&["check", &at(&mock, "/to-beacons"), "--follow", "--format", "json"]).run();
    assert_eq!((refused.code, &refused.json()["sum"]["failed"]), (Some(3), &1.into()), "{refused:?}");
    assert!(refused.stderr.contains("/nowhere") && mock.beacons().is_empty(), "{refused:?}");
}

/// What a client does not read, and what the command leaves out, is said at the document that leads there.
#[tokio::test(flavor = "multi_thread")]
async fn loops_nested_playlists_and_what_is_left_out_are_said() {
    let wrapper = |tag: &str| {
        format!(
            "<VAST version=\"3.0\"><Ad><Wrapper><AdSystem>A</AdSystem><VASTAdTagURI>{tag}</VASTAdTagURI></Wrapper></Ad></VAST>"
        )
    };
    let playlist = |tags: &[String]| {
        let ad_break = |tag| {
            format!(
                "<vmap:AdBreak timeOffset='start' breakType='linear'><vmap:AdSource><vmap:AdTagURI templateType='vast4'>{tag}\
                 </vmap:AdTagURI></vmap:AdSource></vmap:AdBreak>"
            )
        };
        let breaks: String = tags.iter().map(ad_break).collect();
        format!("<vmap:VMAP xmlns:vmap='http://www.iab.net/videosuite/vmap' version='1.0'>{breaks}</vmap:VMAP>")
    };
    let many: Vec<String> = (0..30).map(|number| format!("/ad?{number}")).collect();
    let documents = [
        ("/ad", CLEAN.to_owned()),
        ("/itself", playlist(&["/itself".to_owned()])),
        ("/outer", playlist(&["/inner".to_owned()])),
        ("/inner", playlist(&["/ad".to_owned()])),
        ("/one", wrapper("/two")),
        ("/two", wrapper("/one")),
        ("/many", playlist(&many)),
    ];
    let answers = documents.iter().map(|(path, body)| {
        format!("[[server.answer]]\npath = '{path}'\nbody = \"\"\"{}\"\"\"\n", body.replace('"', "'"))
    });
    let script = format!("[[server]]\nname = 'ads'\n{}", answers.collect::<String>());
    let script = vast_mock::Script::parse(&script, std::path::Path::new("")).expect("a good script");
    let mock = vast_mock::Mock::start(script).await.expect("it starts");
    let cases = [
        ("/itself", 1, Some("leads_back")),
        ("/outer", 2, Some("nested_playlist")),
        ("/one", 2, Some("leads_back")),
        ("/many", 21, Some("wrapper_not_followed")),
        ("/ad", 1, None),
    ];
    for (path, files, expected) in cases {
        let json = vast(&["check", &at(&mock, path), "--follow", "--format", "json"]).run().json();
        assert_eq!(json["files"].as_array().map(Vec::len), Some(files), "{path}");
        let text = json.to_string();
        for code in ["leads_back", "nested_playlist", "wrapper_not_followed"] {
            let times = text.matches(&format!("\"{code}\"")).count();
            assert_eq!(times, usize::from(expected == Some(code)), "{path}: {code}");
        }
    }
    let break_not_followed = vast(&["check", &at(&mock, "/outer")]).run();
    assert!(break_not_followed.stdout.contains("a wrapper or a break was not followed"), "{break_not_followed:?}");
}

/// Tags are relative to the document that has them, and a chain is followed to its end.
#[tokio::test(flavor = "multi_thread")]
async fn a_chain_of_wrappers_is_followed_to_its_end() {
    let wrapper = |tag: &str| {
        format!(
            "<VAST version=\"3.0\"><Ad><Wrapper><AdSystem>A</AdSystem><VASTAdTagURI>{tag}</VASTAdTagURI></Wrapper></Ad></VAST>"
        )
    };
    let documents = [
        ("/a/first", wrapper("second")),
        ("/a/second", wrapper("/b/third")),
        ("/b/third", wrapper("../c/last")),
        ("/c/last", CLEAN.to_owned()),
    ];
    let answers =
        documents.iter().map(|(path, body)| format!("[[server.answer]]\npath = '{path}'\nbody = '''{body}'''\n"));
    let script = format!("[[server]]\nname = 'ads'\n{}", answers.collect::<String>());
    let script = vast_mock::Script::parse(&script, std::path::Path::new("")).expect("a good script");
    let mock = vast_mock::Mock::start(script).await.expect("it starts");
    let json = vast(&["check", &at(&mock, "/a/first"), "--follow", "--format", "json"]).run().json();
    let inputs: Vec<_> = json["files"].as_array().expect("a list").iter().map(|file| file["input"].clone()).collect();
    assert_eq!(inputs, documents.each_ref().map(|(path, _)| at(&mock, path)));
    assert_eq!(mock.log().len(), documents.len(), "each document is fetched once");
}

#[test]
fn an_unknown_rule_is_wrong_usage() {
    let ended = check(CLEAN, &["--ignore", "VC-no-such-rule"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("there is no such rule"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_fetched() {
    let mock = start().await;
    let fetched = vast(&["check", &at(&mock, "/wrapper"), "--format", "json"]).run();
    let json = fetched.json();
    assert_valid(SCHEMA, &json);
    assert_eq!(json["input"], at(&mock, "/wrapper"));
    for (path, code) in [("/missing", 3), ("/page", 4), ("/broken", 4)] {
        assert_eq!(vast(&["check", &at(&mock, path)]).run().code, Some(code), "{path}");
    }
    let missing = vast(&["check", "./no-such-file.xml"]).run();
    assert_eq!((missing.code, missing.stderr.contains("INPUT: `./no-such-file.xml`")), (Some(3), true), "{missing:?}");
}

#[test]
fn colours_are_off_without_a_terminal() {
    let run = || vast(&["check", "-"]).input(WRAPPER);
    assert!(!run().run().stdout.contains('\u{1b}'));
    assert!(
        run()
            .environment("CLICOLOR_FORCE", "1")
            .run()
            .stdout
            .contains("\u{1b}[31merror[VC-progress-without-offset]\u{1b}[0m")
    );
}

#[test]
fn the_notice_of_vastlint_core_is_carried() {
    let whole = include_str!("../../../../NOTICE");
    let theirs = include_str!("../../../vast-check/NOTICE");
    assert!(whole.ends_with(theirs) && theirs.starts_with("vastlint\nCopyright"));
}
