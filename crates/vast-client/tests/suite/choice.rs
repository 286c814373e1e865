//! SELECT in whole requests: rejected ads, the ads that fill a break, and the trackers that are called as a result.

use std::path::Path;

use vast_client::journal::Fact;
use vast_client::report::CandidateVerdict;
use vast_client::select::HighestPrice;
use vast_client::{ClientConfig, FetchMode, FetchResult, Outcome, VastClient};

/// The answer to a request with this configuration.
pub(crate) async fn answer(config: &str) -> FetchResult {
    let file = ClientConfig::parse(config, Path::new("")).expect("a configuration");
    VastClient::from_config(file).expect("a client").request_ad().await
}

pub(crate) fn ad(id: &str, attributes: &str, seconds: u32, parts: &str) -> String {
    let media = format!("<MediaFile type='video/mp4' width='1' height='1'>https://cdn.example/{id}.mp4</MediaFile>");
    let linear = format!("<Linear><Duration>00:00:{seconds:02}</Duration><MediaFiles>{media}</MediaFiles></Linear>");
    let error = format!("<Error>https://t.example/{id}?code=[ERRORCODE]</Error>");
    let creatives = format!("<Creatives><Creative>{linear}</Creative></Creatives>");
    format!("<Ad id='{id}' {attributes}><InLine>{error}{parts}{creatives}</InLine></Ad>")
}

pub(crate) fn source(name: &str, ads: &[String]) -> String {
    format!("[[source]]\nname = \"{name}\"\nxml = \"\"\"<VAST version='4.2'>{}</VAST>\"\"\"\n", ads.concat())
}

fn ids(result: &FetchResult) -> Vec<&str> {
    result.ads.iter().filter_map(|ad| ad.ad.id.as_deref()).collect()
}

/// The error reports that are due: URL and code.
fn reports(result: &FetchResult) -> Vec<String> {
    let report = |entry: &vast_client::journal::Entry| match &entry.fact {
        Fact::ReportDue { url, code, .. } => Some(format!("{url} {code}").replace("https://t.example/", "")),
        _ => None,
    };
    result.journal.iter().filter_map(report).map(|text| text.replace("?code=[ERRORCODE]", "")).collect()
}

/// `id verdict reason` of each ad that is not in the answer.
fn left_out(result: &FetchResult) -> Vec<String> {
    let others = result.candidates.iter().filter(|candidate| candidate.verdict != CandidateVerdict::Kept);
    let text = |candidate: &vast_client::report::CandidateReport| {
        let rejection = candidate.rejection.as_ref().expect("a reason");
        let by =
            rejection.displaced_by.as_ref().map_or(String::new(), |by| format!(" by {} of {}", by.position, by.source));
        let id = candidate.ad_id.as_deref().unwrap_or("?");
        format!("{id} {} {}{by}", candidate.verdict.as_str(), rejection.reason.as_str())
    };
    others.map(text).collect()
}

#[tokio::test]
async fn r113_the_ads_of_a_pod_that_the_slot_does_not_take_are_200_and_a_stand_alone_ad_plays() {
    let wrapper = "<Ad id='w' sequence='2'><Wrapper><Error>https://t.example/w</Error>\
                   <VASTAdTagURI>https://never.invalid/</VASTAdTagURI></Wrapper></Ad>";
    let pod = [ad("one", "sequence='1'", 15, ""), wrapper.to_owned()];
    let alone = ad("alone", "", 15, "");
    let no_pods = "accept_pods = false\n";
    let result = answer(&format!("{no_pods}{}", source("s", &[&pod[..], &[alone]].concat()))).await;
    assert_eq!((ids(&result), reports(&result)), (vec!["alone"], vec!["one 200".to_owned(), "w 200".to_owned()]));
    assert!(result.journal.iter().all(|entry| !matches!(entry.fact, Fact::Followed { .. })), "no wrapper is followed");
    let result = answer(&format!("{no_pods}{}", source("s", &pod))).await;
    assert_eq!((ids(&result), reports(&result).len()), (vec![], 2));
    let result = answer(&format!("{no_pods}{}", source("s", &pod[..1]))).await;
    assert_eq!(ids(&result), ["one"], "an ad alone in its document is no pod");
}

