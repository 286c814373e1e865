//! Compares two documents: their breaks, their ads, and the facts of each ad.

use std::collections::{HashMap, VecDeque};

use vast_xml::AnyDocument;
use vast_xml::model::{Ad, AdKind, Vast};
use vast_xml::vmap::{AdBreak, AdData};

use super::difference::{DiffOptions, DiffPart, DiffRow};
use super::facts::{self, AdFact, AdFacts};
use super::pairs;

/// Compares two documents. The result has a row for each difference, in the order of the ads of `a`; ads that only `b` has come last.
pub fn diff(a: &AnyDocument, b: &AnyDocument, options: DiffOptions) -> Vec<DiffRow> {
    let mut rows = DiffRows::new(options);
    match (a, b) {
        (AnyDocument::Vast(a), AnyDocument::Vast(b)) => rows.documents(None, Some(&a.vast), Some(&b.vast)),
        (AnyDocument::Vmap(a), AnyDocument::Vmap(b)) => rows.breaks(&a.vmap.breaks, &b.vmap.breaks),
        (a, b) => rows.row(None, DiffPart::Ad, "document", Some(format_of(a)), Some(format_of(b))),
    }
    rows.rows
}

fn format_of(document: &AnyDocument) -> String {
    match document {
        AnyDocument::Vast(_) => "VAST".to_owned(),
        AnyDocument::Vmap(_) => "VMAP".to_owned(),
    }
}

/// The rows that were found so far.
pub(super) struct DiffRows {
    options: DiffOptions,
    pub(super) rows: Vec<DiffRow>,
}

impl DiffRows {
    pub(super) fn new(options: DiffOptions) -> Self {
        Self { options, rows: Vec::new() }
    }

    pub(super) fn row(&mut self, ad: Option<&str>, part: DiffPart, name: &str, a: Option<String>, b: Option<String>) {
        let (ad, name) = (ad.map(str::to_owned), name.to_owned());
        self.rows.push(DiffRow { ad, part, name, a, b });
    }

    /// The breaks of two playlists.
    fn breaks(&mut self, a: &[AdBreak], b: &[AdBreak]) {
        for (a, b) in pairs::of(a, b, |one| one) {
            let Some(either) = a.or(b) else { continue };
            let place = break_name(either);
            match (a, b) {
                (Some(a), Some(b)) => self.facts(Some(&place), of_break(a), of_break(b)),
                (a, b) => self.row(Some(&place), DiffPart::Ad, "break", a.map(break_name), b.map(break_name)),
            }
            self.documents(Some(&place), a.and_then(ads_in), b.and_then(ads_in));
        }
    }

    /// Two documents, or the documents in two breaks.
    fn documents(&mut self, place: Option<&str>, a: Option<&Vast>, b: Option<&Vast>) {
        let (a_errors, b_errors) = (a.map(document_facts), b.map(document_facts));
        self.facts(place, a_errors.unwrap_or_default(), b_errors.unwrap_or_default());
        let ads = |vast: Option<&Vast>| vast.map_or(&[][..], |vast| &vast.ads).to_vec();
        let (a, b) = (ads(a), ads(b));
        for (a, b) in pairs::of(&a, &b, |ad| ad) {
            let Some(either) = a.or(b) else { continue };
            let name = match place {
                Some(place) => format!("{place}: {}", ad_name(either)),
                None => ad_name(either),
            };
            match (a, b) {
                (Some(a), Some(b)) => self.facts(Some(&name), facts::of_ad(a), facts::of_ad(b)),
                (a, b) => self.row(Some(&name), DiffPart::Ad, "ad", a.map(summary), b.map(summary)),
            }
        }
    }

