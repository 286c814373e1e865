//! The beacon sink on real sockets.

use crate::client::{Client, east, ended, start};
use vast_mock::{Answer, ReceivedBeacon, Sink};

fn pairs(beacon: &ReceivedBeacon) -> Vec<(&str, &str)> {
    beacon.query.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn beacons_are_remembered_in_order_with_all_they_bring() {
    let mock = start(east().sink(Sink::NoContent).server("ads").answer(Answer::new())).await;
    let mut client = Client::connect(&mock).await;
    client.get("/imp/1?id=a%20b&url=http%3A%2F%2Fx").await;
    assert_eq!(client.head().await, "HTTP/1.1 204 No Content\r\n\r\n");
    client.send("POST /start HTTP/1.1\r\nUser-Agent: tv\r\nContent-Length: 2\r\n\r\nhi").await;
    client.head().await;

    let beacons = mock.wait_for_beacons(2).await.expect("two beacons");
    assert_eq!((beacons[0].method.as_str(), beacons[0].path.as_str()), ("GET", "/imp/1"));
    assert_eq!(pairs(&beacons[0]), [("id", "a b"), ("url", "http://x")]);
    assert_eq!((beacons[0].value("id"), beacons[0].value("none")), (Some("a b"), None));
    assert_eq!((beacons[1].method.as_str(), beacons[1].path.as_str(), pairs(&beacons[1])), ("POST", "/start", vec![]));
    assert_eq!(beacons[1].headers[0], ("User-Agent".to_owned(), "tv".to_owned()));
    assert!(beacons[0].at <= beacons[1].at);
}

#[tokio::test]
async fn a_sink_may_answer_with_a_pixel_and_may_fail() {
    let mock = start(east().sink(Sink::Gif).answer(Answer::new().path("/down").status(503))).await;
    let mut client = Client::asking(&mock, "/down").await;
    assert!(client.response().await.0.starts_with("HTTP/1.1 503 "));
    client.get("/pixel").await;
    assert!(client.head().await.contains("Content-Type: image/gif\r\n"));
    assert_eq!(client.read(6).await, b"GIF89a");
    assert_eq!(mock.wait_for_beacons(2).await.expect("two beacons").len(), 2);
}

#[tokio::test]
async fn requests_to_other_servers_are_no_beacons() {
    let mock = start(east().answer(Answer::new()).server("sink").sink(Sink::NoContent)).await;
    Client::asking(&mock, "/").await.response().await;
    ended(&mock, 1).await;
    assert_eq!(mock.beacons(), []);
    let address = mock.address("sink").expect("a server");
    Client::at(address).await.get("/1").await;
    assert_eq!(mock.wait_for_beacons(1).await.expect("one beacon").len(), 1);
}
