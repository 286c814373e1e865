//! Values of elements and attributes: numbers, times and events.

use crate::read::{codes, document, fixture_document, linear, linear_xml, only_ad, only_linear, only_wrapper};
use std::time::Duration;
use vast_xml::Text;
use vast_xml::model::{AdType, Delivery, Event, Offset, Percent};

#[test]
fn r041_durations_strict_and_loose() {
    for (text, millis) in
        [("00:00:16", 16_000), ("00:01:30.123", 90_123), (" 30 ", 30_000), ("1:30", 90_000), ("00:00:01,5", 1_500)]
    {
        let duration = linear(&format!("<Duration>{text}</Duration>")).duration;
        assert_eq!(duration, Some(Duration::from_millis(millis)), "{text}");
    }
    for text in ["", "undefined", "-00:00:10"] {
        assert_eq!(linear(&format!("<Duration>{text}</Duration>")).duration, None, "{text}");
    }
    assert_eq!(linear("<Duration>undefined</Duration>").extra.elements[0].text(), "undefined", "kept, not used");
}

#[test]
fn r042_skip_and_progress_offsets_are_times_or_shares() {
    let skip = |text: &str| {
        let xml = linear_xml("").replace("<Linear>", &format!("<Linear skipoffset=\"{text}\">"));
        only_linear(&document(&xml)).skip_offset
    };
    assert_eq!(skip("00:00:05"), Some(Offset::Time(Duration::from_secs(5))));
    assert_eq!(skip("25%"), Some(Offset::Percent(Percent::whole(25))));
    assert_eq!(skip("7"), Some(Offset::Time(Duration::from_secs(7))));
    assert_eq!(skip(""), None);
    let document = fixture_document("inline-4.2");
    let offsets: Vec<Option<Offset>> =
        only_linear(&document).tracking_events.iter().map(|tracking| tracking.offset).collect();
    let eighth = Offset::Percent(Percent::from_millionths(12_500_000));
    assert_eq!(offsets[2..4], [Some(Offset::Time(Duration::from_secs(10))), Some(eighth)]);
}

#[test]
fn r043_truth_values_of_any_case() {
    let document = fixture_document("wrapper-4.2");
    let wrapper = only_wrapper(&document);
    assert_eq!(wrapper.follow_additional_wrappers, Some(false));
    assert_eq!(wrapper.allow_multiple_ads, Some(true));
    assert_eq!(wrapper.fallback_on_no_ad, Some(false));
}

#[test]
fn r057_unknown_events_are_kept() {
    let document = fixture_document("inline-4.2");
    let last = only_linear(&document).tracking_events.last().expect("trackers");
    assert_eq!((last.event.name(), last.event.raw()), ("vendorEvent", "vendorEvent"));
}

#[test]
fn r058_names_of_2_0_mean_the_player_under_linear() {
    let document = fixture_document("inline-2.0");
    let names = |trackings: &[vast_xml::model::Tracking]| -> Vec<(String, String)> {
        trackings.iter().map(|tracking| (tracking.event.raw().to_owned(), tracking.event.name().to_owned())).collect()
    };
    let pair = |raw: &str, name: &str| (raw.to_owned(), name.to_owned());
    let inline = only_ad(&document).inline().expect("InLine");
    assert_eq!(
        names(&only_linear(&document).tracking_events)[1..],
        [
            pair("fullscreen", "playerExpand"),
            pair("expand", "playerExpand"),
            pair("collapse", "playerCollapse"),
            pair("close", "closeLinear"),
            pair("acceptInvitation", "acceptInvitation"),
        ]
    );
    let overlay = inline.creatives[1].non_linear_ads.as_ref().expect("overlay");
    assert_eq!(names(&overlay.tracking_events), [pair("close", "close"), pair("expand", "adExpand")]);
}

#[test]
fn r069_progress_without_a_usable_offset_is_no_tracker() {
    let document = fixture_document("loose-values");
    let linear = only_linear(&document);
    let progress: Vec<&str> = linear
        .tracking_events
        .iter()
        .filter(|tracking| tracking.event == Event::Progress)
        .map(|tracking| &*tracking.url)
        .collect();
    assert_eq!(progress, ["https://l.example/beyond"]);
    assert_eq!(codes(&document).iter().filter(|code| **code == "progress_without_offset").count(), 2);
    let group = linear.extra.of_child("TrackingEvents", 0).expect("unusable trackers");
    let kept = group.elements.iter().map(|element| element.text().to_string());
    assert_eq!(kept.collect::<Vec<_>>(), ["https://l.example/without-offset", "https://l.example/senseless-offset"]);
}

#[test]
fn loose_numbers_are_read_and_senseless_ones_are_kept_as_text() {
    let document = fixture_document("loose-values");
    let ad = only_ad(&document);
    assert_eq!((ad.sequence, ad.conditional_ad, ad.ad_type.clone()), (Some(2), Some(true), Some(AdType::Hybrid)));
    assert_eq!(document.vast.version_number(), Some((3, 0)));
    let file = &only_linear(&document).media_files[0];
    assert_eq!((file.width, file.height, file.bitrate, file.scalable), (Some(640), Some(360), None, None));
    assert_eq!((&*file.extra.attributes[0].name, &*file.extra.attributes[0].value), ("scalable", "yes"));
    assert_eq!(file.delivery, Some(Delivery::Progressive));
}

#[test]
fn r058_renamed_events_are_one_event_and_keep_their_spelling() {
    let spellings = [
        ("fullscreen", "playerExpand"),
        ("exitfullscreen", "playerCollapse"),
        ("replay", "rewind"),
        ("stop", "closeLinear"),
        ("expand", "adExpand"),
        ("close", "close"),
        ("acceptInvitationLinear", "acceptInvitation"),
    ];
    for (raw, canonical) in spellings {
        let event = Event::from_name(raw);
        assert_eq!(event.name(), canonical);
        assert!(event.raw().eq_ignore_ascii_case(raw), "{raw} became {}", event.raw());
    }
}

#[test]
fn r058_close_expand_and_collapse_mean_the_player_under_linear() {
    let names = ["close", "expand", "collapse"].map(|raw| Event::from_name(raw).under_linear());
    assert_eq!(names.each_ref().map(Event::name), ["closeLinear", "playerExpand", "playerCollapse"]);
    assert_eq!(names.each_ref().map(Event::raw), ["close", "expand", "collapse"]);
}

#[test]
fn r057_unknown_names_are_kept() {
    assert_eq!(Event::from_name("vendorThing"), Event::Other(Text::from("vendorThing")));
    assert_eq!(Event::from_name("vendorThing").raw(), "vendorThing");
}

#[test]
fn a_percentage_of_an_unknown_length_has_no_time() {
    let quarter = Offset::Percent(Percent::whole(25));
    assert_eq!(quarter.within(None), None);
    assert_eq!(quarter.within(Some(Duration::from_secs(30))), Some(Duration::from_millis(7500)));
    assert_eq!(Offset::Time(Duration::from_secs(3)).within(None), Some(Duration::from_secs(3)));
}

#[test]
fn offsets_are_written_in_the_spelling_of_the_standard() {
    let spellings = [
        Offset::Time(Duration::from_millis(3_723_004)),
        Offset::Time(Duration::from_secs(5)),
        Offset::Percent(Percent::whole(33)),
        Offset::Percent(Percent::from_millionths(12_500_000)),
    ];
    assert_eq!(spellings.map(|offset| offset.to_string()), ["01:02:03.004", "00:00:05", "33%", "12.5%"]);
}
