//! Values of the configuration and of requests.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

#[cfg(feature = "http")]
use vast_client::VastClient;
use vast_client::config::parse_duration;
use vast_client::request::{
    BreakRules, DeviceProfile, ForeignMacros, IfaPolicy, IpPolicy, RankKey, Rate, UserAgentPolicy,
};
use vast_client::{
    AdRequest, Consent, Device, Location, MediaType, ParseFilter, Slot, SourceConfig, read_regular_file,
};

#[test]
fn a_text_is_a_url_when_it_has_a_scheme_and_else_a_path() {
    for url in ["http://a", "HTTPS://a/b?c://d", "htp://a", "http:/a", "https:a"] {
        assert!(matches!(SourceConfig::from(url).location, Location::Url(_)), "{url}");
    }
    for path in ["ad.xml", "./http.xml", "/x/y://z", "C:\\ad.xml", "a b://c", ""] {
        assert!(matches!(SourceConfig::from(path).location, Location::File(_)), "{path}");
    }
}

#[test]
fn durations_need_a_unit() {
    for (text, millis) in [("1500ms", 1500), ("3s", 3000), (" 1.5s ", 1500), ("1m 30s", 90_000), ("0s", 0)] {
        assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
    }
    assert_eq!(parse_duration("3"), Err("`3` has no unit: write `3s` or `3ms`".to_owned()));
    for text in ["", "-3s", "soon", "3 parsecs", "1d"] {
        assert!(parse_duration(text).is_err(), "{text}");
    }
}

#[test]
fn a_slot_that_takes_no_ad_or_compares_prices_without_a_currency_is_an_error_that_names_the_key() {
    let second = Duration::from_secs;
    let minute = Slot::break_(second(60));
    let with = |rules: BreakRules| Slot { break_rules: rules, ..minute.clone() };
    let by_price = BreakRules { rank: vec![RankKey::Price], ..BreakRules::default() };
    let cases = [
        (Slot::linear(), None),
        (minute.clone().with_minimum(second(60)).with_max_ads(1), None),
        (minute.clone().with_minimum(second(61)), Some("break.min: 61s is above the maximum, 60s")),
        (minute.clone().with_max_ads(0), Some("break.max_ads: 0 takes no ad: write 1 or more, or leave it out")),
        (Slot::break_(second(0)), Some("break.max: 0 takes no ad: write for example `60s`")),
        (Slot::linear().with_minimum(second(1)), Some("break.min: is the minimum of a break: set `max`, too")),
        (
            with(BreakRules { rank: vec![], ..BreakRules::default() }),
            Some("break.rank: is empty: write for example [\"order\"], or leave it out"),
        ),
        (
            with(by_price.clone()),
            Some("break.currency: is missing: prices are compared in one currency, for example \"USD\""),
        ),
        (with(BreakRules { currency: Some("USD".into()), ..by_price.clone() }), None),
        (
            with(BreakRules { currency: Some("dollars".into()), ..by_price }),
            Some("break.currency: `dollars` is not a currency: write for example \"USD\""),
        ),
    ];
    for (slot, expected) in cases {
        assert_eq!(slot.check().err().map(|error| error.to_string()).as_deref(), expected, "{slot:?}");
    }
}

#[test]
fn names_that_mean_no_api_are_supported_and_vpaid_only_when_listed() {
    let mut slot = Slot::linear();
    for name in [None, Some(""), Some("VAST"), Some("none"), Some("OMID")] {
        assert!(slot.supports_api(name), "{name:?}");
    }
    assert!(!slot.supports_api(Some("VPAID")));
    slot.api_frameworks.push("vpaid".to_owned());
    assert!(slot.supports_api(Some("VPAID")));
}

