//! The tag tester of the admin port.

use vast_gateway::config::{SecretText, TokenSecret};

use crate::support::{Answer, Running, ad_servers, exchange};

const CONFIG: &str = r#"
[placement.ad]
track = "relay"
accept = ["genre"]
source = [{ name = "east", url = "ADS/ad?g=[genre]" }]
[placement.empty]
source = [{ name = "none", url = "ADS/empty" }]
[placement.ill]
source = [{ name = "broken", url = "ADS/broken" }]
"#;

const JSON: &str = "Content-Type: application/json\r\n";

async fn start(mock: &vast_mock::Mock) -> Running {
    Running::start_with(mock, CONFIG, |config| {
        let secret = SecretText::new("a-secret-of-at-least-32-bytes-for-tests").expect("long enough");
        config.secrets = vec![TokenSecret::new('1', secret).expect("a secret")];
    })
    .await
}

async fn test(gateway: &Running, fields: serde_json::Value) -> Answer {
    exchange(gateway.admin, "POST", "/api/test", JSON, &fields.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_asks_the_sources_and_counts_nothing() {
    let mock = ad_servers().await;
    let gateway = start(&mock).await;
    let fields =
        serde_json::json!({ "placement": "ad", "preset": "roku", "w": 640, "m.genre": "news", "tag": "unknown=1" });
    let report = test(&gateway, fields).await.json();
    assert_eq!(
        (&report["result"]["success"], &report["unknown_parameters"]),
        (&true.into(), &serde_json::json!(["unknown"])),
        "{report}"
    );
    assert_eq!(report["result"]["tracked"].as_array().map_or(0, Vec::len), 0, "no tracker is called: {report}");
    let asked: Vec<_> = mock.log().into_iter().map(|one| one.request.path_and_query).collect();
    assert!(asked.iter().any(|path| path.contains("g=news")), "{asked:?}");
    // A token of the document opens nowhere.
    let document = report["document"].as_str().expect("a document");
    let start = document.find("/b/").expect("a sealed impression");
    let token = document[start..].split([']', '<', '?']).next().expect("its end");
    assert_eq!(gateway.get_with(token, "User-Agent: Player/1\r\n").await.status, 404, "{token}");
    for _ in 0..6 {
        assert_eq!(test(&gateway, serde_json::json!({ "placement": "ill" })).await.json()["result"]["success"], false);
    }
    let sources = gateway.admin("/api/sources").await.json();
    for placement in 0..3 {
        let source = &sources["placements"][placement]["numbers"]["sources"][0];
        assert_eq!(source["breaker"], "closed", "{source}");
        assert_eq!(sources["placements"][placement]["numbers"]["requests"]["total"], 0, "{sources}");
    }
    let kept = gateway.admin("/api/requests").await.json();
    assert_eq!(kept["requests"], serde_json::json!([]), "a test is no request of a player");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_of_the_page_is_explained_and_compared() {
    let mock = ad_servers().await;
    let gateway = start(&mock).await;
    let form = gateway.admin("/test").await.body;
    for part in [
        "name=\"gdpr_consent\"",
        "type=\"number\" name=\"w\"",
        "name=\"m.genre\"",
        "value=\"iphone\"",
        "action=\"/test/run\"",
    ] {
        assert!(form.contains(part), "{part}: {form}");
    }
    assert!(!form.contains("name=\"sig\"") && !form.contains("name=\"key\""), "{form}");
    let send = async |body: &str| {
        exchange(gateway.admin, "POST", "/test/run", "Content-Type: application/x-www-form-urlencoded\r\n", body).await
    };
    let one = send("placement=ad&preset=&tag=&w=640").await;
    assert_eq!((one.status, one.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(
        one.body.contains("Test of a tag") && one.body.contains("/v1/ad/vast?w=640") && one.body.contains("id=\"why\""),
        "{one:?}"
    );
    let two = send("placement=ad&compare_placement=empty").await.body;
    assert!(two.contains("The second run") && two.contains("/v1/empty/vast") && two.contains("winner"), "{two}");
    let same = send("placement=ad&compare_placement=ad").await.body;
    assert!(same.contains("Nothing differs"), "{same}");
    for (body, problem) in [
        ("placement=none", "there is no placement `none`"),
        ("placement=ad&w=x", "w: "),
        ("placement=%3Cscript%3E", "there is no placement `&lt;script&gt;`"),
        ("placement=ad&compare_placement=none", "second run: there is no placement `none`"),
    ] {
        let wrong = send(body).await;
        assert!(
            wrong.status == 422 && wrong.body.contains(problem) && !wrong.body.contains("<script>"),
            "{body}: {wrong:?}"
        );
    }
    let evil = "Content-Type: application/x-www-form-urlencoded\r\nOrigin: https://evil.example\r\n";
    assert_eq!(exchange(gateway.admin, "POST", "/test/run", evil, "placement=ad").await.status, 403);
}
