//! Whether a message is the one that is meant.

use std::sync::Arc;

use memchr::memmem::Finder;

use super::ask::Ask;
use super::expected::Expected;
use super::glance::Glance;
use super::message::{Message, Side};
use super::pattern::Pattern;
use super::pointer::Pointer;

/// A question to a message. Cheap to copy: what is large in it is shared.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// It is this, all of it.
    Equals(Side, Arc<[u8]>),
    /// This is in it.
    Contains(Side, Arc<Finder<'static>>),
    /// It begins with this.
    StartsWith(Side, Arc<[u8]>),
    /// The pattern is found in it.
    Regex(Pattern),
    /// It is JSON, and has these values at these places.
    Json(Arc<[Asked]>),
    /// It is this value: as JSON, or to the callable where a codec of the script's own has decoded it.
    Value(Arc<Asked>, usize),
    /// It is JSON, and has this place, whatever is there.
    Has(Arc<Pointer>),
    /// It has these bytes at a place.
    At(Arc<Bits>),
    /// It is text, or came by TCP.
    Text,
    /// It is binary, or came by TCP.
    Binary,
    /// All of these say yes. They are asked in their order, until one says no.
    And(Arc<[Matcher]>),
    /// One of these says yes. They are asked in their order, until one does.
    Or(Arc<[Matcher]>),
    /// This says no.
    Not(Arc<Matcher>),
    /// A callable of the script says yes.
    Callable(usize),
}

/// A value at a place of a JSON document.
#[derive(Clone, Debug)]
pub struct Asked {
    pointer: Pointer,
    expected: Expected,
    /// Of a string: what lacks it is another message.
    text: Option<Glance>,
}

impl Asked {
    fn new(pointer: Pointer, expected: Expected) -> Self {
        Self {
            text: match &expected {
                Expected::String(text) => Glance::of(text),
                _ => None,
            },
            pointer,
            expected,
        }
    }

    fn is_in(&self, message: &Message<'_>) -> bool {
        let is_elsewhere = |text: &Glance| !message.is_read() && text.cannot_be_in(message.bytes());
        if self.text.as_ref().is_some_and(is_elsewhere) {
            return false;
        }
        message
            .find(&self.pointer)
            .is_some_and(|value| self.expected.is(value))
    }
}

/// Bytes at a place, or some of their bits.
#[derive(Clone, Debug)]
pub struct Bits {
    offset: usize,
    bytes: Box<[u8]>,
    mask: Option<Box<[u8]>>,
}

impl Bits {
    /// `bytes` at `offset`; with a `mask` of as many bytes only the bits that are set in it count.
    ///
    /// Nothing is made of bytes that have a bit outside of their mask, or another length: they would never match.
    pub fn new(offset: usize, bytes: &[u8], mask: Option<&[u8]>) -> Option<Self> {
        let is_possible = mask.is_none_or(|mask| {
            mask.len() == bytes.len()
                && bytes.iter().zip(mask).all(|(byte, mask)| byte & !mask == 0)
        });
        is_possible.then(|| Self {
            offset,
            bytes: bytes.into(),
            mask: mask.map(Box::from),
        })
    }

    fn are_in(&self, message: &[u8]) -> bool {
        let there = self
            .offset
            .checked_add(self.bytes.len())
            .and_then(|end| message.get(self.offset..end));
        match (there, &self.mask) {
            (None, _) => false,
            (Some(there), None) => *there == *self.bytes,
            (Some(there), Some(mask)) => {
                let masked = there.iter().zip(mask).map(|(byte, mask)| byte & mask);
                masked.eq(self.bytes.iter().copied())
            }
        }
    }
}

impl Matcher {
    /// Whether text or bytes are in a message.
    pub fn contains(side: Side, needle: &[u8]) -> Self {
        Self::Contains(side, Arc::new(Finder::new(needle).into_owned()))
    }

    /// Whether a message is JSON and has all of these values.
    pub fn json(values: impl IntoIterator<Item = (Pointer, Expected)>) -> Self {
        let asked = values.into_iter();
        Self::Json(
            asked
                .map(|(pointer, expected)| Asked::new(pointer, expected))
                .collect(),
        )
    }

    /// Whether a message is this value; the callable says so of one that a codec of the script's own has decoded.
    pub fn value(expected: Expected, callable: usize) -> Self {
        Self::Value(Arc::new(Asked::new(Pointer::whole(), expected)), callable)
    }

    /// Whether this message is meant. `ask` is asked only where a callable has the word.
    pub fn matches(&self, message: &Message<'_>, ask: &mut dyn Ask) -> bool {
        match self {
            Self::Equals(side, bytes) => side.sees(message.kind()) && *message.bytes() == **bytes,
            Self::Contains(side, needle) => {
                side.sees(message.kind()) && needle.find(message.bytes()).is_some()
            }
            Self::StartsWith(side, bytes) => {
                side.sees(message.kind()) && message.bytes().starts_with(bytes)
            }
            Self::Regex(pattern) => pattern.is_in(message),
            Self::Json(asked) => asked.iter().all(|one| one.is_in(message)),
            Self::Value(_, callable) if ask.has_own_codec() => ask.ask(*callable, message),
            Self::Value(asked, _) => asked.is_in(message),
            Self::Has(pointer) => message.find(pointer).is_some(),
            Self::At(bits) => bits.are_in(message.bytes()),
            Self::Text => Side::Text.sees(message.kind()),
            Self::Binary => Side::Binary.sees(message.kind()),
            Self::And(all) => all.iter().all(|one| one.matches(message, ask)),
            Self::Or(all) => all.iter().any(|one| one.matches(message, ask)),
            Self::Not(one) => !one.matches(message, ask),
            Self::Callable(callable) => ask.ask(*callable, message),
        }
    }

    /// Whether a callable of the script may have the word.
    pub fn needs_python(&self) -> bool {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().any(Self::needs_python),
            Self::Not(one) => one.needs_python(),
            one => matches!(one, Self::Callable(_)),
        }
    }

    /// The same, with its callables further down in the list of whoever holds them: two lists have become one.
    pub fn shifted(&self, by: usize) -> Self {
        self.with(&|one| match one {
            Self::Callable(callable) => Self::Callable(callable + by),
            Self::Value(asked, callable) => Self::Value(asked.clone(), callable + by),
            other => other.clone(),
        })
    }

    /// The same, of messages that a codec of the script's own decodes: what is equal to one, its callable says.
    pub fn decoded(&self) -> Self {
        self.with(&|one| match one {
            Self::Value(_, callable) => Self::Callable(*callable),
            other => other.clone(),
        })
    }

    fn with(&self, leaf: &dyn Fn(&Self) -> Self) -> Self {
        let all = |all: &[Self]| all.iter().map(|one| one.with(leaf)).collect();
        match self {
            Self::And(ones) => Self::And(all(ones)),
            Self::Or(ones) => Self::Or(all(ones)),
            Self::Not(one) => Self::Not(Arc::new(one.with(leaf))),
            one => leaf(one),
        }
    }

    /// How many matchers lie inside one another.
    pub fn depth(&self) -> usize {
        match self {
            Self::And(all) | Self::Or(all) => {
                1 + all.iter().map(Self::depth).max().unwrap_or_default()
            }
            Self::Not(one) => 1 + one.depth(),
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests;
