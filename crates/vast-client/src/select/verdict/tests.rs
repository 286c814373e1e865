//! Which ads are usable, and the reason against each other ad.

use std::time::Duration;

use super::*;
use crate::select::{Blocked, MediaType, RejectionReason, Skippability};

const MP4: &str = r#"<MediaFile type="video/mp4" width="1280" height="720" bitrate="2000">https://c/a.mp4</MediaFile>"#;

fn linear(duration: &str, files: &str) -> ResolvedAd {
    let linear = format!("<Linear><Duration>{duration}</Duration><MediaFiles>{files}</MediaFiles></Linear>");
    ResolvedAd::of_creatives(&format!("<Creative>{linear}</Creative>"))
}

fn reason(ad: &ResolvedAd, slot: &Slot, filter: &ParseFilter) -> Option<RejectionReason> {
    match verdict(ad, slot, filter) {
        Verdict::Usable(_) => None,
        Verdict::Rejected(rejection) => Some(rejection.reason),
    }
}

fn reason_by_default(ad: &ResolvedAd) -> Option<RejectionReason> {
    reason(ad, &Slot::linear(), &ParseFilter::default())
}

#[test]
fn an_ad_needs_a_linear_creative_with_a_file_that_can_be_played() {
    let vpaid = r#"<MediaFile type="application/javascript" apiFramework="VPAID">https://c/v.js</MediaFile>"#;
    let rtmp = r#"<MediaFile type="video/mp4">rtmp://c/a</MediaFile>"#;
    assert_eq!(reason_by_default(&linear("00:00:15", MP4)), None);
    assert_eq!(reason_by_default(&linear("00:00:15", "")), Some(RejectionReason::NoMediaFile));
    assert_eq!(reason_by_default(&linear("00:00:15", vpaid)), Some(RejectionReason::ApiFramework));
    assert_eq!(reason_by_default(&linear("00:00:15", rtmp)), Some(RejectionReason::Scheme));
    assert_eq!(reason_by_default(&linear("00:00:15", &format!("{vpaid}{rtmp}{MP4}"))), None);
    assert_eq!(reason_by_default(&linear("", MP4)), None, "a missing duration is no obstacle without a bound on it");
    let overlay =
        ResolvedAd::of_creatives("<Creative><NonLinearAds><NonLinear width='1' height='1'/></NonLinearAds></Creative>");
    assert_eq!(reason_by_default(&overlay), Some(RejectionReason::Linearity));
    let with_non_linear = Slot { non_linear: true, ..Slot::linear() };
    assert_eq!(reason(&overlay, &with_non_linear, &ParseFilter::default()), None);
    let empty = ResolvedAd::of_creatives("<Creative><NonLinearAds/></Creative>");
    assert_eq!(reason(&empty, &with_non_linear, &ParseFilter::default()), Some(RejectionReason::Linearity));
    assert_eq!(reason_by_default(&ResolvedAd::of_creatives("<Creative/>")), Some(RejectionReason::AdType));
    let bare = reason_by_default(&ResolvedAd::of_creatives(""));
    assert_eq!(bare.map(|reason| (reason, reason.vast_error_code())), Some((RejectionReason::NoCreative, 101)));
}