    /// The facts of the same ad or break in both documents. What both have is left out; of what is left, facts with the same name
    /// become one row.
    pub(super) fn facts(&mut self, ad: Option<&str>, a: Vec<AdFact>, b: Vec<AdFact>) {
        let exact = self.options.exact;
        let mut rest: HashMap<(DiffPart, String, String), usize> = HashMap::new();
        let key = |fact: &AdFact| (fact.part, fact.name.clone(), fact.key(exact));
        b.iter().for_each(|fact| *rest.entry(key(fact)).or_default() += 1);
        let mut take =
            |fact: &AdFact| rest.get_mut(&key(fact)).filter(|count| **count > 0).map(|count| *count -= 1).is_some();
        let only_a: Vec<AdFact> = a.into_iter().filter(|fact| !take(fact)).collect();
        let mut only_b: HashMap<(DiffPart, String), VecDeque<AdFact>> = HashMap::new();
        let mut names = Vec::new();
        for fact in b {
            let Some(count) = rest.get_mut(&key(&fact)).filter(|count| **count > 0) else { continue };
            *count -= 1;
            let name = (fact.part, fact.name.clone());
            if !only_b.contains_key(&name) {
                names.push(name.clone());
            }
            only_b.entry(name).or_default().push_back(fact);
        }
        let mut rows: Vec<(DiffPart, String, Option<String>, Option<String>)> = Vec::new();
        for fact in only_a {
            let others = only_b.get_mut(&(fact.part, fact.name.clone()));
            let other = others.and_then(|others| partner(&fact, others)).map(|other| other.shown());
            rows.push((fact.part, fact.name.clone(), Some(fact.shown()), other));
        }
        for name in names {
            let left = only_b.remove(&name).unwrap_or_default();
            rows.extend(left.into_iter().map(|fact| (name.0, name.1.clone(), None, Some(fact.shown()))));
        }
        rows.sort_by_key(|(part, ..)| *part);
        rows.into_iter().for_each(|(part, name, a, b)| self.row(ad, part, &name, a, b));
    }
}

/// Takes the fact of the same name that `fact` has become: the one with the same URL, else the first one.
fn partner(fact: &AdFact, others: &mut VecDeque<AdFact>) -> Option<AdFact> {
    /// How many facts are looked at. Without a limit a document of thousands of trackers would be compared for minutes.
    const LOOKED_AT: usize = 64;
    let url = fact.stable_url();
    let same = others.iter().take(LOOKED_AT).position(|other| !url.is_empty() && other.stable_url() == url);
    others.remove(same.unwrap_or(0))
}

fn document_facts(vast: &Vast) -> Vec<AdFact> {
    let mut facts = AdFacts::default();
    facts.value("version", vast.version.as_ref());
    facts.trackers("error", &vast.errors);
    facts.0
}

pub(super) fn of_break(ad_break: &AdBreak) -> Vec<AdFact> {
    let mut facts = AdFacts::default();
    facts.value("timeOffset", ad_break.time_offset);
    ad_break.break_types.iter().for_each(|kind| facts.value("breakType", Some(kind.as_str())));
    if let Some(AdData::Tag(tag)) = ad_break.ad_data() {
        facts.tag("AdTagURI", &tag.uri);
    }
    for tracking in &ad_break.tracking_events {
        facts.tracker(tracking.event.as_str(), &tracking.url);
    }
    facts.0
}

fn ads_in(ad_break: &AdBreak) -> Option<&Vast> {
    match ad_break.ad_data() {
        Some(AdData::Vast(vast)) => Some(vast),
        _ => None,
    }
}

pub(super) fn break_name(ad_break: &AdBreak) -> String {
    let offset = ad_break.time_offset.map(|offset| offset.to_string());
    let name = ad_break.break_id.as_ref().map(ToString::to_string).or(offset);
    format!("break {}", name.unwrap_or_else(|| "without a time".to_owned()))
}

/// The name of an ad for people: its title, else its id.
pub(super) fn ad_name(ad: &Ad) -> String {
    let title = ad.inline().and_then(|inline| inline.ad_title.as_ref());
    let name = title.or(ad.id.as_ref()).map(ToString::to_string);
    name.unwrap_or_else(|| kind_of(ad).to_owned())
}

/// An ad in one line, where the other document has none.
pub(super) fn summary(ad: &Ad) -> String {
    let system = match &ad.kind {
        AdKind::InLine(inline) => inline.ad_system.as_ref(),
        AdKind::Wrapper(wrapper) => wrapper.ad_system.as_ref(),
    };
    let by = system.map(|system| format!(" of {}", system.name)).unwrap_or_default();
    format!("{} {}{by}", kind_of(ad), ad_name(ad))
}

fn kind_of(ad: &Ad) -> &'static str {
    match ad.kind {
        AdKind::InLine(_) => "InLine",
        AdKind::Wrapper(_) => "Wrapper",
    }
}
