//! Keys, signatures and tenants.

use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::hmac;
use tokio::task::AbortHandle;
use vast_client::env::Env;
use vast_gateway::Gateway;
use vast_gateway::config::{Access, AccessKey, GatewayConfig, SecretText, TenantConfig};
use vast_mock::Mock;

use crate::support::{Running, ad_servers, config, exchange};

const KEY: &str = "0123456789abcdef-acme";
const OTHER: &str = "0123456789abcdef-other";
/// The time of the gateway in seconds since 1970.
const NOW: u64 = 1_800_000_000;

const PLACEMENTS: &str = r#"
[placement.open]
tenant = "acme"
source = [{ url = "ADS/ad?ip=[DEVICEIP]" }]
[placement.key]
tenant = "acme"
source = [{ url = "ADS/ad?ip=[DEVICEIP]" }]
[placement.signed]
tenant = "acme"
source = [{ url = "ADS/ad?ip=[DEVICEIP]&ua=[DEVICEUA]" }]
[placement.hang]
tenant = "acme"
source = [{ url = "ADS/hang" }]
[placement.others]
tenant = "other"
source = [{ url = "ADS/ad" }]
"#;

fn tenant(name: &str, key: &str) -> TenantConfig {
    let mut tenant = TenantConfig::default();
    tenant.keys = vec![AccessKey::new(name, SecretText::new(key).expect("long enough"))];
    tenant
}

async fn start(mock: &Mock, change: impl FnOnce(&mut GatewayConfig)) -> Running {
    let mut config = gateway_config(mock);
    change(&mut config);
    let env = Env::fixed(UNIX_EPOCH + Duration::from_secs(NOW), 1);
    Running::of(Gateway::builder().env(env).bind(config).await)
}

fn gateway_config(mock: &Mock) -> GatewayConfig {
    // The keys come from the program, because tests cannot set variables of the environment.
    let text = PLACEMENTS.replace("tenant = ", "# tenant = ");
    let mut config = config(mock, &text);
    config.server.listen = vec!["127.0.0.1:0".parse().expect("an address")];
    config.server.admin = "127.0.0.1:0".parse().expect("an address");
    config.server.max_lag = Duration::from_secs(3600);
    config.tenants.insert("acme".to_owned(), tenant("ssai", KEY));
    config.tenants.insert("other".to_owned(), tenant("own", OTHER));
    for (name, placement) in &mut config.placements {
        placement.tenant = Some(if name == "others" { "other" } else { "acme" }.to_owned());
        placement.access = match name.as_str() {
            "key" => Access::Key,
            "signed" => Access::Signed,
            _ => Access::Open,
        };
        if name == "signed" {
            placement.signed = vec!["sid".to_owned(), "ip".to_owned()];
        }
    }
    config
}

/// A signature as docs/gateway.md describes it.
fn signature(key: &str, placement: &str, expires: u64, parameters: &[(&str, &str)]) -> String {
    let part = |text: &str| [&u32::try_from(text.len()).expect("short").to_be_bytes()[..], text.as_bytes()].concat();
    let mut text = [b"t1".as_slice(), &part(placement), &expires.to_be_bytes()].concat();
    for (name, value) in parameters {
        text.extend([part(name), part(value)].concat());
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&key, &text).as_ref())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_the_placements_of_its_tenant() {
    let mock = ad_servers().await;
    let gateway = start(&mock, |_| {}).await;
    let bearer = |key: &str| format!("Authorization: Bearer {key}\r\n");
    // Path, headers, status.
    let cases = [
        ("/v1/open/vast".to_owned(), String::new(), 200),
        ("/v1/open/vast".to_owned(), bearer("wrong"), 403),
        ("/v1/key/vast".to_owned(), String::new(), 403),
        ("/v1/key/vast".to_owned(), bearer(KEY), 200),
        ("/v1/key/vast".to_owned(), bearer(OTHER), 403),
        (format!("/v1/key/vast?key={KEY}"), String::new(), 200),
        (format!("/v1/key/vast?key={OTHER}"), String::new(), 403),
        ("/v1/open/ads.json".to_owned(), String::new(), 403),
        ("/v1/open/ads.json".to_owned(), bearer(KEY), 200),
        ("/v1/signed/vast".to_owned(), bearer(KEY), 200),
        ("/v1/signed/vast".to_owned(), String::new(), 403),
        ("/v1/others/vast".to_owned(), bearer(OTHER), 200),
    ];
    for (path, headers, status) in cases {
        let answer = gateway.get_with(&path, &headers).await;
        let outcome = if status == 200 { "filled" } else { "forbidden" };
        assert_eq!((answer.status, answer.outcome()), (status, outcome), "{path} {headers}: {answer:?}");
        assert!(!answer.body.contains(KEY), "{path}");
    }
    let sent: Vec<_> = mock.log().into_iter().map(|exchange| format!("{:?}", exchange.request)).collect();
    assert!(!sent.is_empty() && sent.iter().all(|request| !request.contains(KEY)), "an ad server never gets a key");
    let posted = gateway.post(&format!("/v1/key/ads.json?key={KEY}"), "", "{}").await;
    assert_eq!(posted.status, 403, "a key in a query counts with GET only: {posted:?}");
    gateway.get_with("/v1/key/vast?ip=192.0.2.7", &bearer(KEY)).await;
    let last = mock.log().pop().expect("a request").request;
    assert_eq!(last.query()[0].1, "192.0.2.7", "a caller with a key states the device");
}

