//! Tests of breaks: which ads are taken, and the reason for each other ad.

mod properties;

use std::time::Duration;

use crate::ad::ResolvedAd;
use crate::policy::TierKind;
use crate::request::{BreakRules, Dedup, RankKey, Rate, Separation, Slot};
use crate::select::{
    Candidate, DefaultSelector, MediaChoice, RejectionReason, Selection, Selector, TierProgress, TierStep,
};

/// An ad of a test: source, pod, id, seconds; and the XML of its price, category, advertiser, UniversalAdId, title, file.
#[derive(Debug, Clone, Copy, Default)]
struct TestAd {
    lane: usize,
    pod: Option<u32>,
    id: &'static str,
    seconds: u32,
    xml: &'static str,
    universal: &'static str,
    file: &'static str,
}

impl TestAd {
    const fn new(lane: usize, id: &'static str, seconds: u32) -> Self {
        Self { lane, pod: None, id, seconds, xml: "", universal: "", file: "" }
    }

    const fn of_pod(self, pod: u32) -> Self {
        Self { pod: Some(pod), ..self }
    }

    const fn with(self, xml: &'static str) -> Self {
        Self { xml, ..self }
    }

    const fn universal(self, universal: &'static str) -> Self {
        Self { universal, ..self }
    }

    const fn file(self, file: &'static str) -> Self {
        Self { file, ..self }
    }

    fn candidate(&self) -> Candidate {
        let Self { lane, pod, id, seconds, xml, universal, file } = *self;
        let file = if file.is_empty() { format!("https://cdn.example/{id}.mp4") } else { file.to_owned() };
        let duration = if seconds == 0 { String::new() } else { format!("<Duration>00:00:{seconds:02}</Duration>") };
        let media = format!("<MediaFiles><MediaFile type='video/mp4' bitrate='1000'>{file}</MediaFile></MediaFiles>");
        let creative = format!("<Creative>{universal}<Linear>{duration}{media}</Linear></Creative>");
        let inline = format!("<InLine>{xml}<Creatives>{creative}</Creatives></InLine>");
        let mut ad = ResolvedAd::read(0, &format!("<VAST version='4.2'><Ad id='{id}'>{inline}</Ad></VAST>"), &[]);
        (ad.pod, ad.sequence) = (pod, pod.map(|_| 1));
        Candidate { lane, ad, media: MediaChoice::new(0, [0]) }
    }
}

fn select(slot: &Slot, ads: &[TestAd]) -> Selection {
    let selection = DefaultSelector.select(ads.iter().map(TestAd::candidate).collect(), slot);
    assert_eq!(selection.chosen.len() + selection.passed_over.len(), ads.len(), "no ad is lost");
    selection
}

/// The ids of the ads that are taken, in the order of play.
fn chosen(slot: &Slot, ads: &[TestAd]) -> String {
    let selection = select(slot, ads);
    let ids = selection.chosen.iter().map(|candidate| candidate.ad.id.as_deref().unwrap_or("?"));
    ids.collect::<Vec<_>>().join(" ")
}

