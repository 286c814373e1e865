//! The limits on the total cost of a request, and the report about a source that reaches one.

use std::time::{Duration, UNIX_EPOCH};

use crate::scenario::file::Names;
use crate::scenario::network::Network;
use vast_client::env::Env;
use vast_client::policy::BreakerSettings;
use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::{ErrorType, FetchConfig, FetchResult, SourceConfig, VastClient};
use vast_mock::{Answer, Script};

const LATE: Duration = Duration::from_millis(500);
const INLINE: &str = include_str!("../../../../scenarios/ads/inline.xml");

fn wrapper(sequence: usize, attributes: &str, uri: &str) -> String {
    format!(
        "<Ad sequence='{sequence}'><Wrapper {attributes}><AdSystem>w</AdSystem><VASTAdTagURI><![CDATA[{uri}]]></VASTAdTagURI>
         </Wrapper></Ad>"
    )
}

fn vast(ads: &str) -> String {
    format!("<VAST version='4.2'>{ads}</VAST>")
}

/// `one` redirects once and `two` twice before a usable ad. `padded` has a usable ad in a document of 60,000 bytes, `late`
/// in one of 6,000 bytes after half a second.
async fn ask(config: FetchConfig) -> (FetchResult, usize) {
    let padding = " ".repeat(60_000 - INLINE.len());
    let script = Script::builder()
        .server("ads")
        .answer(Answer::new().path("/two").redirect("http://ads.test/one"))
        .answer(Answer::new().path("/one").redirect("http://ads.test/ad"))
        .answer(Answer::new().path("/padded").body(format!("{INLINE}{padding}")).pieces_of(1000))
        .answer(Answer::new().path("/late").body(format!("{INLINE}{}", &padding[..5000])).delay(LATE))
        .answer(Answer::new().path("/broken").status(503))
        .answer(Answer::new().path("/ad").body(INLINE));
    ask_servers(&script.build().expect("a script"), config).await
}

async fn ask_servers(script: &Script, config: FetchConfig) -> (FetchResult, usize) {
    let network = Network::new(script, Names::default(), 1);
    let client = VastClient::builder()
        .transport(network.clone())
        .lookup(network.lookup())
        .env(Env::fixed(UNIX_EPOCH, 1))
        .exchange(ExchangeSettings { linger: Linger::OFF, ..ExchangeSettings::default() })
        .build(config)
        .expect("a configuration");
    let result = client.request_ad().await;
    (result, network.log().len())
}

fn pod(paths: &[&str]) -> SourceConfig {
    let ads = paths.iter().enumerate().map(|(number, path)| wrapper(number + 1, "", &format!("http://ads.test{path}")));
    SourceConfig::inline(vast(&ads.collect::<String>())).named("pod")
}

/// The distinct messages of failures with this error type.
fn messages(result: &FetchResult, error_type: ErrorType) -> Vec<&str> {
    let errors = result.errors.iter().filter(|error| error.failure.error_type == error_type);
    let mut messages: Vec<_> = errors.map(|error| &*error.failure.message).collect();
    messages.dedup();
    messages
}

