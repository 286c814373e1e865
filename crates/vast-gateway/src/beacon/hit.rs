//! A token that comes back: it is opened and checked, and its beacons are put into the outbox, once.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, HeaderName, REFERER, USER_AGENT};
use url::form_urlencoded;
use vast_client::request::Privacy;
use vast_client::track::{
    Beacon, BeaconBatch, BeaconEvent, DeferredUrl, EventValues, NotExecutedReason, OpenValue, TrackedBeacon,
};
use vast_client::transport::AddressRule;
use vast_client::{Consent, Device, Plan};

use super::relay::{REPORTED, seconds};
use crate::generation::{Generation, RelaySettings};
use crate::intake;
use crate::outcome::HitEnd;
use crate::state::GatewayState;
use crate::token::{OpenedToken, SealedEvent, SessionId, TokenKind, plain_content};

/// By how much the clocks of two gateways may differ, in seconds.
const CLOCK_SKEW: u32 = 60;
/// The longest value of a parameter that a player fills in.
const MAX_VALUE: usize = 64;
/// Headers of a browser that loads in advance, with the words that say so.
const PREFETCHES: [(HeaderName, &[&str]); 4] = [
    (HeaderName::from_static("sec-purpose"), &["prefetch", "preview"]),
    (HeaderName::from_static("purpose"), &["prefetch", "preview"]),
    (HeaderName::from_static("x-purpose"), &["prefetch", "preview"]),
    (HeaderName::from_static("x-moz"), &["prefetch"]),
];
/// Words in the user agent of programs that load pages without a viewer.
const ROBOTS: [&str; 6] = ["bot", "crawler", "spider", "headlesschrome", "preview", "facebookexternalhit"];
/// Events that can take place several times. Each second of them counts once.
const REPEATED: [&str; 14] = [
    "pause",
    "resume",
    "mute",
    "unmute",
    "rewind",
    "playerExpand",
    "playerCollapse",
    "expand",
    "collapse",
    "adExpand",
    "adCollapse",
    "minimize",
    "otherAdInteraction",
    "customClick",
];

/// How a hit was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HitKind {
    /// By a player or a page.
    Player,
    /// With the method HEAD: the event did not take place.
    Head,
    /// By a server that plays the ad for a viewer, which states the time of the event.
    Server {
        /// The time of the event.
        at: Option<SystemTime>,
        /// The position in the ad.
        playhead: Option<Duration>,
    },
}

/// The values that a player fills into a sealed URL. They are not authenticated, so each is read as what it can be, or left out.
fn values_of(query: &str, values: &mut EventValues) {
    for (name, value) in form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| value.len() <= MAX_VALUE) {
        let Some((_, open)) = REPORTED.iter().find(|(known, _)| *known == name) else { continue };
        match open {
            OpenValue::ErrorCode => values.error_code = value.parse().ok(),
            OpenValue::AdPlayhead => values.ad_playhead = timecode(&value),
            OpenValue::ContentPlayhead => values.content_playhead = timecode(&value),
            OpenValue::Reason => {
                let reasons =
                    [NotExecutedReason::Rejected, NotExecutedReason::NotSupported, NotExecutedReason::NotLoaded];
                values.reason = reasons.into_iter().find(|reason| reason.code().to_string() == value);
            }
            OpenValue::ClickPosition => {
                let position = value.split_once(',').map(|(x, y)| (x.trim().parse().ok(), y.trim().parse().ok()));
                values.click_position = position.and_then(|(x, y)| Some((x?, y?)));
            }
            OpenValue::Timestamp | OpenValue::Cachebusting => {}
        }
    }
}

/// `HH:MM:SS` or `HH:MM:SS.mmm`.
fn timecode(text: &str) -> Option<Duration> {
    let mut parts = text.split(':');
    let (hours, minutes, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let (hours, minutes): (u64, u64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, "0"));
    let is_number = |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    if parts.next().is_some() || hours > 99 || minutes > 59 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let millis: u64 = format!("{fraction:0<3}").parse().ok()?;
    let seconds = hours * 3600 + minutes * 60 + whole.parse::<u64>().ok()?;
    Some(Duration::from_millis(seconds * 1000 + millis))
}

