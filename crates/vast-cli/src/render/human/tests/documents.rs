//! Documents as they are printed.

use vast_xml::vmap::VmapDocument;
use vast_xml::{Document, ParseOptions};

use super::{HumanOptions, check, check_safe, document, playlist};

const WIDE: HumanOptions = HumanOptions { width: 100, colour: false, verbose: false };
const VERBOSE: HumanOptions = HumanOptions { verbose: true, ..WIDE };

const RICH: &str = r#"<VAST version="4.2"><Error>https://ads.example/none?code=[ERRORCODE]</Error>
<Ad id="7f3a" sequence="1" adType="audio" conditionalAd="true"><InLine>
  <AdSystem version="2.1">Example Ads</AdSystem><AdTitle>Running shoes</AdTitle><AdServingId>s1</AdServingId>
  <Impression id="a">https://ads.example/seen?cb=[CACHEBUSTING]</Impression><Impression>https://third.example/seen</Impression>
  <Category authority="iabtechlab.com">IAB18</Category>
  <Description>Shoes that run by themselves</Description><Advertiser>shoes.example</Advertiser>
  <Pricing model="CPM" currency="USD">5.00</Pricing><Expires>600</Expires>
  <Error>https://ads.example/error?code=[ERRORCODE]</Error>
  <ViewableImpression><Viewable>https://ads.example/viewable</Viewable></ViewableImpression>
  <AdVerifications><Verification vendor="measure.example-omid">
    <JavaScriptResource apiFramework="omid">https://measure.example/omid.js</JavaScriptResource></Verification></AdVerifications>
  <Creatives>
    <Creative id="c1"><UniversalAdId idRegistry="ad-id.org">SHOE0001H</UniversalAdId><Linear skipoffset="00:00:05">
      <Duration>00:00:15</Duration>
      <TrackingEvents>
        <Tracking event="start">https://ads.example/start</Tracking><Tracking event="start">https://third.example/start</Tracking>
        <Tracking event="progress" offset="00:00:10">https://ads.example/10s</Tracking>
        <Tracking event="fullscreen">https://ads.example/big</Tracking><Tracking event="soldOut">https://ads.example/sold</Tracking>
      </TrackingEvents>
      <VideoClicks><ClickThrough>https://shoes.example/landing</ClickThrough><ClickTracking>https://ads.example/click</ClickTracking></VideoClicks>
      <MediaFiles>
        <Mezzanine delivery="progressive" type="video/mp4" width="1920" height="1080">https://cdn.example/raw.mp4</Mezzanine>
        <MediaFile delivery="progressive" type="video/mp4" width="1280" height="720" bitrate="2000" codec="avc1">https://cdn.example/shoes-720.mp4</MediaFile>
        <MediaFile delivery="streaming" type="application/x-mpegURL" width="0" height="0" minBitrate="300" maxBitrate="3000">https://cdn.example/shoes.m3u8</MediaFile>
        <MediaFile delivery="progressive" type="application/javascript" width="640" height="360" apiFramework="VPAID">https://cdn.example/unit.js</MediaFile>
      </MediaFiles>
      <Icons><Icon program="AdChoices" width="77" height="15" xPosition="right" yPosition="top"><StaticResource creativeType="image/png">https://icon.example/a.png</StaticResource></Icon></Icons>
    </Linear></Creative>
    <Creative><CompanionAds>
      <Companion width="300" height="250"><StaticResource creativeType="image/png">https://cdn.example/c.png</StaticResource></Companion>
      <Companion width="728" height="90"><IFrameResource>https://cdn.example/c.html</IFrameResource></Companion>
    </CompanionAds></Creative>
    <Creative><NonLinearAds><NonLinear width="480" height="70"><HTMLResource>hello</HTMLResource></NonLinear></NonLinearAds></Creative>
  </Creatives>
  <Extensions><Extension type="waterfall"><Tier>2</Tier></Extension><Extension><Own/></Extension></Extensions>
</InLine></Ad>
<Ad id="w1" sequence="2"><Wrapper followAdditionalWrappers="false" allowMultipleAds="true" fallbackOnNoAd="true">
  <AdSystem>Network</AdSystem><VASTAdTagURI>https://network.example/vast?[UNKNOWN]&amp;a=1</VASTAdTagURI>
  <Impression>https://network.example/seen</Impression><Pricing model="cpm" currency="EUR">1.25</Pricing>
  <BlockedAdCategories authority="iabtechlab.com">IAB1,IAB2</BlockedAdCategories><Odd/>
  <Creatives><Creative><Linear><TrackingEvents><Tracking event="complete">https://network.example/done</Tracking></TrackingEvents></Linear></Creative></Creatives>
</Wrapper></Ad></VAST>"#;

