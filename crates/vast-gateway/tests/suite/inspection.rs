//! `/v1/unwrap` and `/v1/check`.

use std::time::Duration;

use vast_gateway::Gateway;
use vast_gateway::config::{AccessKey, SecretText, TenantConfig};
use vast_mock::Mock;

use crate::support::{AD, Running, ad_servers, config};

const KEY: &str = "Authorization: Bearer 0123456789abcdef-acme\r\n";

async fn start(mock: &Mock, unwrap_private: bool) -> Running {
    let mut config = config(mock, "[placement.a]\nsource = [{ url = \"ADS/ad\" }]\n");
    config.server.listen = vec!["127.0.0.1:0".parse().expect("an address")];
    config.server.admin = "127.0.0.1:0".parse().expect("an address");
    config.server.max_lag = Duration::from_secs(3600);
    config.server.unwrap_private = unwrap_private;
    let mut tenant = TenantConfig::default();
    tenant.keys = vec![AccessKey::new("tool", SecretText::new("0123456789abcdef-acme").expect("long enough"))];
    config.tenants.insert("acme".to_owned(), tenant);
    Running::of(Gateway::builder().bind(config).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_or_a_document_is_unwrapped() {
    let mock = ad_servers().await;
    let gateway = start(&mock, true).await;
    let url = mock.url("ads").trim_end_matches('/').to_owned();
    let tag = format!("{{\"url\": \"{url}/wrapper\"}}");
    let answer = gateway.post("/v1/unwrap", KEY, &tag).await;
    assert_eq!((answer.status, answer.outcome()), (200, "filled"), "{answer:?}");
    assert!(answer.body.contains("https://t.example/wrapper") && answer.body.contains("shoes.mp4"), "{answer:?}");
    let answer = gateway.post("/v1/unwrap", &format!("{KEY}Accept: application/json\r\n"), &tag).await.json();
    assert_eq!((&answer["valid"], &answer["depth"]), (&true.into(), &1.into()), "{answer}");
    assert_eq!(
        (&answer["ads"][0]["ad_serving_id"], &answer["ads"][0]["duration_ms"]),
        (&"serving-1".into(), &15_000.into())
    );
    let last = mock.log().pop().expect("a request").request;
    assert_eq!((last.path(), last.header("cdn-loop")), ("/ad", Some("vast-gateway")));
    let answer = gateway.post("/v1/unwrap", KEY, AD).await;
    assert!(answer.body.contains("shoes.mp4"), "{answer:?}");
    // Of a playlist, the first break with an ad.
    let one_break = |ads: &str| {
        format!(
            "<vmap:AdBreak timeOffset=\"start\" breakType=\"linear\"><vmap:AdSource><vmap:VASTAdData>{ads}</vmap:VASTAdData>\
             </vmap:AdSource></vmap:AdBreak>"
        )
    };
    let playlist = format!(
        "<vmap:VMAP xmlns:vmap=\"http://www.iab.net/videosuite/vmap\" version=\"1.0\">{}{}</vmap:VMAP>",
        one_break("<VAST version=\"3.0\"/>"),
        one_break(AD)
    );
    assert!(gateway.post("/v1/unwrap", KEY, &playlist).await.body.contains("shoes.mp4"));
    let answer = gateway.post("/v1/unwrap", &format!("{KEY}Accept: application/json\r\n"), &playlist).await.json();
    assert_eq!((&answer["valid"], &answer["version"]), (&true.into(), &"4.2".into()), "{answer}");
    assert_eq!(answer["ads"][0]["ad_serving_id"], "serving-1", "{answer}");
    let shallow = format!("{{\"url\": \"{url}/wrapper\", \"max_depth\": 0}}");
    assert_eq!(gateway.post("/v1/unwrap", KEY, &shallow).await.outcome(), "failed");
    let older = format!("{{\"url\": \"{url}/ad\", \"to_version\": \"3.0\"}}");
    assert!(gateway.post("/v1/unwrap", KEY, &older).await.body.contains("<VAST version=\"3.0\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_headers_of_a_body_say_what_its_bytes_are() {
    let mock = ad_servers().await;
    let gateway = start(&mock, true).await;
    let document = AD.replace("<AdTitle>Shoes", "<AdTitle>Sh\u{f6}es");
    assert_ne!(document, AD, "the title is another one");
    for (charset, title) in [("utf-8", "Sh\u{f6}es"), ("iso-8859-1", "Sh\u{c3}\u{b6}es")] {
        let headers = format!("{KEY}Content-Type: text/xml; charset={charset}\r\n");
        let answer = gateway.post("/v1/unwrap", &headers, &document).await;
        assert!(answer.body.contains(title), "{charset}: {answer:?}");
    }
    for route in ["/v1/unwrap", "/v1/check", "/v1/beacons"] {
        let answer = gateway.post(route, &format!("{KEY}Content-Encoding: gzip\r\n"), "packed").await;
        assert_eq!((answer.status, answer.outcome()), (400, "bad_request"), "{route}");
        assert!(answer.body.contains("has the coding `gzip`"), "{route}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_checked() {
    let mock = ad_servers().await;
    let gateway = start(&mock, true).await;
    let answer = gateway.post("/v1/check", KEY, "<VAST version=\"4.2\"><Ad><InLine/></Ad></VAST>").await.json();
    assert!(answer["errors"].as_u64().is_some_and(|errors| errors > 0), "{answer}");
    let url = format!("{{\"url\": \"{}/ad\"}}", mock.url("ads").trim_end_matches('/'));
    let answer = gateway.post("/v1/check", KEY, &url).await.json();
    assert_eq!((&answer["document"], &answer["version"]), (&"vast".into(), &"4.2".into()), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_of_a_stranger_reaches_no_private_address() {
    let mock = ad_servers().await;
    let gateway = start(&mock, false).await;
    let url = mock.url("ads").trim_end_matches('/').to_owned();
    let wrapper = format!(
        "<VAST version=\"3.0\"><Ad><Wrapper><AdSystem>x</AdSystem><VASTAdTagURI>{url}/ad</VASTAdTagURI></Wrapper></Ad></VAST>"
    );
    // Path, body, status, a part of the answer.
    for (path, body, status, part) in [
        ("/v1/unwrap", format!("{{\"url\": \"{url}/ad\"}}"), 400, "blocked_address"),
        ("/v1/check", format!("{{\"url\": \"{url}/ad\"}}"), 400, "blocked_address"),
        ("/v1/check", "{\"url\": \"http://169.254.169.254/\"}".to_owned(), 400, "blocked_address"),
        ("/v1/check", "{\"url\": \"file:///etc/passwd\"}".to_owned(), 400, "url"),
        ("/v1/unwrap", wrapper.clone(), 200, "<VAST"),
        ("/v1/check", "{".to_owned(), 400, "body"),
    ] {
        let answer = gateway.post(path, KEY, &body).await;
        assert_eq!(answer.status, status, "{path} {body}: {answer:?}");
        assert!(answer.body.contains(part) && !answer.body.contains("root:"), "{path} {body}: {answer:?}");
    }
    // The outcome does not depend on the form of the answer.
    for accept in ["", "Accept: application/json\r\n"] {
        let answer = gateway.post("/v1/unwrap", &format!("{KEY}{accept}"), &wrapper).await;
        assert_eq!(answer.outcome(), "failed", "{accept}: {answer:?}");
    }
    assert!(mock.log().is_empty(), "nothing was requested");
    for headers in ["", "Authorization: Bearer 0123456789abcdef-other\r\n"] {
        assert_eq!(gateway.post("/v1/unwrap", headers, AD).await.status, 403, "{headers}");
    }
    let large = "x".repeat(1_100_000);
    let answer = gateway.post("/v1/check", KEY, &large).await;
    assert_eq!(answer.status, 400, "{answer:?}");
}
