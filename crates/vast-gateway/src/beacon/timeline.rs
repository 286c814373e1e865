//! The events of an ad with their tokens, for servers that play ads for their viewers.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use vast_client::FetchResult;
use vast_client::track::{BeaconEvent, TrackerGroup, TrackerUrls, WrittenTrackers};
use vast_client::xml::model::{Event, Offset};

use super::relay::AnswerSealer;
use crate::token::TokenKind;

/// An event of an ad.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct TimelineRow {
    /// The name of the event.
    event: String,
    /// The token to send to `/v1/beacons` when the event takes place.
    token: String,
    /// When the event takes place, from the start of the ad, if it follows from the time alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    offset_ms: Option<u64>,
}

/// Adds `timeline` to each ad of `json`, which was written from `result`.
pub(crate) fn add_timeline<'a>(json: &mut Value, result: &'a FetchResult, sealer: &mut AnswerSealer<'a>) {
    let answers: Vec<&FetchResult> = match &result.schedule {
        Some(schedule) => schedule.answers().collect(),
        None => vec![result],
    };
    let mut ads = Vec::new();
    ads_of(json, &mut ads);
    let mut ads = ads.into_iter();
    for answer in answers {
        sealer.with_ads(&answer.ads);
        let mut timeline = TimelineWriter { sealer, rows: vec![Vec::new(); answer.ads.len()], answer };
        answer.flatten_with(&mut timeline);
        for (rows, ad) in timeline.rows.into_iter().zip(&mut ads) {
            // A row is plain data, so writing it cannot fail.
            ad.insert("timeline".to_owned(), serde_json::to_value(rows).unwrap_or_default());
        }
    }
}

/// The ads in the JSON of a result, in order.
fn ads_of<'j>(json: &'j mut Value, found: &mut Vec<&'j mut Map<String, Value>>) {
    let Some(parsed) = json.get_mut("parsed_data").and_then(Value::as_object_mut) else { return };
    for (name, list) in parsed {
        let list = list.as_array_mut().into_iter().flatten();
        match name.as_str() {
            "ads" => found.extend(list.filter_map(Value::as_object_mut)),
            "breaks" => list.for_each(|one| {
                let ads = one.get_mut("ads").and_then(Value::as_array_mut).into_iter().flatten();
                found.extend(ads.filter_map(Value::as_object_mut));
            }),
            _ => {}
        }
    }
}

/// Collects the events instead of writing them.
struct TimelineWriter<'t, 'a> {
    sealer: &'t mut AnswerSealer<'a>,
    rows: Vec<Vec<TimelineRow>>,
    answer: &'a FetchResult,
}

impl TrackerUrls for TimelineWriter<'_, '_> {
    fn trackers(&mut self, group: &TrackerGroup<'_>) -> WrittenTrackers {
        let mut event = self.sealer.event(group);
        self.sealer.add_trackers(group, &mut event);
        let mut token = Vec::new();
        let sealed = !event.trackers.is_empty() && self.sealer.token(TokenKind::Beacon, &event, &mut token).is_some();
        if let Some(token) = String::from_utf8(token).ok().filter(|_| sealed) {
            let running = self.answer.ads.get(group.number).and_then(|ad| ad.linear()?.duration);
            let offset = offset_of(group, running);
            let offset_ms = offset.map(|offset| u64::try_from(offset.as_millis()).unwrap_or(u64::MAX));
            self.rows[group.number].push(TimelineRow { event: group.event.as_str().to_owned(), token, offset_ms });
        }
        WrittenTrackers::AsRead
    }
}

/// When the event takes place, from the start of the ad, if it follows from the time alone.
fn offset_of(group: &TrackerGroup<'_>, running: Option<Duration>) -> Option<Duration> {
    let part = |quarters: u32| Some(running? * quarters / 4);
    match (&group.event, group.offset) {
        (BeaconEvent::Impression, _) => Some(Duration::ZERO),
        (BeaconEvent::Tracking(Event::Progress), Some(Offset::Time(offset))) => Some(offset),
        (BeaconEvent::Tracking(Event::Progress), Some(Offset::Percent(percent))) => Some(percent.of(running?)),
        (BeaconEvent::Tracking(event), _) => match event {
            Event::Loaded | Event::CreativeView | Event::Start => Some(Duration::ZERO),
            Event::FirstQuartile => part(1),
            Event::Midpoint => part(2),
            Event::ThirdQuartile => part(3),
            Event::Complete => part(4),
            _ => None,
        },
        _ => None,
    }
}
