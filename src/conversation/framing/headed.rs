//! Frames of a head, which ends where certain bytes come and says how many follow it: NATS, Redis, HTTP, netstrings.
//!
//! A head that says no length is a message by itself, unless messages are bodies alone.

use super::delimited::End;
use super::error::{FramingError, InvalidFraming, Unframeable, excerpt};
use crate::conversation::message::{Kind, Message};
use crate::conversation::pattern::Pattern;

/// Bytes of a head that is no part of its message, at most.
pub(super) const MOST_HEAD: usize = 1 << 16;
/// What takes the place of the length in a head as a script writes it.
const PLACE: &[u8] = b"{}";

/// How heads look, and what is around bodies.
#[derive(Clone, Debug)]
pub(super) struct Headed {
    end: End,
    /// Finds the length in a head.
    length: Pattern,
    group: usize,
    /// What stands behind a body.
    tail: Box<[u8]>,
    /// How heads are written. Messages are bodies alone then.
    written: Option<Written>,
}

/// A head as it is written, on both sides of its length.
#[derive(Clone, Debug)]
struct Written {
    before: Box<[u8]>,
    behind: Box<[u8]>,
}

/// Where the message of a frame lies, whose head has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    from: usize,
    to: usize,
    /// The end of the frame, behind its tail.
    pub(super) whole: usize,
}

impl Headed {
    pub(super) fn new(
        end: End,
        (length, group): (Pattern, usize),
        tail: &[u8],
        head: Option<&[u8]>,
    ) -> Result<Self, InvalidFraming> {
        let mut headed = Self {
            end,
            length,
            group,
            tail: tail.into(),
            written: None,
        };
        if let Some(head) = head {
            let at = memchr::memmem::find(head, PLACE).ok_or(InvalidFraming::Head)?;
            let (before, behind) = (&head[..at], &head[at + PLACE.len()..]);
            headed.written = Some(Written {
                before: before.into(),
                behind: behind.into(),
            });
            // What is written so has to be read so.
            let sample = [before, b"120", behind].concat();
            if headed.end.find(&sample).is_some() || headed.length_of(&sample) != Ok(Some(120)) {
                let sample = excerpt(&sample);
                return Err(InvalidFraming::UnreadableHead { sample });
            }
        }
        Ok(headed)
    }

    /// The length that a head says, without its end.
    fn length_of(&self, head: &[u8]) -> Result<Option<u64>, FramingError> {
        let Some(place) = self
            .length
            .find(&Message::new(Kind::Data, head), self.group)
        else {
            return Ok(None);
        };
        let said = &head[place];
        if said.is_empty() || !said.iter().all(u8::is_ascii_digit) {
            let said = excerpt(said);
            return Err(FramingError::NoNumber { said });
        }
        // One of more than 64 bits is over every limit.
        let add = |told: u64, digit: &u8| {
            told.saturating_mul(10)
                .saturating_add(u64::from(digit - b'0'))
        };
        Ok(Some(said.iter().fold(0, add)))
    }

    /// Where the message lies whose head this is; nothing where the head is one itself.
    fn read(&self, head: &[u8], max: usize) -> Result<Option<Extent>, FramingError> {
        let most = self.most_head(max);
        if head.len() > most {
            return Err(FramingError::TooLong {
                told: None,
                max: most,
            });
        }
        let Some(length) = self.length_of(head)? else {
            if self.written.is_some() {
                let head = excerpt(head);
                return Err(FramingError::NoLength { head });
            }
            return Ok(None);
        };
        let begins = head.len() + self.end.bytes().len();
        let from = if self.written.is_some() { begins } else { 0 };
        let told = length.saturating_add((begins - from) as u64);
        if told > max as u64 {
            let told = Some(told);
            return Err(FramingError::TooLong { told, max });
        }
        // Not more than `max`, so it fits.
        let to = begins + usize::try_from(length).unwrap_or(usize::MAX);
        let whole = to + self.tail.len();
        Ok(Some(Extent { from, to, whole }))
    }

    fn most_head(&self, max: usize) -> usize {
        if self.written.is_some() {
            MOST_HEAD
        } else {
            max
        }
    }

