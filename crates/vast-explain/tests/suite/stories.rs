//! What a story says about a request, as a table.

use std::time::Duration;

use vast_client::{ClientConfig, FetchMode};
use vast_explain::Story;

use super::servers::{AdServer, ad, ask, config, empty, sources, wrapper};

/// A request and what its story says: the first sentence, the reasons, and why each source was asked at its time.
struct Case {
    name: &'static str,
    servers: Vec<AdServer>,
    config: ClientConfig,
    ending: &'static str,
    reasons: &'static [&'static str],
    asked: &'static [&'static str],
    limits: &'static [&'static str],
}

fn cases() -> Vec<Case> {
    let shoes = || ad("shoes", "Shoes", 2000);
    let hats = || ad("hats", "Hats", 2000);
    vec![
        Case {
            name: "the only source has no ad",
            servers: vec![AdServer("east", 12, 200, empty())],
            config: config(&["east"]).into(),
            ending: "No ad after 12 ms: east had no ad.",
            reasons: &["east is the only source.", "east had no ad."],
            asked: &["0 ms: the only source"],
            limits: &[],
        },
        Case {
            name: "parallel: the first source in order wins over a faster one",
            servers: vec![
                AdServer("east", 30, 500, String::new()),
                AdServer("west", 40, 200, shoes()),
                AdServer("north", 10, 200, hats()),
            ],
            config: {
                let mut config = config(&["east", "west", "north"]);
                config.strategy.retry.max_retries = 0;
                config.into()
            },
            ending: "west won after 40 ms with the ad \"Shoes\" (id shoes).",
            reasons: &[
                "Mode parallel: All sources are asked at once, and the first one in listed order that has a usable ad wins.",
                "west had the usable ad shoes.",
                "east failed: the server answered with status 500.",
                "north had answered too, but another source won before its answer was needed.",
            ],
            asked: &["0 ms: together with the others"; 3],
            limits: &[],
        },
        Case {
            name: "sequential: a source is asked when the one before it has ended",
            servers: vec![AdServer("east", 30, 200, empty()), AdServer("west", 40, 200, shoes())],
            config: config(&["east", "west", "north"]).with_mode(FetchMode::Sequential).into(),
            ending: "west won after 70 ms with the ad \"Shoes\" (id shoes).",
            reasons: &[
                "Mode sequential: The sources are asked one after another, and the first usable ad wins.",
                "west had the usable ad shoes.",
                "east had no ad.",
                "north was not asked, because the request was settled before its turn.",
            ],
            asked: &["0 ms: first in order", "30 ms: east ended with no ad", "-"],
            limits: &[],
        },
        Case {
            name: "staggered: the next source is asked because the one before it is slow",
            servers: vec![AdServer("east", 900, 200, hats()), AdServer("west", 40, 200, shoes())],
            config: config(&["east", "west"]).with_mode(FetchMode::Staggered).into(),
            ending: "west won after 440 ms with the ad \"Shoes\" (id shoes).",
            reasons: &[
                "Mode staggered: The sources are asked in order, the next one also when one is slow; the first usable ad in time wins.",
                "west had the usable ad shoes.",
                "east had not ended: another source won.",
            ],
            asked: &["0 ms: first in order", "400 ms: east had not answered for 400 ms"],
            limits: &[],
        },
        Case {
            name: "a fallback fills after a timeout and a rejection",
            servers: vec![AdServer("low", 20, 200, ad("tiny", "Tiny", 300)), AdServer("house", 10, 200, shoes())],
            config: {
                let mut config = config(&["low", "silent"]).with_fallbacks(sources(&["house"]));
                config.parse_filter.min_bitrate = Some(1000);
                config.strategy.limits.source_timeout = Some(Duration::from_millis(300));
                config.into()
            },
            ending: "house won after 310 ms with the ad \"Shoes\" (id shoes).",
            reasons: &[
                "Mode parallel: All sources are asked at once, and the first one in listed order that has a usable ad wins.",
                "No primary source had a usable ad in time, so the fallbacks were asked.",
                "house had the usable ad shoes.",
                "low had only ads that were rejected: bitrate 300 is below 1000 (kbit/s).",
                "silent failed: no answer within `source_timeout`.",
            ],
            asked: &[
                "0 ms: together with the others",
                "0 ms: together with the others",
                "300 ms: no primary source had a usable ad in time",
            ],
            limits: &["300 ms silent source_timeout"],
        },
        Case {
            name: "a chain of wrappers that breaks",
            servers: vec![
                AdServer("east", 10, 200, wrapper("Exchange", "gone")),
                AdServer("gone", 10, 404, String::new()),
            ],
            config: config(&["east"]).into(),
            ending: "No ad after 20 ms: east failed: the server answered with status 404 (document 1: https://gone.example/vast).",
            reasons: &[
                "east is the only source.",
                "east failed: the server answered with status 404 (document 1: https://gone.example/vast).",
            ],
            asked: &["0 ms: the only source"],
            limits: &[],
        },
        Case {
            name: "many sources are counted",
            servers: vec![
                AdServer("a", 10, 200, empty()),
                AdServer("b", 10, 200, empty()),
                AdServer("c", 10, 404, String::new()),
                AdServer("d", 10, 200, "<html></html>".to_owned()),
            ],
            config: config(&["a", "b", "c", "d"]).into(),
            ending: "No ad after 10 ms from 4 sources: 2 had no ad, 2 failed.",
            reasons: &[],
            asked: &["0 ms: together with the others"; 4],
            limits: &[],
        },
    ]
}

