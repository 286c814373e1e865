//! Arms and orders in whole requests: which sources are asked, in which order, and what the result says about it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use vast_client::env::Env;
use vast_client::fetch::{FetchContext, Fetched, Prepared, Source};
use vast_client::{
    AdRequest, BoxFuture, ClientConfig, ErrorType, Failure, FetchConfig, FetchMode, FetchResult, SourceConfig,
    SourceOrder, VastClient,
};

const INLINE: &str = include_str!("../../../../scenarios/ads/inline.xml");

/// Three sources without an ad and a fallback with one.
const SOURCES: &str = r#"
[[source]]
name = "east"
xml = "<VAST version='3.0'/>"
[[source]]
name = "west"
xml = "<VAST version='3.0'/>"
[[source]]
name = "north"
xml = "<VAST version='3.0'/>"
[[fallback]]
name = "house"
file = "inline.xml"
"#;

fn client(text: &str) -> Result<VastClient, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/ads");
    let config = ClientConfig::parse(text, &folder).map_err(|error| error.to_string())?;
    VastClient::builder().env(Env::fixed(UNIX_EPOCH, 1)).build(config).map_err(|error| error.to_string())
}

async fn ask(client: &VastClient, key: Option<&str>) -> FetchResult {
    client.request_ad_for(&AdRequest { split_key: key.map(str::to_owned), ..AdRequest::default() }).await
}

fn arm_of(result: &FetchResult) -> String {
    result.metadata.arm.as_deref().unwrap_or("none").to_owned()
}

/// The strategy and the names, as the result has them.
fn order_of(result: &FetchResult) -> (SourceOrder, Vec<&str>) {
    let order = result.metadata.order.as_ref().expect("an order");
    (order.strategy, order.sources.iter().map(|name| &**name).collect())
}

