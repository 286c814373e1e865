//! A source that the host ejects is not asked until the host restores it.

use vast_client::policy::BreakerState;
use vast_client::{FetchConfig, FetchMode, SourceConfig};

use super::server::{AD, Manner, Server, client, config, outcome};

const FILLS: Manner = Manner::Fills(5);
const FAILS: Manner = Manner::Fails(503, 5);

#[tokio::test(start_paused = true)]
async fn a_source_that_the_host_ejects_is_not_asked_until_it_is_restored() {
    for mode in [FetchMode::Parallel, FetchMode::Sequential, FetchMode::Race, FetchMode::Staggered] {
        let (one, two) = (Server::new("one", FILLS), Server::new("two", FILLS));
        let client = client(config(&[&one, &two]).with_mode(mode));
        assert!(client.plan().eject("one") && !client.plan().eject("none"), "{mode}");
        let result = client.request_ad().await;
        assert_eq!((outcome(&result, "one"), one.take_count()), ("skipped ejected".to_owned(), 0), "{mode}");
        assert_eq!(result.source.as_deref(), Some("two"), "{mode}");
        assert!(client.plan().restore("one") && !client.plan().is_ejected("one"), "{mode}");
        assert_eq!(client.request_ad().await.source.as_deref(), Some("one"), "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_ejection_by_the_host_holds_for_the_only_source_and_for_a_newer_plan() {
    let config = FetchConfig::new([SourceConfig::inline(AD).named("only")]);
    let client = client(config.clone());
    client.plan().eject("only");
    // The circuit breaker would let the only source be asked.
    let result = client.request_ad().await;
    assert_eq!(outcome(&result, "only"), "skipped ejected");
    assert_eq!(client.plan().breaker("only"), Some(BreakerState::Closed));
    let newer = client.orchestrator().plan_after(&config, client.plan()).expect("a plan");
    assert!(newer.is_ejected("only"));
    newer.restore("only");
    assert!(client.request_ad().await.success, "both plans have one memory");
}

#[tokio::test(start_paused = true)]
async fn an_ejected_source_does_not_count_as_one_that_can_be_asked() {
    // The breaker of the failing source may skip it only if another source can be asked instead.
    let (dead, live) = (Server::new("dead", FAILS), Server::new("live", FILLS));
    let client = client(config(&[&dead, &live]).with_mode(FetchMode::Sequential));
    client.plan().eject("live");
    for _ in 0..7 {
        client.request_ad().await;
    }
    assert_eq!(dead.take_count(), 7, "the only source that is left is asked despite its breaker");
}
