//! Results of requests as they are printed.

use std::time::Duration;

use vast_client::{ClientConfig, FetchMode, FetchResult};

use super::ad_servers::{AdServer, ad, ask, sources, untracked, wrapper};
use vast_explain::Story;

use super::{HumanOptions, check, check_safe, request, story};
use crate::render::layout::UNLIMITED;

const WIDE: HumanOptions = HumanOptions { width: 100, colour: false, verbose: false };
const VERBOSE: HumanOptions = HumanOptions { verbose: true, ..WIDE };
const COLOURED: HumanOptions = HumanOptions { colour: true, ..WIDE };
const NARROW: HumanOptions = HumanOptions { width: 50, ..WIDE };

const EMPTY: &str = r#"<VAST version="4.2"/>"#;

/// A chain of wrappers wins over a later source, and the fallback is not asked.
async fn chain() -> FetchResult {
    let servers = vec![
        AdServer("east", 40, 200, wrapper("Exchange", "network")),
        AdServer("network", 60, 200, wrapper("Network", "brand")),
        AdServer("brand", 30, 200, ad("Running shoes", 15, 2000)),
        AdServer("west", 20, 500, String::new()),
        AdServer("north", 90, 200, ad("Winter coats", 20, 2500)),
    ];
    let fallbacks = sources(&["house"]);
    ask(servers, untracked(&["west", "east", "north", "silent"]).with_fallbacks(fallbacks)).await
}

/// Every source in both tiers fails, each in a different way.
async fn nothing() -> FetchResult {
    let servers = vec![
        AdServer("empty", 30, 200, EMPTY.to_owned()),
        AdServer("page", 20, 200, "<!doctype html><html><body>Not found</body></html>".to_owned()),
        AdServer("low", 50, 200, ad("Tiny", 15, 300)),
        AdServer("loop", 10, 200, wrapper("Exchange", "gone")),
        AdServer("gone", 10, 404, String::new()),
        AdServer("house", 10, 200, EMPTY.to_owned()),
    ];
    let mut config = untracked(&["empty", "page", "low", "loop", "silent"]);
    config.fallbacks = sources(&["house"]);
    config.parse_filter.min_bitrate = Some(1000);
    ask(servers, config).await
}

/// Two ads fill a break, and the third one is not used.
async fn pod() -> FetchResult {
    let servers = vec![
        AdServer("one", 90, 200, ad("Running shoes", 15, 2000)),
        AdServer("two", 20, 200, ad("Winter coats", 14, 2500)),
        AdServer("three", 10, 200, ad("Garden tools", 20, 1800)),
    ];
    let mut config = ClientConfig::from(untracked(&["one", "two", "three"]).with_mode(FetchMode::Collect));
    config.request.slot.break_duration = Some(Duration::from_secs(30));
    ask(servers, config).await
}

/// A break from five sources: two ads of one pod, a duplicate, an ad that is not playable, one that is too long.
async fn full_break() -> FetchResult {
    let pod = ad("Running shoes", 15, 2000).replace("<Ad id", "<Ad sequence=\"1\" id");
    let second = ad("Trail shoes", 12, 2000).replace("<Ad id", "<Ad sequence=\"2\" id");
    let (_, second) = second.split_once('>').expect("the beginning of the document");
    let price = "<Pricing model=\"CPM\" currency=\"USD\">4.50</Pricing><Creatives>";
    let servers = vec![
        AdServer("pod", 90, 200, pod.replace("</VAST>", "") + second),
        AdServer("copy", 20, 200, ad("Running shoes", 15, 2000)),
        AdServer("priced", 30, 200, ad("Winter coats", 20, 2500).replace("<Creatives>", price)),
        AdServer(
            "script",
            15,
            200,
            ad("A game", 10, 500).replace("type=\"video/", "apiFramework=\"VPAID\" type=\"video/"),
        ),
        AdServer("long", 10, 200, ad("Garden tools", 59, 1800)),
        AdServer("down", 10, 500, String::new()),
    ];
    let names = ["pod", "copy", "priced", "script", "long", "down"];
    let mut config = ClientConfig::from(untracked(&names).with_mode(FetchMode::Collect));
    config.request.slot.break_duration = Some(Duration::from_secs(60));
    ask(servers, config).await
}

/// The only ad is too short for the break.
async fn short_break() -> FetchResult {
    let mut config = ClientConfig::from(untracked(&["one"]).with_mode(FetchMode::Collect));
    config.request.slot.break_duration = Some(Duration::from_secs(60));
    config.request.slot.break_min = Some(Duration::from_secs(30));
    ask(vec![AdServer("one", 9, 200, ad("Running shoes", 15, 2000))], config).await
}

/// A playlist of six breaks, not in order of time: an ad, a wrapper around an ad, nothing, an error, silence, and one that is not
/// supported.
async fn playlist() -> FetchResult {
    let one = |(id, offset, next): (&str, &str, &str)| {
        format!(
            "<vmap:AdBreak breakId='{id}' {offset} breakType='linear'><vmap:AdSource><vmap:AdTagURI templateType='vast3'>
             https://{next}.example/vast</vmap:AdTagURI></vmap:AdSource></vmap:AdBreak>"
        )
    };
    let breaks = [
        ("post", "timeOffset='end'", "west"),
        ("mid-2", "timeOffset='00:20:00'", "empty"),
        ("pre", "timeOffset='start'", "east"),
        ("mid-1", "timeOffset='00:10:00' repeatAfter='00:05:00'", "gone"),
        ("half", "timeOffset='50%'", "silent"),
        ("never", "", "east"),
    ];
    let breaks: String = breaks.into_iter().map(one).collect();
    let list = format!("<vmap:VMAP xmlns:vmap='http://www.iab.net/videosuite/vmap' version='1.0'>{breaks}</vmap:VMAP>");
    let servers = vec![
        AdServer("list", 40, 200, list),
        AdServer("east", 60, 200, ad("Running shoes", 15, 2000)),
        AdServer("west", 30, 200, wrapper("Network", "brand")),
        AdServer("brand", 90, 200, ad("Winter coats", 20, 2500)),
        AdServer("empty", 20, 200, EMPTY.to_owned()),
        AdServer("gone", 10, 404, String::new()),
    ];
    ask(servers, untracked(&["list"])).await
}

