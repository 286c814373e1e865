use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;
use crate::config::GatewayConfig;

/// The telemetry of a gateway with one span that waits, and the end of its sending.
async fn sending(collector: &TcpListener, stop: &StopSignal) -> (Arc<Telemetry>, JoinHandle<()>) {
    let address = collector.local_addr().expect("an address");
    let text = format!(
        "[placement.a]\nsource = [{{ xml = '<VAST/>' }}]\n[telemetry]\notlp = \"http://{address}\"\nsample = 1.0\nsignals = [\"traces\"]\n"
    );
    let config = GatewayConfig::parse(&text, Path::new("")).expect("a configuration").telemetry.expect("its telemetry");
    let telemetry = Arc::new(Telemetry::new(config, None, Env::system(), LogBuffer::default()).expect("its settings"));
    let end = RequestEnd {
        placement: Some("a"),
        route: "/v1/{placement}/vast",
        method: &Method::GET,
        status: 200,
        outcome: AnswerOutcome::Filled,
        before: Duration::ZERO,
        elapsed: Duration::ZERO,
    };
    telemetry.end(&telemetry.begin(None), end, None);
    let (sends, stop) = (Arc::clone(&telemetry), stop.clone());
    (telemetry, tokio::spawn(async move { sends.run(|_| {}, stop).await }))
}

fn traces(telemetry: &Telemetry) -> (u64, u64) {
    let [(_, sent, dropped), ..] = telemetry.counts();
    (sent, dropped)
}

#[tokio::test(start_paused = true)]
async fn a_collector_that_never_answers_delays_the_end_by_a_second_at_most() {
    let (collector, stop) = (TcpListener::bind("127.0.0.1:0").await.expect("loopback"), StopSignal::default());
    let (telemetry, run) = sending(&collector, &stop).await;
    // The span is being sent.
    let _silent = collector.accept().await.expect("a connection");
    let began = Instant::now();
    stop.abort();
    run.await.expect("no panic");
    assert_eq!((began.elapsed().as_millis() / 10, traces(&telemetry)), (FLUSH.as_millis() / 10, (0, 1)));
}

#[tokio::test(start_paused = true)]
async fn what_is_being_sent_at_the_end_is_sent_to_its_end() {
    let (collector, stop) = (TcpListener::bind("127.0.0.1:0").await.expect("loopback"), StopSignal::default());
    let (telemetry, run) = sending(&collector, &stop).await;
    let (mut stream, _) = collector.accept().await.expect("a connection");
    assert!(stream.read(&mut [0; 64]).await.expect("a request") > 0);
    let answers = Arc::new(Notify::new());
    let waits = Arc::clone(&answers);
    let answering = tokio::spawn(async move {
        waits.notified().await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.expect("it reads");
        stream
    });
    stop.abort();
    tokio::task::yield_now().await;
    answers.notify_one();
    run.await.expect("no panic");
    assert_eq!(traces(&telemetry), (1, 0));
    drop(answering);
}
