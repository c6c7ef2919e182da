//! Frames whose length is known from their head.

use super::description::{Framing, Kind, LengthPrefix};
use super::error::FramingError;

/// Bytes of a varint at most: as many as 64 bits need.
const MOST_VARINT: usize = 10;

/// What the beginning of a frame tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// It has to have so many bytes before more can be told.
    More(usize),
    /// It is whole: its message begins and ends here.
    Whole {
        /// The first byte of the message.
        from: usize,
        /// The end of the frame, and of the message.
        to: usize,
    },
}

impl Framing {
    /// What the beginning of a frame tells; nothing where length is not what ends a frame.
    pub(super) fn look(&self, head: &[u8]) -> Result<Option<Look>, FramingError> {
        let look = match &self.kind {
            Kind::Fixed => extent(head, 0, self.max),
            Kind::LengthPrefix(prefix) => self.look_at_prefix(*prefix, head)?,
            Kind::Varint { offset } => self.look_at_varint(*offset, head)?,
            Kind::Delimited(_) | Kind::Headed(_) | Kind::UntilClose => return Ok(None),
        };
        Ok(Some(look))
    }

    fn look_at_prefix(&self, prefix: LengthPrefix, head: &[u8]) -> Result<Look, FramingError> {
        let end = prefix.offset + prefix.size;
        let Some(field) = head.get(prefix.offset..end) else {
            return Ok(Look::More(end));
        };
        let told = prefix.read(field);
        let follows = i128::from(told) + prefix.correction();
        let follows = u64::try_from(follows).map_err(|_| FramingError::TooShort { told })?;
        self.frame(head, prefix.offset, end, follows)
    }

    fn look_at_varint(&self, offset: usize, head: &[u8]) -> Result<Look, FramingError> {
        let mut told = 0_u64;
        for (index, byte) in head.iter().skip(offset).take(MOST_VARINT).enumerate() {
            let bits = u64::from(byte & 0x7f);
            let shifted = bits << (7 * index);
            if shifted >> (7 * index) != bits {
                return Err(FramingError::EndlessVarint);
            }
            told |= shifted;
            if byte & 0x80 == 0 {
                return self.frame(head, offset, offset + index + 1, told);
            }
        }
        if head.len() >= offset + MOST_VARINT {
            return Err(FramingError::EndlessVarint);
        }
        Ok(Look::More(head.len().max(offset) + 1))
    }

    /// A frame whose length ends at `end`, with so many bytes behind it.
    fn frame(
        &self,
        head: &[u8],
        offset: usize,
        end: usize,
        follows: u64,
    ) -> Result<Look, FramingError> {
        // With something before the length the message is the whole frame.
        let from = if offset == 0 { end } else { 0 };
        let length = follows.saturating_add((end - from) as u64);
        if length > self.max as u64 {
            return Err(FramingError::TooLong {
                told: Some(length),
                max: self.max,
            });
        }
        // Not more than `max`, so it fits.
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        Ok(extent(head, from, from + length))
    }
}

fn extent(head: &[u8], from: usize, to: usize) -> Look {
    if head.len() < to {
        Look::More(to)
    } else {
        Look::Whole { from, to }
    }
}

impl LengthPrefix {
    /// What is added to a length to have the number of bytes that follow it.
    pub(super) fn correction(self) -> i128 {
        let own = if self.is_inclusive { self.size } else { 0 };
        i128::from(self.adjust) - own as i128
    }

    fn read(self, field: &[u8]) -> u64 {
        let add = |told: u64, byte: &u8| told << 8 | u64::from(*byte);
        if self.is_little {
            field.iter().rev().fold(0, add)
        } else {
            field.iter().fold(0, add)
        }
    }
}

/// Takes the next bytes of a stream; `kept` is the beginning of a frame whose end has not come.
pub(super) fn feed(
    framing: &Framing,
    kept: &mut Vec<u8>,
    mut bytes: &[u8],
    each: &mut impl FnMut(&[u8]) -> Result<(), FramingError>,
) -> Result<(), FramingError> {
    // What began in an earlier read: it is given just what it lacks.
    while !kept.is_empty() {
        match framing.look(kept)? {
            Some(Look::More(needs)) => {
                let lacks = (needs - kept.len()).min(bytes.len());
                if lacks == 0 {
                    return Ok(());
                }
                let (its, rest) = bytes.split_at(lacks);
                kept.extend_from_slice(its);
                bytes = rest;
            }
            Some(Look::Whole { from, to }) => {
                each(&kept[from..to])?;
                kept.clear();
            }
            None => return Ok(()),
        }
    }
    while let Some(Look::Whole { from, to }) = framing.look(bytes)? {
        each(&bytes[from..to])?;
        bytes = &bytes[to..];
    }
    kept.extend_from_slice(bytes);
    Ok(())
}
