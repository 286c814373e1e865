//! What an operator changes on the admin port: sources that are not asked, and ads that are not used.

use serde_json::Value;
use vast_gateway::config::{AccessKey, GatewayConfig, SecretText};

use crate::support::{Answer, Running, ad_servers, config, exchange, on_free_ports};

const CONFIG: &str = r#"
[placement.ad]
mode = "sequential"
source = [{ name = "east/1 <b>", url = "ADS/ad" }, { name = "west", url = "ADS/wrapper", allow_private = true }]
[placement.other]
source = [{ name = "west", url = "ADS/ad" }]
"#;

/// The first source in a path.
const EAST: &str = "east%2F1%20%3Cb%3E";

async fn post(gateway: &Running, path: &str, headers: &str, body: &str) -> Answer {
    exchange(gateway.admin, "POST", path, headers, body).await
}

/// The source of the ad of the first placement.
async fn winner(gateway: &Running) -> Value {
    let before = gateway.admin("/api/sources").await.json();
    let wins = |json: &Value| -> Vec<u64> {
        let sources = json["placements"][0]["numbers"]["sources"].as_array().expect("sources").clone();
        sources.iter().map(|source| source["wins"].as_u64().unwrap_or_default()).collect()
    };
    gateway.get("/v1/ad/vast").await;
    let after = gateway.admin("/api/sources").await.json();
    let index = wins(&after).iter().zip(wins(&before)).position(|(after, before)| *after > before);
    index.map_or(Value::Null, |index| after["placements"][0]["numbers"]["sources"][index]["name"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_an_operator_ejects_is_not_asked_through_every_reload() {
    let mock = ad_servers().await;
    let key = AccessKey::new("ops", SecretText::new("0123456789abcdef-ops").expect("long enough"));
    let with_key = |config: &mut GatewayConfig| config.server.admin_keys = vec![key.clone()];
    let gateway = Running::start_with(&mock, CONFIG, with_key).await;
    let bearer = "Authorization: Bearer 0123456789abcdef-ops\r\n";
    let act = async |name: &str| post(&gateway, &format!("/api/sources/ad/{EAST}/{name}"), bearer, "").await;
    let read = async |path: &str| exchange(gateway.admin, "GET", path, bearer, "").await;
    let asked = async || {
        let json = read("/api/sources").await.json();
        let source = json["placements"][0]["numbers"]["sources"][0].clone();
        gateway.get("/v1/ad/vast").await;
        let after = read("/api/sources").await.json()["placements"][0]["numbers"]["sources"][0].clone();
        (after["outcomes"] != source["outcomes"], after)
    };
    let refused = post(&gateway, &format!("/api/sources/ad/{EAST}/eject"), "", "").await;
    assert_eq!(refused.status, 403, "{refused:?}");
    assert_eq!(act("eject").await.json()["ejected"], true);
    let listed = read("/api/sources").await.json();
    let ejected = &listed["ejected"][0];
    assert_eq!(
        (&ejected["placement"], &ejected["source"], &ejected["key"]),
        (&"ad".into(), &"east/1 <b>".into(), &"ops".into()),
        "{listed}"
    );
    assert!(ejected["since"].as_str().is_some_and(|since| since.starts_with("20")), "{listed}");
    // The newest configuration has the same source.
    let mut newer = config(&mock, CONFIG);
    on_free_ports(&mut newer);
    with_key(&mut newer);
    gateway.handle.replace(&newer).expect("a configuration");
    let answer = gateway.get("/v1/ad/vast").await;
    assert_eq!(answer.outcome(), "filled");
    for path in ["/", "/sources", "/blocked"] {
        let page = read(path).await.body;
        assert!(page.contains("ejected by ops since "), "{path}: {page}");
        assert!(page.contains("east/1 &lt;b&gt;") && !page.contains("<b>"), "{path}: {page}");
    }
    let requests = read("/api/requests").await.json();
    assert_eq!(requests["requests"][0]["source"], "west", "{requests}");
    assert_eq!(requests["requests"][0]["sources"][0]["outcome"], "skipped", "{requests}");
    let page = exchange(
        gateway.admin,
        "POST",
        &format!("/api/sources/ad/{EAST}/restore"),
        &format!("{bearer}Accept: text/html\r\n"),
        "",
    )
    .await;
    assert_eq!((page.status, page.header("location")), (303, Some("/sources")));
    assert_eq!(read("/api/sources").await.json()["ejected"], serde_json::json!([]));
    let (is_asked, source) = asked().await;
    assert!(is_asked, "{source}");
    for (path, status) in [
        ("/api/sources/ad/none/eject", 404),
        ("/api/sources/none/west/eject", 404),
        ("/api/sources/ad/west/restore", 409),
        ("/api/sources/ad/west/other", 404),
        ("/api/sources/ad/eject", 404),
    ] {
        assert_eq!(post(&gateway, path, bearer, "").await.status, status, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_ad_is_used_by_no_placement_until_it_is_used_again() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, CONFIG).await;
    assert_eq!(winner(&gateway).await, "east/1 <b>");
    let form = "Content-Type: application/x-www-form-urlencoded\r\nAccept: text/html\r\n";
    // By what, the value, and as what it is sent.
    for (kind, value, headers) in [
        ("creative_id", "c", form),
        ("universal_ad_id", "ad-id.org:CNPA0484000H", "Content-Type: application/json\r\n"),
        ("media_host", "cdn.example", form),
    ] {
        let body = |kind: &str, value: &str| {
            let json = serde_json::json!({ "kind": kind, "value": value }).to_string();
            let text = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("kind", kind)
                .append_pair("value", value)
                .finish();
            if headers == form { text } else { json }
        };
        let blocked = post(&gateway, "/api/block", headers, &body(kind, value)).await;
        let expected = if headers == form { (303, Some("/blocked")) } else { (200, None) };
        assert_eq!((blocked.status, blocked.header("location")), expected, "{kind}: {blocked:?}");
        for placement in ["ad", "other"] {
            assert_eq!(gateway.get(&format!("/v1/{placement}/vast")).await.outcome(), "no_ad", "{kind} {placement}");
        }
        let list = gateway.admin("/api/blocked").await.json();
        assert_eq!(
            (&list["blocked"][0]["kind"], &list["blocked"][0]["value"]),
            (&kind.into(), &value.into()),
            "{list}"
        );
        gateway.handle.replace(&reloaded(&mock)).expect("a configuration");
        assert_eq!(gateway.get("/v1/other/vast").await.outcome(), "no_ad", "{kind} after a reload");
        post(&gateway, "/api/unblock", headers, &body(kind, value)).await;
        assert_eq!(gateway.get("/v1/other/vast").await.outcome(), "filled", "{kind}");
    }
    let evil = "Content-Type: application/json\r\nOrigin: https://evil.example\r\n";
    let json = "Content-Type: application/json\r\n";
    for (path, headers, body, status) in [
        ("/api/block", evil, r#"{"kind": "creative_id", "value": "c"}"#, 403),
        ("/api/block", json, r#"{"kind": "creative_id", "value": " "}"#, 422),
        ("/api/block", json, r#"{"kind": "url", "value": "c"}"#, 422),
        ("/api/block", json, r#"{"kind": "media_host", "value": "https://cdn.example/a"}"#, 422),
        ("/api/block", json, "[1]", 422),
        ("/api/block", form, "", 422),
        ("/api/unblock", json, r#"{"kind": "creative_id", "value": "c"}"#, 409),
    ] {
        let answer = post(&gateway, path, headers, body).await;
        assert_eq!(answer.status, status, "{path} {body}: {answer:?}");
    }
    assert_eq!(gateway.get("/v1/other/vast").await.outcome(), "filled", "nothing was blocked");
    let hostile = serde_json::json!({ "kind": "advertiser", "value": "<script>alert(1)</script>\u{202e}" }).to_string();
    assert_eq!(post(&gateway, "/api/block", json, &hostile).await.status, 200);
    let page = gateway.admin("/blocked").await.body;
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !page.contains("<script>"), "{page}");
}

fn reloaded(mock: &vast_mock::Mock) -> GatewayConfig {
    let mut newer = config(mock, CONFIG);
    on_free_ports(&mut newer);
    newer
}
