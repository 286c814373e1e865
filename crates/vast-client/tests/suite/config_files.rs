//! Configuration files: the settings that are read, and the errors for wrong ones.

use std::path::Path;
use std::time::Duration;

use vast_client::policy::BreakerSettings;
use vast_client::request::{
    BreakRules, Codec, Dedup, DeliveryKind, DeviceProfile, IfaPolicy, IpPolicy, Privacy, RankKey, Rate, Separation,
    UserAgentPolicy,
};
use vast_client::select::{Blocked, MediaType, Skippability};
use vast_client::{AdRequest, ClientConfig, ConfigKey, Consent, FetchConfig, FetchMode, Slot, SourceConfig};

fn parse(text: &str) -> Result<ClientConfig, String> {
    ClientConfig::parse(text, Path::new("/conf")).map_err(|error| error.to_string())
}

#[test]
fn the_settings_of_a_file_are_read() {
    let file = parse(
        r#"
        timeout = "2500ms"
        source_timeout = "1s"
        mode = "staggered"
        retries = 2
        patience = "50ms"
        params = { slot = "preroll", n = 3, k = ["a", "b"] }
        track = false
        [[source]]
        name = "east"
        url = "https://ads.example/vast?cb=[CACHEBUSTING]"
        timeout = "2s"
        weight = 3
        [[fallback]]
        file = "house.xml"
        [filter]
        media_types = ["video"]
        min_duration = "15s"
        required_dimensions = "1920x1080"
        skippable = "refused"
        versions = ["4", "3.0"]
        blocked = { advertisers = ["shoes.example"], media_hosts = ["bad.example"] }
        "#,
    )
    .expect("a good file");
    let FetchConfig { strategy, params, sources, fallbacks, parse_filter, auto_track, .. } = file.fetch;
    assert_eq!(strategy.limits.timeout, Duration::from_millis(2500));
    assert_eq!(strategy.limits.source_timeout, Some(Duration::from_secs(1)));
    assert_eq!((strategy.mode, strategy.retry.max_retries), (FetchMode::Staggered, 2));
    assert_eq!(strategy.patience, Some(Duration::from_millis(50)));
    let query: Vec<_> = params.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(query, ["k=a", "k=b", "n=3", "slot=preroll"]);
    let east = SourceConfig::url("https://ads.example/vast?cb=[CACHEBUSTING]").named("east");
    let mut expected = east.with_source_timeout(Duration::from_secs(2));
    expected.weight = 3;
    assert_eq!((sources.as_slice(), auto_track), ([expected].as_slice(), false));
    assert_eq!(fallbacks, [SourceConfig::file("/conf/house.xml")]);
    assert_eq!(parse_filter.required_dimensions, Some((1920, 1080)));
    assert_eq!(parse_filter.media_types, [MediaType::Video]);
    assert_eq!((parse_filter.skippable, parse_filter.versions.len()), (Skippability::Refused, 2));
    let list = |name: &str| vec![name.to_owned()];
    let (advertisers, media_hosts) = (list("shoes.example"), list("bad.example"));
    assert_eq!(parse_filter.blocked, Blocked { advertisers, media_hosts, ..Blocked::default() });
}

#[test]
fn privacy_of_sources_and_consent_of_the_viewer_are_read() {
    let file = parse(
        r#"
        device_ifa = "id"
        device_headers = { DNT = "1" }
        gdpr = true
        gdpr_consent = "CO"
        gpp_sections = [2]
        limit_ad_tracking = false
        [[source]]
        url = "https://ads.example/vast"
        ip = "truncate"
        ua = "generalise"
        ifa = "hash"
        ifa_salt = "salt"
        require_consent = true
        forward_for = true
        "#,
    )
    .expect("a good file");
    let AdRequest { device, consent, .. } = file.request;
    assert_eq!((device.ifa.as_deref(), device.headers), (Some("id"), vec![("DNT".to_owned(), "1".to_owned())]));
    let expected = Consent {
        gdpr: Some(true),
        gdpr_consent: Some("CO".to_owned()),
        gpp_sections: vec![2],
        limit_ad_tracking: Some(false),
        ..Consent::default()
    };
    assert_eq!(consent, expected);
    let expected = Privacy {
        ip: IpPolicy::Truncate,
        user_agent: UserAgentPolicy::Generalise,
        ifa: IfaPolicy::Hash,
        ifa_salt: Some("salt".to_owned()),
        require_consent: true,
        forward_for: true,
    };
    assert_eq!(file.fetch.sources[0].privacy, expected);
    let wrong = parse("[[source]]\nurl = \"https://a\"\nip = \"half\"");
    assert_eq!(wrong, Err("line 3, `ip`: `half` is not one of full, truncate, none".to_owned()));
}

