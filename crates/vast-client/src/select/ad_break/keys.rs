//! Finds ads that must not play in the same break: ads with the same creative, and competitors.

use std::collections::HashMap;

use vast_xml::model::Creative;

use crate::request::{BreakRules, Dedup, Separation};
use crate::select::candidate::Candidate;

/// The largest number of ids or categories of one ad that are compared. No real ad has more.
const MAX_KEYS: usize = 16;

/// The kind of a value by which two ads are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum KeyKind {
    Id,
    Media,
    Title,
    Category,
    Advertiser,
}

/// The marks that an ad sets in a break, and the marks of other ads that exclude this ad.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AdKeys {
    /// The marks that identify the same creative.
    pub(super) same: Conflicts,
    /// The marks that identify a competitor.
    pub(super) rival: Conflicts,
}

/// Marks of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Conflicts {
    pub(super) marks: Vec<u32>,
    pub(super) conflicts: Vec<u32>,
}

impl Conflicts {
    /// Whether `other` may not play beside this ad.
    pub(super) fn collides(&self, other: &Self) -> bool {
        self.conflicts.iter().any(|mark| other.marks.contains(mark))
    }

    fn add_equal(&mut self, mark: u32) {
        self.marks.push(mark);
        self.conflicts.push(mark);
    }
}

/// Numbers the keys of the ads of a break, so that two ads are compared without texts. A key of the first kind gets an even number. For
/// an ad without an id, its weaker keys are also stored under that number plus one.
#[derive(Debug, Default)]
pub(super) struct KeyNumbers(HashMap<(KeyKind, String), u32>);

impl KeyNumbers {
    fn number(&mut self, kind: KeyKind, key: String) -> u32 {
        let next = u32::try_from(2 * self.0.len()).unwrap_or(u32::MAX - 1);
        *self.0.entry((kind, key)).or_insert(next)
    }

    /// The keys of `candidate` by these rules.
    pub(super) fn of(&mut self, candidate: &Candidate, rules: &BreakRules) -> AdKeys {
        AdKeys { same: self.same(candidate, rules.dedup), rival: self.rival(candidate, &rules.separate) }
    }

    fn same(&mut self, candidate: &Candidate, dedup: Dedup) -> Conflicts {
        let mut same = Conflicts::default();
        if dedup == Dedup::Off {
            return same;
        }
        let ids = ids(candidate.creative());
        let has_id = !ids.is_empty();
        ids.into_iter().for_each(|id| same.add_equal(self.number(KeyKind::Id, id)));
        if dedup == Dedup::Id {
            return same;
        }
        if let Some(media) = candidate.media_file().and_then(|file| media_key(&file.url)) {
            self.weaker(&mut same, KeyKind::Media, media, has_id);
        }
        if let Some(title) = title_key(candidate).filter(|_| dedup == Dedup::Title) {
            self.weaker(&mut same, KeyKind::Title, title, has_id);
        }
        same
    }

    /// Adds a key that is compared only if at least one of the two ads has no id: an ad with an id collides with ads without an
    /// id, and an ad without an id collides with all ads.
    fn weaker(&mut self, same: &mut Conflicts, kind: KeyKind, key: String, has_id: bool) {
        let any = self.number(kind, key);
        let without_id = any + 1;
        same.marks.push(any);
        if has_id {
            same.conflicts.push(without_id);
        } else {
            same.marks.push(without_id);
            same.conflicts.push(any);
        }
    }

    fn rival(&mut self, candidate: &Candidate, separate: &[Separation]) -> Conflicts {
        let mut rival = Conflicts::default();
        let inline = &candidate.ad.inline;
        if separate.contains(&Separation::Category) {
            for category in inline.categories.iter().take(MAX_KEYS) {
                let authority = category.authority.as_deref().unwrap_or_default();
                let key = format!("{} {}", authority.to_ascii_lowercase(), category.value.to_ascii_lowercase());
                rival.add_equal(self.number(KeyKind::Category, key));
            }
        }
        if separate.contains(&Separation::Advertiser)
            && let Some(advertiser) = &inline.advertiser
        {
            for name in [Some(&advertiser.name), advertiser.id.as_ref()].into_iter().flatten() {
                let key = name.trim().to_lowercase();
                if !key.is_empty() {
                    rival.add_equal(self.number(KeyKind::Advertiser, key));
                }
            }
        }
        rival
    }
}

/// The ids that are valid across ad servers, except `unknown` (VAST 4.3 section 3.7.1).
fn ids(creative: Option<&Creative>) -> Vec<String> {
    let ids = creative.map(|creative| &*creative.universal_ad_ids).unwrap_or_default();
    let known = ids.iter().filter(|id| !id.is_unknown()).take(MAX_KEYS);
    known
        .map(|id| format!("{} {}", id.registry.as_deref().unwrap_or_default().to_ascii_lowercase(), id.value))
        .collect()
}

/// The URL of a media file as it is compared: the host in lower case, without scheme, default port and fragment.
fn media_key(url: &str) -> Option<String> {
    let url = url.trim();
    let url = url.split('#').next().unwrap_or(url);
    let (scheme, rest) = match url.split_once("//") {
        Some((scheme, rest)) => (scheme, rest),
        None => ("", url),
    };
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = host.to_ascii_lowercase();
    let port = if scheme.eq_ignore_ascii_case("http:") { ":80" } else { ":443" };
    let host = host.strip_suffix(port).unwrap_or(&host);
    (!rest.is_empty()).then(|| format!("{host}{}", if path.is_empty() { "/" } else { path }))
}

fn title_key(candidate: &Candidate) -> Option<String> {
    let title = candidate.ad.inline.ad_title.as_deref()?.trim().to_lowercase();
    (!title.is_empty()).then(|| format!("{} {title}", candidate.duration().unwrap_or_default().as_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_media_are_compared_without_what_does_not_name_the_file() {
        let same = |one: &str, other: &str| media_key(one) == media_key(other);
        assert!(same("https://CDN.example/a.mp4", "http://cdn.example:80/a.mp4#t=1"));
        assert!(same("//cdn.example:443/a.mp4", "https://cdn.example/a.mp4"));
        assert!(same("https://cdn.example", "https://cdn.example/"));
        assert!(!same("https://cdn.example/a.mp4", "https://cdn.example/A.mp4"));
        assert!(!same("https://cdn.example/media?id=1", "https://cdn.example/media?id=2"));
        assert!(!same("https://cdn.example:8443/a.mp4", "https://cdn.example/a.mp4"));
        assert_eq!(media_key(" "), None);
    }
}
