//! Errors: their names and texts, and what follows from them.

use vast_client::parse::document;
use vast_client::policy::TimeLimit;
use vast_client::track::DeliveryOutcome;
use vast_client::track::outbox::DeadReason;
use vast_client::{ConfigError, ConfigKey, ConfigPath, ConfigTable, ErrorType, Failure};

#[test]
fn an_error_begins_with_the_setting_it_is_about() {
    let at = |path: ConfigPath, line: Option<usize>| {
        let mut error = ConfigError::new(path, "is wrong");
        error.line = line;
        error
    };
    let header = ConfigTable::Fallback(2).key(ConfigKey::Headers).entry("X-Site");
    let cases = [
        (at(ConfigKey::SourceTimeout.into(), None), "source_timeout: is wrong"),
        (at(ConfigTable::Source(1).key(ConfigKey::Url), None), "source[1].url: is wrong"),
        (at(ConfigTable::Source(0).into(), None), "source[0]: is wrong"),
        (at(ConfigTable::Filter.key(ConfigKey::MinDuration), None), "filter.min_duration: is wrong"),
        (
            at(ConfigTable::Arm(1).key(ConfigKey::Filter).entry("blocked").entry("media_hosts"), None),
            "arm[1].filter.blocked.media_hosts: is wrong",
        ),
        (at(header, None), "fallback[2].headers.X-Site: is wrong"),
        (at(ConfigKey::Mode.into(), Some(3)), "line 3, `mode`: is wrong"),
        (at(ConfigPath::default(), Some(3)), "line 3: is wrong"),
        (at(ConfigPath::default(), None), "is wrong"),
    ];
    for (error, expected) in cases {
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn names_of_error_types_are_unique() {
    let mut names: Vec<_> = ErrorType::ALL.iter().map(|error_type| error_type.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), ErrorType::ALL.len());
}

#[test]
fn only_what_the_seller_cannot_have_counted_is_repeated() {
    let repeated = [408, 429, 500, 502, 503, 504, 599].map(|status| Failure::http_status(status, None));
    let fin = [400, 401, 403, 404, 410, 501].map(|status| Failure::http_status(status, None));
    assert!(repeated.iter().all(Failure::is_retried));
    assert!(!fin.iter().any(Failure::is_retried));
    assert!(Failure::new(ErrorType::Reset, "reset").is_retried());
    assert!(!Failure::new(ErrorType::Reset, "reset").after_answer().is_retried());
    assert!(!Failure::timeout(TimeLimit::Attempt).is_retried());
    assert!(!Failure::new(ErrorType::NoAd, "empty").is_retried());
}

fn error_type(body: &str) -> Option<ErrorType> {
    document(body.as_bytes(), None).err().map(|failure| failure.error_type)
}

#[test]
fn r013_an_empty_body_is_no_ad_and_not_an_error_of_the_parser() {
    assert_eq!(error_type(""), Some(ErrorType::NoAd));
    assert_eq!(error_type(" \r\n\t"), Some(ErrorType::NoAd));
    assert_eq!(error_type("<VAST version=\"3.0\"/>"), None, "an empty VAST is a document");
}

#[test]
fn documents_that_are_not_vast_are_distinguished() {
    assert_eq!(error_type("<!doctype html><html><body>Not found</body></html>"), Some(ErrorType::NotXml));
    assert_eq!(error_type("<VAST version=\"3.0\"><Ad>"), Some(ErrorType::NotXml));
    assert_eq!(error_type("{\"ad\": null}"), Some(ErrorType::NotXml));
    assert_eq!(error_type("<rss/>"), Some(ErrorType::NotVast));
}

#[test]
fn r173_every_end_of_an_attempt_has_its_outcome() {
    let status = |status| Err(Failure::http_status(status, None));
    let failed = |error_type| Failure::new(error_type, "x");
    let refused = DeliveryOutcome::Rejected(DeadReason::Refused);
    let cases = [
        (Ok(200), DeliveryOutcome::Accepted),
        (Ok(204), DeliveryOutcome::Accepted),
        (status(408), DeliveryOutcome::RetryLater),
        (status(429), DeliveryOutcome::RetryLater),
        (status(500), DeliveryOutcome::RetryLater),
        (status(503), DeliveryOutcome::RetryLater),
        (status(599), DeliveryOutcome::RetryLater),
        (status(501), refused),
        (status(400), refused),
        (status(404), refused),
        (status(410), refused),
        (status(304), refused),
        (Err(failed(ErrorType::Redirect)), refused),
        (Err(failed(ErrorType::Limit)), DeliveryOutcome::Rejected(DeadReason::TooManyExchanges)),
        (Err(failed(ErrorType::BlockedAddress)), DeliveryOutcome::Rejected(DeadReason::Uncallable)),
        (Err(failed(ErrorType::Dns)), DeliveryOutcome::NotSent),
        (Err(failed(ErrorType::Connect)), DeliveryOutcome::NotSent),
        (Err(failed(ErrorType::Tls)), DeliveryOutcome::NotSent),
        (Err(failed(ErrorType::Connect).after_answer()), DeliveryOutcome::InDoubt),
        (Err(Failure::timeout(TimeLimit::Connect)), DeliveryOutcome::NotSent),
        (Err(Failure::timeout(TimeLimit::Beacon)), DeliveryOutcome::InDoubt),
        (Err(failed(ErrorType::Reset)), DeliveryOutcome::InDoubt),
    ];
    for (ended, expected) in cases {
        assert_eq!(DeliveryOutcome::of(&ended), expected, "{ended:?}");
    }
}
