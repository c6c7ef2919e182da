//! The way out: a message becomes a frame.

use std::sync::Arc;

use super::counted::Look;
use super::description::{Framing, Kind, LengthPrefix};
use super::error::{FramingError, Unframeable};
use super::framer::Framer;

impl Framing {
    /// Adds the frame of a message to `out`; nothing where it is refused.
    ///
    /// Where a message has its own length (`offset`, `fixed`) it is written as it is, and may be several frames.
    pub fn wrap(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), Unframeable> {
        match &self.kind {
            Kind::Delimited(end) => {
                out.extend_from_slice(message);
                out.extend_from_slice(end.bytes());
                return Ok(());
            }
            Kind::Headed(headed) => return headed.wrap(message, out),
            Kind::LengthPrefix(prefix) if prefix.offset == 0 => prefix.write(message.len(), out)?,
            Kind::Varint { offset: 0 } => write_varint(message.len() as u64, out),
            Kind::Fixed if message.is_empty() || !message.len().is_multiple_of(self.max) => {
                let (given, size) = (message.len(), self.max);
                return Err(Unframeable::NotOfSize { given, size });
            }
            Kind::Fixed | Kind::UntilClose => {}
            Kind::LengthPrefix(_) | Kind::Varint { .. } => self.check_whole(message)?,
        }
        out.extend_from_slice(message);
        Ok(())
    }

    /// The message in a frame that is about to be sent; nothing where that is none, or several.
    pub fn only_message(self: &Arc<Self>, frame: &[u8]) -> Option<Vec<u8>> {
        if matches!(self.kind, Kind::UntilClose) {
            return Some(frame.to_vec());
        }
        let mut framer = Framer::new(self.clone());
        let mut messages = Vec::new();
        framer
            .feed(frame, |message| messages.push(message.to_vec()))
            .ok()?;
        let only = messages.pop()?;
        (messages.is_empty() && framer.kept() == 0).then_some(only)
    }

    /// Whether a message is nothing but whole frames.
    fn check_whole(&self, message: &[u8]) -> Result<(), Unframeable> {
        let mut rest = message;
        loop {
            match self.look(rest) {
                Ok(Some(Look::Whole { to, .. })) => rest = &rest[to..],
                Ok(Some(Look::More(needs))) => {
                    let given = rest.len();
                    return Err(if given < self.head() {
                        Unframeable::NoLength { given, needs }
                    } else {
                        let told = needs;
                        Unframeable::NotWhole { given, told }
                    });
                }
                Ok(None) => return Ok(()),
                // The limit is for what is received.
                Err(FramingError::TooLong {
                    told: Some(told), ..
                }) if told == rest.len() as u64 => return Ok(()),
                Err(FramingError::TooLong {
                    told: Some(told), ..
                }) => {
                    let given = rest.len();
                    let told = usize::try_from(told).unwrap_or(usize::MAX);
                    return Err(Unframeable::NotWhole { given, told });
                }
                Err(error) => return Err(Unframeable::Length(error)),
            }
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    /// Bytes of a head at least.
    fn head(&self) -> usize {
        match &self.kind {
            Kind::LengthPrefix(prefix) => prefix.offset + prefix.size,
            Kind::Varint { offset } => offset + 1,
            _ => 0,
        }
    }
}

impl LengthPrefix {
    fn write(self, given: usize, out: &mut Vec<u8>) -> Result<(), Unframeable> {
        let refused = Unframeable::TooLong {
            given,
            size: self.size,
        };
        let told = given as i128 - self.correction();
        let told = u64::try_from(told).map_err(|_| refused.clone())?;
        let bytes = told.to_le_bytes();
        let (field, beyond) = bytes.split_at(self.size);
        if beyond.iter().any(|byte| *byte != 0) {
            return Err(refused);
        }
        if self.is_little {
            out.extend_from_slice(field);
        } else {
            out.extend(field.iter().rev());
        }
        Ok(())
    }
}

fn write_varint(mut told: u64, out: &mut Vec<u8>) {
    loop {
        let bits = (told & 0x7f) as u8;
        told >>= 7;
        if told == 0 {
            out.push(bits);
            return;
        }
        out.push(bits | 0x80);
    }
}
