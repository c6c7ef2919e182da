//! Places that are used again, each time under a new key.

use crate::socket::queue::Key;

/// Values by key. A key of what was removed finds nothing, whoever has the place by then.
#[derive(Debug)]
pub(super) struct Slab<T> {
    places: Vec<Place<T>>,
    /// Places without a value, the one left last at the end.
    free: Vec<u32>,
}

#[derive(Debug)]
struct Place<T> {
    /// How often it was left; after 2^32 times it begins anew, when nobody can have the old key any more.
    generation: u32,
    value: Option<T>,
}

impl<T> Slab<T> {
    /// With no place yet.
    pub(super) fn new() -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Gives `value` a place. Nothing where there are 2^32 of them.
    pub(super) fn insert(&mut self, value: T) -> Option<Key> {
        let index = if let Some(index) = self.free.pop() {
            index
        } else {
            let index = u32::try_from(self.places.len()).ok()?;
            self.places.push(Place {
                generation: 0,
                value: None,
            });
            index
        };
        let place = self.places.get_mut(index as usize)?;
        place.value = Some(value);
        Some(Key {
            index,
            generation: place.generation,
        })
    }

    /// What has this key, as long as it is there.
    #[inline]
    pub(super) fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let place = self.places.get_mut(key.index as usize)?;
        if place.generation != key.generation {
            return None;
        }
        place.value.as_mut()
    }

    /// Takes it out.
    pub(super) fn remove(&mut self, key: Key) -> Option<T> {
        self.get_mut(key)?;
        let place = &mut self.places[key.index as usize];
        place.generation = place.generation.wrapping_add(1);
        self.free.push(key.index);
        place.value.take()
    }

    /// Takes all out. Their keys find nothing any more.
    pub(super) fn drain(&mut self) -> Vec<T> {
        let mut all = Vec::new();
        for (place, index) in self.places.iter_mut().zip(0..) {
            if let Some(value) = place.value.take() {
                place.generation = place.generation.wrapping_add(1);
                self.free.push(index);
                all.push(value);
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_used_again_and_its_old_key_finds_nothing() {
        let mut slab = Slab::new();
        let first = slab.insert("a").unwrap();
        let second = slab.insert("b").unwrap();
        assert_eq!(slab.remove(first), Some("a"));
        assert_eq!(slab.remove(first), None);
        let third = slab.insert("c").unwrap();
        assert_eq!(third.index, first.index);
        assert_eq!(slab.get_mut(first), None);
        assert_eq!(slab.get_mut(third), Some(&mut "c"));
        assert_eq!(slab.get_mut(second), Some(&mut "b"));
    }

    #[test]
    fn after_all_are_taken_out_every_place_is_free_and_no_key_fits() {
        let mut slab = Slab::new();
        let keys: Vec<_> = (0..3).filter_map(|n| slab.insert(n)).collect();
        slab.remove(keys[1]);
        assert_eq!(slab.drain(), [0, 2]);
        assert!(keys.iter().all(|key| slab.get_mut(*key).is_none()));
        for _ in 0..3 {
            assert!(slab.insert(7).unwrap().index < 3);
        }
    }
}