    /// The message of a frame that is there.
    fn message<'a>(&self, frame: &'a [u8], extent: Extent) -> Result<&'a [u8], FramingError> {
        let behind = &frame[extent.to..extent.whole];
        if *behind != *self.tail {
            return Err(FramingError::NoTail {
                found: excerpt(behind),
                tail: excerpt(&self.tail),
            });
        }
        Ok(&frame[extent.from..extent.to])
    }

    /// Adds the frame of a message to `out`; nothing where it is refused.
    pub(super) fn wrap(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), Unframeable> {
        let missing: &[u8] = match &self.written {
            Some(Written { before, behind }) => {
                out.extend_from_slice(before);
                out.extend_from_slice(message.len().to_string().as_bytes());
                out.extend_from_slice(behind);
                out.extend_from_slice(self.end.bytes());
                &self.tail
            }
            None => self.missing(message)?,
        };
        out.extend_from_slice(message);
        out.extend_from_slice(missing);
        Ok(())
    }

    /// What a message of one or several frames lacks at its end.
    fn missing(&self, message: &[u8]) -> Result<&[u8], Unframeable> {
        let mut rest = message;
        loop {
            let end = self.end.find(rest);
            let head = &rest[..end.unwrap_or(rest.len())];
            let Some(length) = self.length_of(head).map_err(Unframeable::Length)? else {
                match end {
                    Some(at) => rest = &rest[at + self.end.bytes().len()..],
                    None => return Ok(self.end.bytes()),
                }
                continue;
            };
            let begins = head.len() + self.end.bytes().len();
            let told = usize::try_from(length).unwrap_or(usize::MAX);
            let told = begins.saturating_add(told);
            let given = rest.len();
            let refused = Unframeable::NotWhole { given, told };
            if end.is_none() || given < told {
                return Err(refused);
            }
            let behind = &rest[told..];
            if behind.is_empty() {
                return Ok(&self.tail);
            }
            rest = behind.strip_prefix(&*self.tail).ok_or(refused)?;
            if rest.is_empty() {
                return Ok(&[]);
            }
        }
    }
}

/// Takes the next bytes of a stream; `kept` is the beginning of a frame whose end has not come, and `due` where its message
/// will lie, once its head is there.
pub(super) fn feed(
    headed: &Headed,
    max: usize,
    (kept, due): (&mut Vec<u8>, &mut Option<Extent>),
    mut bytes: &[u8],
    each: &mut impl FnMut(&[u8]) -> Result<(), FramingError>,
) -> Result<(), FramingError> {
    let most_head = headed.most_head(max);
    // What began in an earlier read: it is given just what it lacks.
    while !kept.is_empty() {
        if let Some(extent) = *due {
            let lacks = (extent.whole - kept.len()).min(bytes.len());
            let (its, rest) = bytes.split_at(lacks);
            kept.extend_from_slice(its);
            bytes = rest;
            if kept.len() < extent.whole {
                return Ok(());
            }
            each(headed.message(kept, extent)?)?;
            *due = None;
        } else {
            let Some(behind) = headed.end.finish(kept, bytes) else {
                return headed.end.check_kept(kept, most_head);
            };
            bytes = behind;
            *due = headed.read(kept, max)?;
            if due.is_some() {
                kept.extend_from_slice(headed.end.bytes());
                continue;
            }
            each(kept)?;
        }
        kept.clear();
    }
    while let Some(at) = headed.end.find(bytes) {
        let head = &bytes[..at];
        let Some(extent) = headed.read(head, max)? else {
            each(head)?;
            bytes = &bytes[at + headed.end.bytes().len()..];
            continue;
        };
        if bytes.len() < extent.whole {
            kept.extend_from_slice(bytes);
            *due = Some(extent);
            return Ok(());
        }
        each(headed.message(&bytes[..extent.whole], extent)?)?;
        bytes = &bytes[extent.whole..];
    }
    kept.extend_from_slice(bytes);
    headed.end.check_kept(kept, most_head)
}

#[cfg(test)]
mod tests;
