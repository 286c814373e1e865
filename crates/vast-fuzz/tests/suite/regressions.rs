//! Inputs for which a property once failed, reduced.

use vast_fuzz::Body;
use vast_xml::{ParseOptions, write};

const FOUND: &[(&str, &str)] = &[
    (
        "an unknown part of an empty survey came to stand one level deeper each time",
        "<VAST version='3.0'><Ad><InLine><Survey><Thing/></Survey></InLine></Ad></VAST>",
    ),
    (
        "the second of its kind in VAST 1.0 was only kept, and became the first one when written",
        "<VideoAdServingTemplate><Ad><Wrapper>\
         <NonLinearAds><NonLinearImpression><URL>https://a.example/1</URL></NonLinearImpression></NonLinearAds>\
         <NonLinearAds><NonLinearImpression><URL>https://a.example/2</URL></NonLinearImpression></NonLinearAds>\
         </Wrapper></Ad></VideoAdServingTemplate>",
    ),
    (
        "parts in the extensions of a VAST 1.0 non-linear ad were only seen once it was written",
        "<VideoAdServingTemplate><Ad><InLine><NonLinearAds><NonLinear><CreativeExtensions>\
         <CreativeExtension type='UniversalAdId'><UniversalAdId>H</UniversalAdId></CreativeExtension>\
         </CreativeExtensions></NonLinear></NonLinearAds></InLine></Ad></VideoAdServingTemplate>",
    ),
];

#[test]
fn inputs_that_once_failed_pass() {
    for (what, document) in FOUND {
        println!("{what}");
        Body::RoundTrip.run(document.as_bytes());
        Body::Parse.run(document.as_bytes());
    }
}

#[test]
fn a_query_may_repeat_what_an_error_quotes_or_says() {
    Body::Target.run(b"//0A:110\xfe\xff\xff\xffX#\x93\x03?0\xfe\x93\x93");
    Body::Target.run(b"L? is relativ");
}

#[test]
fn a_processing_instruction_is_no_text_of_an_extension() {
    let document = "<VAST version='3.0'><Ad><InLine><Extensions><Extension>a<?skip this?>b<?and this?>c&amp;</Extension>\
                    </Extensions></InLine></Ad></VAST>";
    let read = vast_xml::parse(document.as_bytes(), &ParseOptions::default()).expect("a document");
    let inline = read.vast.ads[0].inline().expect("an ad");
    assert_eq!(inline.extensions[0].element.text(), "abc&");
    assert!(write(&read.vast).contains("<Extension>abc&amp;</Extension>"));
}
