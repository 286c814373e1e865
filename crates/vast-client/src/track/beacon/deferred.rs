//! Tracker URLs that are called later: the values of the answer are filled in, those of the event are left open.

use std::time::{Duration, SystemTime};

use vast_xml::macros::{Macro, Value, Values, encode, expand_within, timecode};

use super::ad_event::NotExecutedReason;
use super::beacon_event::BeaconEvent;
use super::moment::Moment;
use crate::ad::ResolvedAd;
use crate::env;
use crate::request::MAX_URL_BYTES;

/// The character before the letter of an open value. XML does not allow it, so no URL of a valid document contains it.
const MARK: u8 = 1;

/// The room for what the values of an event are longer than their marks.
const VALUE_ROOM: usize = 32;

/// A value of a tracker URL that is known only when the event takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OpenValue {
    /// `[ERRORCODE]`.
    ErrorCode,
    /// `[ADPLAYHEAD]`.
    AdPlayhead,
    /// `[MEDIAPLAYHEAD]`, and `[CONTENTPLAYHEAD]`, its old name.
    ContentPlayhead,
    /// `[REASON]`.
    Reason,
    /// `[CLICKPOS]`.
    ClickPosition,
    /// `[TIMESTAMP]`.
    Timestamp,
    /// `[CACHEBUSTING]`.
    Cachebusting,
}

impl OpenValue {
    /// All of them. Those that only a player knows come first.
    pub const ALL: [Self; 7] = [
        Self::ErrorCode,
        Self::AdPlayhead,
        Self::ContentPlayhead,
        Self::Reason,
        Self::ClickPosition,
        Self::Timestamp,
        Self::Cachebusting,
    ];

    /// The macro of the standard.
    pub const fn name(self) -> Macro {
        match self {
            Self::ErrorCode => Macro::ErrorCode,
            Self::AdPlayhead => Macro::AdPlayhead,
            Self::ContentPlayhead => Macro::MediaPlayhead,
            Self::Reason => Macro::Reason,
            Self::ClickPosition => Macro::ClickPos,
            Self::Timestamp => Macro::Timestamp,
            Self::Cachebusting => Macro::Cachebusting,
        }
    }

    /// The value that a letter stands for behind the mark.
    fn of_letter(letter: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|value| value.marked().as_bytes()[1] == letter)
    }

    /// The text that a [`DeferredUrl`] has in the place of this value: the mark and a letter. Stored URLs have it, so it may not change.
    const fn marked(self) -> &'static str {
        match self {
            Self::ErrorCode => "\u{1}e",
            Self::AdPlayhead => "\u{1}p",
            Self::ContentPlayhead => "\u{1}c",
            Self::Reason => "\u{1}r",
            Self::ClickPosition => "\u{1}x",
            Self::Timestamp => "\u{1}t",
            Self::Cachebusting => "\u{1}b",
        }
    }
}

/// The open values of one or several URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct OpenValues(u8);

impl OpenValues {
    /// Whether this value is open.
    pub const fn contains(self, value: OpenValue) -> bool {
        self.0 & 1 << value as u8 != 0
    }

    /// The values that are open in at least one of the two sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn with(self, value: OpenValue) -> Self {
        Self(self.0 | 1 << value as u8)
    }
}

/// The values of the moment at which an event takes place. A value that is not set becomes `-1`, which means unknown.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EventValues {
    /// The time of the wall clock: `[TIMESTAMP]`.
    pub at: SystemTime,
    /// A random number, different for each event: `[CACHEBUSTING]` is its last eight decimal digits.
    pub random: u32,
    /// The code of an error: `[ERRORCODE]`.
    pub error_code: Option<u16>,
    /// The position in the ad: `[ADPLAYHEAD]`.
    pub ad_playhead: Option<Duration>,
    /// The position in the content: `[MEDIAPLAYHEAD]`.
    pub content_playhead: Option<Duration>,
    /// Why the code of a verification was not executed: `[REASON]`.
    pub reason: Option<NotExecutedReason>,
    /// The position of a click, in pixels from the left and top of the player: `[CLICKPOS]`.
    pub click_position: Option<(u32, u32)>,
}

impl EventValues {
    /// Values with only a time and a random number.
    pub fn new(at: SystemTime, random: u32) -> Self {
        Self {
            at,
            random,
            error_code: None,
            ad_playhead: None,
            content_playhead: None,
            reason: None,
            click_position: None,
        }
    }