#[test]
fn the_time_limit_of_a_source_has_its_older_names_too() {
    let limit = Some(Duration::from_secs(1));
    for (outside, inside) in [("source_timeout", "source_timeout"), ("per_source_timeout", "timeout")] {
        let text = format!("{outside} = \"1s\"\n[[source]]\nurl = \"https://a\"\n{inside} = \"1s\"");
        let fetch = parse(&text).expect("a good file").fetch;
        assert_eq!((fetch.strategy.limits.source_timeout, fetch.sources[0].source_timeout), (limit, limit));
    }
}

#[test]
fn a_circuit_breaker_of_a_source_changes_what_it_names() {
    let file = parse(
        r#"
        [breaker]
        failures = 3
        eject_max = "60s"
        [[source]]
        url = "https://a"
        breaker = { eject = "1s", simulate_only = true }
        max_concurrent = 10
        max_rate = 2.5
        [[fallback]]
        url = "https://b"
        max_rate = 20
        "#,
    )
    .expect("a good file");
    let FetchConfig { strategy, sources, fallbacks, .. } = file.fetch;
    let mut outside = BreakerSettings::default();
    (outside.failures, outside.eject_max) = (3, Duration::from_secs(60));
    let mut inside = outside;
    (inside.eject, inside.simulate_only) = (Duration::from_secs(1), true);
    assert_eq!((strategy.breaker, sources[0].breaker, fallbacks[0].breaker), (outside, Some(inside), None));
    assert_eq!((sources[0].max_concurrent, sources[0].max_rate), (Some(10), Some(2.5)));
    assert_eq!((fallbacks[0].max_concurrent, fallbacks[0].max_rate), (None, Some(20.0)));
}

/// The keys that a table accepts, as listed in the error message about an unknown key.
fn accepted(table: &str) -> Vec<String> {
    let unknown = parse(&format!("{table}\nzzzzz = 1")).expect_err("an unknown key");
    let (_, keys) = unknown.split_once("the keys here are ").expect("a list of keys");
    keys.split(", ").map(str::to_owned).collect()
}

#[test]
fn the_tables_of_a_file_have_the_keys_of_the_closed_set_and_their_aliases_only() {
    let accepted: Vec<String> =
        ["", "[filter]", "[record]", "[break]", "[breaker]", "[profile.own]", "[[source]]", "[[arm]]"]
            .into_iter()
            .flat_map(accepted)
            .collect();
    for key in ConfigKey::ALL {
        assert!(accepted.iter().any(|name| name == key.as_str()), "no table has {key}");
    }
    let others = accepted.iter().filter(|name| ConfigKey::from_name(name).is_none());
    let mut others: Vec<&str> = others.map(String::as_str).collect();
    others.sort_unstable();
    others.dedup();
    let aliases = [
        "api_framework",
        "auto_track",
        "dimensions",
        "foreign_macro",
        "header",
        "macro",
        "max_retries",
        "media_type",
        "mime_type",
        "param",
        "per_source_timeout",
    ];
    assert_eq!(others, aliases);
}

