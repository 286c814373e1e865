//! The ends of the requests of losing sources, as their servers see them.

use std::time::Duration;

use crate::pipeline::{ads, client, inline, of, source, start, within};
use vast_client::transport::Linger;
use vast_client::{FetchConfig, FetchMode, Outcome, VastClient};
use vast_mock::{Answer, CutEnd, Exchange, ExchangeEnding, Fault, Mock, Script};

const WIDE: [FetchMode; 2] = [FetchMode::Parallel, FetchMode::Race];

/// `west` responds when all others were asked. The others lose in different states: before the head, within the body, and
/// after a late response.
async fn servers() -> Mock {
    let script = Script::builder()
        .server("west")
        .answer(inline().delay(Duration::from_millis(50)))
        .server("silent")
        .answer(Answer::new().fault(Fault::Hang))
        .server("stalled")
        .answer(inline().truncate(100, CutEnd::Hang))
        .server("trickling")
        .answer(inline().pieces_of(10).piece_delay(Duration::from_millis(50)))
        .server("late")
        .answer(inline().delay(Duration::from_millis(100)))
        .server("beacons")
        .sink(vast_mock::Sink::NoContent);
    start(script.build().expect("a script")).await
}

/// `west` is first, followed by the losers.
fn config(mock: &Mock, losers: &[&str], mode: FetchMode) -> FetchConfig {
    let west = source(mock, "west", "/v?ad=hats");
    let losers = losers.iter().map(|name| source(mock, name, "/v?ad=lost"));
    FetchConfig::new(std::iter::once(west).chain(losers)).with_mode(mode)
}

/// Requests an ad until every loser was asked once: on a loaded machine the winner may respond before a loser is asked.
async fn lose(client: &VastClient, mock: &Mock, losers: &[&str]) {
    for _ in 0..100 {
        let result = within(client.request_ad()).await;
        assert_eq!(ads(&result), ["hats"], "{:?}", result.sources);
        assert!(
            result.sources.iter().skip(1).all(|source| source.outcome == Outcome::Cancelled),
            "{:?}",
            result.sources
        );
        assert!(result.tracked.is_empty() && result.errors.is_empty(), "{:?}", result.errors);
        if losers.iter().all(|loser| of(&mock.log(), loser).count() > 0) {
            return;
        }
    }
    panic!("a loser was never asked");
}

/// Waits until all exchanges of these servers have ended in this way.
async fn wait_for_ends(mock: &Mock, servers: &[&str], ending: ExchangeEnding) {
    let all = |log: &[Exchange]| {
        let asked = servers.iter().all(|server| of(log, server).count() > 0);
        asked && servers.iter().flat_map(|server| of(log, server)).all(|exchange| exchange.ending == ending)
    };
    mock.wait_for(all).await.unwrap_or_else(|error| panic!("not all of {servers:?} end as {ending}: {error}"));
}

#[tokio::test]
async fn without_linger_the_losers_connections_are_closed() {
    const LOSERS: [&str; 3] = ["silent", "stalled", "trickling"];
    for mode in WIDE {
        let mock = servers().await;
        let client = client(config(&mock, &LOSERS, mode), Linger::OFF);
        lose(&client, &mock, &LOSERS).await;
        wait_for_ends(&mock, &LOSERS, ExchangeEnding::ClientClosed).await;
        assert!(mock.beacons().is_empty(), "{mode}");
    }
}

#[tokio::test]
async fn with_linger_a_loser_is_read_to_its_end_and_its_connection_used_again() {
    for mode in WIDE {
        let mock = servers().await;
        let linger = Linger { time: Duration::from_secs(20), ..Linger::default() };
        let client = client(config(&mock, &["late"], mode), linger);
        for _ in 0..5 {
            lose(&client, &mock, &["late"]).await;
            wait_for_ends(&mock, &["late"], ExchangeEnding::Completed).await;
            // All bytes are in the socket. This lets the client's task read them before the next round.
            for _ in 0..1000 {
                tokio::task::yield_now().await;
            }
        }
        assert!(of(&mock.log(), "late").count() >= 5, "{mode}");
        assert_eq!((mock.connections("late"), mock.connections("west")), (1, 1), "{mode}");
        assert!(mock.beacons().is_empty(), "{mode}: nothing of what was read on counts");
    }
}

#[tokio::test]
async fn linger_is_bounded_in_time_and_bytes_and_number() {
    let long = Duration::from_secs(600);
    let short = Duration::from_millis(50);
    let bounds = [
        ("silent", Linger { time: short, ..Linger::default() }),
        ("stalled", Linger { time: short, ..Linger::default() }),
        ("trickling", Linger { time: long, bytes: 20, exchanges: 64 }),
        ("silent", Linger { time: long, bytes: 1 << 20, exchanges: 0 }),
    ];
    for (loser, linger) in bounds {
        let mock = servers().await;
        let client = client(config(&mock, &[loser], FetchMode::Race), linger);
        lose(&client, &mock, &[loser]).await;
        wait_for_ends(&mock, &[loser], ExchangeEnding::ClientClosed).await;
    }
}

#[tokio::test]
async fn a_shutdown_ends_lingering_exchanges() {
    let mock = servers().await;
    let linger = Linger { time: Duration::from_secs(600), ..Linger::default() };
    let client = client(config(&mock, &["silent"], FetchMode::Race), linger);
    lose(&client, &mock, &["silent"]).await;
    within(client.shutdown(Duration::from_millis(10))).await;
    wait_for_ends(&mock, &["silent"], ExchangeEnding::ClientClosed).await;
}
