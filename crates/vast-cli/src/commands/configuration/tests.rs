//! Flags, keys of the file, and their names.

use std::ffi::OsString;
use std::io::Write as _;

use vast_client::AdRequest;

use super::*;
use crate::args::{self, CliCommand, CommandLine};
use crate::flag_names::flag_name;

#[test]
fn a_key_is_named_after_its_flag() {
    let cases = [
        (ConfigPath::from(ConfigKey::Patience), "--patience"),
        (ConfigTable::Filter.key(ConfigKey::MinDuration), "--min-duration"),
        (ConfigTable::Filter.key(ConfigKey::RequiredDimensions), "--dimensions"),
        (ConfigPath::from(ConfigKey::Headers).entry("X Y"), "--header X Y"),
        (ConfigPath::from(ConfigKey::CaFile), "--ca-file"),
        (ConfigTable::Break.key(ConfigKey::Max), "--break-duration"),
        (ConfigTable::Break.key(ConfigKey::MaxAds), "--max-ads"),
        (ConfigTable::Break.key(ConfigKey::Min), "--break-min"),
    ];
    for (path, expected) in cases {
        assert_eq!(flag(&path), expected);
    }
}

/// Each flag of `vast request` that has a key: the flag with a value, and the lines of the file that mean the same. The key is the flag's
/// name with `_` instead of `-`.
const FLAGS_AND_KEYS: &[(&[&str], &str)] = &[
    (&["--proxy", "http://127.0.0.1:3128"], "proxy = 'http://127.0.0.1:3128'"),
    (&["--mode", "race"], "mode = 'race'"),
    (&["--fallback-mode", "race"], "fallback_mode = 'race'"),
    (&["--order", "fastest"], "order = 'fastest'"),
    (&["--timeout", "4s"], "timeout = '4s'"),
    (&["--source-timeout", "4s"], "source_timeout = '4s'"),
    (&["--attempt-timeout", "4s"], "attempt_timeout = '4s'"),
    (&["--hop-timeout", "4s"], "hop_timeout = '4s'"),
    (&["--connect-timeout", "4s"], "connect_timeout = '4s'"),
    (&["--retries", "4"], "retries = 4"),
    (&["--retry-delay", "4s"], "retry_delay = '4s'"),
    (&["--patience", "4s"], "patience = '4s'"),
    (&["--stagger", "4s"], "stagger = '4s'"),
    (&["--resolve-ahead", "4"], "resolve_ahead = 4"),
    (&["--split-key", "a"], "split_key = 'a'"),
    (&["--seed", "4"], "seed = 4"),
    (&["--media-type", "audio"], "[filter]\nmedia_type = ['audio']"),
    (&["--min-duration", "4s"], "[filter]\nmin_duration = '4s'"),
    (&["--max-duration", "4s"], "[filter]\nmax_duration = '4s'"),
    (&["--min-bitrate", "4"], "[filter]\nmin_bitrate = 4"),
    (&["--max-bitrate", "4"], "[filter]\nmax_bitrate = 4"),
    (&["--dimensions", "4x5"], "[filter]\ndimensions = '4x5'"),
    (&["--accept-unknown"], "[filter]\naccept_unknown = true"),
    (&["--require-category"], "[filter]\nrequire_category = true"),
    (&["--max-wrapper-depth", "4"], "[filter]\nmax_wrapper_depth = 4"),
    (&["--max-ads", "4"], "max_ads = 4"),
    (&["--break-duration", "4s"], "break_duration = '4s'"),
    (&["--api-framework", "VPAID"], "api_framework = ['VPAID']"),
    (&["--mime-type", "a/b"], "mime_type = ['a/b']"),
    (&["--param", "a=b"], "param = { a = 'b' }"),
    (&["--header", "a: b"], "header = { a = 'b' }"),
    (&["--macro", "A=b"], "macro = { A = 'b' }"),
    (&["--foreign-macro", "{cb}=7"], "foreign_macro = { '{cb}' = '7' }"),
    (&["--device-ip", "203.0.113.9"], "device_ip = '203.0.113.9'"),
    (&["--device-ua", "a"], "device_ua = 'a'"),
    (&["--device-referer", "a"], "device_referer = 'a'"),
    (&["--device-language", "a"], "device_language = 'a'"),
    (&["--device-ifa", "a"], "device_ifa = 'a'"),
    (&["--device-ifa-type", "a"], "device_ifa_type = 'a'"),
    (&["--gdpr"], "gdpr = true"),
    (&["--gdpr-consent", "a"], "gdpr_consent = 'a'"),
    (&["--gpp", "a"], "gpp = 'a'"),
    (&["--gpp-sections", "2,6"], "gpp_sections = [2, 6]"),
    (&["--coppa"], "coppa = true"),
    (&["--limit-ad-tracking"], "limit_ad_tracking = true"),
    (&["--track"], "track = true"),
    (&["--report-errors"], "report_errors = true"),
    (&["--report-not-used"], "report_not_used = true"),
    (&["--raw"], "raw = true"),
    (&["--allow-private"], "allow_private = true"),
    (&["--max-exchanges", "4"], "max_exchanges = 4"),
    (&["--max-redirects", "4"], "max_redirects = 4"),
    (&["--max-source-bytes", "4"], "max_source_bytes = 4"),
    (&["--max-request-bytes", "4"], "max_request_bytes = 4"),
    (&["--max-breaks", "4"], "max_breaks = 4"),
    (&["--max-beacons", "4"], "max_beacons = 4"),
    (&["--allow-multiple-ads", "false"], "allow_multiple_ads = false"),
    (&["--fallback", "https://b.example/"], "[[fallback]]\nurl = 'https://b.example/'"),
];

