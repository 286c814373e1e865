//! The levels from which items are taken: verifications, viewability, extensions, pricing, the chain.

use crate::ad::ResolvedAd;

/// A document with one wrapper that has these attributes and parts.
fn wrapper(attributes: &str, parts: &str) -> String {
    format!("<VAST version='4.2'><Ad {attributes}><Wrapper><VASTAdTagURI>u</VASTAdTagURI>{parts}</Wrapper></Ad></VAST>")
}

fn inline(attributes: &str, parts: &str) -> String {
    format!("<VAST version='4.1'><Ad {attributes}><InLine>{parts}</InLine></Ad></VAST>")
}

fn chain(outer: &str, inner: &str, own: &str) -> ResolvedAd {
    ResolvedAd::read(2, &inline("", own), &[&wrapper("", outer), &wrapper("", inner)])
}

#[test]
fn r093_viewability_is_called_for_all_levels_per_state() {
    let viewable = |id: &str, urls: &str| format!("<ViewableImpression id='{id}'>{urls}</ViewableImpression>");
    let ad = chain(
        &viewable("o", "<Viewable>v/outer</Viewable><NotViewable>n/outer</NotViewable>"),
        "",
        &viewable(
            "i",
            "<Viewable>v/own</Viewable><Viewable>v/outer</Viewable><ViewUndetermined>u/own</ViewUndetermined>",
        ),
    );
    let merged = ad.viewability().expect("viewability trackers");
    let shown = |urls: &[crate::ad::Inherited<'_, vast_xml::Text>]| {
        urls.iter().map(|url| format!("{} {}", url.hop, url.item)).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(merged.id.map(|id| &**id), Some("o"));
    assert_eq!(shown(&merged.viewable), "0 v/outer, 2 v/own, 2 v/outer");
    assert_eq!(shown(&merged.not_viewable), "0 n/outer");
    assert_eq!(shown(&merged.view_undetermined), "2 u/own");
    assert!(chain("", "", "").viewability().is_none());
}

#[test]
fn r094_verifications_of_all_levels_are_run_those_of_one_vendor_too() {
    let by = |vendor: &str| format!("<AdVerifications><Verification vendor='{vendor}'/></AdVerifications>");
    let ad = chain(&by("one.com-omid"), &by("two.com-omid"), &by("one.com-omid"));
    let found: Vec<_> = ad.verifications().map(|found| (found.hop, found.item.vendor.as_deref())).collect();
    assert_eq!(found, [(0, Some("one.com-omid")), (1, Some("two.com-omid")), (2, Some("one.com-omid"))]);
}

#[test]
fn r095_extensions_keep_their_level() {
    let of = |kind: &str| format!("<Extensions><Extension type='{kind}'/></Extensions>");
    let ad = chain(&of("waterfall"), "", &of("waterfall"));
    let found: Vec<_> = ad.extensions().map(|found| (found.hop, found.item.extension_type.as_deref())).collect();
    assert_eq!(found, [(0, Some("waterfall")), (2, Some("waterfall"))]);
}

#[test]
fn r096_the_first_price_counts() {
    let price = |value: &str| format!("<Pricing model='CPM' currency='USD'>{value}</Pricing>");
    let paid = |outer: &str, inner: &str, own: &str| {
        chain(outer, inner, own).pricing().map(|pricing| (pricing.hop, pricing.item.value.to_string()))
    };
    assert_eq!(paid(&price("3"), &price("2"), &price("1")), Some((0, "3".to_owned())));
    assert_eq!(paid("", &price("2"), &price("1")), Some((1, "2".to_owned())));
    assert_eq!(paid("", "", &price("1")), Some((2, "1".to_owned())));
    assert_eq!(paid("", "", ""), None);
}

#[test]
fn r108_the_chain_is_in_the_result_with_the_ad() {
    let ad = chain("<AdSystem>Exchange</AdSystem>", "<AdSystem>Network</AdSystem>", "<AdSystem>Brand</AdSystem>");
    let found: Vec<_> = ad
        .levels()
        .map(|level| {
            let system = level.ad_system.map(|system| &*system.name);
            (level.hop(), level.document.parent, system, level.document.version.as_deref())
        })
        .collect();
    let expected = [
        (0, None, Some("Exchange"), Some("4.2")),
        (1, Some(0), Some("Network"), Some("4.2")),
        (2, Some(1), Some("Brand"), Some("4.1")),
    ];
    assert_eq!(found, expected);
}

#[test]
fn facts_of_the_inline_are_not_taken_from_wrappers_except_its_kind() {
    let own = ResolvedAd::read(
        2,
        &inline("id='own' sequence='9'", "<AdServingId>serving</AdServingId>"),
        &[&wrapper("id='a' sequence='3' adType='video'", ""), &wrapper("adType='audio' conditionalAd='true'", "")],
    );
    assert_eq!((own.id.as_deref(), own.sequence), (Some("own"), Some(3)), "the outermost position decides");
    assert_eq!(
        (own.ad_type.map(|kind| kind.as_str().to_owned()), own.conditional_ad),
        (Some("audio".into()), Some(true))
    );
    let named =
        ResolvedAd::read(1, &inline("adType='hybrid' conditionalAd='false'", ""), &[&wrapper("adType='audio'", "")]);
    assert_eq!(
        (named.ad_type.map(|kind| kind.as_str().to_owned()), named.conditional_ad),
        (Some("hybrid".into()), Some(false))
    );
}
