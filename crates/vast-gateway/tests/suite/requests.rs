//! The newest requests on the admin port.

use serde_json::Value;
use tokio::time::timeout;
use vast_client::recording::{Recording, RecordingReader};
use vast_client::replay::Replayer;
use vast_explain::{Story, alternatives, html};
use vast_gateway::config::{SecretText, TokenSecret};

use crate::support::{Answer, PATIENCE, Running, ad_servers, exchange};

const CONFIG: &str = r#"
[placement.ad]
mode = "sequential"
source = [{ name = "none", url = "ADS/empty" }, { name = "east", url = "ADS/ad" }]
[placement.empty]
source = [{ name = "none", url = "ADS/empty" }]
[placement.ill]
source = [{ name = "broken", url = "ADS/broken" }]
"#;

const PLAYER: &str = "User-Agent: Secret-Player/1\r\n";
/// The newest requests, when the recordings of all of them are complete.
async fn complete(gateway: &Running, count: usize) -> Vec<Value> {
    let all = async || loop {
        let list = gateway.admin("/api/requests").await.json();
        let rows = list["requests"].as_array().expect("a list").clone();
        if rows.len() == count && rows.iter().all(|row| row["recording"] != "pending") {
            break rows;
        }
        tokio::task::yield_now().await;
    };
    timeout(PATIENCE, all()).await.expect("the recordings")
}

/// The bytes of a recording.
async fn file(gateway: &Running, id: &str) -> Vec<u8> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(gateway.admin).await.expect("it listens");
    let host = gateway.admin;
    let request = format!("GET /requests/{id}/recording HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("it answers");
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    assert!(head.contains(&format!("content-disposition: attachment; filename=\"{id}.vastrec\"")), "{head}");
    bytes.split_off(end)
}

/// The page that `vast explain --format html` makes of a recording.
fn explained(recording: &Recording) -> String {
    let mut replayer = Replayer::new().expect("a replayer");
    let replay = replayer.exact(recording).expect("a replay");
    assert_eq!(replay.differences, []);
    let alternatives = alternatives(&mut replayer, recording, &replay.result).expect("alternatives");
    html::page(&Story::of_recording(&replay.result, recording).with_alternatives(alternatives))
}

