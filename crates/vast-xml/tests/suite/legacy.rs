//! VAST 1.0, and elements of it in 2.0.

use crate::read::{codes, document, fixture_document, only_inline, only_wrapper};
use vast_xml::model::{Event, Resource};
use vast_xml::write;

#[test]
fn r050_the_structures_of_1_0_are_mapped() {
    let document = fixture_document("template-1.0-inline");
    assert_eq!(document.vast.version.as_deref(), Some("1.0"));
    let inline = only_inline(&document);
    let impressions: Vec<(&str, Option<&str>)> =
        inline.impressions.iter().map(|impression| (&*impression.url, impression.id.as_deref())).collect();
    assert_eq!(
        impressions,
        [("http://ancient.example/impression-1", Some("one")), ("http://ancient.example/impression-2", Some("two"))]
    );
    assert_eq!(inline.errors, ["http://ancient.example/error"]);
    assert_eq!(inline.surveys[0].url, "http://ancient.example/survey");
    let [video, overlay, companions] = &inline.creatives[..] else { panic!("{} creatives", inline.creatives.len()) };
    assert_eq!(video.ad_id.as_deref(), Some("AD-15"));
    let linear = video.linear.as_ref().expect("linear");
    let events: Vec<&str> = linear.tracking_events.iter().map(|tracking| tracking.event.name()).collect();
    assert_eq!(events, ["start", "rewind", "rewind", "closeLinear"]);
    assert_eq!(linear.click_through.as_ref().map(|click| &*click.url), Some("http://cars.example"));
    assert_eq!(linear.click_tracking[0].id.as_deref(), Some("one"));
    assert_eq!(linear.media_files[0].url, "http://ancient.example/cars.flv");
    assert_eq!(linear.media_files[0].api_framework.as_deref(), Some("VPAID"));
    let overlay = &overlay.non_linear_ads.as_ref().expect("overlay").non_linears[0];
    assert_eq!(overlay.click_through.as_ref().map(|click| &*click.url), Some("http://cars.example/overlay"));
    assert_eq!(companions.companion_ads.as_ref().expect("companions").companions.len(), 4);
}

#[test]
fn r050_resource_types_of_1_0_become_resources() {
    let document = fixture_document("template-1.0-inline");
    let companions = &only_inline(&document).creatives[2].companion_ads.as_ref().expect("companions").companions;
    let shown: Vec<String> = companions.iter().flat_map(|companion| &companion.resources).map(describe).collect();
    assert_eq!(
        shown,
        [
            "static JPEG http://ancient.example/big.jpg",
            "iframe http://ancient.example/frame.html",
            "static application/javascript http://ancient.example/tag.js",
            "html <a href=\"http://cars.example\">Cars</a>",
        ]
    );
}

fn describe(resource: &Resource) -> String {
    match resource {
        Resource::Static(resource) => {
            format!("static {} {}", resource.creative_type.as_deref().unwrap_or("-"), resource.url)
        }
        Resource::IFrame(url) => format!("iframe {url}"),
        Resource::Html(html) => format!("html {}", html.content),
        other => panic!("{other:?}"),
    }
}

#[test]
fn r050_a_wrapper_of_1_0_tracks_the_ad_below() {
    let document = fixture_document("template-1.0-wrapper");
    let wrapper = only_wrapper(&document);
    assert_eq!(wrapper.vast_ad_tag_uri, "http://next.example/vast1");
    let linear = wrapper.creatives[0].linear.as_ref().expect("linear");
    assert_eq!(linear.tracking_events[0].event, Event::Midpoint);
    assert_eq!(linear.click_tracking[0].url, "http://ancient.example/click");
    let overlay = wrapper.creatives[1].non_linear_ads.as_ref().expect("overlay");
    assert_eq!(overlay.tracking_events[0].event, Event::CreativeView);
    let companions = &wrapper.creatives[2].companion_ads.as_ref().expect("companions").companions;
    assert_eq!(companions[0].tracking_events[0].url, "http://ancient.example/companion-seen");
    assert!(companions[0].resources.is_empty());
    let kept = &wrapper.creatives[2].companion_ads.as_ref().expect("companions").extra.elements[0];
    assert_eq!(kept.name, "CompanionAdTag");
}