const PLAYLIST: &str = include_str!("../../../../../../fixtures/xml/vmap-1.0.xml");
const LOOSE_PLAYLIST: &str = include_str!("../../../../../../fixtures/xml/vmap-loose.xml");

fn read(text: &str) -> Document {
    vast_xml::parse(text.as_bytes(), &ParseOptions::default()).expect("VAST")
}

#[test]
fn an_ad_with_many_parts() {
    check("document", &document(&read(RICH), "ad.xml", WIDE));
    check("document-verbose", &document(&read(RICH), "ad.xml", VERBOSE));
}

fn read_playlist(text: &str) -> VmapDocument {
    vast_xml::vmap::parse(text.as_bytes(), &ParseOptions::default()).expect("VMAP")
}

#[test]
fn playlists() {
    check("playlist", &playlist(&read_playlist(PLAYLIST), "vmap.xml", WIDE));
    check("playlist-verbose", &playlist(&read_playlist(PLAYLIST), "vmap.xml", VERBOSE));
    check("playlist-loose", &playlist(&read_playlist(LOOSE_PLAYLIST), "vmap.xml", WIDE));
    let empty = playlist(&read_playlist("<VMAP version=\"1.0\"/>"), "vmap.xml", WIDE);
    assert_eq!(empty, "VMAP 1.0, no ad break, from vmap.xml\n");
}

#[test]
fn the_first_line_marks_a_damaged_document() {
    let first_line = |page: String| page.lines().next().unwrap_or_default().to_owned();
    let cut = include_str!("../../../../../../fixtures/xml/truncated.xml");
    assert_eq!(first_line(document(&read(cut), "ad.xml", WIDE)), "VAST 3.0, 1 ad, damaged, from ad.xml");
    let cut = include_str!("../../../../../../fixtures/xml/vmap-truncated.xml");
    assert_eq!(
        first_line(playlist(&read_playlist(cut), "vmap.xml", WIDE)),
        "VMAP 1.0, 2 ad breaks, damaged, from vmap.xml"
    );
}

#[test]
fn every_part_of_an_ad_is_shown() {
    for (name, text) in [
        ("inline-4.2", include_str!("../../../../../../fixtures/xml/inline-4.2.xml")),
        ("wrapper-4.2", include_str!("../../../../../../fixtures/xml/wrapper-4.2.xml")),
        ("companions", include_str!("../../../../../../fixtures/xml/companions.xml")),
        ("non-linear-4.4", include_str!("../../../../../../fixtures/xml/non-linear-4.4.xml")),
        ("pod-3.0", include_str!("../../../../../../fixtures/xml/pod-3.0.xml")),
        ("inline-2.0", include_str!("../../../../../../fixtures/xml/inline-2.0.xml")),
    ] {
        check(&format!("fixture-{name}"), &document(&read(text), &format!("{name}.xml"), VERBOSE));
    }
}

#[test]
fn a_document_without_ads() {
    let shown = document(&read("<VAST version=\"3.0\"/>"), "https://ads.example/vast", WIDE);
    assert_eq!(shown, "VAST 3.0, no ad, from https://ads.example/vast\n");
}

#[test]
fn no_document_can_change_other_lines() {
    let hostile = [
        ("Running shoes", "\u{9b}2J\u{202e}"),
        ("Example Ads", "a\u{85}b"),
        ("IAB18", "x\u{200b}y"),
        ("start", "\u{9b}A"),
    ];
    let hostile = hostile.iter().fold(RICH.to_owned(), |text, (from, to)| text.replace(from, to));
    for text in [RICH.to_owned(), hostile, RICH.replace("shoes", &"sho\u{2066}es ".repeat(300))] {
        for (width, verbose) in (40..=160).flat_map(|width| [(width, false), (width, true)]) {
            let origin = "https://ads.example/\u{1b}[1m";
            check_safe(&document(&read(&text), origin, HumanOptions { width, colour: false, verbose }), width);
        }
    }
}

#[test]
fn no_playlist_can_change_other_lines() {
    let hostile = [("preroll", "\u{9b}2J\u{202e}"), ("acme-json", "a\u{85}b"), ("Our own trailer", "x\u{200b}y")];
    let hostile = hostile.iter().fold(PLAYLIST.to_owned(), |text, (from, to)| text.replace(from, to));
    for text in [PLAYLIST, LOOSE_PLAYLIST, &hostile, &PLAYLIST.replace("mid-1", &"mid\u{2066}-1 ".repeat(300))] {
        for (width, verbose) in (40..=160).flat_map(|width| [(width, false), (width, true)]) {
            let origin = "https://ads.example/\u{1b}[1m";
            check_safe(&playlist(&read_playlist(text), origin, HumanOptions { width, colour: false, verbose }), width);
        }
    }
}
