//! Messages become smaller.

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress, Status};

use super::{Direction, MAX_SPARE, TAIL, ZLIB_MIN_WINDOW_BITS};

/// Compresses what one connection sends.
#[derive(Debug)]
pub struct Deflater {
    direction: Direction,
    level: u32,
    threshold: usize,
    /// Made by the first message, and kept only where there is a context to keep.
    own: Option<Compress>,
}

thread_local! {
    /// Codecs without a context, by level and window.
    static SPARE: RefCell<Vec<((u32, u8), Compress)>> = const { RefCell::new(Vec::new()) };
}

impl Deflater {
    /// For what we send as agreed; `level` is zlib's, 0 to 9, and a message of less than `threshold` bytes stays as
    /// it is.
    pub fn new(direction: Direction, level: u32, threshold: usize) -> Self {
        Self {
            direction,
            level: level.min(9),
            threshold,
            own: None,
        }
    }

    /// Replaces `out` by the compressed payload. False when the message is to go as it is: that is always allowed.
    pub fn compress(&mut self, payload: &[u8], out: &mut Vec<u8>) -> bool {
        out.clear();
        let bits = self.direction.window_bits;
        // zlib cannot keep to the smallest window, and nobody can be made to compress.
        if payload.len() < self.threshold || bits < ZLIB_MIN_WINDOW_BITS {
            return false;
        }
        let key = (self.level, bits);
        let mut codec = self.own.take().unwrap_or_else(|| lent(key));
        if !run(&mut codec, payload, out) {
            // Nothing of it has left: begin anew, without a context, as the peer's decoder allows at any time.
            codec.reset();
            return false;
        }
        if self.direction.keeps_context {
            self.own = Some(codec);
        } else {
            codec.reset();
            give_back(key, codec);
        }
        true
    }
}

/// All of `payload`, flushed, without the tail. False if zlib fails, which it has no reason to.
fn run(codec: &mut Compress, payload: &[u8], out: &mut Vec<u8>) -> bool {
    let before = codec.total_in();
    out.reserve(payload.len() / 2 + 64);
    loop {
        let done = usize::try_from(codec.total_in() - before).unwrap_or(payload.len());
        let rest = payload.get(done..).unwrap_or(&[]);
        match codec.compress_vec(rest, out, FlushCompress::Sync) {
            Err(_) => return false,
            Ok(Status::BufError) if out.len() < out.capacity() => break,
            Ok(_) => {}
        }
        if out.len() == out.capacity() {
            out.reserve(out.len().max(64));
        } else if codec.total_in() - before == payload.len() as u64 {
            break;
        }
    }
    if out.ends_with(&TAIL) {
        out.truncate(out.len() - TAIL.len());
    }
    if out.is_empty() {
        // Nothing to say after a flush is nothing to zlib; on the wire it is the head of an empty block.
        out.push(0x00);
    }
    true
}

fn lent(key: (u32, u8)) -> Compress {
    let spare = SPARE.with_borrow_mut(|all| {
        let at = all.iter().position(|(known, _)| *known == key)?;
        Some(all.swap_remove(at).1)
    });
    spare.unwrap_or_else(|| Compress::new_with_window_bits(Compression::new(key.0), false, key.1))
}

fn give_back(key: (u32, u8), codec: Compress) {
    SPARE.with_borrow_mut(|all| {
        if all.len() < MAX_SPARE {
            all.push((key, codec));
        }
    });
}
