//! Connections, headers and beacons of whole requests on real sockets.

use std::time::Duration;

use crate::pipeline::{WRAPPER, ads, client, inline, of, one_server, open_source, source, start, within};
use vast_client::transport::Linger;
use vast_client::{AdRequest, FetchConfig, FetchMode};
use vast_mock::{Answer, Mock, Script, Sink};

#[tokio::test]
async fn fifty_requests_are_one_connection() {
    let mock = one_server([inline()]).await;
    let client = client(FetchConfig::new([source(&mock, "east", "/v?ad=shoes")]), Linger::default());
    for _ in 0..50 {
        assert_eq!(ads(&within(client.request_ad()).await), ["shoes"]);
    }
    assert_eq!((mock.connections("east"), mock.log().len()), (1, 50));
}

#[tokio::test]
async fn answers_without_an_ad_keep_the_connection_too() {
    let unusable = ["<VAST version='4.2'/>", "<html></html>", "<VAST"];
    let answers = unusable.map(|body| Answer::new().body(body));
    let answers = answers.into_iter().chain([404, 204, 503].map(|status| Answer::new().status(status)));
    let mock = one_server(answers).await;
    let mut config = FetchConfig::new([source(&mock, "east", "/v")]);
    config.strategy.retry.max_retries = 0;
    let client = client(config, Linger::OFF);
    for _ in 0..6 {
        assert!(!within(client.request_ad()).await.success);
    }
    assert_eq!((mock.connections("east"), mock.log().len()), (1, 6));
}

async fn wrapped() -> Mock {
    let script =
        Script::builder().server("wrapper").answer(Answer::new().body(WRAPPER)).server("east").answer(inline());
    start(script.server("beacons").sink(Sink::Gif).build().expect("a script")).await
}

#[tokio::test]
async fn a_whole_request_with_its_beacons() {
    let mock = wrapped().await;
    let path = format!("/w?to={}/v?ad=shoes", mock.url("east"));
    let mut source = open_source(&mock, "wrapper", &path);
    source.headers.push(("X-Key".to_owned(), "secret".to_owned()));
    source.params.push(("slot".to_owned(), "a b".to_owned()));
    let client = client(FetchConfig::new([source]), Linger::default());
    let mut request = AdRequest::default();
    request.device.ip = Some(std::net::Ipv4Addr::new(8, 8, 8, 8).into());
    request.device.user_agent = Some("Television/1".to_owned());
    let result = within(client.orchestrator().run(client.plan(), &request, client.run_options())).await;
    let drained = within(client.drain(Duration::from_secs(20))).await;
    assert_eq!((ads(&result), drained.delivered, drained.failed), (vec!["shoes"], 2, 0));

    let mut beacons: Vec<_> = mock.beacons().into_iter().flat_map(|beacon| beacon.query).collect();
    beacons.sort();
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(beacons, [pair("ad", "shoes"), pair("wrapper", "/w")]);
    let log = mock.log();
    for exchange in &log {
        let header = |name| exchange.request.header(name);
        assert_eq!(header("x-device-ip"), Some("8.8.8.8"), "{exchange}");
        assert_eq!(header("x-device-user-agent"), Some("Television/1"), "{exchange}");
        assert!(header("user-agent").is_some_and(|agent| agent.starts_with("vast-client/")), "{exchange}");
        assert_eq!(header("x-key").is_some(), &*exchange.server == "wrapper", "{exchange}");
    }
    let asked: Vec<_> = of(&log, "wrapper").map(|exchange| exchange.request.path_and_query.clone()).collect();
    assert_eq!(asked, [format!("{path}&slot=a%20b")]);
    assert!(of(&log, "east").all(|exchange| exchange.request.path_and_query == "/v?ad=shoes"));
}

#[tokio::test]
async fn one_client_serves_many_requests_at_once() {
    let script = Script::builder().server("one").answer(inline().delay(Duration::from_millis(20)));
    let script = script.server("two").answer(inline()).server("none").answer(Answer::new().status(204));
    let mock = start(script.build().expect("a script")).await;
    for &mode in FetchMode::ALL {
        let sources = [("none", "/v"), ("one", "/v?ad=one"), ("two", "/v?ad=two")];
        let sources = sources.map(|(server, path)| source(&mock, server, path));
        let client = client(FetchConfig::new(sources).with_mode(mode), Linger::default());
        let answers = within(futures_util::future::join_all((0..40).map(|_| client.request_ad()))).await;
        assert!(answers.iter().all(|answer| answer.success), "{mode}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_works_from_many_tasks() {
    let mock = one_server([inline()]).await;
    let client = client(FetchConfig::new([source(&mock, "east", "/v?ad=shoes")]), Linger::default());
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.request_ad().await.success })
        })
        .collect();
    for task in tasks {
        assert!(within(task).await.expect("no panic"));
    }
}
