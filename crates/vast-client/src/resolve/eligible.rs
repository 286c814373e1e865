//! Selects the ads of a document that may be used, and their order. It applies the attributes of the wrapper that names
//! the document (VAST 4.3 section 3.19) and the rules for pods and stand-alone ads (section 3.3.1). Pure functions.

use std::collections::VecDeque;

use vast_xml::model::{Ad, Wrapper};
use vast_xml::vmap::AdSource;

use crate::ad::WrapperLevel;

/// Which ads of a document count: what the wrapper or the break that names it allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WrapperRules {
    /// Whether wrappers may be used.
    wrappers: bool,
    /// Whether pods, and stand-alone ads after the first one, may be used.
    multiple: bool,
}

impl WrapperRules {
    /// The rules for a source's own document, which no wrapper limits.
    pub(crate) const ALL: Self = Self { wrappers: true, multiple: true };

    /// For the first document of a break of a playlist. What its wrappers lead to is bound by the wrappers (VMAP 1.0.1 section
    /// 2.3.2).
    pub(crate) fn of_break(source: &AdSource) -> Self {
        Self { wrappers: source.follows_redirects(), multiple: source.allows_multiple_ads() }
    }

    /// The rules of the wrapper `level` for the document that it names. `allow_multiple` is the setting of the operator; it
    /// overrides `allowMultipleAds` of the wrapper.
    pub(super) fn by(level: &WrapperLevel, allow_multiple: Option<bool>) -> Self {
        let WrapperLevel { document, wrapper, .. } = level;
        let multiple = allow_multiple.unwrap_or_else(|| wrapper.allows_multiple_ads(document.version_number()));
        Self { wrappers: wrapper.follows_additional_wrappers(), multiple }
    }
}

/// The ads of a document that may be used.
#[derive(Debug, Default)]
pub(super) struct EligibleAds {
    /// The ads with a sequence number, sorted by it. Ads with equal numbers are in document order.
    pub(super) pod: Vec<Ad>,
    /// The ads without a sequence number, in document order. They are alternatives to the pod, and replacements for ads
    /// of the pod.
    pub(super) alone: VecDeque<Ad>,
    /// The ads that must not be used, by the attribute of the wrapper that excludes them.
    pub(super) ignored: IgnoredAds,
}

/// How many ads of a document do not count, by the attribute of the wrapper or break that says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct IgnoredAds {
    /// `followAdditionalWrappers` of a wrapper, `followRedirects` of a break.
    wrappers: usize,
    /// The number of further ads that `allowMultipleAds` excludes.
    further: usize,
}

impl IgnoredAds {
    /// The reason as text; `None` if no ad was excluded. `is_break` says whether a break excludes them, and not a wrapper.
    pub(super) fn reason(self, is_break: bool) -> Option<String> {
        let Self { wrappers, further } = self;
        if wrappers + further == 0 {
            return None;
        }
        let of = if is_break { "break" } else { "wrapper" };
        let wrappers = (wrappers > 0).then(|| {
            let attribute = if is_break {
                "the break allows no wrapper (followRedirects)"
            } else {
                "the wrapper allows no further wrapper (followAdditionalWrappers)"
            };
            format!("{wrappers} of its ads ignored, because {attribute}")
        });
        let further = (further > 0)
            .then(|| format!("{further} of its ads ignored, because the {of} allows one ad (allowMultipleAds)"));
        let reasons: Vec<_> = wrappers.into_iter().chain(further).collect();
        Some(reasons.join("; "))
    }
}

impl EligibleAds {
    pub(super) fn of(mut ads: Vec<Ad>, allowed: WrapperRules) -> Self {
        let mut ignored = IgnoredAds::default();
        if !allowed.wrappers {
            let all = ads.len();
            ads.retain(|ad| ad.wrapper().is_none());
            ignored.wrappers = all - ads.len();
        }
        let counted = ads.len();
        let is_single = ads.len() == 1;
        let (mut pod, alone) = if ads.iter().all(|ad| ad.sequence.is_none()) {
            (Vec::new(), ads)
        } else {
            ads.into_iter().partition(|ad| ad.sequence.is_some())
        };
        let mut alone = VecDeque::from(alone);
        pod.sort_by_key(|ad| ad.sequence);
        if !allowed.multiple {
            alone.truncate(1);
            // A single ad often has a sequence, although there is no pod.
            if !is_single {
                pod.clear();
            }
        }
        ignored.further = counted - pod.len() - alone.len();
        Self { pod, alone, ignored }
    }

    /// Takes the ad out of a list of one stand-alone ad, which the usual document has.
    pub(super) fn take_only(&mut self) -> Option<Ad> {
        if self.pod.is_empty() && self.alone.len() == 1 { self.alone.pop_front() } else { None }
    }

