//! Ranking media files.

use vast_xml::model::InteractiveCreativeFile;

use super::*;
use crate::request::DeliveryKind;

fn file(mime_type: &str, bitrate: u32, width: u32) -> MediaFile {
    let mut file = MediaFile::default();
    file.mime_type = Some(mime_type.into());
    file.bitrate = Some(bitrate);
    file.width = Some(width);
    file.height = Some(100);
    file
}

fn linear(media_files: Vec<MediaFile>) -> Linear {
    let mut linear = Linear::default();
    linear.media_files = media_files;
    linear
}

#[test]
fn parameters_and_case_of_a_type_do_not_change_its_rank_and_flash_comes_last() {
    let types = [
        "application/x-shockwave-flash",
        "video/x-flv",
        "",
        "application/javascript",
        "video/webm; codecs=vp9",
        "Video/MP4; codecs=\"avc1.42E01E\"",
    ];
    let media_files = types.iter().map(|mime_type| file(mime_type, 500, 640)).collect();
    let linear = linear(media_files);
    let choice = choose(0, &linear, (0..types.len()).collect(), vec![], &Slot::linear());
    assert_eq!(choice.files, [5, 3, 4, 2, 0, 1]);
}

#[test]
fn the_best_file_is_found_wherever_it_stands() {
    let linear = linear(vec![
        file("video/webm", 9000, 1920),
        file("video/mp4", 500, 640),
        file("video/mp4", 2000, 1280),
        file("video/mp4", 2000, 1920),
        file("video/mp4", 2000, 1920),
    ]);
    let choice = choose(0, &linear, vec![0, 1, 2, 3, 4], vec![], &Slot::linear());
    assert_eq!(choice.files, [3, 4, 2, 1, 0]);
    assert_eq!(choose(0, &linear, vec![1, 0], vec![], &Slot::linear()).best(), 1);
}

fn with_profile(name: &str) -> Slot {
    Slot { profile: DeviceProfile::built_in(name).expect("a profile"), ..Slot::linear() }
}

/// `rank file` of each file, in the order of the ranking; `-` for a file that cannot be used.
fn ranking(linear: &Linear, slot: &Slot) -> String {
    let (mut passing, mut rejected) = (Vec::new(), Vec::new());
    for (index, file) in linear.media_files.iter().enumerate() {
        match check_profile(file, slot) {
            Ok(()) => passing.push(index),
            Err(rejection) => rejected.push((index, rejection)),
        }
    }
    let choice = choose(0, linear, passing, rejected, slot);
    let text = |rank: &MediaRank<'_>| {
        let place = rank.rank.map_or_else(|| "-".to_owned(), |rank| rank.to_string());
        format!("{place} {}", rank.url)
    };
    choice.ranking(linear, slot).iter().map(text).collect::<Vec<_>>().join(", ")
}

fn named(name: &str, mime_type: &str, bitrate: u32, (width, height): (u32, u32)) -> MediaFile {
    let mut file = file(mime_type, bitrate, width);
    file.url = name.into();
    file.height = Some(height);
    file
}

#[test]
fn r118_r126_files_are_ranked_by_the_device_profile_and_not_by_their_order() {
    const HD: (u32, u32) = (1920, 1080);
    const SD: (u32, u32) = (1280, 720);
    let mut files = vec![
        named("uhd", "video/mp4", 30_000, (3840, 2160)),
        named("webm", "video/webm", 2_000, SD),
        named("hls", "application/x-mpegURL", 0, SD),
        named("fast", "video/mp4", 9_000, HD),
        named("hd", "video/mp4", 6_000, HD),
        named("sd", "video/mp4", 2_000, SD),
        named("dash", "application/dash+xml", 0, HD),
    ];
    let cases = [
        ("web", "1 hd, 2 sd, 3 webm, 4 fast, 5 uhd"),
        ("ctv-1080p", "1 hls, 2 fast, 3 hd, 4 sd, 5 dash, 6 uhd"),
        ("ctv-4k", "1 hls, 2 uhd, 3 fast, 4 hd, 5 sd, 6 dash"),
        ("mobile", "1 hls, 2 sd, 3 hd, 4 fast, 5 uhd"),
        ("audio", "1 hls"),
    ];
    for _ in 0..2 {
        let linear = linear(files.clone());
        for (profile, expected) in cases {
            let found = ranking(&linear, &with_profile(profile));
            let usable: Vec<_> = found.split(", ").filter(|one| !one.starts_with('-')).collect();
            assert_eq!(usable.join(", "), expected, "{profile}");
            assert_eq!(found.split(", ").count(), files.len(), "no file is lost");
        }
        files.reverse();
    }
}

