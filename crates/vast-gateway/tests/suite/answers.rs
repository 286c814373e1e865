//! The answers of a gateway: documents, statuses and headers.

use vast_client::VastClient;
use vast_client::select::{Candidate, Selection, Selector};
use vast_client::xml::{AnyDocument, ParseOptions, parse_any};
use vast_client::{AdRequest, FetchConfig, Slot, SourceConfig};
use vast_gateway::Gateway;
use vast_gateway::config::GatewayConfig;

use crate::support::{AD, Answer, Running, ad_servers};

const PLACEMENTS: &str = r#"
[tenant.acme]
origins = ["https://player.example"]
[placement.ad]
source = [{ name = "a", url = "ADS/ad" }]
[placement.relative]
source = [{ url = "ADS/relative" }]
[placement.two]
source = [{ url = "ADS/two" }]
[placement.latin]
source = [{ url = "ADS/latin" }]
[placement.old]
version = "3.0"
source = [{ url = "ADS/ad" }]
[placement.wrapper]
source = [{ url = "ADS/wrapper" }]
[placement.empty]
source = [{ url = "ADS/empty" }]
[placement.nothing]
no_ad = "204"
source = [{ url = "ADS/empty" }]
[placement.broken]
source = [{ url = "ADS/broken" }, { url = "ADS/empty" }]
retries = 0
[placement.hang]
timeout = "400ms"
source = [{ url = "ADS/hang" }]
[placement.playlist]
source = [{ url = "ADS/playlist" }]
[placement.closed]
tenant = "acme"
source = [{ url = "ADS/ad" }]
[placement.filter]
source = [{ url = "ADS/ad" }]
filter = { min_duration = "30s" }
"#;