#[test]
fn an_error_in_a_file_is_one_line_that_names_the_key_and_the_accepted_values() {
    let cases = [
        (
            "mode = \"paralel\"",
            "line 1, `mode`: `paralel` is not one of parallel, sequential, race, staggered, collect: did you mean `parallel`?",
        ),
        ("\ntimeout = \"3\"", "line 2, `timeout`: `3` has no unit: write `3s` or `3ms`"),
        ("timeout = 3", "line 1, `timeout`: `3` has no unit: write \"3s\" or \"3ms\""),
        (
            "[filter]\nrequired_dimensions = \"big\"",
            "line 2, `required_dimensions`: `big` is not a size: write for example `1920x1080`",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(text).map(drop), Err(expected.to_owned()));
    }
    assert_eq!(
        parse("timeot = \"3s\"").map(drop),
        Err("line 1: unknown key `timeot`: did you mean `timeout`?".to_owned())
    );
    let unknown = parse("colour = \"red\"").expect_err("an unknown key");
    assert!(unknown.starts_with("line 1: unknown key `colour`: the keys here are mode, "), "{unknown}");
    assert!(!unknown.contains('\n'), "{unknown}");
}

#[test]
fn foreign_macros_are_read_and_an_error_names_the_token() {
    let read = |text: &str| parse(&format!("[foreign_macros]\n{text}"));
    let file = read("\"${AUCTION_PRICE}\" = \"1.20\"\n\"{cb}\" = 7").expect("two macros");
    let macros: Vec<_> = file.request.foreign_macros.iter().collect();
    assert_eq!(macros, [("${AUCTION_PRICE}", "1.20"), ("{cb}", "7")]);
    let cases = [
        ("\"\" = \"x\"", "foreign_macros.\"\": a token must not be empty"),
        (
            "\"[TIMESTAMP]\" = \"x\"",
            "foreign_macros.\"[TIMESTAMP]\": this is a macro of the standard: set `TIMESTAMP` with `macros`",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text), Err(expected.to_owned()));
    }
}

fn slot(text: &str) -> Result<Slot, String> {
    let file = parse(text)?;
    file.request.slot.check().map_err(|error| error.to_string())?;
    Ok(file.request.slot)
}

#[test]
fn the_settings_of_a_break_are_read() {
    let text = r#"
        [break]
        min = "30s"
        max = "60s"
        max_ads = 4
        tolerance = "500ms"
        rank = ["price", "fit", "order"]
        dedup = "title"
        separate = ["category", "advertiser"]
        currency = "USD"
        rates = { EUR = 1.08, JPY = 1 }
    "#;
    let rate = |rate| Rate::new(rate).expect("a rate");
    let expected = Slot {
        break_tolerance: Duration::from_millis(500),
        break_rules: BreakRules {
            rank: vec![RankKey::Price, RankKey::Fit, RankKey::Order],
            dedup: Dedup::Title,
            separate: vec![Separation::Category, Separation::Advertiser],
            currency: Some("USD".to_owned()),
            rates: vec![("EUR".to_owned(), rate(1.08)), ("JPY".to_owned(), rate(1.0))],
        },
        ..Slot::break_(Duration::from_secs(60)).with_minimum(Duration::from_secs(30)).with_max_ads(4)
    };
    assert_eq!(slot(text), Ok(expected));
    assert_eq!(slot("[break]"), Ok(Slot::linear()));
    let outside = slot("max_ads = 2\nbreak_duration = \"30s\"\n[break]\nmin = \"5s\"").expect("a slot");
    assert_eq!(outside, Slot::break_(Duration::from_secs(30)).with_minimum(Duration::from_secs(5)).with_max_ads(2));
}