#[test]
fn a_rate_is_a_positive_number() {
    let cases = [
        (1.08, Some(1_080_000)),
        (0.000_001, Some(1)),
        (1e6, Some(1_000_000_000_000)),
        (0.0, None),
        (-1.0, None),
        (1e7, None),
        (f64::NAN, None),
        (f64::INFINITY, None),
    ];
    for (rate, millionths) in cases {
        assert_eq!(Rate::new(rate).map(Rate::millionths), millionths, "{rate}");
    }
}

#[test]
fn each_built_in_profile_exists_under_its_name() {
    for name in DeviceProfile::BUILT_IN {
        let profile = DeviceProfile::built_in(name).expect("a profile");
        assert_eq!((profile.name.as_str(), profile.mime_types.is_empty()), (name, false));
    }
    assert_eq!(DeviceProfile::built_in("toaster"), None);
}

#[test]
fn an_address_is_cut_to_its_network() {
    let cases = [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2345:6789:abcd:ef01:2345", "2001:db8:1:2300::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
    ];
    for (ip, cut) in cases {
        assert_eq!(IpPolicy::Truncate.apply_text(ip).as_deref(), Some(cut));
        assert_eq!(IpPolicy::Full.apply_text(ip).as_deref(), Some(ip));
        assert_eq!(IpPolicy::None.apply_text(ip), None);
    }
    assert_eq!(IpPolicy::Truncate.apply_text("home"), None, "a text that is not an address is withheld");
}

#[test]
fn a_generalised_user_agent_keeps_device_and_program() {
    let cases = [
        (
            "Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0.5615.48 Mobile Safari/537.36",
            "Mozilla/5 (Linux) AppleWebKit/537 (KHTML, like Gecko) Chrome/112 Mobile Safari/537",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X)", "Mozilla/5 (iPhone)"),
        ("Roku/DVP-12.5 (12.5.0.4178-88; serial (X1))", "Roku/DVP-12 (12-88)"),
        ("TV", "TV"),
        ("(((", "("),
    ];
    for (user_agent, general) in cases {
        assert_eq!(UserAgentPolicy::Generalise.apply(user_agent).as_deref(), Some(general));
    }
    assert_eq!(UserAgentPolicy::None.apply("TV"), None);
}

#[test]
fn a_hashed_id_is_the_same_for_a_device_and_another_under_another_salt() {
    let hash = |ifa: &str, salt: &str| IfaPolicy::Hash.apply(ifa, salt).unwrap_or_default();
    let ifa = "8D8AC610-566D-4EF0-9C22-186B2A5ED793";
    assert_eq!(hash(ifa, "east"), hash(&ifa.to_lowercase(), "east"));
    assert_ne!(hash(ifa, "east"), hash(ifa, "west"));
    assert_ne!(hash(ifa, "east"), ifa.to_lowercase());
    assert_eq!(hash(ifa, "east").len(), 36, "an id in the form that is expected");
    assert_eq!((IfaPolicy::Drop.apply(ifa, ""), IfaPolicy::Pass.apply(ifa, "")), (None, Some(ifa.to_owned())));
}

