//! The target speaks through the frames of k6ws: where compression was agreed on, and where `--own` asks for it.

use std::cell::RefCell;

use super::codec::{Codec, Kind, MAX_MESSAGE, Reply};
use crate::socket::ws::close;
use crate::socket::ws::decoder::{Decoder, Item, Role};
use crate::socket::ws::deflate::{Agreement, Deflater, Inflater};
use crate::socket::ws::frame::{Opcode, encode, encode_compressed};

/// Our decoder and our encoder, as a server uses them.
pub(super) struct Own {
    decoder: Decoder,
    encoder: Encoder,
    /// Whether our Close is said.
    is_closing: bool,
}

impl Own {
    /// At the start of a session; `compression` as it was agreed on.
    pub(super) fn new(compression: Option<Agreement>) -> Self {
        let inflater = compression.map(|agreed| Inflater::new(agreed.theirs));
        let deflater = compression.map(|agreed| Box::new(Deflater::new(agreed.ours, LEVEL, 0)));
        Self {
            decoder: Decoder::new(Role::Server, MAX_MESSAGE).with_inflater(inflater),
            encoder: Encoder { deflater },
            is_closing: false,
        }
    }
}

impl Codec for Own {
    fn feed(
        &mut self,
        input: &mut [u8],
        out: &mut Vec<u8>,
        heard: &mut dyn FnMut(Kind, &[u8]) -> Reply,
    ) -> bool {
        let (encoder, is_closing) = (&mut self.encoder, self.is_closing);
        let mut answer = |kind, data: &[u8], out: &mut Vec<u8>| match heard(kind, data) {
            Reply::Nothing => {}
            Reply::Same => encoder.message(kind, data, out),
            Reply::Text(text) => encoder.message(Kind::Text, text.as_bytes(), out),
        };
        let mut said_close = None;
        let fed = self.decoder.feed(input, &mut |item| match item {
            Item::Text(data) => answer(Kind::Text, &data, out),
            Item::Binary(data) => answer(Kind::Binary, &data, out),
            Item::Ping(payload) if !is_closing => encode(out, Opcode::Pong, payload, None),
            Item::Ping(_) | Item::Pong(_) => {}
            Item::Close(status) => said_close = Some(status),
        });
        let last_word = match fed {
            Ok(()) => said_close.map(|status| (status.code, status.reason)),
            Err(violation) => Some((violation.code, violation.reason)),
        };
        let is_over = last_word.is_some();
        if let Some((code, reason)) = last_word
            && !std::mem::replace(&mut self.is_closing, true)
        {
            close_frame(out, code, &reason);
        }
        is_over
    }

    fn say(&mut self, text: &str, out: &mut Vec<u8>) {
        self.encoder.message(Kind::Text, text.as_bytes(), out);
    }

    fn close(&mut self, close_code: u16, out: &mut Vec<u8>) {
        self.is_closing = true;
        close_frame(out, close_code, "");
    }
}

struct Encoder {
    /// Where compression was agreed on.
    deflater: Option<Box<Deflater>>,
}

impl Encoder {
    /// Appends a message, compressed where that was agreed on.
    fn message(&mut self, kind: Kind, data: &[u8], out: &mut Vec<u8>) {
        let opcode = match kind {
            Kind::Text => Opcode::Text,
            Kind::Binary => Opcode::Binary,
        };
        let Some(deflater) = &mut self.deflater else {
            return encode(out, opcode, data, None);
        };
        COMPRESSED.with_borrow_mut(|compressed| {
            if deflater.compress(data, compressed) {
                encode_compressed(out, opcode, compressed, None);
            } else {
                encode(out, opcode, data, None);
            }
            if compressed.capacity() > MAX_KEPT {
                *compressed = Vec::new();
            }
        });
    }
}

/// Appends a Close frame; [`close::NO_STATUS`] makes an empty one.
fn close_frame(out: &mut Vec<u8>, close_code: u16, reason: &str) {
    let mut payload = Vec::new();
    if close_code != close::NO_STATUS {
        payload.extend_from_slice(&close_code.to_be_bytes());
        payload.extend_from_slice(reason.as_bytes());
    }
    encode(out, Opcode::Close, &payload, None);
}

thread_local! {
    /// Where a message is compressed.
    static COMPRESSED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// zlib's level of what is sent: fast, since a target should not be the limit.
const LEVEL: u32 = 1;
/// Bytes of a compressed message that a thread keeps room for.
const MAX_KEPT: usize = 256 * 1024;