#[tokio::test(start_paused = true)]
async fn a_story_says_how_a_request_ended_and_why() {
    for case in cases() {
        let result = ask(case.servers, case.config).await;
        let story = Story::new(&result);
        assert_eq!(story.ending.to_string(), case.ending, "{}", case.name);
        let reasons: Vec<&str> = story.reasons.iter().map(|reason| reason.text.as_str()).collect();
        if !case.reasons.is_empty() {
            assert_eq!(reasons, case.reasons, "{}", case.name);
        }
        let asked = story.asked.iter().map(|asked| {
            asked.map_or_else(|| "-".to_owned(), |asked| format!("{} ms: {}", asked.at.as_millis(), asked.because))
        });
        assert_eq!(asked.collect::<Vec<_>>(), case.asked, "{}", case.name);
        let limits = story.limits.iter().map(|hit| {
            let (at, source) = (hit.at.unwrap_or_default().as_millis(), hit.source.unwrap_or_default());
            format!("{at} ms {source} {}", hit.kind.as_str())
        });
        assert_eq!(limits.collect::<Vec<_>>(), case.limits, "{}", case.name);
    }
}

#[tokio::test(start_paused = true)]
async fn an_exchange_has_its_beginning_and_its_end() {
    let servers =
        vec![AdServer("east", 10, 200, wrapper("Exchange", "brand")), AdServer("brand", 20, 200, ad("a", "A", 1))];
    let result = ask(servers, config(&["east", "silent"]).with_mode(FetchMode::Race)).await;
    let story = Story::new(&result);
    let spans = story.exchanges.iter().map(|span| {
        let (began, ended) = (span.began.as_millis(), span.ended.as_millis());
        format!("{} {} {began}..{ended} {:?} {}", span.lane, span.hop, span.status, span.tone.as_str())
    });
    let expected = ["0 0 0..10 Some(200) plain", "1 0 0..30 None quiet", "0 1 10..30 Some(200) plain"];
    assert_eq!(spans.collect::<Vec<_>>(), expected);
}

#[tokio::test(start_paused = true)]
async fn trackers_are_called_due_or_left_to_the_player() {
    let servers =
        vec![AdServer("low", 5, 200, ad("tiny", "Tiny", 300)), AdServer("east", 10, 200, ad("shoes", "Shoes", 2000))];
    let mut config = config(&["low", "east"]);
    config.parse_filter.min_bitrate = Some(1000);
    let result = ask(servers, config).await;
    let due = Story::new(&result).due;
    assert_eq!(due.report_urls().collect::<Vec<_>>(), ["https://ads.example/error?c=[ERRORCODE]"]);
    let events: Vec<_> = due.ads.iter().flatten().map(|event| (event.event.as_str(), event.trackers.len())).collect();
    assert_eq!(events, [("impression", 1), ("error", 1), ("start", 1)]);
    assert_eq!((due.at_play(), due.tracked.len()), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_story_is_text_too() {
    let servers = vec![AdServer("east", 20, 200, empty()), AdServer("west", 30, 200, ad("\u{1b}[2J", "Shoes", 2000))];
    let result = ask(servers, config(&["east", "west"])).await;
    let text = Story::new(&result).to_text(false);
    assert!(text.starts_with("west won after 30 ms"), "{text}");
    for line in ["why", "what happened", "ads", "trackers"] {
        assert!(text.lines().any(|found| found.starts_with(line)), "{line}: {text}");
    }
    assert!(text.contains("   at  source\n"), "columns have headings: {text}");
    assert!(text.contains("\\u{1b}[2J") && !text.contains('\u{1b}'), "text of strangers is escaped: {text}");
}
