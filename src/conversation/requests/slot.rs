//! Where a request lies, with its number, from the call that makes it until nobody asks for it any more.

use super::exchange::Exchange;
use super::outcome::Outcome;

/// How the reply to a request is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<K> {
    /// By a key, which reply and request share.
    Key(K),
    /// It is the next one, behind those of earlier requests.
    Order,
    /// By a matcher of its own, which its [`Exchange`] has.
    Match,
}

#[derive(Debug)]
pub(super) enum Slot<K> {
    /// The next free one.
    Free,
    UnderWay(Place<K>, Exchange),
    /// It has an outcome, which nobody has taken yet.
    Ended(Outcome),
}

#[derive(Debug)]
pub(super) struct Numbered<K> {
    pub(super) generation: u32,
    /// Somebody may still ask what became of it.
    pub(super) is_held: bool,
    /// Somebody waits to be told.
    pub(super) is_wanted: bool,
    pub(super) slot: Slot<K>,
}

/// There are as many as requests under way.
const _: () = assert!(size_of::<Numbered<crate::conversation::key::Key>>() == 96);

impl<K> Numbered<K> {
    /// A number that was never given.
    pub(super) fn new() -> Self {
        Self {
            generation: 0,
            is_held: false,
            is_wanted: false,
            slot: Slot::Free,
        }
    }

    /// What its reply is known by, of one that is under way.
    #[inline]
    pub(super) fn key(&self) -> Option<&K> {
        match &self.slot {
            Slot::UnderWay(Place::Key(key), _) => Some(key),
            _ => None,
        }
    }
}
