//! The keys of a tenant or of the admin port.

use std::collections::HashMap;

use ring::hmac;

use crate::config::{AccessKey, hash_of};

/// Keys, found by the hash of their value or by their name.
pub(crate) struct KeyRing {
    names: HashMap<[u8; 32], String>,
    signing: HashMap<String, hmac::Key>,
}

impl KeyRing {
    pub(crate) fn new(keys: &[AccessKey]) -> Self {
        Self {
            names: keys.iter().map(|key| (key.secret.hash(), key.name.clone())).collect(),
            signing: keys.iter().map(|key| (key.name.clone(), key.secret.signing_key())).collect(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name of the key with this value.
    pub(crate) fn name_of(&self, value: &str) -> Option<&str> {
        self.names.get(&hash_of(value)).map(String::as_str)
    }

    /// The key with this name, to verify a signature.
    pub(crate) fn signing_key(&self, name: &str) -> Option<&hmac::Key> {
        self.signing.get(name)
    }
}
