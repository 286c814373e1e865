//! Replies on real sockets: the order of bytes and the way each exchange ends.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::client::{Client, east, ended, header, start};
use vast_mock::{Answer, Answered, CutEnd, Exchange, ExchangeEnding, Fault, Mock, Script};

const MS: fn(u64) -> Duration = Duration::from_millis;
/// Longer than any test. A wait of this length ends only because of another event.
const EVER: Duration = Duration::from_secs(3600);

fn endings(log: &[Exchange]) -> Vec<ExchangeEnding> {
    log.iter().map(|exchange| exchange.ending).collect()
}

#[tokio::test]
async fn a_connection_is_kept_and_every_exchange_is_logged() {
    let mock = start(east().answer(Answer::new().status(503)).answer(Answer::new().body("<VAST/>"))).await;
    let mut client = Client::asking(&mock, "/vast?cb=1").await;
    assert_eq!(client.response().await.0, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    client.get("/vast?cb=2").await;
    let (head, body) = client.response().await;
    assert_eq!((head.as_str(), body.as_str()), ("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", "<VAST/>"));

    let log = ended(&mock, 2).await;
    let seen = |exchange: &Exchange| {
        (exchange.connection, exchange.request.path_and_query.clone(), exchange.answered, exchange.bytes_sent)
    };
    assert_eq!(seen(&log[0]), (1, "/vast?cb=1".to_owned(), Answered::Status(503), 0));
    assert_eq!(seen(&log[1]), (1, "/vast?cb=2".to_owned(), Answered::Status(200), 7));
    assert_eq!(endings(&log), [ExchangeEnding::Completed; 2]);
    assert_eq!(log[0].request.header("host"), Some("east.test"));
    assert!(log[0].started <= log[0].ended.expect("ended") && log[0].ended <= Some(log[1].started));
    assert_eq!(mock.connections("east"), 1);
}

#[tokio::test]
async fn servers_know_each_others_addresses() {
    let mock = start(east().answer(Answer::new().redirect("{{west}}/x")).server("west").answer(Answer::new())).await;
    let (head, _) = Client::asking(&mock, "/").await.response().await;
    assert_eq!(header(&head, "location"), Some(format!("{}/x", mock.url("west")).as_str()));
    assert_eq!(mock.url("west"), format!("http://{}", mock.address("west").expect("a server")));
    assert_eq!(mock.servers().map(|(name, _)| name).collect::<Vec<_>>(), ["east", "west"]);
}

#[tokio::test]
async fn faults_before_the_first_byte() {
    let mock = start(
        east()
            .answer(Answer::new().fault(Fault::Reset))
            .answer(Answer::new().fault(Fault::Close))
            .answer(Answer::new().fault(Fault::Hang)),
    )
    .await;
    let reset = Client::asking(&mock, "/").await.rest().await;
    assert_eq!(reset.expect_err("a reset").kind(), ErrorKind::ConnectionReset);
    assert_eq!(Client::asking(&mock, "/").await.rest().await.expect("an orderly end"), "");

    let hanging = Client::asking(&mock, "/").await;
    let log = mock.wait_for(|log| log.len() == 3).await.expect("three requests");
    assert!(hanging.is_silent());
    assert_eq!(
        (log[2].answered, log[2].ending, log[2].ended),
        (Answered::Fault(Fault::Hang), ExchangeEnding::Running, None)
    );
    drop(hanging);
    let log = ended(&mock, 3).await;
    assert_eq!(endings(&log), [ExchangeEnding::Reset, ExchangeEnding::Closed, ExchangeEnding::ClientClosed]);
}

#[tokio::test]
async fn bytes_of_the_wire_are_sent_as_they_are() {
    let banner = "SSH-2.0-x\r\n";
    let mock = start(
        east()
            .answer(Answer::new().wire(banner))
            .answer(Answer::new().wire("HTTP/1.1 200").truncate(usize::MAX, CutEnd::Reset))
            .answer(Answer::new().wire(banner).truncate(3, CutEnd::Close).pieces_of(1)),
    )
    .await;
    assert_eq!(Client::asking(&mock, "/").await.rest().await.expect("an orderly end"), banner);
    let error = Client::asking(&mock, "/").await.rest().await.expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(Client::asking(&mock, "/").await.rest().await.expect("an orderly end"), "SSH");
    let log = ended(&mock, 3).await;
    assert_eq!(endings(&log), [ExchangeEnding::Closed, ExchangeEnding::Reset, ExchangeEnding::Closed]);
    assert_eq!(log.iter().map(|exchange| exchange.bytes_sent).collect::<Vec<_>>(), [11, 12, 3]);
}

#[tokio::test]
async fn a_truncated_body_ends_as_scripted() {
    let cut = |then| Answer::new().body("<VAST></VAST>").truncate(6, then);
    let mock = start(east().answer(cut(CutEnd::Close)).answer(cut(CutEnd::Reset)).answer(cut(CutEnd::Hang))).await;

    let mut closed = Client::asking(&mock, "/").await;
    assert_eq!(header(&closed.head().await, "content-length"), Some("13"));
    assert_eq!(closed.rest().await.expect("an orderly end"), "<VAST>");

    let error = Client::asking(&mock, "/").await.rest().await.expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);

    let mut hanging = Client::asking(&mock, "/").await;
    hanging.head().await;
    assert_eq!(hanging.read(6).await, b"<VAST>");
    let log = mock.wait_for(|log| log.len() == 3 && log[2].bytes_sent == 6).await.expect("half a body");
    assert_eq!(log[2].ending, ExchangeEnding::Running);
    drop(hanging);
    let log = ended(&mock, 3).await;
    assert_eq!(endings(&log), [ExchangeEnding::Closed, ExchangeEnding::Reset, ExchangeEnding::ClientClosed]);
    assert_eq!(log.iter().map(|exchange| exchange.bytes_sent).collect::<Vec<_>>(), [6; 3]);
}

