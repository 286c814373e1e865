//! Any recorded plan replayed with itself gives the same bytes.

use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use vast_client::journal::{EndReason, Outcome};
use vast_client::recording::Recording;
use vast_client::replay::recorded_config;
use vast_client::{ClientConfig, ErrorType, FetchMode, FetchResult};
use vast_mock::{Answer, CutEnd, Encoding, Fault, Script};

use super::live::{assert_same, exact, json, replayed_json, request, what_if};

const INLINE: &str = include_str!("../../../../../scenarios/ads/inline.xml");
const WRAPPER: &str = include_str!("../../../../../scenarios/ads/wrapper.xml");

/// What a server answers.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Ad,
    AdInPieces,
    CompressedAd,
    NoAd,
    Page,
    Status(u16),
    Redirect,
    Wrapper,
    Reset,
    Cut,
    Hang,
}

fn kinds() -> impl Strategy<Value = Kind> {
    let status = prop::sample::select(vec![404, 503, 429, 204]).prop_map(Kind::Status);
    let others = prop::sample::select(vec![
        Kind::AdInPieces,
        Kind::CompressedAd,
        Kind::NoAd,
        Kind::Page,
        Kind::Redirect,
        Kind::Reset,
        Kind::Cut,
        Kind::Hang,
    ]);
    prop_oneof![3 => Just(Kind::Ad), 2 => Just(Kind::Wrapper), 2 => status, 6 => others]
}

fn answer(kind: Kind, delay: u64) -> Answer {
    let answer = Answer::new().delay(Duration::from_millis(delay));
    match kind {
        Kind::Ad => answer.body(INLINE),
        Kind::AdInPieces => answer.body(INLINE).pieces_of(400).piece_delay(Duration::from_millis(30)),
        Kind::CompressedAd => answer.body(INLINE).encoding(Encoding::Gzip),
        Kind::NoAd => answer.body("<VAST version=\"4.2\"/>"),
        Kind::Page => answer.body("<!DOCTYPE html><p>Hello"),
        Kind::Status(status) => answer.status(status),
        Kind::Redirect => answer.redirect("http://inner.test/moved"),
        Kind::Wrapper => answer.body(WRAPPER),
        Kind::Reset => answer.fault(Fault::Reset),
        Kind::Cut => answer.body(INLINE).truncate(300, CutEnd::Close),
        Kind::Hang => answer.fault(Fault::Hang),
    }
}

#[derive(Debug, Clone)]
struct Case {
    sources: Vec<(Kind, u64)>,
    fallbacks: Vec<(Kind, u64)>,
    inner: (Kind, u64),
    mode: FetchMode,
    settings: Vec<&'static str>,
}

fn cases() -> impl Strategy<Value = Case> {
    let sources = |most| prop::collection::vec((kinds(), (1..60_u64).prop_map(|ten| ten * 10)), most);
    let modes = prop::sample::select(FetchMode::ALL.to_vec());
    let settings = prop::sample::subsequence(
        vec!["source_timeout = \"333ms\"", "max_retries = 2", "hop_timeout = \"171ms\"", "order = \"weighted\""],
        0..=4,
    );
    (sources(1..5), sources(0..3), (kinds(), 1..300_u64), modes, settings)
        .prop_map(|(sources, fallbacks, inner, mode, settings)| Case { sources, fallbacks, inner, mode, settings })
}

impl Case {
    fn script(&self) -> Script {
        let mut script = Script::builder().server("inner").answer(answer(self.inner.0, self.inner.1));
        for (number, (kind, delay)) in self.sources.iter().chain(&self.fallbacks).enumerate() {
            script = script.server(format!("s{number}")).answer(answer(*kind, *delay));
        }
        script.build().expect("a script")
    }

    fn config(&self) -> ClientConfig {
        let source = |number: usize| {
            format!(
                "{{ name = \"s{number}\", url = \"http://s{number}.test/v?cb=[CACHEBUSTING]&ad=a{number}&to=http://inner.test/v\" }}"
            )
        };
        let list = |numbers: std::ops::Range<usize>| numbers.map(source).collect::<Vec<_>>().join(", ");
        let (count, mode) = (self.sources.len(), self.mode.as_str());
        let fallbacks = list(count..count + self.fallbacks.len());
        let settings = self.settings.join("\n");
        let text = format!(
            "mode = \"{mode}\"\ntimeout = \"1507ms\"\n{settings}\nsource = [{}]\nfallback = [{fallbacks}]",
            list(0..count)
        );
        ClientConfig::parse(&text, Path::new("")).expect("a configuration")
    }
}

