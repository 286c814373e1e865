//! The scenes of the demo. Each is a request with a note about its result.

use std::time::Duration;

use vast_client::{ClientConfig, FetchConfig, FetchMode, SourceConfig};
use vast_mock::Mock;

/// A request with a note about its result.
pub(super) struct Scene {
    pub(super) title: &'static str,
    /// The thing to notice in the result. It is printed before the request.
    pub(super) look: &'static str,
    pub(super) config: ClientConfig,
    /// The source whose ad is first in the result.
    pub(super) winner: &'static str,
    /// The reason why this source wins. It is printed after the result.
    pub(super) why: &'static str,
}

/// The sources of the scenes about modes, best first.
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
            title: "Parallel: all sources at once, the order of the list decides",
            look: "fast has an ad first, but slow is ahead of it in the list and can still win.",
            config: line_up(FetchMode::Parallel),
            winner: "slow",
            why: "it is the first source of the list with a usable ad. The request did not wait for hanging, which is behind it in the list",
        },
        Scene {
            title: "Sequential: one source after the other",
            look: "Each bar begins where the one above it ends, and the sources behind the winner are never asked.",
            config: line_up(FetchMode::Sequential),
            winner: "slow",
            why: "the two sources ahead of it had no usable ad. The sources behind it got no request",
        },
        Scene {
            title: "Race: all sources at once, the first usable ad wins",
            look: "The same sources. The request ends as soon as one of them has a usable ad.",
            config: line_up(FetchMode::Race),
            winner: "fast",
            why: "it had the first usable ad. The empty answer and the broken document came earlier, but they are no ads",
        },
        staggered(line_up(FetchMode::Staggered)),
        collect(line_up(FetchMode::Collect)),
    ]
}

fn staggered(mut config: ClientConfig) -> Scene {
    config.fetch.strategy.stagger = Some(Duration::from_millis(100));
    Scene {
        title: "Staggered: in order, but the next source starts early when one is slow",
        look: "fast begins 100 ms after slow, because slow has not answered by then.",
        config,
        winner: "fast",
        why: "it was asked while slow was still working, and had its ad first. hanging was never asked",
    }
}

fn collect(mut config: ClientConfig) -> Scene {
    config.fetch.strategy.limits.source_timeout = Some(Duration::from_millis(600));
    config.request.slot.break_duration = Some(Duration::from_secs(30));
    Scene {
        title: "Collect: all sources are asked, and their ads fill a break",
        look: "A break of 30 s takes both ads of 15 s. hanging fails at its time limit.",
        config,
        winner: "slow",
        why: "its ad plays first and the ad of fast second, in the order of the list. Together they fill the break",
    }
}

fn hanging_primary(mock: &Mock) -> Scene {
    let mut config = config(mock, &["hanging"], FetchMode::Parallel);
    config.fetch.fallbacks = sources(mock, &["house"]);
    config.fetch.strategy.limits.source_timeout = Some(Duration::from_millis(300));
    Scene {
        title: "Fallback: the primary hangs",
        look: "hanging fails at its time limit of 300 ms, and the fallback still has time to answer.",
        config,
        winner: "house",
        why: "a part of the time is reserved for fallbacks, so a hanging primary cannot use all of it",
    }
}

fn empty_primary(mock: &Mock) -> Scene {
    let mut config = config(mock, &["empty"], FetchMode::Parallel);
    config.fetch.fallbacks = sources(mock, &["house"]);
    Scene {
        title: "Fallback: the primary has no ad",
        look: "empty answers with HTTP 200 and a valid document that has no ad.",
        config,
        winner: "house",
        why: "only a usable ad is a success, so the fallback was asked at once",
    }
}

fn retry(mock: &Mock) -> Scene {
    Scene {
        title: "Retry: a server fails once",
        look: "Two tries. The failure of the first one is listed under `errors`.",
        config: config(mock, &["flaky"], FetchMode::Parallel),
        winner: "flaky",
        why: "status 503 is retried once, after a short wait; most other failures are not retried",
    }
}

fn filter(mock: &Mock) -> Scene {
    let mut config = config(mock, &["low", "high"], FetchMode::Parallel);
    config.fetch.parse_filter.min_bitrate = Some(1000);
    Scene {
        title: "Filter: the first ad is not good enough",
        look: "low answers first with a valid ad, which is rejected for its bitrate.",
        config,
        winner: "high",
        why: "after a rejected ad the next source counts, as after an empty answer. The table gives the reason",
    }
}

fn wrappers(mock: &Mock) -> Scene {
    let mut config = config(mock, &["exchange"], FetchMode::Parallel);
    for source in &mut config.fetch.sources {
        source.allow_private = true;
    }
    Scene {
        title: "Wrappers: the ad comes through two wrappers",
        look: "The chain under `through`, and the marks in the bar: one for each wrapper that was followed. Wrappers may lead to \
               private addresses only with --allow-private, which is needed here because all servers are on 127.0.0.1.",
        config,
        winner: "exchange",
        why: "its chain ended in a usable ad. The impressions and trackers of all three documents belong to that ad",
    }
}

fn config(mock: &Mock, names: &[&str], mode: FetchMode) -> ClientConfig {
    let mut fetch = FetchConfig::new(sources(mock, names)).with_mode(mode);
    // `vast request` without `--report-errors` does the same.
    fetch.report_errors = false;
    fetch.into()
}

fn sources(mock: &Mock, names: &[&str]) -> Vec<SourceConfig> {
    names.iter().map(|name| SourceConfig::url(format!("{}/vast", mock.url(name))).named(*name)).collect()
}
