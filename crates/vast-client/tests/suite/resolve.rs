//! Requirements of the standards for wrappers: scenarios that prove them, and cases that a scenario file cannot express.

use std::collections::BTreeSet;
use std::time::UNIX_EPOCH;

use crate::scenario::file::Names;
use crate::scenario::network::Network;
use vast_client::env::Env;
use vast_client::journal::Fact;
use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::{AdRequest, FetchConfig, FetchResult, VastClient};
use vast_mock::{Answer, Script};

/// Runs scenarios. Each compares requests, beacons, errors and ads with the expectation in its file.
async fn check(scenarios: &[&str]) {
    for name in scenarios {
        crate::scenario::run::run(name).await;
    }
}

macro_rules! proofs {
    ($(fn $name:ident() { check($scenarios:expr) })*) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $name() {
                check(&$scenarios).await;
            }
        )*
    };
}

proofs! {
    fn r010_each_wrapper_request_has_its_time_and_is_301_after_it() { check(["hop_fails", "errors_of_timed_out_lanes", "pod_cut_by_time"]) }
    fn r011_r086_what_a_wrapper_names_and_cannot_be_reached_is_301() { check(["hop_failures"]) }
    fn r012_documents_of_a_tree_are_bounded() { check(["wrapper_documents_are_counted"]) }
    fn r028_wrappers_of_a_pod_are_followed_at_once_and_stand_in_order() { check(["pod_of_twenty_wrappers"]) }
    fn r028_stand_alone_ads_are_tried_one_after_the_other() { check(["buffet_one_after_the_other", "buffet_resolved_ahead"]) }
    fn r073_five_wrappers_are_followed() { check(["wrapper_depth_five"]) }
    fn r074_the_sixth_is_not_requested_and_all_levels_are_told_302() { check(["wrapper_depth_six"]) }
    fn r075_the_limit_is_configured() { check(["wrapper_depth_configured"]) }
    fn r076_r086_ignored_wrappers_are_neither_asked_nor_told() { check(["follow_additional_wrappers"]) }
    fn r077_r078_r079_what_a_wrapper_takes_of_several_ads() { check(["allow_multiple_ads"]) }
    fn r080_stand_alone_ads_stand_in() {
        check(["fallback_on_no_ad_of_a_stand_alone_ad", "fallback_on_no_ad_in_a_pod", "fallback_on_no_ad_below_a_wrapper"])
    }
    fn r081_r111_the_next_of_the_pod_plays_where_nothing_may_stand_in() { check(["fallback_on_no_ad_in_a_pod"]) }
    fn r084_r109_a_pod_below_a_wrapper_has_its_trackers_on_each_ad() { check(["pod_in_a_pod"]) }
    fn r085_r086_r107_the_failing_path_is_told_once() { check(["errors_to_the_failing_path", "pod_with_spares"]) }
    fn r024_r107_error_urls_are_relative_to_their_documents() { check(["errors_relative_to_their_documents"]) }
    fn r100_r101_r102_r103_only_error_urls_are_called_without_an_ad() { check(["empty_documents"]) }
    fn r104_versions_may_be_mixed() { check(["mixed_versions"]) }
    fn r105_a_chain_that_leads_to_itself_ends() { check(["wrapper_loop"]) }
    fn r106_all_levels_are_told_the_ad_serving_id() { check(["ad_serving_id_in_all_levels"]) }
    fn r109_r111_r112_spares_fill_a_pod_each_once() { check(["pod_with_spares", "pod_in_order"]) }
    fn r097_r098_categories_are_checked() { check(["categories_are_blocked"]) }
    fn r110_a_pod_is_shortened_from_its_end() { check(["pod_is_shortened", "max_ads", "ads_of_a_tree_are_counted"]) }
}

fn client(network: &Network, url: &str) -> VastClient {
    VastClient::builder()
        .transport(network.clone())
        .lookup(network.lookup())
        .env(Env::fixed(UNIX_EPOCH, 1))
        .exchange(ExchangeSettings { linger: Linger::OFF, ..ExchangeSettings::default() })
        .build(FetchConfig::new([url]))
        .expect("a configuration")
}

/// The requested targets in order, if the server has `bodies` at `/0`, `/1`, ...
async fn targets(bodies: &[String], query: &str, request: &AdRequest) -> Vec<String> {
    let mut script = Script::builder().server("east");
    for (number, body) in bodies.iter().enumerate() {
        script = script.answer(Answer::new().path(format!("/{number}")).body(body.clone()));
    }
    let network = Network::new(&script.build().expect("a script"), Names::default(), 1);
    client(&network, &format!("http://east.test/0{query}")).request_ad_for(request).await;
    network.log().into_iter().map(|seen| seen.target).collect()
}

fn wrapper(uri: &str, parts: &str) -> String {
    format!(
        "<VAST version='4.2'><Ad><Wrapper><VASTAdTagURI><![CDATA[{uri}]]></VASTAdTagURI>{parts}</Wrapper></Ad></VAST>"
    )
}

