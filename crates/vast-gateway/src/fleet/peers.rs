//! The other gateways, and what follows from their messages. Time is an argument.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use super::news::GatewayNews;
#[cfg(any(test, feature = "nats"))]
use super::news::SourceNews;

/// The largest number of other gateways.
#[cfg(any(test, feature = "nats"))]
pub(crate) const MOST_GATEWAYS: usize = 64;
/// A gateway without a message for this time is gone.
const SILENT: Duration = Duration::from_secs(5);
/// A message that was sent so long ago, or so far in the future, is not new. The clocks of gateways may differ by less.
#[cfg(any(test, feature = "nats"))]
const OLD_MS: u64 = 30_000;
/// An ejection lasts so much longer here than at the gateway that began it, so that it probes the source first.
#[cfg(any(test, feature = "nats"))]
const GRACE: Duration = Duration::from_millis(1_500);

/// Why a message has no effect.
#[cfg(any(test, feature = "nats"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unused {
    /// It is not newer than the last one of its gateway, or its time is wrong.
    Old,
    /// There are too many gateways.
    TooMany,
}

/// A change of the health of a source, because of what another gateway sees.
#[cfg(any(test, feature = "nats"))]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HealthStep {
    pub(crate) placement: String,
    pub(crate) source: String,
    /// The process of the other gateway.
    pub(crate) origin: u64,
    /// The time for which the source is ejected; `None` if the ejection of that gateway is over.
    pub(crate) left: Option<Duration>,
}

/// The other gateways.
#[derive(Debug, Default)]
pub(crate) struct Peers(BTreeMap<u64, OtherGateway>);

/// Another gateway.
#[derive(Debug)]
struct OtherGateway {
    news: GatewayNews,
    heard: Instant,
    /// The numbers of its ejections that were followed, by placement and source.
    #[cfg_attr(not(any(test, feature = "nats")), allow(dead_code, reason = "only messages change it"))]
    followed: HashMap<(String, String), u64>,
}

impl Peers {
    /// The gateways that are there, with the time since their last message.
    pub(crate) fn present(&self, now: Instant) -> impl Iterator<Item = (&GatewayNews, Duration)> {
        let all = self.0.values().map(move |peer| (&peer.news, now.saturating_duration_since(peer.heard)));
        all.filter(|(_, silent)| *silent < SILENT)
    }

    /// The name of the gateway with this process.
    pub(crate) fn name_of(&self, origin: u64) -> Option<&str> {
        self.0.get(&origin).map(|peer| &*peer.news.name)
    }

    /// Takes over a message. `knows` says whether this gateway has a source.
    ///
    /// # Errors
    /// Why it has no effect.
    #[cfg(any(test, feature = "nats"))]
    pub(crate) fn receive(
        &mut self,
        news: GatewayNews,
        now: Instant,
        wall_ms: u64,
        knows: impl Fn(&str, &str) -> bool,
    ) -> Result<Vec<HealthStep>, Unused> {
        self.0.retain(|_, peer| now.saturating_duration_since(peer.heard) < SILENT);
        let origin = news.origin().ok_or(Unused::Old)?;
        let is_known = self.0.get(&origin);
        if news.sent_ms.abs_diff(wall_ms) > OLD_MS || is_known.is_some_and(|peer| news.sequence <= peer.news.sequence) {
            return Err(Unused::Old);
        }
        if is_known.is_none() && self.0.len() >= MOST_GATEWAYS {
            return Err(Unused::TooMany);
        }
        let mut followed = self.0.remove(&origin).map(|peer| peer.followed).unwrap_or_default();
        let is_ill = news.is_ill_itself();
        let known = news.sources.iter().filter(|source| knows(&source.placement, &source.source));
        let steps = known.filter_map(|source| step(origin, source, is_ill, &mut followed)).collect();
        self.0.insert(origin, OtherGateway { news, heard: now, followed });
        Ok(steps)
    }
}

