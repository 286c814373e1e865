//! The admin port.

use crate::support::{Running, ad_servers, exchange};

const CONFIG: &str = r#"
[placement.ad]
source = [{ name = "a", url = "ADS/ad" }, { name = "b", url = "ADS/empty" }]
mode = "sequential"
[placement.empty]
source = [{ name = "a", url = "ADS/empty" }]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_are_those_of_the_answers() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, CONFIG).await;
    for path in ["/v1/ad/vast", "/v1/ad/vmap", "/v1/empty/vast", "/v1/ad/vast?w=x", "/v1/none/vast", "/nothing"] {
        gateway.get(path).await;
    }
    let metrics = gateway.admin("/metrics").await;
    assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    for line in [
        "vast_gateway_answers_total{placement=\"ad\",outcome=\"filled\"} 2",
        "vast_gateway_answers_total{placement=\"ad\",outcome=\"bad_request\"} 1",
        "vast_gateway_answers_total{placement=\"empty\",outcome=\"no_ad\"} 1",
        "vast_gateway_answers_total{placement=\"\",outcome=\"unknown_placement\"} 1",
        "vast_gateway_answers_total{placement=\"\",outcome=\"unknown_route\"} 1",
        "vast_gateway_answer_duration_seconds_count{placement=\"ad\"} 3",
        "vast_source_wins_total{placement=\"ad\",source=\"a\"} 2",
        "vast_source_requests_total{placement=\"empty\",source=\"a\",outcome=\"no_ad\"} 1",
        "vast_gateway_in_flight 0",
        "vast_gateway_config_generation 1",
        "vast_gateway_ready 1",
    ] {
        assert!(metrics.body.lines().any(|one| one == line), "{line}\n{}", metrics.body);
    }
    let mut families: Vec<_> = metrics.body.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    let all = families.len();
    families.sort_unstable();
    families.dedup();
    assert_eq!(families.len(), all, "each family is described once");
    let sources = gateway.admin("/api/sources").await.json();
    assert_eq!(sources["placements"][0]["name"], "ad", "{sources}");
    assert_eq!(sources["placements"][0]["numbers"]["sources"][0]["wins"], 2, "{sources}");
    let state = gateway.admin("/api/state").await.json();
    assert_eq!(state["placements"][0]["answers"]["filled"], 2, "{state}");
    assert_eq!((&state["generation"], &state["config_problem"]), (&1.into(), &serde_json::Value::Null), "{state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_answer_and_pages_are_refused() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, CONFIG).await;
    // Method, path, headers, status.
    let cases = [
        ("GET", "/healthz", "", 200),
        ("GET", "/readyz", "", 200),
        ("GET", "/metrics", "", 200),
        ("GET", "/healthz", "Origin: https://evil.example\r\n", 200),
        ("GET", "/api/state", "", 200),
        ("GET", "/api/state", "Origin: https://evil.example\r\n", 403),
        ("POST", "/api/config/reload", "Origin: http://127.0.0.1\r\n", 403),
        ("POST", "/api/config/reload", "", 409),
        ("GET", "/api/config/reload", "", 405),
        ("POST", "/healthz", "", 405),
        ("GET", "/v1/ad/vast", "", 404),
        ("GET", "/", "", 200),
        ("GET", "/", "Origin: https://evil.example\r\n", 403),
        ("POST", "/", "", 405),
    ];
    for (method, path, headers, status) in cases {
        let answer = exchange(gateway.admin, method, path, headers, "").await;
        assert_eq!(answer.status, status, "{method} {path} {headers}: {answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
    let rebound = "GET /api/state HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert!(raw(gateway.admin, rebound).await.starts_with("HTTP/1.1 403"));
    for path in ["/healthz", "/metrics", "/api/state", "/", "/sources", "/api/live", "/assets/dashboard.js"] {
        assert_eq!(gateway.get(path).await.status, 404, "{path} is not on the public port");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_keys_the_admin_port_needs_one_except_for_probes() {
    use vast_gateway::config::{AccessKey, SecretText};
    let mock = ad_servers().await;
    let key = || AccessKey::new("ops", SecretText::new("0123456789abcdef-ops").expect("long enough"));
    let gateway = Running::start_with(&mock, CONFIG, |config| config.server.admin_keys = vec![key()]).await;
    let bearer = |key: &str| format!("Authorization: Bearer {key}\r\n");
    let right = bearer("0123456789abcdef-ops");
    for (path, headers, status) in [
        ("/healthz", "", 200),
        ("/readyz", "", 200),
        ("/metrics", "", 200),
        ("/api/state", "", 403),
        ("/api/state", &*bearer("0123456789abcdef-other"), 403),
        ("/api/state?key=0123456789abcdef-ops", "", 403),
        ("/api/state", &*right, 200),
        ("/api/sources", &*right, 200),
        ("/api/sources", &*format!("{right}Origin: http://127.0.0.1\r\n"), 403),
    ] {
        let answer = exchange(gateway.admin, "GET", path, headers, "").await;
        assert_eq!(answer.status, status, "{path} {headers}: {answer:?}");
        assert!(!answer.body.contains("abcdef"), "{path}: {answer:?}");
    }
    // With a key the name of the host does not matter: the port is meant for other machines.
    let remote = format!("GET /api/state HTTP/1.1\r\nHost: gateway.internal\r\nConnection: close\r\n{right}\r\n");
    assert!(raw(gateway.admin, &remote).await.starts_with("HTTP/1.1 200"));
}

async fn raw(address: std::net::SocketAddr, request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("it answers");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_for_probes_has_nothing_else() {
    let mock = ad_servers().await;
    let mut config = crate::support::config(&mock, CONFIG);
    let free = || std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    (config.server.listen, config.server.admin, config.server.probes) = (vec![free().into()], free(), Some(free()));
    let gateway = vast_gateway::Gateway::builder().bind(config).await.expect("a gateway");
    let probes = gateway.probes_address().expect("a port");
    let _running = Running::of(Ok(gateway));
    for (path, status) in [("/healthz", 200), ("/metrics", 200), ("/api/state", 404), ("/", 404), ("/api/live", 404)] {
        assert_eq!(exchange(probes, "GET", path, "", "").await.status, status, "{path}");
    }
}