#[tokio::test(start_paused = true)]
async fn an_arm_has_its_own_sources_order_mode_filter_and_timeout() {
    let arms = r#"
        mode = "parallel"
        [[arm]]
        name = "control"
        share = 50
        sources = ["east", "north"]
        [[arm]]
        name = "new"
        share = 50
        sources = ["west", "east"]
        order = "weighted"
        mode = "sequential"
        timeout = "1s"
        filter = { max_duration = "1s" }
    "#;
    let client = client(&format!("{arms}{SOURCES}")).expect("a configuration");
    assert_eq!(client.plan().arm_names().collect::<Vec<_>>(), ["control", "new"]);
    let mut seen = [0, 0];
    for number in 0..40 {
        let key = format!("viewer-{number}");
        let result = ask(&client, Some(&key)).await;
        let names: Vec<_> = result.sources.iter().map(|source| &*source.name).collect();
        let (strategy, order) = order_of(&result);
        match arm_of(&result).as_str() {
            "control" => {
                seen[0] += 1;
                assert_eq!((names, result.metadata.mode), (vec!["east", "north", "house"], FetchMode::Parallel));
                assert_eq!((strategy, order), (SourceOrder::Listed, vec!["east", "north", "house"]));
                assert_eq!((result.success, result.metadata.source_count), (true, 3));
            }
            "new" => {
                seen[1] += 1;
                assert_eq!((&names, result.metadata.mode), (&vec!["west", "east", "house"], FetchMode::Sequential));
                assert_eq!(strategy, SourceOrder::Weighted);
                assert!(order == names || order == ["east", "west", "house"], "{order:?}");
                let error = &result.errors.last().expect("the ad of the fallback is too long").failure;
                assert_eq!((result.success, error.error_type), (false, ErrorType::Filtered));
            }
            other => panic!("no arm {other}"),
        }
        assert_eq!(arm_of(&ask(&client, Some(&key)).await), arm_of(&result), "the same key is always in the same arm");
    }
    assert!(seen[0] > 8 && seen[1] > 8, "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_key_the_seed_draws_the_arm() {
    let arms = "[[arm]]\nname = \"a\"\nshare = 90\nsources = [\"east\"]\n[[arm]]\nname = \"b\"\nshare = 10\nsources = [\"west\"]\n";
    let client = client(&format!("{arms}{SOURCES}")).expect("a configuration");
    let (mut drawn, mut by_seed) = (0, 0);
    for seed in 0..500 {
        drawn += usize::from(arm_of(&ask(&client, None).await) == "b");
        let request = AdRequest { seed: Some(seed), ..AdRequest::default() };
        let first = arm_of(&client.request_ad_for(&request).await);
        by_seed += usize::from(first == "b");
        assert_eq!(arm_of(&client.request_ad_for(&request).await), first);
    }
    for count in [drawn, by_seed] {
        assert!((28..=75).contains(&count), "{count} of 500 instead of a tenth");
    }
}

#[tokio::test(start_paused = true)]
async fn without_arms_a_split_chooses_the_first_source() {
    let client = client(&format!("order = \"split\"\n{SOURCES}")).expect("a configuration");
    let first = ask(&client, Some("viewer")).await;
    assert_eq!((arm_of(&first).as_str(), order_of(&first).0), ("none", SourceOrder::Split));
    assert_eq!(order_of(&ask(&client, Some("viewer")).await), order_of(&first));
}

#[test]
fn wrong_arms_and_weights_name_the_key_and_the_remedy() {
    let arm =
        |name: &str, share: &str, sources: &str| format!("[[arm]]\nname = \"{name}\"\n{share}\nsources = {sources}\n");
    let two = |one: &str, other: &str| arm("a", one, "[\"east\"]") + &arm("b", other, "[\"west\"]");
    let unknown = "arm[0].sources: `south` is not the name of a source: the names are east, west, north";
    let cases = [
        (two("share = 90", "share = 10"), None),
        (two("share = 33.335", "share = 66.67"), None),
        (two("share = 100", "share = 0"), None),
        (
            two("share = 90", "share = 20"),
            Some("arm[1].share: the shares of all arms are 110 percent together: change them so that they are 100"),
        ),
        (
            two("share = 0.9", "share = 0.1"),
            Some("arm[1].share: the shares of all arms are 1 percent together: change them so that they are 100"),
        ),
        (
            two("share = 110", "share = -10"),
            Some("arm[0].share: 110 is no share: write a number of percent from 0 to 100"),
        ),
        (two("share = nan", "share = 100"), Some("arm[0].share: is missing: write a number of percent from 0 to 100")),
        (two("", "share = 100"), Some("arm[0].share: is missing: write a number of percent from 0 to 100")),
        (
            arm("a", "share = 50", "[\"east\"]").repeat(2),
            Some("arm[1].name: `a` is used by another arm: give each its own name"),
        ),
        (
            arm(" ", "share = 100", "[\"east\"]"),
            Some("arm[0].name: is empty: give the arm a name, which results and metrics use"),
        ),
        (
            arm("a", "share = 100", "[]"),
            Some("arm[0].sources: is empty: write the names of the sources that the arm asks"),
        ),
        (arm("a", "share = 100", "[\"south\"]"), Some(unknown)),
        (
            arm("a", "share = 100", "[\"east\", \"east\"]"),
            Some("arm[0].sources: `east` is there twice: leave one of them out"),
        ),
        (
            arm("a", "share = 100", "[\"house\"]"),
            Some("arm[0].sources: `house` is a fallback, and the fallbacks are asked in every arm: leave it out"),
        ),
        (
            arm("a", "share = 100\ntimeout = \"0s\"", "[\"east\"]"),
            Some("arm[0].timeout: zero leaves no time to ask any source: write for example `3s`"),
        ),
        (
            arm("a", "share = 100\nfilter = { min_duration = \"9s\", max_duration = \"8s\" }", "[\"east\"]"),
            Some("arm[0].filter.min_duration: the minimum is above the maximum"),
        ),
        (
            arm("a", "share = 100", "[\"east\"]").replace("share", "shares"),
            Some("line 3: unknown key `shares`: did you mean `share`?"),
        ),
    ];
    for (arms, expected) in cases {
        let found = client(&format!("{arms}{SOURCES}")).err();
        assert_eq!(found.as_deref(), expected, "{arms}");
    }
    let zero = SOURCES.replace("name = ", "weight = 0\nname = ");
    let remedy = |order: &str| {
        format!(
            "all sources have `weight = 0`, so `order = \"{order}\"` draws none: give one of them a weight of 1 or more, or set \
             `order` to listed"
        )
    };
    let cases = [
        ("order = \"weighted\"".to_owned(), Some(format!("source[0].weight: {}", remedy("weighted")))),
        ("order = \"split\"".to_owned(), Some(format!("source[0].weight: {}", remedy("split")))),
        ("order = \"listed\"".to_owned(), None),
        ("order = \"fastest\"".to_owned(), None),
        (
            arm("a", "share = 100\norder = \"weighted\"", "[\"east\"]"),
            Some(format!("arm[0].sources: {}", remedy("weighted"))),
        ),
        (format!("order = \"split\"\n{}", arm("a", "share = 100", "[\"east\"]")), None),
    ];
    for (start, expected) in cases {
        assert_eq!(client(&format!("{start}\n{zero}")).err(), expected, "{start}");
    }
    let fallback = SOURCES.replace("name = \"house\"", "weight = 0\nname = \"house\"");
    let found = client(&format!("order = \"weighted\"\n{fallback}")).err();
    assert_eq!(found, Some(format!("fallback[0].weight: {}", remedy("weighted"))));
}

/// A source with an ad after this time; out of order while the switch is set: then it fails after two seconds.
struct Switched {
    url: &'static str,
    delay: Duration,
    is_down: Arc<AtomicBool>,
}

impl Source for Switched {
    fn url(&self) -> &str {
        self.url
    }

    fn fetch<'a>(&'a self, _: &'a Prepared, _: &'a FetchContext<'a>) -> BoxFuture<'a, Result<Fetched, Failure>> {
        Box::pin(async move {
            if self.is_down.load(Ordering::Relaxed) {
                tokio::time::sleep(Duration::from_millis(900)).await;
                return Ok(Fetched::local("<VAST version=\"4.2\"/>"));
            }
            tokio::time::sleep(self.delay).await;
            Ok(Fetched::local(INLINE))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn the_timeout_of_an_arm_ends_its_requests() {
    let arm = "[[arm]]\nname = \"hasty\"\nshare = 100\nsources = [\"slow\"]\ntimeout = \"700ms\"\n";
    let text = format!("{arm}[[source]]\nname = \"slow\"\nurl = \"http://slow.test/\"\n");
    let mut config = ClientConfig::try_from(&*text).expect("a configuration");
    let slow = Switched { url: "slow", delay: Duration::from_secs(5), is_down: Arc::default() };
    config.fetch.sources = vec![SourceConfig::custom(slow).named("slow")];
    let client = VastClient::builder().env(Env::fixed(UNIX_EPOCH, 1)).build(config).expect("a configuration");
    let result = client.request_ad().await;
    assert_eq!((result.success, result.metadata.elapsed), (false, Duration::from_millis(700)));
}

#[tokio::test(start_paused = true)]
async fn fastest_leaves_a_source_without_ads_and_finds_it_again_when_it_has_recovered() {
    let is_down = Arc::new(AtomicBool::new(false));
    let source = |url: &'static str, millis: u64, is_down: Arc<AtomicBool>| {
        SourceConfig::custom(Switched { url, delay: Duration::from_millis(millis), is_down }).named(url)
    };
    let sources = [source("slow", 200, Arc::default()), source("quick", 50, Arc::clone(&is_down))];
    let mut config = FetchConfig::new(sources).with_mode(FetchMode::Sequential);
    config.strategy.order = SourceOrder::Fastest;
    let client = VastClient::builder().env(Env::fixed(UNIX_EPOCH, 7)).build(config).expect("a configuration");
    let first = Mutex::new(String::new());
    let run = async |requests: u32| {
        let mut quick = 0;
        for _ in 0..requests {
            let result = client.request_ad().await;
            assert!(result.success, "no request is lost");
            quick += u32::from(order_of(&result).1[0] == "quick");
            *first.lock().expect("no panic") = order_of(&result).1[0].to_owned();
        }
        quick
    };
    assert_eq!(run(10).await, 5, "each source is measured five times");
    assert!(run(100).await >= 90, "the quick source is first, except where the slow one is measured again");
    is_down.store(true, Ordering::Relaxed);
    let during = run(200).await;
    assert!(during < 40, "the source without ads is first in {during} of 200 requests");
    is_down.store(false, Ordering::Relaxed);
    run(1000).await;
    assert!(run(100).await >= 90, "the recovered source is first again");
}

/// In staggered mode the ad of the next source cuts the turn of a source that hangs, so no turn of it ends by itself.
#[tokio::test(start_paused = true)]
async fn fastest_leaves_a_source_that_hangs() {
    let source = |url: &'static str, delay: Duration| {
        SourceConfig::custom(Switched { url, delay, is_down: Arc::default() }).named(url)
    };
    let sources = [source("hangs", Duration::from_secs(3_600)), source("quick", Duration::from_millis(50))];
    let mut config = FetchConfig::new(sources).with_mode(FetchMode::Staggered);
    (config.strategy.order, config.strategy.stagger) = (SourceOrder::Fastest, Some(Duration::from_millis(400)));
    let client = VastClient::builder().env(Env::fixed(UNIX_EPOCH, 7)).build(config).expect("a configuration");
    let mut late = 0;
    for _ in 0..100 {
        let result = client.request_ad().await;
        assert!(result.success, "no request is lost");
        late += u32::from(result.metadata.elapsed > Duration::from_millis(50));
    }
    assert!(
        late <= 15,
        "{late} of 100 requests wait for the source that hangs: the first five, and where it is measured again"
    );
}
