//! Which trackers are due: pure functions of an ad and an event, or of the journal.

use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;
use vast_xml::Text;
use vast_xml::macros::{self, Context, Macro, Value, Values};

use super::ad_event::AdEvent;
use super::beacon_event::BeaconEvent;
use super::listing::trackers;
use super::moment::{Moment, of_tree};
use crate::ad::{ResolvedAd, SourceTree};
use crate::env::{Draws, Env};
use crate::journal::{Entry, Fact};
use crate::request::RequestValues;
use crate::select::Candidate;
use crate::transport::{AddressRule, Target};

/// A tracker to call, with everything that an attempt needs. It does not depend on the document it came from.
#[derive(Debug, Clone)]
pub struct Beacon {
    /// The event that it reports.
    pub event: BeaconEvent,
    /// The URL, with macros filled in once with the values of the moment. Every attempt sends the same bytes.
    pub url: String,
    /// The document that contains the tracker; 0 is the source's own.
    pub hop: u32,
    /// The source.
    pub source: Arc<str>,
    /// The addresses that it may be sent to.
    pub rule: AddressRule,
    /// `User-Agent`, `Accept` and the `X-Device-*` set, equal to those of the ad request (VAST 4.3 section 1.1.3).
    pub headers: Arc<HeaderMap>,
}

/// The state of a beacon after it was put into the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BeaconState {
    /// It waits in the outbox.
    Queued,
    /// The tracker took it.
    Delivered,
    /// The outbox had no room.
    Refused,
}

impl BeaconState {
    /// The name used in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
        }
    }
}

/// A beacon in a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackedBeacon {
    /// The event that it reports.
    pub event: BeaconEvent,
    /// The URL.
    pub url: String,
    /// The document that contains the tracker; 0 is the source's own.
    pub hop: u32,
    /// What became of it by the time of the answer.
    pub state: BeaconState,
}

/// The trackers of `ad` that are due at `event`: those of all levels, the outermost level first. Equal trackers are not merged
/// (VAST 4.3 sections 2.3.4 and 3.14.2). They are one batch and are called together.
///
/// Pure: the same ad, event and moment give the same bytes. Macros of the IAB registry are filled in; each URL gets its own
/// random number. Unknown macros stay, and `[ERRORCODE]` stays unless an error is reported. Relative URLs are resolved against
/// the document that contains them. The data about the viewer is that of the ad request, under the same privacy rules.
pub fn beacons(ad: &ResolvedAd, event: &AdEvent, moment: &Moment) -> Vec<Beacon> {
    let playing = moment.playing(ad);
    let mut writer = BeaconWriter::new(&ad.tree, moment.values(ad, event), moment.seed);
    let due = trackers(ad).into_iter().filter(|tracker| event.concerns(tracker, playing));
    due.map(|tracker| writer.beacon(tracker.event, tracker.url, tracker.hop, document_url(ad, tracker.hop))).collect()
}

/// The page to open when the viewer clicks on the linear creative that plays, with macros filled in. `None` if no level has one
/// (VAST 4.3 sections 2.3.5.2 and 3.10.1). The click trackers are [`AdEvent::Click`].
pub fn click_through(ad: &ResolvedAd, moment: &Moment) -> Option<String> {
    let page = ad.click_through(moment.playing(ad)?)?;
    let mut writer = BeaconWriter::new(&ad.tree, moment.values(ad, &AdEvent::Click), moment.seed);
    Some(absolute(writer.expand(&page.item.url, Context::Tracking), document_url(ad, page.hop)))
}

/// The URL of the document with this number.
fn document_url(ad: &ResolvedAd, hop: u32) -> &str {
    let above = ad.wrappers.iter().map(|level| &level.document).find(|document| document.hop == hop);
    &above.unwrap_or(&ad.document).url
}

/// The impressions of the answer: every level of every ad (VAST 4.3 sections 2.3.4 and 3.4.4).
pub(in crate::track) fn impressions<'a>(
    ads: &'a [Candidate],
    values: &'a RequestValues,
) -> impl Iterator<Item = Beacon> + use<'a> {
    let of_ad = move |candidate: &'a Candidate| {
        let asset = candidate.media_file().map(|file| file.url.clone());
        let moment = Moment { asset, creative: Some(candidate.media.creative), ..this_moment(values) };
        beacons(&candidate.ad, &AdEvent::Impression, &moment)
    };
    ads.iter().flat_map(of_ad)
}

/// The `notUsed` trackers of the ads in `passed_over` whose sources have no ad in the `answer` (VAST 4.3 section 3.14.1). An ad
/// that was cut from the end of a pod of the answer is therefore not reported.
pub(in crate::track) fn not_used<'a>(
    answer: &'a [Candidate],
    passed_over: &'a [Candidate],
    values: &'a RequestValues,
) -> impl Iterator<Item = Beacon> + use<'a> {
    let has_lost = |candidate: &&Candidate| answer.iter().all(|ad| ad.lane != candidate.lane);
    let of_ad = move |candidate: &'a Candidate| beacons(&candidate.ad, &AdEvent::NotUsed, &this_moment(values));
    passed_over.iter().filter(has_lost).flat_map(of_ad)
}

fn this_moment(values: &RequestValues) -> Moment {
    Moment::new(values.wall(), values.draws().with(|rng| rng.u64(..)))
}

/// The error reports among these facts.
pub(in crate::track) fn errors<'a>(
    facts: Vec<&'a Entry>,
    values: &'a RequestValues,
) -> impl Iterator<Item = Beacon> + use<'a> {
    facts.into_iter().filter_map(move |Entry { fact, .. }| {
        let Fact::ReportDue { hop, base, url, code, tree, ad_serving_id } = fact else { return None };
        if url.is_empty() || vast_xml::model::is_placeholder(url) {
            return None;
        }
        let Moment { at, seed, .. } = this_moment(values);
        let macros = of_error(tree, at, *code, ad_serving_id.as_ref());
        Some(BeaconWriter::new(tree, macros, seed).beacon(BeaconEvent::Error, url, *hop, base))
    })
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
struct BeaconWriter<'a> {
    tree: &'a SourceTree,
    values: Values,
    draws: Draws,
}

impl<'a> BeaconWriter<'a> {
    fn new(tree: &'a SourceTree, values: Values, seed: u64) -> Self {
        Self { tree, values, draws: Env::draws(seed) }
    }

    fn beacon(&mut self, event: BeaconEvent, template: &str, hop: u32, document: &str) -> Beacon {
        let url = absolute(self.expand(template, event.context()), document);
        let SourceTree { source, rule, disclosure, .. } = self.tree;
        let (source, rule, headers) = (Arc::clone(source), rule.clone(), Arc::clone(&disclosure.headers));
        Beacon { event, url, hop, source, rule, headers }
    }

    fn expand(&mut self, template: &str, context: Context) -> String {
        if !macros::may_occur(template) {
            return template.to_owned();
        }
        self.values.set_cachebusting(self.draws.cachebusting());
        macros::expand(template, context, &self.values).into_owned()
    }
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