#[test]
fn a_wrong_setting_of_a_break_names_the_key_and_the_accepted_values() {
    let cases = [
        (
            "[break]\nrank = [\"prize\"]",
            "line 2, `rank`: `prize` is not one of order, price, fit, quality: did you mean `price`?",
        ),
        ("[break]\ndedup = \"url\"", "line 2, `dedup`: `url` is not one of off, id, media, title"),
        (
            "[break]\ncurrency = \"USD\"\nrates = { EUR = -1 }",
            "line 3, `rates`: `-1` is not a rate: write a number above 0, for example 1.08",
        ),
        ("[break]\nmax = 30", "line 2, `max`: `30` has no unit: write \"30s\" or \"30ms\""),
        (
            "break_duration = \"30s\"\n[break]\nmax = \"30s\"",
            "break.max: is the same setting as `break_duration`: leave one of them out",
        ),
        ("max_ads = 1\n[break]\nmax_ads = 1", "break.max_ads: is the same setting as `max_ads`: leave one of them out"),
        ("[break]\nmax = \"30s\"\nmax_ads = 0", "break.max_ads: 0 takes no ad: write 1 or more, or leave it out"),
        (
            "[break]\nrank = [\"price\"]",
            "break.currency: is missing: prices are compared in one currency, for example \"USD\"",
        ),
        (
            "[break]\ncurrency = \"USD\"\nrates = { EURO = 1 }",
            "break.rates: `EURO` is not a currency: write for example { EUR = 1.08 }",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(slot(text), Err(expected.to_owned()), "{text}");
    }
}

fn profile(text: &str) -> Result<DeviceProfile, String> {
    Ok(parse(text)?.request.slot.profile)
}

#[test]
fn a_profile_is_chosen_by_its_name_and_an_own_one_replaces_a_built_in_one() {
    let own = r#"
        device_profile = "set-top"
        [profile.set-top]
        max_width = 1280
        max_height = 720
        max_bitrate = 4000
        mime_types = ["application/x-mpegURL", "video/mp4"]
        codecs = ["h264", "aac"]
        delivery = ["progressive"]
        api_frameworks = ["SIMID"]
        languages = ["pt-BR"]
    "#;
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut set_top = DeviceProfile::default();
    set_top.name = "set-top".to_owned();
    set_top.max_width = Some(1280);
    set_top.max_height = Some(720);
    set_top.max_bitrate = Some(4000);
    set_top.mime_types = list(&["application/x-mpegURL", "video/mp4"]);
    set_top.codecs = vec![Codec::H264, Codec::Aac];
    set_top.delivery = vec![DeliveryKind::Progressive];
    set_top.api_frameworks = list(&["SIMID"]);
    set_top.languages = list(&["pt-BR"]);
    assert_eq!(profile(own), Ok(set_top));
    let built_in = DeviceProfile::built_in("ctv-4k").expect("a profile");
    assert_eq!(profile("device_profile = \"ctv-4k\"\n[profile.web]"), Ok(built_in));
    let mut replaced = DeviceProfile::default();
    replaced.name = "web".to_owned();
    replaced.max_bitrate = Some(1);
    assert_eq!(profile("device_profile = \"web\"\n[profile.web]\nmax_bitrate = 1"), Ok(replaced));
    assert_eq!(profile("[profile.web]"), Ok(DeviceProfile::default()), "a profile that nothing chooses");
}

#[test]
fn a_wrong_profile_names_the_key_and_the_accepted_values() {
    let cases = [
        ("device_profile = \"ctv-4K\"", "device_profile: `ctv-4K` is not a profile: did you mean `ctv-4k`?"),
        (
            "device_profile = \"set-tob\"\n[profile.set-top]",
            "device_profile: `set-tob` is not a profile: did you mean `set-top`?",
        ),
        (
            "device_profile = \"toaster\"\n[profile.own]",
            "device_profile: `toaster` is not a profile: the profiles are web, ctv-1080p, ctv-4k, mobile, audio, own",
        ),
        ("[profile.own]\nmax_with = 1", "line 2: unknown key `max_with`: did you mean `max_width`?"),
        (
            "[profile.own]\nmime_types = [\"mp4\"]",
            "line 2, `mime_types`: `mp4` is not a MIME type: write for example `video/mp4`",
        ),
        (
            "[profile.own]\ndelivery = [\"download\"]",
            "line 2, `delivery`: `download` is not one of progressive, streaming",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(profile(text), Err(expected.to_owned()), "{text}");
    }
    let codec = profile("[profile.own]\ncodecs = [\"h266\"]").expect_err("an unknown codec");
    assert!(codec.starts_with("line 2, `codecs`: `h266` is not one of h264, h265, "), "{codec}");
}