/// What follows from what a gateway says of a source. An ejection is followed once: if own requests show that the source works, it stays.
#[cfg(any(test, feature = "nats"))]
fn step(
    origin: u64,
    source: &SourceNews,
    is_ill: bool,
    followed: &mut HashMap<(String, String), u64>,
) -> Option<HealthStep> {
    let key = (source.placement.clone(), source.source.clone());
    let left = match source.ejection {
        Some(ejection) => {
            let is_new = followed.get(&key).is_none_or(|number| ejection.number > *number);
            // What is over needs no following: the next request is a probe there, and would be one here.
            if is_ill || !is_new || ejection.left_ms == 0 {
                return None;
            }
            followed.insert(key, ejection.number);
            Some(Duration::from_millis(ejection.left_ms).saturating_add(GRACE))
        }
        None => followed.remove(&key).map(|_| None)?,
    };
    Some(HealthStep { placement: source.placement.clone(), source: source.source.clone(), origin, left })
}

#[cfg(test)]
mod tests {
    use vast_client::policy::BreakerState;

    use super::super::news::{EjectionNews, LONGEST_NAME, MOST_SOURCES};
    use super::*;

    const NOW_MS: u64 = 1_795_000_000_000;

    fn source(name: &str, ejection: Option<(u64, u64)>) -> SourceNews {
        SourceNews {
            placement: "preroll".to_owned(),
            source: name.to_owned(),
            asked: 10,
            failed: 0,
            most_failures: None,
            p50_ms: None,
            p95_ms: None,
            breaker: if ejection.is_some() { BreakerState::Open } else { BreakerState::Closed },
            ejection: ejection.map(|(number, left_ms)| EjectionNews { number, left_ms }),
            ejected_by: None,
        }
    }

    fn news(origin: u64, sequence: u64, sources: &[SourceNews]) -> GatewayNews {
        GatewayNews {
            id: format!("{origin:016x}"),
            name: format!("gateway {origin}"),
            sequence,
            sent_ms: NOW_MS,
            sources: sources.to_vec(),
            ..GatewayNews::default()
        }
        .bounded()
    }

    /// The steps as text: `east +31500` is an ejection, `east -` its end.
    fn steps(found: Result<Vec<HealthStep>, Unused>) -> Result<Vec<String>, Unused> {
        let text = |step: HealthStep| match step.left {
            Some(left) => format!("{} +{}", step.source, left.as_millis()),
            None => format!("{} -", step.source),
        };
        found.map(|steps| steps.into_iter().map(text).collect())
    }

    #[test]
    fn an_ejection_is_followed_once_and_ends_with_that_of_its_gateway() {
        let (mut peers, now) = (Peers::default(), Instant::now());
        let well = || source("west", None);
        let cases: [(&[SourceNews], &[&str]); 9] = [
            (&[source("east", None), well()], &[]),
            (&[source("east", Some((1, 30_000))), well()], &["east +31500"]),
            (&[source("east", Some((1, 29_000))), well()], &[]),
            // It may be probed now: nothing changes here.
            (&[source("east", Some((1, 0))), well()], &[]),
            // The probe has failed.
            (&[source("east", Some((2, 60_000))), well()], &["east +61500"]),
            // The source is not among those that the message has room for.
            (&[well()], &[]),
            (&[source("east", None), well()], &["east -"]),
            (&[source("east", None), well()], &[]),
            // A source that this gateway does not have.
            (&[source("unknown", Some((1, 30_000))), well()], &[]),
        ];
        for (number, (sources, expected)) in (1..).zip(cases) {
            let found = peers.receive(news(7, number, sources), now, NOW_MS, |_, source| source != "unknown");
            assert_eq!(steps(found), Ok(expected.iter().map(|step| (*step).to_owned()).collect()), "message {number}");
        }
    }

    #[test]
    fn a_gateway_that_has_ejected_most_of_its_sources_is_not_followed() {
        let ejected = |name| source(name, Some((1, 30_000)));
        let cases: [(&[SourceNews], usize); 4] = [
            (&[ejected("a")], 1),
            (&[ejected("a"), source("b", None)], 1),
            (&[ejected("a"), ejected("b"), source("c", None)], 0),
            (&[ejected("a"), ejected("b"), source("c", None), source("d", None)], 2),
        ];
        for (sources, expected) in cases {
            let found = Peers::default().receive(news(7, 1, sources), Instant::now(), NOW_MS, |_, _| true);
            assert_eq!(found.map(|steps| steps.len()), Ok(expected), "{} sources", sources.len());
        }
    }

