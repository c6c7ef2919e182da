//! Which request under way has a key. The keys lie with the requests; here are their numbers alone.
//!
//! Keys come from what the script sends, never from what arrives: a peer can look for them and cannot choose what
//! collides, so the hasher is a fast one.

use std::hash::{BuildHasher, Hash};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

#[derive(Debug, Default)]
pub(super) struct ByKey {
    numbers: HashTable<u32>,
    hasher: RandomState,
}

impl ByKey {
    pub(super) fn hash<K: Hash>(&self, key: &K) -> u64 {
        self.hasher.hash_one(key)
    }

    /// The number of the one with this key and its `hash`; `key_of` knows the keys of those that are here.
    #[inline]
    pub(super) fn find<'a, K: Eq + 'a>(
        &self,
        hash: u64,
        key: &K,
        key_of: impl Fn(u32) -> Option<&'a K>,
    ) -> Option<u32> {
        let is_it = |number: &u32| key_of(*number) == Some(key);
        self.numbers.find(hash, is_it).copied()
    }

    /// One more, whose key has this `hash` and is not here.
    pub(super) fn insert<'a, K: Hash + 'a>(
        &mut self,
        hash: u64,
        number: u32,
        key_of: impl Fn(u32) -> Option<&'a K>,
    ) {
        let hasher = &self.hasher;
        let hash_of = |number: &u32| key_of(*number).map_or(0, |key| hasher.hash_one(key));
        self.numbers.insert_unique(hash, number, hash_of);
    }

    /// The one with this key and number is here no more.
    pub(super) fn remove<K: Hash>(&mut self, key: &K, number: u32) {
        let hash = self.hasher.hash_one(key);
        if let Ok(entry) = self.numbers.find_entry(hash, |one| *one == number) {
            entry.remove();
        }
    }

    /// Those whose number this says stay here, no others.
    pub(super) fn retain(&mut self, stays: impl Fn(u32) -> bool) {
        self.numbers.retain(|number| stays(*number));
    }

    pub(super) fn clear(&mut self) {
        self.numbers.clear();
    }
}
