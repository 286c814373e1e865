//! Finds the trackers that are due. These are pure functions of an ad and an event, or of the journal.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;
use vast_xml::Text;
use vast_xml::macros::{Context, Macro, Value, Values, expand_within};

use super::ad_event::AdEvent;
use super::beacon_event::BeaconEvent;
use super::listing::{TrackerRef, trackers};
use super::moment::{AnswerMoment, Moment, of_tree};
use crate::ad::{ResolvedAd, SourceTree};
use crate::env::{Draws, Env};
use crate::journal::{Entry, Fact};
use crate::request::MAX_URL_BYTES;
use crate::select::Candidate;
use crate::transport::{AddressRule, Target};

/// The largest sum of the URLs of one answer, or of one call of [`beacons`], in bytes.
const MAX_SUM_BYTES: usize = 8 << 20;

/// A tracker to call, with all data that an attempt needs. It does not need the document that it came from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Beacon {
    /// The event that the beacon reports.
    pub event: BeaconEvent,
    /// The URL, with macros filled in once with the values of the moment. Every attempt sends the same bytes.
    pub url: String,
    /// The document that contains the tracker; 0 is the source's own.
    pub hop: u32,
    /// The source.
    pub source: Arc<str>,
    /// The addresses to which the beacon may be sent.
    pub rule: AddressRule,
    /// `User-Agent`, `Accept` and the `X-Device-*` set, equal to those of the ad request (VAST 4.3 section 1.1.3).
    pub headers: Arc<HeaderMap>,
    /// The reason why the beacon must not be called; `None` if it may be called. The URL of a refused beacon is only
    /// the start of the URL in the document.
    pub refusal: Option<RefusalReason>,
}

/// Why a beacon is not in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RefusalReason {
    /// The outbox has no room for the beacon.
    #[error("the outbox is full")]
    OutboxFull,
    /// The outbox does not work, for example because the disk is full.
    #[error("the outbox does not work")]
    OutboxFailed,
    /// The record of the beacon is larger than
    /// [`Quota::max_record_bytes`](crate::track::outbox::Quota::max_record_bytes).
    #[error("the record is too large for the outbox")]
    TooLarge,
    /// The batch has more than 10,000 beacons.
    #[error("the batch has more than 10000 beacons")]
    BatchTooLarge,
    /// The URL of the beacon has more than 64 KiB after macros were filled in.
    #[error("the URL has more than 64 KiB")]
    UrlTooLong,
    /// The URLs of the answer have more than 8 MiB in sum.
    #[error("the URLs of the answer have more than 8 MiB")]
    TooManyBytes,
    /// The client was shut down.
    #[error("the client was shut down")]
    ShutDown,
}

impl RefusalReason {
    /// Whether the outbox has no room or does not work, so that the same beacon may be taken later.
    pub fn is_of_outbox(self) -> bool {
        matches!(self, Self::OutboxFull | Self::OutboxFailed | Self::ShutDown)
    }
}

impl Beacon {
    /// A beacon of this event and URL from an ad of `source`, to public addresses and without headers of a device.
    pub fn new(event: BeaconEvent, url: impl Into<String>, source: impl Into<Arc<str>>) -> Self {
        Self {
            event,
            url: url.into(),
            hop: 0,
            source: source.into(),
            rule: AddressRule::default(),
            headers: Arc::default(),
            refusal: None,
        }
    }
}

/// The trackers of `ad` that are due at `event`: those of all levels, the outermost level first. Equal trackers are not merged
/// (VAST 4.3 sections 2.3.4 and 3.14.2). They are one batch and are called together.
///
/// Pure: the same ad, event and moment give the same bytes. Macros of the IAB registry are filled in; each URL gets its
/// own random number. Unknown macros are not replaced, and `[ERRORCODE]` is replaced only if an error is reported.
/// Relative URLs are resolved against the document that contains them. The data about the viewer is that of the ad
/// request, under the same privacy rules.
///
/// A URL may have 64 KiB, and all URLs of a call 8 MiB in sum. A beacon above one of these limits is in the list and has a
/// [`refusal`](Beacon::refusal).
pub fn beacons(ad: &ResolvedAd, event: &AdEvent, moment: &Moment) -> Vec<Beacon> {
    let mut budget = BeaconBudget::new(usize::MAX);
    let due = due(ad, event, moment);
    let mut writer = BeaconWriter::new(&ad.tree, moment.values(ad, event), moment.seed);
    due.map(|tracker| {
        writer.beacon(tracker.event, tracker.url, tracker.hop, document_url(ad, tracker.hop), &mut budget)
    })
    .collect()
}

