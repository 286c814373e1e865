//! Idempotency keys: two calls with the same key report the same occurrence of an event.

use vast_xml::Text;
use vast_xml::model::Offset;

use super::answer::AnswerRef;
use super::beacon::{AdEvent, BeaconEvent, BeaconState, Moment};
use crate::ad::{PartIndex, ResolvedAd};
use crate::env::stable_hash;
use crate::select::Candidate;

/// The most bytes of one text from the document in a key. A longer text is cut, and a hash of the whole text is added,
/// because the outbox does not accept a beacon whose key is too long.
const MAX_WORD: usize = 48;

/// The number of `ad` among the ads of the answer, followed by those that are not part of it. Ids cannot be used: a pod may
/// give no ids, or the same id to all ads.
pub(super) fn number_of(answer: &AnswerRef<'_>, ad: &ResolvedAd) -> Option<usize> {
    let ads = || answer.ads.iter().chain(answer.passed_over).map(|Candidate { ad, .. }| ad);
    ads().position(|known| std::ptr::eq(known, ad)).or_else(|| ads().position(|known| known == ad))
}

/// The prefix that keeps apart the occurrences of the breaks of one request; empty outside a playlist.
pub(super) fn of_break(number: Option<usize>) -> String {
    number.map_or_else(String::new, |number| format!("break-{number}."))
}

/// Whether the impression of the ad with this number was put into the outbox with the answer.
pub(super) fn had_impression(answer: &AnswerRef<'_>, number: Option<usize>) -> bool {
    let mut tracked = answer.tracked.iter();
    number.is_some_and(|number| number < answer.ads.len())
        && tracked.any(|one| one.event == BeaconEvent::Impression && one.state != BeaconState::Refused)
}

/// The part of the idempotency key that names the occurrence within its request: the ad, the moment, the event. Two are equal
/// only when all three are. Text from documents comes last, so that no text can look like another part.
pub(super) fn occurrence(number: Option<usize>, ad: &ResolvedAd, event: &AdEvent, at: &Moment) -> String {
    let creative = at.playing(ad).map_or_else(|| "-".to_owned(), |creative| creative.to_string());
    format!("{}.{:016x}.{creative}.{}", of_ad(number, ad), at.seed, of_event(event))
}

fn of_ad(number: Option<usize>, ad: &ResolvedAd) -> String {
    match number {
        Some(number) => format!("ad-{number}"),
        // An ad of another request, or one that the host changed: its position in its source tree identifies it.
        None => format!("ad-{}-{}-{}", ad.tree.transaction_id, ad.hop(), ad.sequence.unwrap_or_default()),
    }
}

/// The event: its kind, the part of the ad, and last the name that the document gives it.
fn of_event(event: &AdEvent) -> String {
    let id = |id: &Option<Text>| id.as_ref().map_or_else(String::new, |id| format!(".{}", word(id)));
    match event {
        AdEvent::Impression => "impression".to_owned(),
        AdEvent::Error(code) => format!("error.{code}"),
        AdEvent::Linear(event) => format!("linear.{}", word(event.name())),
        AdEvent::Progress(Offset::Time(time)) => format!("progress.{time:?}"),
        AdEvent::Progress(Offset::Percent(percent)) => format!("progress.{percent}"),
        AdEvent::Click => "click".to_owned(),
        AdEvent::CustomClick(of) => format!("customClick{}", id(of)),
        AdEvent::NonLinear(creative, item, event) => format!("nonLinear.{creative}-{item}.{}", word(event.name())),
        AdEvent::NonLinearClick(creative, item) => format!("nonLinearClick.{creative}-{item}"),
        AdEvent::NonLinearCustomClick(creative, item, of) => {
            format!("nonLinearCustomClick.{creative}-{item}{}", id(of))
        }
        AdEvent::CompanionView(place) => format!("companionView.{}", at(*place)),
        AdEvent::CompanionClick(place) => format!("companionClick.{}", at(*place)),
        AdEvent::IconView(place) => format!("iconView.{}", at(*place)),
        AdEvent::IconClick(place) => format!("iconClick.{}", at(*place)),
        AdEvent::Viewability(word) => format!("viewability.{word:?}"),
        AdEvent::VerificationNotExecuted(place, reason) => {
            format!("verificationNotExecuted.{}.{}", at(*place), reason.code())
        }
        AdEvent::NotUsed => "notUsed".to_owned(),
        AdEvent::Survey => "survey".to_owned(),
        AdEvent::Named(event) => format!("named.{}", word(event.as_str())),
        AdEvent::Any => "any".to_owned(),
    }
}

fn at(PartIndex { hop, creative, item }: PartIndex) -> String {
    format!("{hop}-{creative}-{item}")
}

/// A text from a document, with a limited length.
fn word(text: &str) -> String {
    if text.len() <= MAX_WORD {
        return text.to_owned();
    }
    let start = (0..=MAX_WORD).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    format!("{}~{:016x}", &text[..start], stable_hash(text))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use vast_xml::model::{Event, Percent};

    use super::*;
    use crate::track::beacon::{NotExecutedReason, Viewability};

    fn place(item: usize) -> PartIndex {
        PartIndex { hop: 0, creative: 0, item }
    }

    #[test]
    fn no_two_events_have_one_name() {
        let long = "x".repeat(400);
        let custom = |id: &str| AdEvent::CustomClick(Some(Text::from(id)));
        let vendor = |name: &str| AdEvent::Linear(Event::from_name(name));
        let mut events = vec![
            AdEvent::Impression,
            AdEvent::Error(400),
            AdEvent::Error(401),
            AdEvent::Linear(Event::Start),
            AdEvent::Linear(Event::CreativeView),
            AdEvent::Progress(Offset::Time(Duration::from_micros(5_000_000))),
            AdEvent::Progress(Offset::Time(Duration::from_micros(5_000_001))),
            AdEvent::Progress(Offset::Percent(Percent::whole(5))),
            AdEvent::Click,
            AdEvent::CustomClick(None),
            custom(""),
            custom("a"),
            custom(&long),
            custom(&format!("{long}y")),
            vendor("0-1.start"),
            vendor(&long),
            AdEvent::Viewability(Viewability::Viewable),
            AdEvent::Viewability(Viewability::NotViewable),
            AdEvent::VerificationNotExecuted(place(0), NotExecutedReason::Rejected),
            AdEvent::VerificationNotExecuted(place(0), NotExecutedReason::NotLoaded),
            AdEvent::NotUsed,
            AdEvent::Survey,
            AdEvent::Any,
            AdEvent::Named(BeaconEvent::Impression),
        ];
        for number in 0..2 {
            events.extend([
                AdEvent::NonLinear(0, number, Event::Start),
                AdEvent::NonLinear(number, 2, Event::Start),
                AdEvent::NonLinearClick(0, number),
                AdEvent::NonLinearCustomClick(0, number, None),
                AdEvent::CompanionView(place(number)),
                AdEvent::CompanionClick(place(number)),
                AdEvent::IconView(place(number)),
                AdEvent::IconClick(place(number)),
            ]);
        }
        let names: HashSet<String> = events.iter().map(of_event).collect();
        assert_eq!(names.len(), events.len(), "{names:#?}");
        assert!(names.iter().all(|name| name.len() < 200), "{names:#?}");
    }

    #[test]
    fn spellings_of_one_event_have_one_name() {
        let [old, new] = ["fullscreen", "playerExpand"].map(|name| AdEvent::Linear(Event::from_name(name)));
        assert_eq!(of_event(&old), of_event(&new));
    }
}
