//! Many requests on one HTTP/2 connection.

use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::support::{AD, Running, ad_servers};

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_carries_many_requests_at_once_and_then_more() {
    let mock = ad_servers().await;
    let config = "[placement.ad]\nsource = [{ url = \"ADS/ad\" }]\n";
    let gateway = Running::start(&mock, config).await;
    let stream = TcpStream::connect(gateway.address).await.expect("it listens");
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (sender, connection) = handshake.await.expect("HTTP/2");
    tokio::spawn(connection);
    for _ in 0..2 {
        let asked = (0..20).map(|_| {
            let mut sender = sender.clone();
            let uri = format!("http://{}/v1/ad/vast", gateway.address);
            async move {
                let request = http::Request::get(uri).body(Empty::<bytes::Bytes>::new()).expect("a request");
                let response = sender.send_request(request).await.expect("an answer");
                let outcome = response.headers()["x-vast-outcome"].clone();
                (outcome, response.into_body().collect().await.expect("a body").to_bytes())
            }
        });
        for (outcome, body) in futures_util::future::join_all(asked).await {
            assert_eq!(outcome, "filled");
            assert_eq!(body, AD.as_bytes());
        }
    }
}