/// The trackers of `ad` that are due at `event`.
fn due<'a>(ad: &'a ResolvedAd, event: &'a AdEvent, moment: &Moment) -> impl Iterator<Item = TrackerRef<'a>> {
    let playing = moment.playing(ad);
    trackers(ad).into_iter().filter(move |tracker| event.concerns(tracker, playing))
}

/// Limits the number of beacons that are created for one answer, so that a hostile document cannot cost unbounded
/// memory, time and requests.
#[derive(Debug)]
pub(in crate::track) struct BeaconBudget {
    beacons: usize,
    bytes: usize,
    /// How many beacons were not created because the number or the bytes were used up.
    pub(in crate::track) omitted: usize,
}

impl BeaconBudget {
    /// A budget of this many beacons and of [`MAX_SUM_BYTES`] bytes of URLs.
    pub(in crate::track) fn new(beacons: usize) -> Self {
        Self { beacons, bytes: MAX_SUM_BYTES, omitted: 0 }
    }

    /// Takes one beacon from the budget; counts it as omitted if nothing is left.
    fn take(&mut self) -> bool {
        if self.beacons == 0 || self.bytes == 0 {
            self.omitted += 1;
            return false;
        }
        self.beacons -= 1;
        true
    }

    /// The beacons of `ad` that are due at `event`, as far as the budget allows.
    fn beacons(&mut self, ad: &ResolvedAd, event: &AdEvent, moment: &Moment) -> Vec<Beacon> {
        let mut writer = BeaconWriter::new(&ad.tree, moment.values(ad, event), moment.seed);
        let mut beacons = Vec::new();
        for tracker in due(ad, event, moment) {
            if self.take() {
                let document = document_url(ad, tracker.hop);
                beacons.push(writer.beacon(tracker.event, tracker.url, tracker.hop, document, self));
            }
        }
        beacons
    }
}

/// The page to open when the viewer clicks on the linear creative that plays, with macros filled in. `None` if no level has one
/// (VAST 4.3 sections 2.3.5.2 and 3.10.1). The click trackers are [`AdEvent::Click`].
pub fn click_through(ad: &ResolvedAd, moment: &Moment) -> Option<String> {
    let page = ad.click_through(moment.playing(ad)?)?;
    let mut writer = BeaconWriter::new(&ad.tree, moment.values(ad, &AdEvent::Click), moment.seed);
    let url = writer.expand(&page.item.url, Context::Tracking, MAX_URL_BYTES)?;
    Some(absolute(url, document_url(ad, page.hop)))
}

/// The URL of the document with this number.
fn document_url(ad: &ResolvedAd, hop: u32) -> &str {
    let above = ad.wrappers.iter().map(|level| &level.document).find(|document| document.hop == hop);
    &above.unwrap_or(&ad.document).url
}

/// The impressions of the answer, ad by ad: every level of every ad (VAST 4.3 sections 2.3.4 and 3.4.4).
pub(in crate::track) fn impressions(
    ads: &[Candidate],
    moment: AnswerMoment<'_>,
    budget: &mut BeaconBudget,
) -> Vec<Vec<Beacon>> {
    let of_ad = |(number, candidate): (usize, &Candidate)| {
        let asset = candidate.media_file().map(|file| file.url.clone());
        let (creative, ad_count) = (Some(candidate.media.creative), Some(ad_count(ads, number)));
        let moment = Moment { asset, creative, ad_count, ..at_answer(moment) };
        budget.beacons(&candidate.ad, &AdEvent::Impression, &moment)
    };
    ads.iter().enumerate().map(of_ad).collect()
}

/// The position of this ad among the ads of its source in the answer, from 1. It is the value of `[ADCOUNT]` when the ads
/// play in order.
pub fn ad_count(ads: &[Candidate], ad: usize) -> u32 {
    let source = ads.get(ad).map(|candidate| candidate.lane);
    let before = ads.iter().take(ad).filter(|candidate| Some(candidate.lane) == source).count();
    u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
}