/// `id: reason < the ad that displaced it` of each ad that is left out.
fn reasons(slot: &Slot, ads: &[TestAd]) -> Vec<String> {
    let text = |(candidate, rejection): &(Candidate, crate::select::Rejection)| {
        let by = rejection.displaced_by.as_ref();
        let by = by.map_or(String::new(), |by| format!(" < {} {}", by.position, by.ad_id.as_deref().unwrap_or("?")));
        format!("{}: {}{by}", candidate.ad.id.as_deref().unwrap_or("?"), rejection.reason.as_str())
    };
    select(slot, ads).passed_over.iter().map(text).collect()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn by(slot: Slot, rules: BreakRules) -> Slot {
    Slot { break_rules: rules, ..slot }
}

fn ranked(slot: Slot, rank: &[RankKey]) -> Slot {
    let rates = vec![("EUR".to_owned(), Rate::new(1.5).expect("a rate"))];
    let currency = Some("USD".to_owned());
    by(slot, BreakRules { rank: rank.to_vec(), currency, rates, ..BreakRules::default() })
}

#[test]
fn r110_a_pod_is_cut_from_its_end_only_and_the_ads_cut_off_get_an_error_report() {
    let pod = |lane, seconds: &[u32]| -> Vec<TestAd> {
        let ids = ["p1", "p2", "p3"];
        seconds.iter().zip(ids).map(|(seconds, id)| TestAd::new(lane, id, *seconds).of_pod(0)).collect()
    };
    let other = TestAd::new(1, "other", 5).of_pod(0);
    let of_pods = |slot: &Slot, ads: &[TestAd]| {
        let selection = select(slot, ads);
        let reported: Vec<_> =
            selection.reported().map(|(ad, code)| format!("{} {code}", ad.ad.id.as_deref().unwrap_or("?"))).collect();
        (chosen(slot, ads), reported.join(", "))
    };
    let expected = |play: &str, reported: &str| (play.to_owned(), reported.to_owned());
    let one = Slot::linear().with_max_ads(1);
    let half_a_minute = Slot::break_(seconds(30));
    assert_eq!(of_pods(&one, &[&*pod(0, &[10, 11]), &[other]].concat()), expected("p1", "p2 206"));
    assert_eq!(of_pods(&half_a_minute, &pod(0, &[10, 25, 5])), expected("p1", "p2 206, p3 206"));
    assert_eq!(of_pods(&half_a_minute, &[&*pod(0, &[10, 25]), &[other]].concat()), expected("p1 other", "p2 206"));
    let long = [TestAd::new(0, "long", 40).of_pod(0), TestAd::new(1, "fits", 30).of_pod(0)];
    assert_eq!(of_pods(&half_a_minute, &long), expected("fits", ""), "nothing of the first pod plays");
}

#[test]
fn without_a_break_the_ads_of_the_best_source_are_the_answer() {
    let [a, b, c] = [TestAd::new(1, "a", 15), TestAd::new(1, "b", 20), TestAd::new(0, "c", 30)];
    let c = c.with("<Pricing model='CPM' currency='USD'>1</Pricing>");
    let slot = Slot::linear();
    assert_eq!(chosen(&slot, &[]), "");
    assert_eq!(chosen(&slot, &[a, b, c]), "a b");
    assert_eq!(chosen(&slot.clone().with_max_ads(1), &[a, b]), "a");
    assert_eq!(chosen(&ranked(slot, &[RankKey::Price]), &[a, b, c]), "c");
}

#[test]
fn a_break_is_full_within_its_tolerance_or_with_its_largest_number_of_ads() {
    let enough = |slot: &Slot, ads: &[TestAd]| {
        let candidates: Vec<Candidate> = ads.iter().map(TestAd::candidate).collect();
        let progress = TierProgress::new(TierKind::Primary, TierStep::Running);
        DefaultSelector.enough(&candidates.iter().collect::<Vec<_>>(), progress, slot)
    };
    let [a, b, c] = [TestAd::new(0, "a", 30), TestAd::new(1, "b", 20), TestAd::new(2, "c", 14)];
    let slot = Slot::break_(seconds(45));
    assert!(!enough(&slot, &[]) && !enough(&slot, &[a]) && !enough(&slot, &[a, b]));
    assert!(enough(&slot, &[a, b, c]), "one second may stay empty");
    assert!(!enough(&slot.clone().with_tolerance(seconds(0)), &[a, b, c]));
    assert!(enough(&slot.clone().with_max_ads(2), &[a, c]));
    assert!(!enough(&slot.with_minimum(seconds(45)), &[a, b, c]), "the minimum is not reached");
    let slot = Slot::linear();
    assert!(!enough(&slot, &[]) && enough(&slot, &[c]));
}

#[test]
fn a_break_is_filled_in_listed_order_and_each_ad_left_out_has_its_reason() {
    let ads = [
        TestAd::new(0, "a", 30),
        TestAd::new(0, "b", 20),
        TestAd::new(1, "c", 14),
        TestAd::new(1, "unknown", 0),
        TestAd::new(2, "long", 50),
    ];
    let slot = Slot::break_(seconds(45));
    assert_eq!(chosen(&slot, &ads), "a c");
    assert_eq!(reasons(&slot, &ads), ["b: slot_full < 2 c", "unknown: slot_full", "long: slot_full"]);
    let two = Slot::break_(seconds(45)).with_max_ads(1);
    assert_eq!(reasons(&two, &ads[1..3]), ["c: slot_full < 1 b"]);
    let short = Slot::break_(seconds(5));
    assert_eq!((chosen(&short, &ads), reasons(&short, &ads[..1])), (String::new(), vec!["a: slot_full".to_owned()]));
    assert_eq!(chosen(&Slot::break_(seconds(45)).with_max_ads(0), &ads), "");
}

#[test]
fn a_break_below_its_minimum_has_no_ad() {
    let [a, b, c] = [TestAd::new(0, "a", 20), TestAd::new(1, "b", 15), TestAd::new(1, "c", 15)];
    let slot = Slot::break_(seconds(30)).with_minimum(seconds(30));
    assert_eq!(chosen(&slot, &[a, b, c]), "b c", "the first ad leaves too much empty");
    assert_eq!(chosen(&slot, &[a, b]), "");
    assert_eq!(reasons(&slot, &[a, b]), ["a: break_too_short", "b: break_too_short"]);
}

#[test]
fn sets_of_ads_are_compared_key_after_key() {
    const DEAR: &str = "<Pricing model='CPM' currency='USD'>5</Pricing>";
    const DEARER: &str = "<Pricing model='cpm' currency='eur'>4</Pricing>";
    const FOREIGN: &str = "<Pricing model='CPM' currency='JPY'>999</Pricing>";
    const PER_CLICK: &str = "<Pricing model='CPC' currency='USD'>999</Pricing>";
    let ads = [
        TestAd::new(0, "foreign", 20).with(FOREIGN),
        TestAd::new(0, "click", 15).with(PER_CLICK),
        TestAd::new(1, "dear", 20).with(DEAR),
        TestAd::new(2, "dearer", 15).with(DEARER),
        TestAd::new(3, "plain", 15),
    ];
    let of = |rank: &[RankKey]| chosen(&ranked(Slot::break_(seconds(30)), rank), &ads);
    use RankKey::{Fit, Order, Price, Quality};
    assert_eq!(of(&[Order, Price]), "foreign");
    assert_eq!(of(&[Price]), "click dearer", "4 EUR are 6 USD; the room that is left goes by order");
    assert_eq!(of(&[Fit]), "click dearer");
    assert_eq!(of(&[Fit, Price, Order]), "click dearer");
    assert_eq!(of(&[Quality]), "click dearer", "all have one bitrate");
    let alone = [ads[0], ads[2]];
    assert_eq!(chosen(&ranked(Slot::break_(seconds(30)), &[Price]), &alone), "dear");
}

const ID: &str = "<UniversalAdId idRegistry='ad-id.org'>ABCD</UniversalAdId>";
const OTHER_ID: &str = "<UniversalAdId idRegistry='ad-id.org'>EFGH</UniversalAdId>";
const UNKNOWN_ID: &str = "<UniversalAdId idRegistry='unknown'>unknown</UniversalAdId>";
const TITLE: &str = "<AdTitle>Shoes</AdTitle>";

/// Whether two ads are the same creative under the rule `dedup`.
fn is_same(dedup: Dedup, one: TestAd, other: TestAd) -> bool {
    let slot = by(Slot::break_(seconds(60)), BreakRules { dedup, ..BreakRules::default() });
    let left: Vec<_> = select(&slot, &[one, other]).passed_over.into_iter().map(|(_, why)| why.reason).collect();
    assert!(left.iter().all(|reason| *reason == RejectionReason::Duplicate), "{left:?}");
    !left.is_empty()
}

#[test]
fn r134_a_creative_plays_once_and_unknown_is_no_id() {
    let [a, b] = [TestAd::new(0, "a", 15), TestAd::new(1, "b", 15)];
    assert!(is_same(Dedup::Id, a.universal(ID), b.universal(ID)));
    assert!(!is_same(Dedup::Off, a.universal(ID), b.universal(ID)));
    assert!(!is_same(Dedup::Title, a.universal(UNKNOWN_ID), b.universal(UNKNOWN_ID)));
    let same_file = b.file("http://CDN.example/a.mp4");
    assert!(is_same(Dedup::Media, a, same_file));
    assert!(is_same(Dedup::Media, a.universal(UNKNOWN_ID), same_file.universal(UNKNOWN_ID)));
    assert!(!is_same(Dedup::Id, a, same_file));
    assert!(is_same(Dedup::Media, a.universal(ID), same_file), "one of the two lacks the id");
    assert!(is_same(Dedup::Media, a, same_file.universal(ID)), "whichever it is");
    assert!(!is_same(Dedup::Media, a.universal(ID), same_file.universal(OTHER_ID)), "both have an id");
    assert!(is_same(Dedup::Title, a.with(TITLE), b.with("<AdTitle> shoes </AdTitle>")));
    assert!(!is_same(Dedup::Media, a.with(TITLE), b.with(TITLE)));
    assert!(!is_same(Dedup::Title, a.with(TITLE), TestAd::new(1, "b", 20).with(TITLE)), "another duration");
    let slot = Slot::break_(seconds(60));
    assert_eq!(reasons(&slot, &[a.universal(ID), b.universal(ID)]), ["b: duplicate < 1 a"]);
}

#[test]
fn competitors_do_not_play_in_one_break_where_they_are_separated() {
    const SHOES: &str =
        "<Category authority='iabtechlab.com'>IAB18</Category><Advertiser id='1'>Shoes.example</Advertiser>";
    const CARS: &str = "<Category authority='iabtechlab.com'>IAB2</Category><Advertiser>shoes.example</Advertiser>";
    const OTHER: &str = "<Category authority='other.example'>IAB18</Category><Advertiser id='1'>x.example</Advertiser>";
    let [shoes, cars] = [TestAd::new(0, "shoes", 15).with(SHOES), TestAd::new(1, "cars", 15).with(CARS)];
    let other = TestAd::new(2, "other", 15).with(OTHER);
    let separated = |separate: &[Separation]| {
        by(Slot::break_(seconds(60)), BreakRules { separate: separate.to_vec(), ..BreakRules::default() })
    };
    let more_shoes = TestAd { id: "more", ..shoes };
    assert_eq!(chosen(&separated(&[]), &[shoes, more_shoes, cars, other]), "shoes more cars other");
    assert_eq!(chosen(&separated(&[Separation::Category]), &[shoes, more_shoes, cars, other]), "shoes cars other");
    let by_advertiser = separated(&[Separation::Advertiser]);
    assert_eq!(chosen(&by_advertiser, &[shoes, cars, other]), "shoes");
    assert_eq!(reasons(&by_advertiser, &[shoes, cars]), ["cars: competitor < 1 shoes"]);
}

#[test]
fn a_duplicate_or_competitor_inside_a_pod_ends_the_pod_there_or_moves_all_of_it() {
    let pod = |id, universal| TestAd::new(1, id, 10).of_pod(0).universal(universal);
    let (first, inside, last) = (pod("p1", ""), pod("p2", ID), pod("p3", ""));
    let alone = TestAd::new(0, "alone", 10).universal(ID);
    let slot = Slot::break_(seconds(60));
    assert_eq!(chosen(&slot, &[alone, first, inside, last]), "alone p1");
    assert_eq!(reasons(&slot, &[alone, first, inside, last]), ["p2: duplicate < 1 alone", "p3: slot_full"]);
    let by_fit = ranked(slot, &[RankKey::Fit]);
    assert_eq!(chosen(&by_fit, &[alone, first, inside, last]), "p1 p2 p3", "the whole pod is longer");
    assert_eq!(reasons(&by_fit, &[alone, first, inside, last]), ["alone: duplicate < 2 p2"]);
}

#[test]
fn more_ads_than_can_be_compared_exactly_give_an_approximate_answer() {
    let price = "<Pricing model='CPM' currency='USD'>5</Pricing>";
    let ads: Vec<TestAd> = (0..200).map(|lane| TestAd::new(lane, "a", 15).with(price)).collect();
    let all = BreakRules { dedup: Dedup::Off, ..ranked(Slot::linear(), &[RankKey::Price]).break_rules };
    let slot = by(Slot::break_(seconds(60)), all);
    let selection = select(&slot, &ads);
    assert_eq!((selection.chosen.len(), selection.is_approximate), (4, true));
    assert!(!select(&slot, &ads[..100]).is_approximate);
}
