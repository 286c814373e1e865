//! The configuration on the admin port.

use vast_gateway::Gateway;

use crate::support::{Running, ad_servers, exchange};

const TEXT: &str = r#"
[placement.ad]
params = { key = "hidden-1" }
headers = { Authorization = "hidden-2" }
source = [{ name = "<b>east", url = "ADS/ad?key=hidden-3&cb=[CACHEBUSTING]" }]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_the_configuration_and_what_a_reload_would_change() {
    let mock = ad_servers().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("gateway.toml");
    let write = |text: &str| {
        let base = format!("{}/", mock.url("ads").trim_end_matches('/'));
        std::fs::write(&file, text.replace("ADS/", &base)).expect("a file");
    };
    write(TEXT);
    let gateway = Running::of_file(Gateway::builder(), &file).await;
    let report = gateway.admin("/api/config").await.json();
    assert_eq!(
        (&report["generation"], &report["file"], &report["changes"]),
        (&1.into(), &"right".into(), &serde_json::json!([])),
        "{report}"
    );
    assert!(report["since"].as_str().is_some_and(|since| since.starts_with("20")), "{report}");
    // The file is read again every two seconds, so the change is one that is never used: it needs another file to be right.
    write(&format!("{TEXT}no_ad_url = \"https://t.example/none?id=hidden-4\"\nwhat = 1\n"));
    let page = gateway.admin("/config").await.body;
    assert!(page.contains("the file cannot be used: line "), "{page}");
    assert!(page.contains("&lt;b&gt;east") && !page.contains("<b>"), "{page}");
    for path in ["/config", "/api/config"] {
        let body = gateway.admin(path).await.body;
        assert!(!body.contains("hidden-") && body.contains("[CACHEBUSTING]"), "{path}: {body}");
    }
    assert_eq!(exchange(gateway.admin, "POST", "/config", "", "").await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_without_a_file_says_so() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, TEXT).await;
    let report = gateway.admin("/api/config").await.json();
    assert_eq!((&report["file"], &report["changes"]), (&"none".into(), &serde_json::json!([])), "{report}");
    let settings = report["settings"].as_array().expect("settings");
    let value = |key: &str| settings.iter().find(|row| row["key"] == key).map(|row| row["value"].clone());
    assert_eq!(value("placement.ad.headers.Authorization"), Some("...".into()), "{report}");
    assert_eq!(value("server.keep_requests"), Some("100".into()));
    assert!(gateway.admin("/config").await.body.contains("started without a configuration file"));
}