/// The `notUsed` trackers of the ads in `passed_over`, ad by ad (VAST 4.3 section 3.14.1). An ad that was cut from the end of a
/// pod of the `answer` gets error 206 instead.
pub(in crate::track) fn not_used(
    answer: &[Candidate],
    passed_over: &[Candidate],
    moment: AnswerMoment<'_>,
    budget: &mut BeaconBudget,
) -> Vec<Vec<Beacon>> {
    let has_lost = |candidate: &&Candidate| answer.iter().all(|ad| !ad.is_of_same_pod(candidate));
    let lost = passed_over.iter().filter(has_lost);
    lost.map(|candidate| budget.beacons(&candidate.ad, &AdEvent::NotUsed, &at_answer(moment))).collect()
}

fn at_answer(AnswerMoment { at, draws }: AnswerMoment<'_>) -> Moment {
    Moment::new(at, draws.with(|rng| rng.u64(..)))
}

/// The error reports among these facts.
pub(in crate::track) fn errors(
    facts: &[&Entry],
    moment: AnswerMoment<'_>,
    budget: &mut BeaconBudget,
) -> Vec<Vec<Beacon>> {
    let mut beacons = Vec::new();
    for Entry { fact, .. } in facts {
        let Fact::ReportDue { hop, base, url, code, tree, ad_serving_id } = fact else { continue };
        if url.is_empty() || vast_xml::model::is_placeholder(url) || !budget.take() {
            continue;
        }
        let Moment { at, seed, .. } = at_answer(moment);
        let macros = of_error(tree, at, *code, ad_serving_id.as_deref());
        let beacon = BeaconWriter::new(tree, macros, seed).beacon(BeaconEvent::Error, url, *hop, base, budget);
        beacons.push(vec![beacon]);
    }
    beacons
}

/// The macros of an error report. `ad_serving_id` is the same in the error URLs of all levels (VAST 4.3 section 3.4.3).
fn of_error(tree: &SourceTree, at: SystemTime, code: u16, ad_serving_id: Option<&Text>) -> Values {
    let mut values = of_tree(tree, at);
    if let Some(id) = ad_serving_id {
        values.set(Macro::AdServingId, Value::text(id.to_string()));
    }
    values.set(Macro::ErrorCode, Value::text(code.to_string()));
    values
}

/// Creates the beacons of one batch.
pub(super) struct BeaconWriter<'a> {
    tree: &'a SourceTree,
    values: Values,
    draws: Draws,
}

impl<'a> BeaconWriter<'a> {
    pub(super) fn new(tree: &'a SourceTree, values: Values, seed: u64) -> Self {
        Self { tree, values, draws: Env::draws(seed) }
    }

    pub(super) fn beacon(
        &mut self,
        event: BeaconEvent,
        template: &str,
        hop: u32,
        document: &str,
        budget: &mut BeaconBudget,
    ) -> Beacon {
        let limit = budget.bytes.min(MAX_URL_BYTES);
        let url = self.expand(template, event.context(), limit).map(|url| absolute(url, document));
        let url = url.filter(|url| url.len() <= limit);
        let refusal = match &url {
            Some(_) => None,
            None if limit < MAX_URL_BYTES => Some(RefusalReason::TooManyBytes),
            None => Some(RefusalReason::UrlTooLong),
        };
        let url = url.unwrap_or_else(|| start_of(template).to_owned());
        budget.bytes = budget.bytes.saturating_sub(url.len());
        let SourceTree { source, rule, disclosure, .. } = self.tree;
        let (source, rule, headers) = (Arc::clone(source), rule.clone(), Arc::clone(disclosure.headers()));
        Beacon { event, url, hop, source, rule, headers, refusal }
    }

    /// The template with its macros filled in; `None` if the result has more than `limit` bytes.
    fn expand(&mut self, template: &str, context: Context, limit: usize) -> Option<String> {
        if self.values.may_replace(template) {
            self.values.set_cachebusting(self.draws.cachebusting());
        }
        expand_within(template, context, &self.values, limit).ok().map(Cow::into_owned)
    }
}

/// The start of a URL that is too long, to identify it in a result.
fn start_of(template: &str) -> &str {
    let end = (0..=template.len().min(1024)).rev().find(|end| template.is_char_boundary(*end));
    template.get(..end.unwrap_or_default()).unwrap_or_default()
}

/// `url` as an absolute URL: a relative one is resolved against its document.
fn absolute(url: String, document: &str) -> String {
    if Target::is_absolute(&url) {
        return url;
    }
    let base = Target::parse(document, None).ok();
    match base.and_then(|base| Target::parse(&url, Some(&base)).ok()) {
        Some(target) => target.as_str().to_owned(),
        None => url,
    }
}

#[cfg(test)]
mod tests;