/// The page without the section of the gateway, and with the policy of a page without one.
fn without_section(page: &str) -> String {
    let start = page.find("<section id=\"gateway\">").unwrap_or_else(|| panic!("no section: {page}"));
    let end = start + page[start..].find("</section>").expect("its end") + "</section>".len();
    format!("{}{}", &page[..start], &page[end..])
        .replace("form-action 'self'", "form-action 'none'")
        .replace("content=\"same-origin\"", "content=\"no-referrer\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_request_tells_the_story_of_its_recording() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, CONFIG).await;
    let private = "/v1/ad/vast?ifa=6D92078A-8246-4BA4-AE5B-76104861E7DC&sid=viewer-4711";
    assert_eq!(gateway.get_with(private, PLAYER).await.outcome(), "filled");
    assert_eq!(gateway.get_with("/v1/ill/vast", PLAYER).await.outcome(), "failed");
    for row in complete(&gateway, 2).await {
        let id = row["id"].as_str().expect("an id");
        let bytes = file(&gateway, id).await;
        let recording = RecordingReader::new(&*bytes).next().expect("a recording").expect("a whole one");
        let content = serde_json::to_string(&recording).expect("JSON");
        let page = gateway.admin(&format!("/requests/{id}")).await;
        // With another policy the forms of the page would be refused, because a browser sends `Origin: null`.
        assert!(page.body.contains("name=\"referrer\" content=\"same-origin\""), "{}", page.body);
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.ends_with("form-action 'self'; frame-ancestors 'none'"), "{policy}");
        assert_eq!(without_section(&page.body), explained(&recording), "{row}");
        let json = gateway.admin(&format!("/api/requests/{id}")).await;
        assert_eq!(json.json()["result"]["metadata"]["request_id"], id, "{json:?}");
        for secret in ["Secret-Player", "6D92078A-8246-4BA4-AE5B-76104861E7DC", "viewer-4711"] {
            for text in [&page.body, &json.body, &content] {
                assert!(!text.contains(secret), "{secret}: {text}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_found_by_their_placement_outcome_source_and_id() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, CONFIG).await;
    for path in ["/v1/ad/vast", "/v1/empty/vast", "/v1/ill/vast", "/v1/ad/vast?w=x", "/v1/none/vast"] {
        gateway.get(path).await;
    }
    let rows = complete(&gateway, 3).await;
    let newest = rows[0]["id"].as_str().expect("an id");
    assert_eq!((&rows[0]["placement"], &rows[2]["source"]), (&"ill".into(), &"east".into()), "{rows:?}");
    // The query and the placements that are left, the newest first.
    for (query, expected) in [
        ("", vec!["ill", "empty", "ad"]),
        ("placement=ad", vec!["ad"]),
        ("outcome=no_ad", vec!["empty"]),
        ("source=none", vec!["empty", "ad"]),
        ("source=none&outcome=filled", vec!["ad"]),
        (&format!("id={newest}"), vec!["ill"]),
        ("id=other", vec![]),
        ("placement=&outcome=&source=&id=", vec!["ill", "empty", "ad"]),
    ] {
        let list = gateway.admin(&format!("/api/requests?{query}")).await.json();
        let found: Vec<_> =
            list["requests"].as_array().expect("a list").iter().map(|row| row["placement"].clone()).collect();
        assert_eq!(found, expected, "{query}");
        let page = gateway.admin(&format!("/requests?{query}")).await.body;
        assert!(page.contains(&format!("{} of 3 requests", expected.len())), "{query}: {page}");
        assert_eq!(page.matches("<svg").count(), expected.len(), "{query}");
    }
    let hostile = gateway.admin("/requests?source=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&id=%E2%80%AEx").await.body;
    assert!(!hostile.contains("<script>") && !hostile.contains('\u{202e}'), "{hostile}");
    let missing = [
        ("/requests/none", "text/html; charset=utf-8"),
        ("/api/requests/none", "application/json"),
        ("/requests/none/recording", "application/json"),
    ];
    for (path, kind) in missing {
        let answer = gateway.admin(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, Some(kind)), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_shows_the_beacons_of_its_sealed_trackers() {
    let mock = ad_servers().await;
    // Its tracker answers with 404.
    let text = "[placement.ad]\ntrack = \"relay\"\nsource = [{ name = \"east\", url = \"ADS/relative\", allow_private = true }]\n";
    let gateway = Running::start_with(&mock, text, |config| {
        let secret = SecretText::new("a-secret-of-at-least-32-bytes-for-tests").expect("long enough");
        config.secrets = vec![TokenSecret::new('1', secret).expect("a secret")];
    });
    let gateway = gateway.await;
    let impression = |document: &Answer| -> String {
        let start = document.body.find("/b/").expect("a sealed impression");
        document.body[start..].split([']', '<']).next().expect("its end").to_owned()
    };
    let first = gateway.get_with("/v1/ad/vast", PLAYER).await;
    gateway.get_with("/v1/ad/vast", PLAYER).await;
    assert_eq!(gateway.get_with(&impression(&first), PLAYER).await.outcome(), "queued");
    let rows = complete(&gateway, 2).await;
    let report = async |row: &Value| {
        gateway.admin(&format!("/api/requests/{}", row["id"].as_str().expect("an id"))).await.json()
    };
    let (newer, older) = (report(&rows[0]).await, report(&rows[1]).await);
    assert_eq!(newer["beacons"].as_array().map(Vec::len), Some(0), "{newer}");
    assert_eq!(older["beacons"][0]["event"], "impression", "{older}");
    assert!(older["beacons"][0]["url"].as_str().is_some_and(|url| url.ends_with("/seen?...")), "{older}");
    let group = older["request"]["group"].as_str().expect("a group");
    let found = gateway.admin(&format!("/api/requests?id={group}")).await.json();
    assert_eq!(found["requests"][0]["id"], older["request"]["id"], "{found}");
    let page = gateway.admin(&format!("/requests/{}", rows[1]["id"].as_str().expect("an id"))).await.body;
    assert!(page.contains("Beacons of this request") && page.contains(group), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_is_kept_with_keep_requests_0() {
    let mock = ad_servers().await;
    let gateway = Running::start_with(&mock, CONFIG, |config| config.server.keep_requests = 0).await;
    gateway.get("/v1/ad/vast").await;
    let list = gateway.admin("/api/requests").await.json();
    assert_eq!((&list["keep_requests"], &list["requests"]), (&0.into(), &serde_json::json!([])), "{list}");
    assert!(gateway.admin("/requests").await.body.contains("No requests are kept"));
    assert_eq!(exchange(gateway.admin, "POST", "/requests", "", "").await.status, 405);
}