#[tokio::test]
async fn a_client_that_gives_up_during_a_delay_is_noticed() {
    let mock = start(east().answer(Answer::new().delay(EVER))).await;
    let client = Client::asking(&mock, "/").await;
    mock.wait_for(|log| log.len() == 1).await.expect("asked");
    assert!(client.is_silent());
    drop(client);
    let log = ended(&mock, 1).await;
    assert_eq!((log[0].answered, log[0].ending), (Answered::Status(200), ExchangeEnding::ClientClosed));
    assert!(log[0].elapsed().expect("ended") < EVER);
}

#[tokio::test]
async fn a_delayed_answer_comes_after_its_delay() {
    let mock = start(east().answer(Answer::new().delay(MS(30)).body("late"))).await;
    assert_eq!(Client::asking(&mock, "/").await.response().await.1, "late");
    assert!(ended(&mock, 1).await[0].elapsed().expect("ended") >= MS(30));
}

#[tokio::test]
async fn a_slow_body_comes_in_pieces_after_its_head() {
    let mock = start(east().answer(Answer::new().body("abcdef").pieces_of(2).piece_delay(MS(10)))).await;
    let mut client = Client::asking(&mock, "/").await;
    client.head().await;
    assert!(ended_bytes(&mock) < 6, "the head does not wait for the body");
    assert_eq!(client.read(6).await, b"abcdef");
    assert!(ended(&mock, 1).await[0].elapsed().expect("ended") >= MS(30));
}

fn ended_bytes(mock: &Mock) -> u64 {
    mock.log()[0].bytes_sent
}

#[tokio::test]
async fn a_client_that_gives_up_within_a_slow_body_is_noticed() {
    let mock = start(east().answer(Answer::new().body("abc").piece_delay(EVER))).await;
    let mut client = Client::asking(&mock, "/").await;
    client.head().await;
    drop(client);
    let log = ended(&mock, 1).await;
    assert_eq!((log[0].ending, log[0].bytes_sent), (ExchangeEnding::ClientClosed, 0));
}