fn value<'t>(target: &'t str, key: &str) -> &'t str {
    let query = target.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| *name == key).map(|(_, value)| value).unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn r002_r004_r006_r008_macros_of_every_hop_are_filled_in() {
    const MACROS: &str = "?cb=[CACHEBUSTING]&t=[TIMESTAMP]&tx=[TRANSACTIONID]&x=%5BTRANSACTIONID%5D";
    let bodies = [wrapper(&format!("/1{MACROS}"), ""), wrapper(&format!("/2{MACROS}"), ""), "<VAST/>".to_owned()];
    let asked = targets(&bodies, MACROS, &AdRequest::default()).await;
    assert_eq!(asked.len(), 3, "{asked:?}");
    for target in &asked {
        assert_eq!(value(target, "tx").len(), 36, "{target}");
        assert_eq!(value(target, "x"), value(target, "tx"), "{target}");
        assert_eq!(value(target, "cb").len(), 8, "{target}");
        assert_eq!(value(target, "t"), "1970-01-01T00%3A00%3A00.000%2B00%3A00", "{target}");
    }
    let different = |key: &str| asked.iter().map(|target| value(target, key)).collect::<BTreeSet<_>>().len();
    assert_eq!((different("tx"), different("cb")), (1, 3), "one transaction, a new number for each: {asked:?}");
}

#[tokio::test(start_paused = true)]
async fn r007_the_next_server_gets_the_categories_that_all_wrappers_and_the_host_block() {
    let blocks = |list: &str| format!("<BlockedAdCategories authority='a'>{list}</BlockedAdCategories>");
    let next = |number: u32| format!("/{number}?b=[BLOCKEDADCATEGORIES]");
    let bodies =
        [wrapper(&next(1), &blocks("IAB25, IAB26")), wrapper(&next(2), &blocks("IAB26,IAB7-39")), "<VAST/>".to_owned()];
    let asked = targets(&bodies, "", &AdRequest::default()).await;
    assert_eq!(asked, ["/0", "/1?b=IAB25,IAB26", "/2?b=IAB25,IAB26,IAB7-39"]);
    let host = AdRequest { macros: vec![("BLOCKEDADCATEGORIES".into(), "IAB1".into())], ..AdRequest::default() };
    let asked = targets(&bodies, "?b=[BLOCKEDADCATEGORIES]", &host).await;
    assert_eq!(asked, ["/0?b=IAB1", "/1?b=IAB1,IAB25,IAB26", "/2?b=IAB1,IAB25,IAB26,IAB7-39"]);
}

#[tokio::test(start_paused = true)]
async fn r015_the_content_type_of_a_response_is_ignored() {
    for content_type in ["text/plain", "text/html; charset=utf-8", "application/json", "image/png", "nonsense"] {
        let inline = include_str!("../../../../scenarios/ads/inline.xml");
        let answer = || Answer::new().header("content-type", content_type);
        let script = Script::builder()
            .server("east")
            .answer(answer().path("/0").body(wrapper("/1?ad=shoes", "")))
            .answer(answer().path("/1").body(inline));
        let network = Network::new(&script.build().expect("a script"), Names::default(), 1);
        let result = client(&network, "http://east.test/0").request_ad().await;
        assert!(result.success, "{content_type}: {:?}", result.errors);
    }
}

/// The result of a request for `/0`, if the server has `bodies` at `/0`, `/1`, ...
async fn result(bodies: &[String]) -> FetchResult {
    let mut script = Script::builder().server("east");
    for (number, body) in bodies.iter().enumerate() {
        script = script.answer(Answer::new().path(format!("/{number}")).body(body.clone()));
    }
    let network = Network::new(&script.build().expect("a script"), Names::default(), 1);
    client(&network, "http://east.test/0").request_ad().await
}

fn warnings(result: &FetchResult) -> Vec<(u32, &str)> {
    result.warnings.iter().map(|warning| (warning.hop, warning.code)).collect()
}

const PLAYABLE: &str = "<Creatives><Creative><Linear><Duration>00:00:10</Duration><MediaFiles>
    <MediaFile type='video/mp4'>https://c.test/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives>";

