//! The URLs of a resolved ad are absolute.

use proptest::prelude::*;

use crate::ad::{ResolvedAd, flatten};

/// Every element of a level that holds a URL, relative.
const PARTS: &str = r#"
    <Impression>rel/impression</Impression><Error>rel/error</Error>
    <ViewableImpression><Viewable>rel/viewable</Viewable><NotViewable>rel/not-viewable</NotViewable>
      <ViewUndetermined>rel/undetermined</ViewUndetermined></ViewableImpression>
    <AdVerifications><Verification vendor="v"><JavaScriptResource>rel/script</JavaScriptResource>
      <ExecutableResource>rel/executable</ExecutableResource>
      <TrackingEvents><Tracking event="verificationNotExecuted">rel/not-executed</Tracking></TrackingEvents></Verification></AdVerifications>
    <Creatives>
      <Creative><Linear>
        <MediaFiles><MediaFile type="video/mp4">rel/media</MediaFile><Mezzanine>rel/mezzanine</Mezzanine>
          <InteractiveCreativeFile>rel/interactive</InteractiveCreativeFile>
          <ClosedCaptionFiles><ClosedCaptionFile>rel/captions</ClosedCaptionFile></ClosedCaptionFiles></MediaFiles>
        <VideoClicks><ClickThrough>rel/page</ClickThrough><ClickTracking>rel/click</ClickTracking><CustomClick>rel/custom</CustomClick></VideoClicks>
        <TrackingEvents><Tracking event="start">rel/start</Tracking></TrackingEvents>
        <Icons><Icon program="p"><StaticResource>rel/icon</StaticResource><IFrameResource>rel/icon-page</IFrameResource>
          <IconClicks><IconClickThrough>rel/icon-click</IconClickThrough><IconClickTracking>rel/icon-click-tracking</IconClickTracking>
            <IconClickFallbackImages><IconClickFallbackImage><StaticResource>rel/fallback</StaticResource></IconClickFallbackImage></IconClickFallbackImages></IconClicks>
          <IconViewTracking>rel/icon-view</IconViewTracking></Icon></Icons>
      </Linear></Creative>
      <Creative><NonLinearAds><NonLinear><StaticResource>rel/overlay</StaticResource>
          <NonLinearClickThrough>rel/overlay-page</NonLinearClickThrough><NonLinearClickTracking>rel/overlay-click</NonLinearClickTracking></NonLinear>
        <TrackingEvents><Tracking event="start">rel/overlay-start</Tracking></TrackingEvents></NonLinearAds></Creative>
      <Creative><CompanionAds><Companion width="1" height="1"><StaticResource>rel/companion</StaticResource><IFrameResource>rel/companion-page</IFrameResource>
          <CompanionClickThrough>rel/companion-click</CompanionClickThrough><CompanionClickTracking>rel/companion-click-tracking</CompanionClickTracking>
          <TrackingEvents><Tracking event="creativeView">rel/companion-view</Tracking></TrackingEvents></Companion></CompanionAds></Creative>
    </Creatives>"#;

/// How many URLs [`PARTS`] has.
fn count() -> usize {
    PARTS.matches("rel/").count()
}

fn chain(outer: &str, own: &str) -> ResolvedAd {
    let wrapper = format!("<VAST><Ad><Wrapper><VASTAdTagURI>rel/next</VASTAdTagURI>{PARTS}</Wrapper></Ad></VAST>");
    let inline = format!("<VAST><Ad><InLine>{PARTS}<Survey>rel/survey</Survey></InLine></Ad></VAST>");
    ResolvedAd::read_at(&[outer, own], 1, &inline, &[&wrapper])
}

#[test]
fn r024_every_url_of_every_level_is_absolute_by_its_own_document() {
    let ad = chain("https://outer.example/a/tag?x=1", "http://own.example:8080/b/c/tag#f");
    // The debug output of the model: a URL that was not resolved is still relative in it.
    let printed = format!("{:?}{:?}", ad.wrappers, ad.inline);
    assert_eq!(printed.matches("\"rel/").count(), 0, "{printed}");
    assert_eq!(printed.matches("\"https://outer.example/a/rel/").count(), count() + 1);
    assert_eq!(printed.matches("\"http://own.example:8080/b/c/rel/").count(), count() + 1);
}