/// A token that came back, and who sent it.
#[derive(Clone, Copy)]
pub(crate) struct BeaconHit<'a> {
    pub(crate) state: &'a Arc<GatewayState>,
    pub(crate) generation: &'a Generation,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) peer: IpAddr,
}

/// The content of a token that may be used.
struct ValidToken<'t> {
    session: SessionId,
    event: SealedEvent<'t>,
}

/// The beacons of an event that may be put into the outbox.
pub(crate) struct DueEvent {
    group: String,
    occurrence: String,
    consent: Consent,
    beacons: Vec<Beacon>,
}

impl DueEvent {
    /// Puts the beacons of the event into the outbox, unless it was reported before.
    pub(crate) async fn put(self, state: &GatewayState) -> HitEnd {
        let Self { group, occurrence, consent, beacons } = self;
        let batch = BeaconBatch { group: &group, occurrence: &occurrence, consent: &consent, beacons };
        let end = end_of(&state.client.tracker().put(batch).await);
        state.set_outbox_refused(end == HitEnd::Refused);
        end
    }
}

impl BeaconHit<'_> {
    /// The beacons of an event.
    ///
    /// # Errors
    /// The end of the event, if it has none to put.
    pub(crate) fn event(&self, token: &str, query: &str, kind: HitKind) -> Result<DueEvent, HitEnd> {
        self.due(token, query, kind, None)
    }

    /// The events of a report, each with its token, whose beacons the outbox stores at once. Tokens of other tenants are unknown.
    /// Returns the end of each event, in order.
    pub(crate) async fn events<'t>(
        self,
        reported: impl IntoIterator<Item = (&'t str, HitKind)>,
        tenant: &str,
    ) -> Vec<HitEnd> {
        let (mut ends, mut due, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for (token, kind) in reported {
            match self.due(token, "", kind, Some(tenant)) {
                Ok(event) => {
                    places.push(ends.len());
                    due.push(event);
                    // Its end is known when the outbox has answered.
                    ends.push(HitEnd::Refused);
                }
                Err(end) => ends.push(end),
            }
        }
        for (place, end) in places.into_iter().zip(self.put_all(due).await) {
            ends[place] = end;
        }
        ends.iter().for_each(|end| self.state.counters.beacons.hit(*end));
        ends
    }

    /// The beacons of a click, or its end if it has none to put; and the page to open. A click that is `denied` for this reason does not
    /// count, and the viewer still gets the page.
    pub(crate) fn click(
        &self,
        token: &str,
        query: &str,
        kind: HitKind,
        denied: Option<HitEnd>,
    ) -> (Result<DueEvent, HitEnd>, Option<String>) {
        let content = self.opened(TokenKind::Click, token);
        let opened = content.as_ref().map_err(|end| *end).and_then(event_of);
        let page = opened.as_ref().ok().and_then(|valid| Some(valid.event.page.as_ref()?.fill(&self.values(query))));
        let due = opened.and_then(|valid| {
            self.in_time(&valid.event)?;
            denied.map_or(Ok(()), Err)?;
            self.due_of(&valid, query, kind)
        });
        (due, page)
    }

    /// The beacons of an event.
    ///
    /// # Errors
    /// The end of the event, if it has none to put.
    fn due(&self, token: &str, query: &str, kind: HitKind, tenant: Option<&str>) -> Result<DueEvent, HitEnd> {
        let opened = self.opened(TokenKind::Beacon, token)?;
        let valid = self.valid(&opened, tenant)?;
        self.due_of(&valid, query, kind)
    }

    fn settings(&self) -> Option<&RelaySettings> {
        self.generation.relay.as_ref()
    }

    /// What a token contains. Its event borrows from it.
    fn opened(&self, kind: TokenKind, token: &str) -> Result<OpenedToken, HitEnd> {
        let settings = self.settings().ok_or(HitEnd::Unknown)?;
        let opened = settings.secrets.open(kind, token).map_err(|_| HitEnd::Unknown)?;
        let content = plain_content(opened.content).ok_or(HitEnd::Unknown)?;
        Ok(OpenedToken { content, ..opened })
    }

    /// The event of a token that is not too old. With `tenant`, a token of another tenant is unknown.
    fn valid<'t>(&self, opened: &'t OpenedToken, tenant: Option<&str>) -> Result<ValidToken<'t>, HitEnd> {
        let valid = event_of(opened)?;
        if tenant.is_some_and(|tenant| tenant != valid.event.tenant) {
            return Err(HitEnd::Unknown);
        }
        self.in_time(&valid.event).map(|()| valid)
    }

    fn in_time(&self, event: &SealedEvent<'_>) -> Result<(), HitEnd> {
        let now = seconds(self.state.env.wall());
        let ends = event.issued.saturating_add(u32::from(event.lifetime) * 60);
        match now {
            now if now.saturating_add(CLOCK_SKEW) < event.issued => Err(HitEnd::Unknown),
            now if now > ends.saturating_add(CLOCK_SKEW) => Err(HitEnd::Expired),
            _ => Ok(()),
        }
    }

    /// Whether a browser asks in advance, or for the head only.
    fn is_prefetch(&self, kind: HitKind) -> bool {
        match kind {
            HitKind::Head => return true,
            HitKind::Server { .. } => return false,
            HitKind::Player => {}
        }
        let says = |(name, words): (HeaderName, &[&str])| {
            let values = self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
            values.map(str::to_ascii_lowercase).any(|value| words.iter().any(|word| value.contains(word)))
        };
        PREFETCHES.into_iter().any(says)
    }

    /// Whether the caller says that it has no viewer.
    fn is_robot(&self) -> bool {
        let user_agent = self.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let user_agent = user_agent.trim().to_ascii_lowercase();
        user_agent.is_empty() || ROBOTS.iter().any(|robot| user_agent.contains(robot))
    }

    fn values(&self, query: &str) -> EventValues {
        let random = u32::try_from(self.state.env.seed() >> 32).unwrap_or_default();
        let mut values = EventValues::new(self.state.env.wall(), random);
        values_of(query, &mut values);
        values
    }

    /// The beacons of the event of a token.
    ///
    /// # Errors
    /// The end of the event, if it has none to put.
    fn due_of(&self, token: &ValidToken<'_>, query: &str, kind: HitKind) -> Result<DueEvent, HitEnd> {
        let ValidToken { session, event } = token;
        if self.is_prefetch(kind) {
            return Err(HitEnd::Prefetch);
        }
        let limits = &self.state.hit_limits;
        if !limits.permits(*session) {
            return Err(HitEnd::Limited);
        }
        if kind == HitKind::Player && self.is_robot() {
            self.state.counters.beacons.robots.add_one();
            if self.generation.server.drop_robots {
                return Err(HitEnd::Robot);
            }
        }
        let mut values = self.values(query);
        if let HitKind::Server { at, playhead } = kind {
            let issued = UNIX_EPOCH + Duration::from_secs(event.issued.into());
            values.at = at.map_or(values.at, |at| at.clamp(issued, values.at.max(issued)));
            values.ad_playhead = playhead.or(values.ad_playhead);
        }
        if event.event == BeaconEvent::Error.as_str() && event.source.is_empty() {
            // The error of an answer without an ad (VAST 4.3 section 2.3.6.3).
            values.error_code = Some(303);
        }
        if event.trackers.is_empty() {
            let is_first = limits.is_first(*session, event.once);
            return Err(if is_first { HitEnd::Queued } else { HitEnd::Known });
        }
        let occurrence = match REPEATED.contains(&&*event.event) {
            true if !limits.permits_repeat(*session, event.once) => return Err(HitEnd::Limited),
            true => format!("{}.{}", event.once, seconds(values.at)),
            false => event.once.to_string(),
        };
        let (group, consent) = (session.to_string(), event.consent());
        Ok(DueEvent { group, occurrence, consent, beacons: self.beacons(event, &values) })
    }

    fn beacons(&self, event: &SealedEvent<'_>, values: &EventValues) -> Vec<Beacon> {
        let headers = self.device_headers(event);
        let name = BeaconEvent::from_name(&event.event);
        let source: Arc<str> = (&*event.source).into();
        let beacon = |(hop, url): &(u8, DeferredUrl)| {
            let mut beacon = Beacon::new(name.clone(), url.fill(values), Arc::clone(&source));
            (beacon.hop, beacon.rule, beacon.headers) =
                (u32::from(*hop), AddressRule::clone(&event.rule), Arc::clone(&headers));
            beacon
        };
        event.trackers.iter().map(beacon).collect()
    }

    /// Puts the beacons of many events into the outbox at once. Returns the end of each event, in order.
    async fn put_all(&self, mut due: Vec<DueEvent>) -> Vec<HitEnd> {
        let beacons: Vec<_> = due.iter_mut().map(|event| std::mem::take(&mut event.beacons)).collect();
        let batch = |(event, beacons)| {
            let DueEvent { group, occurrence, consent, .. }: &DueEvent = event;
            BeaconBatch { group, occurrence, consent, beacons }
        };
        let batches = due.iter().zip(beacons).map(batch).collect();
        let tracked = self.state.client.tracker().put_all(batches).await;
        let ends: Vec<_> = tracked.iter().map(|tracked| end_of(tracked)).collect();
        if !ends.is_empty() {
            self.state.set_outbox_refused(ends.contains(&HitEnd::Refused));
        }
        ends
    }

    /// The headers that the trackers get: those of the device of the request, if the token has them, else those of the device that
    /// reports the event. The rules of the source apply, as they are now if the placement still has the source.
    fn device_headers(&self, event: &SealedEvent<'_>) -> Arc<HeaderMap> {
        let placement = self.generation.placement(&event.placement);
        let plan: &Plan = placement.map_or(self.state.client.plan(), |placement| &placement.plan);
        if let Some(sealed) = event.device_headers() {
            let mut headers = HeaderMap::clone(&plan.beacon_headers(&Device::default(), &Privacy::default()));
            headers.extend(sealed);
            return Arc::new(headers);
        }
        let sealed = Privacy::from(event.privacy);
        let privacy = plan.privacy_of(&event.source).unwrap_or(&sealed);
        let own = |name: HeaderName| self.headers.get(name)?.to_str().ok().map(str::to_owned);
        let device = Device {
            ip: Some(intake::client_address(self.peer, self.headers, None, &self.generation.server)),
            user_agent: own(USER_AGENT),
            accept_language: own(ACCEPT_LANGUAGE),
            referer: own(REFERER),
            ..Device::default()
        };
        plan.beacon_headers(&device, privacy)
    }
}

