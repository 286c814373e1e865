//! Playlists (VMAP) in the command.

use crate::binary::vast;
use crate::schema::assert_valid;
use crate::servers::{asked, at, start};

const REQUEST: &str = include_str!("../../../../docs/schema/request.json");

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_follows_from_the_breaks() {
    let mock = start().await;
    let cases: &[(&str, &[&str], i32)] = &[
        ("/playlist", &[], 0),
        ("/playlist", &["--break", "pre"], 0),
        ("/playlist", &["--break", "post"], 3),
        ("/playlist", &["--break", "other"], 3),
        ("/playlist", &["--max-breaks", "0"], 3),
        ("/empty-playlist", &[], 1),
        ("/empty-playlist", &["--fallback", "/ad"], 0),
    ];
    for (path, arguments, code) in cases {
        let arguments: Vec<_> =
            arguments.iter().map(|one| if *one == "/ad" { at(&mock, one) } else { (*one).to_owned() }).collect();
        for format in ["human", "json", "xml"] {
            let url = at(&mock, path);
            let mut all = vec!["request", &url, "--retries", "0", "--format", format];
            all.extend(arguments.iter().map(String::as_str));
            let ended = vast(&all).run();
            assert_eq!(ended.code, Some(*code), "{all:?}: {ended:?}");
            if format == "json" {
                assert_valid(REQUEST, &ended.json());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_break_has_the_keys_of_a_request() {
    let mock = start().await;
    let json = vast(&["request", &at(&mock, "/playlist"), "--retries", "0", "--format", "json"]).run().json();
    let breaks = &json["parsed_data"]["breaks"];
    let keys = |number: usize| {
        let one = &breaks[number];
        let ad = &one["result"]["ads"][0]["id"];
        let source = &one["sources"][0];
        (
            ad.as_str(),
            one["success"].as_bool(),
            one["outcome"].as_str(),
            source["attempts"].as_u64(),
            source["hops"].as_array().map(Vec::len),
        )
    };
    assert_eq!(keys(0), (Some("ad-1"), Some(true), Some("filled"), Some(1), Some(0)));
    assert_eq!(keys(1), (Some("ad-1"), Some(true), Some("filled"), Some(0), Some(2)), "VAST inside costs no request");
    assert_eq!(keys(2), (None, Some(false), Some("failed"), Some(1), Some(0)));
    let error = &breaks[2]["errors"][0];
    assert_eq!((error["error_type"].as_str(), error["vast_error_code"].as_u64()), (Some("http_status"), Some(1008)));
    assert_eq!(json["errors"][0]["break_number"], 2);
    assert_eq!(breaks[0]["candidates"][0]["verdict"], "kept");
    assert_eq!(breaks[0]["metadata"]["request_id"], json["metadata"]["request_id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timeline_names_the_flags_that_limit_a_break() {
    let mock = start().await;
    let ended = vast(&["request", &at(&mock, "/playlist"), "--retries", "0", "--max-breaks", "1"]).run();
    assert_eq!(ended.stdout.matches("--max-breaks").count(), 2, "{ended:?}");
    assert!(!ended.stdout.contains("max_breaks"), "{ended:?}");
}

/// 70 ad tags: 40 exchanges fill 40 breaks, at most 50 breaks are run, and 60 rows are shown.
#[tokio::test(flavor = "multi_thread")]
async fn breaks_beyond_a_limit_name_the_limit_and_the_flag_that_raises_it() {
    let mock = start().await;
    let one = |number: usize| {
        format!(
            "<AdBreak breakId='b{number}' timeOffset='00:{number:02}:00' breakType='linear'><AdSource><AdTagURI templateType='vast3'>\
             {}</AdTagURI></AdSource></AdBreak>",
            at(&mock, "/ad")
        )
    };
    let breaks: String = (0..70).map(one).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("list.xml");
    std::fs::write(&file, format!("<VMAP version='1.0'>{breaks}</VMAP>")).expect("a file");
    let arguments = ["request", file.to_str().expect("a path"), "--allow-private", "--timeout", "20s"];
    let ended = vast(&arguments).without_columns().run();
    let rows = |words: &str| ended.stdout.lines().filter(|line| line.ends_with(words)).count();
    assert!(ended.stdout.contains("40 of 70 breaks"), "{ended:?}");
    assert_eq!(rows("  more than 40 HTTP exchanges of one source (raise --max-exchanges)"), 10, "{ended:?}");
    assert_eq!(rows("  the playlist has more breaks than are run (raise --max-breaks)"), 10, "{ended:?}");
    assert_eq!(rows("10 of them: the playlist has more breaks than are run (raise --max-breaks)"), 1, "{ended:?}");
    let raised = [&arguments[..], &["--max-exchanges", "70", "--max-breaks", "70"]].concat();
    assert!(vast(&raised).without_columns().run().stdout.contains("70 of 70 breaks"));
}

#[tokio::test(flavor = "multi_thread")]
async fn breaks_that_were_not_asked_for_are_one_line_for_people_and_complete_in_json() {
    let mock = start().await;
    let url = at(&mock, "/playlist");
    for verbose in [&[][..], &["-v"]] {
        let shown = vast(&[&["request", &url, "--break", "pre"], verbose].concat()).run().stdout;
        assert!(shown.contains("1 of 1 break,") && shown.contains("\n2 other breaks: not asked for\n"), "{shown}");
        assert!(!shown.contains("another break was asked for"), "{shown}");
    }
    let json = vast(&["request", &url, "--break", "pre", "--format", "json"]).run().json();
    let breaks = json["parsed_data"]["breaks"].as_array().expect("a list");
    let reasons: Vec<_> = breaks.iter().map(|one| one["skip_reason"].as_str()).collect();
    assert_eq!(reasons, [None, Some("other_break"), Some("other_break")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn trackers_of_breaks_are_called_and_listed() {
    let mock = start().await;
    let ended =
        vast(&["request", &at(&mock, "/playlist"), "--retries", "0", "--format", "json", "--track", "--allow-private"])
            .run();
    let tracked = |one: &serde_json::Value| one["metadata"]["tracked"].as_array().map(Vec::len);
    let json = ended.json();
    let breaks = json["parsed_data"]["breaks"].as_array().expect("breaks");
    assert_eq!(breaks.iter().map(tracked).collect::<Vec<_>>(), [Some(1), Some(3), Some(0)]);
    assert!(breaks[1]["metadata"]["tracked"].as_array().expect("a list").iter().all(|one| one["state"] == "delivered"));
    assert!(ended.stderr.contains("trackers: 4 of 4 called"), "{ended:?}");
    assert_eq!(mock.beacons().len(), 4, "the trackers of the breaks themselves are the player's: {}", asked(&mock));
}

#[tokio::test(flavor = "multi_thread")]
async fn check_follows_the_tags_of_breaks_and_the_wrappers_in_them() {
    let mock = start().await;
    let json = vast(&["check", &at(&mock, "/playlist"), "--follow", "--format", "json"]).run().json();
    let inputs: Vec<_> = json["files"].as_array().expect("a list").iter().map(|file| file["input"].clone()).collect();
    assert_eq!(inputs, ["/playlist", "/ad", "/wrapper"].map(|path| at(&mock, path)));
    assert_eq!(json["sum"]["failed"], 1, "/missing");
    let alone = vast(&["check", &at(&mock, "/playlist"), "--format", "json"]).run().json();
    assert_eq!(alone["input"], at(&mock, "/playlist"));
}

#[tokio::test(flavor = "multi_thread")]
async fn track_names_what_to_do_with_a_playlist_and_requests_no_break() {
    let mock = start().await;
    let ended = vast(&["track", &at(&mock, "/playlist"), "--event", "start"]).run();
    assert_eq!(ended.code, Some(4));
    assert!(ended.stderr.contains("a playlist (VMAP): name the ad tag of one of its breaks"), "{ended:?}");
    assert_eq!(asked(&mock), "/playlist");
}
