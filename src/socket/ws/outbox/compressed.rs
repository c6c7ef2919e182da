//! Messages that are compressed on their way into the queue (RFC 7692).

use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};

use super::{Marked, Outbox};
use crate::socket::queue::{Queued, SendError};
use crate::socket::ws::deflate::Deflater;
use crate::socket::ws::frame::{Opcode, encode_compressed};

/// Room for compressed messages that a thread keeps.
const KEEP_COMPRESSED: usize = 256 * 1024;

thread_local! {
    /// Where a message is compressed, before it is masked and queued.
    static COMPRESSED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Outbox {
    /// Only one thread sends, so messages are compressed in the order in which they are queued.
    pub(super) fn push_compressed(
        &self,
        deflater: &Mutex<Deflater>,
        opcode: Opcode,
        payload: &[u8],
        mark: Marked,
    ) -> Result<Queued, SendError> {
        // Before the compressor takes it for said: there is no way back for its context.
        self.admit(&mut self.lock(), payload.len())?;
        COMPRESSED.with_borrow_mut(|compressed| {
            let mut deflater = deflater.lock().unwrap_or_else(PoisonError::into_inner);
            if !deflater.compress(payload, compressed) {
                return self.push(opcode, payload, mark);
            }
            let mut queue = self.lock();
            if queue.is_closed {
                // Closed meanwhile: what the compressor knows is of no use to anybody.
                return Err(SendError::NotOpen);
            }
            let is_first = queue.begin();
            let bytes = &mut queue.frames.bytes;
            encode_compressed(bytes, opcode, compressed, Some(rand::random()));
            queue.frames.end_with(mark);
            queue.payload += payload.len();
            if compressed.capacity() > KEEP_COMPRESSED {
                *compressed = Vec::new();
            }
            Ok(self.queued(&mut queue, is_first))
        })
    }
}