#[test]
fn r050_events_belong_to_the_overlay_where_there_is_no_video() {
    let document = document(
        "<VideoAdServingTemplate><Ad><InLine><TrackingEvents><Tracking event=\"close\"><URL>u</URL></Tracking></TrackingEvents>\
         <NonLinearAds><NonLinear/></NonLinearAds></InLine></Ad></VideoAdServingTemplate>",
    );
    let [creative] = &only_inline(&document).creatives[..] else { panic!("one creative") };
    let events = &creative.non_linear_ads.as_ref().expect("overlay").tracking_events;
    assert_eq!((events.len(), events[0].event.name()), (1, "close"));
    assert!(creative.linear.is_none());
}

#[test]
fn r051_the_old_ad_tag_is_read_with_and_without_url_child() {
    let document = fixture_document("wrapper-2.0-legacy-tag");
    let tags: Vec<&str> = document.vast.ads.iter().map(|ad| &*ad.wrapper().expect("Wrapper").vast_ad_tag_uri).collect();
    assert_eq!(tags, ["http://next.example/nested", "http://next.example/plain", ""]);
    assert_eq!(codes(&document), ["missing_element"]);
}

#[test]
fn daast_is_read_as_vast_with_audio_ads() {
    let head = "<AdSystem>s</AdSystem><AdTitle>t</AdTitle><Category>IAB1</Category><Impression>https://a.example/i</Impression>";
    let media = "<Duration>00:00:15</Duration><MediaFiles><MediaFile id=\"1\" type=\"audio/mpeg\">https://a.example/a.mp3</MediaFile></MediaFiles>";
    let clicks = "<ClickThrough>https://a.example/c</ClickThrough><ClickTracking>https://a.example/t</ClickTracking>";
    let of = |root: &str, ad: &str, clicks_name: &str, tag: &str| {
        let linear = format!("<Linear>{media}<{clicks_name}>{clicks}</{clicks_name}></Linear>");
        let creatives = format!("<Creatives><Creative>{linear}</Creative></Creatives>");
        let wrapper = format!(
            "<AdSystem>s</AdSystem><{tag}>https://next.example/</{tag}><Impression>https://a.example/w</Impression>"
        );
        format!(
            "<{root}><Ad id=\"1\"{ad}><InLine>{head}{creatives}</InLine></Ad><Ad id=\"2\"{ad}><Wrapper>{wrapper}</Wrapper></Ad></{}>",
            root.split(' ').next().unwrap_or_default()
        )
    };
    let daast = document(&of("DAAST version=\"1.0\" xmlns=\"urn:daast\"", "", "AdInteractions", "DAASTAdTagURI"));
    let vast = document(&of("VAST version=\"4.1\"", " adType=\"audio\"", "VideoClicks", "VASTAdTagURI"));
    assert_eq!(daast.vast, vast.vast);
    assert_eq!(document(&write(&daast.vast)).vast, daast.vast);
    assert_eq!(codes(&daast), ["daast", "misplaced_element", "misplaced_element"]);
    assert!(
        daast.warnings[1].message.starts_with("<AdInteractions> is read as <VideoClicks>"),
        "{}",
        daast.warnings[1].message
    );
}

#[test]
fn the_ad_tag_of_a_playlist_in_a_wrapper_is_the_ad_tag_of_the_wrapper() {
    let of = |tag: &str| {
        let tag = format!("<{tag}>https://next.example/</{tag}>");
        let parts = "<AdSystem>s</AdSystem><Impression>https://a.example/w</Impression>";
        document(&format!("<VAST version=\"3.0\"><Ad id=\"1\"><Wrapper>{parts}{tag}</Wrapper></Ad></VAST>"))
    };
    let (read, right) = (of("AdTagURI"), of("VASTAdTagURI"));
    assert_eq!((&read.vast, codes(&right)), (&right.vast, vec![]));
    assert!(codes(&read).contains(&"misplaced_element"), "{:?}", read.warnings);
}
