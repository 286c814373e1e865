//! Injection of trackers into the model and into the text.

use vast_xml::edit::Editor;
use vast_xml::model::Event;
use vast_xml::{Injection, ParseOptions, parse, write};

fn injected(creatives: &str, kind: &str) -> String {
    let xml = format!(
        "<VAST version='3.0'><Ad><{kind}><Impression>https://x.example/i</Impression><Creatives>{creatives}</Creatives></{kind}></Ad></VAST>"
    );
    let mut vast = parse(xml.as_bytes(), &ParseOptions::default()).expect("VAST").vast;
    Injection::default().tracking(Event::Close, "https://own.example/c").apply(&mut vast);
    let again = parse(write(&vast).as_bytes(), &ParseOptions::default()).expect("VAST").vast;
    assert_eq!(again, vast, "it reads as it was made");
    let creatives = vast.ads[0].creatives().iter().map(|creative| {
        let of_linear = creative.linear.iter().flat_map(|linear| &linear.tracking_events);
        let of_other = creative.non_linear_ads.iter().flat_map(|ads| &ads.tracking_events);
        let names: Vec<&str> = of_linear.chain(of_other).map(|one| one.event.name()).collect();
        names.join("+")
    });
    creatives.collect::<Vec<_>>().join(" ")
}

#[test]
fn trackers_go_to_linears_at_wrong_places() {
    for (body, expected) in [
        ("<Linear/>", "closeLinear"),
        ("<Creative><Linear/></Creative>", "closeLinear"),
        ("<Creatives><Linear/></Creatives>", "closeLinear"),
        ("<Extensions><Extension><Linear/></Extension></Extensions>", ""),
    ] {
        let xml = format!("<VAST version='3.0'><Ad><InLine>{body}</InLine></Ad></VAST>");
        let mut editor = Editor::new(xml.as_bytes(), &ParseOptions::default()).expect("VAST");
        Injection::default().tracking(Event::Close, "https://own.example/c").edit(&mut editor);
        let vast = parse(editor.finish().as_bytes(), &ParseOptions::default()).expect("VAST").vast;
        let linears = vast.ads[0].creatives().iter().filter_map(|creative| creative.linear.as_ref());
        let names: Vec<&str> = linears.flat_map(|linear| &linear.tracking_events).map(|one| one.event.name()).collect();
        assert_eq!(names.join("+"), expected, "{body}");
    }
}

#[test]
fn trackers_go_to_the_creatives_that_play() {
    assert_eq!(
        injected("<Creative><Linear/></Creative><Creative><NonLinearAds/></Creative>", "InLine"),
        "closeLinear "
    );
    assert_eq!(
        injected("<Creative><NonLinearAds/></Creative><Creative><CompanionAds/></Creative>", "InLine"),
        "close "
    );
    assert_eq!(injected("<Creative><CompanionAds/></Creative>", "InLine"), "");
    assert_eq!(injected("<Creative><CompanionAds/></Creative>", "Wrapper"), " closeLinear");
}
