//! The limit of the bytes that all ads of an answer inherit together.

use std::sync::Arc;

use crate::ad::{MAX_INHERITED_BYTES, ResolvedAd, flatten, limit_inherited};

/// A pod with this number of ads, each with this number of linear creatives, below one shared wrapper.
fn pod(ads: usize, linears: usize, above: &str) -> Vec<ResolvedAd> {
    let wrapper = format!("<VAST><Ad><Wrapper><VASTAdTagURI>u</VASTAdTagURI>{above}</Wrapper></Ad></VAST>");
    let linear = "<Creative><Linear/></Creative>".repeat(linears);
    let inline = format!(
        "<VAST><Ad><InLine><Impression>https://own/i</Impression><Creatives>{linear}</Creatives></InLine></Ad></VAST>"
    );
    let first = ResolvedAd::read(1, &inline, &[&wrapper]);
    vec![first; ads]
}

fn written(ads: &[ResolvedAd]) -> usize {
    vast_xml::write(&flatten(ads.iter(), std::iter::empty())).len()
}

#[test]
fn an_answer_inherits_a_bounded_number_of_bytes() {
    let long = "x".repeat(40_000);
    let tracking = format!("<Tracking event='start'>https://t/{long}</Tracking>");
    let events = |count: usize| format!("<TrackingEvents>{}</TrackingEvents>", tracking.repeat(count));
    let linear = format!("<Creatives><Creative><Linear>{}</Linear></Creative></Creatives>", events(9));
    let extensions = format!("<Extensions>{}</Extensions>", format!("<Extension><x>{long}</x></Extension>").repeat(9));
    let attributes = format!("<Extensions>{}</Extensions>", format!("<Extension a='{long}'/>").repeat(9));
    let companions = format!(
        "<Creatives><Creative><CompanionAds>{}</CompanionAds></Creative></Creatives>",
        format!("<Companion width='1' height='1'><HTMLResource>{long}</HTMLResource></Companion>").repeat(9)
    );
    let icons = format!(
        "<Creatives><Creative><Linear><Icons>{}</Icons></Linear></Creative></Creatives>",
        format!("<Icon><StaticResource>https://t/{long}</StaticResource></Icon>").repeat(9)
    );
    let verifications = format!(
        "<AdVerifications>{}</AdVerifications>",
        format!("<Verification vendor='v'><VerificationParameters>{long}</VerificationParameters></Verification>")
            .repeat(9)
    );
    let viewable = format!(
        "<ViewableImpression>{}</ViewableImpression>",
        format!("<Viewable>https://t/{long}</Viewable>").repeat(9)
    );
    for above in [linear, extensions, attributes, companions, icons, verifications, viewable] {
        for (ads, linears) in [(100, 1), (1, 100)] {
            if linears > 1 && !above.contains("<Linear>") {
                continue;
            }
            let mut pod = pod(ads, linears, &above);
            let before = written(&pod);
            let dropped = limit_inherited(pod.iter_mut());
            let after = written(&pod);
            assert!(dropped > 0 && before > 30_000_000, "{before} {dropped} {}", &above[..60]);
            assert!(after < MAX_INHERITED_BYTES + 200_000, "{after} {}", &above[..60]);
            assert!(pod.iter().all(|ad| ad.impressions().any(|one| &*one.item.url == "https://own/i")));
        }
    }
}

#[test]
fn impressions_and_errors_of_wrappers_are_inherited_before_all_else_and_ads_in_order() {
    let long = "x".repeat(200_000);
    let above = format!(
        "<Impression>https://t/i</Impression><Error>https://t/e</Error><Extensions><Extension><x>{long}</x><x>{long}</x></Extension></Extensions>"
    );
    let mut pod = pod(100, 1, &above);
    let shared = Arc::clone(&pod[0].wrappers[0]);
    let dropped = limit_inherited(pod.iter_mut());
    let with_extension = pod.iter().take_while(|ad| ad.extensions().count() == 1).count();
    assert_eq!((dropped, with_extension), (80, 20));
    assert!(pod.iter().all(|ad| ad.impressions().count() == 2 && ad.errors().count() == 1));
    assert!(Arc::ptr_eq(&pod[0].wrappers[0], &shared), "an ad that keeps everything is not copied");
}

#[test]
fn an_answer_within_the_limit_keeps_everything() {
    let above = "<Impression>https://t/i</Impression><Extensions><Extension type='x'/></Extensions>";
    let mut pod = pod(100, 2, above);
    let before = pod.clone();
    assert_eq!(limit_inherited(pod.iter_mut()), 0);
    assert_eq!(pod, before);
}
