//! Tags: what a sample is about.
//!
//! A [`TagSet`] is made once (at a connect, at the start of an iteration) and then shared by all samples
//! taken there, so it never changes and a clone is a reference. Knows nothing of which tags the system
//! sets (`system_tags`) and nothing of metadata, which is never indexed.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// An immutable set of `key=value` pairs, sorted by key.
///
/// Invariant: keys are unique and ascending, so equal sets are equal as slices whatever the order in
/// which they were built.
#[derive(Clone, Debug, Default, Eq)]
pub struct TagSet {
    pairs: Arc<[Pair]>,
}

type Pair = (Arc<str>, Arc<str>);

impl TagSet {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// This set with one more tag; a value that the key had before is replaced.
    pub fn with(&self, key: &str, value: &str) -> Self {
        self.extended([(key, value)])
    }

    /// This set with more tags; of several values for one key the last wins.
    pub fn extended<K, V>(&self, tags: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: AsRef<str>,
        V: AsRef<str>,
    {
        let mut pairs: Option<Vec<Pair>> = None;
        for (key, value) in tags {
            let (key, value) = (key.as_ref(), value.as_ref());
            let now: &[Pair] = pairs.as_deref().unwrap_or(&self.pairs);
            match position(now, key) {
                // Nothing changes: when that is so for all, the set itself is shared.
                Ok(at) if *now[at].1 == *value => {}
                Ok(at) => pairs.get_or_insert_with(|| self.pairs.to_vec())[at].1 = value.into(),
                Err(at) => pairs
                    .get_or_insert_with(|| self.pairs.to_vec())
                    .insert(at, (key.into(), value.into())),
            }
        }
        pairs.map_or_else(
            || self.clone(),
            |pairs| Self {
                pairs: pairs.into(),
            },
        )
    }

    /// The value of a tag.
    pub fn get(&self, key: &str) -> Option<&str> {
        position(&self.pairs, key).ok().map(|at| &*self.pairs[at].1)
    }

    /// All tags, by ascending key.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(key, value)| (&**key, &**value))
    }

    /// Number of tags.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there is no tag.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}

impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for TagSet {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(tags: I) -> Self {
        Self::new().extended(tags)
    }
}

impl PartialEq for TagSet {
    fn eq(&self, other: &Self) -> bool {
        // Mostly it is the very same set.
        Arc::ptr_eq(&self.pairs, &other.pairs) || self.pairs == other.pairs
    }
}

impl Hash for TagSet {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.pairs.hash(state);
    }
}

fn position(pairs: &[Pair], key: &str) -> Result<usize, usize> {
    pairs.binary_search_by(|(existing, _)| (**existing).cmp(key))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn tag_sets_are_equal_whatever_the_order_they_were_built_in() {
        let one = TagSet::new()
            .with("url", "ws://a")
            .with("group", "")
            .with("status", "101");
        let two: TagSet = [("status", "101"), ("url", "ws://a"), ("group", "")]
            .into_iter()
            .collect();
        assert_eq!(one, two);
        assert_eq!(HashSet::from([one.clone(), two]).len(), 1);
        let keys: Vec<_> = one.iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["group", "status", "url"]);
    }

    #[test]
    fn the_later_value_wins_and_the_earlier_set_stays() {
        let base = TagSet::new().with("name", "first");
        let later = base.extended([("name", "second"), ("name", "third")]);
        assert_eq!(base.get("name"), Some("first"));
        assert_eq!(later.get("name"), Some("third"));
        assert_eq!(later.len(), 1);
    }

    #[test]
    fn a_set_that_does_not_change_is_shared() {
        let base = TagSet::new().with("name", "chat");
        assert!(Arc::ptr_eq(&base.pairs, &base.with("name", "chat").pairs));
        assert!(Arc::ptr_eq(
            &base.pairs,
            &base.extended::<&str, &str>([]).pairs
        ));
        assert_ne!(base, base.with("name", "other"));
    }

    #[test]
    fn an_absent_tag_differs_from_an_empty_one() {
        let root = TagSet::new().with("group", "");
        assert_eq!(root.get("group"), Some(""));
        assert_eq!(TagSet::new().get("group"), None);
        assert_ne!(root, TagSet::new());
        assert!(TagSet::new().is_empty() && !root.is_empty());
    }
}