#[test]
fn a_file_is_not_used_where_the_device_does_not_decode_its_codec_or_play_its_delivery() {
    let with = |codec: Option<&str>, mime_type: &str| {
        let mut file = file(mime_type, 1, 1);
        file.codec = codec.map(Into::into);
        file
    };
    let profile = DeviceProfile::built_in("ctv-1080p").expect("a profile");
    let reason = |file: &MediaFile, profile: &DeviceProfile| {
        let slot = Slot { profile: profile.clone(), ..Slot::linear() };
        check_profile(file, &slot).err().map(|why| why.reason)
    };
    let cases = [
        (with(None, "video/mp4"), None),
        (with(Some("avc1.42E01E, mp4a.40.2"), "video/mp4"), None),
        (with(Some("unheard-of"), "video/mp4"), None),
        (with(Some("hvc1.1.6"), "video/mp4"), Some(RejectionReason::Codec)),
        (with(None, "video/mp4; codecs=\"av01.0.04M.08\""), Some(RejectionReason::Codec)),
        (with(None, "video/webm"), Some(RejectionReason::MimeType)),
        (with(None, "application/x-mpegURL"), None),
    ];
    for (file, expected) in cases {
        assert_eq!(reason(&file, &profile), expected, "{file:?}");
        assert!(expected.is_none_or(|reason| reason.vast_error_code() == 403));
    }
    let progressive = DeviceProfile { delivery: vec![DeliveryKind::Progressive], ..DeviceProfile::default() };
    let mut streaming = file("video/mp4", 1, 1);
    streaming.delivery = Some(vast_xml::model::Delivery::Streaming);
    assert_eq!(reason(&streaming, &progressive), Some(RejectionReason::Delivery));
    assert_eq!(reason(&file("video/mp4", 1, 1), &progressive), None);
}

#[test]
fn r123_an_interactive_file_that_the_player_runs_is_tried_before_the_media_files() {
    let interactive = |url: &str, api: &str| {
        let mut file = InteractiveCreativeFile::default();
        file.url = url.into();
        file.api_framework = Some(api.into());
        file
    };
    let mut linear = linear(vec![named("media", "video/mp4", 1_000, (640, 360))]);
    linear.interactive_creative_files = vec![interactive("other", "Other"), interactive("simid", "SIMID")];
    let simid = Slot { api_frameworks: vec!["simid".to_owned()], ..Slot::linear() };
    assert_eq!(ranking(&linear, &simid), "1 simid, 2 media");
    assert_eq!(ranking(&linear, &Slot::linear()), "1 media", "without the API the media files count");
}

#[test]
fn a_file_for_an_api_of_the_player_comes_first_and_needs_no_type_of_the_profile() {
    let mut vpaid = named("vpaid", "application/javascript", 0, (640, 360));
    vpaid.api_framework = Some("VPAID".into());
    let linear = linear(vec![named("media", "video/mp4", 1_000, (640, 360)), vpaid]);
    let runs = |apis: &[&str]| Slot {
        api_frameworks: apis.iter().map(|one| (*one).to_owned()).collect(),
        ..with_profile("web")
    };
    assert_eq!(ranking(&linear, &runs(&["vpaid"])), "1 vpaid, 2 media");
    assert_eq!(ranking(&linear, &runs(&[])), "1 media, - vpaid");
}

#[test]
fn r127_captions_are_chosen_by_language_and_their_absence_rejects_no_ad() {
    let caption = |language: &str| {
        let mut file = ClosedCaptionFile::default();
        file.url = "u".into();
        file.language = Some(language.into());
        file
    };
    let files = ["de", "pt-PT", "en-GB", "pt-BR"].map(caption);
    let order =
        |languages: &[&str]| captions(&files, &languages.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
    assert_eq!(order(&[]), [0, 1, 2, 3]);
    assert_eq!(order(&["pt-BR", "en"]), [3, 1, 2, 0], "the exact tag, then the language");
    assert_eq!(order(&["ja"]), [0, 1, 2, 3]);
    let linear = linear(vec![file("video/mp4", 1, 1)]);
    assert_eq!(choose(0, &linear, vec![0], vec![], &with_profile("web")).files, [0]);
}

#[test]
fn a_ranking_has_the_reason_for_each_position() {
    let uhd = named("uhd", "video/mp4", 9_000, (3840, 2160));
    let hd = named("hd", "video/mp4", 6_000, (1920, 1080));
    let linear = linear(vec![uhd, hd]);
    let slot = with_profile("web");
    let rejected = Rejection::new(RejectionReason::Codec, "codec h265 is not one of profile web");
    let choice = choose(0, &linear, vec![1], vec![(0, rejected)], &slot);
    let reasons: Vec<_> = choice.ranking(&linear, &slot).into_iter().map(|rank| rank.reason).collect();
    let expected = ["video/mp4, type 1 of profile web; 6000 kbit/s; 1920x1080", "codec h265 is not one of profile web"];
    assert_eq!(reasons, expected);
    let choice = choose(0, &linear, vec![0, 1], vec![], &slot);
    let last = choice.ranking(&linear, &slot).pop().expect("a file").reason;
    let too_much = "9000 kbit/s; 3840x2160; more than profile web asks for, after the files that fit";
    assert_eq!(last, format!("video/mp4, type 1 of profile web; {too_much}"));
}
