//! Keys that were used lately. Most events of a session are reported within two minutes, and to make its key takes longer than to open a
//! token with it.

use std::hash::Hash;
use std::sync::Arc;

use quick_cache::sync::Cache;
use ring::aead::LessSafeKey;

/// The number of keys that are kept. Each has about 600 bytes.
const MOST_KEYS: usize = 8_192;

/// The keys with which tokens were opened lately, by name. A token that cannot be opened does not change which keys are kept, so a stranger
/// without tokens of ours cannot push keys out.
pub(super) struct KeptKeys<N>(Cache<N, Arc<LessSafeKey>>);

impl<N: Eq + Hash> Default for KeptKeys<N> {
    fn default() -> Self {
        Self(Cache::new(MOST_KEYS))
    }
}

impl<N: Eq + Hash> KeptKeys<N> {
    /// Calls `use_of` with the key of this name: the kept one, or a new one from `made`. A new key is kept if `use_of` succeeds.
    pub(super) fn with<T>(
        &self,
        name: N,
        made: impl FnOnce() -> Option<LessSafeKey>,
        use_of: impl FnOnce(&LessSafeKey) -> Option<T>,
    ) -> Option<T> {
        if let Some(key) = self.0.get(&name) {
            return use_of(&key);
        }
        let key = made()?;
        let used = use_of(&key)?;
        self.0.insert(name, Arc::new(key));
        Some(used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::aead::{AES_256_GCM, UnboundKey};
    use std::cell::Cell;

    fn key() -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &[0; 32]).ok().map(LessSafeKey::new)
    }

    #[test]
    fn only_the_key_of_a_token_that_opens_is_kept() {
        let (keys, made) = (KeptKeys::default(), Cell::new(0));
        let make = || {
            made.set(made.get() + 1);
            key()
        };
        for (name, opens, makes) in
            [(1, false, 1), (1, false, 2), (1, true, 3), (1, true, 3), (1, false, 3), (2, true, 4), (1, true, 4)]
        {
            assert_eq!(keys.with(name, make, |_| opens.then_some(())), opens.then_some(()));
            assert_eq!(made.get(), makes);
        }
    }

    #[test]
    fn the_number_of_keys_is_bounded() {
        let keys = KeptKeys::default();
        for name in 0..2 * MOST_KEYS {
            keys.with(name, key, |_| Some(()));
        }
        assert!(keys.0.len() <= MOST_KEYS, "{}", keys.0.len());
    }
}