    /// [`take_only`](Self::take_only) of an ad that is no wrapper.
    pub(super) fn take_only_inline(&mut self) -> Option<Ad> {
        let is_wrapper = self.alone.front().is_some_and(|ad| ad.wrapper().is_some());
        if is_wrapper { None } else { self.take_only() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pod.is_empty() && self.alone.is_empty()
    }
}

/// Whether a stand-alone ad may replace this ad of a pod if the ad is not usable. A wrapper with
/// `fallbackOnNoAd="false"` must not be replaced; an `InLine` has no such attribute.
pub(super) fn may_be_replaced(ad: &Ad) -> bool {
    ad.wrapper().and_then(|wrapper: &Wrapper| wrapper.fallback_on_no_ad) != Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: &str = "<Wrapper><VASTAdTagURI>https://next</VASTAdTagURI></Wrapper>";
    const I: &str = "<InLine/>";

    /// The ads of a document by their ids: `pod | alone`.
    fn offered(allowed: WrapperRules, ads: &[(&str, Option<u32>, &str)]) -> String {
        let ad = |(id, sequence, kind): &(&str, Option<u32>, &str)| {
            let sequence = sequence.map_or_else(String::new, |sequence| format!(" sequence='{sequence}'"));
            format!("<Ad id='{id}'{sequence}>{kind}</Ad>")
        };
        let ads: String = ads.iter().map(ad).collect();
        let document = vast_xml::parse(format!("<VAST>{ads}</VAST>").as_bytes(), &vast_xml::ParseOptions::default());
        let EligibleAds { pod, alone, .. } = EligibleAds::of(document.expect("VAST").vast.ads, allowed);
        let ids = |ads: Vec<&Ad>| ads.iter().filter_map(|ad| ad.id.as_deref()).collect::<Vec<_>>().join(" ");
        format!("{} | {}", ids(pod.iter().collect()), ids(alone.iter().collect())).trim().to_owned()
    }

    fn allowed(wrappers: bool, multiple: bool) -> WrapperRules {
        WrapperRules { wrappers, multiple }
    }

    /// The rules of a wrapper with these attributes in a document of this version.
    fn by(version: &str, attributes: &str) -> WrapperRules {
        let wrapper = format!("<VAST version='{version}'><Ad><Wrapper {attributes}/></Ad></VAST>");
        let inline = "<VAST><Ad><InLine/></Ad></VAST>";
        let mut ad = crate::ad::ResolvedAd::read(1, inline, &[&wrapper]);
        WrapperRules::by(&ad.wrappers.pop().expect("a wrapper"), None)
    }

    const MIXED: &[(&str, Option<u32>, &str)] =
        &[("second", Some(2), I), ("wrapped", None, W), ("first", Some(1), W), ("bare", None, I), ("zero", Some(0), I)];

    #[test]
    fn r079_the_attributes_of_wrappers_do_not_bind_a_sources_own_document() {
        assert_eq!(WrapperRules::ALL, allowed(true, true));
        assert_eq!(offered(WrapperRules::ALL, MIXED), "first second | wrapped bare zero");
    }

    #[test]
    fn r076_wrappers_are_ignored_where_no_further_ones_are_followed() {
        assert_eq!(offered(allowed(false, true), MIXED), "second | bare zero");
        assert_eq!(offered(allowed(false, true), &[("only", None, W)]), "|");
    }

    #[test]
    fn r077_only_the_first_stand_alone_ad_counts_where_several_are_not_allowed() {
        assert_eq!(offered(allowed(true, false), MIXED), "| wrapped");
        assert_eq!(offered(allowed(false, false), MIXED), "| bare", "the first of those that are not ignored");
        assert_eq!(offered(allowed(true, false), &[("one", Some(1), I), ("two", Some(2), I)]), "|");
        assert_eq!(offered(allowed(true, false), &[("lone", Some(1), I)]), "lone |");
    }

    #[test]
    fn r077_r078_the_default_of_allow_multiple_ads_is_no_and_in_vast_2_yes() {
        let cases = [
            ("4.2", "", allowed(true, false)),
            ("3.0", "", allowed(true, false)),
            ("2.0", "", allowed(true, true)),
            ("2.0", "allowMultipleAds='false'", allowed(true, false)),
            ("4.2", "allowMultipleAds='true'", allowed(true, true)),
            ("4.2", "followAdditionalWrappers='0' allowMultipleAds='1'", allowed(false, true)),
        ];
        for (version, attributes, expected) in cases {
            assert_eq!(by(version, attributes), expected, "{version} {attributes}");
        }
    }

    #[test]
    fn r109_r111_a_pod_is_in_sequence_order_and_has_replacements_unless_forbidden() {
        let pod = &[("c", Some(30), I), ("b1", Some(7), I), ("a", Some(1), I), ("b2", Some(7), I)];
        assert_eq!(offered(WrapperRules::ALL, pod), "a b1 b2 c |");
        let ad = |attribute: &str| {
            let xml = format!("<VAST><Ad><Wrapper {attribute}><VASTAdTagURI>u</VASTAdTagURI></Wrapper></Ad></VAST>");
            let parsed = vast_xml::parse(xml.as_bytes(), &vast_xml::ParseOptions::default()).expect("VAST");
            may_be_replaced(&parsed.vast.ads[0])
        };
        let answers = ["", "fallbackOnNoAd='true'", "fallbackOnNoAd='false'"].map(ad);
        assert_eq!(answers, [true, true, false]);
    }

    #[test]
    fn r139_a_break_takes_several_ads_unless_its_attributes_forbid_it() {
        let source = |multiple, redirects| {
            let mut source = AdSource::default();
            (source.allow_multiple_ads, source.follow_redirects) = (multiple, redirects);
            WrapperRules::of_break(&source)
        };
        assert_eq!(source(None, None), allowed(true, true), "absent means yes");
        assert_eq!(source(Some(false), Some(true)), allowed(true, false));
        assert_eq!(source(Some(true), Some(false)), allowed(false, true));
        assert_eq!(offered(source(Some(false), None), MIXED), "| wrapped", "one ad, and no pod");
        assert_eq!(offered(source(None, Some(false)), MIXED), "second | bare zero", "no wrapper");
    }
}
