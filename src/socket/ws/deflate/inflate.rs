//! Messages become what they were, as they arrive and never larger than allowed.

use std::cell::RefCell;

use flate2::{Decompress, FlushDecompress, Status};

use super::{Direction, MAX_SPARE, MAX_WINDOW_BITS, TAIL, ZLIB_MIN_WINDOW_BITS};

/// Why a message cannot be inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is larger than allowed.
    TooBig,
    /// It is no deflate data.
    Invalid,
}

/// Inflates what one peer sends.
#[derive(Debug)]
pub struct Inflater {
    direction: Direction,
    /// In use by a message, or kept for its context.
    codec: Option<Decompress>,
    /// The stream said that it is over, and nothing has come since.
    is_at_end: bool,
}

/// Room for a message that has just begun.
const FIRST_ROOM: usize = 256;

thread_local! {
    /// Codecs without a context, all of the largest window, which reads every other.
    static SPARE: RefCell<Vec<Decompress>> = const { RefCell::new(Vec::new()) };
}

impl Inflater {
    /// For what the peer sends as agreed.
    pub fn new(direction: Direction) -> Self {
        Self {
            direction,
            codec: None,
            is_at_end: false,
        }
    }

    /// Appends to `out` what `piece` of a message holds; `out` may have `most` bytes and not one more.
    pub fn inflate(
        &mut self,
        piece: &[u8],
        out: &mut Vec<u8>,
        most: usize,
    ) -> Result<(), Unreadable> {
        let direction = self.direction;
        let codec = self.codec.get_or_insert_with(|| lent(direction));
        let mut input = piece;
        while !input.is_empty() || out.len() == out.capacity() {
            self.is_at_end &= input.is_empty();
            if out.len() == out.capacity() {
                let more = (4 * input.len()).max(out.len()).max(FIRST_ROOM);
                // One more than allowed shows that there is more.
                out.reserve_exact(more.min((most + 1).saturating_sub(out.len()).max(1)));
            }
            let (read, written) = (codec.total_in(), out.len());
            let status = codec
                .decompress_vec(input, out, FlushDecompress::Sync)
                .map_err(|_| Unreadable::Invalid)?;
            let read = usize::try_from(codec.total_in() - read).unwrap_or(input.len());
            input = input.get(read..).unwrap_or(&[]);
            if out.len() > most {
                return Err(Unreadable::TooBig);
            }
            if status == Status::StreamEnd {
                // A block that says it is the last one is not the last thing said (RFC 7692 section 7.2.3.4).
                codec.reset(false);
                self.is_at_end = true;
            } else if read == 0 && out.len() == written {
                return if input.is_empty() {
                    Ok(())
                } else {
                    Err(Unreadable::Invalid)
                };
            }
        }
        Ok(())
    }

    /// The last piece of a message has been given.
    pub fn finish(&mut self, out: &mut Vec<u8>, most: usize) -> Result<(), Unreadable> {
        if !std::mem::take(&mut self.is_at_end) {
            self.inflate(&TAIL, out, most)?;
        }
        if !self.direction.keeps_context
            && let Some(mut codec) = self.codec.take()
        {
            codec.reset(false);
            give_back(codec);
        }
        Ok(())
    }
}

fn lent(direction: Direction) -> Decompress {
    if direction.keeps_context {
        let bits = direction.window_bits.max(ZLIB_MIN_WINDOW_BITS);
        return Decompress::new_with_window_bits(false, bits);
    }
    let spare = SPARE.with_borrow_mut(Vec::pop);
    spare.unwrap_or_else(|| Decompress::new_with_window_bits(false, MAX_WINDOW_BITS))
}

fn give_back(codec: Decompress) {
    SPARE.with_borrow_mut(|all| {
        if all.len() < MAX_SPARE {
            all.push(codec);
        }
    });
}