#[test]
fn r024_one_document_of_two_hosts_names_both() {
    let ad = chain("https://outer.example/a/tag", "http://own.example/b/tag");
    let written = vast_xml::write(&flatten([&ad].into_iter(), std::iter::empty()));
    for url in ["https://outer.example/a/rel/impression", "http://own.example/b/rel/impression"] {
        assert_eq!(written.matches(url).count(), 1, "{url} in {written}");
    }
    assert!(!written.contains(">rel/") && !written.contains("[rel/"), "{written}");
}

#[test]
fn r024_a_document_without_a_url_leaves_relative_urls_as_they_are() {
    for label in ["inline", "/ads/a.xml", "file:///ads/a.xml"] {
        let ad = chain(label, label);
        let printed = format!("{:?}{:?}", ad.wrappers, ad.inline);
        assert_eq!(printed.matches("\"rel/").count(), 2 * count() + 2, "{label}");
    }
}

#[test]
fn r024_urls_are_resolved_by_rfc_3986_and_keep_their_bytes() {
    let base = "https://h.example:444/a/b/tag?q=/x/../y#f";
    let cases = [
        ("px?x=[CACHEBUSTING]", "https://h.example:444/a/b/px?x=[CACHEBUSTING]"),
        ("./px", "https://h.example:444/a/b/px"),
        ("../px/./q/..", "https://h.example:444/a/px/"),
        ("../../../px", "https://h.example:444/px"),
        ("/px/../q r?a=/../b", "https://h.example:444/q r?a=/../b"),
        ("//other.example/px", "https://other.example/px"),
        ("?x=1", "https://h.example:444/a/b/tag?x=1"),
        ("#x", "https://h.example:444/a/b/tag?q=/x/../y#x"),
        ("HTTP://other.example/px", "HTTP://other.example/px"),
        ("about:blank", "about:blank"),
        ("data:text/plain,x", "data:text/plain,x"),
        ("px?u=http://x", "https://h.example:444/a/b/px?u=http://x"),
        ("[REDIRECT]/px", "[REDIRECT]/px"),
        ("${CLICK}px", "${CLICK}px"),
        ("%%CLICK%%https://other.example/px", "%%CLICK%%https://other.example/px"),
    ];
    for (url, expected) in cases {
        let inline = format!("<VAST><Ad><InLine><Impression><![CDATA[{url}]]></Impression></InLine></Ad></VAST>");
        let ad = ResolvedAd::read_at(&[base], 0, &inline, &[]);
        assert_eq!(&*ad.inline.impressions[0].url, expected, "{url}");
    }
}

/// A path with a query, absolute or relative.
fn paths() -> impl Strategy<Value = String> {
    "(/?)([a-z.]{1,3}/){0,4}[a-z.]{0,3}(\\?[a-z/.]{0,5})?"
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// The library of the URL standard gives the same results, except where it changes the bytes of a URL.
    #[test]
    fn r024_urls_are_resolved_as_the_url_standard_does(base in paths(), url in paths()) {
        let base = format!("https://h.example/{}", base.trim_start_matches('/'));
        let base = url::Url::parse(&base).expect("a base");
        let expected = base.join(&url).expect("a URL");
        let inline = format!("<VAST><Ad><InLine><Impression>{url}</Impression></InLine></Ad></VAST>");
        let ad = ResolvedAd::read_at(&[base.as_str()], 0, &inline, &[]);
        let found = ad.inline.impressions.first().map(|impression| impression.url.to_string());
        if let Some(found) = found.filter(|found| !found.is_empty()) {
            prop_assert_eq!(url::Url::parse(&found).expect("an absolute URL"), expected);
        }
    }
}