    #[test]
    fn old_messages_and_too_many_gateways_change_nothing() {
        let (mut peers, now) = (Peers::default(), Instant::now());
        let mut receive = |news: GatewayNews, now| peers.receive(news, now, NOW_MS, |_, _| true).map(|_| ());
        assert_eq!(receive(news(1, 5, &[]), now), Ok(()));
        assert_eq!(receive(news(1, 5, &[]), now), Err(Unused::Old));
        assert_eq!(receive(news(1, 4, &[]), now), Err(Unused::Old));
        for (sent_ms, expected) in [
            (NOW_MS - 30_001, Err(Unused::Old)),
            (NOW_MS + 30_001, Err(Unused::Old)),
            (0, Err(Unused::Old)),
            (NOW_MS - 30_000, Ok(())),
        ] {
            assert_eq!(receive(GatewayNews { sent_ms, ..news(2, 1, &[]) }, now), expected, "{sent_ms}");
        }
        for origin in 3..=MOST_GATEWAYS as u64 {
            assert_eq!(receive(news(origin, 1, &[]), now), Ok(()), "{origin}");
        }
        assert_eq!(receive(news(1000, 1, &[]), now), Err(Unused::TooMany));
        assert_eq!(receive(news(1, 6, &[]), now), Ok(()));
        // When the others have been silent for a while there is room again.
        assert_eq!(receive(news(1000, 1, &[]), now + SILENT), Ok(()));
        let there = |at| peers.present(at).map(|(news, _)| &*news.name).collect::<Vec<_>>();
        assert_eq!(there(now + SILENT), ["gateway 1000"]);
        assert_eq!(there(now + SILENT * 2), [""; 0]);
    }

    #[test]
    fn a_message_beyond_a_bound_is_not_read() {
        let (long, right) = ("x".repeat(LONGEST_NAME + 1), news(7, 1, &[source("east", Some((1, 30_000)))]));
        let with_source = |change: fn(&mut SourceNews, String)| {
            let mut news = right.clone();
            change(&mut news.sources[0], long.clone());
            news
        };
        let many = |number| GatewayNews { sources: vec![source("east", None); number], ..right.clone() };
        let cases = [
            (right.clone(), true),
            (GatewayNews { id: String::new(), ..right.clone() }, false),
            (GatewayNews { id: "x".repeat(16), ..right.clone() }, false),
            (GatewayNews { name: long.clone(), ..right.clone() }, false),
            (GatewayNews { version: long.clone(), ..right.clone() }, false),
            (with_source(|source, long| source.source = long), false),
            (with_source(|source, long| source.placement = long), false),
            (with_source(|source, long| source.most_failures = Some(long)), false),
            (with_source(|source, long| source.ejected_by = Some(long)), false),
            (many(MOST_SOURCES), true),
            (many(MOST_SOURCES + 1), false),
        ];
        for (number, (news, is_read)) in cases.iter().enumerate() {
            let bytes = serde_json::to_vec(news).expect("plain data");
            let read = GatewayNews::from_bytes(&bytes);
            assert_eq!(read.as_ref().ok(), is_read.then_some(news), "case {number}");
        }
        for text in ["", "[]", "{}", "null", &"[".repeat(100_000)] {
            assert!(GatewayNews::from_bytes(text.as_bytes()).is_err(), "{:.20}", text);
        }
        let mut larger = many(MOST_SOURCES + 7);
        larger.sources[MOST_SOURCES + 6] = source("ill", Some((1, 1)));
        let bounded = larger.bounded();
        assert_eq!((bounded.sources.len(), bounded.source_count), (MOST_SOURCES, MOST_SOURCES + 7));
        assert_eq!(bounded.sources[0].source, "ill", "ill sources come first");
    }
}
