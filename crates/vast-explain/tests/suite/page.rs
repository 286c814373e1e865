//! The HTML page: text of strangers stays text, nothing is loaded, and its size is bounded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use vast_client::FetchResult;
use vast_client::recording::ReceivedDocument;
use vast_client::transport::ExchangePlace;
use vast_explain::{Story, html};

use super::servers::{AdServer, ad, ask, config, empty, wrapper};

/// Markup that would run or load something.
const HOSTILE: &str = r#"<script>alert(1)</script>"><img src=x onerror=alert(1)>&amp;]]]]><![CDATA[>"#;

async fn chain() -> FetchResult {
    let servers = vec![
        AdServer("east", 10, 200, wrapper("Exchange", "brand")),
        AdServer("brand", 20, 200, ad("shoes", "Shoes", 2000)),
        AdServer("west", 5, 200, empty()),
    ];
    ask(servers, config(&["west", "east"])).await
}

fn received(url: &str, bytes: impl Into<vast_client::Bytes>) -> ReceivedDocument {
    ReceivedDocument::new(ExchangePlace::of_source("east"), url, bytes)
}

/// The text between two pieces of a page.
fn between<'p>(page: &'p str, start: &str, end: &str) -> &'p str {
    let (_, rest) = page.split_once(start).unwrap_or_else(|| panic!("no {start}"));
    rest.split_once(end).unwrap_or_else(|| panic!("no {end}")).0
}

#[tokio::test(start_paused = true)]
async fn the_policy_permits_the_style_of_the_page_only() {
    let result = chain().await;
    let page = html::page(&Story::new(&result));
    let style = between(&page, "<style>", "</style>");
    let hash = STANDARD.encode(digest(&SHA256, style.as_bytes()));
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    assert_eq!(policy, format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"));
}

#[tokio::test(start_paused = true)]
async fn a_page_has_no_script_no_handler_and_loads_nothing() {
    let result = chain().await;
    let documents = vec![received("https://east.example/vast", wrapper("Exchange", "brand"))];
    let page = html::page(&Story::new(&result).with_documents(documents));
    for forbidden in
        ["<script", "<link", "<img", "<iframe", "<object", "url(", "@import", " style=", " src=", "javascript:"]
    {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    for link in page.split("href=\"").skip(1) {
        assert!(link.starts_with('#'), "{}", &link[..link.len().min(40)]);
    }
    let names = page.split(" on").skip(1).filter_map(|rest| rest.split_once('=')).map(|(name, _)| name);
    for name in names {
        assert!(!name.chars().all(|char| char.is_ascii_alphabetic()), "a handler: on{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn text_of_strangers_stays_text() {
    let long = "x".repeat(10_000);
    let titles = [HOSTILE, "\u{202e}gpj.exe\u{200f}", &long];
    for title in titles {
        let document = ad("shoes", title, 2000);
        let servers = vec![AdServer("east", 10, 200, document.clone())];
        let result = ask(servers, config(&["east"])).await;
        let documents = vec![received(title, document)];
        let page = html::page(&Story::new(&result).with_documents(documents));
        assert!(!page.contains("<script") && !page.contains("<img"), "{title}");
        assert!(!page.contains(['\u{202e}', '\u{200f}']), "{title}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_finding_stands_below_its_line() {
    let result = chain().await;
    let text = "<VAST version=\"3.0\"><Ad id=\"1\"><InLine>\n<AdSystem>a</AdSystem><AdTitle>t</AdTitle>\n<Impression>https://t.example/?cb=[CACHEBUSTNG]</Impression>\n<Creatives/></InLine></Ad></VAST>";
    let documents = vec![received("https://east.example/", text)];
    let page = html::page(&Story::new(&result).with_documents(documents));
    let after = between(&page, "CACHEBUSTNG]&lt;/Impression&gt;", "&lt;Creatives/&gt;");
    assert!(after.contains("class=\"finding warning\"") && after.contains("[MACRO]"), "{after}");
}

#[tokio::test(start_paused = true)]
async fn large_documents_are_cut_with_a_note() {
    let result = chain().await;
    let large =
        format!("<VAST version=\"3.0\">\n{}</VAST>", "<!-- a line of a document that repeats -->\n".repeat(200_000));
    let documents = (0..50).map(|_| received("https://east.example/", large.clone()));
    let page = html::page(&Story::new(&result).with_documents(documents.collect()));
    assert!(page.len() < 32 << 20, "{} bytes", page.len());
    assert!(page.contains("Cut: the document has"), "no note");
}
