//! Tokens: sealed with AES-256-GCM under a key per session, so that they can be neither read nor changed outside.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::kept_keys::KeptKeys;
use crate::config::TokenSecret;

/// The bytes of a session id, of a number and of a tag.
const SESSION: usize = 16;
const NUMBER: usize = 2;
const TAG: usize = 16;
/// The bytes of the name of a kind, and the most of the id of a secret.
const KIND: usize = 2;
const ID: usize = 4;
/// The most tokens of a session. Its key never seals two tokens with one number.
const MOST_TOKENS: u16 = 1024;
/// The version of the format: the first character of a token.
const VERSION: char = '1';

/// What a token is for. Each kind has keys of its own, so that a token of one kind cannot be used as one of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TokenKind {
    /// An event.
    Beacon,
    /// A click: the page to open, and its trackers.
    Click,
}

impl TokenKind {
    /// The name in the key and in the authenticated data.
    const fn name(self) -> &'static str {
        match self {
            Self::Beacon => "b1",
            Self::Click => "c1",
        }
    }

    const fn info(self) -> &'static [u8] {
        match self {
            Self::Beacon => b"vast-gateway/b1",
            Self::Click => b"vast-gateway/c1",
        }
    }

    /// The path of its route.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Beacon => "/b/",
            Self::Click => "/c/",
        }
    }
}

/// The id of a session: a random number for each answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SessionId([u8; SESSION]);

impl SessionId {
    /// A new id; `None` if the operating system has no random bytes.
    fn random() -> Option<Self> {
        let mut bytes = [0; SESSION];
        SystemRandom::new().fill(&mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// A token that cannot be opened: it is malformed, was changed, or was sealed with another secret. Callers are not told which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadToken;

/// A token that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenedToken {
    pub(crate) session: SessionId,
    /// The number of the token in its session.
    pub(crate) number: u16,
    pub(crate) content: Vec<u8>,
}

/// The secret, the kind and the session of a key.
type KeyName = (char, TokenKind, SessionId);

/// The secrets of the configuration. The first seals, all open.
pub(crate) struct TokenSecrets {
    all: Vec<TokenSecret>,
    /// Keys of these secrets only: another configuration has keys of its own.
    keys: KeptKeys<KeyName>,
}

impl TokenSecrets {
    /// `None` without a secret.
    pub(crate) fn new(secrets: &[TokenSecret]) -> Option<Self> {
        (!secrets.is_empty()).then(|| Self { all: secrets.to_vec(), keys: KeptKeys::default() })
    }

    /// Seals the tokens of an answer. `None` if the operating system has no random bytes.
    pub(crate) fn sealer(&self) -> Option<Sealer<'_>> {
        Some(Sealer::of(self.all.first()?, SessionId::random()?))
    }

    /// Opens a token.
    ///
    /// # Errors
    /// [`BadToken`].
    pub(crate) fn open(&self, kind: TokenKind, token: &str) -> Result<OpenedToken, BadToken> {
        let mut chars = token.chars();
        let (version, id) = (chars.next(), chars.next().ok_or(BadToken)?);
        let secret = self.all.iter().find(|secret| secret.id == id);
        let secret = secret.filter(|_| version == Some(VERSION)).ok_or(BadToken)?;
        let mut bytes = URL_SAFE_NO_PAD.decode(chars.as_str()).map_err(|_| BadToken)?;
        let (session, rest) = bytes.split_first_chunk::<SESSION>().ok_or(BadToken)?;
        let (number, _) = rest.split_first_chunk::<NUMBER>().ok_or(BadToken)?;
        let session = SessionId(*session);
        let number = u16::from_be_bytes(*number);
        let clear = ClearText::new(kind, id, session, number);
        let made = || key(&extracted(secret, session), kind);
        let length = self.keys.with((id, kind, session), made, |key| {
            // The content moves to the begin of the bytes.
            let content = key.open_within(nonce(number), Aad::from(clear), &mut bytes, SESSION + NUMBER..);
            Some(content.ok()?.len())
        });
        bytes.truncate(length.ok_or(BadToken)?);
        Ok(OpenedToken { session, number, content: bytes })
    }
}

/// Seals the tokens of one session.
pub(crate) struct Sealer<'a> {
    secret: &'a TokenSecret,
    session: SessionId,
    /// What the keys of the session are expanded from.
    extracted: Prk,
    keys: [Option<LessSafeKey>; 2],
    next: u16,
    /// The bytes of the token that is being sealed.
    bytes: Vec<u8>,
}