fn event_of(opened: &OpenedToken) -> Result<ValidToken<'_>, HitEnd> {
    let event = SealedEvent::read(&opened.content).ok_or(HitEnd::Unknown)?;
    Ok(ValidToken { session: opened.session, event })
}

/// How an event ended whose beacons were put into the outbox.
fn end_of(tracked: &[TrackedBeacon]) -> HitEnd {
    if tracked.iter().any(|one| one.refusal.is_some_and(|refusal| refusal.is_of_outbox())) {
        HitEnd::Refused
    } else if tracked.iter().all(|one| one.is_known) {
        HitEnd::Known
    } else {
        HitEnd::Queued
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_player_fills_in_is_read_as_what_it_can_be() {
        let read = |query: &str| {
            let mut values = EventValues::new(UNIX_EPOCH, 0);
            values_of(query, &mut values);
            values
        };
        let all = read("e=402&p=00%3A00%3A05.250&c=01:00:00&r=2&x=10,20");
        assert_eq!((all.error_code, all.click_position), (Some(402), Some((10, 20))));
        assert_eq!(all.reason, Some(NotExecutedReason::NotSupported));
        assert_eq!(
            (all.ad_playhead, all.content_playhead),
            (Some(Duration::from_millis(5_250)), Some(Duration::from_secs(3600)))
        );
        for query in [
            "",
            "e=-1&p=-1&c=-1&r=-1&x=-1",
            "e=[ERRORCODE]&p=[ADPLAYHEAD]&c=[MEDIAPLAYHEAD]&r=[REASON]&x=[CLICKPOS]",
            "e=99999&p=00:99:00&c=1&r=4&x=1",
            "p=00:00:05.&c=::&x=,&e=%0d%0a1",
        ] {
            assert_eq!(read(query), EventValues::new(UNIX_EPOCH, 0), "{query}");
        }
    }
}