#[test]
fn r119_r120_only_a_player_with_the_api_may_have_such_a_file() {
    let ad = linear("00:00:15", r#"<MediaFile type="video/mp4" apiFramework="VPAID">https://c/v.mp4</MediaFile>"#);
    let with_vpaid = Slot { api_frameworks: vec!["vpaid".to_owned()], ..Slot::linear() };
    assert_eq!(reason(&ad, &with_vpaid, &ParseFilter::default()), None);
    assert_eq!(reason_by_default(&ad).map(RejectionReason::vast_error_code), Some(403));
}

#[test]
fn only_media_is_played_unless_the_slot_lists_the_type_or_the_api() {
    let plain = Slot::linear();
    let vpaid = Slot { api_frameworks: vec!["VPAID".to_owned()], ..Slot::linear() };
    let flash = Slot { mime_types: vec!["Application/X-Shockwave-Flash; v=9".to_owned()], ..Slot::linear() };
    let file = |attributes: &str, url: &str| format!("<MediaFile {attributes}>https://c/{url}</MediaFile>");
    let cases = [
        (&plain, file("type='video/mp4; codecs=avc1'", "a"), None),
        (&plain, file("type='VIDEO/MP4'", "a"), None),
        (&plain, file("type='application/x-mpegURL'", "a"), None),
        (&plain, file("type='application/dash+xml'", "a"), None),
        (&plain, file("type='audio/mpeg'", "a"), None),
        (&plain, file("type='video/x-flv'", "a"), Some(RejectionReason::MimeType)),
        (&plain, file("type='application/x-shockwave-flash'", "a.swf"), Some(RejectionReason::MimeType)),
        (&plain, file("type='application/javascript'", "a.js"), Some(RejectionReason::MimeType)),
        (&plain, file("type='text/html'", "a.mp4"), Some(RejectionReason::MimeType)),
        (&plain, file("type='image/gif'", "a.gif"), Some(RejectionReason::MimeType)),
        (&plain, file("", "a.mp4"), None),
        (&plain, file("type='mp4'", "a.mp4"), None),
        (&plain, file("", "a"), None),
        (&plain, file("", "a.swf"), Some(RejectionReason::MimeType)),
        (&plain, file("", "a.png?x=.mp4"), Some(RejectionReason::MimeType)),
        (
            &plain,
            file("type='application/javascript' apiFramework='VPAID'", "a.js"),
            Some(RejectionReason::ApiFramework),
        ),
        (&plain, file("type='application/javascript' apiFramework='none'", "a.js"), Some(RejectionReason::MimeType)),
        (&vpaid, file("type='application/javascript' apiFramework='VPAID'", "a.js"), None),
        (&vpaid, file("type='application/x-shockwave-flash' apiFramework='vpaid'", "a.swf"), None),
        (&vpaid, file("type='application/javascript'", "a.js"), Some(RejectionReason::MimeType)),
        (&flash, file("type='application/x-shockwave-flash'", "a.swf"), None),
        (&flash, file("type='application/javascript'", "a.js"), Some(RejectionReason::MimeType)),
    ];
    for (slot, file, expected) in cases {
        assert_eq!(reason(&linear("00:00:15", &file), slot, &ParseFilter::default()), expected, "{file}");
    }
}

#[test]
fn r117_a_duration_outside_the_bounds_is_202() {
    let between = |min, max| ParseFilter {
        min_duration: Some(Duration::from_secs(min)),
        max_duration: Some(Duration::from_secs(max)),
        ..ParseFilter::default()
    };
    for (duration, rejected) in
        [("00:00:14.999", true), ("00:00:15", false), ("00:00:30", false), ("00:00:30.001", true)]
    {
        let found = reason(&linear(duration, MP4), &Slot::linear(), &between(15, 30));
        assert_eq!(found.map(RejectionReason::vast_error_code), rejected.then_some(202), "{duration}");
    }
}

#[test]
fn r117_an_ad_longer_than_the_slot_permits_is_202_and_the_shorter_limit_counts() {
    let slot = Slot::linear().with_max_ad_duration(Duration::from_secs(20));
    let of_filter = |max| ParseFilter { max_duration: Some(Duration::from_secs(max)), ..ParseFilter::default() };
    for (duration, filter, rejected) in [
        ("00:00:20", ParseFilter::default(), false),
        ("00:00:20.001", ParseFilter::default(), true),
        ("00:00:21", of_filter(30), true),
        ("00:00:16", of_filter(15), true),
    ] {
        let found = reason(&linear(duration, MP4), &slot, &filter);
        assert_eq!(found.map(RejectionReason::vast_error_code), rejected.then_some(202), "{duration}");
    }
}

#[test]
fn r117_an_ad_shorter_than_the_slot_permits_is_202_and_the_longer_limit_counts() {
    let slot = Slot::linear().with_min_ad_duration(Duration::from_secs(10));
    let of_filter = |min| ParseFilter { min_duration: Some(Duration::from_secs(min)), ..ParseFilter::default() };
    for (duration, filter, rejected) in [
        ("00:00:10", ParseFilter::default(), false),
        ("00:00:09.999", ParseFilter::default(), true),
        ("00:00:09", of_filter(5), true),
        ("00:00:11", of_filter(15), true),
    ] {
        let found = reason(&linear(duration, MP4), &slot, &filter);
        assert_eq!(found.map(RejectionReason::vast_error_code), rejected.then_some(202), "{duration}");
    }
}

/// The error code of an ad with this XML.
fn code(ad: &str, slot: &Slot, filter: &ParseFilter) -> Option<u16> {
    let ad = ResolvedAd::read(0, &format!("<VAST version='4.2'>{ad}</VAST>"), &[]);
    reason(&ad, slot, filter).map(RejectionReason::vast_error_code)
}

fn ad_of(attributes: &str, linear: &str, parts: &str) -> String {
    let files = format!("<Duration>00:00:15</Duration><MediaFiles>{MP4}</MediaFiles>");
    let creatives = format!("<Creative><Linear {linear}>{files}</Linear></Creative>{parts}");
    format!("<Ad {attributes}><InLine><Creatives>{creatives}</Creatives></InLine></Ad>")
}

#[test]
fn r114_a_conditional_ad_is_408_where_it_is_refused() {
    let refused = ParseFilter { accept_conditional: false, ..ParseFilter::default() };
    let conditional = ad_of("conditionalAd='true'", "", "");
    assert_eq!(code(&conditional, &Slot::linear(), &refused), Some(408));
    assert_eq!(code(&conditional, &Slot::linear(), &ParseFilter::default()), None);
    assert_eq!(code(&ad_of("conditionalAd='false'", "", ""), &Slot::linear(), &refused), None);
}

#[test]
fn r115_a_skippable_ad_that_is_not_wanted_is_200_and_the_reverse() {
    let of = |skippable| ParseFilter { skippable, ..ParseFilter::default() };
    let (skippable, fixed) = (ad_of("", "skipoffset='00:00:05'", ""), ad_of("", "", ""));
    let cases = [
        (Skippability::Any, None, None),
        (Skippability::Refused, Some(200), None),
        (Skippability::Required, None, Some(200)),
    ];
    for (wanted, of_skippable, of_fixed) in cases {
        assert_eq!(code(&skippable, &Slot::linear(), &of(wanted)), of_skippable, "{wanted:?}");
        assert_eq!(code(&fixed, &Slot::linear(), &of(wanted)), of_fixed, "{wanted:?}");
    }
}

#[test]
fn each_condition_has_its_code() {
    let all = ParseFilter::default;
    let list = |name: &str| vec![name.to_owned()];
    let plain = ad_of("", "", "");
    let cases = [
        (ParseFilter { versions: list("3.0"), ..all() }, Some(102)),
        (ParseFilter { versions: list("4"), ..all() }, None),
        (ParseFilter { versions: list("4.2"), ..all() }, None),
        (ParseFilter { media_types: vec![MediaType::Audio], ..all() }, Some(200)),
        (ParseFilter { required_dimensions: Some((1, 1)), ..all() }, Some(203)),
        (ParseFilter { min_bitrate: Some(9_000), ..all() }, Some(403)),
        (ParseFilter { require_secure: true, ..all() }, None),
        (ParseFilter { blocked: Blocked { media_hosts: list("c"), ..Blocked::default() }, ..all() }, Some(403)),
    ];
    for (filter, expected) in cases {
        assert_eq!(code(&plain, &Slot::linear(), &filter), expected, "{filter:?}");
    }
    let insecure = plain.replace("https://", "http://");
    assert_eq!(code(&insecure, &Slot::linear(), &ParseFilter { require_secure: true, ..all() }), Some(403));
}

#[test]
fn r122_an_ad_without_the_mezzanine_that_a_stitcher_needs_is_406() {
    let needed = ParseFilter { require_mezzanine: true, ..ParseFilter::default() };
    let plain = ad_of("", "", "");
    assert_eq!(code(&plain, &Slot::linear(), &needed), Some(406));
    let mezzanine = "<Mezzanine type='video/mp4' width='1' height='1'>https://c/raw.mp4</Mezzanine>";
    let with = plain.replace("<MediaFiles>", &format!("<MediaFiles>{mezzanine}"));
    assert_eq!(code(&with, &Slot::linear(), &needed), None);
}

#[test]
fn r121_a_mezzanine_is_never_played() {
    let mezzanine = "<Mezzanine type='video/mp4' width='9' height='9'>https://c/raw.mp4</Mezzanine>";
    assert_eq!(reason_by_default(&linear("00:00:15", mezzanine)), Some(RejectionReason::NoMediaFile));
    let Verdict::Usable(choice) =
        verdict(&linear("00:00:15", &format!("{mezzanine}{MP4}")), &Slot::linear(), &ParseFilter::default())
    else {
        panic!("rejected")
    };
    assert_eq!(choice.files, [0], "the one media file");
}

#[test]
fn r124_a_simid_ad_that_may_need_more_time_is_not_usable_where_the_slot_gives_none() {
    let file = |attributes: &str| {
        let file = format!(
            "<InteractiveCreativeFile type='text/html' {attributes}>https://c/i.html</InteractiveCreativeFile>"
        );
        ad_of("", "", "").replace("<MediaFiles>", &format!("<MediaFiles>{file}"))
    };
    let longer = file("apiFramework='SIMID' variableDuration='true'");
    let simid = Slot { api_frameworks: vec!["SIMID".to_owned()], ..Slot::linear() };
    let all = ParseFilter::default();
    assert_eq!(code(&longer, &simid, &all), Some(409));
    assert_eq!(code(&longer, &Slot { variable_duration: true, ..simid.clone() }, &all), None);
    assert_eq!(code(&longer, &Slot::linear(), &all), None, "a player without SIMID plays the media file alone");
    assert_eq!(code(&file("apiFramework='SIMID'"), &simid, &all), None);
}

#[test]
fn r125_a_picture_is_linear_media_where_the_slot_lists_its_type() {
    let picture = linear("00:00:15", "<MediaFile type='image/jpeg'>https://c/a.jpg</MediaFile>");
    let with_pictures = Slot { mime_types: vec!["image/jpeg".to_owned()], ..Slot::linear() };
    assert_eq!(reason(&picture, &with_pictures, &ParseFilter::default()), None);
    assert_eq!(reason_by_default(&picture).map(RejectionReason::vast_error_code), Some(403));
}

#[test]
fn r128_a_required_companion_that_does_not_fit_the_slot_is_602() {
    let companion = |width: u32| {
        format!("<Companion width='{width}' height='250'><StaticResource>https://c/a.jpg</StaticResource></Companion>")
    };
    let ad = |required: &str| {
        let companions = format!("{}{}", companion(300), companion(728));
        let set = format!("<Creative><CompanionAds required='{required}'>{companions}</CompanionAds></Creative>");
        ad_of("", "", &set)
    };
    let of = |sizes: &[(u32, u32)]| Slot { companion_sizes: Some(sizes.to_vec()), ..Slot::linear() };
    let both = of(&[(300, 250), (800, 300)]);
    let (small, none) = (of(&[(300, 250)]), of(&[]));
    for (required, expected) in
        [("all", [None, Some(602), Some(602)]), ("any", [None, None, Some(602)]), ("none", [None; 3])]
    {
        let found = [&both, &small, &none].map(|slot| code(&ad(required), slot, &ParseFilter::default()));
        assert_eq!(found, expected, "{required}");
    }
    assert_eq!(code(&ad("all"), &Slot::linear(), &ParseFilter::default()), None, "not known");
}

#[test]
fn r129_r130_a_nonlinear_ad_too_large_is_501_and_one_without_a_type_that_can_be_shown_503() {
    let ad = |resources: &str| {
        let non_linear = format!("<NonLinear width='300' height='50'>{resources}</NonLinear>");
        let creative = format!("<Creative><NonLinearAds>{non_linear}</NonLinearAds></Creative>");
        format!("<Ad><InLine><Creatives>{creative}</Creatives></InLine></Ad>")
    };
    let slot = |size| Slot { non_linear: true, non_linear_size: Some(size), ..Slot::linear() };
    let picture = "<StaticResource creativeType='image/png'>https://c/a.png</StaticResource>";
    let script = "<StaticResource creativeType='application/javascript'>https://c/a.js</StaticResource>";
    let all = ParseFilter::default();
    assert_eq!(code(&ad(picture), &slot((300, 50)), &all), None);
    assert_eq!(code(&ad(picture), &slot((299, 50)), &all), Some(501));
    assert_eq!(code(&ad(script), &slot((300, 50)), &all), Some(503));
    assert_eq!(code(&ad(&format!("{script}{picture}")), &slot((300, 50)), &all), None, "alternatives");
    assert_eq!(code(&ad(picture), &Slot::linear(), &all), Some(201));
}

#[test]
fn one_file_must_meet_all_bounds_together() {
    let small = r#"<MediaFile type="video/mp4" width="640" height="360" bitrate="3000">https://c/s.mp4</MediaFile>"#;
    let filter = ParseFilter {
        media_types: vec![MediaType::Video],
        min_bitrate: Some(2500),
        required_dimensions: Some((1280, 720)),
        ..ParseFilter::default()
    };
    let ad = linear("00:00:15", &format!("{small}{MP4}"));
    let Verdict::Rejected(rejection) = verdict(&ad, &Slot::linear(), &filter) else { panic!("accepted") };
    let expected =
        "none of 2 media files can be used: size 640x360 is not 1280x720; bitrate 2000 is below 2500 (kbit/s)";
    assert_eq!(rejection.message, expected);
    let large = r#"<MediaFile type="video/mp4" width="1280" height="720" bitrate="3000">https://c/l.mp4</MediaFile>"#;
    let ad = linear("00:00:15", &format!("{small}{MP4}{large}"));
    let Verdict::Usable(choice) = verdict(&ad, &Slot::linear(), &filter) else { panic!("rejected") };
    assert_eq!(choice.files, [2]);
}

#[test]
fn of_several_linear_creatives_the_first_usable_one_counts() {
    let creative = |files: &str| format!("<Creative><Linear><MediaFiles>{files}</MediaFiles></Linear></Creative>");
    let ad = ResolvedAd::of_creatives(&format!("<Creative/>{}{}", creative(""), creative(MP4)));
    let Verdict::Usable(choice) = verdict(&ad, &Slot::linear(), &ParseFilter::default()) else { panic!("rejected") };
    assert_eq!((choice.creative, choice.best()), (2, 0));
}
