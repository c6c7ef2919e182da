//! The series of the connections that were made last: many have the same tags, and a lookup hashes each of them.
//!
//! A short list. What is not in it is looked up anew and takes the place of what has been there longest, so that
//! connections that are all different cost little more than without it, and none is ever counted as another.

use std::sync::Arc;

/// Kinds of connections that are known: a script has few, a URL or a tag that differs each time has no bound.
const MOST: usize = 16;

/// What `K` led to, the last few.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    known: Vec<(K, Arc<V>)>,
    /// Which one is replaced next.
    oldest: usize,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self {
            known: Vec::new(),
            oldest: 0,
        }
    }
}

impl<K, V> Recent<K, V> {
    /// The one that `is_meant` picks.
    pub(super) fn find(&self, is_meant: impl Fn(&K, &V) -> bool) -> Option<Arc<V>> {
        let mut known = self.known.iter();
        let found = known.find(|(key, value)| is_meant(key, value))?;
        Some(found.1.clone())
    }

    /// How many are known.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// Remembers one that is not known.
    pub(super) fn keep(&mut self, key: K, value: V) -> Arc<V> {
        let value = Arc::new(value);
        if self.known.len() < MOST {
            self.known.push((key, value.clone()));
        } else {
            self.known[self.oldest] = (key, value.clone());
            self.oldest = (self.oldest + 1) % MOST;
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_knows_the_last_few_and_forgets_the_oldest_first() {
        let mut recent = Recent::default();
        let known = |recent: &Recent<usize, usize>| {
            let all = 0..2 * MOST;
            all.filter(|one| recent.find(|key, _| key == one).is_some())
                .collect::<Vec<_>>()
        };
        for one in 0..MOST + 3 {
            assert_eq!(*recent.keep(one, 10 * one), 10 * one);
        }
        assert_eq!(known(&recent), (3..MOST + 3).collect::<Vec<_>>());
        let found = recent.find(|key, value| (*key, *value) == (5, 50));
        assert_eq!(found.as_deref(), Some(&50));
    }
}