impl Case {
    /// The result of the live request and its recording.
    fn run(&self) -> (FetchResult, Recording) {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
        runtime.block_on(request(&self.script(), &self.config()))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_replayed_with_itself_gives_the_same_bytes(case in cases()) {
        let (live, recording) = case.run();
        let replay = exact(&recording);
        assert_same(&json(&live), &json(&replay.result), &format!("exact {case:?}"));
        prop_assert_eq!(replay.differences, []);
        let same = what_if(&recording, recorded_config(&recording).expect("a configuration"));
        prop_assert!(!same.is_undecidable);
        assert_same(&json(&live), &replayed_json(&same), &format!("what if {case:?}"));
    }
}

/// There is time for a retry when its wait begins, and too little when the timer of the wait fires, up to a millisecond late.
#[test]
fn a_retry_for_which_the_wait_left_too_little_time_is_replayed() {
    let mut without_retry = 0;
    for delay in 280..320 {
        let case = Case {
            sources: vec![(Kind::Ad, 440), (Kind::Redirect, 30), (Kind::Status(204), 130)],
            fallbacks: vec![(Kind::Ad, 10)],
            inner: (Kind::Status(503), delay),
            mode: FetchMode::Sequential,
            settings: vec!["order = \"weighted\""],
        };
        let (live, recording) = case.run();
        assert_same(&json(&live), &json(&exact(&recording).result), &format!("{case:?}"));
        let redirected = live.source_report("s1").expect("a source of this name");
        let is_timeout = |reason: &EndReason| matches!(reason, EndReason::Failure(failure) if failure.error_type == ErrorType::Timeout);
        without_retry += usize::from(redirected.attempts == 1 && redirected.reason.as_ref().is_some_and(is_timeout));
    }
    assert!(without_retry > 0, "no case is of this kind");
}

/// An ad arrives in the millisecond in which a source is skipped because its turn comes too late.
#[test]
fn a_source_that_is_skipped_when_an_ad_arrives_is_replayed() {
    let mut skipped = 0;
    for delay in 395..425 {
        let case = Case {
            sources: vec![(Kind::Status(404), 110), (Kind::Wrapper, 230), (Kind::Ad, delay), (Kind::Ad, 10)],
            fallbacks: vec![(Kind::Ad, 10)],
            inner: (Kind::Ad, 172),
            mode: FetchMode::Staggered,
            settings: vec!["hop_timeout = \"171ms\""],
        };
        let (live, recording) = case.run();
        assert_same(&json(&live), &json(&exact(&recording).result), &format!("{case:?}"));
        let last = live.source_report("s3").expect("a source of this name");
        skipped += usize::from(last.outcome == Outcome::Skipped);
    }
    assert!(skipped > 0, "no case is of this kind");
}

/// An answer arrives in the millisecond in which another source has reached its limit, or has failed while a third one sends pieces.
#[test]
fn answers_that_come_with_another_event_are_replayed() {
    let pieces_beside_a_retry = Case {
        sources: vec![(Kind::Status(503), 230), (Kind::AdInPieces, 200), (Kind::Ad, 280), (Kind::Ad, 280)],
        fallbacks: vec![],
        inner: (Kind::Ad, 1),
        mode: FetchMode::Race,
        settings: vec![],
    };
    let at_the_limit = Case {
        sources: vec![(Kind::Wrapper, 230), (Kind::AdInPieces, 250)],
        fallbacks: vec![],
        inner: (Kind::Ad, 103),
        mode: FetchMode::Parallel,
        settings: vec!["source_timeout = \"333ms\"", "order = \"weighted\""],
    };
    for case in [pieces_beside_a_retry, at_the_limit] {
        let (live, recording) = case.run();
        assert_same(&json(&live), &json(&exact(&recording).result), &format!("{case:?}"));
    }
}
