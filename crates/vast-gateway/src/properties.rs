//! Properties that hold for any query and any token, for fuzzing (feature `properties`).

use std::borrow::Cow;

use vast_client::track::DeferredUrl;
use vast_client::transport::{AddressRule, Target};

use crate::config::{SecretText, TokenSecret};
use crate::intake::Query;
use crate::token::{DevicePrivacy, SealedEvent, TokenKind, TokenSecrets, plain_content};

/// A query is read or refused. A query that was read has no control character, and its parts name themselves.
///
/// # Panics
/// If that does not hold.
pub fn query(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let read = match Query::parse(&text) {
        Ok(read) => read,
        Err(refused) => {
            assert!(!refused.name.chars().any(char::is_control), "{refused} of {text:?}");
            return;
        }
    };
    let is_plain = |text: &str| !text.chars().any(char::is_control);
    for (name, value) in &read.macros {
        assert!(is_plain(name) && is_plain(value), "{text:?}");
        assert_eq!(read.named(&format!("m.{name}")), Some(&**value), "{text:?}");
    }
    for (name, value) in &read.headers {
        assert!(is_plain(name) && is_plain(value), "{text:?}");
        assert_eq!(read.named(&format!("h.{name}")), Some(&**value), "{text:?}");
    }
    assert!(read.unknown.iter().all(|name| is_plain(name)), "{text:?}");
}

/// A text opens as a token only if it was sealed and not changed. The content of a token is read or refused; what was read can be written
/// and read again.
///
/// # Panics
/// If that does not hold.
pub fn token(data: &[u8]) {
    let secrets = secrets();
    let text = String::from_utf8_lossy(data);
    for kind in [TokenKind::Beacon, TokenKind::Click] {
        let Ok(opened) = secrets.open(kind, &text) else { continue };
        assert_eq!(kind, TokenKind::Beacon, "it was sealed as a beacon: {text:?}");
        assert!(CONTENTS.contains(&&*opened.content), "a token that was not sealed: {text:?}");
    }
    let mut written = Vec::new();
    let content = plain_content(data.to_vec()).unwrap_or_default();
    if let Some(event) = SealedEvent::read(&content)
        && event.write(&mut written).is_some()
    {
        let again = plain_content(written).unwrap_or_default();
        assert_eq!(SealedEvent::read(&again), Some(event), "{data:?}");
    }
}

/// The content of a token of an event, for [`token`].
///
/// # Panics
/// Never: the event is short enough.
pub fn event() -> Vec<u8> {
    let named = Target::parse("http://127.0.0.1:8081/x", None).expect("a URL");
    let event = SealedEvent {
        issued: 1_795_335_307,
        lifetime: 360,
        once: 7,
        ad: 1,
        event: "firstQuartile".into(),
        placement: "preroll".into(),
        tenant: "acme".into(),
        source: "east".into(),
        rule: Cow::Owned(AddressRule::of(&named)),
        privacy: DevicePrivacy::default(),
        consent: [Some(true), None, Some(false)],
        device: Some(vec![("x-device-ip".into(), "192.0.2.7".into())]),
        trackers: vec![
            (0, DeferredUrl::from_text("https://t.example/p")),
            (3, DeferredUrl::from_text("https://u.example/")),
        ],
        page: Some(DeferredUrl::from_text("https://page.example/")),
    };
    let mut written = Vec::new();
    event.write(&mut written).expect("short enough");
    written
}

/// The contents that [`sealed`] seals.
pub const CONTENTS: [&[u8]; 3] = [b"event", b"https://t.example/?e=[TIMESTAMP]", b""];

/// A token for [`token`] with one of [`CONTENTS`].
///
/// # Panics
/// If the operating system has no random bytes.
pub fn sealed(content: &[u8]) -> String {
    let secrets = secrets();
    let mut token = Vec::new();
    let sealed = secrets.sealer().and_then(|mut sealer| sealer.seal(TokenKind::Beacon, content, &mut token));
    sealed.expect("random bytes");
    String::from_utf8(token).expect("ASCII")
}

fn secrets() -> TokenSecrets {
    let secret = SecretText::new("0123456789abcdef0123456789abcdef").and_then(|secret| TokenSecret::new('1', secret));
    TokenSecrets::new(&[secret.expect("long enough")]).expect("a secret")
}