#[tokio::test]
async fn chunks_have_their_framing() {
    let whole = Answer::new().body("abcde").pieces_of(3).chunked();
    let mock =
        start(east().answer(whole.clone()).answer(Answer::new().chunked()).answer(whole.truncate(3, CutEnd::Close)))
            .await;
    let mut client = Client::asking(&mock, "/").await;
    assert_eq!(header(&client.head().await, "transfer-encoding"), Some("chunked"));
    assert_eq!(client.read(20).await, b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    client.get("/").await;
    client.head().await;
    assert_eq!(client.read(5).await, b"0\r\n\r\n");
    client.get("/").await;
    client.head().await;
    assert_eq!(client.rest().await.expect("an orderly end"), "3\r\nabc\r\n");
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    let body = "0123456789".repeat(300_000);
    let mock =
        start(east().answer(Answer::new().body(body.clone())).answer(Answer::new().body(body.clone()).chunked())).await;
    let mut client = Client::asking(&mock, "/").await;
    assert!(client.response().await.1 == body);
    client.send("GET / HTTP/1.0\r\n\r\n").await;
    let rest = client.rest().await.expect("an orderly end");
    assert!(rest.ends_with(&format!("\r\n\r\n2dc6c0\r\n{body}\r\n0\r\n\r\n")));
}

#[tokio::test]
async fn both_sides_can_close() {
    let mock = start(east().answer(Answer::new().connection_close()).answer(Answer::new().body("x"))).await;
    let mut told = Client::asking(&mock, "/").await;
    assert!(told.rest().await.expect("an orderly end").contains("Connection: close\r\n"));
    let mut telling = Client::connect(&mock).await;
    telling.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    assert!(telling.rest().await.expect("an orderly end").ends_with("\r\n\r\nx"));
    assert_eq!(mock.connections("east"), 2);
}

#[tokio::test]
async fn requests_may_come_in_bits_together_and_with_bodies() {
    let mock = start(east().answer(Answer::new().body("{{request.path}}"))).await;
    let mut client = Client::connect(&mock).await;
    for bit in [
        "GE",
        "T /1 HTTP/1.1\r",
        "\n\r",
        "\nPOST /2 HTTP/1.1\r\nContent-Length: 7\r\n\r\na \r",
        "\nbcdGET /3 HTTP/1.1\r\n\r\n",
    ] {
        client.send(bit).await;
        tokio::task::yield_now().await;
    }
    for expected in ["/1", "/2", "/3"] {
        assert_eq!(client.response().await.1, expected);
    }
    client.send("HEAD /4 HTTP/1.1\r\n\r\n").await;
    assert_eq!(header(&client.head().await, "content-length"), Some("2"));
    client.get("/5").await;
    assert_eq!(client.response().await.1, "/5");
}

#[tokio::test]
async fn bad_requests_are_refused_and_the_server_lives() {
    let mock = start(east().answer(Answer::new().body("alive"))).await;
    let cases = [
        ("\u{16}\u{3}\u{1}hello\n\n".to_owned(), 400),
        ("GET /\r\n\r\n".to_owned(), 400),
        (format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(40_000)), 431),
        (format!("GET / HTTP/1.1\r\n{}", "a: b\r\n".repeat(200_000)), 431),
        ("POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n".to_owned(), 413),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(), 411),
    ];
    for (index, (request, status)) in cases.iter().enumerate() {
        let mut client = Client::connect(&mock).await;
        client.send(request).await;
        let (head, _) = client.response().await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{index}: {head}");
        assert_eq!(client.rest().await.expect("an orderly end"), "", "{index}");
    }
    // A connection that is closed within a request is not an exchange.
    let mut half = Client::connect(&mock).await;
    half.send("GET / HT").await;
    drop(half);
    assert_eq!(Client::asking(&mock, "/").await.response().await.1, "alive");
    let statuses: Vec<_> = ended(&mock, 7).await.iter().map(|exchange| exchange.answered).collect();
    assert_eq!(statuses, [400, 400, 431, 431, 413, 411, 200].map(Answered::Status));
}