/// Whether the body is a document that can be read without a warning.
fn is_clean(answer: &Answer) -> bool {
    match parse_any(answer.body.as_bytes(), &ParseOptions::default()) {
        Ok(AnyDocument::Vast(document)) => document.warnings.is_empty(),
        Ok(AnyDocument::Vmap(document)) => document.warnings.is_empty(),
        Err(error) => panic!("{error}: {answer:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_has_its_status_its_outcome_and_a_valid_document() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, PLACEMENTS).await;
    // Path, status, outcome, a part of the body.
    let cases = [
        ("/v1/ad/vast", 200, "filled", "<Ad id=\"shoes\">"),
        ("/v1/ad/vast.xml", 200, "filled", "<Ad id=\"shoes\">"),
        ("/v1/ad/vmap", 200, "filled", "timeOffset=\"start\""),
        ("/v1/ad/vmap.xml?pos=post", 200, "filled", "timeOffset=\"end\""),
        ("/v1/ad/vast?v=3.0", 200, "filled", "<VAST version=\"3.0\""),
        ("/v1/old/vast", 200, "filled", "<VAST version=\"3.0\""),
        ("/v1/old/vast?v=4.2", 200, "filled", "<VAST version=\"4.2\""),
        ("/v1/wrapper/vast", 200, "filled", "https://t.example/wrapper"),
        ("/v1/empty/vast", 200, "no_ad", "<VAST version=\"4.2\""),
        ("/v1/empty/vast?v=2.0", 200, "no_ad", "<VAST version=\"2.0\""),
        ("/v1/empty/vmap", 200, "no_ad", "VMAP"),
        ("/v1/filter/vast", 200, "no_ad", "<VAST"),
        ("/v1/broken/vast", 200, "failed", "<VAST"),
        ("/v1/hang/vast", 200, "timeout", "<VAST"),
        ("/v1/playlist/vast", 200, "filled", "<Ad id=\"shoes\">"),
        ("/v1/playlist/vmap", 200, "filled", "breakId=\"mid\""),
        ("/v1/other/vast", 404, "unknown_placement", "<!-- there is no placement `other` -->"),
        ("/v1/other/vmap", 404, "unknown_placement", "VMAP"),
        ("/v1/ad/vast?w=0", 400, "bad_request", "<!-- w: is not a whole number from 1 to 100000 -->"),
        ("/v1/ad/vast?w=1&w=1", 400, "bad_request", "<!-- w: is repeated -->"),
    ];
    for (path, status, outcome, part) in cases {
        let answer = gateway.get(path).await;
        assert_eq!((answer.status, answer.outcome()), (status, outcome), "{path}: {answer:?}");
        assert!(answer.body.contains(part), "{path}: {answer:?}");
        assert!(is_clean(&answer), "{path}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/xml; charset=utf-8"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(answer.header("set-cookie"), None, "{path}: the answers of players use no cookies");
    }
    for path in ["/v1/nothing/vast", "/v1/nothing/vmap"] {
        let answer = gateway.get(path).await;
        assert_eq!((answer.status, answer.outcome(), answer.body.as_str()), (204, "no_ad", ""), "{answer:?}");
    }
    let answer = gateway.get("/v1/playlist/vmap?content_duration=300").await;
    assert!(answer.body.contains("breakId=\"pre\"") && !answer.body.contains("breakId=\"mid\""), "{answer:?}");
    for (brk, outcome) in [("pre", "filled"), ("mid", "failed"), ("other", "failed")] {
        let answer = gateway.get(&format!("/v1/playlist/vmap?brk={brk}")).await;
        assert_eq!(answer.outcome(), outcome, "{brk}: {answer:?}");
    }
    for (path, part) in [
        ("/v1/old/vmap", "<VAST version=\"3.0\""),
        ("/v1/ad/vmap?v=2.0", "<VAST version=\"2.0\""),
        ("/v1/ad/vmap?brk=first", "breakId=\"first\""),
    ] {
        let answer = gateway.get(path).await;
        assert!(answer.outcome() == "filled" && answer.body.contains(part), "{path}: {answer:?}");
    }
    for (path, method, status) in
        [("/", "GET", 404), ("/v1/ad", "GET", 404), ("/v1/ad/vast", "POST", 405), ("/v1/ad/vast", "HEAD", 405)]
    {
        let answer = crate::support::exchange(gateway.address, method, path, "", "").await;
        assert_eq!(answer.status, status, "{method} {path}");
        let allowed = (status == 405).then_some("GET, OPTIONS");
        assert_eq!(answer.header("allow"), allowed, "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_without_changes_is_answered_as_it_is() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, PLACEMENTS).await;
    for (path, is_own) in [
        ("/v1/ad/vast", true),
        ("/v1/ad/vast?v=4.2", true),
        ("/v1/ad/vast?v=4.1", false),
        ("/v1/relative/vast", false),
        ("/v1/two/vast", false),
        ("/v1/latin/vast", false),
        ("/v1/wrapper/vast", false),
    ] {
        let answer = gateway.get(path).await;
        assert_eq!(answer.outcome(), "filled", "{path}");
        assert_eq!(answer.body == AD, is_own, "{path}: {answer:?}");
        // The player fills in the macros, so they stay.
        assert!(answer.body.contains("[CACHEBUSTING]") && answer.body.contains("[SERVERSIDE]"), "{path}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r194_pages_of_permitted_origins_may_read_the_answers_of_players() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, PLACEMENTS).await;
    // Path, origin, whether it may read.
    for (path, origin, may_read) in [
        ("/v1/ad/vast", "https://any.example", true),
        ("/v1/ad/vmap", "https://any.example", true),
        ("/v1/other/vast", "https://any.example", true),
        ("/v1/closed/vast", "https://player.example", true),
        ("/v1/closed/vast", "https://other.example", false),
        ("/v1/ad/ads.json", "https://any.example", false),
        ("/v1/unwrap", "https://any.example", false),
    ] {
        for method in ["GET", "OPTIONS"] {
            let headers = format!("Origin: {origin}\r\n");
            let answer = crate::support::exchange(gateway.address, method, path, &headers, "").await;
            let expected = may_read.then_some(origin);
            assert_eq!(answer.header("access-control-allow-origin"), expected, "{method} {path} {origin}");
            let credentials = answer.header("access-control-allow-credentials");
            assert_eq!(credentials, may_read.then_some("true"), "{method} {path} {origin}");
            let is_for_players = path.ends_with("/vast") || path.ends_with("/vmap");
            assert_eq!(answer.header("vary"), is_for_players.then_some("Origin"), "{method} {path}");
            if method == "OPTIONS" {
                assert!(
                    answer.header("allow").is_some_and(|methods| methods.contains("OPTIONS")),
                    "{path}: {answer:?}"
                );
                assert_eq!(answer.status, 204, "{path}");
            }
            if !is_for_players {
                let is_of_cors = |(name, _): &(String, String)| name.starts_with("access-control-");
                assert!(!answer.headers.iter().any(is_of_cors), "{method} {path}: {answer:?}");
            } else if method == "OPTIONS" {
                assert_eq!(answer.header("access-control-max-age"), Some("86400"), "{path}");
                let permitted = answer.header("access-control-allow-headers").unwrap_or_default();
                assert!(permitted.contains("Authorization"), "{path}: {permitted}");
            } else if may_read {
                let exposed = answer.header("access-control-expose-headers").unwrap_or_default();
                assert!(exposed.contains("X-Vast-Outcome") && exposed.contains("Retry-After"), "{path}: {exposed}");
            }
        }
    }
    let answer = gateway.get("/v1/ad/vast").await;
    assert_eq!((answer.header("access-control-allow-origin"), answer.header("vary")), (None, Some("Origin")));
}

/// A selector with a bug.
struct Panicking;

impl Selector for Panicking {
    fn select(&self, _: Vec<Candidate>, _: &Slot) -> Selection {
        panic!("a bug of this test")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_an_empty_document() {
    let mut config = GatewayConfig::of_sources([SourceConfig::inline(AD)]);
    config.server.listen = vec!["127.0.0.1:0".parse().expect("an address")];
    config.server.admin = "127.0.0.1:0".parse().expect("an address");
    let client = VastClient::builder().selector(Panicking);
    let gateway = Running::of(Gateway::builder().client(client).bind(config).await);
    for _ in 0..3 {
        let answer = gateway.get("/v1/default/vast").await;
        assert_eq!((answer.status, answer.outcome()), (200, "internal"), "{answer:?}");
        assert!(is_clean(&answer), "{answer:?}");
    }
    let metrics = gateway.admin("/metrics").await.body;
    let line = "vast_gateway_answers_total{placement=\"default\",outcome=\"internal\"} 3";
    assert!(metrics.lines().any(|one| one == line), "{metrics}");
    assert_eq!(gateway.admin("/api/state").await.json()["in_flight"], 0, "the place is given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_client_reads_the_answer() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, PLACEMENTS).await;
    let tag = SourceConfig::url(format!("http://{}/v1/wrapper/vast", gateway.address));
    let client = VastClient::from_config(FetchConfig::new([tag])).expect("a configuration");
    let result = client.request_ad_for(&AdRequest::default()).await;
    assert_eq!(result.selected_media().map(|file| &*file.url), Some("https://cdn.example/shoes.mp4"));
}