#[tokio::test]
async fn r135_the_sequence_of_a_creative_is_no_position_in_a_pod() {
    let with_sequence = ad("one", "", 15, "").replace("<Creative>", "<Creative sequence='2'>");
    let result = answer(&source("s", &[with_sequence, ad("two", "", 15, "")])).await;
    assert_eq!((ids(&result), result.ads[0].ad.sequence), (vec!["one"], None), "a stand-alone ad, not a pod of two");
}

#[tokio::test]
async fn blocked_ads_are_not_usable_and_the_next_ad_or_fallback_is_used() {
    let blocked = ad("blocked", "", 15, "<Advertiser>shoes.example</Advertiser>");
    let filter = "[filter]\nblocked = { advertisers = [\"Shoes.example\"], media_hosts = [] }\n";
    let result = answer(&format!("{}{filter}", source("s", &[blocked.clone(), ad("next", "", 15, "")]))).await;
    assert_eq!((ids(&result), reports(&result)), (vec!["next"], vec!["blocked 900".to_owned()]));
    assert_eq!(left_out(&result), ["blocked rejected blocked"]);
    let fallback = source("house", &[ad("house", "", 15, "")]).replace("[[source]]", "[[fallback]]");
    let result = answer(&format!("{}{fallback}{filter}", source("s", &[blocked]))).await;
    assert_eq!(ids(&result), ["house"]);
}

#[tokio::test]
async fn a_break_takes_ads_of_several_sources_and_says_why_the_others_are_left_out() {
    let price = |amount: u32| format!("<Pricing model='CPM' currency='USD'>{amount}</Pricing>");
    let east = source("east", &[ad("p1", "sequence='1'", 15, &price(2)), ad("p2", "sequence='2'", 30, &price(2))]);
    let west = source("west", &[ad("dear", "", 30, &price(9))]);
    let south = source("south", &[ad("dear", "", 30, &price(8))]);
    let north = source("north", &[ad("cheap", "", 15, &price(1))]);
    let rules = "[break]\nmax = \"60s\"\nrank = [\"price\"]\ncurrency = \"USD\"\n";
    let result = answer(&format!("mode = \"collect\"\n{east}{west}{south}{north}{rules}")).await;
    assert_eq!(ids(&result), ["p1", "dear", "cheap"]);
    let expected = ["p2 passed_over slot_full by 3 of north", "dear passed_over duplicate by 2 of west"];
    assert_eq!(left_out(&result), expected);
    assert_eq!(reports(&result), ["p2 206"], "only the ad that is cut from its pod");
    assert!(!result.metadata.is_approximate);
    let positions: Vec<_> = result.flatten().ads.iter().filter_map(|ad| ad.sequence).collect();
    assert_eq!(positions, [1, 2, 3], "the result is renumbered");
    assert_eq!(result.ads[0].ad.sequence, Some(1), "each ad keeps its own position");
}

#[tokio::test]
async fn a_half_filled_break_goes_on_to_the_fallbacks_and_one_below_its_minimum_has_no_ad() {
    let first = source("first", &[ad("a", "", 20, "")]);
    let fallback = source("house", &[ad("b", "", 30, ""), ad("c", "", 10, "")]).replace("[[source]]", "[[fallback]]");
    let result = answer(&format!("{first}{fallback}[break]\nmax = \"30s\"\n")).await;
    assert_eq!(ids(&result), ["a", "c"], "what is left of the break");
    let result = answer(&format!("{first}[break]\nmax = \"60s\"\nmin = \"21s\"\n")).await;
    assert_eq!((result.success, left_out(&result)), (false, vec!["a rejected break_too_short".to_owned()]));
    assert!(reports(&result).is_empty(), "a preference is never reported");
    let result = answer(&format!("{first}[break]\nmax = \"10s\"\n")).await;
    assert_eq!(left_out(&result), ["a passed_over slot_full"], "shorter than the shortest ad");
}

