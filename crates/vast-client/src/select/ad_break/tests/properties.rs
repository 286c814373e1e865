//! Properties of every break, with random ads and rules.

use fastrand::Rng;

use super::*;

/// The number of random breaks.
const CASES: u64 = 1_500;

const IDS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
const FILES: [&str; 3] = ["", "https://cdn.example/one.mp4", "https://cdn.example/two.mp4"];
const UNIVERSAL: [&str; 4] = ["", "", ID, OTHER_ID];
const PARTS: [&str; 5] = [
    "",
    TITLE,
    "<Category authority='iabtechlab.com'>IAB18</Category><Pricing model='CPM' currency='USD'>3</Pricing>",
    "<Advertiser>shoes.example</Advertiser><Pricing model='CPM' currency='EUR'>2</Pricing>",
    "<Category authority='iabtechlab.com'>IAB2</Category><Advertiser>shoes.example</Advertiser>",
];

fn one_of<T: Copy>(random: &mut Rng, all: &[T]) -> T {
    all[random.usize(0..all.len())]
}

/// Ads of a few sources, stand-alone ones and pods, many of them alike.
fn ads(random: &mut Rng) -> Vec<TestAd> {
    let mut ads: Vec<TestAd> = Vec::new();
    for id in IDS.into_iter().take(random.usize(0..=IDS.len())) {
        let is_next = random.u8(0..3) == 0;
        let (lane, pod) = match ads.last() {
            Some(last) if is_next && last.pod.is_some() => (last.lane, last.pod),
            last => (last.map_or(0, |last| last.lane + 1), random.bool().then_some(0)),
        };
        let seconds = one_of(random, &[0, 5, 10, 15, 15, 20, 29, 30]);
        ads.push(TestAd {
            pod,
            xml: one_of(random, &PARTS),
            universal: one_of(random, &UNIVERSAL),
            file: one_of(random, &FILES),
            ..TestAd::new(lane, id, seconds)
        });
    }
    ads
}

fn slot(random: &mut Rng) -> Slot {
    let keys = [RankKey::Order, RankKey::Price, RankKey::Fit, RankKey::Quality];
    let some_of = |random: &mut Rng, all: &[Separation]| all.iter().copied().filter(|_| random.bool()).collect();
    let rules = BreakRules {
        rank: (0..random.usize(1..4)).map(|_| one_of(random, &keys)).collect(),
        dedup: one_of(random, Dedup::ALL),
        separate: some_of(random, Separation::ALL),
        currency: Some("USD".to_owned()),
        rates: vec![("EUR".to_owned(), Rate::new(1.1).expect("a rate"))],
    };
    let longest = random.u64(1..100);
    Slot {
        max_ads: random.bool().then(|| random.usize(1..6)),
        break_min: random.bool().then(|| seconds(random.u64(0..=longest))),
        break_rules: rules,
        ..Slot::break_(seconds(longest))
    }
}

/// Whether both ads must not play in one break, by the words of the rules.
fn collide(one: &TestAd, other: &TestAd, rules: &BreakRules) -> bool {
    let both = |part: &str| one.xml.contains(part) && other.xml.contains(part);
    let file = |ad: &TestAd| {
        if ad.file.is_empty() { format!("https://cdn.example/{}.mp4", ad.id) } else { ad.file.to_owned() }
    };
    let (one_lacks_an_id, dedup) = (one.universal.is_empty() || other.universal.is_empty(), rules.dedup);
    let is_same = match dedup {
        Dedup::Off => false,
        _ if !one_lacks_an_id => one.universal == other.universal,
        Dedup::Id => false,
        Dedup::Media => file(one) == file(other),
        Dedup::Title => file(one) == file(other) || both("<AdTitle>") && one.seconds == other.seconds,
    };
    let is_rival = |separation: &Separation| match separation {
        Separation::Category => both(">IAB18<") || both(">IAB2<"),
        Separation::Advertiser => both("<Advertiser>"),
    };
    is_same || rules.separate.iter().any(is_rival)
}

#[test]
fn a_break_keeps_its_limits_tears_no_pod_repeats_no_creative_and_leaves_no_room_for_an_ad_that_fits() {
    let mut filled = 0;
    for seed in 0..CASES {
        let mut random = Rng::with_seed(seed);
        let (ads, slot) = (ads(&mut random), slot(&mut random));
        let case = || format!("seed {seed}: {ads:?} {slot:?}");
        let selection = select(&slot, &ads);
        let ids: Vec<&str> = selection.chosen.iter().filter_map(|candidate| candidate.ad.id.as_deref()).collect();
        let places: Vec<usize> = ids.iter().map(|id| ads.iter().position(|ad| ad.id == *id).expect("an ad")).collect();
        assert!(places.is_sorted(), "in listed order: {}", case());
        let taken = |place: &usize| places.contains(place);
        let length: u64 = places.iter().map(|place| u64::from(ads[*place].seconds)).sum();
        let longest = slot.break_duration.unwrap_or_default().as_secs();
        let most = slot.max_ads.unwrap_or(usize::MAX);
        assert!(length <= longest && places.len() <= most, "{}", case());
        assert!(places.is_empty() || slot.break_min.unwrap_or_default() <= seconds(length), "{}", case());
        let is_next_of_pod =
            |place: usize| place > 0 && ads[place].pod.is_some() && ads[place - 1].lane == ads[place].lane;
        for (number, place) in places.iter().enumerate() {
            assert!(ads[*place].seconds > 0, "an ad of unknown length: {}", case());
            assert!(!is_next_of_pod(*place) || taken(&(place - 1)), "a hole in a pod: {}", case());
            let others = places[number + 1..].iter();
            assert!(
                others.into_iter().all(|other| !collide(&ads[*place], &ads[*other], &slot.break_rules)),
                "{}",
                case()
            );
        }
        let is_below_minimum = places.is_empty() && slot.break_min.is_some();
        if slot.break_rules.rank[0] == RankKey::Order && !is_below_minimum {
            for (place, ad) in ads.iter().enumerate().filter(|(place, _)| !taken(place)) {
                let is_behind_a_gap = is_next_of_pod(place) && !taken(&(place - 1));
                let has_room = ad.seconds > 0 && length + u64::from(ad.seconds) <= longest && places.len() < most;
                let is_apart = places.iter().all(|other| !collide(ad, &ads[*other], &slot.break_rules));
                assert!(is_behind_a_gap || !has_room || !is_apart, "{} fits: {}", ad.id, case());
            }
        }
        filled += usize::from(places.len() > 1);
    }
    assert!(filled > 500, "only {filled} breaks have several ads");
}
