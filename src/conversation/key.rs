//! What a request and its reply have in common.

use std::fmt;

use super::ask::Ask;
use super::message::Message;
use super::pattern::Pattern;
use super::pointer::Pointer;
use super::value::Type;

/// Keys of up to so many bytes lie in place: numbers, and most of what clients count up.
const INLINE: usize = 22;

/// The longest key that is kept. What is longer is a mistake: a whole document, a group that takes too much.
pub const LONGEST: usize = 1024;

/// Bytes that are found in a request and again in its reply. Small, cheap to make and to compare.
#[derive(Clone)]
pub struct Key(Bytes);

#[derive(Clone)]
enum Bytes {
    Inline { length: u8, bytes: [u8; INLINE] },
    Boxed(Box<[u8]>),
}

/// There are as many as requests under way.
const _: () = assert!(size_of::<Key>() == 24);

impl Key {
    /// A key of these bytes.
    ///
    /// # Errors
    ///
    /// There are more than [`LONGEST`].
    #[inline]
    pub fn new(bytes: &[u8]) -> Result<Self, KeyFault> {
        Self::of_parts(&[], bytes)
    }

    /// A key of a mark and what it marks.
    fn of_parts(mark: &[u8], bytes: &[u8]) -> Result<Self, KeyFault> {
        let length = mark.len() + bytes.len();
        if length <= INLINE {
            let mut inline = [0; INLINE];
            inline[..mark.len()].copy_from_slice(mark);
            inline[mark.len()..length].copy_from_slice(bytes);
            #[expect(clippy::cast_possible_truncation, reason = "it fits in place")]
            let length = length as u8;
            return Ok(Self(Bytes::Inline {
                length,
                bytes: inline,
            }));
        }
        if length > LONGEST {
            return Err(KeyFault::TooLong);
        }
        Ok(Self(Bytes::Boxed([mark, bytes].concat().into())))
    }

    /// What it is made of.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Bytes::Inline { length, bytes } => &bytes[..usize::from(*length)],
            Bytes::Boxed(bytes) => bytes,
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Key {}

impl std::hash::Hash for Key {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        // Nothing else is hashed with it, so its length need not be.
        state.write(self.as_bytes());
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", String::from_utf8_lossy(self.as_bytes()))
    }
}

/// Why a message has no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// There is nothing where it should be.
    Missing,
    /// What is there has more than [`LONGEST`] bytes.
    TooLong,
}

/// Whether numbers and strings of JSON with the same text are the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Equality {
    /// They are not: both sides know which it is.
    Typed,
    /// They are: one side knows its text alone.
    Text,
}

/// Where a key stands.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A place in JSON. A string, a number or a boolean is a key; nothing else is.
    Pointer(Pointer),
    /// A group of a pattern.
    Capture(Pattern, usize),
    /// Bytes at a place.
    Field {
        /// How many bytes stand before them.
        offset: usize,
        /// How many they are.
        size: usize,
    },
    /// What a callable of the script says.
    Callable(usize),
}

impl KeySource {
    /// The key of a message.
    pub(super) fn find(
        &self,
        message: &Message<'_>,
        equality: Equality,
        ask: &mut dyn Ask,
    ) -> Result<Key, KeyFault> {
        match self {
            Self::Pointer(pointer) => of_json(message, pointer, equality),
            Self::Capture(pattern, group) => {
                let place = pattern.find(message, *group).ok_or(KeyFault::Missing)?;
                Key::new(&message.bytes()[place])
            }
            Self::Field { offset, size } => {
                let end = offset.checked_add(*size).ok_or(KeyFault::Missing)?;
                let bytes = message.bytes().get(*offset..end);
                Key::new(bytes.ok_or(KeyFault::Missing)?)
            }
            Self::Callable(callable) => {
                let key = ask.key(*callable, message).ok_or(KeyFault::Missing)?;
                Key::new(&key)
            }
        }
    }

    /// The same, whose callable has a number that is greater by this.
    pub fn shifted(&self, by: usize) -> Self {
        match self {
            Self::Callable(callable) => Self::Callable(callable + by),
            other => other.clone(),
        }
    }

    /// Whether only Python can tell.
    pub fn needs_python(&self) -> bool {
        matches!(self, Self::Callable(_))
    }
}

/// Marks a string where numbers are other keys.
pub(super) const STRING: &[u8] = b"\"";

fn of_json(message: &Message<'_>, pointer: &Pointer, equality: Equality) -> Result<Key, KeyFault> {
    let value = message.find_once(pointer).ok_or(KeyFault::Missing)?;
    match value.kind() {
        Type::Number | Type::Boolean => Key::new(value.raw().as_bytes()),
        Type::String => {
            let text = value.string().ok_or(KeyFault::Missing)?;
            let mark = if equality == Equality::Typed {
                STRING
            } else {
                b""
            };
            Key::of_parts(mark, text.as_bytes())
        }
        Type::Null | Type::Array | Type::Object => Err(KeyFault::Missing),
    }
}

/// The key that a script gave itself for one request.
pub(super) fn of_text(text: &[u8], is_string: bool, equality: Equality) -> Result<Key, KeyFault> {
    let is_marked = is_string && equality == Equality::Typed;
    Key::of_parts(if is_marked { STRING } else { b"" }, text)
}

#[cfg(test)]
mod tests;
