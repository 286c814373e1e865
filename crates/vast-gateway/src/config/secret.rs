//! Keys of callers. Their values come from files or the environment and are never shown.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::{digest, hmac};
use vast_client::read_regular_file;

/// The longest file with a key, in bytes.
const MAX_KEY_BYTES: u64 = 4096;
/// The shortest key, in bytes. A shorter one could be found by trying.
const MIN_KEY_BYTES: usize = 16;

/// A key with its name. The name is shown in logs, the value never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// The name.
    pub name: String,
    /// The value.
    pub secret: SecretText,
}

impl AccessKey {
    /// A key with this name and value.
    pub fn new(name: impl Into<String>, secret: SecretText) -> Self {
        Self { name: name.into(), secret }
    }
}

/// The shortest secret that seals tokens, in bytes: as many as the key has that is made from it.
const MIN_TOKEN_SECRET_BYTES: usize = 32;

/// A secret that seals the tokens of events. The first of a configuration seals; all of them open, so that a secret can be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenSecret {
    /// The character that names the secret in each token.
    pub id: char,
    /// The value.
    pub secret: SecretText,
}

impl TokenSecret {
    /// A secret with this id and value.
    ///
    /// # Errors
    /// A message if the id is not a letter, a digit, `-` or `_`, or if the value has fewer than 32 bytes.
    pub fn new(id: char, secret: SecretText) -> Result<Self, String> {
        if !id.is_ascii_alphanumeric() && !"-_".contains(id) {
            return Err(format!("`{id}` cannot be an id: use one letter or digit, `-` or `_`"));
        }
        match secret.0.len() {
            MIN_TOKEN_SECRET_BYTES.. => Ok(Self { id, secret }),
            length => Err(format!(
                "has {length} bytes: use at least {MIN_TOKEN_SECRET_BYTES}, from `vast serve --new-secret`"
            )),
        }
    }
}

/// A secret. Its value is never written.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// A new random secret of 256 bits as 43 letters (base64url).
    ///
    /// # Errors
    /// A message if the operating system has no random bytes.
    pub fn random() -> Result<Self, String> {
        let mut bytes = [0; MIN_TOKEN_SECRET_BYTES];
        let filled = SystemRandom::new().fill(&mut bytes);
        filled.map_err(|_| "the operating system has no random bytes".to_owned())?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The value. Only a command that makes a secret for its user shows it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A secret with this value.
    ///
    /// # Errors
    /// A message if the value has fewer than 16 bytes or a control character.
    pub fn new(value: impl Into<String>) -> Result<Self, String> {
        let value = value.into();
        if value.contains(char::is_control) {
            return Err("has several lines or a control character: write one value, which a caller can send".to_owned());
        }
        match value.len() {
            MIN_KEY_BYTES.. => Ok(Self(value)),
            length => Err(format!("has {length} bytes: use at least {MIN_KEY_BYTES}, for example 32 random letters")),
        }
    }

    /// The value of an environment variable.
    pub(super) fn of_variable(name: &str) -> Result<Self, String> {
        let value = std::env::var(name).map_err(|_| format!("the environment variable `{name}` is not set"))?;
        Self::new(value.trim()).map_err(|problem| format!("the environment variable `{name}` {problem}"))
    }

    /// The content of a file without spaces and line ends around it.
    pub(super) fn of_file(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let bytes = read_regular_file(path, MAX_KEY_BYTES).map_err(|error| format!("`{shown}`: {error}"))?;
        let text = String::from_utf8(bytes).map_err(|_| format!("`{shown}`: not UTF-8 text"))?;
        // Some editors put a byte order mark in front.
        let value = text.strip_prefix('\u{feff}').unwrap_or(&text).trim();
        Self::new(value).map_err(|problem| format!("`{shown}` {problem}"))
    }

    /// The hash by which a key that a caller sends is looked up. A look-up by hash takes the same time for every wrong key.
    pub(crate) fn hash(&self) -> [u8; 32] {
        hash_of(&self.0)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The key that verifies signatures.
    pub(crate) fn signing_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.as_bytes())
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText")
    }
}

/// The SHA-256 hash of `text`.
pub(crate) fn hash_of(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let key = AccessKey::new("ssai", SecretText::new("0123456789abcdef").expect("long enough"));
        assert_eq!(format!("{key:?}"), "AccessKey { name: \"ssai\", secret: SecretText }");
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(SecretText::new("0123456789abcde").is_err_and(|problem| problem.starts_with("has 15 bytes")));
    }

    #[test]
    fn the_value_of_a_file_is_one_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        for (content, expected) in [
            ("0123456789abcdef", Some("0123456789abcdef")),
            (" 0123456789abcdef\r\n\n", Some("0123456789abcdef")),
            ("\u{feff}0123456789abcdef\r\n", Some("0123456789abcdef")),
            ("0123456789abcdef\n0123456789abcdef\n", None),
            ("0123456789abcdef\0", None),
            ("\n", None),
        ] {
            std::fs::write(&path, content).expect("a file");
            assert_eq!(SecretText::of_file(&path).ok().as_ref().map(SecretText::reveal), expected, "{content:?}");
        }
    }
}
