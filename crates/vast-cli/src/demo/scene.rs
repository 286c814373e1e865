//! What the demo shows: each scene is a request and what to see in its answer.

use std::time::Duration;

use vast_client::{ConfigFile, FetchConfig, FetchMode, SourceConfig};
use vast_mock::Mock;

/// A request and what to see in its answer.
pub(super) struct Scene {
    pub(super) title: &'static str,
    /// What to look at.
    pub(super) look: &'static str,
    pub(super) config: ConfigFile,
    /// Whose ad is first in the answer, and why.
    pub(super) winner: &'static str,
    pub(super) why: &'static str,
}

/// The sources of the scenes on modes, best first.
const LINE_UP: [&str; 5] = ["empty", "broken", "slow", "fast", "hanging"];

/// The scenes in order.
pub(super) fn scenes(mock: &Mock) -> Vec<Scene> {
    let mut scenes = modes(mock);
    scenes.extend([hanging_primary(mock), empty_primary(mock), retry(mock), filter(mock), wrappers(mock)]);
    scenes
}

fn modes(mock: &Mock) -> Vec<Scene> {
    let line_up = |mode| config(mock, &LINE_UP, mode);
    vec![
        Scene {
            title: "Parallel: everybody is asked at once, the order decides",
            look: "fast has its ad first, but slow stands ahead of it in the list and can still win.",
            config: line_up(FetchMode::Parallel),
            winner: "slow",
            why: "it is the first in the list that had a usable ad; nobody waited for hanging, which stands behind it",
        },
        Scene {
            title: "Sequential: one after the other",
            look: "The bars form a staircase, and whoever stands behind the winner is never asked.",
            config: line_up(FetchMode::Sequential),
            winner: "slow",
            why: "the two ahead of it had nothing to play; no request was made behind it",
        },
        Scene {
            title: "Race: everybody is asked at once, the clock decides",
            look: "The same sources, answered as soon as anybody has an ad.",
            config: line_up(FetchMode::Race),
            winner: "fast",
            why: "it had the first usable ad in time; an empty answer and a broken one are no ads, however fast",
        },
        staggered(line_up(FetchMode::Staggered)),
        collect(line_up(FetchMode::Collect)),
    ]
}

fn staggered(mut config: ConfigFile) -> Scene {
    config.fetch.strategy.stagger = Some(Duration::from_millis(100));
    Scene {
        title: "Staggered: in order, but a slow source does not hold up the next",
        look: "fast begins 100 ms after slow, because slow is silent for that long.",
        config,
        winner: "fast",
        why: "it was let in beside slow and was done first; hanging was never asked",
    }
}

fn collect(mut config: ConfigFile) -> Scene {
    config.fetch.strategy.limits.per_source_timeout = Some(Duration::from_millis(600));
    config.request.slot.break_duration = Some(Duration::from_secs(30));
    Scene {
        title: "Collect: everybody is heard, the ads fill a break",
        look: "A break of 30 s takes both ads of 15 s; hanging is given up at its time limit.",
        config,
        winner: "slow",
        why: "its ad is played first and that of fast second, as they stand in the list; together they fill the break",
    }
}

fn hanging_primary(mock: &Mock) -> Scene {
    let mut config = config(mock, &["hanging"], FetchMode::Parallel);
    config.fetch.fallbacks = sources(mock, &["house"]);
    config.fetch.strategy.limits.per_source_timeout = Some(Duration::from_millis(300));
    Scene {
        title: "Fallback: the primary hangs",
        look: "hanging fails at its time limit of 300 ms, and there is still time for the fallback.",
        config,
        winner: "house",
        why: "a part of the time is kept for the fallbacks, so a hanging primary cannot use it up",
    }
}

fn empty_primary(mock: &Mock) -> Scene {
    let mut config = config(mock, &["empty"], FetchMode::Parallel);
    config.fetch.fallbacks = sources(mock, &["house"]);
    Scene {
        title: "Fallback: the primary has no ad",
        look: "empty answers with HTTP 200 and a valid document, and that is not enough.",
        config,
        winner: "house",
        why: "only a usable ad counts as success, so the fallback was asked at once",
    }
}

fn retry(mock: &Mock) -> Scene {
    Scene {
        title: "Retry: a server stumbles once",
        look: "Two tries; what went wrong in the first one is kept under `errors`.",
        config: config(mock, &["flaky"], FetchMode::Parallel),
        winner: "flaky",
        why: "503 may be asked again, once and after a short wait; most other failures may not",
    }
}

fn filter(mock: &Mock) -> Scene {
    let mut config = config(mock, &["low", "high"], FetchMode::Parallel);
    config.fetch.parse_filter.min_bitrate = Some(1000);
    Scene {
        title: "Filter: the first ad is not good enough",
        look: "low answers in time with a valid ad, and is rejected for its bitrate.",
        config,
        winner: "high",
        why: "a rejected ad means `next`, like an empty answer; the reason stands in the table",
    }
}

fn wrappers(mock: &Mock) -> Scene {
    let mut config = config(mock, &["exchange"], FetchMode::Parallel);
    for source in &mut config.fetch.sources {
        source.allow_private = true;
    }
    Scene {
        title: "Wrappers: the ad is two servers further on",
        look: "The chain under `through` and the marks in the bar. A wrapper may not lead to a private address unless \
               --allow-private says so, as it must here: the whole demo lives on 127.0.0.1.",
        config,
        winner: "exchange",
        why: "the chain that it began ended in a usable ad; impressions and trackers of all three documents are due",
    }
}

fn config(mock: &Mock, names: &[&str], mode: FetchMode) -> ConfigFile {
    let mut fetch = FetchConfig::new(sources(mock, names)).with_mode(mode);
    // As `vast request` does without `--report-errors`.
    fetch.report_errors = false;
    fetch.into()
}

fn sources(mock: &Mock, names: &[&str]) -> Vec<SourceConfig> {
    names.iter().map(|name| SourceConfig::url(format!("{}/vast", mock.url(name))).named(*name)).collect()
}