impl<'a> Sealer<'a> {
    fn of(secret: &'a TokenSecret, session: SessionId) -> Self {
        let extracted = extracted(secret, session);
        Self { secret, session, extracted, keys: [None, None], next: 0, bytes: Vec::new() }
    }

    /// The present session.
    pub(crate) fn session(&self) -> SessionId {
        self.session
    }

    /// The number of the next token. After 1,024 tokens a new session begins.
    pub(crate) fn next_number(&mut self) -> u16 {
        if self.next == MOST_TOKENS
            && let Some(session) = SessionId::random()
        {
            *self = Self::of(self.secret, session);
        }
        self.next
    }

    /// Seals `content` as the next token and appends the token, which is ASCII, to `into`. `None` if it cannot be sealed: a new session
    /// is needed and there are no random bytes.
    pub(crate) fn seal(&mut self, kind: TokenKind, content: &[u8], into: &mut Vec<u8>) -> Option<()> {
        let number = self.next_number();
        if number >= MOST_TOKENS {
            return None;
        }
        self.next += 1;
        let slot = &mut self.keys[kind as usize];
        if slot.is_none() {
            *slot = key(&self.extracted, kind);
        }
        let bytes = &mut self.bytes;
        bytes.clear();
        bytes.reserve(SESSION + NUMBER + content.len() + TAG);
        bytes.extend_from_slice(&self.session.0);
        bytes.extend_from_slice(&number.to_be_bytes());
        bytes.extend_from_slice(content);
        let clear = ClearText::new(kind, self.secret.id, self.session, number);
        let sealed = bytes.get_mut(SESSION + NUMBER..)?;
        let tag = slot.as_ref()?.seal_in_place_separate_tag(nonce(number), Aad::from(clear), sealed).ok()?;
        bytes.extend_from_slice(tag.as_ref());
        for char in [VERSION, self.secret.id] {
            into.extend_from_slice(char.encode_utf8(&mut [0; ID]).as_bytes());
        }
        let start = into.len();
        into.resize(start + base64::encoded_len(bytes.len(), false)?, 0);
        URL_SAFE_NO_PAD.encode_slice(bytes, &mut into[start..]).ok().map(drop)
    }
}

/// The first step to the keys of a session.
fn extracted(secret: &TokenSecret, session: SessionId) -> Prk {
    Salt::new(HKDF_SHA256, &session.0).extract(secret.secret.as_bytes())
}

fn key(extracted: &Prk, kind: TokenKind) -> Option<LessSafeKey> {
    let info = [kind.info()];
    let okm = extracted.expand(&info, &AES_256_GCM).ok()?;
    Some(LessSafeKey::new(UnboundKey::from(okm)))
}

