//! The retry budget, the limits of a source, and staggering by its own latency, over many requests.

use futures_util::future::join_all;
use vast_client::policy::{BreakerSettings, FetchMode};
use vast_client::{FetchConfig, VastClient};

use super::server::{Manner, Server, client, config, millis, outcome};

/// The breaker of a test in which no source is ejected.
fn off() -> BreakerSettings {
    let mut settings = BreakerSettings::default();
    settings.enabled = false;
    settings
}

fn retrying(server: &Server) -> FetchConfig {
    let mut config = config(&[server]);
    config.strategy.breaker = off();
    config.strategy.retry.max_retries = 3;
    config
}

#[tokio::test(start_paused = true)]
async fn a_source_that_always_fails_gets_at_most_a_fifth_more_than_the_offered_load() {
    for (status, at_once) in [(503, 1), (503, 100), (429, 1), (429, 100)] {
        let dead = Server::new("dead", Manner::Fails(status, 5));
        let client = client(retrying(&dead));
        for _ in 0..1000 / at_once {
            join_all((0..at_once).map(|_| client.request_ad())).await;
        }
        let asked = dead.take_count();
        assert!(asked > 1000 && asked <= 1200, "status {status}, {at_once} at once: {asked} attempts of 1000 requests");
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_seldom_fails_is_retried_each_time() {
    let server = Server::new("server", Manner::Fills(5));
    let client = client(retrying(&server));
    for number in 0..1000 {
        // One of twenty requests fails at first.
        server.becomes(if number % 20 == 0 { Manner::Fails(503, 5) } else { Manner::Fills(5) });
        let request = client.request_ad();
        let recover = async {
            tokio::time::sleep(millis(1)).await;
            server.becomes(Manner::Fills(5));
        };
        let (result, ()) = tokio::join!(request, recover);
        assert!(!result.ads.is_empty(), "request {number}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_above_a_limit_skips_the_source() {
    let (small, large) = (Server::new("small", Manner::Fills(50)), Server::new("large", Manner::Fills(50)));
    let mut config = config(&[&small, &large]).with_mode(FetchMode::Collect);
    config.sources[0].max_concurrent = Some(3);
    let client = client(config);
    for _ in 0..3 {
        let results = join_all((0..10).map(|_| client.request_ad())).await;
        let of_small: Vec<_> = results.iter().map(|result| outcome(result, "small")).collect();
        assert_eq!(of_small.iter().filter(|outcome| *outcome == "filled").count(), 3, "{of_small:?}");
        assert_eq!(of_small.iter().filter(|outcome| *outcome == "skipped concurrency").count(), 7, "{of_small:?}");
        assert_eq!((small.take_count(), large.take_count()), (3, 10));
    }
    // A request that is dropped leaves its place.
    for _ in 0..5 {
        let _ = tokio::time::timeout(millis(10), client.request_ad()).await;
    }
    assert_eq!(outcome(&client.request_ad().await, "small"), "filled");
}

#[tokio::test(start_paused = true)]
async fn a_rate_limits_the_requests_of_each_second() {
    let (small, large) = (Server::new("small", Manner::Fills(1)), Server::new("large", Manner::Fills(1)));
    let mut config = config(&[&small, &large]).with_mode(FetchMode::Collect);
    config.sources[0].max_rate = Some(10.0);
    let client = client(config);
    let mut every = tokio::time::interval(millis(20));
    let mut skipped = 0;
    for _ in 0..500 {
        every.tick().await;
        skipped += usize::from(outcome(&client.request_ad().await, "small") == "skipped rate");
    }
    // Ten seconds, and the burst before them.
    let (asked, of_large) = (small.take_count(), large.take_count());
    assert!(asked.abs_diff(110) <= 2, "{asked}");
    assert_eq!((asked + skipped, of_large), (500, 500));
}

/// A staggered client of `first` and `second`, after so many requests that `first` has answered.
async fn staggered(first: &Server, second: &Server, answered: usize) -> VastClient {
    let mut config = config(&[first, second]).with_mode(FetchMode::Staggered);
    config.strategy.breaker = off();
    let client = client(config);
    for _ in 0..answered {
        client.request_ad().await;
    }
    drop((first.take_asked(), second.take_asked()));
    client
}

#[tokio::test(start_paused = true)]
async fn the_next_source_is_started_when_the_first_is_slower_than_its_own_95th_percentile() {
    for (answered, expected) in [(0, 400), (99, 400), (100, 70), (500, 70)] {
        let (first, second) = (Server::new("first", Manner::Fills(70)), Server::new("second", Manner::Fills(5)));
        let client = staggered(&first, &second, answered).await;
        first.becomes(Manner::Fills(1_000));
        let result = client.request_ad().await;
        assert_eq!(result.source.as_deref(), Some("second"));
        assert_eq!(result.metadata.elapsed, millis(expected + 5), "after {answered} answers");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_source_starts_the_next_one_within_its_retry_budget() {
    // The time after which the next source is started, if the operator sets it, and how often it is of 500 requests.
    for (stagger, most) in [(None, 80), (Some(millis(70)), 500)] {
        let (first, second) = (Server::new("first", Manner::Fills(70)), Server::new("second", Manner::Fills(5)));
        let mut client = staggered(&first, &second, 100).await;
        if stagger.is_some() {
            let mut config = config(&[&first, &second]).with_mode(FetchMode::Staggered);
            (config.strategy.breaker, config.strategy.stagger) = (off(), stagger);
            client = VastClient::builder().after(client.plan()).build(config).expect("a configuration");
        }
        first.becomes(Manner::Fills(300));
        for _ in 0..500 {
            assert!(!client.request_ad().await.ads.is_empty());
        }
        let second = second.take_count();
        assert!(second >= 35 && second <= most, "{second} of 500 with {stagger:?}");
        assert_eq!(first.take_count(), 500);
    }
}
