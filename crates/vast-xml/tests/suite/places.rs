//! Groups that the standard does not have, the second of an element that may occur only once, and verifications at all the places
//! where servers write them.

use crate::misplaced::{in_inline, mistake};
use crate::read::{codes, document};
use vast_xml::convert::to_version;
use vast_xml::edit::Editor;
use vast_xml::model::{Place, ViewableImpression};
use vast_xml::{Injection, ParseOptions, Version, write};

/// An element in a group that the standard does not have, and the same element without the group.
#[test]
fn elements_in_a_group_with_their_plural_as_its_name_are_read_without_the_group() {
    let cases = [
        (
            "<Impressions><Impression>https://x.example/2</Impression><Impression>https://x.example/3</Impression></Impressions>",
            "<Impressions/><Impression>https://x.example/2</Impression><Impression>https://x.example/3</Impression>",
        ),
        (
            "<IMPRESSIONS><Impression>https://x.example/2</Impression></IMPRESSIONS>",
            "<IMPRESSIONS/><Impression>https://x.example/2</Impression>",
        ),
        ("<Errors><Error>https://x.example/e</Error></Errors>", "<Errors/><Error>https://x.example/e</Error>"),
        (
            "<AdVerifications><Verifications>@verification</Verifications></AdVerifications>",
            "<AdVerifications><Verifications/>@verification</AdVerifications>",
        ),
        ("<Surveys><Survey>https://x.example/s</Survey></Surveys>", "<Surveys/><Survey>https://x.example/s</Survey>"),
        (
            "<Creatives><Creative><Linear>@media<TrackingEvents><Trackings>@start</Trackings></TrackingEvents></Linear></Creative></Creatives>",
            "<Creatives><Creative><Linear>@media<TrackingEvents><Trackings/>@start</TrackingEvents></Linear></Creative></Creatives>",
        ),
        (
            "<Creatives><Creative><Linear>@media<VideoClicks><ClickTrackings><ClickTracking>https://x.example/c</ClickTracking></ClickTrackings></VideoClicks></Linear></Creative></Creatives>",
            "<Creatives><Creative><Linear>@media<VideoClicks><ClickTrackings/><ClickTracking>https://x.example/c</ClickTracking></VideoClicks></Linear></Creative></Creatives>",
        ),
        (
            "<Creatives><Creative><CompanionAds><Companions>@companion@companion</Companions></CompanionAds></Creative></Creatives>",
            "<Creatives><Creative><CompanionAds><Companions/>@companion@companion</CompanionAds></Creative></Creatives>",
        ),
        // A group at a wrong place.
        (
            "<Creatives><Creative><Linear>@media<Errors><Error>https://x.example/e</Error></Errors></Linear></Creative></Creatives>",
            "<Error>https://x.example/e</Error><Creatives><Creative><Linear>@media<Errors/></Linear></Creative></Creatives>",
        ),
    ];
    let mistakes: Vec<_> =
        cases.iter().filter_map(|(wrong, right)| mistake(&in_inline(wrong), &in_inline(right))).collect();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[test]
fn a_script_directly_in_ad_verifications_is_one_verification() {
    let script = "<JavaScriptResource>https://x.example/js</JavaScriptResource>";
    let rest = "<VerificationParameters>p</VerificationParameters><Tracking event=\"verificationNotExecuted\">https://x.example/n</Tracking>";
    let cases = [
        (format!("{script}{rest}"), format!("{script}<VerificationParameters>p</VerificationParameters>")),
        (format!("{rest}{script}"), format!("<VerificationParameters>p</VerificationParameters>{script}")),
    ];
    for (wrong, right) in cases {
        let tracking = rest.split_once("</VerificationParameters>").expect("both").1;
        let wrong = in_inline(&format!("<AdVerifications>{wrong}</AdVerifications>"));
        let right = in_inline(&format!(
            "<AdVerifications><Verification>{right}<TrackingEvents>{tracking}</TrackingEvents></Verification></AdVerifications>"
        ));
        assert_eq!(mistake(&wrong, &right), None);
    }
}

#[test]
fn a_second_ad_of_a_creative_gets_a_separate_creative() {
    let tracked =
        "<Linear><TrackingEvents><Tracking event=\"start\">https://x.example/2</Tracking></TrackingEvents></Linear>";
    let cases = [
        (format!("<Linear>@media</Linear>{tracked}"), format!("<Linear>@media</Linear></Creative><Creative>{tracked}")),
        (
            format!("<Linear>@media</Linear>{tracked}{tracked}<CompanionAds/>"),
            format!(
                "<Linear>@media</Linear><CompanionAds/></Creative><Creative>{tracked}</Creative><Creative>{tracked}"
            ),
        ),
        (
            "<CompanionAds/><CompanionAds>@companion</CompanionAds>".to_owned(),
            "<CompanionAds/></Creative><Creative><CompanionAds>@companion</CompanionAds>".to_owned(),
        ),
        (
            "<NonLinearAds/><NonLinearAds><NonLinear/></NonLinearAds>".to_owned(),
            "<NonLinearAds/></Creative><Creative><NonLinearAds><NonLinear/></NonLinearAds>".to_owned(),
        ),
    ];
    let creatives =
        |content: &str| in_inline(&format!("<Creatives><Creative id=\"c\">{content}</Creative></Creatives>"));
    for (twice, separate) in cases {
        let (found, expected) = (document(&creatives(&twice)), document(&creatives(&separate)));
        assert_eq!(found.vast, expected.vast, "{twice}");
        let repeated = found.warnings.iter().filter(|warning| warning.code.as_str() == "duplicate_element");
        let names = repeated.map(|warning| warning.message.split_once(':').expect("a reason").1);
        assert!(
            names.clone().count() >= 1 && names.clone().all(|why| why == " it is read as another creative"),
            "{twice}"
        );
    }
}

#[test]
fn the_trackers_of_a_second_viewable_impression_are_added_to_the_first() {
    let first = "<ViewableImpression id=\"a\"><Viewable>https://x.example/1</Viewable></ViewableImpression>";
    let second = "<ViewableImpression id=\"b\"><Odd/><Viewable>https://x.example/2</Viewable><NotViewable>https://x.example/n</NotViewable></ViewableImpression>";
    let found = document(&in_inline(&format!("{first}{second}")));
    let inline = found.vast.ads[0].inline().expect("an InLine");
    let Some(ViewableImpression { id, viewable, not_viewable, .. }) = &inline.viewable_impression else {
        panic!("one")
    };
    assert_eq!(id.as_deref(), Some("a"));
    assert_eq!(viewable.iter().map(|url| &**url).collect::<Vec<_>>(), ["https://x.example/1", "https://x.example/2"]);
    assert_eq!(not_viewable.len(), 1);
    assert_eq!(codes(&found), ["missing_element", "duplicate_element", "unknown_element"]);
    let [rest] = &inline.extra.elements[..] else { panic!("what else the second has is kept") };
    assert_eq!((rest.attribute("id").map(|id| &**id), rest.elements().count()), (Some("b"), 1));
    assert_eq!(document(&write(&found.vast)).vast, found.vast);
}

/// Every place where servers write verifications, with the number that is read.
#[test]
fn verifications_are_read_from_every_place() {
    let one = "<AdVerifications>@verification</AdVerifications>";
    let creative = |content: &str| format!("<Creatives><Creative>{content}</Creative></Creatives>");
    let in_creative = |tag: &str| {
        format!("<CreativeExtensions><CreativeExtension{tag}>{one}</CreativeExtension></CreativeExtensions>")
    };
    let cases = [
        (format!("<Extensions><Extension type=\"AdVerifications\">{one}</Extension></Extensions>"), 1),
        (format!("<Extensions><Extension>{one}</Extension></Extensions>"), 1),
        (format!("<Extensions><Extension type=\" \">{one}</Extension></Extensions>"), 1),
        (format!("<Extensions>{one}</Extensions>"), 1),
        (creative(&in_creative("")), 1),
        (creative(&in_creative(" type=\"AdVerifications\"")), 1),
        (creative(&format!("<Linear>@media{}</Linear>", in_creative(""))), 1),
        (format!("{one}<Extensions><Extension>{one}</Extension></Extensions>{}", creative(&in_creative(""))), 1),
        // Only the vendor knows what these mean.
        (format!("<Extensions><Extension type=\"waterfall\">{one}</Extension></Extensions>"), 0),
        (format!("<Extensions><Extension><Odd>{one}</Odd></Extension></Extensions>"), 0),
        ("<Extensions><Extension>@verification</Extension></Extensions>".to_owned(), 0),
        ("<Extensions><Extension><Icon/></Extension></Extensions>".to_owned(), 0),
    ];
    for (body, expected) in cases {
        let found = document(&in_inline(&body));
        let inline = found.vast.ads[0].inline().expect("an InLine");
        assert_eq!(inline.ad_verifications.len(), expected, "{body}");
        let is_native = body.starts_with("<AdVerifications>");
        assert!(inline.ad_verifications.iter().all(|one| (one.place == Place::Native) == is_native), "{body}");
        assert_eq!(document(&write(&found.vast)).vast, found.vast, "{body}");
    }
}

#[test]
fn an_editor_finds_an_ad_without_an_ad_element() {
    let text = in_inline("<Creatives><Creative><Linear>@media</Linear></Creative></Creatives>");
    let ad = text.replace("<Ad id=\"a\">", "").replace("</Ad>", "");
    let wrapper = "<Wrapper><VASTAdTagURI>https://x.example/next</VASTAdTagURI></Wrapper></VAST>";
    let text = ad.replace("</VAST>", wrapper);
    let mut editor = Editor::new(text.as_bytes(), &ParseOptions::default()).expect("VAST");
    let names: Vec<_> = editor.ads().into_iter().map(|ad| editor.name(ad).to_owned()).collect();
    assert_eq!(names, ["InLine", "Wrapper"]);
    Injection::default().impression("https://own.example/i").edit(&mut editor);
    let impressions: Vec<usize> = document(&editor.finish()).vast.ads.iter().map(|ad| ad.impressions().len()).collect();
    assert_eq!(impressions, [2, 1]);
}

#[test]
fn verifications_of_an_extension_without_a_type_get_their_place_when_a_document_is_converted() {
    let one = "<AdVerifications>@verification</AdVerifications>";
    for extension in [format!("<Extension>{one}</Extension>"), one.to_owned()] {
        let vast = document(&in_inline(&format!("<Extensions>{extension}</Extensions>"))).vast;
        let converted = to_version(&vast, Version::V4_2).vast;
        let inline = converted.ads[0].inline().expect("an InLine");
        let places: Vec<Place> = inline.ad_verifications.iter().map(|one| one.place).collect();
        assert_eq!((places, inline.extensions.len()), (vec![Place::Native], 0), "{extension}");
    }
}
