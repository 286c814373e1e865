//! An argument overrides the file, the file overrides the default.

use std::path::Path;

use crate::binary::vast;
use crate::servers::{asked, at, start};

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("it can be written");
    path.to_str().expect("a path").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_argument_overrides_the_file_and_the_file_the_default() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (ad, empty) = (at(&mock, "/ad"), at(&mock, "/empty"));
    let text = format!(
        "mode = \"sequential\"\nretries = 0\nparams = {{ a = 1, b = 2 }}\nseed = 7\n\
         [[source]]\nname = \"file\"\nurl = \"{empty}\"\n[[fallback]]\nname = \"house\"\nurl = \"{ad}\"\n"
    );
    let config = write(folder.path(), "vast.toml", &text);
    let run = |arguments: &[&str]| {
        let all = [&["request", "--format", "json", "--config", &config], arguments].concat();
        let json = vast(&all).run().json();
        let names: Vec<_> =
            json["sources"].as_array().into_iter().flatten().map(|source| source["name"].to_string()).collect();
        (json["metadata"]["mode"].to_string(), names.join(" "), json)
    };

    let (mode, names, first) = run(&[]);
    assert_eq!((mode.as_str(), names.as_str()), ("\"sequential\"", "\"file\" \"house\""));
    assert_eq!(asked(&mock), "/empty?a=1&b=2 /ad?a=1&b=2");
    assert_eq!(first["metadata"]["request_id"], run(&[]).2["metadata"]["request_id"], "the seed of the file");
    assert_ne!(first["metadata"]["request_id"], run(&["--seed", "8"]).2["metadata"]["request_id"]);

    let (mode, names, _) = run(&["--mode", "race", "--param", "b=9", &format!("mine={ad}")]);
    assert_eq!((mode.as_str(), names.as_str()), ("\"race\"", "\"mine\" \"house\""), "its sources are replaced");
    assert!(asked(&mock).ends_with("/ad?a=1&b=9"), "{}", asked(&mock));

    let (_, names, _) = run(&["--fallback", &format!("other={ad}")]);
    assert_eq!(names, "\"file\" \"other\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_for_wrappers_and_alternatives() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let around = |path: &str| {
        format!("<Ad><Wrapper><AdSystem/><Impression/><VASTAdTagURI>{}</VASTAdTagURI></Wrapper></Ad>", at(&mock, path))
    };
    let alternatives = format!("<VAST version=\"4.2\">{}{}</VAST>", around("/empty"), around("/ad"));
    let file = write(folder.path(), "two.xml", &alternatives);
    let filled = vast(&["request", &file, "--allow-private", "--timeout", "3s"]).run();
    assert_eq!((filled.code, asked(&mock).as_str()), (Some(0), "/empty /ad"));

    let first_has_one = format!("<VAST version=\"4.2\">{}{}</VAST>", around("/ad"), around("/ad?second"));
    let file = write(folder.path(), "first.xml", &first_has_one);
    // The wrappers that are followed. The answer of the first one may end the request before the second one is asked.
    let followed_with = |arguments: &[&str]| {
        let ended =
            vast(&[&["request", file.as_str(), "--allow-private", "--format", "json"], arguments].concat()).run();
        ended.json()["sources"][0]["wrappers"].as_array().map(Vec::len)
    };
    assert_eq!((followed_with(&[]), followed_with(&["--resolve-ahead", "2"])), (Some(1), Some(2)));

    let ended = vast(&["request", &at(&mock, "/ad"), "--require-category", "--format", "json"]).run();
    let candidate = &ended.json()["candidates"][0];
    assert_eq!((ended.code, &candidate["vast_error_code"]), (Some(1), &204.into()), "{candidate}");
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_in_the_file_begin_at_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "empty.xml", "<VAST version=\"3.0\"/>");
    let config = write(folder.path(), "vast.toml", "[[source]]\nfile = \"empty.xml\"");
    assert_eq!(vast(&["request", "--config", &config]).run().code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn device_arguments_are_sent_to_ad_servers() {
    let mock = start().await;
    let url = format!("{}?cb=[CACHEBUSTING]&ip=[DEVICEIP]&z=[zone]", at(&mock, "/wrapper"));
    let device = [
        "--device-ip",
        "203.0.113.9",
        "--device-ua",
        "TV/1",
        "--device-referer",
        "https://page.example/",
        "--device-language",
        "de",
    ];
    let told = ["--header", "X-Slot: one: two", "--param", "q=a b", "--macro", "zone=top"];
    let ended = vast(&[&["request", &url], &device[..], &told[..]].concat()).run();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let log = mock.log();
    let first = &log[0].request;
    assert!(first.path_and_query.ends_with("&ip=203.0.113.9&z=top&q=a%20b"), "{}", first.path_and_query);
    let sent = ["x-slot", "x-device-ip", "x-device-user-agent", "x-device-referer", "x-device-accept-language"];
    let headers = |number: usize| sent.map(|name| log[number].request.header(name).unwrap_or("-").to_owned());
    assert_eq!(headers(0), ["one: two", "203.0.113.9", "TV/1", "https://page.example/", "de"]);
    assert_eq!(headers(1), ["-", "203.0.113.9", "TV/1", "https://page.example/", "de"], "a hop is not the source");
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_is_sent_and_the_file_limits_what_is_sent() {
    let mock = start().await;
    let macros = "ip=[DEVICEIP]&ifa=[IFA]&t=[IFATYPE]&lmt=[LIMITADTRACKING]&reg=[REGULATIONS]&tcf=[GDPRCONSENT]&gpp=[GPPSTRING]&s=[GPPSECTIONID]";
    let url = format!("{}?{macros}", at(&mock, "/ad"));
    let agreed = ["--gdpr", "--gdpr-consent", "CO", "--gpp", "DBAA", "--gpp-sections", "2,6"];
    let device = ["--device-ip", "203.0.113.9", "--device-ifa", "id", "--device-ifa-type", "tifa"];
    let asked_with = |more: &[&str]| {
        let ended = vast(&[&["request"], &device[..], &agreed[..], more].concat()).run();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        mock.log().pop().expect("a request").request.path_and_query
    };
    let told = asked_with(&[&url]);
    assert_eq!(told, "/ad?ip=203.0.113.9&ifa=id&t=tifa&lmt=0&reg=gdpr&tcf=CO&gpp=DBAA&s=2,6");
    let told = asked_with(&[&url, "--coppa", "--limit-ad-tracking"]);
    assert_eq!(told, "/ad?ip=203.0.113.9&ifa=-2&t=-2&lmt=1&reg=gdpr,coppa&tcf=CO&gpp=DBAA&s=2,6");

    let folder = tempfile::tempdir().expect("a folder");
    let file = format!("[[source]]\nurl = \"{url}\"\nip = \"truncate\"\nifa = \"drop\"\nrequire_consent = true\n");
    let config = write(folder.path(), "vast.toml", &file);
    let told = asked_with(&["--config", &config]);
    assert!(told.starts_with("/ad?ip=203.0.113.0&ifa=-2&t=-2&"), "{told}");
    let ended = vast(&["request", "--format", "json", "--config", &config, "--gdpr"]).run();
    let source = &ended.json()["sources"][0];
    assert_eq!((ended.code, &source["outcome"], &source["reason"]), (Some(3), &"skipped".into(), &"consent".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_have_their_names() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = write(folder.path(), "empty.xml", "<VAST version=\"3.0\"/>");
    let url = at(&mock, "/empty");
    let sources = [format!("east={url}"), format!("disk={file}"), file.clone(), url.clone(), url.clone()];
    let sources: Vec<_> = sources.iter().map(String::as_str).collect();
    let json = vast(&[&["request", "--format", "json"], &sources[..]].concat()).run().json();
    let names: Vec<_> =
        json["sources"].as_array().into_iter().flatten().map(|source| source["name"].as_str()).collect();
    let expected = ["east", "disk", "empty.xml", "127.0.0.1", "127.0.0.1#2"].map(Some);
    assert_eq!(names, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_need_to_be_named_or_allowed() {
    let mock = start().await;
    let url = at(&mock, "/to-beacons");
    let refused = vast(&["request", "--format", "json", &url]).run();
    assert_eq!(refused.json()["errors"][0]["error_type"], "blocked_address");
    assert!(refused.stderr.starts_with("hint: --allow-private"), "{refused:?}");
    assert_eq!(asked(&mock), "/to-beacons");
    let allowed = vast(&["request", "--format", "json", "--allow-private", &url]).run();
    assert_eq!(allowed.json()["errors"][0]["error_type"], "wrapper_no_ad");
    assert_eq!(asked(&mock), "/to-beacons /to-beacons /nowhere");
}

#[test]
fn an_insecure_request_prints_a_warning() {
    let ended = vast(&["request", "--insecure", "-"]).input("<VAST version=\"3.0\"/>").run();
    assert!(ended.stderr.starts_with("WARNING: --insecure: any certificate is accepted"), "{ended:?}");
    assert_eq!(ended.code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_ranks_the_media_files_and_each_has_its_reason() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let ad = at(&mock, "/ad");
    let config = write(
        folder.path(),
        "vast.toml",
        "device_profile = \"small\"\n[profile.small]\nmax_width = 640\nmax_height = 360\n\
         [profile.own]\nmime_types = [\"video/webm\", \"video/mp4\"]",
    );
    let ranking = |arguments: &[&str]| {
        let run = vast(&[&["request", &ad, "--format", "json"], arguments].concat()).run().json();
        let ranking = run["parsed_data"]["ads"][0]["creatives"][0]["linear"]["media_ranking"].clone();
        let rows = ranking.as_array().cloned().unwrap_or_else(|| panic!("{run}"));
        let row = |row: &serde_json::Value| {
            let url = row["url"].as_str().unwrap_or_default();
            let reason = row["reason"].as_str().unwrap_or_default();
            format!("{} {}: {reason}", row["rank"], url.rsplit('.').next().unwrap_or_default())
        };
        rows.iter().map(row).collect::<Vec<_>>()
    };
    let webm_of_own = "1 webm: video/webm, type 1 of profile own; 500 kbit/s; 640x360";
    let cases: [(&[&str], [&str; 2]); 5] = [
        (&[], ["1 mp4: video/mp4; 2000 kbit/s; 1280x720", "2 webm: video/webm; 500 kbit/s; 640x360"]),
        (
            &["--profile", "ctv-1080p"],
            [
                "1 mp4: video/mp4, type 2 of profile ctv-1080p; 2000 kbit/s; 1280x720",
                "null webm: type video/webm is not one of profile ctv-1080p",
            ],
        ),
        (
            &["--profile", "own", "--config", &config],
            [webm_of_own, "2 mp4: video/mp4, type 2 of profile own; 2000 kbit/s; 1280x720"],
        ),
        (
            &["--config", &config],
            [
                "1 webm: video/webm; 500 kbit/s; 640x360",
                "2 mp4: video/mp4; 2000 kbit/s; 1280x720; more than profile small asks for, after the files that fit",
            ],
        ),
        (
            &["--config", &config, "--profile", "web"],
            [
                "1 mp4: video/mp4, type 1 of profile web; 2000 kbit/s; 1280x720",
                "2 webm: video/webm, type 2 of profile web; 500 kbit/s; 640x360",
            ],
        ),
    ];
    for (arguments, expected) in cases {
        assert_eq!(ranking(arguments), expected, "{arguments:?}");
    }
    let nothing = vast(&["request", &ad, "--profile", "audio", "--format", "json"]).run();
    let candidate = &nothing.json()["candidates"][0];
    assert_eq!((nothing.code, &candidate["vast_error_code"]), (Some(1), &403.into()), "{candidate}");
}

#[test]
fn a_profile_that_does_not_exist_is_a_wrong_argument_with_the_nearest_name() {
    let cases = [
        ("ctv-4kk", "--profile: `ctv-4kk` is not a profile: did you mean `ctv-4k`?"),
        ("toaster", "--profile: `toaster` is not a profile: the profiles are web, ctv-1080p, ctv-4k, mobile, audio"),
    ];
    for (name, expected) in cases {
        let run = vast(&["request", "https://ads.example/", "--profile", name]).run();
        assert_eq!((run.code, run.stderr.contains(expected)), (Some(2), true), "{}", run.stderr);
    }
}
