//! Compares the answers to two requests: their sources, their ads with the wrappers above them, and the breaks of playlists.

use vast_client::FetchResult;
use vast_client::report::BreakResult;
use vast_client::select::Candidate;
use vast_xml::model::{Ad, AdKind};

use super::comparison::{DiffRows, ad_name, break_name, of_break, summary};
use super::difference::{DiffOptions, DiffPart, DiffRow};
use super::facts::{self, AdFact, AdFacts};
use super::pairs;

/// Compares the answers to two requests, for example to two recorded ones. Rows about the sources come first: which one won, and each
/// source that ended in another way. Trackers of wrappers count as trackers of their ad.
pub fn diff_answers(a: &FetchResult, b: &FetchResult, options: DiffOptions) -> Vec<DiffRow> {
    let mut rows = DiffRows::new(options);
    rows.answers(None, Some(a), Some(b));
    rows.rows
}

impl DiffRows {
    /// Two answers, or the answers for a break.
    fn answers(&mut self, place: Option<&str>, a: Option<&FetchResult>, b: Option<&FetchResult>) {
        let of_answer = |answer: Option<&FetchResult>| answer.map(of_answer).unwrap_or_default();
        self.facts(place, of_answer(a), of_answer(b));
        let ads = |answer: Option<&FetchResult>| -> Vec<AnswerAd> {
            answer.into_iter().flat_map(|answer| &answer.ads).map(AnswerAd::new).collect()
        };
        self.answer_ads(place, &ads(a), &ads(b));
        let breaks = |answer: Option<&FetchResult>| -> Vec<BreakResult> {
            answer.and_then(|answer| answer.schedule.clone()).map(|schedule| schedule.breaks).unwrap_or_default()
        };
        self.answer_breaks(&breaks(a), &breaks(b));
    }

    fn answer_ads(&mut self, place: Option<&str>, a: &[AnswerAd], b: &[AnswerAd]) {
        for (a, b) in pairs::of(a, b, |one| &one.ad) {
            let Some(either) = a.or(b) else { continue };
            let name = ad_name(&either.ad);
            let name = place.map_or_else(|| name.clone(), |place| format!("{place}: {name}"));
            match (a, b) {
                (Some(a), Some(b)) => self.facts(Some(&name), a.facts(), b.facts()),
                (a, b) => {
                    let [a, b] = [a, b].map(|one| one.map(|one| summary(&one.ad)));
                    self.row(Some(&name), DiffPart::Ad, "ad", a, b);
                }
            }
        }
    }

    fn answer_breaks(&mut self, a: &[BreakResult], b: &[BreakResult]) {
        for (a, b) in pairs::of(a, b, |one| &one.ad_break) {
            let Some(either) = a.or(b) else { continue };
            let place = break_name(&either.ad_break);
            match (a, b) {
                (Some(a), Some(b)) => self.facts(Some(&place), of_break_result(a), of_break_result(b)),
                (a, b) => {
                    let [a, b] = [a, b].map(|one| one.map(|one| break_name(&one.ad_break)));
                    self.row(Some(&place), DiffPart::Ad, "break", a, b);
                }
            }
            let answer = |one: Option<&BreakResult>| one.and_then(|one| one.answer.clone());
            self.answers(Some(&place), answer(a).as_ref(), answer(b).as_ref());
        }
    }
}

/// An ad of an answer. The wrappers above it are facts of the ad.
struct AnswerAd {
    /// The ad as its own document has it.
    ad: Ad,
    /// The source, and the wrappers.
    above: Vec<AdFact>,
}

impl AnswerAd {
    fn new(candidate: &Candidate) -> Self {
        let resolved = &candidate.ad;
        let mut ad = Ad::default();
        (ad.id, ad.sequence, ad.ad_type) = (resolved.id.clone(), resolved.sequence, resolved.ad_type.clone());
        ad.kind = AdKind::InLine(resolved.inline.clone());
        let mut facts = AdFacts::default();
        facts.value("source", Some(&resolved.tree.source));
        facts.0.extend(resolved.wrappers.iter().flat_map(|level| facts::of_wrapper_above(&level.wrapper)));
        Self { ad, above: facts.0 }
    }

    fn facts(&self) -> Vec<AdFact> {
        let mut facts = self.above.clone();
        facts.extend(facts::of_ad(&self.ad));
        facts
    }
}

/// The facts of a request as a whole: its sources, and the document of the winner.
fn of_answer(answer: &FetchResult) -> Vec<AdFact> {
    let mut facts = AdFacts::default();
    answer.source.iter().for_each(|source| facts.source("winner", &**source));
    for source in &answer.sources {
        facts.source(format!("outcome of {}", source.name), source.outcome.as_str());
    }
    if let Some(document) = &answer.document {
        facts.value("version", document.version.as_ref());
        facts.trackers("error", &document.root_errors);
    }
    facts.0
}

fn of_break_result(result: &BreakResult) -> Vec<AdFact> {
    let mut facts = AdFacts::default();
    facts.source("outcome", result.outcome.as_str());
    facts.0.extend(of_break(&result.ad_break));
    facts.0
}
