//! Reload and end under requests.

use std::path::Path;
use std::time::Duration;

use vast_gateway::config::DrainLimits;
use vast_gateway::{Gateway, Reload};
use vast_mock::Mock;

use crate::support::{PATIENCE, Running, ad_servers, exchange};

fn text(mock: &Mock, path: &str) -> String {
    format!(
        "[placement.ad]\nsource = [{{ name = \"a\", url = \"{}{path}\" }}]\n",
        mock.url("ads").trim_end_matches('/')
    )
}

/// Replaces the file as a whole, because the gateway reads it again every two seconds.
fn write(path: &Path, text: &str) {
    let newer = path.with_extension("newer");
    std::fs::write(&newer, text).expect("a file");
    std::fs::rename(newer, path).expect("the file is replaced");
}

/// The number of the configuration after a reload. On a slow machine, the gateway may have read the file before.
async fn generation_after_reload(gateway: &Running) -> serde_json::Value {
    gateway.handle.reload().await.expect("a configuration");
    gateway.admin("/api/state").await.json()["generation"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_is_used_as_a_whole_or_not_at_all() {
    let (mock, folder) = (ad_servers().await, tempfile::tempdir().expect("a folder"));
    let path = folder.path().join("gateway.toml");
    write(&path, &text(&mock, "/ad"));
    let gateway = Running::of_file(Gateway::builder(), &path).await;
    assert_eq!(gateway.handle.reload().await, Ok(Reload::Unchanged));
    assert_eq!(gateway.get("/v1/ad/vast").await.outcome(), "filled");

    write(&path, &(text(&mock, "/empty") + "[placement.other]\nsource = 1\n"));
    assert!(gateway.handle.reload().await.is_err());
    assert_eq!(gateway.get("/v1/ad/vast").await.outcome(), "filled", "nothing has changed");
    let state = gateway.admin("/api/state").await.json();
    assert!(state["config_problem"].as_str().is_some_and(|problem| problem.starts_with("line 4")), "{state}");
    let metrics = gateway.admin("/metrics").await.body;
    for line in
        ["vast_gateway_config_failures_total 1", "vast_gateway_config_current 0", "vast_gateway_config_generation 1"]
    {
        assert!(metrics.lines().any(|one| one == line), "{line}\n{metrics}");
    }

    write(&path, &text(&mock, "/empty"));
    let answer = exchange(gateway.admin, "POST", "/api/config/reload", "", "").await;
    let answer = answer.json();
    assert!(answer["replaced"].is_boolean() && answer["generation"] == 2, "{answer}");
    assert_eq!(gateway.admin("/api/state").await.json()["needs_restart"], serde_json::json!([]));
    assert_eq!(gateway.get("/v1/ad/vast").await.outcome(), "no_ad");
    let state = gateway.admin("/api/state").await.json();
    assert_eq!((&state["config_problem"], &state["generation"]), (&serde_json::Value::Null, &2.into()), "{state}");
    assert_eq!(state["placements"][0]["answers"]["filled"], 2, "the numbers go on");

    let server = "[server]\nmax_streams = 7\nidle_timeout = \"7s\"\nrate_per_client = 7\n";
    let tables = "[outbox]\npath = \"beacons\"\n[telemetry]\notlp = \"http://127.0.0.1:1\"\n[cluster]\nnats = \"nats://127.0.0.1:1\"\n";
    write(&path, &(text(&mock, "/empty") + server + tables));
    assert_eq!(generation_after_reload(&gateway).await, 3);
    let state = gateway.admin("/api/state").await.json();
    let waiting = ["idle_timeout", "max_streams", "[outbox]", "[telemetry]", "[cluster]"];
    assert_eq!(state["needs_restart"], serde_json::json!(waiting), "{state}");

    write(&path, &text(&mock, "/ad").replace("[placement.ad]", "[placement.other]"));
    assert_eq!(gateway.handle.reload().await, Ok(Reload::Replaced(4)));
    assert_eq!(gateway.get("/v1/other/vast").await.outcome(), "filled");
    let report = gateway.stop().await.expect("no panic");
    assert_eq!((report.filled, report.answers, report.cut), (3, 4, 0), "the numbers of the first placement too");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_in_flight_keep_their_configuration_and_sources_their_memory() {
    let (mock, folder) = (ad_servers().await, tempfile::tempdir().expect("a folder"));
    let path = folder.path().join("gateway.toml");
    write(&path, &text(&mock, "/slow"));
    let gateway = Running::of_file(Gateway::builder(), &path).await;
    let in_flight = async {
        let answer = gateway.get("/v1/ad/vast").await;
        assert_eq!(answer.outcome(), "filled");
    };
    let reload = async {
        mock.wait_for(|log| log.len() == 1).await.expect("the ad server is asked");
        write(&path, &(text(&mock, "/slow") + "max_ads = 1\n"));
        assert_eq!(generation_after_reload(&gateway).await, 2);
    };
    tokio::join!(in_flight, reload);
    let sources = gateway.admin("/api/sources").await.json();
    assert_eq!(sources["placements"][0]["numbers"]["sources"][0]["wins"], 1, "{sources}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_announces_itself_and_still_answers() {
    let mock = ad_servers().await;
    let config = "[placement.slow]\nsource = [{ url = \"ADS/slow\" }]\n";
    let gateway = Running::start_with(&mock, config, |config| {
        config.server.drain = DrainLimits::new(PATIENCE, PATIENCE, PATIENCE);
    })
    .await;
    let (address, admin) = (gateway.address, gateway.admin);
    assert_eq!(gateway.admin("/readyz").await.status, 200);
    let ended = gateway.stop();
    while exchange(admin, "GET", "/readyz", "", "").await.status == 200 {}
    let late = exchange(address, "GET", "/v1/slow/vast", "", "").await;
    assert_eq!((late.outcome(), late.header("connection")), ("filled", Some("close")), "{late:?}");
    ended.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_answers_what_is_in_flight() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, "[placement.slow]\nsource = [{ url = \"ADS/slow\" }]\n").await;
    let address = gateway.address;
    let in_flight = tokio::spawn(async move { exchange(address, "GET", "/v1/slow/vast", "", "").await });
    mock.wait_for(|log| log.len() == 1).await.expect("the ad server is asked");
    let report = gateway.stop().await.expect("no panic");
    assert_eq!(in_flight.await.expect("no panic").outcome(), "filled");
    assert_eq!((report.filled, report.answers, report.cut), (1, 1, 0), "{report:?}");
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "the socket is closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_does_not_wait_for_ever() {
    let mock = ad_servers().await;
    let config = "[placement.hang]\ntimeout = \"60s\"\nsource = [{ url = \"ADS/hang\" }]\n";
    let gateway = Running::start_with(&mock, config, |config| {
        config.server.drain = DrainLimits::new(Duration::ZERO, Duration::from_millis(200), Duration::ZERO);
    })
    .await;
    let address = gateway.address;
    let half_sent = tokio::net::TcpStream::connect(address).await.expect("it listens");
    let hanging = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
        stream.write_all(b"GET /v1/hang/vast HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("it reads");
        stream.read_to_end(&mut Vec::new()).await.ok();
    });
    mock.wait_for(|log| log.len() == 1).await.expect("the ad server is asked");
    let report = tokio::time::timeout(PATIENCE, gateway.stop()).await.expect("it ends").expect("no panic");
    assert_eq!(report.cut, 1, "{report:?}");
    hanging.await.expect("the connection is closed");
    drop(half_sent);
}