/// Unique for each token of a session, because its number is.
fn nonce(number: u16) -> Nonce {
    let mut bytes = [0; 12];
    bytes[10..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

/// What a token says in clear text, so that none of it can be changed: its kind, the id of the secret, the session and the number.
struct ClearText {
    bytes: [u8; KIND + ID + SESSION + NUMBER],
    length: usize,
}

impl ClearText {
    fn new(kind: TokenKind, id: char, session: SessionId, number: u16) -> Self {
        let mut text = Self { bytes: [0; KIND + ID + SESSION + NUMBER], length: 0 };
        let mut buffer = [0; ID];
        let id = id.encode_utf8(&mut buffer).as_bytes();
        for part in [kind.name().as_bytes(), id, &session.0, &number.to_be_bytes()] {
            text.bytes[text.length..][..part.len()].copy_from_slice(part);
            text.length += part.len();
        }
        text
    }
}

impl AsRef<[u8]> for ClearText {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SecretText;

    fn secret(id: char, value: &str) -> TokenSecret {
        TokenSecret::new(id, SecretText::new(value).expect("long enough")).expect("an id")
    }

    fn secrets(all: &[(char, &str)]) -> TokenSecrets {
        let all: Vec<TokenSecret> = all.iter().map(|(id, value)| secret(*id, value)).collect();
        TokenSecrets::new(&all).expect("a secret")
    }

    fn seal(sealer: &mut Sealer<'_>, kind: TokenKind, content: &[u8]) -> String {
        let mut token = Vec::new();
        sealer.seal(kind, content, &mut token).expect("sealed");
        String::from_utf8(token).expect("ASCII")
    }

    const ONE: &str = "one-one-one-one-one-one-one-one-";
    const TWO: &str = "two-two-two-two-two-two-two-two-";

    #[test]
    fn the_test_vectors_of_the_format_hold() {
        let secrets = secrets(&[('A', ONE)]);
        let mut sealer = Sealer::of(&secrets.all[0], SessionId(*b"0123456789abcdef"));
        for (kind, content, token) in [
            (TokenKind::Beacon, "", "1AMDEyMzQ1Njc4OWFiY2RlZgAAUwz_Mp383MawF7T_8v0eEQ"),
            (TokenKind::Beacon, "first", "1AMDEyMzQ1Njc4OWFiY2RlZgABqYRpng6aBiUZGek4LvPTmjiLYQ8u"),
            (TokenKind::Click, "page", "1AMDEyMzQ1Njc4OWFiY2RlZgACBJKxKNVqcZzWzU_MinS_6owWpc0"),
        ] {
            let sealed = seal(&mut sealer, kind, content.as_bytes());
            assert_eq!(sealed, token, "{content}");
            assert_eq!(secrets.open(kind, token).map(|opened| opened.content), Ok(content.as_bytes().to_vec()));
        }
    }

    #[test]
    fn a_token_opens_with_every_secret_of_the_configuration_and_no_other() {
        let (old, rotated, other) =
            (secrets(&[('1', ONE)]), secrets(&[('2', TWO), ('1', ONE)]), secrets(&[('1', TWO)]));
        let mut sealer = old.sealer().expect("random bytes");
        let session = sealer.session;
        for number in 0..3 {
            let token = seal(&mut sealer, TokenKind::Beacon, b"content");
            let expected = OpenedToken { session, number, content: b"content".to_vec() };
            assert_eq!(old.open(TokenKind::Beacon, &token), Ok(expected.clone()));
            assert_eq!(rotated.open(TokenKind::Beacon, &token), Ok(expected));
            assert_eq!(other.open(TokenKind::Beacon, &token), Err(BadToken), "another secret with this id");
            assert_eq!(rotated.open(TokenKind::Click, &token), Err(BadToken), "another kind");
        }
        assert!(seal(&mut rotated.sealer().expect("random bytes"), TokenKind::Beacon, b"").starts_with("12"));
    }

    #[test]
    fn a_token_with_any_change_does_not_open() {
        let secrets = secrets(&[('1', ONE)]);
        let token = seal(&mut secrets.sealer().expect("random bytes"), TokenKind::Beacon, b"content of a token");
        // With a key that is made and with one that is kept.
        for at in (0..token.len()).chain(0..token.len()) {
            for other in ['A', 'B', 'z', '_', '-', '=', '%', ' ', '\u{e9}'] {
                let changed: String =
                    token.chars().enumerate().map(|(n, char)| if n == at { other } else { char }).collect();
                if changed != token {
                    assert_eq!(secrets.open(TokenKind::Beacon, &changed), Err(BadToken), "{at} {other}");
                }
            }
            assert_eq!(secrets.open(TokenKind::Beacon, &token[..at]), Err(BadToken), "cut at {at}");
            if at + 1 == token.len() {
                assert!(secrets.open(TokenKind::Beacon, &token).is_ok());
            }
        }
        assert_eq!(secrets.open(TokenKind::Beacon, &format!("{token}A")), Err(BadToken));
    }

    #[test]
    fn a_key_never_seals_two_tokens_with_one_number() {
        let secrets = secrets(&[('1', ONE)]);
        let mut sealer = secrets.sealer().expect("random bytes");
        let mut seen = std::collections::HashSet::new();
        for _ in 0..3_000 {
            let token = seal(&mut sealer, TokenKind::Beacon, b"x");
            let OpenedToken { session, number, .. } = secrets.open(TokenKind::Beacon, &token).expect("opens");
            assert!(number < MOST_TOKENS && seen.insert((session, number)));
        }
    }
}