    /// The text that replaces the macro, encoded.
    fn text(&self, value: OpenValue) -> String {
        let text = match value {
            OpenValue::ErrorCode => self.error_code.map(|code| code.to_string()),
            OpenValue::AdPlayhead => self.ad_playhead.map(|at| encode(&timecode(at)).into_owned()),
            OpenValue::ContentPlayhead => self.content_playhead.map(|at| encode(&timecode(at)).into_owned()),
            OpenValue::Reason => self.reason.map(|reason| reason.code().to_string()),
            OpenValue::ClickPosition => self.click_position.map(|(x, y)| format!("{x},{y}")),
            OpenValue::Timestamp => Some(encode(&env::timestamp(self.at)).into_owned()),
            OpenValue::Cachebusting => Some(format!("{:08}", self.random % 100_000_000)),
        };
        text.unwrap_or_else(|| "-1".to_owned())
    }
}

/// The URL of a tracker in which all values of the answer are filled in. The [`OpenValue`]s are filled in when the event takes
/// place. Its text can be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeferredUrl(String);

impl DeferredUrl {
    /// The URL with this text, which came from [`as_str`](Self::as_str).
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A tracker of the operator, which is not a part of an ad: only the [`OpenValue`]s are filled in. `None` as for
    /// [`DeferredUrls::url`].
    pub fn of_template(event: &BeaconEvent, template: &str) -> Option<Self> {
        DeferredUrls::over(Values::new()).url(event, template)
    }

    /// The text. The character U+0001 and a letter stand for an open value.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The values that are open.
    pub fn open_values(&self) -> OpenValues {
        let text = self.0.as_bytes();
        let letters = memchr::memchr_iter(MARK, text).filter_map(|mark| text.get(mark + 1));
        letters.filter_map(|letter| OpenValue::of_letter(*letter)).fold(OpenValues::default(), OpenValues::with)
    }

    /// The URL with the values of the event.
    pub fn fill(&self, values: &EventValues) -> String {
        let mut filled = String::with_capacity(self.0.len() + VALUE_ROOM);
        let mut rest = self.0.as_str();
        while let Some(mark) = memchr::memchr(MARK, rest.as_bytes()) {
            filled.push_str(&rest[..mark]);
            rest = &rest[mark + 1..];
            // A letter that stands for no value is a part of the text.
            if let Some(value) = rest.bytes().next().and_then(OpenValue::of_letter) {
                filled.push_str(&values.text(value));
                rest = &rest[1..];
            }
        }
        filled.push_str(rest);
        filled
    }
}

/// Fills the values of the answer into the trackers of one ad.
pub struct DeferredUrls(Values);

impl DeferredUrls {
    /// For the trackers of `ad`. `moment` has the values that are known at the answer; its time and seed are not used.
    pub fn new(ad: &ResolvedAd, moment: &Moment) -> Self {
        Self::over(moment.values_of_answer(ad))
    }

    fn over(mut values: Values) -> Self {
        for value in OpenValue::ALL {
            values.set(value.name(), Value::Raw(value.marked().into()));
        }
        Self(values)
    }

    /// The tracker of `event` with the URL `template`. `None` if the URL is not absolute, is longer than 64 KiB, or has a character
    /// that no URL may have.
    pub fn url(&self, event: &BeaconEvent, template: &str) -> Option<DeferredUrl> {
        let is_http = ["https://", "http://"].iter().any(|scheme| starts_with(template, scheme));
        if !is_http || memchr::memchr(MARK, template.as_bytes()).is_some() {
            return None;
        }
        let expanded = expand_within(template, event.context(), &self.0, MAX_URL_BYTES).ok()?;
        Some(DeferredUrl(expanded.into_owned()))
    }
}