#[tokio::test]
async fn a_price_that_cannot_be_compared_is_a_warning_and_counts_nothing() {
    let priced = |id: &str, pricing: &str| source(id, &[ad(id, "", 15, &format!("<Pricing {pricing}</Pricing>"))]);
    let sources = [
        priced("yen", "model='CPM' currency='JPY'>900"),
        priced("click", "model='CPC' currency='USD'>9"),
        priced("word", "model='CPM' currency='USD'>nine"),
        priced("euro", "model='CPM' currency='EUR'>1"),
    ];
    let rules = "[break]\nmax = \"15s\"\nrank = [\"price\"]\ncurrency = \"USD\"\nrates = { EUR = 1.1 }\n";
    let result = answer(&format!("mode = \"collect\"\n{}{rules}", sources.concat())).await;
    assert_eq!(ids(&result), ["euro"]);
    let unpriced = result.warnings.iter().filter(|warning| warning.code == "unpriced");
    let found: Vec<_> = unpriced.map(|warning| format!("{}: {}", warning.source, warning.message)).collect();
    let expected = [
        "yen: the price is not compared: break.rates has no rate for `JPY`",
        "click: the price is not compared: it is `CPC` and not a price per thousand impressions",
        "word: the price is not compared: `nine` is not an amount",
    ];
    assert_eq!(found, expected);
    let in_order = answer(&format!("mode = \"collect\"\n{}", sources.concat())).await;
    assert!(in_order.warnings.iter().all(|warning| warning.code != "unpriced"), "no price is compared");
}

#[tokio::test]
async fn a_loser_of_a_break_gets_not_used_when_that_is_asked_for() {
    let creative = |id: &str| {
        let tracking = format!(
            "<TrackingEvents><Tracking event='notUsed'>https://t.example/{id}/notUsed</Tracking></TrackingEvents>"
        );
        ad(id, "", 20, "").replace("<MediaFiles>", &format!("{tracking}<MediaFiles>"))
    };
    let config = |not_used: bool| {
        let sources = format!("{}{}", source("one", &[creative("a")]), source("two", &[creative("b")]));
        format!("mode = \"collect\"\nreport_not_used = {not_used}\n{sources}[break]\nmax = \"30s\"\n")
    };
    let tracked = |result: &FetchResult| result.tracked.iter().map(|one| one.url.to_string()).collect::<Vec<_>>();
    assert_eq!(tracked(&answer(&config(true)).await), ["https://t.example/b/notUsed"]);
    assert!(tracked(&answer(&config(false)).await).is_empty());
}

/// Requests an ad in this mode from primary sources with these prices; an empty price means no ad. Returns the ads of
/// the answer and whether the fallback was asked.
async fn highest(mode: FetchMode, primaries: [&str; 2]) -> (Vec<String>, bool) {
    let priced = |id: &str, price: &str| {
        let price = format!("<Pricing model='CPM' currency='USD'>{price}</Pricing>");
        ad(id, "", 15, &price)
    };
    let primary = |(number, price): (usize, &&str)| {
        let ads = if price.is_empty() { Vec::new() } else { vec![priced(price, price)] };
        source(&format!("primary-{number}"), &ads)
    };
    let primaries: String = primaries.iter().enumerate().map(primary).collect();
    let fallback = source("house", &[priced("house", "99")]).replace("[[source]]", "[[fallback]]");
    let config = format!("mode = \"{mode}\"\n{primaries}{fallback}");
    let file = ClientConfig::parse(&config, Path::new("")).expect("a configuration");
    let client = VastClient::builder().selector(HighestPrice::in_currency("USD")).build(file.fetch).expect("a client");
    let result = client.request_ad().await;
    let house = result.sources.iter().find(|source| &*source.name == "house").expect("the fallback");
    (ids(&result).into_iter().map(str::to_owned).collect(), house.outcome != Outcome::NotStarted)
}

#[tokio::test]
async fn the_highest_price_of_the_primary_sources_wins_in_every_mode_and_else_the_fallback() {
    let cases = [
        (["2", "10"], "10", false),
        (["10", "2"], "10", false),
        (["", "2"], "2", false),
        (["2", ""], "2", false),
        (["", ""], "house", true),
    ];
    for &mode in FetchMode::ALL {
        for (primaries, winner, is_house_asked) in cases {
            let expected = (vec![winner.to_owned()], is_house_asked);
            assert_eq!(highest(mode, primaries).await, expected, "{mode} {primaries:?}");
        }
    }
}
