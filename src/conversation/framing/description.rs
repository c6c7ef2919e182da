//! What a script asks for, checked once, and shared by all connections that are cut alike.

use super::delimited::End;
use super::error::{FramingError, InvalidFraming};
use super::headed::Headed;
use crate::conversation::pattern::Pattern;

/// Bytes of a message at most, unless the script says otherwise: as much as a message of a WebSocket.
pub const DEFAULT_MAX: usize = 16 << 20;
/// Bytes of a delimiter at most.
const MOST_END: usize = 256;
/// Bytes of a length field at most.
const MOST_SIZE: usize = 8;
/// Bytes before a length at most.
const MOST_OFFSET: usize = 1 << 16;
/// Bytes of a message at most, whatever a script says.
const MOST: usize = 1 << 40;

/// How a stream of bytes is cut into messages.
#[derive(Clone, Debug)]
pub struct Framing {
    pub(super) kind: Kind,
    /// Bytes of a message at most.
    pub(super) max: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Delimited(Box<End>),
    Fixed,
    LengthPrefix(LengthPrefix),
    Headed(Box<Headed>),
    Varint {
        /// Bytes before it.
        offset: usize,
    },
    UntilClose,
}

/// Where the length stands, and what it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthPrefix {
    /// Bytes of the length.
    pub size: usize,
    /// The least significant byte comes first.
    pub is_little: bool,
    /// Bytes before the length. With none, a message is what follows the length; else it is the whole frame.
    pub offset: usize,
    /// The length counts its own bytes, too.
    pub is_inclusive: bool,
    /// What is added to the length to have the number of bytes that follow it.
    pub adjust: i64,
}

impl Framing {
    /// Lines of text, each ended by `end`; a carriage return before a bare `"\n"` is part of the end.
    pub fn lines(end: &str, max: usize, keeps_bad_utf8: bool) -> Result<Self, InvalidFraming> {
        let end = End::of(end.as_bytes(), MOST_END)?;
        let end = end.of_lines(keeps_bad_utf8);
        Self::checked(Kind::Delimited(Box::new(end)), max)
    }

    /// Frames of bytes, each ended by `end`.
    pub fn delimiter(end: &[u8], max: usize) -> Result<Self, InvalidFraming> {
        Self::checked(Kind::Delimited(Box::new(End::of(end, MOST_END)?)), max)
    }

    /// Frames of so many bytes.
    pub fn fixed(size: usize) -> Result<Self, InvalidFraming> {
        if size == 0 || size > MOST {
            return Err(InvalidFraming::Size { given: size });
        }
        Self::checked(Kind::Fixed, size)
    }

    /// Frames that say in front how long they are.
    pub fn length_prefix(prefix: LengthPrefix, max: usize) -> Result<Self, InvalidFraming> {
        if !(1..=MOST_SIZE).contains(&prefix.size) {
            let given = prefix.size;
            return Err(InvalidFraming::LengthSize { given });
        }
        check_offset(prefix.offset)?;
        if prefix.adjust.unsigned_abs() > MOST as u64 {
            let given = prefix.adjust;
            return Err(InvalidFraming::Adjust { given });
        }
        Self::checked(Kind::LengthPrefix(prefix), max)
    }

    /// The same, with a length of seven bits a byte, the lowest first, as Protocol Buffers and MQTT have it.
    pub fn varint(offset: usize, max: usize) -> Result<Self, InvalidFraming> {
        check_offset(offset)?;
        Self::checked(Kind::Varint { offset }, max)
    }

    /// A head that ends with `end`, and as many bytes behind it as the group of this pattern finds in it, then `tail`. With
    /// `head`, in which `{}` stands for a length, messages are what follows heads, and heads are written so.
    pub fn length_in_head(
        end: &[u8],
        length: (Pattern, usize),
        tail: &[u8],
        head: Option<&[u8]>,
        max: usize,
    ) -> Result<Self, InvalidFraming> {
        let given = tail.len();
        if given > MOST_END {
            let most = MOST_END;
            return Err(InvalidFraming::Tail { given, most });
        }
        let headed = Headed::new(End::of(end, MOST_END)?, length, tail, head)?;
        Self::checked(Kind::Headed(Box::new(headed)), max)
    }

    /// One message: all that comes until the peer ends the stream.
    pub fn until_close(max: usize) -> Result<Self, InvalidFraming> {
        Self::checked(Kind::UntilClose, max)
    }

    fn checked(kind: Kind, max: usize) -> Result<Self, InvalidFraming> {
        if max == 0 || max > MOST {
            return Err(InvalidFraming::Max { given: max });
        }
        Ok(Self { kind, max })
    }

    /// Whether messages are text; else they are bytes.
    pub fn is_text(&self) -> bool {
        matches!(&self.kind, Kind::Delimited(end) if end.is_text())
    }

    /// Bytes of a message at most.
    pub fn max(&self) -> usize {
        self.max
    }

    pub(super) fn check_length(&self, length: usize) -> Result<(), FramingError> {
        if length > self.max {
            return Err(FramingError::TooLong {
                told: None,
                max: self.max,
            });
        }
        Ok(())
    }

    /// Whether a message is what its kind promises.
    pub(super) fn check_text(&self, frame: &[u8]) -> Result<(), FramingError> {
        match &self.kind {
            Kind::Delimited(end) if end.must_be_utf8() => match simdutf8::basic::from_utf8(frame) {
                Ok(_) => Ok(()),
                Err(_) => Err(FramingError::not_utf8(frame)),
            },
            _ => Ok(()),
        }
    }
}

fn check_offset(given: usize) -> Result<(), InvalidFraming> {
    if given > MOST_OFFSET {
        return Err(InvalidFraming::Offset { given });
    }
    Ok(())
}