fn starts_with(text: &str, scheme: &str) -> bool {
    text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn deferred(event: &BeaconEvent, template: &str) -> Option<DeferredUrl> {
        let ad = ResolvedAd::of_creatives("");
        let mut moment = Moment::new(UNIX_EPOCH, 0);
        moment.ad_count = Some(3);
        DeferredUrls::new(&ad, &moment).url(event, template)
    }

    #[test]
    fn values_of_the_answer_are_filled_in_and_those_of_the_event_later() {
        let error = BeaconEvent::Error;
        let start = BeaconEvent::from_name("start");
        let not_executed = BeaconEvent::from_name("verificationNotExecuted");
        let values = EventValues {
            error_code: Some(402),
            ad_playhead: Some(Duration::from_millis(5_250)),
            reason: Some(NotExecutedReason::NotLoaded),
            click_position: Some((10, 20)),
            ..EventValues::new(UNIX_EPOCH + Duration::from_millis(7), 1_000_000_042)
        };
        for (event, template, expected) in [
            (&start, "https://t/?n=[ADCOUNT]&p=[ADPLAYHEAD]", "https://t/?n=3&p=00%3A00%3A05.250"),
            (&start, "https://t/?c=[CONTENTPLAYHEAD]&m=%%MEDIAPLAYHEAD%%", "https://t/?c=-1&m=-1"),
            (&start, "https://t/[CACHEBUSTING]/[CACHEBUSTING]", "https://t/00000042/00000042"),
            (&start, "https://t/?t=[TIMESTAMP]", "https://t/?t=1970-01-01T00%3A00%3A00.007%2B00%3A00"),
            (&start, "https://t/?e=[ERRORCODE]", "https://t/?e=[ERRORCODE]"),
            (&error, "https://t/?e=[ERRORCODE]", "https://t/?e=402"),
            (&not_executed, "https://t/?r=[REASON]", "https://t/?r=3"),
            (&BeaconEvent::Click, "https://t/?x=[CLICKPOS]", "https://t/?x=10,20"),
            (&start, "HTTPS://t/plain", "HTTPS://t/plain"),
        ] {
            let deferred = deferred(event, template).expect("an absolute URL");
            assert_eq!(DeferredUrl::from_text(deferred.as_str()).fill(&values), expected, "{template}");
        }
    }

    #[test]
    fn a_value_that_looks_like_a_macro_is_not_replaced_later() {
        let mut moment = Moment::new(UNIX_EPOCH, 0);
        moment.asset = Some("[CACHEBUSTING]\u{1}b%5BADPLAYHEAD%5D".into());
        let urls = DeferredUrls::new(&ResolvedAd::of_creatives(""), &moment);
        let url = urls.url(&BeaconEvent::Impression, "https://t/?a=[ASSETURI]").expect("an absolute URL");
        let filled = url.fill(&EventValues::new(UNIX_EPOCH, 1));
        assert_eq!(filled, "https://t/?a=%5BCACHEBUSTING%5D%01b%255BADPLAYHEAD%255D");
    }

    #[test]
    fn the_marks_of_open_values_are_a_format() {
        for (value, letter) in OpenValue::ALL.into_iter().zip(["e", "p", "c", "r", "x", "t", "b"]) {
            assert_eq!(value.marked(), format!("{}{letter}", char::from(MARK)));
            let url = DeferredUrl::from_text(format!("https://t/?a={}", value.marked()));
            let named: Vec<_> = OpenValue::ALL.into_iter().filter(|one| url.open_values().contains(*one)).collect();
            assert_eq!(named, [value]);
        }
    }

    #[test]
    fn what_is_no_value_behind_a_mark_is_text() {
        let damaged = DeferredUrl::from_text("https://t/\u{1}\u{1}ä\u{1}");
        assert_eq!(damaged.open_values(), OpenValues::default());
        assert_eq!(damaged.fill(&EventValues::new(UNIX_EPOCH, 1)), "https://t/ä");
    }

    #[test]
    fn what_cannot_be_called_later_is_left_out() {
        let event = BeaconEvent::Impression;
        for template in ["/relative", "javascript:alert(1)", "[URL]", "https://t/\u{1}e", ""] {
            assert_eq!(deferred(&event, template), None, "{template}");
        }
        let long = format!("https://t/{}", "x".repeat(MAX_URL_BYTES));
        assert_eq!(deferred(&event, &long), None);
        let open = deferred(&event, "https://t/[ADPLAYHEAD][TIMESTAMP]").expect("an absolute URL");
        let other = deferred(&event, "https://u/[CACHEBUSTING]").expect("an absolute URL");
        let open = open.open_values().union(other.open_values());
        let named: Vec<_> = OpenValue::ALL.into_iter().filter(|value| open.contains(*value)).collect();
        assert_eq!(named, [OpenValue::AdPlayhead, OpenValue::Timestamp, OpenValue::Cachebusting]);
    }
}
