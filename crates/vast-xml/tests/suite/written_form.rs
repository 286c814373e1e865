//! Tests for the form of a written document.

use crate::read::fixture_document;
use std::time::Duration;
use vast_xml::convert::write_version;
use vast_xml::model::{Ad, AdKind, Attribute, Creative, Icon, Linear, Mezzanine, Offset, Place, Vast, Verification};
use vast_xml::{ParseOptions, Version, parse, write};

fn read(document: &str) -> Vast {
    parse(document.as_bytes(), &ParseOptions::default()).expect("a document").vast
}

fn root(vast: &Vast) -> String {
    write(vast).lines().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn r180_the_version_is_stated_and_the_namespace_from_4_0_on() {
    let cases = [
        (None, "<VAST/>"),
        (Some("4.0"), r#"<VAST version="4.0" xmlns="http://www.iab.com/VAST"/>"#),
        (Some("3.0"), r#"<VAST version="3.0"/>"#),
        (Some("4.1+"), r#"<VAST version="4.1+" xmlns="http://www.iab.com/VAST"/>"#),
        (Some("latest"), r#"<VAST version="latest"/>"#),
    ];
    for (version, line) in cases {
        let mut vast = Vast::default();
        vast.version = version.map(Into::into);
        assert_eq!(root(&vast), line);
    }
    let mut own = Vast::new("4.2");
    own.extra.attributes.push(Attribute::new("xmlns", "urn:own"));
    assert_eq!(root(&own), r#"<VAST version="4.2" xmlns="urn:own"/>"#);
}

#[test]
fn r186_an_answer_without_ads_has_only_its_errors() {
    let mut vast = Vast::new("3.0");
    vast.errors.push("https://a.example/[ERRORCODE]".into());
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<VAST version=\"3.0\">\n  \
                    <Error><![CDATA[https://a.example/[ERRORCODE]]]></Error>\n</VAST>\n";
    assert_eq!(write(&vast), expected);
}

#[test]
fn r181_elements_are_in_the_order_of_the_schema() {
    let document = write(&fixture_document("inline-4.2").vast);
    let order = [
        "<AdSystem ",
        "<Error>",
        "<Extensions>",
        "<Impression ",
        "<Pricing ",
        "<ViewableImpression ",
        "<AdServingId>",
        "<AdTitle>",
        "<AdVerifications>",
        "<JavaScriptResource ",
        "<ExecutableResource ",
        "<TrackingEvents>",
        "<VerificationParameters>",
        "<Advertiser ",
        "<Category ",
        "<Creatives>",
        "<CreativeExtensions>",
        "<Linear ",
        "<Icons>",
        "<StaticResource ",
        "<IconClicks>",
        "<IconClickFallbackImages>",
        "<IconClickThrough>",
        "<IconClickTracking ",
        "<IconViewTracking>",
        "<TrackingEvents>",
        "<AdParameters ",
        "<Duration>",
        "<MediaFiles>",
        "<ClosedCaptionFiles>",
        "<MediaFile ",
        "<Mezzanine ",
        "<InteractiveCreativeFile ",
        "<VideoClicks>",
        "<ClickTracking ",
        "<ClickThrough ",
        "<CustomClick ",
        "</Linear>",
        "<UniversalAdId ",
        "</Creatives>",
        "<Description>",
        "<Expires>",
        "<Survey ",
        "</InLine>",
    ];
    let mut rest = document.as_str();
    for tag in order {
        let next = rest.find(tag);
        assert!(next.is_some(), "{tag} is not next in\n{document}");
        rest = &rest[next.unwrap_or_default() + tag.len()..];
    }
}

/// A document with one ad, which has one linear creative.
fn linear(linear: Linear) -> Vast {
    let mut creative = Creative::default();
    creative.linear = Some(linear);
    let mut vast = Vast::default();
    vast.ads.push(Ad::default());
    if let AdKind::InLine(inline) = &mut vast.ads[0].kind {
        inline.creatives.push(creative);
    }
    vast
}

#[test]
fn r188_times_have_as_many_decimals_as_they_need_and_in_a_version_at_most_three() {
    let cases = [
        (15_000_000_000, "00:00:15", "00:00:15"),
        (90_061_500_000_000, "25:01:01.500", "25:01:01.500"),
        (1_000_999, "00:00:00.001000999", "00:00:00.001"),
    ];
    for (nanos, exact, of_version) in cases {
        let duration = Duration::from_nanos(nanos);
        let mut ad = Linear::default();
        ad.duration = Some(duration);
        ad.skip_offset = Some(Offset::Time(duration));
        let vast = linear(ad);
        says(&write(&vast), exact);
        says(&write_version(&vast, Version::V4_2), of_version);
    }

    fn says(document: &str, written: &str) {
        assert!(document.contains(&format!("<Duration>{written}</Duration>")), "{document}");
        assert!(document.contains(&format!("<Linear skipoffset=\"{written}\">")), "{document}");
    }
}

#[test]
fn a_ratio_that_is_no_number_is_left_out() {
    let mut ad = Linear::default();
    for ratio in [f64::NAN, f64::INFINITY, 2.0, 0.5] {
        let mut icon = Icon::default();
        icon.px_ratio = Some(ratio);
        ad.icons.push(icon);
    }
    let document = write(&linear(ad));
    assert_eq!(document.matches("<Icon/>").count(), 2, "{document}");
    assert!(document.contains("<Icon pxratio=\"2\"/>") && document.contains("<Icon pxratio=\"0.5\"/>"), "{document}");
}

const IN_EXTENSIONS: &str = r#"<VAST version="3.0"><Ad><InLine>
    <Extensions><Extension type="AdVerifications"><AdVerifications><Verification vendor="v"/></AdVerifications></Extension></Extensions>
    <Creatives><Creative>
      <CreativeExtensions><CreativeExtension type="Mezzanine"><Mezzanine>https://a.example/m</Mezzanine></CreativeExtension></CreativeExtensions>
      <Linear/>
    </Creative></Creatives></InLine></Ad></VAST>"#;

/// The number of verifications and of mezzanines in the written document.
fn counted(vast: &Vast) -> (usize, usize) {
    let document = write(vast);
    (document.matches("<Verification ").count(), document.matches("<Mezzanine").count())
}

#[test]
fn parts_in_an_extension_are_written_once() {
    let mut vast = read(IN_EXTENSIONS);
    assert_eq!(counted(&vast), (1, 1));
    let AdKind::InLine(inline) = &mut vast.ads[0].kind else { panic!("an ad") };
    assert_eq!(inline.ad_verifications[0].place, Place::Extension);
    // If a caller removes the extensions, the parts that came from them must still be written.
    inline.extensions.clear();
    inline.creatives[0].creative_extensions.clear();
    assert_eq!(counted(&vast), (1, 1));
}

#[test]
fn parts_of_an_extension_are_written_beside_native_ones() {
    let mut vast = read(IN_EXTENSIONS);
    let AdKind::InLine(inline) = &mut vast.ads[0].kind else { panic!("an ad") };
    let mut verification = Verification::default();
    verification.vendor = Some("added".into());
    inline.ad_verifications.push(verification);
    let mut mezzanine = Mezzanine::default();
    mezzanine.url = "https://a.example/added".into();
    inline.creatives[0].linear.as_mut().expect("a linear ad").mezzanines.push(mezzanine);
    assert_eq!(counted(&vast), (2, 3));
    let back = read(&write(&vast));
    let inline = back.ads[0].inline().expect("an ad");
    let vendors: Vec<_> = inline.ad_verifications.iter().filter_map(|one| one.vendor.as_deref()).collect();
    assert_eq!(vendors, ["added", "v"]);
}