#[tokio::test(start_paused = true)]
async fn exchanges_of_a_source_are_limited_with_retries_and_redirects() {
    // Each document of the pod needs three exchanges, or two if it fails and is retried.
    for (path, max_exchanges, ads) in [("/two", 40, 13), ("/two", 9, 3), ("/two", 60, 20), ("/broken", 7, 0)] {
        let mut config = FetchConfig::new([pod(&[path; 20])]);
        config.strategy.cost.max_exchanges = max_exchanges;
        let (result, exchanges) = ask(config).await;
        assert_eq!(exchanges, (max_exchanges as usize).min(60), "{path} {max_exchanges}");
        // Documents are requested in parallel, so the limit may end several of them between two redirects.
        assert!(result.ads.len() <= ads, "{path} {max_exchanges}: {}", result.ads.len());
        let limits = messages(&result, ErrorType::Limit);
        let expected = format!("more than {max_exchanges} HTTP exchanges of one source (raise `max_exchanges`)");
        assert_eq!(limits, if max_exchanges < 60 { vec![expected.as_str()] } else { vec![] }, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn redirects_are_limited_by_the_configuration() {
    for (max_redirects, expected) in [
        (2, vec![]),
        (1, vec!["more than 1 redirect (`max_redirects`)"]),
        (0, vec!["more than 0 redirects (`max_redirects`)"]),
    ] {
        let mut config = FetchConfig::new(["http://ads.test/two"]);
        config.strategy.cost.max_redirects = max_redirects;
        let (result, _) = ask(config).await;
        assert_eq!(result.success, expected.is_empty(), "{max_redirects}");
        assert_eq!(messages(&result, ErrorType::Redirect), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn bytes_of_documents_are_limited_per_source_and_per_request() {
    let of_source = "more than 150000 bytes of documents of one source (raise `max_source_bytes`)";
    let of_request = "more than 200000 bytes of documents of one request (raise `max_request_bytes`)";
    // Four documents of 60,000 bytes from one source, or from two sources with their own documents.
    let cases = [
        (1, 150_000, 1_000_000, 2, of_source),
        (1, 1_000_000, 200_000, 3, of_request),
        (2, 1_000_000, 200_000, 3, of_request),
    ];
    for (sources, max_source_bytes, max_request_bytes, most, message) in cases {
        let names = ["east", "west"];
        let sources = (0..sources).map(|number| pod(&["/padded"; 4]).named(names[number]));
        let mut config = FetchConfig::new(sources).with_mode(vast_client::FetchMode::Collect);
        config.strategy.cost.max_source_bytes = max_source_bytes;
        config.strategy.cost.max_request_bytes = max_request_bytes;
        let (result, _) = ask(config).await;
        let usable = result.ads.len() + result.passed_over.len();
        assert!(usable <= most, "{usable} documents of 60,000 bytes for {message}");
        assert_eq!(messages(&result, ErrorType::Limit), [message]);
    }
}

/// The wrappers of one source take all free bytes. The other source still gets its own document.
#[tokio::test(start_paused = true)]
async fn the_own_document_of_a_source_has_reserved_bytes() {
    let mut config = FetchConfig::new([
        pod(&["/padded"; 20]).named("greedy"),
        SourceConfig::url("http://ads.test/late").named("modest"),
    ])
    .with_mode(vast_client::FetchMode::Collect);
    config.strategy.cost.max_request_bytes = 130_000;
    let (result, _) = ask(config).await;
    let modest = result.source_report("modest").map(|source| source.outcome.as_str());
    let of_request = "more than 130000 bytes of documents of one request (raise `max_request_bytes`)";
    assert_eq!((modest, messages(&result, ErrorType::Limit)), (Some("filled"), vec![of_request]));
}

/// The reason names the ads that `allowMultipleAds` and `followAdditionalWrappers` exclude, and the operator can allow
/// several ads.
#[tokio::test(start_paused = true)]
async fn ads_that_a_wrapper_does_not_allow_are_named_in_the_reason() {
    let inline = |sequence: usize| INLINE.replace("<Ad ", &format!("<Ad sequence='{sequence}' "));
    let ads: String = (1..=3)
        .map(|sequence| {
            let ad = inline(sequence);
            let (from, to) = (ad.find("<Ad ").unwrap_or(0), ad.find("</Ad>").map_or(0, |at| at + 5));
            ad[from..to].to_owned()
        })
        .collect();
    let below = vast(&ads);
    let script = Script::builder().server("ads").answer(Answer::new().path("/pod").body(below));
    let network = Network::new(&script.build().expect("a script"), Names::default(), 1);
    let cases = [
        (None, "", 0, "3 of its ads ignored, because the wrapper allows one ad (allowMultipleAds)"),
        (None, "allowMultipleAds='true'", 3, ""),
        (Some(true), "", 3, ""),
        (Some(false), "allowMultipleAds='true'", 0, "3 of its ads ignored, because the wrapper allows one ad"),
    ];
    for (configured, attributes, ads, reason) in cases {
        let tag = vast(&wrapper(1, attributes, "http://ads.test/pod"));
        let mut config = FetchConfig::new([SourceConfig::inline(tag).named("east")]);
        config.strategy.allow_multiple_ads = configured;
        let client = VastClient::builder()
            .transport(network.clone())
            .lookup(network.lookup())
            .env(Env::fixed(UNIX_EPOCH, 1))
            .build(config)
            .expect("a configuration");
        let result = client.request_ad().await;
        assert_eq!(result.ads.len(), ads, "{configured:?} {attributes}");
        let said = result.source_report("east").and_then(|source| source.reason.as_ref());
        let said = said.map_or_else(String::new, ToString::to_string);
        assert!(said.contains(reason), "{said}");
    }
}

/// An ad with `number` media files whose URLs are relative.
fn relative_media(number: usize) -> String {
    let media = "<MediaFile type='video/mp4' width='1' height='1'>m</MediaFile>".repeat(number);
    vast(&format!(
        "<Ad><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle><Creatives><Creative><Linear><Duration>00:00:05</Duration>
         <MediaFiles>{media}</MediaFiles></Linear></Creative></Creatives></InLine></Ad>"
    ))
}

/// The URL of a document may have 64 KiB, and each relative URL in the document gets as long as that.
#[tokio::test(start_paused = true)]
async fn relative_urls_count_with_the_length_that_they_get() {
    let of_source = "more than 8388608 bytes of documents of one source (raise `max_source_bytes`)";
    for (length, files, limit) in [(200, 2_000, None), (60_000, 100, None), (60_000, 2_000, Some(of_source))] {
        let path = format!("/{}/x", "a".repeat(length));
        let long = format!("http://ads.test{path}");
        let script = Script::builder()
            .server("ads")
            .answer(Answer::new().path("/redirect").redirect(long.as_str()))
            .answer(Answer::new().path(path).body(relative_media(files)));
        let script = script.build().expect("a script");
        let wrapper = SourceConfig::inline(vast(&wrapper(1, "", &long)));
        for source in [SourceConfig::url("http://ads.test/redirect"), wrapper] {
            let (result, _) = ask_servers(&script, FetchConfig::new([source])).await;
            let limits = messages(&result, ErrorType::Limit);
            assert_eq!(limits, limit.into_iter().collect::<Vec<_>>(), "{length} bytes, {files} files");
            assert_eq!(result.success, limit.is_none(), "{length} bytes, {files} files");
        }
    }
}

/// The steps of redirects stand in the result, and a server chooses their URLs.
#[tokio::test(start_paused = true)]
async fn long_urls_of_redirects_are_cut_in_the_result() {
    let steps: Vec<String> = (0..5).map(|step| format!("/{step}{}", "a".repeat(60_000))).collect();
    let to = |step: usize| steps.get(step).map_or("/ad", String::as_str).to_owned();
    let mut script = Script::builder()
        .server("ads")
        .answer(Answer::new().path("/start").redirect(format!("http://ads.test{}", to(0))))
        .answer(Answer::new().path("/ad").body(INLINE));
    for step in 0..4 {
        script = script.answer(Answer::new().path(to(step)).redirect(format!("http://ads.test{}", to(step + 1))));
    }
    script = script.answer(Answer::new().path(to(4)).body(INLINE));
    let script = script.build().expect("a script");
    let (result, _) = ask_servers(&script, FetchConfig::new(["http://ads.test/start"])).await;
    assert!(result.success, "{:?}", result.errors);
    let redirects = &result.sources[0].redirects;
    assert_eq!(redirects.len(), 5);
    let lengths: Vec<_> = redirects.iter().map(|step| (step.url.len(), step.location.len())).collect();
    let cut = (8 << 10) + "... (60017 bytes)".len();
    assert_eq!(lengths, [(21, cut), (cut, cut), (cut, cut), (cut, cut), (cut, cut)]);
    assert!(result.source_url.is_some_and(|url| url.len() > 60_000), "the base of relative URLs is whole");
}

/// A lane keeps the URL that a redirect leads to while it runs, and thousands of lanes may be redirected.
#[tokio::test(start_paused = true)]
async fn the_url_of_a_redirect_counts_before_it_is_requested() {
    let of_request = "more than 16777216 bytes of documents of one request (raise `max_request_bytes`)";
    for (length, sources, are_refused) in [(1_000, 300, false), (60_000, 10, false), (60_000, 300, true)] {
        let long = format!("http://ads.test/{}", "a".repeat(length));
        let script = Script::builder()
            .server("ads")
            .answer(Answer::new().path("/redirect").redirect(long.as_str()))
            .answer(Answer::new().body(INLINE));
        let script = script.build().expect("a script");
        let sources = vec![SourceConfig::url("http://ads.test/redirect"); sources];
        let named = sources.into_iter().enumerate().map(|(number, source)| source.named(format!("s{number}")));
        let config = FetchConfig::new(named).with_mode(vast_client::FetchMode::Collect);
        let (result, exchanges) = ask_servers(&script, config).await;
        let refused = result.sources.iter().filter(|source| source.reason.is_some()).count();
        assert_eq!(refused > 0, are_refused, "{length} bytes");
        // Half of the budget is free for any source, 120,000 bytes for each URL.
        let most = if are_refused { result.sources.len() + 70 } else { 2 * result.sources.len() };
        assert!(exchanges <= most, "{length} bytes: {exchanges} exchanges");
        let expected = if are_refused { vec![of_request] } else { vec![] };
        assert_eq!(messages(&result, ErrorType::Limit), expected, "{length} bytes");
    }
}

/// A part of some bytes in a document needs up to a thousand bytes in memory.
#[tokio::test(start_paused = true)]
async fn the_parts_of_documents_count_with_the_memory_that_they_need() {
    let of_request = "more than 16777216 bytes of documents of one request (raise `max_request_bytes`)";
    let of_source = "more than 8388608 bytes of documents of one source (raise `max_source_bytes`)";
    let part = |part: &str, number| INLINE.replacen("<Creatives>", &format!("<Creatives>{}", part.repeat(number)), 1);
    let ad = "<Ad sequence='1'><InLine><Creatives><Creative><Linear><MediaFiles><MediaFile type='video/mp4'>http://c/a</MediaFile>
              </MediaFiles></Linear></Creative></Creatives></InLine></Ad>";
    let cases = [
        (1, part("<Creative/>", 1_000), vec![]),
        (1, part("<Creative/>", 40_000), vec![of_source]),
        (1, part("<Creative><NonLinearAds><NonLinear/></NonLinearAds></Creative>", 10_000), vec![of_source]),
        (64, vast(ad), vec![]),
        (300, vast(&ad.repeat(100)), vec![of_request]),
    ];
    for (number, document, expected) in cases {
        let sources = (0..number).map(|number| SourceConfig::inline(document.clone()).named(format!("s{number}")));
        let config = FetchConfig::new(sources).with_mode(vast_client::FetchMode::Collect);
        let (result, _) = ask(config).await;
        assert_eq!(
            messages(&result, ErrorType::Limit),
            expected,
            "{number} of {}",
            &document[..200.min(document.len())]
        );
    }
}

/// Three requests at the same time, each to a source with a document of 600,000 bytes and to one that is late.
#[tokio::test(start_paused = true)]
async fn the_documents_of_all_requests_are_limited() {
    let padding = " ".repeat(600_000 - INLINE.len());
    let script = Script::builder()
        .server("ads")
        .answer(Answer::new().path("/large").body(format!("{INLINE}{padding}")))
        .answer(Answer::new().path("/late").body(INLINE).delay(LATE));
    let network = Network::new(&script.build().expect("a script"), Names::default(), 1);
    let mut large = SourceConfig::url("http://ads.test/large");
    let mut strict = BreakerSettings::default();
    strict.failures = 1;
    large.breaker = Some(strict);
    let config = FetchConfig::new([large, SourceConfig::url("http://ads.test/late")]);
    let client = VastClient::builder()
        .transport(network.clone())
        .lookup(network.lookup())
        .max_document_bytes(500_000)
        .build(config.with_mode(vast_client::FetchMode::Collect))
        .expect("a configuration");

    let (first, second, third) = tokio::join!(client.request_ad(), client.request_ad(), client.request_ad());
    let results = [first, second, third];
    let mut filled = results.each_ref().map(|result| result.ads.len() + result.passed_over.len());
    filled.sort_unstable();
    assert_eq!(filled, [1, 1, 2], "two of them have the small document only");
    let refused =
        "the documents of all requests (`max_document_bytes`) have more than 500000 bytes beyond 131072 bytes each";
    let overloaded: Vec<_> = results.iter().flat_map(|result| messages(result, ErrorType::Overloaded)).collect();
    assert_eq!(overloaded, [refused, refused]);
    assert_eq!(client.stats().plan.sources[0].ejections, 0, "the source works");
    assert_eq!(client.document_bytes(), 0, "all requests have ended");
    assert!(client.request_ad().await.errors.is_empty(), "one large document has room");
}
