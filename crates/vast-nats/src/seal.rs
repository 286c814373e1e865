//! The signature of messages. A record names the address that a gateway calls, so whoever could write one would make the gateways call
//! any address.

use std::fmt;

use ring::hmac;

/// The length of a signature in bytes: half of HMAC-SHA256.
pub(crate) const SIGNATURE_BYTES: usize = 16;
/// The purpose of the keys, so that no signature of another kind fits.
const PURPOSE: &[u8] = b"vast-nats record 1";
/// The purpose of the keys for what gateways tell each other.
const NEWS: &[u8] = b"vast-nats news 1";

/// The keys that sign messages. The first one signs, all verify, so that a secret can be replaced.
#[derive(Clone)]
pub struct RecordSeal {
    keys: Vec<(u8, hmac::Key)>,
}

impl RecordSeal {
    /// The keys made from these secrets, each with the character that names it. All gateways need the same secrets.
    pub fn new<'s>(secrets: impl IntoIterator<Item = (char, &'s [u8])>) -> Self {
        let of_secret = |secret: &[u8]| derived(&hmac::Key::new(hmac::HMAC_SHA256, secret), PURPOSE);
        let name = |id: char| u8::try_from(id).unwrap_or(b'?');
        Self { keys: secrets.into_iter().map(|(id, secret)| (name(id), of_secret(secret))).collect() }
    }

    /// The keys for what gateways tell each other. A message of a stream is not valid there, and the other way round.
    pub(crate) fn for_news(&self) -> Self {
        Self { keys: self.keys.iter().map(|(id, key)| (*id, derived(key, NEWS))).collect() }
    }

    /// Whether there is a key. Without one no message can be written.
    pub fn can_sign(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The name of the key that signs, and the signature of the bytes.
    pub(crate) fn sign(&self, bytes: &[u8]) -> (u8, [u8; SIGNATURE_BYTES]) {
        let Some((id, key)) = self.keys.first() else { return (0, [0; SIGNATURE_BYTES]) };
        (*id, signature(key, bytes))
    }

    /// Whether the key of this name has signed the bytes.
    pub(crate) fn verify(&self, id: u8, bytes: &[u8], expected: &[u8; SIGNATURE_BYTES]) -> bool {
        let named = self.keys.iter().filter(|(name, _)| *name == id);
        // No early end: the time must not show how many bytes are right.
        let differs = |key| signature(key, bytes).iter().zip(expected).fold(0, |sum, (one, other)| sum | (one ^ other));
        named.map(|(_, key)| differs(key)).any(|difference| difference == 0)
    }
}

impl fmt::Debug for RecordSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordSeal")
    }
}

fn derived(key: &hmac::Key, purpose: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(key, purpose).as_ref())
}

fn signature(key: &hmac::Key, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
    let whole = hmac::sign(key, bytes);
    whole.as_ref().first_chunk().copied().unwrap_or_default()
}
