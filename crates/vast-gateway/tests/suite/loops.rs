//! Sources that lead back to the gateway.

use crate::support::{Running, ad_servers, config};

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_leads_back_to_the_gateway_ends() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, "[placement.tag]\nsource = [{ url = \"ADS/empty\" }]\n").await;
    let (address, limits) = (gateway.address, "retries = 0\nallow_private = true\n");
    let wrapper = format!(
        "<VAST version=\"3.0\"><Ad><Wrapper><AdSystem>x</AdSystem><VASTAdTagURI>http://{address}/v1/wrapper/vast</VASTAdTagURI><Impression>https://t.example/</Impression></Wrapper></Ad></VAST>"
    );
    let looping = format!(
        "[placement.tag]\n{limits}source = [{{ url = \"http://{address}/v1/tag/vast\" }}]\n[placement.wrapper]\n{limits}source = [{{ xml = '''{wrapper}''' }}]\n"
    );
    gateway.handle.replace(&config(&mock, &looping)).expect("a configuration");
    for placement in ["tag", "wrapper"] {
        // The innermost gateway has a source that fails. The others get an empty document from it.
        let answer = gateway.get(&format!("/v1/{placement}/vast")).await;
        assert_eq!((answer.status, answer.outcome()), (200, "no_ad"), "{placement}: {answer:?}");
        let metrics = gateway.admin("/metrics").await.body;
        for (outcome, count) in [("failed", 1), ("no_ad", 2), ("bad_request", 1)] {
            let line = format!("vast_gateway_answers_total{{placement=\"{placement}\",outcome=\"{outcome}\"}} {count}");
            assert!(metrics.lines().any(|one| one == line), "{line}\n{metrics}");
        }
    }
    let answer = gateway.get_with("/v1/tag/vast", &"CDN-Loop: vast-gateway\r\n".repeat(3)).await;
    assert_eq!((answer.status, answer.outcome()), (400, "bad_request"), "{answer:?}");
    assert!(answer.body.contains("<!-- cdn-loop: the request has passed 3 gateways"), "{answer:?}");
}
