//! Elements of newer versions in the extensions of documents of older versions.

use crate::read::{document, fixture_document, only_inline, only_wrapper};
use vast_xml::model::Place;

#[test]
fn r054_verifications_are_read_from_both_places() {
    let document = fixture_document("verification-extension-3.0");
    let vendors = |index: usize| -> Vec<(&str, Place)> {
        let inline = document.vast.ads[index].inline().expect("InLine");
        inline.ad_verifications.iter().map(|own| (own.vendor.as_deref().unwrap_or("-"), own.place)).collect()
    };
    assert_eq!(vendors(0), [("early", Place::Extension)]);
    assert_eq!(vendors(1), [("native", Place::Native), ("also-taken", Place::Extension)], "both places count");
    let first = document.vast.ads[0].inline().expect("InLine");
    assert_eq!(first.ad_verifications[0].resources[0].url, "https://v.example/early.js?a=1&b=2");
    assert_eq!(first.ad_verifications[0].parameters.as_deref(), Some("\n  spaces stay \n"));
    assert_eq!(first.extensions.len(), 2, "the extension itself is kept");
    assert_eq!((first.extensions[1].extension_type.as_deref(), &*first.extensions[1].element.name), (None, "Custom"));
}

#[test]
fn r054_the_extension_of_a_wrapper_counts_too() {
    let extension = "<Extension type=\"adverifications\"><AdVerifications><Verification vendor=\"early\"/></AdVerifications></Extension>";
    for (native, vendors) in [
        ("", &["early"][..]),
        ("<AdVerifications><Verification vendor=\"native\"/></AdVerifications>", &["native", "early"]),
        // An element that a server writes twice, once for old players, counts once.
        ("<AdVerifications><Verification vendor=\"early\"/></AdVerifications>", &["early"]),
    ] {
        let wrapper = format!("<Wrapper>{native}<Extensions>{extension}</Extensions></Wrapper>");
        let document = document(&format!("<VAST version=\"3.0\"><Ad>{wrapper}</Ad></VAST>"));
        let found = &only_wrapper(&document).ad_verifications;
        let found: Vec<&str> = found.iter().map(|own| own.vendor.as_deref().unwrap_or("-")).collect();
        assert_eq!(found, vendors, "{native}");
    }
}

#[test]
fn r055_the_addendum_forms_of_2_0_find_their_creatives() {
    let document = fixture_document("addendum-2.0");
    let [one, two] = &only_inline(&document).creatives[..] else { panic!("two creatives") };
    assert_eq!(two.universal_ad_ids[0].value, "TWO0001000H");
    assert!(one.universal_ad_ids.is_empty());
    let (first, second) = (one.linear.as_ref().expect("linear"), two.linear.as_ref().expect("linear"));
    assert_eq!(second.interactive_creative_files[0].api_framework.as_deref(), Some("SIMID"));
    assert_eq!(first.mezzanines[0].url, "https://a.example/raw.mp4");
    assert_eq!(first.mezzanines[0].file_size, None);
    assert_eq!(first.icons[0].place, Place::Extension);
}

#[test]
fn r055_the_addendum_forms_of_3_0_stay_in_their_creative() {
    let document = fixture_document("addendum-3.0");
    let creative = &only_inline(&document).creatives[0];
    let linear = creative.linear.as_ref().expect("linear");
    assert_eq!(creative.universal_ad_ids[0].value, "ONE0001000H");
    assert_eq!(linear.interactive_creative_files[0].extra.elements[0].name, "HTMLResource");
    assert_eq!(linear.mezzanines[0].id.as_deref(), Some("z"));
    assert_eq!(creative.creative_extensions.len(), 3);
}
