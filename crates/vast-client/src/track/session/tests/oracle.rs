//! Compares the session with a simple model for random sequences of reports. The model stores for each second of the ad
//! whether it was played.

use proptest::prelude::*;

use super::*;

/// The length of the ad in seconds. It is so short that the allowed slack is less than one second.
const LENGTH: u64 = 16;
/// The events of the ad and their positions in seconds.
const POINTS: [(&str, u64); 7] = [
    ("progress 00:00:00", 0),
    ("progress 00:00:03", 3),
    ("firstQuartile", 4),
    ("progress 50%", 8),
    ("midpoint", 8),
    ("thirdQuartile", 12),
    ("complete", 16),
];

fn short_ad() -> ResolvedAd {
    let progress = |offset: &str| format!("<Tracking event='progress' offset='{offset}'>https://t</Tracking>");
    let trackers = ["00:00:00", "00:00:03", "50%", "00:00:17"].map(progress).concat();
    ResolvedAd::of_creatives(&format!(
        "<Creative><Linear><Duration>00:00:16</Duration><TrackingEvents>{trackers}</TrackingEvents></Linear></Creative>"
    ))
}

#[derive(Default)]
struct Model {
    began: bool,
    over: bool,
    skipped: bool,
    closed: bool,
    paused: bool,
    muted: Option<bool>,
    position: u64,
    played: [bool; LENGTH as usize],
    reported: Vec<String>,
}

impl Model {
    fn tell(&mut self, name: &str) {
        self.reported.push(name.to_owned());
    }

    fn tell_once(&mut self, name: &str) {
        if !self.reported.iter().any(|reported| reported == name) {
            self.tell(name);
        }
    }

    fn begin(&mut self) {
        if !self.began && !self.over {
            self.began = true;
            ["loaded", "impression", "creativeView", "start"].into_iter().for_each(|name| self.tell_once(name));
            if self.position == 0 {
                self.tell_once("progress 00:00:00");
            }
        }
    }

    fn plays(&self) -> bool {
        self.began && !self.over
    }

    fn play(&mut self, to: u64) {
        let (from, to) = (self.position, to.min(LENGTH));
        self.position = to;
        if self.paused || to <= from {
            return;
        }
        (from..to).for_each(|second| self.played[second as usize] = true);
        for (name, second) in POINTS {
            let is_crossed = (from..=to).contains(&second);
            if is_crossed && self.played[..second as usize].iter().all(|played| *played) {
                self.tell_once(name);
            }
        }
    }

    fn report(&mut self, report: &PlayerReport) {
        match report {
            PlayerReport::Loaded if !self.began && !self.over => self.tell_once("loaded"),
            PlayerReport::Started => self.begin(),
            PlayerReport::Playhead(position) => {
                self.begin();
                if self.plays() {
                    self.play(position.as_secs());
                }
            }
            PlayerReport::Seeked(position) if !self.over => {
                let position = position.as_secs().min(LENGTH);
                if self.began && position < self.position {
                    self.tell("rewind");
                }
                self.position = position;
            }
            PlayerReport::Ended => {
                self.begin();
                if self.plays() {
                    self.play(LENGTH);
                    self.over = true;
                }
            }
            PlayerReport::Paused if self.plays() && !self.paused => {
                self.paused = true;
                self.tell("pause");
            }
            PlayerReport::Resumed if self.plays() && self.paused => {
                self.paused = false;
                self.tell("resume");
            }
            PlayerReport::Muted | PlayerReport::Unmuted if self.plays() => {
                let muted = *report == PlayerReport::Muted;
                if self.muted != Some(muted) {
                    self.muted = Some(muted);
                    self.tell(if muted { "mute" } else { "unmute" });
                }
            }
            PlayerReport::Skipped if self.plays() && !self.reported.iter().any(|reported| reported == "complete") => {
                (self.over, self.skipped) = (true, true);
                self.tell("skip");
            }
            PlayerReport::Closed if self.began && !self.closed => {
                (self.over, self.closed) = (true, true);
                self.tell("closeLinear");
            }
            PlayerReport::NotUsed if !self.began && !self.over => {
                self.over = true;
                self.tell("notUsed");
            }
            _ => {}
        }
    }
}

fn reports() -> impl Strategy<Value = PlayerReport> {
    let position = || (0..LENGTH + 3).prop_map(Duration::from_secs);
    prop_oneof![
        8 => position().prop_map(PlayerReport::Playhead),
        2 => position().prop_map(PlayerReport::Seeked),
        1 => Just(PlayerReport::Started),
        1 => Just(PlayerReport::Loaded),
        1 => Just(PlayerReport::Paused),
        2 => Just(PlayerReport::Resumed),
        1 => Just(PlayerReport::Muted),
        1 => Just(PlayerReport::Unmuted),
        1 => prop_oneof![Just(PlayerReport::Ended), Just(PlayerReport::Skipped), Just(PlayerReport::Closed), Just(PlayerReport::NotUsed)],
    ]
}

/// Random reports: mostly playback in order, with other reports in between.
fn plays() -> impl Strategy<Value = Vec<PlayerReport>> {
    let forward = (1..4_u64)
        .prop_map(|step| (1..=LENGTH / step).map(move |n| PlayerReport::Playhead(Duration::from_secs(n * step))));
    (forward, proptest::collection::vec((0..20_usize, reports()), 0..12)).prop_map(|(forward, others)| {
        let mut all: Vec<PlayerReport> = forward.collect();
        for (place, report) in others {
            all.insert(place.min(all.len()), report);
        }
        all
    })
}

fn check_against_model(reports: &[PlayerReport]) {
    let mut session = AdSession::linear(&short_ad(), 0, &SessionOptions::default(), 1);
    let mut model = Model::default();
    for (second, report) in reports.iter().enumerate() {
        let before = model.reported.len();
        model.report(report);
        let reported = session.report(report, &at(second as u64));
        assert!(reported.is_sorted_by_key(|event| event.moment.ad_playhead), "{report:?}: {reported:?}");
        let reported = names(&reported);
        let expected = model.reported[before..].join(", ");
        assert_eq!(sorted(&reported), sorted(&expected), "{report:?} as number {second} of {reports:?}");
    }
    let once = |name: &str| model.reported.iter().filter(|reported| *reported == name).count() <= 1;
    assert!(
        POINTS.iter().all(|(name, _)| once(name))
            && ["impression", "start", "skip", "closeLinear"].iter().all(|name| once(name))
    );
    let has = |name: &str| model.reported.iter().any(|reported| reported == name);
    assert!(!(model.skipped && has("complete")), "{:?}", model.reported);
    assert!(!(has("notUsed") && has("impression")), "{:?}", model.reported);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r146_r149_r150_r153_any_reports_give_the_events_of_the_model(reports in proptest::collection::vec(reports(), 0..40)) {
        check_against_model(&reports);
    }

    #[test]
    fn r146_r149_r150_r153_disturbed_plays_give_the_events_of_the_model(reports in plays()) {
        check_against_model(&reports);
    }
}