#[tokio::test]
async fn a_refused_client_may_finish_sending() {
    let mock = start(east().answer(Answer::new())).await;
    let mut client = Client::connect(&mock).await;
    client.send("POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n").await;
    assert!(client.response().await.0.starts_with("HTTP/1.1 413 "));
    for _ in 0..10 {
        client.send("more of the body").await;
        tokio::task::yield_now().await;
    }
    assert_eq!(client.rest().await.expect("an orderly end"), "");
}

#[tokio::test]
async fn bytes_that_arrive_during_a_hang_take_bounded_memory() {
    let mock = start(east().answer(Answer::new().fault(Fault::Hang))).await;
    let mut client = Client::asking(&mock, "/").await;
    assert!(!client.can_send(64 << 20).await);
}

#[tokio::test]
async fn many_connections_at_once() {
    let mock = start(east().answer(Answer::new().body("{{request.query.n}}"))).await;
    let mut clients = Vec::new();
    for number in 0..200 {
        clients.push((number, Client::asking(&mock, &format!("/?n={number}")).await));
    }
    for (number, client) in &mut clients {
        assert_eq!(client.response().await.1, number.to_string());
    }
    assert_eq!((mock.connections("east"), mock.connections("nobody")), (200, 0));
}

#[tokio::test]
async fn shutdown_ends_what_is_running_and_closes_the_port() {
    let mock = start(east().answer(Answer::new().fault(Fault::Hang))).await;
    let address = mock.address("east").expect("a server");
    let mut client = Client::asking(&mock, "/").await;
    mock.wait_for(|log| log.len() == 1).await.expect("asked");
    let log = mock.shutdown().await;
    assert_eq!(endings(&log), [ExchangeEnding::Stopped]);
    assert!(!client.rest().await.is_ok_and(|rest| !rest.is_empty()));
    let refused = tokio::net::TcpStream::connect(address).await.expect_err("nobody listens");
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error_that_names_the_server() {
    let first = start(east().answer(Answer::new())).await;
    let port = first.address("east").expect("a server").port();
    let script = Script::builder().server("west").port(port).answer(Answer::new()).build().expect("valid");
    let error = Mock::start(script).await.err().expect("taken");
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert!(error.to_string().contains(&format!("server \"west\", port {port}")), "{error}");
}

#[tokio::test]
async fn waiting_has_a_limit_and_its_error_shows_the_log() {
    let mock = start(east().answer(Answer::new())).await;
    Client::asking(&mock, "/seen").await.response().await;
    ended(&mock, 1).await;
    let error = mock.wait_for_within(MS(1), |log| log.len() == 2).await.expect_err("one is not two");
    assert!(error.to_string().contains("GET /seen -> 200"), "{error}");
}

#[tokio::test]
async fn the_log_forgets_the_oldest_and_the_observer_sees_all() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let observed = seen.clone();
    let script = east().answer(Answer::new()).build().expect("valid");
    let observer = move |exchange: &Exchange| {
        observed.lock().expect("no panic").push((exchange.request.path_and_query.clone(), exchange.ending));
    };
    let mock = Mock::builder(script.clone()).log_limit(2).observer(observer).start().await.expect("sockets");
    let mut client = Client::connect(&mock).await;
    for target in ["/1", "/2", "/3"] {
        client.get(target).await;
        client.response().await;
    }
    mock.wait_for(|log| log.iter().all(|exchange| exchange.ended.is_some())).await.expect("all end");
    let kept: Vec<_> = mock.log().into_iter().map(|exchange| exchange.request.path_and_query).collect();
    assert_eq!(kept, ["/2", "/3"]);
    let all = ["/1", "/2", "/3"].map(|target| (target.to_owned(), ExchangeEnding::Completed));
    assert_eq!(*seen.lock().expect("no panic"), all);

    let forgetful = Mock::builder(script).log_limit(0).start().await.expect("sockets");
    Client::asking(&forgetful, "/").await.response().await;
    assert_eq!(forgetful.shutdown().await, []);
}