/// The first try fails, the second has an ad, and its impressions are called.
async fn tracked() -> FetchResult {
    let servers =
        vec![AdServer("flaky", 10, 503, String::new()), AdServer("flaky", 10, 200, ad("Running shoes", 15, 2000))];
    ask(servers, untracked(&["flaky"]).with_auto_track(true)).await
}

/// An ad with characters that would change other parts of the screen.
async fn hostile() -> FetchResult {
    let title = "\u{9b}2J\u{202e}Running\r\nshoes\t\u{200b}\u{2066}".to_owned() + &"W".repeat(3000);
    let mut inner = ad(&title, 15, 2000);
    inner = inner
        .replace("Example Ads", "Ex\u{85}ample\u{9d}0;owned\u{9c}")
        .replace("id=\"ad-15\"", "id=\"&#x9b;31m&#10;id\"");
    inner = inner.replace("https://ads.example/seen", "https://ads.example/s\u{9b}een\u{202e}");
    let outer = wrapper(&format!("Ex\u{9b}1;1Hchange{}", "x".repeat(500)), "brand");
    let servers = vec![AdServer("east", 5, 200, outer), AdServer("brand", 5, 200, inner)];
    ask(servers, untracked(&["east"]).with_auto_track(true)).await
}

#[tokio::test(start_paused = true)]
async fn a_chain_of_wrappers() {
    let result = chain().await;
    check("request-chain", &request(&result, WIDE));
    check("request-chain-verbose", &request(&result, VERBOSE));
    check("request-chain-narrow", &request(&result, NARROW));
}

#[tokio::test(start_paused = true)]
async fn colours_carry_no_information() {
    let result = chain().await;
    let coloured = request(&result, COLOURED);
    check("request-chain-coloured", &coloured.replace('\u{1b}', "␛"));
    assert_eq!(without_colours(&coloured), request(&result, WIDE));
}

#[tokio::test(start_paused = true)]
async fn no_ad_for_many_reasons() {
    let result = nothing().await;
    check("request-nothing", &request(&result, WIDE));
    check("request-nothing-verbose", &request(&result, VERBOSE));
}

#[tokio::test(start_paused = true)]
async fn a_pod_from_two_sources() {
    check("request-pod", &request(&pod().await, VERBOSE));
}

#[tokio::test(start_paused = true)]
async fn a_break_is_a_bar_of_its_ads_with_the_reason_for_each_other_ad() {
    let result = full_break().await;
    check("request-break", &request(&result, HumanOptions { width: 80, ..WIDE }));
    check("request-break-narrow", &request(&result, NARROW));
    check("request-break-no-terminal", &request(&result, HumanOptions { width: UNLIMITED, ..WIDE }));
    check("request-break-too-short", &request(&short_break().await, HumanOptions { width: 80, ..WIDE }));
}

#[tokio::test(start_paused = true)]
async fn a_playlist_is_a_timeline_of_its_breaks() {
    let result = playlist().await;
    check("request-playlist", &request(&result, WIDE));
    check("request-playlist-verbose", &request(&result, VERBOSE));
}

#[tokio::test(start_paused = true)]
async fn a_retry_and_its_trackers() {
    let result = tracked().await;
    check("request-tracked", &format!("{}{}", request(&result, WIDE), super::super::tracked(&result, true, WIDE)));
}

#[tokio::test(start_paused = true)]
async fn no_ad_can_change_other_lines() {
    let breaks = [pod().await, full_break().await, short_break().await];
    let others = [chain().await, nothing().await, tracked().await, hostile().await, playlist().await];
    let results: Vec<_> = breaks.into_iter().chain(others).collect();
    for width in 40..=160 {
        for (result, verbose) in results.iter().flat_map(|result| [(result, false), (result, true)]) {
            let options = HumanOptions { width, colour: false, verbose };
            check_safe(&request(result, options), width);
            check_safe(&super::super::tracked(result, true, options), width);
            check_safe(&story(&Story::new(result), options), width);
        }
    }
    check("request-hostile", &request(&results[6], WIDE));
}

#[tokio::test(start_paused = true)]
async fn stories() {
    let (chain, nothing, playlist) = (chain().await, nothing().await, playlist().await);
    check("story-chain", &story(&Story::new(&chain), WIDE));
    check("story-chain-verbose", &story(&Story::new(&chain), VERBOSE));
    check("story-nothing", &story(&Story::new(&nothing), WIDE));
    // A program has no `-v`: it gets everything.
    assert!(story(&Story::new(&nothing), WIDE).contains("-v lists them"));
    assert!(!crate::explain(&nothing).contains("-v"), "{}", crate::explain(&nothing));
    check("story-nothing-narrow", &story(&Story::new(&nothing), NARROW));
    check("story-playlist", &story(&Story::new(&playlist), WIDE));
}

/// The text without the sequences that set colours.
fn without_colours(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or("", |(_, rest)| rest))
}