fn of_macros(macros: &[(&str, &str)]) -> Vec<(String, String)> {
    macros.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_request_is_completed_by_the_configured_one_and_never_loses_its_own_values() {
    let configured = AdRequest {
        device: Device { ifa: Some("configured".into()), ..Device::default() },
        consent: Consent {
            coppa: Some(true),
            gdpr: Some(true),
            gdpr_consent: Some("CP-configured".into()),
            gpp: Some("DB-configured".into()),
            gpp_sections: vec![2],
            ..Consent::default()
        },
        macros: of_macros(&[("zone", "a"), ("page", "b")]),
        foreign_macros: ForeignMacros::new([("{a}", "1"), ("{b}", "2")]).expect("two macros"),
        slot: Slot { max_ads: Some(3), api_frameworks: vec!["VPAID".into()], ..Slot::linear() },
        split_key: Some("key".into()),
        seed: Some(1),
        timeout: Some(Duration::from_secs(1)),
        break_id: Some("preroll".into()),
        cdn_loop: Some("gateway".into()),
        traceparent: Some("00-trace".into()),
    };
    let own = AdRequest {
        device: Device { user_agent: Some("TV/1".into()), ..Device::default() },
        consent: Consent { gdpr: Some(false), gpp_sections: vec![7], ..Consent::default() },
        macros: of_macros(&[("zone", "c")]),
        foreign_macros: ForeignMacros::new([("{a}", "3")]).expect("a macro"),
        slot: Slot { max_ads: Some(1), ..Slot::linear() },
        seed: Some(2),
        ..AdRequest::default()
    };
    let both = own.or(&configured).into_owned();
    assert_eq!(both.device, own.device, "not the advertising id of another device");
    let Consent { gdpr, coppa, gdpr_consent, gpp, gpp_sections, limit_ad_tracking } = both.consent.clone();
    assert_eq!((gdpr, coppa, limit_ad_tracking), (Some(false), Some(true), None));
    assert_eq!((gdpr_consent.as_deref(), gpp, gpp_sections), (Some("CP-configured"), None, vec![7]));
    let macros = of_macros(&[("zone", "a"), ("page", "b"), ("zone", "c")]);
    assert_eq!(both.macros, macros, "the last value of a name counts");
    assert_eq!(both.foreign_macros.iter().collect::<Vec<_>>(), [("{a}", "3"), ("{b}", "2")]);
    assert_eq!((both.slot.max_ads, both.slot.api_frameworks), (Some(1), vec!["VPAID".to_owned()]));
    assert_eq!((both.split_key.as_deref(), both.seed, both.timeout), (Some("key"), Some(2), configured.timeout));
    assert_eq!((both.break_id.as_deref(), both.cdn_loop.as_deref()), (Some("preroll"), Some("gateway")));
    assert_eq!(both.traceparent.as_deref(), Some("00-trace"));

    let unset = AdRequest::default();
    assert_eq!((&*unset.or(&configured), &*own.or(&unset)), (&configured, &own));
}

#[test]
fn only_regular_files_within_the_limit_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, b"12345").expect("a file");
    assert_eq!(read_regular_file(&file, 5).expect("five bytes"), b"12345");
    assert_eq!(read_regular_file(&file, 4).expect_err("too large").kind(), ErrorKind::FileTooLarge);
    assert_eq!(read_regular_file(folder.path(), 5).expect_err("a folder").kind(), ErrorKind::IsADirectory);
    assert_eq!(read_regular_file(&folder.path().join("x"), 5).expect_err("absent").kind(), ErrorKind::NotFound);
    if cfg!(unix) {
        let zero = Path::new("/dev/zero");
        assert_eq!(read_regular_file(zero, 5).expect_err("a device").kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn the_conditions_of_a_filter_are_set_one_by_one() {
    let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
    let filter = ParseFilter::default()
        .with_media_types([MediaType::Video])
        .with_durations(Some(second), Some(minute))
        .with_bitrates(Some(500), None)
        .with_dimensions(1920, 1080);
    let mut expected = ParseFilter::default();
    expected.media_types = vec![MediaType::Video];
    (expected.min_duration, expected.max_duration) = (Some(second), Some(minute));
    expected.min_bitrate = Some(500);
    expected.required_dimensions = Some((1920, 1080));
    assert_eq!(filter, expected);
}

/// The design that this client follows has other names for two methods.
#[cfg(feature = "http")]
#[test]
fn a_client_has_the_names_of_the_older_design() {
    let uri = "https://ads.example/vast";
    let client = VastClient::from_uri(uri).expect("a configuration");
    let newer = VastClient::new(uri).expect("a configuration");
    assert_eq!(format!("{:?}", client.plan()), format!("{:?}", newer.plan()));
    assert!(std::ptr::eq(client.multi_source(), client.orchestrator()));
}
