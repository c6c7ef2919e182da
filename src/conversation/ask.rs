//! What only a callable of the script can tell.

use super::message::{Kind, Message};

/// Whoever can call the script. A callable is a number: its place in the list that belongs to the matcher or the
/// correlation, and that its owner holds.
pub trait Ask {
    /// Whether the callable says yes to this message. One that fails says no; its owner tells of the failure.
    fn ask(&mut self, callable: usize, message: &Message<'_>) -> bool;

    /// Whether a codec of the script's own makes of messages what it likes, so that a value is compared with that
    /// instead of with their JSON.
    fn has_own_codec(&self) -> bool {
        false
    }

    /// The key that the callable finds in this message, if there is one.
    fn key(&mut self, callable: usize, message: &Message<'_>) -> Option<Vec<u8>>;

    /// What the callable answers this message with, if with anything.
    fn answer(&mut self, _callable: usize, _message: &Message<'_>) -> Option<(Kind, Vec<u8>)> {
        None
    }

    /// Whether a callable was meant whose answer is not known yet: then nothing is decided.
    fn lacks_answer(&self) -> bool {
        false
    }
}

/// For what needs nobody to be asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Ask for Nobody {
    fn ask(&mut self, _callable: usize, _message: &Message<'_>) -> bool {
        false
    }

    fn key(&mut self, _callable: usize, _message: &Message<'_>) -> Option<Vec<u8>> {
        None
    }
}