/// The tenant has a burst of one and gets nothing more during the test, so the last request is answered only if nothing before it took
/// something from the tenant.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_refused_takes_nothing_from_the_rate_of_a_tenant() {
    let mock = ad_servers().await;
    let parameters = [("ip", "192.0.2.7"), ("sid", "s")];
    let signed = |key: &str| {
        let signature = signature(key, "signed", NOW + 60, &parameters);
        format!("/v1/signed/vast?ip=192.0.2.7&sid=s&kid=ssai&exp={}&sig={signature}", NOW + 60)
    };
    let wrong_key = "Authorization: Bearer wrong\r\n";
    // The name of the case, then its path and headers, and the status and outcome of the answer.
    let cases = [
        ("a wrong signature", signed(OTHER), "", (403, "forbidden")),
        ("no signature", "/v1/signed/vast".to_owned(), "", (403, "forbidden")),
        ("a wrong key", "/v1/open/vast".to_owned(), wrong_key, (403, "forbidden")),
        ("JSON without a key", "/v1/open/ads.json".to_owned(), "", (403, "forbidden")),
    ];
    for (name, path, headers, expected) in cases {
        let gateway = start(&mock, |config| {
            let acme = config.tenants.get_mut("acme").expect("the tenant");
            (acme.rate, acme.burst) = (Some(0.001), Some(1.0));
        });
        let gateway = gateway.await;
        for _ in 0..3 {
            let answer = gateway.get_with(&path, headers).await;
            assert_eq!((answer.status, answer.outcome()), expected, "{name}: {answer:?}");
        }
        assert_eq!(gateway.get(&signed(KEY)).await.outcome(), "filled", "{name}");
        assert_eq!(gateway.get(&signed(KEY)).await.outcome(), "shed", "{name}: the rate of the tenant is used up");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_above_its_rate_takes_nothing_from_the_rate_of_its_tenant() {
    let mock = ad_servers().await;
    let gateway = start(&mock, |config| {
        config.server.rate_per_client = Some(1e-3);
        let acme = config.tenants.get_mut("acme").expect("the tenant");
        (acme.rate, acme.burst) = (Some(0.001), Some(2.0));
    });
    let gateway = gateway.await;
    let with_key = format!("Authorization: Bearer {KEY}\r\n");
    for (headers, outcome) in [("", "filled"), ("", "shed"), ("", "shed"), (with_key.as_str(), "filled")] {
        let answer = gateway.get_with("/v1/open/vast", headers).await;
        assert_eq!(answer.outcome(), outcome, "{headers}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parameters_of_ads_json_may_be_its_body() {
    let mock = ad_servers().await;
    let gateway = start(&mock, |_| {}).await;
    let key = format!("Authorization: Bearer {KEY}\r\n");
    let body = "{\"device\": {\"ip\": \"192.0.2.7\"}, \"slot\": {\"w\": 640}}";
    let answer = gateway.post("/v1/key/ads.json", &key, body).await;
    assert_eq!((answer.status, answer.outcome()), (200, "filled"), "{answer:?}");
    assert_eq!(answer.json()["success"], true, "{answer:?}");
    assert_eq!(answer.json().get("raw_response"), None, "the document is shown with `keep_raw` only");
    assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
    let last = mock.log().pop().expect("a request").request;
    assert_eq!(last.query()[0].1, "192.0.2.7");
    let mut with_document = gateway_config(&mock);
    with_document.placements.get_mut("key").expect("a placement").client.fetch.keep_raw = true;
    gateway.handle.replace(&with_document).expect("a configuration");
    let answer = gateway.post("/v1/key/ads.json", &key, body).await;
    assert_eq!(answer.json()["raw_response"], crate::support::AD, "{answer:?}");
    // Path, body, status, a part of the answer.
    for (path, body, status, part) in [
        ("/v1/key/ads.json?w=1", body, 400, "w: is repeated"),
        ("/v1/key/ads.json", "[]", 400, "body: is not a JSON object"),
        ("/v1/key/ads.json", "", 400, "body: is not a JSON object"),
        ("/v1/key/ads.json", "{\"slot\": {\"w\": 0}}", 400, "w: is not a whole number"),
        ("/v1/none/ads.json", body, 404, "there is no placement"),
    ] {
        let answer = gateway.post(path, &key, body).await;
        assert_eq!(answer.status, status, "{path} {body}: {answer:?}");
        assert!(answer.json()["message"].as_str().is_some_and(|text| text.contains(part)), "{path} {body}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_a_key_has_a_rate() {
    let mock = ad_servers().await;
    let gateway = start(&mock, |config| config.server.rate_per_client = Some(1e-3)).await;
    let key = format!("Authorization: Bearer {KEY}\r\n");
    for (headers, expected) in
        [("", "filled"), ("", "shed"), (&*key, "filled"), (&*key, "filled"), ("X-Forwarded-For: 192.0.2.1\r\n", "shed")]
    {
        assert_eq!(gateway.get_with("/v1/open/vast", headers).await.outcome(), expected, "{headers}");
    }
    let metrics = gateway.admin("/metrics").await.body;
    assert!(metrics.contains("vast_gateway_shed_total{why=\"client_rate\"} 2\n"), "{metrics}");
}

/// A request that waits for an ad server until its task is aborted.
async fn begin_to_wait(mock: &Mock, gateway: &Running) -> AbortHandle {
    let address = gateway.address;
    let waiting = tokio::spawn(async move { exchange(address, "GET", "/v1/hang/vast", "", "").await });
    mock.wait_for(|log| log.iter().any(|seen| seen.request.path() == "/hang")).await.expect("the ad server is asked");
    waiting.abort_handle()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_in_flight_are_limited() {
    let mock = ad_servers().await;
    let gateway = start(&mock, |config| config.server.max_in_flight = 1).await;
    let first = begin_to_wait(&mock, &gateway).await;
    for path in ["/v1/others/vast", "/v1/open/vmap"] {
        let answer = gateway.get(path).await;
        assert_eq!((answer.status, answer.outcome()), (200, "shed"), "{path}");
    }
    let metrics = gateway.admin("/metrics").await.body;
    assert!(metrics.contains("vast_gateway_shed_total{why=\"in_flight\"} 2\n"), "{metrics}");
    first.abort();
    gateway.until_metric("vast_gateway_in_flight 0").await;
    assert_eq!(gateway.get("/v1/others/vast").await.outcome(), "filled", "the place is given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_opens_a_placement_until_it_expires() {
    let mock = ad_servers().await;
    let gateway = start(&mock, |_| {}).await;
    let parameters = [("ip", "192.0.2.7"), ("sid", "s")];
    let valid = signature(KEY, "signed", NOW + 60, &parameters);
    let query = |expires: u64, signature: &str| format!("ip=192.0.2.7&sid=s&kid=ssai&exp={expires}&sig={signature}");
    let of = |expires, placement, key| query(expires, &signature(key, placement, expires, &parameters));
    // Query, status.
    let cases = [
        (query(NOW + 60, &valid), 200),
        (query(NOW + 60, &valid) + "&w=640", 200),
        (of(NOW, "signed", KEY), 200),
        (of(NOW - 1, "signed", KEY), 403),
        (of(NOW + 24 * 3600, "signed", KEY), 200),
        (of(NOW + 24 * 3600 + 1, "signed", KEY), 403),
        (of(NOW + 60, "open", KEY), 403),
        (of(NOW + 60, "signed", OTHER), 403),
        (query(NOW + 61, &valid), 403),
        (query(NOW + 60, &valid).replace("192.0.2.7", "192.0.2.8"), 403),
        (query(NOW + 60, &valid).replace("&sid=s", ""), 403),
        (query(NOW + 60, &valid).replace("kid=ssai", "kid=other"), 403),
        (query(NOW + 60, &valid.replace(['a', 'b', 'c', 'd', 'e'], "f")), 403),
        (query(NOW + 60, "!"), 403),
        ("sid=s".to_owned(), 403),
    ];
    for (query, status) in cases {
        let answer = gateway.get(&format!("/v1/signed/vast?{query}")).await;
        assert_eq!(answer.status, status, "{query}: {answer:?}");
    }
    gateway.get(&format!("/v1/signed/vast?{}&ua=Spoofed", query(NOW + 60, &valid))).await;
    let last = mock.log().pop().expect("a request").request;
    let values: Vec<_> = last.query().into_iter().map(|(_, value)| value).collect();
    assert_eq!(values[0], "192.0.2.7", "the signature covers the address");
    assert_ne!(values[1], "Spoofed", "the signature does not cover the user agent");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_a_tenant_do_not_concern_others() {
    let mock = ad_servers().await;
    let gateway = start(&mock, |config| {
        let acme = config.tenants.get_mut("acme").expect("a tenant");
        (acme.rate, acme.burst) = (Some(0.001), Some(2.0));
    })
    .await;
    let mut outcomes = Vec::new();
    for _ in 0..4 {
        let answer = gateway.get("/v1/open/vast").await;
        outcomes.push(answer.outcome().to_owned());
        if answer.outcome() == "shed" {
            assert_eq!((answer.status, answer.header("retry-after")), (200, Some("1")), "{answer:?}");
        }
        assert_eq!(gateway.get("/v1/others/vast").await.outcome(), "filled");
    }
    assert_eq!(outcomes, ["filled", "filled", "shed", "shed"]);
    let mut newer = gateway_config(&mock);
    newer.placements.retain(|name, _| name == "open");
    newer.tenants.get_mut("acme").expect("a tenant").rate = Some(0.001);
    gateway.handle.replace(&newer).expect("a configuration");
    assert_eq!(gateway.get("/v1/open/vast").await.outcome(), "shed", "a newer configuration goes on with the usage");
    let metrics = gateway.admin("/metrics").await.body;
    assert!(metrics.contains("vast_gateway_shed_total{why=\"tenant_rate\"} 3\n"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_do_not_use_up_the_rate_of_a_tenant() {
    let mock = ad_servers().await;
    let gateway = start(&mock, |config| {
        let acme = config.tenants.get_mut("acme").expect("a tenant");
        (acme.rate, acme.burst) = (Some(0.001), Some(1.0));
    })
    .await;
    for headers in ["", "Authorization: Bearer wrong\r\n"] {
        for _ in 0..3 {
            assert_eq!(gateway.get_with("/v1/key/vast", headers).await.outcome(), "forbidden", "{headers}");
        }
    }
    let key = format!("Authorization: Bearer {KEY}\r\n");
    assert_eq!(gateway.get_with("/v1/key/vast", &key).await.outcome(), "filled");
    assert_eq!(gateway.get_with("/v1/key/vast", &key).await.outcome(), "shed");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_in_flight_of_a_tenant_are_limited() {
    let mock = ad_servers().await;
    let gateway = start(&mock, |config| {
        config.tenants.get_mut("acme").expect("a tenant").max_in_flight = Some(1);
        config.server.on_shed = vast_gateway::config::OnShed::Unavailable;
    })
    .await;
    let first = begin_to_wait(&mock, &gateway).await;
    let answer = gateway.get("/v1/open/vast").await;
    assert_eq!((answer.status, answer.outcome()), (503, "shed"), "{answer:?}");
    assert_eq!(gateway.get("/v1/others/vast").await.outcome(), "filled", "another tenant has its own places");
    first.abort();
    gateway.until_metric("vast_gateway_in_flight 0").await;
    assert_eq!(gateway.get("/v1/open/vast").await.outcome(), "filled", "the place is given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_debug_headers_need_a_key() {
    let mock = ad_servers().await;
    let gateway = start(&mock, |_| {}).await;
    for (headers, is_shown) in [(String::new(), false), (format!("Authorization: Bearer {KEY}\r\n"), true)] {
        let answer = gateway.get_with("/v1/open/vast?debug=1", &headers).await;
        assert_eq!(answer.header("x-vast-request-id").is_some(), is_shown, "{answer:?}");
        let timing = answer.header("server-timing").unwrap_or_default();
        assert_eq!(timing.ends_with(";desc=\"filled\""), is_shown, "{timing}");
    }
}
