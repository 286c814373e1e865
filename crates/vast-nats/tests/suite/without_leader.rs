//! A server whose JetStream has no leader: it refuses each request for a while.

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use vast_client::env::Env;
use vast_nats::{NatsError, NatsServer, NatsSettings, StreamNames};

use super::server::seal;

/// What nats-server answers to requests of JetStream while the servers of a cluster choose a leader.
const NO_LEADER: &str =
    r#"{"error":{"code":503,"err_code":10008,"description":"JetStream system temporarily unavailable"}}"#;
const INFO: &str = r#"INFO {"server_id":"S","server_name":"S","version":"2.10.0","go":"","host":"127.0.0.1","port":4222,"headers":true,"max_payload":1048576,"proto":1,"client_id":1}"#;

/// Speaks the protocol of NATS as far as a client needs it that asks and gets the same refusal each time.
async fn refuse(connection: TcpStream) -> std::io::Result<()> {
    let mut connection = BufReader::new(connection);
    connection.write_all(format!("{INFO}\r\n").as_bytes()).await?;
    // The number of the subscription to answers.
    let mut answers = String::new();
    let mut line = String::new();
    while connection.read_line(&mut line).await? > 0 {
        let words: Vec<_> = line.split_whitespace().collect();
        let (kind, last) = (words.first().copied().unwrap_or_default(), words.last().copied().unwrap_or_default());
        match kind {
            "PING" => connection.write_all(b"PONG\r\n").await?,
            "SUB" => last.clone_into(&mut answers),
            // The forms are `PUB SUBJECT REPLY LENGTH` and `HPUB SUBJECT REPLY HEADER_LENGTH LENGTH`.
            "PUB" | "HPUB" => {
                let reply = words.get(2).copied().unwrap_or_default();
                let answer = format!("MSG {reply} {answers} {}\r\n{NO_LEADER}\r\n", NO_LEADER.len());
                let mut payload = vec![0; last.parse::<usize>().expect("a length") + 2];
                connection.read_exact(&mut payload).await?;
                connection.write_all(answer.as_bytes()).await?;
            }
            _ => {}
        }
        line.clear();
    }
    Ok(())
}

#[tokio::test]
async fn a_server_without_a_leader_is_an_error_unless_it_may_come_later() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("nats://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(refuse(connection));
        }
    });
    for connects_later in [false, true] {
        let mut settings = NatsSettings::new([&address], StreamNames::new("vast").expect("a prefix"));
        settings.connects_later = connects_later;
        let server = NatsServer::connect(settings).await.expect("it answers");
        // With `connects_later` the connection is made in the background.
        while !server.is_connected() {
            tokio::task::yield_now().await;
        }
        let opened = server.outbox(seal(), Env::system()).await;
        match (connects_later, opened) {
            (false, Err(NatsError::Request { reason, .. })) => {
                assert!(reason.contains("temporarily unavailable"), "{reason}");
            }
            (true, Ok(_)) => {}
            (_, opened) => panic!("connects_later = {connects_later}: {opened:?}"),
        }
    }
}