/// The impressions and the media files of all ads, those of breaks included.
fn urls(result: &FetchResult) -> Vec<&str> {
    let of_breaks = result.schedule.iter().flat_map(|schedule| &schedule.breaks).filter_map(|one| one.answer.as_ref());
    let ads = result.ads.iter().chain(of_breaks.flat_map(|answer| &answer.ads));
    ads.flat_map(|ad| ad.ad.impressions().map(|one| &*one.item.url).chain(ad.media_file().map(|file| &*file.url)))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn r024_relative_urls_of_an_answer_are_absolute_by_their_own_documents() {
    let creatives = PLAYABLE.replace("https://c.test/a.mp4", "media/a.mp4");
    let inline = |from: &str| format!("<Ad><InLine><Impression>{from}</Impression>{creatives}</InLine></Ad>");
    let wrapper = "<Ad><Wrapper><VASTAdTagURI>/1</VASTAdTagURI><Impression>outer?x</Impression></Wrapper></Ad>";
    let vast = |ad: &str| format!("<VAST version='4.2'>{ad}</VAST>");
    let playlist = format!(
        "<vmap:VMAP xmlns:vmap='http://www.iab.net/videosuite/vmap' version='1.0'><vmap:AdBreak timeOffset='start' \
         breakType='linear'><vmap:AdSource><vmap:VASTAdData>{}</vmap:VASTAdData></vmap:AdSource></vmap:AdBreak></vmap:VMAP>",
        vast(&inline("own?x"))
    );
    let (own, media) = ("http://east.test/own?x", "http://east.test/media/a.mp4");
    let cases = [
        (vec![vast(&inline("own?x"))], vec![own, media]),
        (vec![vast(wrapper), vast(&inline("own?x"))], vec!["http://east.test/outer?x", own, media]),
        (vec![playlist], vec![own, media]),
    ];
    for (bodies, expected) in cases {
        assert_eq!(urls(&result(&bodies).await), expected, "{}", bodies[0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_linear_ad_with_a_missing_or_zero_duration_is_used_with_a_warning() {
    let playable = "<Duration>00:00:10</Duration>";
    let cases = [("", true), ("<Duration>00:00:00</Duration>", true), (playable, false)];
    for (duration, is_warned) in cases {
        let creatives = PLAYABLE.replace(playable, duration);
        let inline = format!("<VAST version='4.2'><Ad><InLine>{creatives}</InLine></Ad></VAST>");
        let result = result(&[inline]).await;
        assert_eq!((result.ads.len(), warnings(&result).contains(&(0, "no_duration"))), (1, is_warned), "{duration}");
    }
    let inline = format!("<VAST version='4.2'><Ad><InLine>{}</InLine></Ad></VAST>", PLAYABLE.replace(playable, ""));
    assert!(warnings(&result(&[wrapper("/1", ""), inline]).await).contains(&(1, "no_duration")), "its document");
}

#[tokio::test(start_paused = true)]
async fn an_ad_that_is_rejected_names_its_document() {
    let interactive = PLAYABLE.replace("type='video/mp4'", "type='application/javascript' apiFramework='VPAID'");
    let inline = |creatives: &str| format!("<VAST version='4.2'><Ad><InLine>{creatives}</InLine></Ad></VAST>");
    for (documents, hop) in [
        (vec![inline(&interactive)], 0),
        (vec![wrapper("/1", ""), inline(&interactive)], 1),
        (vec![wrapper("/1", ""), wrapper("/2", ""), inline(&interactive)], 2),
        (vec![wrapper("/1", ""), inline(PLAYABLE)], 1),
    ] {
        let result = result(&documents).await;
        let hops: Vec<u32> = result.candidates.iter().map(|candidate| candidate.hop).collect();
        assert_eq!(hops, [hop], "{:?}", result.candidates);
    }
}

#[tokio::test(start_paused = true)]
async fn warnings_about_each_document_of_the_tree_have_its_hop() {
    let media = "<Creatives><Creative><Linear><MediaFiles><MediaFile type='video/mp4'>https://c.test/w.mp4</MediaFile>
        </MediaFiles></Linear></Creative></Creatives>";
    let many = "<Impression>https://t.test/</Impression>".repeat(600);
    let inline =
        format!("<VAST version='4.2'><Ad><InLine><Strange/><AdTitle>a</AdTitle>{PLAYABLE}</InLine></Ad></VAST>");
    let result = result(&[wrapper("/1", media), wrapper("/2", &many), inline]).await;
    let found = warnings(&result);
    for expected in [(0, "wrapper_media"), (1, "trackers_cut"), (2, "unknown_element")] {
        assert!(found.contains(&expected), "{expected:?} is not among {found:?}");
    }
    let ad = &result.ads[0].ad;
    assert_eq!(ad.impressions().count(), vast_client::ad::MAX_TRACKERS, "{found:?}");
    let chain: Vec<_> = ad.levels().map(|level| (level.hop(), level.document.status)).collect();
    assert_eq!(chain, [(0, Some(200)), (1, Some(200)), (2, Some(200))]);
}

#[tokio::test(start_paused = true)]
async fn reports_beyond_the_limit_are_counted_not_forgotten() {
    let errors: String = (0..400).map(|number| format!("<Error>https://e.test/{number}</Error>")).collect();
    let broken = "<Ad><InLine><Creatives><Creative><Linear/></Creative></Creatives></InLine></Ad>".repeat(2);
    let below = format!("<VAST version='4.2'>{broken}</VAST>");
    let above = wrapper("/1", &errors).replace("<Wrapper>", "<Wrapper allowMultipleAds='true'>");
    let result = result(&[above, below]).await;
    let owed = result.journal.iter().filter(|entry| matches!(entry.fact, Fact::ReportDue { .. })).count();
    assert_eq!(owed, 500);
    assert_eq!(warnings(&result).into_iter().filter(|(_, code)| *code == "reports_cut").count(), 1);
}
