//! The pages of the admin port.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use vast_gateway::config::{AccessKey, SecretText, TokenSecret};

use crate::support::{PATIENCE, Running, ad_servers, exchange};

const CONFIG: &str = r#"
[placement.ad]
source = [{ name = "good", url = "ADS/ad" }]
[placement.ill]
mode = "sequential"
source = [{ name = "broken", url = "ADS/broken" }]
"#;

const PLAYER: &str = "User-Agent: Player/1\r\n";

/// A dashboard that reads `/api/live`.
struct Reader(TcpStream, String);

impl Reader {
    async fn open(admin: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(admin).await.expect("it listens");
        // A refusal then ends the connection, so that a reader sees it.
        let request = format!("GET /api/live HTTP/1.1\r\nHost: {admin}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("it reads");
        Self(stream, String::new())
    }

    /// Reads until the text has `part`; `None` if the answer ends before.
    async fn until(&mut self, part: &str) -> Option<()> {
        let mut bytes = [0; 4096];
        while !self.1.contains(part) {
            let read = timeout(PATIENCE, self.0.read(&mut bytes)).await.expect("something comes").expect("it is open");
            if read == 0 {
                return None;
            }
            self.1 += &String::from_utf8_lossy(&bytes[..read]);
        }
        Some(())
    }

    /// The next event.
    async fn event(&mut self) -> Value {
        self.until("data: ").await.expect("an event");
        let start = self.1.find("data: ").expect("it was found") + "data: ".len();
        self.1.drain(..start);
        self.until("\n\n").await.expect("the end of the event");
        let end = self.1.find("\n\n").expect("it was found");
        let event: String = self.1.drain(..end).collect();
        serde_json::from_str(&event).unwrap_or_else(|error| panic!("{error}: {event}"))
    }
}

/// The text of a figure in a page.
fn figure<'a>(page: &'a str, key: &str) -> &'a str {
    let start = page.find(&format!("data-live=\"{key}\"")).unwrap_or_else(|| panic!("{key}: {page}"));
    let text = page[start..].split_once('>').expect("an element").1;
    text.split_once('<').expect("its end").0
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ill_source_is_named_at_the_top_with_its_time() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, CONFIG).await;
    let page = gateway.admin("/").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"),
        "{policy}"
    );
    assert_eq!(figure(&page.body, "alarms"), "");
    for _ in 0..6 {
        gateway.get("/v1/ad/vast").await;
        gateway.get("/v1/ill/vast").await;
    }
    // The circuit breaker ejects a source after five failures. The pages say so at once, without waiting for the next sample.
    for path in ["/", "/sources"] {
        let page = gateway.admin(path).await.body;
        assert!(figure(&page, "alarms").starts_with("broken of ill: ejected since "), "{path}: {page}");
        assert!(figure(&page, "p1.s0.state").contains("ejected"), "{path}: {page}");
        assert_eq!(figure(&page, "p0.s0.state"), "works", "{path}");
        let (ill, well) = (page.find("p1.s0.state"), page.find("p0.s0.state"));
        assert!(ill < well, "{path}: ill sources come first");
        assert!(!page.contains("style=") && !page.contains("<style") && !page.contains("onclick"), "{path}");
    }
    // The next sample sees it, too.
    let mut reader = Reader::open(gateway.admin).await;
    let alarm = loop {
        let event = reader.event().await;
        let alarm = event["figures"]["alarms"][0].as_str().expect("a text").to_owned();
        if !alarm.is_empty() {
            break alarm;
        }
    };
    assert!(alarm.starts_with("broken of ill: ejected since "), "{alarm}");
    assert!(alarm.ends_with("requests failed, most with http_status."), "{alarm}");
    let page = gateway.admin("/sources").await.body;
    for (key, expected) in [
        ("p0.s0.asked.total", "6"),
        ("p0.s0.filled.total", "6"),
        ("p0.s0.wins.total", "100.0 %"),
        ("p1.s0.filled.total", "0"),
        ("p1.s0.timeouts.total", "0"),
    ] {
        assert_eq!(figure(&page, key), expected, "{key}");
    }
    let failed = figure(&page, "p1.s0.failed.total");
    assert!(failed.contains(": http_status "), "{failed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_text() {
    let mock = ad_servers().await;
    let long = "x".repeat(10_000);
    let names = ["<script>alert(1)</script>", "gpj.\u{202e}exe", "a\" onclick=\"b", &long];
    let gateway = Running::start_with(&mock, CONFIG, |config| {
        let good = config.placements.remove("ad").expect("it is there");
        for (number, name) in names.iter().enumerate() {
            let mut placement = good.clone();
            placement.client.fetch.sources[0].name = Some((*name).into());
            config.placements.insert(format!("p{number}"), placement);
        }
    });
    let gateway = gateway.await;
    for path in ["/", "/sources"] {
        let page = gateway.admin(path).await.body;
        for shown in ["&lt;script&gt;alert(1)&lt;/script&gt;", r"gpj.\u{202e}exe", "a&quot; onclick=&quot;b"] {
            assert!(page.contains(shown), "{path}: {shown}\n{page}");
        }
        assert!(!page.contains("<script>") && !page.contains('\u{202e}'), "{path}: {page}");
        assert!(page.contains(&format!("{}...", "x".repeat(100))) && !page.contains(&"x".repeat(101)), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_move_for_at_most_32_readers_until_the_end() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, CONFIG).await;
    let mut readers = Vec::new();
    for _ in 0..32 {
        let mut reader = Reader::open(gateway.admin).await;
        reader.until("retry: 500").await.expect("a greeting");
        readers.push(reader);
    }
    assert_eq!(exchange(gateway.admin, "GET", "/api/live", "", "").await.status, 503);
    gateway.get("/v1/ad/vast").await;
    let mut filled = Value::Null;
    while filled != "1" {
        let event = readers[0].event().await;
        assert_eq!(event["generation"], 1, "{event}");
        filled = event["figures"]["outcome.filled.total"][0].clone();
    }
    // A reader that goes away makes room.
    readers.pop();
    let mut again = Reader::open(gateway.admin).await;
    while again.until("retry: 500").await.is_none() {
        again = Reader::open(gateway.admin).await;
    }
    let ended = gateway.stop();
    // The chunk of length zero is the proper end of an answer.
    again.until("\r\n0\r\n\r\n").await.expect("a proper end");
    ended.await.expect("an end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_asks_its_user_for_the_key() {
    let mock = ad_servers().await;
    let key = AccessKey::new("ops", SecretText::new("0123456789abcdef-ops").expect("long enough"));
    let gateway = Running::start_with(&mock, CONFIG, |config| config.server.admin_keys = vec![key]).await;
    // `me:0123456789abcdef-ops` in base64.
    let password = "Authorization: Basic bWU6MDEyMzQ1Njc4OWFiY2RlZi1vcHM=\r\n";
    for path in ["/", "/sources", "/api/live", "/assets/dashboard.css"] {
        let answer = exchange(gateway.admin, "GET", path, "", "").await;
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        assert!(answer.status == 401 && challenge.starts_with("Basic "), "{path}: {answer:?}");
        if path != "/api/live" {
            assert_eq!(exchange(gateway.admin, "GET", path, password, "").await.status, 200, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_shown_and_requeued() {
    let mock = ad_servers().await;
    // Its tracker answers with 404.
    let text = "[placement.ad]\ntrack = \"relay\"\nsource = [{ name = \"east\", url = \"ADS/relative\", allow_private = true }]\n";
    let gateway = Running::start_with(&mock, text, |config| {
        let secret = SecretText::new("a-secret-of-at-least-32-bytes-for-tests").expect("long enough");
        config.secrets = vec![TokenSecret::new('1', secret).expect("a secret")];
    });
    let gateway = gateway.await;
    let none = gateway.admin("/outbox").await.body;
    assert!(none.contains("There is no dead letter.") && !none.contains("<form"), "{none}");
    let document = gateway.get_with("/v1/ad/vast", PLAYER).await.body;
    let start = document.find("/b/").expect("a sealed impression");
    let impression = document[start..].split([']', '<']).next().expect("its end");
    assert_eq!(gateway.get_with(impression, PLAYER).await.outcome(), "queued");
    let dead = async || loop {
        let report = gateway.admin("/api/outbox").await.json();
        // The count and the list are read one after the other, so the list can still be empty.
        if report["stats"]["dead"] == 1 && report["dead"][0]["attempts"].as_u64() > Some(0) {
            break report;
        }
        tokio::task::yield_now().await;
    };
    let report = timeout(PATIENCE, dead()).await.expect("a dead letter");
    let letter = &report["dead"][0];
    assert_eq!((&letter["reason"], &letter["last_status"]), (&"refused".into(), &404.into()), "{report}");
    assert!(letter["url"].as_str().is_some_and(|url| url.ends_with("/seen?...")), "{report}");
    let page = gateway.admin("/outbox").await.body;
    assert!(page.contains("refused") && page.contains("action=\"/api/outbox/requeue\""), "{page}");
    let own = format!("Origin: http://{}\r\nSec-Fetch-Site: same-origin\r\n", gateway.admin);
    // Method, headers, status.
    for (method, headers, status) in [
        ("GET", "", 405),
        ("POST", "Origin: https://evil.example\r\n", 403),
        ("POST", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n", 403),
        ("POST", "", 200),
        ("POST", &own, 200),
        ("POST", &format!("{own}Accept: text/html,*/*\r\n"), 303),
    ] {
        let answer = exchange(gateway.admin, method, "/api/outbox/requeue", headers, "").await;
        assert_eq!(answer.status, status, "{method} {headers}: {answer:?}");
        if status == 303 {
            assert_eq!(answer.header("location"), Some("/outbox"));
        }
    }
    let before = report["dead"][0]["attempts"].as_u64().expect("a number");
    let again = async || loop {
        let report = gateway.admin("/api/outbox").await.json();
        if report["dead"][0]["attempts"].as_u64().is_some_and(|attempts| attempts > before) {
            break;
        }
        tokio::task::yield_now().await;
    };
    timeout(PATIENCE, again()).await.expect("the tracker is called again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_ends_the_gateway() {
    let mock = ad_servers().await;
    let mut config = crate::support::config(&mock, CONFIG);
    crate::support::on_free_ports(&mut config);
    let gateway = vast_gateway::Gateway::builder().bind(config).await.expect("a gateway");
    let admin = gateway.admin_address();
    let running = tokio::spawn(gateway.run(std::future::pending()));
    assert_eq!(exchange(admin, "POST", "/api/drain", "Origin: https://evil.example\r\n", "").await.status, 403);
    assert!(!running.is_finished());
    let answer = exchange(admin, "POST", "/api/drain", "", "").await;
    assert_eq!(answer.json()["draining"], true, "{answer:?}");
    timeout(PATIENCE, running).await.expect("an end").expect("no panic");
}

#[tokio::test]
async fn a_gateway_without_a_cluster_shows_itself_only() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, CONFIG).await;
    assert_eq!(gateway.get("/v1/ad/vast").await.outcome(), "filled");
    let report = gateway.admin("/api/gateways").await.json();
    assert_eq!((&report["exchange"], report["gateways"].as_array().map(Vec::len)), (&Value::from("off"), Some(1)));
    let own = &report["gateways"][0];
    assert_eq!((&own["is_this"], &own["answers"], &own["source_count"]), (&true.into(), &1.into(), &2.into()));
    let asked = own["sources"].as_array().and_then(|sources| sources.iter().find(|source| source["source"] == "good"));
    assert_eq!(asked.map(|source| (&source["asked"], &source["breaker"])), Some((&1.into(), &"closed".into())));
    let page = gateway.admin("/gateways").await;
    assert!(page.body.contains("belongs to no cluster"), "{}", page.body);
    assert!(!page.body.contains("href=\"/gateways\""), "the navigation has no page of a cluster");
}