/// The flags of `vast request` without a key of the same name, and why.
const FLAGS_WITHOUT_KEY: &[(&str, &str)] = &[
    ("config", "names the file itself"),
    ("no-wrappers", "the key is the condition: accept_wrappers = false in [filter]"),
    ("ca-file", "the key exists, but a path in the file begins at the file's folder; it has its own test"),
    ("break", "names a break of one answer, which a file cannot know; the key `break` is a table"),
    ("break-min", "the key is `min` in [break]"),
    ("profile", "the key is `device_profile`: `profile` is the table of profiles; it has its own test"),
    ("drain", "how long this command waits, not how an ad is requested"),
    ("outbox", "a file of this command, not a setting of a request"),
    ("insecure", "never a setting of a file: it has to be visible in the command"),
    ("format", "output of this command"),
    ("verbose", "output of this command"),
    ("log", "output of this command"),
    ("log-format", "output of this command"),
    ("color", "output of this command"),
    ("to-version", "output of this command"),
    ("inject-impression", "output of this command"),
    ("inject-tracking", "output of this command"),
    ("repeat", "how often this command runs the request"),
    ("concurrency", "how this command runs many requests"),
    ("rate", "how this command runs many requests"),
    ("metrics-file", "output of this command"),
    ("record", "records this command; the key is a table with the folder of a program that runs for long"),
    ("record-full", "never a setting of a file: it has to be visible in the command"),
    ("force", "how this command treats an existing file"),
    ("help", "not a setting"),
];

/// The keys without a flag, and why.
const KEYS_WITHOUT_FLAG: &[(&[ConfigKey], &str)] = &[
    (
        &[
            ConfigKey::FallbackReserve,
            ConfigKey::IdleTimeout,
            ConfigKey::MinUseful,
            ConfigKey::RetryMaxDelay,
            ConfigKey::RetryTimeouts,
            ConfigKey::UserAgent,
            ConfigKey::DeviceRequestedWith,
            ConfigKey::DeviceHeaders,
            ConfigKey::CheckCategories,
        ],
        "fine tuning that a command line rarely needs",
    ),
    (
        &[
            ConfigKey::BlockedCategories,
            ConfigKey::Blocked,
            ConfigKey::Skippable,
            ConfigKey::AcceptConditional,
            ConfigKey::RequireSecure,
            ConfigKey::RequireMezzanine,
            ConfigKey::Versions,
        ],
        "rules of an operator, which stay the same from call to call",
    ),
    (
        &[ConfigKey::CompanionSizes, ConfigKey::NonLinearSize, ConfigKey::VariableDuration, ConfigKey::AcceptPods],
        "what the player can show, which stays the same from call to call",
    ),
    (
        &[ConfigKey::MaxWidth, ConfigKey::MaxHeight, ConfigKey::Codecs, ConfigKey::Delivery, ConfigKey::Languages],
        "what a device plays, in [profile.NAME]; --profile chooses one",
    ),
    (
        &[
            ConfigKey::Breaker,
            ConfigKey::Enabled,
            ConfigKey::Failures,
            ConfigKey::Eject,
            ConfigKey::EjectMax,
            ConfigKey::SimulateOnly,
        ],
        "rules over many requests, which one call does not need",
    ),
    (
        &[ConfigKey::Dir, ConfigKey::Sample, ConfigKey::Always, ConfigKey::MaxBytes, ConfigKey::MaxFiles],
        "which requests of a program that runs for long are recorded",
    ),
    (&[ConfigKey::AcceptWrappers], "the flag is --no-wrappers"),
    (
        &[ConfigKey::Filter, ConfigKey::Source, ConfigKey::Break, ConfigKey::Profile],
        "tables; sources are arguments, and --break and --profile mean something else",
    ),
    (
        &[
            ConfigKey::Tolerance,
            ConfigKey::Rank,
            ConfigKey::Dedup,
            ConfigKey::Separate,
            ConfigKey::Currency,
            ConfigKey::Rates,
        ],
        "preferences among ads, which stay the same from call to call",
    ),
    (
        &[
            ConfigKey::Name,
            ConfigKey::Url,
            ConfigKey::File,
            ConfigKey::Xml,
            ConfigKey::RawParams,
            ConfigKey::Weight,
            ConfigKey::MaxConcurrent,
            ConfigKey::MaxRate,
            ConfigKey::Ip,
            ConfigKey::Ua,
            ConfigKey::Ifa,
            ConfigKey::IfaSalt,
            ConfigKey::RequireConsent,
            ConfigKey::ForwardFor,
            ConfigKey::CacheTtl,
            ConfigKey::CacheNegative,
            ConfigKey::CacheShared,
            ConfigKey::CacheWrappers,
            ConfigKey::ClientCertificate,
            ConfigKey::ClientKey,
        ],
        "settings of a single source",
    ),
    (
        &[ConfigKey::Arm, ConfigKey::Share, ConfigKey::Sources],
        "settings of an arm, which stay the same from call to call",
    ),
];

/// The configuration that `vast request` makes of these arguments.
fn configured(arguments: &[&str]) -> (AdRequest, String) {
    let words = ["vast", "request"].iter().chain(arguments).map(OsString::from);
    let Ok(CommandLine { command: CliCommand::Request(arguments), .. }) = args::parse(words) else {
        panic!("not a request: {arguments:?}")
    };
    let mut file = request(&arguments.ask, &Stdin::default()).unwrap_or_else(|error| panic!("{error:?}"));
    arguments.apply(&mut file);
    (file.request, format!("{:?}", file.fetch))
}

fn configured_by_file(text: &str) -> (AdRequest, String) {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    write!(file, "{text}\n[[source]]\nurl = 'https://a.example/'\n").expect("it can be written");
    configured(&["--config", file.path().to_str().expect("a path")])
}

#[test]
fn every_flag_has_a_key_of_the_same_name_or_a_reason() {
    let definition = args::definition();
    let command = definition.find_subcommand("request").expect("the command");
    let flags = command.get_arguments().chain(definition.get_arguments()).filter_map(clap::Arg::get_long);
    for flag in flags.filter(|flag| *flag != "version") {
        let is_known = FLAGS_AND_KEYS.iter().any(|(arguments, _)| arguments[0].strip_prefix("--") == Some(flag));
        let has_reason = FLAGS_WITHOUT_KEY.iter().any(|(name, _)| *name == flag);
        assert!(is_known != has_reason, "--{flag} has no key and no reason, or both");
    }
    for (arguments, text) in FLAGS_AND_KEYS {
        let key = arguments[0].trim_start_matches("--").replace('-', "_");
        let is_named = text.lines().any(|line| line.starts_with(&format!("{key} =")) || line == format!("[[{key}]]"));
        assert!(is_named, "{text} has no `{key}`");
        let by_flag = configured(&[&["https://a.example/"], *arguments].concat());
        assert_eq!(by_flag, configured_by_file(text), "{arguments:?}");
        assert_ne!(by_flag, configured(&["https://a.example/"]), "{arguments:?} has no effect");
    }
}

#[test]
fn every_key_has_a_flag_of_the_same_name_or_a_reason() {
    let definition = args::definition();
    let command = definition.find_subcommand("request").expect("the command");
    let is_wrong = |key: &&ConfigKey| {
        let name = flag_name(**key);
        let has_flag = command
            .get_arguments()
            .any(|argument| argument.get_long().is_some() && argument.get_long() == name.as_deref());
        let has_reason = KEYS_WITHOUT_FLAG.iter().any(|(keys, _)| keys.contains(key));
        has_flag == has_reason
    };
    let wrong: Vec<_> = ConfigKey::ALL.iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "these keys have no flag and no reason, or both: {wrong:?}");
}
